//! Who works in the simulated office, on which computers and under which accounts. Built from a seed, the same every time.

use jiff::civil::Time;

use crate::sim::catalogue::Browser;
use crate::sim::catalogue::Catalogue;
use crate::sim::catalogue::Department;
use crate::sim::catalogue::DeskKind;
use crate::sim::catalogue::Job;
use crate::sim::catalogue::Position;
use crate::sim::chance::Chance;

/// People at one shared computer, at most. They take turns by the clock, so four have a quarter of an hour each.
pub(super) const SHARERS: usize = 4;

#[derive(Debug)]
pub struct Office {
    pub(super) seed: u64,
    pub(super) catalogue: &'static Catalogue,
    pub(super) people: Vec<Person>,
    pub(super) computers: Vec<Computer>,
    pub(super) accounts: Vec<Account>,
}

/// What a personnel list would say about the office: enough to create departments, people and links through the services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    pub departments: Vec<String>,
    pub employees: Vec<Employee>,
    pub computers: Vec<Computer>,
    pub accounts: Vec<Account>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employee {
    /// The number on the personnel list, from 1.
    pub number: usize,
    pub family_name: String,
    pub given_name: String,
    /// Index into `departments`.
    pub department: usize,
    pub position: String,
    pub starts: Time,
    pub ends: Time,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computer {
    /// What its agent sends as `computer_uid`: the name and what stays when it is renamed.
    pub uid: String,
    pub name: String,
    pub department: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Index into `computers`.
    pub computer: usize,
    pub user_sid: String,
    pub user_name: String,
    /// Index into `employees`.
    pub employee: usize,
    /// A newcomer whose account nobody has linked yet: leave it unassigned.
    pub linked: bool,
}

/// A person with habits. Times of day are seconds after midnight.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) index: usize,
    pub(super) employee: Employee,
    pub(super) job: &'static Job,
    pub(super) browser: &'static Browser,
    pub(super) desks: Desks,
    pub(super) saturdays: bool,
    pub(super) starts: i64,
    pub(super) lunch: i64,
    /// Seconds after the plan at which this person usually comes; negative for the early ones.
    pub(super) habit_of_coming: i64,
    /// Of a thousand bouts, how many go to something else than work.
    pub(super) wandering: u32,
    /// Percent of the usual time between two changes of window.
    pub(super) pace: i64,
}

/// Indexes into the accounts of the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Desks {
    None,
    One(usize),
    /// The second one is a laptop.
    Two(usize, usize),
    /// The second one is another account on the same computer.
    TwoAccounts(usize, usize),
    /// The turn at a shared computer, from 0.
    Shared(usize, usize),
}

impl Office {
    pub fn build(seed: u64, people: usize) -> Self {
        let catalogue = Catalogue::get();
        let mut office = Self { seed, catalogue, people: Vec::new(), computers: Vec::new(), accounts: Vec::new() };
        let names = names(seed, catalogue);
        let sizes = split(people, catalogue.departments.iter().map(|department| department.share));
        for (index, department) in catalogue.departments.iter().enumerate() {
            let mut shared = None;
            for place in 0..sizes[index] {
                let number = office.people.len();
                let (family_name, given_name) = names[number % names.len()].clone();
                let position = position(department, place);
                let employee = Employee {
                    number: number + 1,
                    family_name,
                    given_name,
                    department: index,
                    position: position.title.clone(),
                    starts: department.starts,
                    ends: department.starts.saturating_add(jiff::Span::new().hours(9)),
                };
                let desks = office.desks(&employee, position.desk, &mut shared);
                office.people.push(person(seed, catalogue, employee, (department, position, desks)));
            }
        }
        office.leave_newcomers_unlinked();
        office
    }

    pub fn directory(&self) -> Directory {
        Directory {
            departments: self.catalogue.departments.iter().map(|department| department.name.clone()).collect(),
            employees: self.people.iter().map(|person| person.employee.clone()).collect(),
            computers: self.computers.clone(),
            accounts: self.accounts.clone(),
        }
    }

