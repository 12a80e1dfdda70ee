//! Terminals that a gateway finds near it: asked for by a person, for once, and compared with those that are ours.

use std::collections::BTreeMap;
use std::time::Duration;

use nazorat_wire::Block;
use nazorat_wire::FoundDevice;
use nazorat_wire::FoundDevices;
use nazorat_wire::Order;
use serde_json::Value;
use serde_json::json;

use crate::adapters::Allowed;
use crate::audit::Entry;
use crate::devices::Devices;
use crate::devices::DevicesError;
use crate::devices::model::Device;
use crate::devices::service::devices;
use crate::devices::service::networks;
use crate::fleet::Peer;
use crate::fleet::commands::Command;
use crate::fleet::commands::CommandError;
use crate::fleet::commands::NewCommand;
use crate::fleet::commands::State;
use crate::kernel::Actor;
use crate::kernel::CommandId;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;

/// Whoever looked for terminals waits for the answer; a minute later nobody does.
const LIFETIME: Duration = Duration::from_secs(60);
/// The kind of these commands in the queue.
const KIND: &str = "find_devices";

/// A search, as far as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// How far it is.
    pub command: Command,
    /// What was found, once it is over and while it is kept.
    pub found: Option<FoundDevices>,
}

/// Whether a terminal that was found is one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is not.
    New,
    /// It is.
    Added(DeviceId),
    /// It is, and its address was another one.
    Moved(DeviceId),
}

impl Devices {
    /// Has a gateway look for terminals: in these networks, or in its own when none are named. Asked again while it is
    /// looking, it is the same search.
    pub async fn search(
        &self,
        actor: &Actor,
        (organization, gateway): (OrganizationId, GatewayId),
        typed: &[String],
    ) -> Result<Search, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        self.check_gateway(organization, gateway).await?;
        let payload = json!({ "networks": typed });
        let order = Order::parse(KIND, payload.as_object().unwrap_or(&serde_json::Map::new()))?;
        let Order::FindDevices { networks: blocks } = &order else { return Err(DevicesError::UnknownGateway(gateway)) };
        let allowed = self.0.store.tenant(tenant).read(|tx| networks(tx)).await?;
        judge(blocks, &Allowed(allowed.iter().filter_map(|text| text.parse().ok()).collect()))?;
        let peer = Peer { organization, gateway };
        let payload = order.payload();
        let before = self.0.commands.of_kind(peer, KIND).await?;
        let same = |command: &Command| command.state.is_open() && command.payload == payload;
        if let Some(command) = before.into_iter().rev().find(same) {
            return Ok(Search { command, found: None });
        }
        let shown = blocks.iter().map(Block::to_string).collect::<Vec<_>>().join(", ");
        let new = NewCommand { lifetime: LIFETIME, ..NewCommand::new(order) };
        let command = self.0.commands.create_for(actor, peer, new).await.map_err(|problem| match problem {
            CommandError::UnknownGateway(gateway) => DevicesError::GatewayNotReady(gateway),
            other => other.into(),
        })?;
        let entry = Entry::new("device.find").of(organization).on("command", command.id);
        let entry = entry.with("gateway", gateway.to_string()).with("networks", shown);
        self.0.audit.record(actor, entry).await;
        Ok(Search { command, found: None })
    }

    /// How far a search is, and what came of it.
    pub async fn searched(
        &self,
        actor: &Actor,
        (organization, gateway): (OrganizationId, GatewayId),
        command: CommandId,
    ) -> Result<Search, DevicesError> {
        self.tenant(actor, organization, Permission::EditDevices)?;
        let peer = Peer { organization, gateway };
        self.0.commands.end_late(peer).await?;
        let command = self.0.commands.get(&Actor::system(), peer, command).await?;
        if command.kind != KIND {
            return Err(CommandError::Unknown(command.id).into());
        }
        self.with_result(peer, command).await
    }

    /// The last search of a gateway that brought something.
    pub async fn last_search(
        &self,
        actor: &Actor,
        (organization, gateway): (OrganizationId, GatewayId),
    ) -> Result<Option<Search>, DevicesError> {
        self.tenant(actor, organization, Permission::EditDevices)?;
        let peer = Peer { organization, gateway };
        let all = self.0.commands.of_kind(peer, KIND).await?;
        match all.into_iter().rev().find(|command| command.state == State::Succeeded) {
            Some(command) => Ok(Some(self.with_result(peer, command).await?)),
            None => Ok(None),
        }
    }

    async fn with_result(&self, peer: Peer, command: Command) -> Result<Search, DevicesError> {
        let body = match command.has_body {
            true => self.0.commands.body(&Actor::system(), peer, command.id).await?,
            false => None,
        };
        Ok(Search { found: body.as_ref().and_then(FoundDevices::read), command })
    }

    /// Which of those that were found are ours, in their order.
    pub async fn recognize(
        &self,
        actor: &Actor,
        (organization, gateway): (OrganizationId, GatewayId),
        found: &[FoundDevice],
    ) -> Result<Vec<Known>, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        let ours = self.0.store.tenant(tenant).read(|tx| devices(tx)).await?;
        let serials = ours.iter().map(|device| (device.id, self.serial(organization, device))).collect();
        Ok(found.iter().map(|one| known(one, gateway, &ours, &serials)).collect())
    }

    /// The serial number of a device: as it was entered, or as its gateway told it last.
    fn serial(&self, organization: OrganizationId, device: &Device) -> String {
        let entered = device.settings.get("serial_number").and_then(Value::as_str).filter(|text| !text.is_empty());
        let told = || self.standing(organization, device).told.and_then(|(_, told)| told.serial);
        entered.map(str::to_owned).or_else(told).unwrap_or_default()
    }
}

/// Every address that is named must be one at which devices may be.
pub(super) fn judge(blocks: &[Block], allowed: &Allowed) -> Result<(), DevicesError> {
    let mut all = blocks.iter().flat_map(Block::addresses);
    all.try_for_each(|address| allowed.check(address.into())).map_err(DevicesError::SearchPlace)
}

/// A serial number is the same terminal wherever it is; an address is only within reach of one gateway, and says less.
pub(super) fn known(
    found: &FoundDevice,
    gateway: GatewayId,
    ours: &[Device],
    serials: &BTreeMap<DeviceId, String>,
) -> Known {
    let is_there = |device: &Device| device.gateway == gateway && device.host == found.address.to_string();
    let serial = |device: &Device| serials.get(&device.id).map_or("", String::as_str);
    let same = |device: &&Device| !found.serial.is_empty() && serial(device).eq_ignore_ascii_case(&found.serial);
    if let Some(device) = ours.iter().find(same) {
        // Those that come to us have no address that could have changed.
        let stays = device.host.is_empty() || is_there(device);
        return if stays { Known::Added(device.id) } else { Known::Moved(device.id) };
    }
    // Another serial number at the same address is another terminal.
    let alike = |device: &&Device| {
        is_there(device) && device.kind == found.kind && (serial(device).is_empty() || found.serial.is_empty())
    };
    ours.iter().find(alike).map_or(Known::New, |device| Known::Added(device.id))
}
