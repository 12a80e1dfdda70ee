//! A batch as it lies in the spool: one version byte, then postcard. Old bytes stay readable; a new shape gets a new
//! version and a new struct.

use nazorat_wire::IngestAnswer;
use nazorat_wire::Rejection;
use serde::Deserialize;
use serde::Serialize;

use crate::intake::IntakeError;

const VERSION: u8 = 1;
/// The same with statuses of gateways behind it; what has none is still written as version 1.
const WITH_STATUSES: u8 = 2;
/// The same with events of terminals behind it.
const WITH_ACCESSES: u8 = 3;
/// The same with statuses of gateways and of terminals behind it.
const WITH_DEVICES: u8 = 4;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredBatch<'a> {
    pub(super) key_hash: [u8; 16],
    pub(super) digest: [u8; 32],
    pub(super) organization: u32,
    pub(super) received_at: i64,
    pub(super) accepted: u32,
    pub(super) key: &'a str,
    pub(super) source: &'a str,
    #[serde(borrow)]
    pub(super) identities: Vec<StoredIdentity<'a>>,
    #[serde(borrow)]
    pub(super) events: Vec<StoredEvent<'a>>,
    #[serde(borrow)]
    pub(super) screenshots: Vec<StoredScreenshot<'a>>,
    #[serde(borrow)]
    pub(super) rejected: Vec<StoredRejection<'a>>,
    #[serde(skip)]
    pub(super) statuses: Vec<StoredStatus<'a>>,
    #[serde(skip)]
    pub(super) devices: Vec<StoredDeviceStatus<'a>>,
    #[serde(skip)]
    pub(super) accesses: Vec<StoredAccess<'a>>,
}

/// What a terminal saw. Those that stand next to each other here stood so at the device.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredAccess<'a> {
    pub(super) ts: i64,
    pub(super) index: u32,
    pub(super) device: u32,
    /// Stands for device and serial number in the ledgers, so that each is stored once.
    pub(super) name: [u8; 16],
    pub(super) serial: &'a str,
    pub(super) seen_at: i64,
    pub(super) door: u16,
    pub(super) reader: u16,
    pub(super) person: &'a str,
    pub(super) person_name: &'a str,
    pub(super) card: &'a str,
    pub(super) credential: u8,
    pub(super) direction: u8,
    pub(super) outcome: u8,
    pub(super) reason: &'a str,
    pub(super) code: &'a str,
    pub(super) replayed: bool,
    pub(super) drift_ms: Option<i64>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredStatus<'a> {
    pub(super) ts: i64,
    pub(super) account: i64,
    pub(super) gateway: &'a str,
    pub(super) agent: u32,
    pub(super) happening: u8,
    pub(super) version: &'a str,
    pub(super) cpu_permille: u32,
    pub(super) memory_bytes: u64,
    pub(super) disk_free_bytes: u64,
    pub(super) spool_batches: u64,
    pub(super) spool_bytes: u64,
    pub(super) spool_max_bytes: u64,
    pub(super) oldest_secs: u32,
    pub(super) evicted: u64,
    pub(super) agents: u32,
    pub(super) agents_online: u32,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredDeviceStatus<'a> {
    pub(super) ts: i64,
    pub(super) device: u32,
    pub(super) gateway: &'a str,
    pub(super) state: u8,
    pub(super) code: &'a str,
    pub(super) last_contact: Option<i64>,
    pub(super) last_event: Option<i64>,
    pub(super) drift_ms: Option<i64>,
    pub(super) answer_ms: Option<u32>,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy, Serialize, Deserialize)]