    fn desks(&mut self, employee: &Employee, kind: DeskKind, shared: &mut Option<(usize, usize)>) -> Desks {
        let department = employee.department;
        match kind {
            DeskKind::None => Desks::None,
            DeskKind::Own => Desks::One(self.account_at_new_computer(employee, "")),
            DeskKind::Laptop => {
                let desk = self.account_at_new_computer(employee, "");
                Desks::Two(desk, self.account_at_new_computer(employee, "N"))
            }
            DeskKind::SecondAccount => {
                let computer = self.new_computer(department, "");
                let everyday = self.account(employee, computer, "");
                Desks::TwoAccounts(everyday, self.account(employee, computer, "adm-"))
            }
            DeskKind::Shared => {
                let (computer, turn) = match *shared {
                    Some((computer, taken)) if taken < SHARERS => (computer, taken),
                    _ => (self.new_computer(department, "U"), 0),
                };
                *shared = Some((computer, turn + 1));
                Desks::Shared(self.account(employee, computer, ""), turn)
            }
        }
    }

    fn account_at_new_computer(&mut self, employee: &Employee, mark: &str) -> usize {
        let computer = self.new_computer(employee.department, mark);
        self.account(employee, computer, "")
    }

    fn new_computer(&mut self, department: usize, mark: &str) -> usize {
        let prefix = &self.catalogue.departments[department].prefix;
        let number = self.computers.iter().filter(|computer| computer.department == department).count() + 1;
        let name = format!("{prefix}{mark}-{number:02}");
        let stable = Chance::of(&[self.seed, 1, department as u64, number as u64]).next() >> 40;
        self.computers.push(Computer { uid: format!("{name}-{stable:06X}"), name, department });
        self.computers.len() - 1
    }

    fn account(&mut self, employee: &Employee, computer: usize, mark: &str) -> usize {
        let mut domain = Chance::of(&[self.seed, 2]);
        let (a, b, c) = (domain.next() >> 32, domain.next() >> 32, domain.next() >> 32);
        let login = format!("{}.{}", &ascii(&employee.given_name)[..1], ascii(&employee.family_name));
        let mut user_name = format!("{}\\{mark}{login}", self.catalogue.domain);
        let taken = |name: &str| {
            self.accounts.iter().any(|account| account.user_name == name && account.employee + 1 != employee.number)
        };
        if taken(&user_name) {
            user_name = format!("{user_name}{}", employee.number);
        }
        let relative = 1100 + 2 * employee.number + usize::from(!mark.is_empty());
        self.accounts.push(Account {
            computer,
            user_sid: format!("S-1-5-21-{a}-{b}-{c}-{relative}"),
            user_name,
            employee: employee.number - 1,
            linked: true,
        });
        self.accounts.len() - 1
    }

    fn leave_newcomers_unlinked(&mut self) {
        let newcomers = self.people.len().div_ceil(25);
        let heads = |person: &Person| {
            self.catalogue.departments[person.employee.department].positions[0].title == person.employee.position
        };
        let at_own_desk =
            self.people.iter().rev().filter(|person| !heads(person)).filter_map(|person| match person.desks {
                Desks::One(account) => Some(account),
                _ => None,
            });
        let accounts: Vec<usize> = at_own_desk.step_by(7).take(newcomers).collect();
        for account in accounts {
            self.accounts[account].linked = false;
        }
    }
}

impl Employee {
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

fn person(
    seed: u64,
    catalogue: &'static Catalogue,
    employee: Employee,
    place: (&'static Department, &'static Position, Desks),
) -> Person {
    let (department, position, desks) = place;
    let index = employee.number - 1;
    let mut chance = Chance::of(&[seed, 3, index as u64]);
    let browser = chance.weighted(catalogue.browsers.iter().map(|browser| browser.share));
    let midnight = Time::midnight();
    let starts = department.starts.duration_since(midnight).as_secs();
    Person {
        index,
        job: catalogue.jobs.iter().find(|job| job.key == position.job).unwrap_or(&catalogue.jobs[0]),
        browser: &catalogue.browsers[browser],
        desks,
        saturdays: department.saturdays,
        starts,
        lunch: starts + 4 * 3600 + chance.between(-2, 2) * 900,
        habit_of_coming: chance.around(-180, 1200),
        wandering: u32::try_from(chance.around(75, 65)).unwrap_or(75),
        pace: chance.around(100, 45),
        employee,
    }
}

/// The first place is the head's; the others follow the shares.
fn position(department: &Department, place: usize) -> &Position {
    let (head, others) = (&department.positions[0], &department.positions[1..]);
    if place == 0 || others.is_empty() {
        return head;
    }
    let mut given = vec![0_u32; others.len()];
    let mut last = 0;
    for _ in 0..place {
        // Whoever has fewest in relation to the share is next; equal ones in the order of the catalogue.
        last = (0..others.len()).min_by_key(|&at| (given[at] + 1) * 1000 / others[at].share.max(1)).unwrap_or(0);
        given[last] += 1;
    }
    &others[last]
}

/// Largest remainder, at least one person each as long as there are enough.
fn split(people: usize, shares: impl Iterator<Item = u32>) -> Vec<usize> {
    let shares: Vec<usize> = shares.map(|share| share as usize).collect();
    let total: usize = shares.iter().sum();
    let mut sizes: Vec<usize> = shares.iter().map(|share| people * share / total).collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|&at| (sizes[at] != 0, std::cmp::Reverse(people * shares[at] % total), at));
    let missing = people - sizes.iter().sum::<usize>();
    for &at in order.iter().take(missing) {
        sizes[at] += 1;
    }
    sizes
}

