//! The verbs about gateways.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::audit::Audit;
use crate::audit::Entry;
use crate::fleet::error::FleetError;
use crate::fleet::live::Live;
use crate::fleet::model::Gateway;
use crate::fleet::model::GatewayState;
use crate::fleet::model::Invitation;
use crate::fleet::model::Issuer;
use crate::fleet::model::Peer;
use crate::fleet::nonces::Nonces;
use crate::fleet::records::GATEWAYS;
use crate::fleet::records::GatewayRecord;
use crate::fleet::records::InvitationRecord;
use crate::fleet::records::SETTINGS;
use crate::fleet::records::SettingsRecord;
use crate::identity::DisplayName;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::SecretText;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::kernel::fold;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::blocking;
use crate::runtime::every;
use crate::store::Mirror;
use crate::store::Read;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::WriteTx;
use crate::tenancy::Tenancy;

/// Gateways that one organization may have, revoked ones included.
const MOST: usize = 1_000;
/// How often it is looked whether a new credential was used.
const LOOK: Duration = Duration::from_secs(10);

pub(super) type Name = (OrganizationId, GatewayId);

/// The gateways of all organizations. Cheap to clone.
#[derive(Clone)]
pub struct Fleet {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) audit: Audit,
    pub(super) tenancy: Tenancy,
    pub(super) issuer: Arc<dyn Issuer>,
    pub(super) live: Mirror<Live>,
    pub(super) nonces: Arc<Nonces>,
    pub(super) started: Timestamp,
    pub(super) changed: watch::Sender<u64>,
}

impl Fleet {
    /// How long an invitation may wait at most.
    pub const MOST_WAIT: Duration = Duration::from_secs(7 * 24 * 3600);

    /// Reads who has joined. Blocks shortly; called once at start.
    pub fn open(
        store: Store,
        clock: Clock,
        audit: Audit,
        tenancy: Tenancy,
        issuer: Arc<dyn Issuer>,
    ) -> Result<Self, StoreError> {
        let (live, nonces) = (Mirror::new(Live::default()), Arc::new(Nonces::new()));
        let (started, changed) = (clock.now(), watch::Sender::new(0));
        let fleet = Self { store, clock, audit, tenancy, issuer, live, nonces, started, changed };
        fleet.reload()?;
        Ok(fleet)
    }

    /// Starts what works by itself.
    pub fn start(&self, life: &Lifecycle) {
        let (fleet, stop) = (self.clone(), life.soft());
        life.spawn("gateway credentials", async move {
            let look = || {
                let fleet = fleet.clone();
                blocking(move || {
                    if let Err(problem) = fleet.note_use() {
                        tracing::warn!("use of a gateway's new certificate could not be noted: {problem}");
                    }
                })
            };
            every(LOOK, Nudge::default(), stop, look).await;
            Ok::<_, std::convert::Infallible>(())
        });
    }

    /// Tells when any gateway was added, suspended, revoked or changed in another way.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// True when the gateway may be connected now.
    pub fn standing(&self, peer: Peer) -> bool {
        self.is_open(peer.organization)
            && self.live.get().standing.get(&(peer.organization, peer.gateway)) == Some(&GatewayState::Active)
    }