pub(super) struct StoredIdentity<'a> {
    pub(super) account: i64,
    pub(super) computer_uid: &'a str,
    pub(super) user_sid: &'a str,
    pub(super) user_name: &'a str,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredEvent<'a> {
    pub(super) ts: i64,
    /// Index into `identities`.
    pub(super) who: u32,
    pub(super) index: u32,
    #[serde(borrow)]
    pub(super) fact: StoredFact<'a>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum StoredFact<'a> {
    ActiveWindow { duration_ms: u32, app: &'a str, title: &'a str },
    VisitedSite { duration_ms: u32, url: &'a str, domain: &'a str, title: &'a str, browser: &'a str, private: bool },
    InputActivity { duration_ms: u32, state: u8 },
    UserSession { action: u8 },
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredScreenshot<'a> {
    pub(super) ts: i64,
    pub(super) who: u32,
    pub(super) index: u32,
    pub(super) id: &'a str,
    pub(super) file_key: &'a str,
    pub(super) thumb_key: &'a str,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bytes: u64,
    pub(super) format: &'a str,
    pub(super) sha256: [u8; 32],
    pub(super) app: &'a str,
    pub(super) title: &'a str,
    pub(super) monitor: u16,
    pub(super) blurred: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredRejection<'a> {
    pub(super) index: u32,
    pub(super) code: &'a str,
    pub(super) detail: &'a str,
    pub(super) raw: &'a str,
}

impl StoredBatch<'_> {
    pub(super) fn encode(&self) -> Result<Vec<u8>, IntakeError> {
        let size =
            256 + self.events.len() * 96 + (self.statuses.len() + self.devices.len() + self.accesses.len()) * 128;
        let mut bytes = Vec::with_capacity(size);
        if !self.accesses.is_empty() {
            bytes.push(WITH_ACCESSES);
            return postcard::to_extend(&(self, &self.accesses), bytes).map_err(IntakeError::Encode);
        }
        if !self.devices.is_empty() {
            bytes.push(WITH_DEVICES);
            return postcard::to_extend(&(self, &self.statuses, &self.devices), bytes).map_err(IntakeError::Encode);
        }
        if self.statuses.is_empty() {
            bytes.push(VERSION);
            return postcard::to_extend(self, bytes).map_err(IntakeError::Encode);
        }
        bytes.push(WITH_STATUSES);
        postcard::to_extend(&(self, &self.statuses), bytes).map_err(IntakeError::Encode)
    }

    /// The answer that was given.
    pub(super) fn answer(&self) -> IngestAnswer {
        let rejected = self.rejected.iter().map(|one| Rejection {
            index: one.index,
            code: one.code.to_owned(),
            detail: one.detail.to_owned(),
        });
        IngestAnswer {
            batch_id: self.key.to_owned(),
            accepted: self.accepted,
            duplicate: false,
            rejected: rejected.collect(),
            withheld: 0,
            life: None,
        }
    }
}

