//! The nouns: who signs, and how far an agent is.

use crate::fleet::FleetError;
use crate::fleet::Peer;
use crate::kernel::Classify;
use crate::kernel::EmployeeId;
use crate::kernel::Kind;
use crate::kernel::Timestamp;
use crate::people::PeopleError;
use crate::policy::collection::CollectionPolicy;
use crate::policy::collection::PoliciesError;

/// Who gives the word of the appliance.
pub trait Signer: Send + Sync {
    /// An ECDSA signature over P-256 with SHA-256, DER, by the root that signs. Blocks.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String>;
}

/// How far an agent is with what it should hold to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentState {
    /// It holds to it.
    InForce,
    /// It has it and starts again.
    Waiting,
    /// It could not take it.
    Failed(String),
    /// It is on its way.
    Behind,
    /// The computer is off, or cannot be reached.
    Away,
    /// Its program is too old, or was made by somebody else: what it sends is judged by the gateway and here.
    Silent,
}

impl AgentState {
    /// The word in the API, also the key of the texts.
    pub const fn name(&self) -> &'static str {
        match self {
            AgentState::InForce => "in_force",
            AgentState::Waiting => "waiting",
            AgentState::Failed(_) => "failed",
            AgentState::Behind => "behind",
            AgentState::Away => "away",
            AgentState::Silent => "silent",
        }
    }
}

/// An agent and what it should hold to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentStanding {
    /// Behind which gateway.
    pub peer: Peer,
    /// Its number there.
    pub agent: u32,
    /// The machine's stable id.
    pub computer_uid: String,
    /// What people call the computer.
    pub name: String,
    /// Checksum of what it should hold to.
    pub wanted: String,
    /// Since when that is wanted; it may be older when the appliance was started again meanwhile.
    pub wanted_since: Timestamp,
    /// What it says that it holds to.
    pub have: Option<String>,
    /// How far it is.
    pub state: AgentState,
    /// Since when.
    pub since: Timestamp,
}

/// A policy and the computers that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The policy.
    pub policy: CollectionPolicy,
    /// The computers with an agent.
    pub computers: Vec<ComputerStanding>,
}

/// How far a computer is with a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputerStanding {
    /// Its agent.
    pub agent: AgentStanding,
    /// Whose accounts it has.
    pub people: Vec<EmployeeId>,
    /// The version that it should hold to; 0 is none yet.
    pub wanted: u32,
    /// The version that it holds to, as far as is known.
    pub has: Option<u32>,
}

/// What holds cannot be said or handed out.
#[derive(Debug, thiserror::Error)]
pub enum DistributionError {
    /// There is no such agent behind this gateway, or nothing was released.
    #[error("there is no policy {0} for this gateway")]
    Unknown(u32),
    /// The people cannot be read, or not by this actor.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The policy cannot be read or changed, or not by this actor.
    #[error(transparent)]
    Policies(#[from] PoliciesError),
    /// The gateways cannot be read, or not by this actor.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// The root cannot be used.
    #[error("a policy cannot be signed: {0}")]
    Sign(String),
}

impl Classify for DistributionError {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown(_) => Kind::NotFound,
            Self::People(people) => people.kind(),
            Self::Policies(policies) => policies.kind(),
            Self::Fleet(fleet) => fleet.kind(),
            Self::Sign(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "not_found",
            Self::People(people) => people.code(),
            Self::Policies(policies) => policies.code(),
            Self::Fleet(fleet) => fleet.code(),
            Self::Sign(_) => "not_signed",
        }
    }
}
