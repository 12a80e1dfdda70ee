//! What devices are asked to do: through the queue of their gateway, with a reason, and only for a short time.

use std::time::Duration;

use nazorat_wire::DeviceAction;
use nazorat_wire::DeviceOrder;
use nazorat_wire::Order;
use serde_json::Value;

use crate::audit::Entry;
use crate::devices::Devices;
use crate::devices::DevicesError;
use crate::devices::gates::gates;
use crate::devices::model::Device;
use crate::devices::model::DeviceOrdered;
use crate::devices::records::REASONS;
use crate::devices::records::ReasonRecord;
use crate::devices::rules;
use crate::fleet::Peer;
use crate::fleet::commands;
use crate::fleet::commands::Command;
use crate::fleet::commands::NewCommand;
use crate::kernel::Actor;
use crate::kernel::CommandId;
use crate::kernel::DeviceId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::store::Read;
use crate::store::ReadTx;

/// After so long a door that was asked to open stays shut.
pub(super) const DOOR: Duration = Duration::from_secs(15);
/// The rest may wait a little for a device that is busy.
const OTHERS: Duration = Duration::from_secs(120);
/// So many of one device are shown.
const MOST_SHOWN: usize = 100;
/// The kind of these commands in the queue.
const KIND: &str = "device";

impl Devices {
    /// Asks a device to do something. The answer comes with the command.
    pub async fn order(
        &self,
        actor: &Actor,
        (organization, id): (OrganizationId, DeviceId),
        action: DeviceAction,
        reason: &str,
    ) -> Result<DeviceOrdered, DevicesError> {
        let device = self.get(actor, organization, id).await?;
        let tenant = self.tenant(actor, organization, Permission::ReadDevices)?;
        let gates = self.0.store.tenant(tenant).read(|tx| gates(tx)).await?;
        rules::may_ask(actor, &device, &action, &gates)?;
        let reason = match action.door() {
            Some(_) => rules::reason(reason)?,
            None => reason.trim().chars().take(200).collect(),
        };
        let (lifetime, word, door) =
            (if action.door().is_some() { DOOR } else { OTHERS }, action.word(), action.door());
        let order = Order::Device(DeviceOrder { device: id.get(), action });
        let new = NewCommand { lifetime, ..NewCommand::new(order) };
        let peer = Peer { organization, gateway: device.gateway };
        let command = self.0.commands.create_for(actor, peer, new).await?;
        let record = ReasonRecord { device: id, reason: reason.clone(), by: actor.name().to_owned() };
        let name = command.id;
        self.0.store.tenant(tenant).write(move |tx| Ok::<_, DevicesError>(tx.put(&REASONS, &name, &record)?)).await?;
        let mut entry = Entry::new("device.order").of(organization).on("device", id);
        entry = entry.with("name", device.name.as_str()).with("what", word).with("reason", reason.as_str());
        if let Some(door) = door {
            entry = entry.with("door", door);
        }
        self.0.audit.record(actor, entry).await;
        Ok(ordered(&device, command, reason, None))
    }

    /// What a device was asked, newest first.
    pub async fn orders(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: DeviceId,
    ) -> Result<Vec<DeviceOrdered>, DevicesError> {
        let device = self.get(actor, organization, id).await?;
        let tenant = self.tenant(actor, organization, Permission::ReadDevices)?;
        self.0.commands.end_late(Peer { organization, gateway: device.gateway }).await?;
        let read = move |tx: &ReadTx<'_>| {
            let all = commands::list_in(tx, device.gateway)?.into_iter().rev();
            let own = all.filter(|command| command.kind == KIND && is_of(command, id)).take(MOST_SHOWN);
            own.map(|command| described(tx, &device, command)).collect::<Result<Vec<_>, DevicesError>>()
        };
        self.0.store.tenant(tenant).read(read).await
    }

    /// How far one is.
    pub async fn ordered(
        &self,
        actor: &Actor,
        (organization, id): (OrganizationId, DeviceId),
        command: CommandId,
    ) -> Result<DeviceOrdered, DevicesError> {
        let device = self.get(actor, organization, id).await?;
        let peer = Peer { organization, gateway: device.gateway };
        let command = self.0.commands.get(&Actor::system(), peer, command).await?;
        if !is_of(&command, id) {
            return Err(DevicesError::Unknown(id));
        }
        let tenant = self.tenant(actor, organization, Permission::ReadDevices)?;
        self.0.store.tenant(tenant).read(move |tx| described(tx, &device, command)).await
    }

    /// Forgets reasons of commands that were forgotten before the two were forgotten together.
    pub(super) async fn tidy_reasons(&self) {
        for organization in self.0.tenancy.list_all() {
            let Ok(tenant) = Actor::system().tenant(organization.id) else { continue };
            let store = self.0.store.tenant(tenant);
            let tidied = store.write(|tx| {
                let there = commands::remembered_in(tx)?;
                let mut gone = tx.list(&REASONS)?.into_iter().map(|(id, _)| id).filter(|id| !there.contains(id));
                gone.try_for_each(|id| tx.remove(&REASONS, &id).map(drop))
            });
            if let Err(problem) = tidied.await {
                tracing::error!("reasons of orders that are forgotten stay for now: {problem}");
            }
        }
    }
}

/// With why it was asked and what came back.
fn described(tx: &impl Read, device: &Device, command: Command) -> Result<DeviceOrdered, DevicesError> {
    let reason = tx.find(&REASONS, &command.id)?.map(|record| record.reason).unwrap_or_default();
    let reply = commands::body_in(tx, &command)?;
    Ok(ordered(device, command, reason, reply))
}

fn is_of(command: &Command, id: DeviceId) -> bool {
    command.payload.get("device").and_then(Value::as_u64) == Some(u64::from(id.get()))
}

fn ordered(device: &Device, command: Command, reason: String, reply: Option<Value>) -> DeviceOrdered {
    let word = |name: &str| command.payload.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let door = command.payload.get("door").and_then(Value::as_u64).and_then(|door| u16::try_from(door).ok());
    DeviceOrdered { device: device.id, door, action: word("action"), reason, reply, command }
}
