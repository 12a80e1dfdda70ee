//! Everything about an organization's people at one moment, in memory: what pages and reports join events with.
//!
//! ## Design notes
//! A list page over redb would decode thousands of records to show fifty. An organization of 5,000 people is a few
//! megabytes, changes a few times a day and is read all the time, so it is kept whole as an immutable value and made
//! anew after a change. Nothing in it is ever half of an old and half of a new state.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::LinkId;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::kernel::fold;
use crate::people::AccountSpan;
use crate::people::Computer;
use crate::people::ComputerUser;
use crate::people::Departments;
use crate::people::Employee;
use crate::people::Link;
use crate::people::Proposal;
use crate::people::computers::Proposals;
use crate::people::employees::search_text;
use crate::people::links;
use crate::people::listing::Entry;
use crate::people::listing::Listing;
use crate::people::records;
use crate::store::Read;
use crate::store::StoreError;

/// The people of one organization.
#[derive(Debug)]
pub struct Directory {
    departments: Departments,
    pub(super) employees: Listing<EmployeeId, Employee>,
    pub(super) computers: Listing<ComputerId, Computer>,
    pub(super) computer_users: Listing<ComputerUserId, ComputerUser>,
    by_account: HashMap<i64, ComputerUserId>,
    users_of: HashMap<ComputerId, Vec<ComputerUserId>>,
    links_of_user: HashMap<ComputerUserId, Vec<Link>>,
    links_of_employee: HashMap<EmployeeId, Vec<Link>>,
    proposals: OnceLock<Proposals>,
}

/// What a directory is made of.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) departments: Departments,
    pub(super) employees: Vec<Employee>,
    pub(super) computers: Vec<Computer>,
    pub(super) computer_users: Vec<ComputerUser>,
    pub(super) links: Vec<Link>,
}

impl Contents {
    pub(super) fn read(tx: &impl Read) -> Result<Self, StoreError> {
        Ok(Self {
            departments: records::departments(tx)?,
            employees: records::employees(tx)?,
            computers: records::computers(tx)?,
            computer_users: records::computer_users(tx)?,
            links: records::links(tx)?,
        })
    }
}

impl Directory {
    pub(super) fn new(contents: Contents) -> Self {
        let Contents { departments, employees, computers, computer_users, mut links } = contents;
        links.sort_by_key(|link| (link.from, link.id));
        let mut links_of_user: HashMap<_, Vec<Link>> = HashMap::new();
        let mut links_of_employee: HashMap<_, Vec<Link>> = HashMap::new();
        for link in links {
            links_of_employee.entry(link.employee).or_default().push(link.clone());
            links_of_user.entry(link.computer_user).or_default().push(link);
        }
        let computers = Listing::new(computers.into_iter().map(computer_entry).collect());
        let mut users_of: HashMap<_, Vec<_>> = HashMap::new();
        let mut by_account = HashMap::new();
        let users = computer_users.into_iter().map(|user| {
            users_of.entry(user.computer).or_default().push(user.id);
            by_account.insert(user.account, user.id);
            let computer = computers.find(user.computer).map_or("", |computer| &computer.name);
            user_entry(user, computer)
        });
        let computer_users = Listing::new(users.collect());
        let employees = employees.into_iter().map(|employee| {
            let links = links_of_employee.get(&employee.id).into_iter().flatten();
            let users = links.filter_map(|link| computer_users.find(link.computer_user));
            employee_entry(employee, users, &computers)
        });
        Self {
            employees: Listing::new(employees.collect()),
            departments,
            computers,
            computer_users,
            by_account,
            users_of,
            links_of_user,
            links_of_employee,
            proposals: OnceLock::new(),
        }
    }

    /// The department tree.
    pub fn departments(&self) -> &Departments {
        &self.departments
    }

    /// One employee.
    pub fn employee(&self, id: EmployeeId) -> Option<&Employee> {
        self.employees.find(id)
    }

    /// All employees, by name.
    pub fn employees(&self) -> impl Iterator<Item = &Employee> {
        self.employees.items()
    }

    /// The employees of a department and everything below it, by name.
    pub fn employees_below(&self, department: DepartmentId) -> Vec<&Employee> {
        let subtree = self.departments.subtree(department);
        let inside = |employee: &&Employee| employee.department.is_some_and(|own| subtree.contains(&own));
        self.employees().filter(inside).collect()
    }

    /// One computer.
    pub fn computer(&self, id: ComputerId) -> Option<&Computer> {
        self.computers.find(id)
    }