/// Reads a batch; `None` when the bytes are not one that this program knows.
pub(super) fn decode(bytes: &[u8]) -> Option<StoredBatch<'_>> {
    match bytes.split_first()? {
        (&VERSION, body) => postcard::from_bytes(body).ok(),
        (&WITH_STATUSES, body) => {
            let (batch, statuses): (StoredBatch<'_>, _) = postcard::from_bytes(body).ok()?;
            Some(StoredBatch { statuses, ..batch })
        }
        (&WITH_ACCESSES, body) => {
            let (batch, accesses): (StoredBatch<'_>, _) = postcard::from_bytes(body).ok()?;
            Some(StoredBatch { accesses, ..batch })
        }
        (&WITH_DEVICES, body) => {
            let (batch, statuses, devices): (StoredBatch<'_>, _, _) = postcard::from_bytes(body).ok()?;
            Some(StoredBatch { statuses, devices, ..batch })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::StoredAccess;
    use super::StoredBatch;
    use super::StoredDeviceStatus;
    use super::StoredEvent;
    use super::StoredFact;
    use super::StoredIdentity;
    use super::StoredRejection;
    use super::StoredStatus;
    use super::decode;

    fn sample() -> StoredBatch<'static> {
        StoredBatch {
            key_hash: [7; 16],
            digest: [9; 32],
            organization: 1,
            received_at: 1_795_334_400_000_000,
            accepted: 1,
            key: "k-1",
            source: "key:3",
            identities: vec![StoredIdentity { account: -5, computer_uid: "pc-1", user_sid: "", user_name: "dilnoza" }],
            events: vec![StoredEvent {
                ts: 1_795_334_399_000_000,
                who: 0,
                index: 0,
                fact: StoredFact::ActiveWindow { duration_ms: 1500, app: "EXCEL.EXE", title: "Hisobot" },
            }],
            screenshots: Vec::new(),
            rejected: vec![StoredRejection { index: 1, code: "bad_time", detail: "ts", raw: "{}" }],
            statuses: Vec::new(),
            devices: Vec::new(),
            accesses: Vec::new(),
        }
    }

    fn with_accesses() -> StoredBatch<'static> {
        let access = StoredAccess {
            ts: 1_795_334_399_000_000,
            index: 2,
            device: 7,
            name: [5; 16],
            serial: "1:4711",
            seen_at: 1_795_334_399_400_000,
            door: 1,
            reader: 2,
            person: "1001",
            person_name: "Anna Petrova",
            card: "",
            credential: 2,
            direction: 1,
            outcome: 1,
            reason: "",
            code: "5/75",
            replayed: false,
            drift_ms: Some(-1_500),
        };
        StoredBatch { accesses: vec![access], ..sample() }
    }

    fn with_statuses() -> StoredBatch<'static> {
        let status = StoredStatus {
            ts: 1_795_334_399_000_000,
            account: -7,
            gateway: "01990000-0000-7000-8000-000000000001",
            agent: 0,
            happening: 1,
            version: "0.1.0",
            cpu_permille: 120,
            memory_bytes: 38 << 20,
            disk_free_bytes: 1 << 34,
            spool_batches: 3,
            spool_bytes: 9_000,
            spool_max_bytes: 2 << 30,
            oldest_secs: 4,
            evicted: 0,
            agents: 2,
            agents_online: 1,
        };
        StoredBatch { statuses: vec![status], ..sample() }
    }

    fn with_devices() -> StoredBatch<'static> {
        let status = StoredDeviceStatus {
            ts: 1_795_334_399_000_000,
            device: 7,
            gateway: "01990000-0000-7000-8000-000000000001",
            state: 3,
            code: "device_unreachable",
            last_contact: Some(1_795_334_300_000_000),
            last_event: None,
            drift_ms: Some(-1_500),
            answer_ms: Some(12),
        };
        StoredBatch { devices: vec![status], ..with_statuses() }
    }

    #[test]
    fn a_batch_comes_back_from_the_spool() {
        let bytes = sample().encode().unwrap();
        assert_eq!(decode(&bytes), Some(sample()));
        assert_eq!(decode(&[5, 0]), None);
        let bytes = with_statuses().encode().unwrap();
        assert_eq!(decode(&bytes), Some(with_statuses()));
        let bytes = with_accesses().encode().unwrap();
        assert_eq!(decode(&bytes), Some(with_accesses()));
        let bytes = with_devices().encode().unwrap();
        assert_eq!(decode(&bytes), Some(with_devices()));
    }

    #[test]
    fn bytes_of_version_4_stay_readable() {
        let kept = include_bytes!("../../tests/fixtures/records/intake_batch_v4.bin");
        assert_eq!(decode(kept), Some(with_devices()));
    }

    #[test]
    fn bytes_of_version_3_stay_readable() {
        let kept = include_bytes!("../../tests/fixtures/records/intake_batch_v3.bin");
        assert_eq!(decode(kept), Some(with_accesses()));
    }

    #[test]
    fn bytes_of_version_2_stay_readable() {
        let kept = include_bytes!("../../tests/fixtures/records/intake_batch_v2.bin");
        assert_eq!(decode(kept), Some(with_statuses()));
    }

    #[test]
    fn bytes_of_version_1_stay_readable() {
        let kept = include_bytes!("../../tests/fixtures/records/intake_batch_v1.bin");
        assert_eq!(decode(kept), Some(sample()));
    }
}
