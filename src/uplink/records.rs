//! A batch as it lies in the spool of the edge: one version byte, then postcard. Old bytes stay readable; a new shape
//! gets a new version and a new struct. Version 2 begins with the mark of the policy that it was judged by, and is
//! written only where there is one, so that a box without policies can go back to an older program.

use std::borrow::Cow;

use nazorat_spool::Record;
use nazorat_wire::DecodedLogs;
use nazorat_wire::Gap;
use nazorat_wire::decode_logs;
use nazorat_wire::encode_gap;
use serde::Deserialize;
use serde::Serialize;

use crate::intake::Holding;
use crate::intake::Mark;
use crate::intake::NewBatch;
use crate::intake::Tally;
use crate::intake::judge;
use crate::uplink::rules::scoped;

const VERSION: u8 = 1;
const JUDGED: u8 = 2;

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
    let readable = readable.chain(batch.accesses.iter().map(|one| (one.index, one.raw)));
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
    /// Its bytes, with the policy that it was judged by.
    pub(super) fn encode(&self, judged_by: Option<Mark>) -> Result<Vec<u8>, postcard::Error> {
        let size = 128 + self.events.iter().map(|event| event.len() + 4).sum::<usize>();
        let mut bytes = Vec::with_capacity(size);
        match judged_by {
            None => bytes.push(VERSION),
            Some(mark) => {
                bytes.push(JUDGED);
                bytes.extend(mark);
            }
        }
        postcard::to_extend(self, bytes)
    }
}

/// Reads a batch and what it was judged by; `None` when the bytes are not one that this program knows.
pub(super) fn decode(bytes: &[u8]) -> Option<(StoredBatch<'_>, Option<Mark>)> {
    match bytes.split_first()? {
        (&VERSION, body) => Some((postcard::from_bytes(body).ok()?, None)),
        (&JUDGED, body) => {
            let (mark, body) = body.split_first_chunk()?;
            Some((postcard::from_bytes(body).ok()?, Some(*mark)))
        }
        _ => None,
    }
}

/// What lies in a record of the spool.
pub(super) struct Held<'a> {
    /// The name of the batch among all of this hop; none if the record tells what was given up.
    pub(super) name: Option<String>,
    pub(super) events: Vec<Cow<'a, str>>,
    /// By what it was judged.
    pub(super) mark: Option<Mark>,
}

/// Reads a record: the events of a batch, or one that tells what was given up.
pub(super) fn held(record: &Record) -> Option<Held<'_>> {
    let Some(gap) = record.gap() else {
        let (batch, mark) = decode(&record.payload)?;
        return Some(Held {
            name: Some(scoped(batch.source, batch.key)),
            events: batch.events.into_iter().map(Cow::Borrowed).collect(),
            mark,
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
    Some(Held { name: None, events: vec![Cow::Owned(encode_gap(&gap))], mark: None })
}

impl<'a> Held<'a> {
    /// Its name and its events as far as they may be kept, each at its place; none where one may not be. What nobody can
    /// read the appliance shows to a person, as it came.
    pub(super) fn judged(self, holding: Option<&dyn Holding>, tally: &mut Tally) -> Result<Judged<'a>, String> {
        let Some(holding) = holding.filter(|holding| self.name.is_some() && self.mark != holding.mark()) else {
            return Ok((self.name, self.events.into_iter().map(Some).collect()));
        };
        let body = format!("{{\"events\":[{}]}}", self.events.join(","));
        let mut left: Vec<Option<Cow<'a, str>>> = self.events.into_iter().map(Some).collect();
        let decoded = decode_logs(body.as_bytes()).map_err(|problem| problem.to_string())?;
        let DecodedLogs { events, .. } = decoded;
        for accepted in events {
            let Some(place) = left.get_mut(accepted.index as usize) else { continue };
            match judge(holding, accepted, tally)? {
                None => *place = None,
                Some((_, None)) => {}
                Some((_, Some(text))) => *place = Some(Cow::Owned(text)),
            }
        }
        Ok((self.name, left))
    }
}

type Judged<'a> = (Option<String>, Vec<Option<Cow<'a, str>>>);

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
        let bytes = sample().encode(None).unwrap();
        assert_eq!(decode(&bytes), Some((sample(), None)));
        let bytes = sample().encode(Some([7; 8])).unwrap();
        assert_eq!(decode(&bytes), Some((sample(), Some([7; 8]))));
        assert_eq!((decode(&[2, 0]), decode(&[3, 0])), (None, None));
    }

    #[test]
    fn bytes_of_version_1_stay_readable() {
        let mut kept = vec![1_u8];
        kept.extend([9; 32]);
        kept.extend(b"\x80\x80\xd2\xd2\x9b\xb6\xb0\x06\x03k-1\x05agent\x02\x0a{\"kind\":1}\x017");
        assert_eq!(decode(&kept), Some((sample(), None)));
        assert_eq!(sample().encode(None).unwrap(), kept);
        let judged: Vec<u8> = [2].into_iter().chain([9; 8]).chain(kept.into_iter().skip(1)).collect();
        assert_eq!(sample().encode(Some([9; 8])).unwrap(), judged);
    }
}
