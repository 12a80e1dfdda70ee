//! What holds now, in facts.

use std::collections::HashMap;
use std::sync::Arc;

use nazorat_timeseries::Dataset;
use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Settings;

use crate::audit::Audit;
use crate::devices::Device;
use crate::devices::Devices;
use crate::identity::Operators;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::EmployeeId;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Role;
use crate::kernel::Tenant;
use crate::notices::Facts;
use crate::notices::Kept;
use crate::notices::NoticesError;
use crate::notices::records::FactsRecord;
use crate::people::Directory;
use crate::people::People;
use crate::policy::collection::Chain;
use crate::policy::collection::Policies;
use crate::policy::collection::Released;
use crate::retention;
use crate::retention::Retention;
use crate::store::Store;
use crate::tenancy::Tenancy;

/// The kinds of events that are about people, in the order in which they are told.
const ABOUT_PEOPLE: [Dataset; 6] = [
    Dataset::ActiveWindows,
    Dataset::VisitedSites,
    Dataset::InputActivity,
    Dataset::UserSessions,
    Dataset::Screenshots,
    Dataset::RejectedEvents,
];

/// What notices are made of.
#[derive(Clone)]
pub struct Sources {
    /// Where they are kept.
    pub store: Store,
    /// Whose they are.
    pub people: People,
    /// Which terminals there are.
    pub devices: Devices,
    /// What is collected.
    pub policies: Policies,
    /// How long it is kept.
    pub retention: Retention,
    /// What the organization is called, and its days.
    pub tenancy: Tenancy,
    /// Who can be asked.
    pub operators: Operators,
    /// Who noted what.
    pub audit: Audit,
    /// The time.
    pub clock: Clock,
}

/// Facts as they are stored.
pub(super) struct Told {
    pub(super) checksum: String,
    pub(super) facts: FactsRecord,
}

/// What holds in an organization at one moment.
pub(super) struct Present {
    pub(super) directory: Arc<Directory>,
    pub(super) organization: String,
    pub(super) contacts: Vec<String>,
    released: Option<Arc<Released>>,
    keep: Vec<Kept>,
    readers: Vec<Role>,
    door_pictures: bool,
    known: HashMap<Chain, Arc<Told>>,
}

impl Present {
    pub(super) async fn of(sources: &Sources, tenant: Tenant) -> Result<Self, NoticesError> {
        let (system, organization) = (Actor::system(), tenant.organization());
        let settings = sources.retention.settings(&system, organization).await?;
        let contacts = sources.operators.list(&system, Some(organization), &everybody())?.items;
        let contacts = contacts.iter().filter(|one| one.active && one.assignment.role() == Role::Hr);
        let devices = sources.devices.list(&system, organization).await?;
        // Where nobody has a terminal, there is nothing to say of doors.
        let doors = (!devices.is_empty()).then_some(Dataset::AccessEvents);
        let told = ABOUT_PEOPLE.into_iter().chain(doors);
        let keeps_pictures = |device: &Device| device.settings.get("pictures").is_some_and(|set| set == true);
        let name = sources.tenancy.find(tenant).map(|one| one.name().to_owned());
        Ok(Self {
            directory: sources.people.directory(tenant).await?,
            organization: name.unwrap_or_default(),
            contacts: contacts.map(|one| one.display_name.as_str().to_owned()).collect(),
            released: sources.policies.in_force(organization),
            keep: told.map(|dataset| kept(&settings, dataset)).collect(),
            readers: Role::ALL.into_iter().filter(|role| role.may(Permission::ReadMonitoring)).collect(),
            door_pictures: devices.iter().any(keeps_pictures),
            known: HashMap::new(),
        })
    }

    /// What a person is told. People of whom the same policies decide are told the same.
    pub(super) fn told(&mut self, employee: EmployeeId) -> Arc<Told> {
        let deciders = self.released.as_ref().map(|released| released.deciders(&self.directory, employee));
        let deciders = deciders.unwrap_or_default();
        if let Some(told) = self.known.get(&deciders) {
            return Arc::clone(told);
        }
        let found = self.released.as_ref().and_then(|released| released.effective(&deciders, ""));
        let facts = FactsRecord::from(&Facts {
            wording: Facts::WORDING,
            limits: found.map(|(effective, _)| of_concern(effective)),
            keep: self.keep.clone(),
            readers: self.readers.clone(),
            door_pictures: self.door_pictures,
        });
        let told = Arc::new(Told { checksum: facts.checksum(), facts });
        self.known.insert(deciders, Arc::clone(&told));
        told
    }
}

fn everybody() -> PageRequest {
    PageRequest { limit: PageRequest::MAX, after: None }
}

fn kept(settings: &retention::Settings, dataset: Dataset) -> Kept {
    let keep = settings.of(dataset);
    Kept { dataset, days: keep.days, archived: keep.action == retention::Action::Archive }
}

/// How often events are sent on and how much may wait is not what a person is told.
fn of_concern(effective: Effective) -> Effective {
    let (built_in, _) = Effective::of(std::iter::empty::<(Layer, &Settings)>());
    let Effective { upload_seconds, buffer_megabytes, .. } = built_in;
    Effective { upload_seconds, buffer_megabytes, ..effective }
}
