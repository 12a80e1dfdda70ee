//! The verbs about devices, gates and networks.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;
use tokio::sync::watch;

use crate::adapters;
use crate::adapters::Host;
use crate::adapters::Network;
use crate::audit::Audit;
use crate::audit::Entry;
use crate::credentials::Credentials;
use crate::devices::DevicesError;
use crate::devices::model::Device;
use crate::devices::model::NewDevice;
use crate::devices::model::Standing;
use crate::devices::records::DEVICES;
use crate::devices::records::DeviceRecord;
use crate::devices::records::GATES;
use crate::devices::records::NETWORKS;
use crate::devices::records::NetworksRecord;
use crate::devices::records::REASONS;
use crate::devices::records::REPORTS;
use crate::devices::rules;
use crate::fleet::Fleet;
use crate::fleet::Peer;
use crate::fleet::commands::Commands;
use crate::fleet::presence::Presence;
use crate::identity::DisplayName;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Tenant;
use crate::kernel::fold;
use crate::people::People;
use crate::store::MasterKey;
use crate::store::Read;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::WriteTx;
use crate::tenancy::Tenancy;

/// Devices and gates that one organization may have.
pub(super) const MOST: usize = 500;
/// The setting that names the path by which a device is known to its gateway.
const PUSH_SECRET: &str = "push_secret";
/// Networks that one organization may allow.
const MOST_NETWORKS: usize = 32;

/// The devices of all organizations. Cheap to clone.
#[derive(Clone)]
pub struct Devices(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) master: MasterKey,
    pub(super) clock: Clock,
    pub(super) audit: Audit,
    pub(super) tenancy: Tenancy,
    pub(super) fleet: Fleet,
    pub(super) presence: Presence,
    pub(super) commands: Commands,
    pub(super) people: People,
    pub(super) credentials: Credentials,
    pub(super) changed: watch::Sender<u64>,
    /// Gateways told of people on devices.
    pub(super) told: watch::Sender<u64>,
}

impl Devices {
    /// Put together from its parts.
    pub fn new(
        (store, master): (Store, MasterKey),
        (clock, audit): (Clock, Audit),
        tenancy: Tenancy,
        (fleet, presence, commands): (Fleet, Presence, Commands),
        (people, credentials): (People, Credentials),
    ) -> Self {
        let (changed, told) = (watch::Sender::new(0), watch::Sender::new(0));
        commands.forget_with(|tx, command| tx.remove(&REASONS, &command).map(drop));
        let inner = Inner {
            store,
            master,
            clock,
            audit,
            tenancy,
            fleet,
            presence,
            commands,
            people,
            credentials,
            changed,
            told,
        };
        Self(Arc::new(inner))
    }

