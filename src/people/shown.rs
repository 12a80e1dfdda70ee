//! What lists and pages get to show, and what they may ask for.

use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Language;
use crate::kernel::Timestamp;
use crate::people::Computer;
use crate::people::ComputerUser;
use crate::people::Link;
use crate::people::Proposal;
use crate::people::Reason;
use crate::people::State;

/// An employee as the actor may see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployeeView {
    /// Their number.
    pub id: EmployeeId,
    /// Family name.
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// Father's name.
    pub patronymic: Option<String>,
    /// What they work as; may be empty.
    pub position: String,
    /// Where they work.
    pub department: Option<DepartmentId>,
    /// How that is called.
    pub department_name: Option<String>,
    /// Whether they are at work at all.
    pub state: State,
    /// The rest; `None` for who may see basic fields only.
    pub details: Option<EmployeeDetails>,
}

/// What is not for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployeeDetails {
    /// The organization's own number.
    pub personnel_number: Option<String>,
    /// Address for mail.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// First day at work.
    pub hired_on: Option<Day>,
    /// Last day at work.
    pub left_on: Option<Day>,
    /// The language in which they are written to.
    pub language: Option<Language>,
    /// The accounts that belong to them now.
    pub computer_users: Vec<ComputerUserId>,
}

impl EmployeeView {
    /// "Karimov Bekzod", for lists sorted by name.
    pub fn surname_first(&self) -> String {
        format!("{} {}", self.surname, self.given_name)
    }

    /// "Bekzod Karimov", everywhere else.
    pub fn given_first(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }
}

/// A computer with its users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputerView {
    /// The computer.
    pub computer: Computer,
    /// How its department is called.
    pub department_name: Option<String>,
    /// Its visible users.
    pub users: Vec<ComputerUserView>,
    /// The earliest event of a visible user.
    pub first_seen: Option<Timestamp>,
    /// The latest event of a visible user.
    pub last_seen: Option<Timestamp>,
}

/// A computer user with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputerUserView {
    /// The computer user, up to its latest event.
    pub user: ComputerUser,
    /// What its computer is called.
    pub computer_name: String,
    /// Whose it is as of its latest event, with "Surname Given"; `None` is unassigned.
    pub employee: Option<(EmployeeId, String)>,
}

/// A link with both its ends named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkView {
    /// The link.
    pub link: Link,
    /// Where it begins, also when that is "since first seen".
    pub begins: Option<Timestamp>,
    /// "Surname Given".
    pub employee_name: String,
    /// What the account is called.
    pub user_name: String,
    /// Its computer.
    pub computer: ComputerId,
    /// What that is called.
    pub computer_name: String,
}

/// An account that belongs to nobody, and to whom it might.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unassigned {
    /// The account.
    pub user: ComputerUserView,
    /// Best first.
    pub proposals: Vec<Proposal>,
}

impl Unassigned {
    /// The proposal that leaves no doubt: a strong reason, and nobody else for whom it speaks as well.
    pub fn sure(&self) -> Option<&Proposal> {
        let best = self.proposals.first().filter(|best| best.reason <= Reason::FullName)?;
        let alone = self.proposals.get(1).is_none_or(|second| second.reason > best.reason);
        alone.then_some(best)
    }
}

/// Whether an account and a person are linked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// They are.
    Yes,
    /// They are not.
    No,
}

impl Linked {
    pub(super) const fn of(linked: bool) -> Self {
        if linked { Self::Yes } else { Self::No }
    }
}

/// Which employees are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EmployeeFilter {
    /// Words of the name; for who may see them also of the number, computers and user names.
    pub text: String,
    /// This department and all below it.
    pub department: Option<DepartmentId>,
    /// Only these.
    pub state: Option<State>,
    /// Only with or only without an account of their own now.
    pub linked: Option<Linked>,
}

/// Which computers are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComputerFilter {
    /// Words of name, uid and note.
    pub text: String,
    /// This department and all below it.
    pub department: Option<DepartmentId>,
    /// Only these.
    pub state: Option<State>,
}

/// Which computer users are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComputerUserFilter {
    /// Words of computer, user name, SID and note.
    pub text: String,
    /// Only on this computer.
    pub computer: Option<ComputerId>,
    /// Only these.
    pub state: Option<State>,
    /// Only with or only without a person.
    pub linked: Option<Linked>,
}
