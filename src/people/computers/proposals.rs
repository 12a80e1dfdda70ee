//! Whose account might this be? Simple comparisons that can be explained in one sentence.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::kernel::EmployeeId;
use crate::kernel::fold;
use crate::people::Employee;
use crate::people::State;

/// At most this many employees are proposed for one account.
const MOST: usize = 3;
/// A single name of fewer letters says too little.
const SHORTEST_NAME: usize = 4;
/// A personnel number inside of another word needs this many digits.
const SHORTEST_NUMBER: usize = 3;

/// Why an employee is proposed, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The user name is the personnel number.
    PersonnelNumber,
    /// The user name is the part of the e-mail address before the @.
    Email,
    /// The user name holds surname and given name.
    FullName,
    /// The user name holds the surname and the first letter of the given name.
    SurnameAndInitial,
    /// The computer's name holds the personnel number.
    ComputerNumber,
    /// The user name holds the surname.
    Surname,
    /// The computer's name holds the surname.
    ComputerSurname,
    /// The user name is the given name.
    GivenName,
}

impl Reason {
    /// The stable word, also the key of the sentence shown.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PersonnelNumber => "personnel_number",
            Self::Email => "email",
            Self::FullName => "full_name",
            Self::SurnameAndInitial => "surname_and_initial",
            Self::ComputerNumber => "computer_number",
            Self::Surname => "surname",
            Self::ComputerSurname => "computer_surname",
            Self::GivenName => "given_name",
        }
    }
}

/// An employee to whom an account might belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Who.
    pub employee: EmployeeId,
    /// Why.
    pub reason: Reason,
    /// What matched, as it stands in the user or computer name (folded).
    pub matched: String,
}

/// Employees by everything that a user or computer name could say of them.
#[derive(Debug, Default)]
pub(in crate::people) struct Proposals {
    keys: HashMap<String, Vec<(EmployeeId, Reason)>>,
}

impl Proposals {
    /// Prepares the comparison.
    pub(in crate::people) fn new<'a>(employees: impl Iterator<Item = &'a Employee>) -> Self {
        let mut made = Self::default();
        for employee in employees.filter(|employee| employee.state == State::Active) {
            made.add(employee);
        }
        made
    }

    fn add(&mut self, employee: &Employee) {
        let (surname, given) = (letters(&employee.surname), letters(&employee.given_name));
        let mut put = |key: String, reason| {
            self.keys.entry(key).or_default().push((employee.id, reason));
        };
        if let Some(number) = &employee.personnel_number {
            put(number_of(&fold(number)), Reason::PersonnelNumber);
        }
        if let Some((local, _)) = employee.email.as_deref().and_then(|email| email.split_once('@')) {
            put(letters_and_digits(local), Reason::Email);
        }
        put(format!("{surname}{given}"), Reason::FullName);
        put(format!("{given}{surname}"), Reason::FullName);
        if let Some(initial) = given.chars().next() {
            put(format!("{initial}{surname}"), Reason::SurnameAndInitial);
            put(format!("{surname}{initial}"), Reason::SurnameAndInitial);
        }
        if surname.chars().count() >= SHORTEST_NAME {
            put(surname, Reason::Surname);
        }
        if given.chars().count() >= SHORTEST_NAME {
            put(given, Reason::GivenName);
        }
    }

    /// The best few employees for an account, best first.
    pub(in crate::people) fn of(&self, user_name: &str, computer_name: &str) -> Vec<Proposal> {
        let mut best: BTreeMap<EmployeeId, (Reason, String)> = BTreeMap::new();
        let mut found = |key: &str, allow: fn(Reason) -> Option<Reason>| {
            for (employee, reason) in self.keys.get(key).into_iter().flatten() {
                let Some(reason) = allow(*reason) else { continue };
                let entry = best.entry(*employee).or_insert((reason, key.to_owned()));
                if reason < entry.0 {
                    *entry = (reason, key.to_owned());
                }
            }
        };
        let bare = user_name.rsplit(['\\', '/']).next().unwrap_or_default();
        let bare = bare.split('@').next().unwrap_or_default();
        // The whole name may match in every way; a part of it only as a surname or a number.
        found(&letters_and_digits(bare), Some);
        found(&letters(bare), |reason| (reason != Reason::PersonnelNumber).then_some(reason));
        found(&number_of(&fold(bare)), |reason| (reason == Reason::PersonnelNumber).then_some(reason));
        for part in parts(bare) {
            found(&part, |reason| match reason {
                Reason::PersonnelNumber | Reason::Surname => Some(reason),
                _ => None,
            });
        }
        for part in parts(computer_name) {
            found(&part, |reason| match reason {
                Reason::PersonnelNumber => Some(Reason::ComputerNumber),
                Reason::Surname => Some(Reason::ComputerSurname),
                _ => None,
            });
        }
        let mut best: Vec<_> = best.into_iter().collect();
        best.sort_by_key(|(employee, (reason, _))| (*reason, *employee));
        let best = best.into_iter().take(MOST);
        best.map(|(employee, (reason, matched))| Proposal { employee, reason, matched }).collect()
    }
}

