//! A batch as it lies in the spool of the edge: one version byte, then postcard. Old bytes stay readable; a new shape
//! gets a new version and a new struct.

use std::borrow::Cow;

use nazorat_spool::Record;
use nazorat_wire::Gap;
use nazorat_wire::encode_gap;
use serde::Deserialize;
use serde::Serialize;

use crate::intake::NewBatch;
use crate::uplink::rules::scoped;

const VERSION: u8 = 1;

/// What one request brought, word for word.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredBatch<'a> {
    pub(super) digest: [u8; 32],
    pub(super) received_at: i64,
    pub(super) key: &'a str,
    /// Who sent it, as far as this hop knows.
    pub(super) source: &'a str,
    /// All events in their order, also those that could not be read: the appliance shows them to a person.
    #[serde(borrow)]
    pub(super) events: Vec<&'a str>,
}

/// The stored form of a batch; it borrows from it.
pub(super) fn stored<'a>(batch: &'a NewBatch<'_>) -> StoredBatch<'a> {
    let readable = batch.events.iter().map(|one| (one.index, one.raw));
    let mut events: Vec<(u32, &str)> = readable.chain(batch.rejected.iter().map(|one| (one.index, one.raw))).collect();
    events.sort_by_key(|(index, _)| *index);
    StoredBatch {
        digest: batch.digest,
        received_at: batch.received_at.as_microsecond(),
        key: batch.key.as_str(),
        source: batch.source.as_str(),
        events: events.into_iter().map(|(_, raw)| raw).collect(),
    }
}

impl StoredBatch<'_> {
    pub(super) fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        let size = 128 + self.events.iter().map(|event| event.len() + 4).sum::<usize>();
        let mut bytes = Vec::with_capacity(size);
        bytes.push(VERSION);
        postcard::to_extend(self, bytes)
    }
}

/// Reads a batch; `None` when the bytes are not one that this program knows.
pub(super) fn decode(bytes: &[u8]) -> Option<StoredBatch<'_>> {
    match bytes.split_first()? {
        (&VERSION, body) => postcard::from_bytes(body).ok(),
        _ => None,
    }
}

/// What lies in a record of the spool.
pub(super) struct Held<'a> {
    /// The name of the batch among all of this hop; none if the record tells what was given up.
    pub(super) name: Option<String>,
    pub(super) events: Vec<Cow<'a, str>>,
}

/// Reads a record: the events of a batch, or one that tells what was given up.
pub(super) fn held(record: &Record) -> Option<Held<'_>> {
    let Some(gap) = record.gap() else {
        let batch = decode(&record.payload)?;
        return Some(Held {
            name: Some(scoped(batch.source, batch.key)),
            events: batch.events.into_iter().map(Cow::Borrowed).collect(),
        });
    };
    let gap = Gap {
        class: gap.class,
        from_seq: gap.from_seq,
        to_seq: gap.to_seq,
        from_us: gap.from_us,
        to_us: gap.to_us,
        batches: gap.count,
    };
    Some(Held { name: None, events: vec![Cow::Owned(encode_gap(&gap))] })
}

#[cfg(test)]
mod tests {
    use super::StoredBatch;
    use super::decode;

    fn sample() -> StoredBatch<'static> {
        StoredBatch {
            digest: [9; 32],
            received_at: 1_795_334_400_000_000,
            key: "k-1",
            source: "agent",
            events: vec!["{\"kind\":1}", "7"],
        }
    }

    #[test]
    fn a_batch_comes_back_from_the_spool() {
        let bytes = sample().encode().unwrap();
        assert_eq!(decode(&bytes), Some(sample()));
        assert_eq!(decode(&[2, 0]), None);
    }

    #[test]
    fn bytes_of_version_1_stay_readable() {
        let mut kept = vec![1_u8];
        kept.extend([9; 32]);
        kept.extend(b"\x80\x80\xd2\xd2\x9b\xb6\xb0\x06\x03k-1\x05agent\x02\x0a{\"kind\":1}\x017");
        assert_eq!(decode(&kept), Some(sample()));
        assert_eq!(sample().encode().unwrap(), kept);
    }
}
