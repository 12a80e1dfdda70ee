//! From a decoded batch to its stored form, and from stored batches to rows, partition by partition.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use nazorat_timeseries::AccessEvent;
use nazorat_timeseries::AccountRow;
use nazorat_timeseries::ActiveWindow;
use nazorat_timeseries::Batches;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::DeviceStatus;
use nazorat_timeseries::GatewayStatus;
use nazorat_timeseries::InputActivity;
use nazorat_timeseries::LedgerRow;
use nazorat_timeseries::Month;
use nazorat_timeseries::PartitionKey;
use nazorat_timeseries::RejectedEvent;
use nazorat_timeseries::Row;
use nazorat_timeseries::Rows;
use nazorat_timeseries::Screenshot;
use nazorat_timeseries::UserSession;
use nazorat_timeseries::VisitedSite;
use nazorat_wire::AcceptedAccess;
use nazorat_wire::Fact;
use nazorat_wire::Identity;
use nazorat_wire::account_of;
use sha2::Digest as _;
use sha2::Sha256;

use crate::intake::NewBatch;
use crate::intake::records::StoredAccess;
use crate::intake::records::StoredBatch;
use crate::intake::records::StoredDeviceStatus;
use crate::intake::records::StoredEvent;
use crate::intake::records::StoredFact;
use crate::intake::records::StoredIdentity;
use crate::intake::records::StoredRejection;
use crate::intake::records::StoredScreenshot;
use crate::intake::records::StoredStatus;
use crate::intake::window::KeyHash;
use crate::kernel::OrganizationId;

/// How much of a refused event is kept.
const RAW_BYTES: usize = 8 << 10;

/// The stored form of a batch; it borrows from it.
pub(super) fn stored<'a>(batch: &'a NewBatch<'_>, name: KeyHash) -> StoredBatch<'a> {
    let mut people = Identities::default();
    let events: Vec<_> = batch
        .events
        .iter()
        .map(|one| StoredEvent {
            ts: one.event.ts,
            who: people.index(Identity {
                computer_uid: &one.event.computer_uid,
                user_sid: one.event.user_sid.as_deref(),
                user_name: one.event.user_name.as_deref(),
            }),
            index: one.index,
            fact: stored_fact(&one.event.fact),
        })
        .collect();
    let screenshots = batch.screenshots.iter().map(|one| StoredScreenshot {
        ts: one.ts.as_microsecond(),
        who: people.index(Identity {
            computer_uid: &one.computer_uid,
            user_sid: one.user_sid.as_deref(),
            user_name: one.user_name.as_deref(),
        }),
        index: one.index,
        id: &one.id,
        file_key: &one.file_key,
        thumb_key: &one.thumb_key,
        width: one.width,
        height: one.height,
        bytes: one.bytes,
        format: &one.format,
        sha256: one.sha256,
        app: one.app.as_deref().unwrap_or_default(),
        title: one.title.as_deref().unwrap_or_default(),
        monitor: one.monitor,
        blurred: one.blurred,
    });
    let screenshots: Vec<_> = screenshots.collect();
    let rejected = batch.rejected.iter().map(|one| StoredRejection {
        index: one.index,
        code: one.code,
        detail: &one.detail,
        raw: one.raw.get(..one.raw.floor_char_boundary(RAW_BYTES)).unwrap_or_default(),
    });
    StoredBatch {
        key_hash: name,
        digest: batch.digest,
        organization: batch.organization.get(),
        received_at: batch.received_at.as_microsecond(),
        accepted: u32::try_from(events.len() + batch.accesses.len() + screenshots.len()).unwrap_or(u32::MAX),
        key: batch.key.as_str(),
        source: batch.source.as_str(),
        events,
        screenshots,
        rejected: rejected.collect(),
        identities: people.found,
        statuses: Vec::new(),
        devices: Vec::new(),
        accesses: batch.accesses.iter().map(|one| stored_access(batch.organization, one)).collect(),
    }
}

fn stored_access<'a>(organization: OrganizationId, one: &'a AcceptedAccess<'_>) -> StoredAccess<'a> {
    let event = &one.event;
    StoredAccess {
        ts: event.ts.as_microsecond(),
        index: one.index,
        device: event.device,
        name: name_of_access(organization, event.device, &event.serial),
        serial: &event.serial,
        seen_at: event.seen_at.as_microsecond(),
        door: event.door,
        reader: event.reader,
        person: &event.person,
        person_name: &event.person_name,
        card: &event.card,
        credential: event.credential.number(),
        direction: event.direction.number(),
        outcome: event.outcome.number(),
        reason: &event.reason,
        code: &event.code,
        replayed: event.replayed,
        drift_ms: event.drift_ms,
    }
}

