//! What a gateway is to serve, and how it hears of it.

use std::convert::Infallible;
use std::time::Duration;

use nazorat_wire::DeviceItem;
use nazorat_wire::DeviceSheet;
use nazorat_wire::Order;
use nazorat_wire::SheetContent;

use crate::devices::Devices;
use crate::devices::DevicesError;
use crate::devices::access::Reach;
use crate::devices::access::groups;
use crate::devices::records::DEVICES;
use crate::devices::service::networks;
use crate::devices::staff;
use crate::devices::staff::Staff;
use crate::fleet::Peer;
use crate::fleet::commands::NewCommand;
use crate::fleet::presence::Liveness;
use crate::kernel::Actor;
use crate::kernel::DeviceId;
use crate::kernel::OrganizationId;
use crate::runtime::Lifecycle;
use crate::store::Read as _;

/// So long a gateway may take to fetch; what it misses it finds by itself.
const LIFETIME: Duration = Duration::from_secs(60);
/// So long it is waited for further changes of people.
const SETTLES: Duration = Duration::from_secs(1);

impl Devices {
    /// What a gateway is to serve now.
    pub async fn sheet(&self, peer: Peer) -> Result<DeviceSheet, DevicesError> {
        let tenant = Actor::system().tenant(peer.organization)?;
        let zone = self.0.tenancy.find(tenant).map(|found| found.settings.zone.name().to_owned()).unwrap_or_default();
        let (records, networks, groups) = self
            .0
            .store
            .tenant(tenant)
            .read(move |tx| Ok::<_, DevicesError>((tx.list(&DEVICES)?, networks(tx)?, groups(tx)?)))
            .await?;
        let directory = self.0.people.directory(tenant).await?;
        let reach = Reach::of(&groups, &directory);
        let mut managed = Vec::new();
        let own = records.into_iter().filter(|(_, record)| record.gateway == peer.gateway && record.enabled);
        let mut items = Vec::new();
        for (id, record) in own {
            // One whose secrets do not open must not take the others with it.
            let settings = match self.opened(peer.organization, id, &record) {
                Ok(settings) => settings,
                Err(problem) => {
                    tracing::error!(device.id = %id, "a device cannot be served: {problem}");
                    continue;
                }
            };
            let device = record.to_model(id);
            // Where no group leads, nobody has said yet who may pass: whoever the device knows may go on.
            let manages_people = staff::is_managed(&device, &reach);
            if manages_people {
                managed.push(device);
            }
            items.push(DeviceItem {
                id: id.get(),
                name: record.name,
                kind: record.kind,
                host: record.host,
                settings,
                zone: zone.clone(),
                manages_people,
            });
        }
        let mut content = SheetContent { devices: items, networks, ..SheetContent::default() };
        if !managed.is_empty() {
            let sources = Staff {
                devices: &managed,
                directory: &directory,
                reach: &reach,
                held: self.0.credentials.held(peer.organization).await?,
                blocked: self.0.credentials.blocked(peer.organization).await?,
                zone: self.0.tenancy.find(tenant).map(|found| found.settings.zone.clone()),
            };
            (content.people, content.barred) = sources.gather();
        }
        Ok(DeviceSheet::of(content))
    }

    /// The face of somebody who may pass a device of this gateway, by its digest.
    pub async fn face_for(&self, peer: Peer, digest: &str) -> Result<Option<Vec<u8>>, DevicesError> {
        let sheet = self.sheet(peer).await?.content;
        let is_theirs = |person: &nazorat_wire::PersonItem| person.face.as_deref() == Some(digest);
        match sheet.people.iter().any(is_theirs) {
            true => Ok(self.0.credentials.face_by_digest(peer.organization, digest).await?),
            false => Ok(None),
        }
    }

    /// Starts to tell gateways when there is something else to serve.
    pub fn start(&self, life: &Lifecycle) {
        let (devices, stop) = (self.clone(), life.soft());
        life.spawn("device sheets", async move {
            devices.tidy_reasons().await;
            let mut changed = (devices.watch(), devices.0.people.watch(), devices.0.credentials.watch());
            loop {
                tokio::select! {
                    Ok(()) = changed.0.changed() => devices.tell_all().await,
                    Ok(()) = changed.1.changed() => devices.tell_all_soon(&mut changed.1).await,
                    Ok(()) = changed.2.changed() => devices.tell_all_soon(&mut changed.2).await,
                    () = stop.cancelled() => return Ok::<_, Infallible>(()),
                }
            }
        });
    }

    /// Many people may change within a moment, as in an import.
    async fn tell_all_soon(&self, changed: &mut tokio::sync::watch::Receiver<u64>) {
        tokio::time::sleep(SETTLES).await;
        drop(changed.borrow_and_update());
        self.tell_all().await;
    }

    /// Tells every gateway that can be reached. One that has the same already has nothing to do.
    async fn tell_all(&self) {
        for organization in self.0.tenancy.list_all() {
            let Ok(all) = self.0.presence.list(&Actor::system(), organization.id) else { continue };
            for seen in all.into_iter().filter(|seen| seen.liveness == Liveness::Online) {
                if let Err(problem) = self.tell(seen.peer).await {
                    tracing::warn!(gateway.id = %seen.peer.gateway, "a gateway cannot be told of its devices: {problem}");
                }
            }
        }
    }

    async fn tell(&self, peer: Peer) -> Result<(), DevicesError> {
        let checksum = self.sheet(peer).await?.checksum;
        let order = Order::ApplyDevices { checksum: checksum.clone() };
        let before = self.0.commands.of_kind(peer, order.kind()).await?;
        let same = |payload: &serde_json::Map<_, serde_json::Value>| {
            payload.get("checksum").and_then(serde_json::Value::as_str) == Some(checksum.as_str())
        };
        if before.last().is_some_and(|last| same(&last.payload)) {
            return Ok(());
        }
        let new = NewCommand { lifetime: LIFETIME, ..NewCommand::new(order) };
        self.0.commands.create(&Actor::system(), peer, new).await?;
        Ok(())
    }

    /// The organization's devices by their numbers, for those who join events with them.
    pub async fn names(
        &self,
        organization: OrganizationId,
    ) -> Result<std::collections::BTreeMap<DeviceId, crate::devices::Device>, DevicesError> {
        let all = self.list(&Actor::system(), organization).await?;
        Ok(all.into_iter().map(|device| (device.id, device)).collect())
    }
}