    /// Tells when a device, a gate or the allowed networks were changed.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// The devices of an organization, in the order in which they were added.
    pub async fn list(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<Device>, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::ReadDevices)?;
        Ok(self.0.store.tenant(tenant).read(|tx| devices(tx)).await?)
    }

    /// One of them.
    pub async fn get(&self, actor: &Actor, organization: OrganizationId, id: DeviceId) -> Result<Device, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::ReadDevices)?;
        self.0
            .store
            .tenant(tenant)
            .read(move |tx| Ok(tx.find(&DEVICES, &id)?.ok_or(DevicesError::Unknown(id))?.to_model(id)))
            .await
    }

    /// How a device is.
    pub fn standing(&self, organization: OrganizationId, device: &Device) -> Standing {
        let peer = Peer { organization, gateway: device.gateway };
        self.0.presence.with(peer, |seen| rules::standing(device, seen))
    }

    /// Where devices come to the gateway of a device, as far as it has said so.
    pub fn listener_of(&self, organization: OrganizationId, device: &Device) -> Option<SocketAddr> {
        let peer = Peer { organization, gateway: device.gateway };
        let seen = self.0.presence.find(&Actor::system(), peer).ok().flatten()?;
        let at = seen.beat?.1.devices_at?.parse::<SocketAddr>().ok()?;
        (!at.ip().is_unspecified()).then_some(at)
    }

    /// Where a device that comes to us sends to: the path at its gateway, which is a secret. Nothing for other kinds.
    pub async fn push_path(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: DeviceId,
    ) -> Result<Option<String>, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        let found = self.0.store.tenant(tenant).read(move |tx| tx.find(&DEVICES, &id)).await?;
        let record = found.ok_or(DevicesError::Unknown(id))?;
        let Some(sealed) = record.secrets.get(PUSH_SECRET) else { return Ok(None) };
        let secret = self.unseal(organization, id, (PUSH_SECRET, sealed))?;
        Ok(secret.as_str().map(|secret| format!("/push/{secret}")))
    }

    /// Adds a device.
    pub async fn add(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        new: NewDevice,
    ) -> Result<Device, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        self.check_gateway(organization, new.gateway).await?;
        let devices = self.clone();
        let device = self
            .write(tenant, move |tx| {
                let all = tx.list(&DEVICES)?;
                if all.len() >= MOST {
                    return Err(DevicesError::TooMany(MOST));
                }
                let id = DeviceId::new(tx.next_number(&DEVICES)?);
                let record = devices.record((tx, organization), id, new, None)?;
                tx.put(&DEVICES, &id, &record)?;
                Ok(record.to_model(id))
            })
            .await?;
        self.note(actor, organization, "device.add", &device).await;
        Ok(device)
    }

    /// Changes a device. Its kind stays: another kind is another device.
    pub async fn change(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: DeviceId,
        new: NewDevice,
    ) -> Result<Device, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        self.check_gateway(organization, new.gateway).await?;
        let devices = self.clone();
        let device = self
            .write(tenant, move |tx| {
                let before = tx.find(&DEVICES, &id)?.ok_or(DevicesError::Unknown(id))?;
                let record = devices.record((tx, organization), id, new, Some(before))?;
                tx.put(&DEVICES, &id, &record)?;
                Ok(record.to_model(id))
            })
            .await?;
        self.note(actor, organization, "device.change", &device).await;
        Ok(device)
    }

    /// Serves a device or lets it be. Repeating it is harmless.
    pub async fn set_enabled(
        &self,
        actor: &Actor,
        (organization, id): (OrganizationId, DeviceId),
        enabled: bool,
    ) -> Result<Device, DevicesError> {
        let action = if enabled { "device.enable" } else { "device.disable" };
        self.switch(actor, (organization, id), action, move |record| record.enabled = enabled).await
    }

    /// Decides whether the people of a device follow from who may pass its gates. Repeating it is harmless.
    pub async fn set_manages_people(
        &self,
        actor: &Actor,
        (organization, id): (OrganizationId, DeviceId),
        managed: bool,
    ) -> Result<Device, DevicesError> {
        let device = self.get(actor, organization, id).await?;
        if managed && !device.obeys() {
            return Err(DevicesError::OnlyTells(device.name.to_string()));
        }
        let action = if managed { "device.people_on" } else { "device.people_off" };
        self.switch(actor, (organization, id), action, move |record| record.manages_people = managed).await
    }

    /// Takes over another address for a device, and leaves the rest as it is.
    pub async fn set_host(
        &self,
        actor: &Actor,
        (organization, id): (OrganizationId, DeviceId),
        typed: String,
    ) -> Result<Device, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        let devices = self.clone();
        let device = self
            .write(tenant, move |tx| {
                let mut record = tx.find(&DEVICES, &id)?.ok_or(DevicesError::Unknown(id))?;
                record.host = devices.host(tx, &typed)?;
                tx.put(&DEVICES, &id, &record)?;
                Ok(record.to_model(id))
            })
            .await?;
        self.note(actor, organization, "device.change", &device).await;
        Ok(device)
    }

    async fn switch(
        &self,
        actor: &Actor,
        (organization, id): (OrganizationId, DeviceId),
        action: &'static str,
        set: impl FnOnce(&mut DeviceRecord) + Send + 'static,
    ) -> Result<Device, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        let device = self
            .write(tenant, move |tx| {
                let mut record = tx.find(&DEVICES, &id)?.ok_or(DevicesError::Unknown(id))?;
                set(&mut record);
                tx.put(&DEVICES, &id, &record)?;
                Ok(record.to_model(id))
            })
            .await?;
        self.note(actor, organization, action, &device).await;
        Ok(device)
    }

    /// Forgets a device. What it told stays.
    pub async fn remove(&self, actor: &Actor, organization: OrganizationId, id: DeviceId) -> Result<(), DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        let device = self
            .write(tenant, move |tx| {
                let record = tx.find(&DEVICES, &id)?.ok_or(DevicesError::Unknown(id))?;
                tx.remove(&DEVICES, &id)?;
                tx.remove(&REPORTS, &id)?;
                Ok(record.to_model(id))
            })
            .await?;
        self.note(actor, organization, "device.remove", &device).await;
        Ok(())
    }

    /// Networks in which devices may be beside private ones.
    pub async fn networks(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<String>, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::ReadDevices)?;
        Ok(self.0.store.tenant(tenant).read(|tx| networks(tx)).await?)
    }

    /// Decides them.
    pub async fn set_networks(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        typed: Vec<String>,
    ) -> Result<Vec<String>, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        if typed.len() > MOST_NETWORKS {
            return Err(DevicesError::TooMany(MOST_NETWORKS));
        }
        let read = typed.iter().map(|text| text.parse().map(|network: Network| network.to_string()));
        let networks: Vec<String> = read.collect::<Result<_, _>>()?;
        let record = NetworksRecord { networks: networks.clone() };
        self.write(tenant, move |tx| Ok(tx.put(&NETWORKS, &(), &record)?)).await?;
        let entry = Entry::new("device.networks").of(organization).with("networks", networks.join(", "));
        self.0.audit.record(actor, entry).await;
        Ok(networks)
    }

    /// A device as it is to be stored, with its secrets sealed.
    fn record(
        &self,
        (tx, organization): (&WriteTx<'_>, OrganizationId),
        id: DeviceId,
        new: NewDevice,
        before: Option<DeviceRecord>,
    ) -> Result<DeviceRecord, DevicesError> {
        let name = DisplayName::parse(&new.name)?;
        let taken =
            |(other, record): &(DeviceId, DeviceRecord)| *other != id && fold(&record.name) == fold(name.as_str());
        if tx.list(&DEVICES)?.iter().any(taken) {
            return Err(DevicesError::NameTaken(name.to_string()));
        }
        let kind = before.as_ref().map_or(new.kind, |before| before.kind.clone());
        let adapter = adapters::find(&kind).ok_or_else(|| DevicesError::UnknownKind(kind.clone()))?;
        let about = adapter.kind();
        if new.manages_people && !about.obeys {
            return Err(DevicesError::OnlyTells(name.to_string()));
        }
        let host = if about.has_address { self.host(tx, &new.host)? } else { String::new() };
        let known = tx.list(&GATES)?;
        let doors = rules::doors(new.doors, |gate| known.iter().any(|(id, _)| *id == gate))?;
        // A secret that was left out stays; it is put in for the check only.
        let mut sealed = before.as_ref().map(|before| before.secrets.clone()).unwrap_or_default();
        let mut typed = new.settings;
        let fields = adapters::fields(&about.schema);
        rules::make_up(&fields, &mut typed, &sealed).map_err(DevicesError::Settings)?;
        for field in fields.iter().filter(|field| field.secret) {
            let is_typed = typed.get(&field.name).is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
            if !is_typed && let Some(kept) = sealed.get(&field.name) {
                typed.insert(field.name.clone(), self.unseal(organization, id, (&field.name, kept))?);
            }
        }
        let mut settings = adapters::check(&about.schema, &typed).map_err(DevicesError::Settings)?;
        match adapter.check(&settings) {
            wrong if wrong.is_empty() => {}
            wrong => return Err(DevicesError::Settings(wrong)),
        }
        for field in fields.iter().filter(|field| field.secret) {
            match settings.remove(&field.name) {
                Some(value) => {
                    drop(sealed.insert(field.name.clone(), self.seal(organization, id, (&field.name, &value))))
                }
                None => drop(sealed.remove(&field.name)),
            }
        }
        let created_at = before.map_or_else(|| self.0.clock.now(), |before| before.created_at);
        Ok(DeviceRecord {
            name: name.to_string(),
            kind,
            gateway: new.gateway,
            host,
            settings,
            secrets: sealed,
            doors,
            enabled: new.enabled,
            manages_people: new.manages_people,
            created_at,
        })
    }

    /// An address is judged here as far as it is one; what a name stands for the gateway sees when it connects.
    fn host(&self, tx: &impl Read, typed: &str) -> Result<String, DevicesError> {
        match typed.parse()? {
            Host::Name(name) => Ok(name),
            Host::Ip(ip) => {
                let allowed = networks(tx)?.iter().filter_map(|text| text.parse().ok()).collect();
                adapters::Allowed(allowed).check(ip)?;
                Ok(ip.to_string())
            }
        }
    }

    /// All settings of a device, its secrets among them, for its gateway alone.
    pub(super) fn opened(
        &self,
        organization: OrganizationId,
        id: DeviceId,
        record: &DeviceRecord,
    ) -> Result<Map<String, Value>, DevicesError> {
        let mut settings = record.settings.clone();
        for (name, sealed) in &record.secrets {
            settings.insert(name.clone(), self.unseal(organization, id, (name, sealed))?);
        }
        Ok(settings)
    }

    fn seal(&self, organization: OrganizationId, id: DeviceId, (name, value): (&str, &Value)) -> String {
        hex::encode(self.0.master.seal(&context(organization, id, name), value.to_string().as_bytes()))
    }

    fn unseal(
        &self,
        organization: OrganizationId,
        id: DeviceId,
        (name, sealed): (&str, &str),
    ) -> Result<Value, DevicesError> {
        let wrong = || DevicesError::Sealed(id);
        let bytes = hex::decode(sealed).map_err(|_| wrong())?;
        let opened = self.0.master.unseal(&context(organization, id, name), &bytes).map_err(|_| wrong())?;
        serde_json::from_slice(&opened).map_err(|_| wrong())
    }

    pub(super) async fn check_gateway(
        &self,
        organization: OrganizationId,
        gateway: GatewayId,
    ) -> Result<(), DevicesError> {
        let found = self.0.fleet.get(&Actor::system(), organization, gateway).await;
        found.map(drop).map_err(|_| DevicesError::UnknownGateway(gateway))
    }

    pub(super) fn tenant(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        permission: Permission,
    ) -> Result<Tenant, DevicesError> {
        actor.require(permission)?;
        let tenant = actor.tenant(organization)?;
        match self.0.tenancy.find(tenant) {
            Some(_) => Ok(tenant),
            None => Err(DevicesError::Fleet(crate::fleet::FleetError::NoOrganization(organization))),
        }
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        tenant: Tenant,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, DevicesError> + Send + 'static,
    ) -> Result<T, DevicesError> {
        let value = self.0.store.tenant(tenant).write(work).await?;
        self.0.changed.send_modify(|count| *count += 1);
        Ok(value)
    }

    async fn note(&self, actor: &Actor, organization: OrganizationId, action: &'static str, device: &Device) {
        let entry = Entry::new(action).of(organization).on("device", device.id).with("name", device.name.as_str());
        let entry = entry.with("type", device.kind.as_str()).with("address", device.host.as_str());
        self.0.audit.record(actor, entry).await;
    }
}

/// Where a sealed setting belongs.
fn context(organization: OrganizationId, id: DeviceId, name: &str) -> String {
    format!("organization {organization} device {id} {name}")
}

pub(super) fn devices(tx: &impl Read) -> Result<Vec<Device>, StoreError> {
    Ok(tx.list(&DEVICES)?.into_iter().map(|(id, record)| record.to_model(id)).collect())
}

pub(super) fn networks(tx: &impl Read) -> Result<Vec<String>, StoreError> {
    Ok(tx.find(&NETWORKS, &())?.unwrap_or_default().networks)
}
