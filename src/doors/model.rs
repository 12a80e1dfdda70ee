//! The nouns: a pass, and which passes are asked for.

use nazorat_timeseries::Dataset;
use nazorat_timeseries::PartitionId;
use nazorat_timeseries::PartitionProblem;
use nazorat_timeseries::Problem;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;

use crate::kernel::Cursor;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::kernel::Timestamp;

/// One observation at a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// When, by the device's clock.
    pub at: Timestamp,
    /// When the gateway heard of it.
    pub seen_at: Timestamp,
    /// When it was received here.
    pub received_at: Timestamp,
    /// At which device.
    pub device: DeviceId,
    /// What people call it; none when it is gone.
    pub device_name: Option<String>,
    /// Which door of the device.
    pub door: u16,
    /// Which gate that is.
    pub gate: Option<(GateId, String)>,
    /// What tells it from the device's other events.
    pub serial: String,
    /// Who.
    pub person: Person,
    /// Number of the card, or the plate.
    pub card: String,
    /// What was shown.
    pub credential: Credential,
    /// Which way, as the gate decides.
    pub direction: Direction,
    /// What kind of thing happened.
    pub outcome: AccessKind,
    /// Why, as a word.
    pub reason: String,
    /// The maker's own code.
    pub code: String,
    /// Whether it was told later than it happened.
    pub replayed: bool,
    /// How far the device's clock was ahead.
    pub drift_ms: Option<i64>,
    /// Whether its way can be known only when the day is over.
    pub pending: bool,
    /// Whether it is the same pass as one before it, by the gate's rule.
    pub repeated: bool,
}

/// Who was at a door, as far as anybody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// Somebody of the organization.
    Employee {
        /// Who.
        id: EmployeeId,
        /// "Karimov Bekzod".
        name: String,
    },
    /// Somebody whom only the device knows.
    Stranger {
        /// The number there.
        number: String,
        /// The name there.
        name: String,
    },
    /// Nobody, or nobody who was recognised.
    Nobody,
}

/// Which passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter {
    /// Not before.
    pub from: Timestamp,
    /// Before.
    pub to: Timestamp,
    /// At one device.
    pub device: Option<DeviceId>,
    /// At one gate.
    pub gate: Option<GateId>,
    /// Of one person.
    pub employee: Option<EmployeeId>,
    /// Of these kinds; all when there is none.
    pub outcomes: Vec<AccessKind>,
    /// With this text in a name, number or card.
    pub text: Option<String>,
    /// Also passes that only repeat another one.
    pub repeated: bool,
}

/// Some passes, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The passes.
    pub items: Vec<Pass>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
    /// Files that belong into the answer and could not be read.
    pub incomplete: Vec<Unread>,
    /// Everything received until then is in it.
    pub applied_through: Timestamp,
}

/// A file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Which events it holds.
    pub dataset: Dataset,
    /// Of which month, such as `2026-11`.
    pub month: String,
    /// Which of the month's files.
    pub generation: u32,
    /// `quarantined`, `removing` or `failed`.
    pub problem: &'static str,
}

impl From<&PartitionProblem> for Unread {
    fn from(found: &PartitionProblem) -> Self {
        let problem = match found.problem {
            Problem::Quarantined => "quarantined",
            Problem::Removing => "removing",
            Problem::Failed => "failed",
        };
        let PartitionId { key, generation } = found.partition;
        Self { dataset: key.dataset, month: key.month.to_string(), generation, problem }
    }
}