/// What stands in the ledgers for one event of a device, whoever sends it and however often.
fn name_of_access(organization: OrganizationId, device: u32, serial: &str) -> KeyHash {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(b"access\0")
        .chain_update(organization.get().to_be_bytes())
        .chain_update(device.to_be_bytes())
        .chain_update(serial.as_bytes())
        .finalize()
        .into();
    digest.first_chunk().copied().unwrap_or_default()
}

/// Collects each identity once. Most batches are of one account, so the last one is looked at first.
#[derive(Default)]
struct Identities<'a> {
    found: Vec<StoredIdentity<'a>>,
    by_identity: HashMap<Identity<'a>, u32>,
    last: Option<(Identity<'a>, u32)>,
}

impl<'a> Identities<'a> {
    fn index(&mut self, identity: Identity<'a>) -> u32 {
        if let Some((last, index)) = self.last
            && last == identity
        {
            return index;
        }
        let next = u32::try_from(self.found.len()).unwrap_or(u32::MAX);
        let index = *self.by_identity.entry(identity).or_insert(next);
        if index == next {
            self.found.push(StoredIdentity {
                account: account_of(identity),
                computer_uid: identity.computer_uid,
                user_sid: identity.user_sid.unwrap_or_default(),
                user_name: identity.user_name.unwrap_or_default(),
            });
        }
        self.last = Some((identity, index));
        index
    }
}

fn stored_fact<'a>(fact: &'a Fact<'_>) -> StoredFact<'a> {
    match fact {
        Fact::ActiveWindow { duration_ms, app, title } => {
            StoredFact::ActiveWindow { duration_ms: *duration_ms, app, title: title.as_deref().unwrap_or_default() }
        }
        Fact::VisitedSite { duration_ms, url, domain, title, browser, private } => StoredFact::VisitedSite {
            duration_ms: *duration_ms,
            url,
            domain,
            title: title.as_deref().unwrap_or_default(),
            browser: browser.as_deref().unwrap_or_default(),
            private: *private,
        },
        Fact::InputActivity { duration_ms, state } => {
            StoredFact::InputActivity { duration_ms: *duration_ms, state: state.number() }
        }
        Fact::UserSession { action } => StoredFact::UserSession { action: action.number() },
    }
}

/// A batch out of the spool, with the number under which it lay there.
pub(super) struct Taken<'a> {
    pub(super) epoch: u64,
    pub(super) seq: u64,
    pub(super) answer: &'a str,
    pub(super) batch: &'a StoredBatch<'a>,
}

/// Rows of all batches, partition by partition.
pub(super) fn rows_by_partition<'a>(batches: &[Taken<'a>]) -> BTreeMap<PartitionKey, Batches<'a>> {
    let mut parts: BTreeMap<PartitionKey, Part<'a>> = BTreeMap::new();
    for taken in batches {
        let batch = taken.batch;
        let mut last: Option<(PartitionKey, u32)> = None;
        for event in &batch.events {
            let key = partition(batch, dataset_of(&event.fact), event.ts);
            let part = parts.entry(key).or_insert_with(|| Part::new(key.dataset));
            let ordinal = match last {
                Some((of, ordinal)) if of == key => ordinal,
                _ => part.ledger_row(taken),
            };
            last = Some((key, ordinal));
            part.push_event(ordinal, batch, event);
        }
        for one in &batch.screenshots {
            let key = partition(batch, Dataset::Screenshots, one.ts);
            let part = parts.entry(key).or_insert_with(|| Part::new(key.dataset));
            let ordinal = part.ledger_row(taken);
            part.push_screenshot(ordinal, batch, one);
        }
        for one in &batch.accesses {
            let key = partition(batch, Dataset::AccessEvents, one.ts);
            let part = parts.entry(key).or_insert_with(|| Part::new(key.dataset));
            // The batch itself as well: its name answers a repeat.
            part.ledger_row(taken);
            part.push_access(taken, one);
        }
        for (index, one) in (0..).zip(&batch.statuses) {
            let key = partition(batch, Dataset::GatewayStatus, one.ts);
            let part = parts.entry(key).or_insert_with(|| Part::new(key.dataset));
            let ordinal = part.ledger_row(taken);
            part.push_status(ordinal, index, one);
        }
        for (index, one) in (0..).zip(&batch.devices) {
            let key = partition(batch, Dataset::DeviceStatus, one.ts);
            let part = parts.entry(key).or_insert_with(|| Part::new(key.dataset));
            let ordinal = part.ledger_row(taken);
            part.push_device(ordinal, index, one);
        }
        if !batch.rejected.is_empty() {
            let key = partition(batch, Dataset::RejectedEvents, batch.received_at);
            let part = parts.entry(key).or_insert_with(|| Part::new(key.dataset));
            let ordinal = part.ledger_row(taken);
            batch.rejected.iter().for_each(|one| part.push_rejection(ordinal, batch, one));
        }
    }
    parts.into_iter().map(|(key, part)| (key, part.batches)).collect()
}

