//! What every door of senders needs, on the appliance and on a gateway.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::request::Parts;

use crate::fleet::Fleet;
use crate::identity::ApiKeys;
use crate::ingest::Refusal;
use crate::ingest::Sender;
use crate::ingest::Sink;
use crate::ingest::auth::by_key;
use crate::ingest::auth::secret_of;
use crate::ingest::gateways::prove;
use crate::intake::Source;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::tenancy::Tenancy;

/// Who is sending, by the head of a request alone.
pub type Senders = Arc<dyn for<'a> Fn(&'a Parts, Timestamp) -> BoxFuture<'a, Result<Sender, Refusal>> + Send + Sync>;
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
    /// The appliance's: senders are gateways, or have API keys of an organization.
    pub fn of_appliance(sink: Arc<dyn Sink>, keys: ApiKeys, fleet: Fleet, tenancy: Tenancy, clock: Clock) -> Self {
        let by_key = by_key(move |secret, now| {
            let key = keys.authenticate(secret, now)?;
            Some(Sender { organization: key.organization, source: Source::new(&*key.source) })
        });
        let senders: Senders = Arc::new(move |parts, now| match secret_of(&parts.headers) {
            Some(secret) if Fleet::is_key(secret) => {
                let fleet = fleet.clone();
                Box::pin(async move {
                    let peer = prove(&fleet, parts, secret).await?;
                    Ok(Sender { organization: peer.organization, source: Source::new(peer.source()) })
                })
            }
            _ => by_key(parts, now),
        });
        let zones = move |organization| {
            let tenant = Actor::system().tenant(organization);
            tenant.map(|tenant| tenancy.zone(tenant)).unwrap_or_default()
        };
        Self { sink, senders, clock, zones: Arc::new(zones) }
    }
}