/// All pairs of family and given name in an order of the seed, with no family in use twice before all were.
fn names(seed: u64, catalogue: &Catalogue) -> Vec<(String, String)> {
    let names = &catalogue.names;
    let mut families: Vec<usize> = (0..names.families.len()).collect();
    let mut chance = Chance::of(&[seed, 4]);
    let mut pairs: Vec<(String, String)> = Vec::new();
    for _ in 0..12 {
        for at in (1..families.len()).rev() {
            families.swap(at, chance.below(at + 1));
        }
        for &family in &families {
            let russian = family + names.russian_families >= names.families.len();
            let woman = chance.happens(480);
            let given = match (russian, woman) {
                (true, true) => &names.russian_women,
                (true, false) => &names.russian_men,
                (false, true) => &names.women,
                (false, false) => &names.men,
            };
            let family = format!("{}{}", names.families[family], if woman { "a" } else { "" });
            let pair = (family, given[chance.below(given.len())].clone());
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
    }
    pairs
}

/// Lower case, without the letters that no account name has.
fn ascii(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Desks;
    use super::Office;

    #[test]
    fn the_same_seed_builds_the_same_office_and_another_seed_other_people() {
        assert_eq!(Office::build(1, 60).directory(), Office::build(1, 60).directory());
        assert_ne!(Office::build(1, 60).directory(), Office::build(2, 60).directory());
    }

    #[test]
    fn an_office_has_as_many_people_as_were_asked_for() {
        for people in [1, 5, 11, 12, 60, 186, 400] {
            let directory = Office::build(9, people).directory();
            assert_eq!(directory.employees.len(), people);
            let unique: BTreeSet<_> = directory.employees.iter().map(|employee| employee.full_name()).collect();
            assert_eq!(unique.len(), people, "names repeat among {people} people");
            let uids: BTreeSet<_> = directory.computers.iter().map(|computer| &computer.uid).collect();
            assert_eq!(uids.len(), directory.computers.len());
            let accounts: BTreeSet<_> =
                directory.accounts.iter().map(|account| (account.computer, &account.user_name)).collect();
            assert_eq!(accounts.len(), directory.accounts.len());
        }
    }

    #[test]
    fn sixty_people_include_laptops_shared_computers_and_a_second_account() {
        let office = Office::build(1, 60);
        let count = |wanted: fn(&Desks) -> bool| office.people.iter().filter(|person| wanted(&person.desks)).count();
        assert!(count(|desks| matches!(desks, Desks::Two(..))) >= 4);
        assert!(count(|desks| matches!(desks, Desks::Shared(..))) >= 4);
        assert_eq!(count(|desks| matches!(desks, Desks::TwoAccounts(..))), 1);
        assert!(count(|desks| matches!(desks, Desks::None)) >= 2);
        assert!(office.directory().departments.len() == 11);
        let unlinked = office.accounts.iter().filter(|account| !account.linked).count();
        assert_eq!(unlinked, 3);
    }

    #[test]
    fn the_personnel_list_is_written_with_uzbek_letters() {
        let directory = Office::build(1, 186).directory();
        let all: String = directory.employees.iter().map(|employee| employee.full_name()).collect();
        assert!(all.contains('\u{02BB}') && all.contains('\u{02BC}') && !all.contains('\''));
        assert!(directory.accounts.iter().all(|account| account.user_name.is_ascii()));
    }
}