    /// All computers, by name.
    pub fn computers(&self) -> impl Iterator<Item = &Computer> {
        self.computers.items()
    }

    /// One computer user.
    pub fn computer_user(&self, id: ComputerUserId) -> Option<&ComputerUser> {
        self.computer_users.find(id)
    }

    /// All computer users, by computer and name.
    pub fn computer_users(&self) -> impl Iterator<Item = &ComputerUser> {
        self.computer_users.items()
    }

    /// The users of one computer, in the order in which they appeared.
    pub fn users_of(&self, computer: ComputerId) -> &[ComputerUserId] {
        self.users_of.get(&computer).map_or(&[], Vec::as_slice)
    }

    /// Who stands behind an account number.
    pub fn computer_user_of(&self, account: i64) -> Option<&ComputerUser> {
        self.computer_user(*self.by_account.get(&account)?)
    }

    /// The links of an account, oldest first.
    pub fn links_of_computer_user(&self, id: ComputerUserId) -> &[Link] {
        self.links_of_user.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The links of a person, oldest first.
    pub fn links_of_employee(&self, id: EmployeeId) -> &[Link] {
        self.links_of_employee.get(&id).map_or(&[], Vec::as_slice)
    }

    /// One link.
    pub fn link(&self, id: LinkId) -> Option<&Link> {
        self.links_of_user.values().flatten().find(|link| link.id == id)
    }

    /// The link that an account has at a moment.
    pub fn link_at(&self, user: ComputerUserId, at: Timestamp) -> Option<&Link> {
        links::holder(self.links_of_computer_user(user), at)
    }

    /// Whose events of an account at a moment are.
    pub fn person_of(&self, account: i64, at: Timestamp) -> Option<EmployeeId> {
        let user = self.by_account.get(&account)?;
        self.link_at(*user, at).map(|link| link.employee)
    }

    /// From when to when which accounts belong to a person, within a span.
    pub fn accounts_of(&self, employee: EmployeeId, within: Span) -> Vec<AccountSpan> {
        let links = self.links_of_employee(employee).iter();
        let spans = links.filter_map(|link| {
            let account = self.computer_user(link.computer_user)?.account;
            let Span { from, to } = links::clip(link, within)?;
            Some(AccountSpan { account, employee, from, to })
        });
        let mut spans: Vec<_> = spans.collect();
        spans.sort_unstable();
        spans
    }

    /// The same for everybody in a department and below it.
    pub fn accounts_of_department(&self, department: DepartmentId, within: Span) -> Vec<AccountSpan> {
        let employees = self.employees_below(department);
        employees.iter().flat_map(|employee| self.accounts_of(employee.id, within)).collect()
    }

    /// The same for everybody.
    pub fn accounts(&self, within: Span) -> Vec<AccountSpan> {
        self.employees().flat_map(|employee| self.accounts_of(employee.id, within)).collect()
    }

    /// Whose account it might be, best first.
    pub fn proposals(&self, user: &ComputerUser) -> Vec<Proposal> {
        let proposals = self.proposals.get_or_init(|| Proposals::new(self.employees()));
        let computer = self.computer(user.computer).map_or("", |computer| &computer.name);
        proposals.of(user.user_name.as_deref().unwrap_or_default(), computer)
    }
}

fn employee_entry<'a>(
    employee: Employee,
    users: impl Iterator<Item = &'a ComputerUser>,
    computers: &'a Listing<ComputerId, Computer>,
) -> Entry<EmployeeId, Employee> {
    let words = users.flat_map(|user| {
        let computer = computers.find(user.computer).map(|computer| computer.name.as_str());
        [computer, user.user_name.as_deref()].into_iter().flatten()
    });
    let (search, public) = search_text(&employee, words);
    Entry { id: employee.id, sort: fold(&employee.full_name()), search, public, item: employee }
}

fn computer_entry(computer: Computer) -> Entry<ComputerId, Computer> {
    let search = fold(&format!("{} {} {}", computer.name, computer.uid, computer.note));
    let public = search.len();
    Entry { id: computer.id, sort: fold(&computer.name), search, public, item: computer }
}

fn user_entry(user: ComputerUser, computer: &str) -> Entry<ComputerUserId, ComputerUser> {
    let name = user.user_name.as_deref().unwrap_or_default();
    let sid = user.sid.as_deref().unwrap_or_default();
    let search = fold(&format!("{computer} {name} {sid} {}", user.note));
    let public = search.len();
    Entry { id: user.id, sort: fold(&format!("{computer} {}", user.name())), search, public, item: user }
}
