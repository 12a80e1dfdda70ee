//! A verb of policies failed.

use nazorat_wire::policy::SettingsError;

use crate::kernel::Classify;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::PolicyId;
use crate::kernel::Timestamp;
use crate::people::PeopleError;
use crate::store::StoreError;

/// A verb of policies failed.
#[derive(Debug, thiserror::Error)]
pub enum PoliciesError {
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such policy.
    #[error("policy {0} does not exist")]
    Unknown(PolicyId),
    /// There is no such version.
    #[error("policy {0} has no version {1}")]
    NoVersion(PolicyId, u32),
    /// Somebody has one already.
    #[error("it has policy {0} already; edit that one")]
    Exists(PolicyId),
    /// There is nothing to release.
    #[error("there is no draft to release; change something first")]
    NoDraft,
    /// The draft says the same as the version in force.
    #[error("the draft says the same as version {0}")]
    NothingNew(u32),
    /// Somebody else has released or saved meanwhile.
    #[error("it was changed meanwhile: version {0} is in force now; look at it and save again")]
    Stale(u32),
    /// A version is on its way.
    #[error("version {0} has not reached everybody; let it, or bring an older one back")]
    RollingOut(u32),
    /// Nothing is on its way, or not in this state.
    #[error("there is no roll-out with which that could be done; look at how it is now")]
    NoRollout,
    /// Stages that cannot be meant.
    #[error("the first stage is 1 to 99 percent of the computers, and at most a week is watched")]
    Stages,
    /// Somebody else has changed the draft meanwhile.
    #[error("{by} has changed the draft meanwhile; look at it and save again")]
    DraftChanged {
        /// Login of whoever it was.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Why is missing.
    #[error("write why, in 3 to 500 characters")]
    Reason,
    /// Settings that cannot be meant.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The department or the person cannot be seen.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for PoliciesError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::Unknown(_) | Self::NoVersion(..) => Kind::NotFound,
            Self::Exists(_) | Self::NoDraft | Self::NothingNew(_) => Kind::Conflict,
            Self::Stale(_) | Self::DraftChanged { .. } => Kind::Conflict,
            Self::RollingOut(_) | Self::NoRollout => Kind::Conflict,
            Self::Reason | Self::Stages | Self::Settings(_) => Kind::Invalid,
            Self::People(people) => people.kind(),
            Self::Store(store) => store.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Unknown(_) | Self::NoVersion(..) => "not_found",
            Self::Exists(_) => "policy_exists",
            Self::NoDraft => "no_draft",
            Self::NothingNew(_) => "nothing_new",
            Self::Stale(_) | Self::DraftChanged { .. } => "stale",
            Self::RollingOut(_) => "rolling_out",
            Self::NoRollout => "no_rollout",
            Self::Stages => "bad_stages",
            Self::Reason => "no_reason",
            Self::Settings(_) => "bad_settings",
            Self::People(people) => people.code(),
            Self::Store(store) => store.code(),
        }
    }
}
