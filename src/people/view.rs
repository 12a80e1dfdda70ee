//! What one actor may see of the people: everything, a department subtree, or basic fields only.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::kernel::Actor;
use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::Denied;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::LinkId;
use crate::kernel::Permission;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::people::AccountSpan;
use crate::people::Computer;
use crate::people::ComputerUser;
use crate::people::Department;
use crate::people::Directory;
use crate::people::Employee;
use crate::people::Link;
use crate::people::PeopleError;
use crate::people::computers::Sightings;
use crate::people::links::clip;

/// The people of an organization as one actor sees them at one moment. What is outside is "not found".
pub struct View {
    pub(super) directory: Arc<Directory>,
    sightings: Option<Arc<Sightings>>,
    limit: Option<BTreeSet<DepartmentId>>,
    root: Option<DepartmentId>,
    pub(super) detail: Detail,
    pub(super) now: Timestamp,
}

/// How much of an employee is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Name, position, department.
    Basic,
    /// Everything, with computers and links.
    Full,
}

/// Which accounts a report may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All of the organization, also those of nobody.
    Everything,
    /// Only these, and only then.
    Accounts(Vec<AccountSpan>),
}

impl View {
    pub(super) fn new(
        actor: &Actor,
        directory: Arc<Directory>,
        sightings: Option<Arc<Sightings>>,
        now: Timestamp,
    ) -> Self {
        let root = actor.department();
        let limit = root.map(|root| directory.departments().subtree(root));
        let full = actor.may(Permission::ReadComputers);
        let detail = if full { Detail::Full } else { Detail::Basic };
        Self { directory, sightings, limit, root, detail, now }
    }

    /// The whole directory, for an actor without limits.
    pub fn whole(&self) -> Result<&Directory, PeopleError> {
        match (self.detail, &self.limit) {
            (Detail::Full, None) => Ok(&self.directory),
            _ => Err(Denied::NotAllowed(Permission::ReadComputers).into()),
        }
    }

    /// How much of an employee is shown.
    pub const fn detail(&self) -> Detail {
        self.detail
    }

    /// The moment of the view.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The department to which the view is limited.
    pub const fn root(&self) -> Option<DepartmentId> {
        self.root
    }

    pub(super) fn require_full(&self) -> Result<(), PeopleError> {
        match self.detail {
            Detail::Full => Ok(()),
            Detail::Basic => Err(Denied::NotAllowed(Permission::ReadComputers).into()),
        }
    }

    fn holds(&self, department: Option<DepartmentId>) -> bool {
        match &self.limit {
            None => true,
            Some(limit) => department.is_some_and(|department| limit.contains(&department)),
        }
    }

    /// The visible part of the tree from its top, each department with its depth.
    pub fn departments(&self) -> Vec<(&Department, usize)> {
        match self.root {
            None => self.directory.departments().walk(),
            Some(root) => self.directory.departments().walk_below(root),
        }
    }

    /// One visible department.
    pub fn department(&self, id: DepartmentId) -> Result<&Department, PeopleError> {
        let found = self.directory.departments().get(id)?;
        if self.holds(Some(id)) { Ok(found) } else { Err(PeopleError::UnknownDepartment(id)) }
    }

    /// A visible department and all below it.
    pub fn subtree(&self, id: DepartmentId) -> Result<BTreeSet<DepartmentId>, PeopleError> {
        self.department(id)?;
        Ok(self.directory.departments().subtree(id))
    }

    /// The way to a department from the top of the visible tree, itself included.
    pub fn department_path(&self, id: DepartmentId) -> Vec<&Department> {
        let path = self.directory.departments().path(id);
        path.into_iter().filter(|department| self.holds(Some(department.id))).collect()
    }

    pub(super) fn sees_employee(&self, employee: &Employee) -> bool {
        self.holds(employee.department)
    }

    pub(super) fn employee_record(&self, id: EmployeeId) -> Result<&Employee, PeopleError> {
        let found = self.directory.employee(id).filter(|employee| self.sees_employee(employee));
        found.ok_or(PeopleError::UnknownEmployee(id))
    }

