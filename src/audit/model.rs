//! The nouns of the audit log.

use std::net::IpAddr;

use serde_json::Map;
use serde_json::Value;

use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;

/// What a verb wants remembered. Never put a secret into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub(super) organization: Option<OrganizationId>,
    pub(super) action: &'static str,
    pub(super) object: Option<Object>,
    pub(super) detail: Map<String, Value>,
}

/// The thing to which something was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it is, such as `operator`.
    pub kind: String,
    /// Which one.
    pub id: String,
}

impl Entry {
    /// An entry of the system's log; `action` is `object.verb`, such as `operator.create`.
    pub fn new(action: &'static str) -> Self {
        Self { organization: None, action, object: None, detail: Map::new() }
    }

    /// Puts it into an organization's log.
    #[must_use]
    pub fn of(mut self, organization: impl Into<Option<OrganizationId>>) -> Self {
        self.organization = organization.into();
        self
    }

    /// Names the object.
    #[must_use]
    pub fn on(mut self, kind: &str, id: impl std::fmt::Display) -> Self {
        self.object = Some(Object { kind: kind.to_owned(), id: id.to_string() });
        self
    }

    /// Adds a small fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }
}

/// What kind of actor did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// A person who logged in.
    Operator,
    /// A program with an API key.
    Agent,
    /// Nazorat itself or the command line of the machine's owner.
    System,
}

impl ActorKind {
    /// The word in the API and in the file.
    pub const fn name(self) -> &'static str {
        match self {
            ActorKind::Operator => "operator",
            ActorKind::Agent => "agent",
            ActorKind::System => "system",
        }
    }
}

/// Who did it, as they were called then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What kind.
    pub kind: ActorKind,
    /// Login of an operator, source of an agent.
    pub name: String,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its number in the log of its organization, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, as `object.verb`.
    pub action: String,
    /// To what.
    pub object: Option<Object>,
    /// Small facts.
    pub detail: Map<String, Value>,
    /// From where.
    pub address: Option<IpAddr>,
}

/// Which records a reader wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The action, or its beginning: `operator.` finds all that was done to operators.
    pub action: Option<String>,
    /// The name of the actor, letter case does not matter.
    pub actor: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}
