//! What can go wrong with people, in the words of the one who asked.

use crate::kernel::Classify;
use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::CursorError;
use crate::kernel::Denied;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Kind;
use crate::kernel::LinkId;
use crate::store::StoreError;

/// A verb of this domain was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The actor may not, or the organization is not theirs.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The department does not exist for this actor.
    #[error("department {0} does not exist")]
    UnknownDepartment(DepartmentId),
    /// The employee does not exist for this actor.
    #[error("employee {0} does not exist")]
    UnknownEmployee(EmployeeId),
    /// The computer does not exist for this actor.
    #[error("computer {0} does not exist")]
    UnknownComputer(ComputerId),
    /// The computer user does not exist for this actor.
    #[error("computer user {0} does not exist")]
    UnknownComputerUser(ComputerUserId),
    /// The link does not exist for this actor.
    #[error("link {0} does not exist")]
    UnknownLink(LinkId),
    /// An input field is wrong.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Two departments of one parent cannot have one name.
    #[error("department {0} beside it already has this name")]
    NameTaken(DepartmentId),
    /// A department cannot stand below itself.
    #[error("department {0} cannot be moved below itself")]
    Cycle(DepartmentId),
    /// The department still holds somebody or something and was to be removed only when empty.
    #[error("department {0} is not empty")]
    NotEmpty(DepartmentId),
    /// Personnel numbers are unique in an organization.
    #[error("personnel number already belongs to employee {0}")]
    NumberTaken(EmployeeId),
    /// Computers are known by their uid.
    #[error("uid already belongs to computer {0}")]
    UidTaken(ComputerId),
    /// The account is already there.
    #[error("computer user {0} already is this account")]
    AccountTaken(ComputerUserId),
    /// At any moment an account belongs to at most one person.
    #[error("link {0} covers part of the same time")]
    LinkOverlaps(LinkId),
    /// The page of a list cannot be found again.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The store failed.
    #[error("people could not be read or stored")]
    Store(#[from] StoreError),
}

impl Classify for PeopleError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::UnknownDepartment(_)
            | Self::UnknownEmployee(_)
            | Self::UnknownComputer(_)
            | Self::UnknownComputerUser(_)
            | Self::UnknownLink(_) => Kind::NotFound,
            Self::Field(_) | Self::Cursor(_) => Kind::Invalid,
            Self::NameTaken(_)
            | Self::Cycle(_)
            | Self::NotEmpty(_)
            | Self::NumberTaken(_)
            | Self::UidTaken(_)
            | Self::AccountTaken(_)
            | Self::LinkOverlaps(_) => Kind::Conflict,
            Self::Store(store) => store.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::UnknownDepartment(_)
            | Self::UnknownEmployee(_)
            | Self::UnknownComputer(_)
            | Self::UnknownComputerUser(_)
            | Self::UnknownLink(_) => "not_found",
            Self::Field(field) => field.problem.code(),
            Self::NameTaken(_) => "department_name_taken",
            Self::Cycle(_) => "department_cycle",
            Self::NotEmpty(_) => "department_not_empty",
            Self::NumberTaken(_) => "personnel_number_taken",
            Self::UidTaken(_) => "computer_uid_taken",
            Self::AccountTaken(_) => "computer_user_taken",
            Self::LinkOverlaps(_) => "link_overlaps",
            Self::Cursor(_) => "cursor_invalid",
            Self::Store(store) => store.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Field(field) => Some(field.field),
            Self::NameTaken(_) => Some("name"),
            Self::Cycle(_) => Some("parent"),
            Self::NumberTaken(_) => Some("personnel_number"),
            Self::UidTaken(_) => Some("uid"),
            Self::AccountTaken(_) => Some("user_name"),
            Self::LinkOverlaps(_) => Some("from"),
            _ => None,
        }
    }
}

/// An input field holds what it must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("field {field} {problem}")]
pub struct FieldError {
    /// Which one, as it is called in the API.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: FieldProblem,
}

/// What can be wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// Nothing was given.
    #[error("is required")]
    Required,
    /// Longer than can be kept.
    #[error("is longer than {max} characters")]
    TooLong {
        /// The most it may have.
        max: usize,
    },
    /// Not of the right form.
    #[error("is not of the right form")]
    Malformed,
    /// It names something that is not there.
    #[error("names something that does not exist")]
    Unknown,
    /// It ends before it begins.
    #[error("lies before the begin")]
    BeforeBegin,
}

impl FieldProblem {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Required => "field_required",
            Self::TooLong { .. } => "field_too_long",
            Self::Malformed => "field_malformed",
            Self::Unknown => "field_unknown",
            Self::BeforeBegin => "field_before_begin",
        }
    }

    /// Says it of a field.
    pub const fn of(self, field: &'static str) -> FieldError {
        FieldError { field, problem: self }
    }
}