    fn sees_link(&self, link: &Link) -> bool {
        self.directory.employee(link.employee).is_some_and(|employee| self.sees_employee(employee))
    }

    /// The visible links of an account, oldest first.
    pub(super) fn user_links(&self, id: ComputerUserId) -> impl Iterator<Item = &Link> {
        let links = self.directory.links_of_computer_user(id).iter();
        links.filter(|link| self.limit.is_none() || self.sees_link(link))
    }

    /// A limited view holds the accounts that are or were linked to its people.
    pub(super) fn sees_user(&self, user: &ComputerUser) -> bool {
        self.detail == Detail::Full && (self.limit.is_none() || self.user_links(user.id).next().is_some())
    }

    pub(super) fn sees_computer(&self, computer: &Computer) -> bool {
        let mut users = self.directory.users_of(computer.id).iter();
        self.detail == Detail::Full
            && (self.holds(computer.department) || users.any(|user| self.user_links(*user).next().is_some()))
    }

    pub(super) fn computer_record(&self, id: ComputerId) -> Result<&Computer, PeopleError> {
        self.require_full()?;
        let found = self.directory.computer(id).filter(|computer| self.sees_computer(computer));
        found.ok_or(PeopleError::UnknownComputer(id))
    }

    pub(super) fn user_record(&self, id: ComputerUserId) -> Result<&ComputerUser, PeopleError> {
        self.require_full()?;
        let found = self.directory.computer_user(id).filter(|user| self.sees_user(user));
        found.ok_or(PeopleError::UnknownComputerUser(id))
    }

    /// One visible link.
    pub fn link(&self, id: LinkId) -> Result<&Link, PeopleError> {
        self.require_full()?;
        let found = self.directory.link(id).filter(|link| self.sees_link(link));
        found.ok_or(PeopleError::UnknownLink(id))
    }

    /// A computer user with the times up to the latest event.
    pub(super) fn up_to_date(&self, user: &ComputerUser) -> ComputerUser {
        let mut user = user.clone();
        let seen = self.sightings.as_ref().and_then(|sightings| sightings.seen(user.account));
        if let Some((first, last)) = seen {
            user.first_seen = Some(first);
            user.last_seen = Some(last);
        }
        user
    }

    /// From when to when which accounts belong to a visible person, within a span.
    pub fn accounts_of(&self, id: EmployeeId, within: Span) -> Result<Vec<AccountSpan>, PeopleError> {
        self.employee_record(id)?;
        Ok(self.directory.accounts_of(id, within))
    }

    /// The same for everybody in a visible department and below it.
    pub fn accounts_of_department(&self, id: DepartmentId, within: Span) -> Result<Vec<AccountSpan>, PeopleError> {
        self.department(id)?;
        Ok(self.directory.accounts_of_department(id, within))
    }

    /// From when to when a visible account belongs to visible people; for an unlimited view, always.
    pub fn reach_of_computer_user(&self, id: ComputerUserId, within: Span) -> Result<Reach, PeopleError> {
        let account = self.user_record(id)?.account;
        if self.limit.is_none() {
            return Ok(Reach::Everything);
        }
        let spans = self.user_links(id).filter_map(|link| {
            let Span { from, to } = clip(link, within)?;
            Some(AccountSpan { account, employee: link.employee, from, to })
        });
        Ok(Reach::Accounts(spans.collect()))
    }

    /// Which accounts the actor may read events of, within a span.
    pub fn reach(&self, within: Span) -> Reach {
        match self.root {
            None => Reach::Everything,
            Some(root) => Reach::Accounts(self.directory.accounts_of_department(root, within)),
        }
    }

    /// Whose events of an account at a moment are, if that person is visible.
    pub fn person_of(&self, account: i64, at: Timestamp) -> Option<&Employee> {
        self.employee_record(self.directory.person_of(account, at)?).ok()
    }
}