fn partition(batch: &StoredBatch<'_>, dataset: Dataset, ts: i64) -> PartitionKey {
    PartitionKey { organization: batch.organization, dataset, month: Month::of_us(ts) }
}

const fn dataset_of(fact: &StoredFact<'_>) -> Dataset {
    match fact {
        StoredFact::ActiveWindow { .. } => Dataset::ActiveWindows,
        StoredFact::VisitedSite { .. } => Dataset::VisitedSites,
        StoredFact::InputActivity { .. } => Dataset::InputActivity,
        StoredFact::UserSession { .. } => Dataset::UserSessions,
    }
}

struct Part<'a> {
    batches: Batches<'a>,
    ordinals: HashMap<u64, u32>,
    accounts: HashSet<i64>,
}

impl<'a> Part<'a> {
    fn new(dataset: Dataset) -> Self {
        let rows = match dataset {
            Dataset::ActiveWindows => Rows::ActiveWindows(Vec::new()),
            Dataset::VisitedSites => Rows::VisitedSites(Vec::new()),
            Dataset::Screenshots => Rows::Screenshots(Vec::new()),
            Dataset::UserSessions => Rows::UserSessions(Vec::new()),
            Dataset::InputActivity => Rows::InputActivity(Vec::new()),
            Dataset::AccessEvents => Rows::AccessEvents(Vec::new()),
            Dataset::GatewayStatus => Rows::GatewayStatus(Vec::new()),
            Dataset::DeviceStatus => Rows::DeviceStatus(Vec::new()),
            Dataset::RejectedEvents => Rows::RejectedEvents(Vec::new()),
        };
        let batches = Batches { rows, ledger: Vec::new(), accounts: Vec::new() };
        Self { batches, ordinals: HashMap::new(), accounts: HashSet::new() }
    }

    /// The place of a batch in this part's ledger rows; made at its first event here.
    fn ledger_row(&mut self, taken: &Taken<'a>) -> u32 {
        let ledger = &mut self.batches.ledger;
        *self.ordinals.entry(taken.seq).or_insert_with(|| {
            ledger.push(LedgerRow {
                key_hash: taken.batch.key_hash,
                digest: taken.batch.digest,
                source: taken.batch.source,
                spool_epoch: taken.epoch,
                spool_seq: taken.seq,
                received_at_us: taken.batch.received_at,
                answer: Some(taken.answer),
            });
            u32::try_from(ledger.len() - 1).unwrap_or(u32::MAX)
        })
    }

    fn account(&mut self, batch: &StoredBatch<'a>, who: u32) -> i64 {
        let Some(identity) = batch.identities.get(who as usize) else { return 0 };
        if self.accounts.insert(identity.account) {
            self.batches.accounts.push(AccountRow {
                account: identity.account,
                computer_uid: identity.computer_uid,
                user_sid: identity.user_sid,
                user_name: identity.user_name,
            });
        }
        identity.account
    }

    fn push_event(&mut self, ordinal: u32, batch: &StoredBatch<'a>, event: &'a StoredEvent<'a>) {
        let account = self.account(batch, event.who);
        let (ts_us, idx) = (event.ts, event.index);
        match (&mut self.batches.rows, &event.fact) {
            (Rows::ActiveWindows(rows), &StoredFact::ActiveWindow { duration_ms, app, title }) => {
                rows.push(Row { ts_us, account, batch: ordinal, idx, event: ActiveWindow { duration_ms, app, title } });
            }
            (
                Rows::VisitedSites(rows),
                &StoredFact::VisitedSite { duration_ms, url, domain, title, browser, private },
            ) => {
                let event = VisitedSite { duration_ms, url, domain, title, browser, private };
                rows.push(Row { ts_us, account, batch: ordinal, idx, event });
            }
            (Rows::InputActivity(rows), &StoredFact::InputActivity { duration_ms, state }) => {
                rows.push(Row { ts_us, account, batch: ordinal, idx, event: InputActivity { duration_ms, state } });
            }
            (Rows::UserSessions(rows), &StoredFact::UserSession { action }) => {
                rows.push(Row { ts_us, account, batch: ordinal, idx, event: UserSession { action } });
            }
            _ => {}
        }
    }

