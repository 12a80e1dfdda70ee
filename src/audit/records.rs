//! Lines of the log as they stand in the files, and the position that stands in the store.

use std::net::IpAddr;

use serde_json::Map;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::Digest as _;
use sha2::Sha256;

use crate::audit::model::Actor;
use crate::audit::model::ActorKind;
use crate::audit::model::Entry;
use crate::audit::model::Object;
use crate::audit::model::Record;
use crate::kernel;
use crate::kernel::OrganizationId;
use crate::kernel::Principal;
use crate::kernel::Role;
use crate::kernel::Timestamp;
use crate::store;
use crate::store::Table;

/// Position of each log: the organization, or 0 for the system.
pub(super) const HEADS: Table<OrganizationId, Head> = Table::new("audit_heads_v1");

/// A small fact that is larger than this in all is not kept.
const DETAIL_BYTES: usize = 4096;

pub(super) type Hash = [u8; 32];

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Head {
    pub(super) number: u64,
    pub(super) hash: String,
}

impl store::Record for Head {}

#[derive(serde::Serialize, serde::Deserialize)]
struct Line<'a> {
    previous: String,
    hash: String,
    #[serde(borrow)]
    record: &'a RawValue,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Stored {
    number: u64,
    at: Timestamp,
    actor: StoredActor,
    action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<StoredObject>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    detail: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct StoredActor {
    kind: StoredKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
}

#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredKind {
    Operator,
    Agent,
    System,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct StoredObject {
    kind: String,
    id: String,
}

/// An entry that waits for its number.
pub(super) struct Pending {
    at: Timestamp,
    actor: StoredActor,
    address: Option<IpAddr>,
    entry: Entry,
}

impl Pending {
    pub(super) fn new(at: Timestamp, actor: &kernel::Actor, entry: Entry) -> Self {
        let kind = match actor.principal() {
            Principal::Operator { .. } => StoredKind::Operator,
            Principal::Agent { .. } => StoredKind::Agent,
            Principal::System => StoredKind::System,
        };
        let id = actor.operator_id().map(kernel::OperatorId::get);
        let who = StoredActor { kind, id, name: actor.name().to_owned(), role: actor.role() };
        Self { at, actor: who, address: actor.address(), entry }
    }

    pub(super) fn organization(&self) -> OrganizationId {
        self.entry.organization.unwrap_or(SYSTEM)
    }

    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// The line with its line feed, and its hash.
    pub(super) fn line(&self, number: u64, previous: &Hash) -> serde_json::Result<(Vec<u8>, Hash)> {
        let mut detail = self.entry.detail.clone();
        if serde_json::to_vec(&detail)?.len() > DETAIL_BYTES {
            detail = Map::from_iter([("too_long".to_owned(), Value::Bool(true))]);
        }
        let object = self.entry.object.clone();
        let record = serde_json::value::to_raw_value(&Stored {
            number,
            at: self.at,
            actor: self.actor.clone(),
            action: self.entry.action.to_owned(),
            object: object.map(|object| StoredObject { kind: object.kind, id: object.id }),
            detail,
            address: self.address,
        })?;
        let hash = chain(previous, record.get());
        let line = Line { previous: hex::encode(previous), hash: hex::encode(hash), record: &record };
        let mut bytes = serde_json::to_vec(&line)?;
        bytes.push(b'\n');
        Ok((bytes, hash))
    }
}

/// The log that belongs to no organization.
pub(super) const SYSTEM: OrganizationId = OrganizationId::new(0);

fn chain(previous: &Hash, record: &str) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(record.as_bytes());
    hasher.finalize().into()
}

/// A line that was read back.
pub(super) struct Read {
    pub(super) previous: Hash,
    pub(super) hash: Hash,
    /// True when `hash` is the hash of what the line says.
    pub(super) whole: bool,
    pub(super) record: Record,
}

/// Reads a line without its line feed; `None` when it is not one.
pub(super) fn read(line: &[u8]) -> Option<Read> {
    let line: Line<'_> = serde_json::from_slice(line).ok()?;
    let previous = hash_from(&line.previous)?;
    let hash = hash_from(&line.hash)?;
    let stored: Stored = serde_json::from_str(line.record.get()).ok()?;
    let whole = chain(&previous, line.record.get()) == hash;
    let kind = match stored.actor.kind {
        StoredKind::Operator => ActorKind::Operator,
        StoredKind::Agent => ActorKind::Agent,
        StoredKind::System => ActorKind::System,
    };
    let record = Record {
        number: stored.number,
        at: stored.at,
        actor: Actor { kind, name: stored.actor.name },
        action: stored.action,
        object: stored.object.map(|object| Object { kind: object.kind, id: object.id }),
        detail: stored.detail,
        address: stored.address,
    };
    Some(Read { previous, hash, whole, record })
}

pub(super) fn hash_from(text: &str) -> Option<Hash> {
    let hash: Hash = hex::decode(text).ok()?.try_into().ok()?;
    // Letter case would be a place to change bytes unseen.
    (hex::encode(hash) == text).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::HEADS;

    #[test]
    fn version_1_is_still_readable() {
        assert_eq!(HEADS.fixture(1).number, 3);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/records/audit_line.1");
        let line = super::read(std::fs::read(path).unwrap().trim_ascii_end()).unwrap();
        assert!(line.whole);
        assert_eq!(line.record.action, "operator.create");
    }
}
