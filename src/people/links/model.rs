//! A link between an account and a person.

use crate::kernel::ComputerUserId;
use crate::kernel::EmployeeId;
use crate::kernel::LinkId;
use crate::kernel::Timestamp;

/// For a time, an account belongs to an employee. The begin belongs to it, the end does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number in the organization.
    pub id: LinkId,
    /// Whose events.
    pub computer_user: ComputerUserId,
    /// Whose they are.
    pub employee: EmployeeId,
    /// `None` is "since the account was first seen", however early an event may still come in.
    pub from: Option<Timestamp>,
    /// `None` is "until further notice".
    pub to: Option<Timestamp>,
    /// When somebody said so.
    pub created_at: Timestamp,
}

/// What is asked for when a link is made or corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkInput {
    /// Whose the account is.
    pub employee: EmployeeId,
    /// `None` is since the account was first seen, or since the link before it ended.
    pub from: Option<Timestamp>,
    /// `None` is until further notice.
    pub to: Option<Timestamp>,
}

/// A time during which an account's events belong to an employee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountSpan {
    /// The number in the events.
    pub account: i64,
    /// Whose they are.
    pub employee: EmployeeId,
    /// First moment inside.
    pub from: Timestamp,
    /// First moment outside.
    pub to: Timestamp,
}