    fn push_screenshot(&mut self, ordinal: u32, batch: &StoredBatch<'a>, one: &'a StoredScreenshot<'a>) {
        let account = self.account(batch, one.who);
        if let Rows::Screenshots(rows) = &mut self.batches.rows {
            let event = Screenshot {
                id: one.id,
                file_key: one.file_key,
                thumb_key: one.thumb_key,
                width: one.width,
                height: one.height,
                bytes: one.bytes,
                format: one.format,
                sha256: one.sha256,
                app: one.app,
                title: one.title,
                monitor: one.monitor,
                blurred: one.blurred,
            };
            rows.push(Row { ts_us: one.ts, account, batch: ordinal, idx: one.index, event });
        }
    }

    /// Each with a ledger row of its own, which lets the same event in once.
    fn push_access(&mut self, taken: &Taken<'a>, one: &'a StoredAccess<'a>) {
        let ledger = &mut self.batches.ledger;
        let ordinal = u32::try_from(ledger.len()).unwrap_or(u32::MAX);
        ledger.push(LedgerRow {
            key_hash: one.name,
            digest: taken.batch.digest,
            source: taken.batch.source,
            spool_epoch: taken.epoch,
            spool_seq: taken.seq,
            received_at_us: taken.batch.received_at,
            answer: None,
        });
        if let Rows::AccessEvents(rows) = &mut self.batches.rows {
            let event = AccessEvent {
                serial: one.serial,
                seen_at_us: one.seen_at,
                door: one.door,
                reader: one.reader,
                person: one.person,
                person_name: one.person_name,
                card: one.card,
                credential: one.credential,
                direction: one.direction,
                outcome: one.outcome,
                reason: one.reason,
                code: one.code,
                replayed: one.replayed,
                drift_ms: one.drift_ms,
            };
            rows.push(Row { ts_us: one.ts, account: i64::from(one.device), batch: ordinal, idx: one.index, event });
        }
    }

    fn push_status(&mut self, ordinal: u32, idx: u32, one: &'a StoredStatus<'a>) {
        if let Rows::GatewayStatus(rows) = &mut self.batches.rows {
            let event = GatewayStatus {
                gateway: one.gateway,
                agent: one.agent,
                happening: one.happening,
                version: one.version,
                cpu_permille: one.cpu_permille,
                memory_bytes: one.memory_bytes,
                disk_free_bytes: one.disk_free_bytes,
                spool_batches: one.spool_batches,
                spool_bytes: one.spool_bytes,
                spool_max_bytes: one.spool_max_bytes,
                oldest_secs: one.oldest_secs,
                evicted: one.evicted,
                agents: one.agents,
                agents_online: one.agents_online,
            };
            rows.push(Row { ts_us: one.ts, account: one.account, batch: ordinal, idx, event });
        }
    }

    fn push_device(&mut self, ordinal: u32, idx: u32, one: &'a StoredDeviceStatus<'a>) {
        if let Rows::DeviceStatus(rows) = &mut self.batches.rows {
            let event = DeviceStatus {
                gateway: one.gateway,
                state: one.state,
                code: one.code,
                last_contact_us: one.last_contact,
                last_event_us: one.last_event,
                drift_ms: one.drift_ms,
                answer_ms: one.answer_ms,
            };
            rows.push(Row { ts_us: one.ts, account: i64::from(one.device), batch: ordinal, idx, event });
        }
    }

    fn push_rejection(&mut self, ordinal: u32, batch: &StoredBatch<'a>, one: &'a StoredRejection<'a>) {
        if let Rows::RejectedEvents(rows) = &mut self.batches.rows {
            let event =
                RejectedEvent { code: one.code, detail: one.detail, dataset: "", event: one.raw, batch_key: batch.key };
            rows.push(Row { ts_us: batch.received_at, account: 0, batch: ordinal, idx: one.index, event });
        }
    }
}
