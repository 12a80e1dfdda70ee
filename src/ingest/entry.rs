//! What every door of senders needs, on the appliance and on a gateway.

use std::sync::Arc;

use crate::identity::ApiKeys;
use crate::ingest::Sender;
use crate::ingest::Sink;
use crate::intake::Source;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::tenancy::Tenancy;

/// Who a secret belongs to, if anybody.
pub type Senders = Arc<dyn Fn(&str, Timestamp) -> Option<Sender> + Send + Sync>;
/// In which time zone an organization's older agents write.
pub type Zones = Arc<dyn Fn(OrganizationId) -> Zone + Send + Sync>;

/// Where events come in. Cheap to clone.
#[derive(Clone)]
pub struct Entry {
    /// Where batches go.
    pub sink: Arc<dyn Sink>,
    /// Who may send.
    pub senders: Senders,
    /// When something arrived.
    pub clock: Clock,
    /// Whose wall clock older agents mean.
    pub zones: Zones,
}

impl Entry {
    /// The appliance's: senders have API keys of an organization.
    pub fn of_appliance(sink: Arc<dyn Sink>, keys: ApiKeys, tenancy: Tenancy, clock: Clock) -> Self {
        let senders = move |secret: &str, now| {
            let key = keys.authenticate(secret, now)?;
            Some(Sender { organization: key.organization, source: Source::new(&*key.source) })
        };
        let zones = move |organization| {
            let tenant = Actor::system().tenant(organization);
            tenant.map(|tenant| tenancy.zone(tenant)).unwrap_or_default()
        };
        Self { sink, senders: Arc::new(senders), clock, zones: Arc::new(zones) }
    }
}
