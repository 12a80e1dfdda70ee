//! What the handlers of people need: the services, nothing else.

use axum::extract::FromRef;

use crate::audit::Audit;
use crate::credentials::Credentials;
use crate::devices::Devices;
use crate::devices::watch;
use crate::doors::EntryLog;
use crate::doors::Pictures;
use crate::fleet::Fleet;
use crate::fleet::alerts::Alerts;
use crate::fleet::commands::Commands;
use crate::fleet::presence::History;
use crate::fleet::presence::Presence;
use crate::identity::Identity;
use crate::intake::Intake;
use crate::kernel::Clock;
use crate::monitoring::Monitoring;
use crate::notices::Notices;
use crate::people::People;
use crate::policy::Policy;
use crate::policy::collection::Policies;
use crate::policy::distribution::Distribution;
use crate::retention::Retention;
use crate::store::FileStore;
use crate::tenancy::Tenancy;
use crate::web::About;
use crate::web::Opened;
use crate::web::setup::Setup;

/// All services. Cheap to clone.
#[derive(Clone, FromRef)]
pub struct App {
    pub tenancy: Tenancy,
    pub identity: Identity,
    pub fleet: Fleet,
    pub alerts: Alerts,
    pub commands: Commands,
    pub presence: Presence,
    pub gateway_history: History,
    /// How devices were.
    pub device_history: watch::History,
    pub people: People,
    pub policy: Policy,
    /// What may be collected of whom.
    pub policies: Policies,
    /// How that gets to computers.
    pub distribution: Distribution,
    /// Cards and faces.
    pub credentials: Credentials,
    /// The terminals at the doors.
    pub devices: Devices,
    /// Who passed which door.
    pub entry_log: EntryLog,
    /// Pictures of those who passed.
    pub pictures: Pictures,
    pub monitoring: Monitoring,
    pub retention: Retention,
    /// What people are told of it, and who has accepted that.
    pub notices: Notices,
    pub intake: Intake,
    pub files: FileStore,
    pub audit: Audit,
    pub clock: Clock,
    pub setup: Setup,
    pub about: About,
    pub opened: Opened,
}
