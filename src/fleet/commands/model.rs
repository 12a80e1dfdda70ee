//! The nouns of commands.

use std::time::Duration;

use nazorat_wire::Order;
use nazorat_wire::frame::Ending;
use nazorat_wire::frame::Outcome;
use serde_json::Map;
use serde_json::Value;

use crate::kernel::CommandId;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;

/// Who is to do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// The gateway itself.
    Gateway,
    /// One of its agents, by its number there.
    Agent(u32),
}

/// What an operator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommand {
    /// Who is to do it.
    pub target: Target,
    /// What.
    pub order: Order,
    /// After so long it must not be begun any more.
    pub lifetime: Duration,
}

impl NewCommand {
    /// For how long a command waits for a gateway that is away, when nothing else is said.
    pub const LIFETIME: Duration = Duration::from_secs(3_600);
    /// The bounds of a lifetime.
    pub const LIFETIMES: std::ops::RangeInclusive<Duration> = Duration::from_secs(10)..=Duration::from_secs(7 * 86_400);

    /// A command for the gateway itself, with the usual lifetime.
    pub const fn new(order: Order) -> Self {
        Self { target: Target::Gateway, order, lifetime: Self::LIFETIME }
    }
}

/// How far a command is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It waits for its gateway.
    Pending,
    /// It was sent, and nobody said that it came.
    Sent,
    /// It came and is written down there.
    Acked,
    /// It was done.
    Succeeded,
    /// It was not done.
    Failed {
        /// Why, as a stable word.
        code: String,
        /// Why, as a sentence.
        detail: String,
    },
    /// It was too late.
    Expired,
    /// It was taken back.
    Cancelled,
}

impl State {
    /// The word in the API.
    pub const fn name(&self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Sent => "sent",
            State::Acked => "acked",
            State::Succeeded => "succeeded",
            State::Failed { .. } => "failed",
            State::Expired => "expired",
            State::Cancelled => "cancelled",
        }
    }

    /// Why it failed, as a stable word and as a sentence.
    pub fn into_failure(self) -> Option<(String, String)> {
        match self {
            State::Failed { code, detail } => Some((code, detail)),
            _ => None,
        }
    }

    /// True while something is still to come of it.
    pub const fn is_open(&self) -> bool {
        matches!(self, State::Pending | State::Sent | State::Acked)
    }
}

/// Something that a gateway or an agent was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its name for ever.
    pub id: CommandId,
    /// Through which gateway.
    pub gateway: GatewayId,
    /// Who is to do it.
    pub target: Target,
    /// What, as [`Order`] names it.
    pub kind: String,
    /// With what.
    pub payload: Map<String, Value>,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub created_at: Timestamp,
    /// After this it must not be begun.
    pub expires_at: Timestamp,
    /// How often it was sent.
    pub attempts: u32,
    /// How far it is.
    pub state: State,
    /// Since when.
    pub changed_at: Timestamp,
    /// Checksum that came with the acknowledgement.
    pub checksum: Option<String>,
    /// Whether it brought something back that can be looked at.
    pub has_body: bool,
}

/// The command is not in a state in which this can happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("command is {0} already")]
pub struct Over(pub &'static str);

impl Command {
    fn turn(self, state: State, now: Timestamp) -> Self {
        Self { state, changed_at: now, ..self }
    }

    /// It goes out once more. What was acknowledged stays so: only its result is asked for.
    pub fn sent(self, now: Timestamp) -> Result<Self, Over> {
        let attempts = self.attempts.saturating_add(1);
        match self.state {
            State::Pending | State::Sent => Ok(Self { attempts, ..self.turn(State::Sent, now) }),
            State::Acked => Ok(Self { attempts, ..self }),
            other => Err(Over(other.name())),
        }
    }

    /// It has come. Repeats are normal.
    pub fn acked(self, checksum: Option<String>, now: Timestamp) -> Result<Self, Over> {
        match self.state {
            State::Sent => Ok(Self { checksum, ..self.turn(State::Acked, now) }),
            State::Acked => Ok(self),
            other => Err(Over(other.name())),
        }
    }

    /// The gateway says how it ended. Believed whenever the command had been sent and no other result came.
    pub fn ended(self, outcome: &Outcome, now: Timestamp) -> Result<Self, Over> {
        let told = matches!(&self.state, State::Succeeded) || self.was_answered();
        if told || self.attempts == 0 {
            return Err(Over(self.state.name()));
        }
        let state = match outcome.status {
            Ending::Succeeded => State::Succeeded,
            Ending::Expired => State::Expired,
            Ending::Failed => State::Failed {
                code: outcome.code.clone().unwrap_or_else(|| "failed".to_owned()),
                detail: outcome.detail.clone().unwrap_or_default(),
            },
        };
        Ok(self.turn(state, now))
    }

    /// True when it failed by the word of the gateway, and not because none came.
    fn was_answered(&self) -> bool {
        matches!(&self.state, State::Failed { code, .. } if code != NOT_ACKED && code != NO_RESULT)
    }

    /// Nobody acknowledged it, or no result came.
    pub fn gave_up(self, now: Timestamp) -> Result<Self, Over> {
        let (code, detail) = match self.state {
            State::Sent => (NOT_ACKED, "the gateway did not acknowledge it"),
            State::Acked => (NO_RESULT, "the gateway acknowledged it, and no result came"),
            other => return Err(Over(other.name())),
        };
        Ok(self.turn(State::Failed { code: code.to_owned(), detail: detail.to_owned() }, now))
    }

    /// It is too late.
    pub fn expired(self, now: Timestamp) -> Result<Self, Over> {
        match self.state {
            State::Pending | State::Sent => Ok(self.turn(State::Expired, now)),
            other => Err(Over(other.name())),
        }
    }

    /// It is taken back. Once it was sent nobody knows whether that comes in time.
    pub fn cancelled(self, now: Timestamp) -> Result<Self, Over> {
        match self.state {
            State::Pending => Ok(self.turn(State::Cancelled, now)),
            other => Err(Over(other.name())),
        }
    }
}

/// Codes of our own.
const NOT_ACKED: &str = "not_acked";
const NO_RESULT: &str = "no_result";
