//! The verbs about gates.

use std::collections::BTreeMap;

use crate::audit::Entry;
use crate::devices::Devices;
use crate::devices::DevicesError;
use crate::devices::access;
use crate::devices::model::Gate;
use crate::devices::model::GateInput;
use crate::devices::records::DEVICES;
use crate::devices::records::DeviceRecord;
use crate::devices::records::GATES;
use crate::devices::records::GateRecord;
use crate::devices::rules;
use crate::devices::service::MOST;
use crate::identity::DisplayName;
use crate::kernel::Actor;
use crate::kernel::GateId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::fold;
use crate::store::Read;
use crate::store::StoreError;
use crate::store::WriteTx;

impl Devices {
    /// The gates of an organization, in the order in which they were made.
    pub async fn gates(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<Gate>, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::ReadDevices)?;
        Ok(self.0.store.tenant(tenant).read(|tx| gates(tx)).await?)
    }

    /// Makes a gate.
    pub async fn add_gate(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        input: GateInput,
    ) -> Result<Gate, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        let gate = self
            .write(tenant, move |tx| {
                if tx.list(&GATES)?.len() >= MOST {
                    return Err(DevicesError::TooMany(MOST));
                }
                let id = GateId::new(tx.next_number(&GATES)?);
                put_gate(tx, id, input)
            })
            .await?;
        self.note_gate(actor, organization, "gate.add", &gate).await;
        Ok(gate)
    }

    /// Changes a gate.
    pub async fn change_gate(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: GateId,
        input: GateInput,
    ) -> Result<Gate, DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        let gate = self
            .write(tenant, move |tx| {
                tx.find(&GATES, &id)?.ok_or(DevicesError::UnknownGate(id))?;
                put_gate(tx, id, input)
            })
            .await?;
        self.note_gate(actor, organization, "gate.change", &gate).await;
        Ok(gate)
    }

    /// Removes a gate at which nothing stands.
    pub async fn remove_gate(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: GateId,
    ) -> Result<(), DevicesError> {
        let tenant = self.tenant(actor, organization, Permission::EditDevices)?;
        let gate = self
            .write(tenant, move |tx| {
                let record = tx.find(&GATES, &id)?.ok_or(DevicesError::UnknownGate(id))?;
                let at_it = |device: &DeviceRecord| device.doors.iter().any(|door| door.gate == Some(id));
                let standing = tx.list(&DEVICES)?.iter().filter(|(_, device)| at_it(device)).count();
                if standing > 0 {
                    return Err(DevicesError::GateInUse(standing));
                }
                tx.remove(&GATES, &id)?;
                access::forget_gate(tx, id)?;
                Ok(record.to_model(id))
            })
            .await?;
        self.note_gate(actor, organization, "gate.remove", &gate).await;
        Ok(())
    }

    async fn note_gate(&self, actor: &Actor, organization: OrganizationId, action: &'static str, gate: &Gate) {
        let entry = Entry::new(action).of(organization).on("gate", gate.id).with("name", gate.name.as_str());
        self.0.audit.record(actor, entry).await;
    }
}

pub(super) fn gates(tx: &impl Read) -> Result<Vec<Gate>, StoreError> {
    Ok(tx.list(&GATES)?.into_iter().map(|(id, record)| record.to_model(id)).collect())
}

fn put_gate(tx: &WriteTx<'_>, id: GateId, input: GateInput) -> Result<Gate, DevicesError> {
    let name = DisplayName::parse(&input.name)?;
    let names: BTreeMap<GateId, String> =
        tx.list(&GATES)?.into_iter().map(|(id, gate)| (id, fold(&gate.name))).collect();
    if names.iter().any(|(other, taken)| *other != id && *taken == fold(name.as_str())) {
        return Err(DevicesError::NameTaken(name.to_string()));
    }
    let record = GateRecord {
        name: name.to_string(),
        passing: input.passing,
        debounce_secs: rules::debounce(input.debounce_secs)?,
        opens_from_afar: input.opens_from_afar,
    };
    tx.put(&GATES, &id, &record)?;
    Ok(record.to_model(id))
}