fn letters(text: &str) -> String {
    fold(text).chars().filter(|letter| letter.is_alphabetic()).collect()
}

fn letters_and_digits(text: &str) -> String {
    fold(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// A number without leading zeros, so that 0042 and 42 are one; other text as it is.
fn number_of(folded: &str) -> String {
    let bare: String = folded.chars().filter(|letter| letter.is_alphanumeric()).collect();
    if bare.chars().all(|letter| letter.is_ascii_digit()) { bare.trim_start_matches('0').to_owned() } else { bare }
}

/// The words and the longer numbers inside of a name such as `PC-Karimov-1023`.
fn parts(name: &str) -> HashSet<String> {
    let folded = fold(name).replace('\'', "");
    let mut found = HashSet::new();
    let mut add = |run: &mut String, digits: bool| {
        let long_enough = if digits { run.len() >= SHORTEST_NUMBER } else { !run.is_empty() };
        if long_enough {
            found.insert(if digits { number_of(run) } else { run.clone() });
        }
        run.clear();
    };
    let (mut run, mut digits) = (String::new(), false);
    for letter in folded.chars() {
        let is_digit = letter.is_ascii_digit();
        if !letter.is_alphanumeric() || is_digit != digits {
            add(&mut run, digits);
        }
        if letter.is_alphanumeric() {
            run.push(letter);
            digits = is_digit;
        }
    }
    add(&mut run, digits);
    found
}

#[cfg(test)]
mod tests {
    use super::Proposals;
    use super::Reason;
    use crate::kernel::EmployeeId;
    use crate::people::EmployeeInput;
    use crate::people::State;

    fn proposals() -> Proposals {
        let people = [
            ("Karimov", "Bekzod", "1023", "b.karimov@office.uz"),
            ("Karimova", "Dilnoza", "0042", ""),
            ("G\u{2bb}aniyeva", "Zilola", "", ""),
            ("\u{418}\u{432}\u{430}\u{43d}\u{43e}\u{432}", "\u{41f}\u{435}\u{442}\u{440}", "", ""),
        ];
        let people = people.iter().zip(1..).map(|((surname, given, number, email), id)| {
            let input = EmployeeInput {
                surname: (*surname).to_owned(),
                given_name: (*given).to_owned(),
                personnel_number: (*number).to_owned(),
                email: (*email).to_owned(),
                ..EmployeeInput::default()
            };
            input.parse(EmployeeId::new(id), State::Active).unwrap()
        });
        let people = people.collect::<Vec<_>>();
        Proposals::new(people.iter())
    }

    #[track_caller]
    fn check(user: &str, computer: &str, expected: Option<(u32, Reason)>) {
        let found = proposals().of(user, computer);
        assert_eq!(found.first().map(|first| (first.employee.get(), first.reason)), expected, "{found:?}");
    }

    #[test]
    fn a_user_name_tells_its_person() {
        check("OFFICE\\bekzod.karimov", "PC-1", Some((1, Reason::FullName)));
        check("KarimovBekzod", "PC-1", Some((1, Reason::FullName)));
        check("office\\b.karimov", "PC-1", Some((1, Reason::Email)));
        check("d.karimova", "PC-1", Some((2, Reason::SurnameAndInitial)));
        check("karimova_d2", "PC-1", Some((2, Reason::SurnameAndInitial)));
        check("ganiyeva", "PC-1", Some((3, Reason::Surname)));
        check("zilola", "PC-1", Some((3, Reason::GivenName)));
        check("\u{438}\u{432}\u{430}\u{43d}\u{43e}\u{432}.\u{43f}", "PC-1", Some((4, Reason::SurnameAndInitial)));
    }

    #[test]
    fn numbers_match_with_and_without_zeros() {
        check("1023", "PC-1", Some((1, Reason::PersonnelNumber)));
        check("u00042", "PC-1", Some((2, Reason::PersonnelNumber)));
        check("42", "PC-1", Some((2, Reason::PersonnelNumber)));
        check("admin", "WS-1023", Some((1, Reason::ComputerNumber)));
        check("admin", "PC-GANIYEVA", Some((3, Reason::ComputerSurname)));
    }

    #[test]
    fn nothing_is_proposed_without_a_reason() {
        check("administrator", "DESKTOP-4F5K2", None);
        check("", "", None);
    }
}