    /// The gateways of an organization, in the order in which they were added.
    pub async fn list(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<Gateway>, FleetError> {
        let tenant = self.tenant(actor, organization, Permission::ReadGateways)?;
        self.store
            .tenant(tenant)
            .read(move |tx| {
                let all = tx.list(&GATEWAYS)?;
                Ok(all.into_iter().map(|(id, record)| record.to_model(organization, id)).collect())
            })
            .await
    }

    /// One of them.
    pub async fn get(&self, actor: &Actor, organization: OrganizationId, id: GatewayId) -> Result<Gateway, FleetError> {
        let tenant = self.tenant(actor, organization, Permission::ReadGateways)?;
        self.store
            .tenant(tenant)
            .read(move |tx| {
                let record = tx.find(&GATEWAYS, &id)?.ok_or(FleetError::Unknown(id))?;
                Ok(record.to_model(organization, id))
            })
            .await
    }

    /// Adds a gateway and invites it.
    pub async fn invite(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        name: DisplayName,
        wait: Duration,
    ) -> Result<Invitation, FleetError> {
        let tenant = self.tenant(actor, organization, Permission::EditGateways)?;
        let now = self.clock.now();
        let (secret, record, until) = invitation(now, wait);
        let record = GatewayRecord {
            name: name.to_string(),
            state: GatewayState::Invited,
            created_at: now,
            invitation: Some(record),
            enrolled_at: None,
            host: String::new(),
            version: String::new(),
            current: None,
            next: None,
            previous: None,
            former: Vec::new(),
        };
        let id = GatewayId::random();
        let gateway = self
            .write(tenant, move |tx| {
                let all = tx.list(&GATEWAYS)?;
                if all.len() >= MOST {
                    return Err(FleetError::TooMany(MOST));
                }
                check_name(&name, id, &all)?;
                tx.put(&GATEWAYS, &id, &record)?;
                Ok(record.to_model(organization, id))
            })
            .await?;
        self.audit.record(actor, described("gateway.invite", &gateway)).await;
        Ok(Invitation { gateway, secret, until })
    }

    /// Invites another box in the place of one, which works on until the new one has joined.
    pub async fn replace(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: GatewayId,
        wait: Duration,
    ) -> Result<Invitation, FleetError> {
        let (secret, record, until) = invitation(self.clock.now(), wait);
        let invite = move |gateway: &mut GatewayRecord| {
            gateway.invitation = Some(record);
            Ok(())
        };
        let gateway = self.change(actor, (organization, id), "gateway.replace", invite).await?;
        Ok(Invitation { gateway, secret, until })
    }

    /// Gives it another name.
    pub async fn rename(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: GatewayId,
        name: DisplayName,
    ) -> Result<Gateway, FleetError> {
        let tenant = self.tenant(actor, organization, Permission::EditGateways)?;
        let gateway = self
            .write(tenant, move |tx| {
                check_name(&name, id, &tx.list(&GATEWAYS)?)?;
                let mut record = tx.find(&GATEWAYS, &id)?.ok_or(FleetError::Unknown(id))?;
                record.name = name.to_string();
                tx.put(&GATEWAYS, &id, &record)?;
                Ok(record.to_model(organization, id))
            })
            .await?;
        self.audit.record(actor, described("gateway.rename", &gateway)).await;
        Ok(gateway)
    }

    /// Keeps it out for a while. Repeating it is harmless.
    pub async fn suspend(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: GatewayId,
    ) -> Result<Gateway, FleetError> {
        self.set_state(actor, (organization, id), "gateway.suspend", (GatewayState::Active, GatewayState::Suspended))
            .await
    }

    /// Lets it in again. Repeating it is harmless.
    pub async fn resume(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: GatewayId,
    ) -> Result<Gateway, FleetError> {
        self.set_state(actor, (organization, id), "gateway.resume", (GatewayState::Suspended, GatewayState::Active))
            .await
    }

    /// Ends certificate, key and invitation at once. Repeating it is harmless.
    pub async fn revoke(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: GatewayId,
    ) -> Result<Gateway, FleetError> {
        let revoke = |gateway: &mut GatewayRecord| {
            gateway.invitation = None;
            gateway.state = GatewayState::Revoked;
            Ok(())
        };
        self.change(actor, (organization, id), "gateway.revoke", revoke).await
    }

    /// Forgets a gateway that is revoked or never joined. What it has sent stays.
    pub async fn remove(&self, actor: &Actor, organization: OrganizationId, id: GatewayId) -> Result<(), FleetError> {
        let tenant = self.tenant(actor, organization, Permission::EditGateways)?;
        let gateway = self
            .write(tenant, move |tx| {
                let record = tx.find(&GATEWAYS, &id)?.ok_or(FleetError::Unknown(id))?;
                match record.state {
                    GatewayState::Invited | GatewayState::Revoked => drop(tx.remove(&GATEWAYS, &id)?),
                    state => return Err(FleetError::WrongState { state: state.name() }),
                }
                Ok(record.to_model(organization, id))
            })
            .await?;
        self.audit.record(actor, described("gateway.remove", &gateway)).await;
        Ok(())
    }

    /// Whether the organization's gateways may come without a certificate.
    pub async fn without_certificate(&self, actor: &Actor, organization: OrganizationId) -> Result<bool, FleetError> {
        let tenant = self.tenant(actor, organization, Permission::ReadGateways)?;
        let settings = self.store.tenant(tenant).read(|tx| tx.find(&SETTINGS, &())).await;
        let settings = settings.map_err(|problem: StoreError| problem)?;
        Ok(settings.is_some_and(|settings| settings.without_certificate))
    }

    /// Decides it. Only for networks where something else ends TLS before the appliance.
    pub async fn allow_without_certificate(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        allow: bool,
    ) -> Result<(), FleetError> {
        let tenant = self.tenant(actor, organization, Permission::EditGateways)?;
        let settings = SettingsRecord { without_certificate: allow };
        self.write(tenant, move |tx| Ok(tx.put(&SETTINGS, &(), &settings)?)).await?;
        let entry = Entry::new("gateway.without_certificate").of(organization).with("allowed", allow);
        self.audit.record(actor, entry).await;
        Ok(())
    }

    pub(super) fn is_open(&self, organization: OrganizationId) -> bool {
        let tenant = Actor::system().tenant(organization).ok();
        tenant.and_then(|tenant| self.tenancy.find(tenant)).is_some_and(|found| found.is_active())
    }

    /// Gateways exist only in organizations that exist, also for the system.
    fn tenant(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        permission: Permission,
    ) -> Result<Tenant, FleetError> {
        actor.require(permission)?;
        let tenant = actor.tenant(organization)?;
        match self.tenancy.find(tenant) {
            Some(_) => Ok(tenant),
            None => Err(FleetError::NoOrganization(organization)),
        }
    }

    async fn set_state(
        &self,
        actor: &Actor,
        name: Name,
        action: &'static str,
        (from, to): (GatewayState, GatewayState),
    ) -> Result<Gateway, FleetError> {
        let set = move |gateway: &mut GatewayRecord| {
            if gateway.state != from && gateway.state != to {
                return Err(FleetError::WrongState { state: gateway.state.name() });
            }
            gateway.state = to;
            Ok(())
        };
        self.change(actor, name, action, set).await
    }

    async fn change(
        &self,
        actor: &Actor,
        (organization, id): Name,
        action: &'static str,
        work: impl FnOnce(&mut GatewayRecord) -> Result<(), FleetError> + Send + 'static,
    ) -> Result<Gateway, FleetError> {
        let tenant = self.tenant(actor, organization, Permission::EditGateways)?;
        let gateway = self
            .write(tenant, move |tx| {
                let mut record = tx.find(&GATEWAYS, &id)?.ok_or(FleetError::Unknown(id))?;
                work(&mut record)?;
                tx.put(&GATEWAYS, &id, &record)?;
                Ok(record.to_model(organization, id))
            })
            .await?;
        self.audit.record(actor, described(action, &gateway)).await;
        Ok(gateway)
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        tenant: Tenant,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, FleetError> + Send + 'static,
    ) -> Result<T, FleetError> {
        let fleet = self.clone();
        blocking(move || {
            let value = fleet.store.tenant(tenant).write_now(work)?;
            fleet.reload()?;
            Ok(value)
        })
        .await
    }
}

fn invitation(now: Timestamp, wait: Duration) -> (SecretText, InvitationRecord, Timestamp) {
    let secret = SecretText::random("");
    let until = now.saturating_add(wait.min(Fleet::MOST_WAIT)).unwrap_or(now);
    let record = InvitationRecord { secret: secret.fingerprint().to_string(), until, used_by: None };
    (secret, record, until)
}

fn check_name(name: &DisplayName, own: GatewayId, all: &[(GatewayId, GatewayRecord)]) -> Result<(), FleetError> {
    let folded = fold(name.as_str());
    match all.iter().any(|(id, record)| *id != own && fold(&record.name) == folded) {
        true => Err(FleetError::NameTaken(name.to_string())),
        false => Ok(()),
    }
}

pub(super) fn described(action: &'static str, gateway: &Gateway) -> Entry {
    Entry::new(action).of(gateway.organization).on("gateway", gateway.id).with("name", gateway.name.as_str())
}
