//! Computers and their users.

use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::DepartmentId;
use crate::kernel::Timestamp;
use crate::people::FieldError;
use crate::people::FieldProblem;
use crate::people::Link;
use crate::people::State;
use crate::people::text;

/// The longest uid, SID or user name that is kept as its own computer or user.
const UID_MAX: usize = 256;
const NAME_MAX: usize = 120;
const NOTE_MAX: usize = 1000;

/// A workplace computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computer {
    /// Its number in the organization.
    pub id: ComputerId,
    /// The machine id, exactly as the agent sends it.
    pub uid: String,
    /// What people call it; the uid until somebody says otherwise.
    pub name: String,
    /// Where it stands.
    pub department: Option<DepartmentId>,
    /// Anything worth knowing; may be empty.
    pub note: String,
    /// Inactive computers are not offered any more; their events are kept all the same.
    pub state: State,
}

/// What is asked for when a computer is entered by hand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComputerInput {
    /// The machine id, as the agent will send it.
    pub uid: String,
    /// The rest.
    pub edit: ComputerEdit,
}

/// What can be changed of a computer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComputerEdit {
    /// What people call it; the uid when empty.
    pub name: String,
    /// Where it stands.
    pub department: Option<DepartmentId>,
    /// Anything worth knowing.
    pub note: String,
}

impl ComputerInput {
    pub(in crate::people) fn parse(&self) -> Result<Computer, FieldError> {
        let uid = text::required("uid", &self.uid, UID_MAX)?;
        self.edit.parse(&Computer {
            id: ComputerId::new(0),
            name: uid.clone(),
            uid,
            department: None,
            note: String::new(),
            state: State::Active,
        })
    }
}

impl ComputerEdit {
    pub(in crate::people) fn parse(&self, before: &Computer) -> Result<Computer, FieldError> {
        let name = text::optional("name", &self.name, NAME_MAX)?;
        Ok(Computer {
            name: name.unwrap_or_else(|| before.uid.clone()),
            department: self.department,
            note: text::plain("note", &self.note, NOTE_MAX)?,
            ..before.clone()
        })
    }
}

impl From<&Computer> for ComputerEdit {
    fn from(computer: &Computer) -> Self {
        Self { name: computer.name.clone(), department: computer.department, note: computer.note.clone() }
    }
}

/// An operating system account on one computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputerUser {
    /// Its number in the organization.
    pub id: ComputerUserId,
    /// On which computer.
    pub computer: ComputerId,
    /// The number under which its events are stored.
    pub account: i64,
    /// Security identifier, where the agent sends one.
    pub sid: Option<String>,
    /// Such as `OFFICE\aziz`, where the agent sends one.
    pub user_name: Option<String>,
    /// Anything worth knowing; may be empty.
    pub note: String,
    /// Inactive users (service accounts) are not asked about any more.
    pub state: State,
    /// The earliest event.
    pub first_seen: Option<Timestamp>,
    /// The latest event.
    pub last_seen: Option<Timestamp>,
}

impl ComputerUser {
    /// What to call it: the user name, else the SID.
    pub fn name(&self) -> &str {
        let name = self.user_name.as_deref().or(self.sid.as_deref());
        name.unwrap_or_default()
    }
}

/// What is asked for when a computer user is entered by hand: at least one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComputerUserInput {
    /// Security identifier, exactly as the agent will send it.
    pub sid: String,
    /// User name, as the agent will send it.
    pub user_name: String,
}

impl ComputerUserInput {
    pub(in crate::people) fn parse(&self) -> Result<(Option<String>, Option<String>), FieldError> {
        let sid = text::optional("sid", &self.sid, UID_MAX)?;
        let user_name = text::optional("user_name", &self.user_name, UID_MAX)?;
        if sid.is_none() && user_name.is_none() {
            return Err(FieldProblem::Required.of("user_name"));
        }
        Ok((sid, user_name))
    }
}

/// Reads the note on a computer user.
pub(super) fn note(raw: &str) -> Result<String, FieldError> {
    text::plain("note", raw, NOTE_MAX)
}

/// What deleting a computer would touch. It comes back by itself when it sends again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputerConsequences {
    /// The computer.
    pub computer: Computer,
    /// Its users, who would go with it.
    pub users: Vec<ComputerUser>,
    /// The links that would go.
    pub links: Vec<Link>,
}

/// What deleting a computer user would touch. It comes back by itself when it sends again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputerUserConsequences {
    /// The computer user.
    pub user: ComputerUser,
    /// The links that would go.
    pub links: Vec<Link>,
}
