//! What the appliance itself noted of gateways and terminals, as it is stored.

use crate::intake::NewDeviceStatus;
use crate::intake::NewStatus;
use crate::intake::Statuses;
use crate::intake::records::StoredBatch;
use crate::intake::records::StoredDeviceStatus;
use crate::intake::records::StoredStatus;
use crate::intake::window::KeyHash;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;

/// The stored form of what became of gateways and terminals; it borrows from it.
pub(super) fn stored<'a>(
    organization: OrganizationId,
    (key, name, digest): (&'a str, KeyHash, [u8; 32]),
    received_at: Timestamp,
    statuses: &'a Statuses,
) -> StoredBatch<'a> {
    let devices: Vec<_> = statuses.devices.iter().map(stored_device).collect();
    let statuses: Vec<_> = statuses.gateways.iter().map(stored_status).collect();
    StoredBatch {
        key_hash: name,
        digest,
        organization: organization.get(),
        received_at: received_at.as_microsecond(),
        accepted: u32::try_from(statuses.len() + devices.len()).unwrap_or(u32::MAX),
        key,
        source: "presence",
        identities: Vec::new(),
        events: Vec::new(),
        screenshots: Vec::new(),
        rejected: Vec::new(),
        accesses: Vec::new(),
        statuses,
        devices,
    }
}

fn stored_device(one: &NewDeviceStatus) -> StoredDeviceStatus<'_> {
    StoredDeviceStatus {
        ts: one.ts.as_microsecond(),
        device: one.device.get(),
        gateway: &one.status.gateway,
        state: one.status.state,
        code: &one.status.code,
        last_contact: one.status.last_contact_us,
        last_event: one.status.last_event_us,
        drift_ms: one.status.drift_ms,
        answer_ms: one.status.answer_ms,
    }
}

fn stored_status(one: &NewStatus) -> StoredStatus<'_> {
    StoredStatus {
        ts: one.ts.as_microsecond(),
        account: one.account,
        gateway: &one.status.gateway,
        agent: one.status.agent,
        happening: one.status.happening,
        version: &one.status.version,
        cpu_permille: one.status.cpu_permille,
        memory_bytes: one.status.memory_bytes,
        disk_free_bytes: one.status.disk_free_bytes,
        spool_batches: one.status.spool_batches,
        spool_bytes: one.status.spool_bytes,
        spool_max_bytes: one.status.spool_max_bytes,
        oldest_secs: one.status.oldest_secs,
        evicted: one.status.evicted,
        agents: one.status.agents,
        agents_online: one.status.agents_online,
    }
}
