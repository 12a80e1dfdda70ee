//! What lies in the spool: one version byte, then JSON. Old bytes stay readable; a new shape gets a new version.

use std::borrow::Cow;
use std::collections::BTreeMap;

use nazorat_wire::Fact;
use serde::Deserialize;
use serde::Serialize;

use super::merge::Beat;
use super::merge::Event;

const VERSION: u8 = 1;

/// One record.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record<'a> {
    /// Heartbeats, or events without a pulse.
    #[serde(borrow)]
    Beats(Beats<'a>),
    /// What leaves, and what remains.
    #[serde(borrow)]
    Cut(Cut<'a>),
}

/// What one request brought.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Beats<'a> {
    #[serde(borrow)]
    pub(super) bucket: Cow<'a, str>,
    /// In microseconds; none for events that are inserted as they are.
    pub(super) pulse: Option<i64>,
    pub(super) beats: Vec<Beat>,
}

/// A batch on its way to the intake, and the events as they stand after it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Cut<'a> {
    pub(super) at: i64,
    pub(super) organization: u32,
    pub(super) next_id: i64,
    #[serde(borrow)]
    pub(super) parts: Vec<Leaving<'a>>,
    pub(super) remainder: BTreeMap<String, Vec<Event>>,
}

/// A part with everything that the intake needs.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Leaving<'a> {
    pub(super) ts: i64,
    #[serde(borrow)]
    pub(super) computer_uid: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) user_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) fact: Fact<'a>,
}

impl Record<'_> {
    pub(super) fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = vec![VERSION];
        serde_json::to_writer(&mut bytes, self)?;
        Ok(bytes)
    }

    /// Reads a record; `None` when the bytes are not one that this program knows.
    pub(super) fn decode(bytes: &[u8]) -> Option<Record<'_>> {
        match bytes.split_first()? {
            (&VERSION, body) => serde_json::from_slice(body).ok(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use nazorat_wire::Fact;
    use serde_json::json;

    use super::Beats;
    use super::Cut;
    use super::Leaving;
    use super::Record;
    use crate::ingest::activitywatch::merge::Beat;
    use crate::ingest::activitywatch::merge::Timeline;

    const BEATS_V1: &str = "\u{1}{\"beats\":{\"bucket\":\"b\",\"pulse\":2000000,\"beats\":[{\"start\":1,\"length\":0,\"data\":{\"app\":\"a\\n\"}}]}}";

    fn beats() -> Record<'static> {
        let beat = Beat { start: 1, length: 0, data: json!({ "app": "a\n" }) };
        Record::Beats(Beats { bucket: "b".into(), pulse: Some(2_000_000), beats: vec![beat] })
    }

    #[test]
    fn bytes_of_version_1_stay_readable() {
        assert_eq!(Record::decode(BEATS_V1.as_bytes()), Some(beats()));
        assert_eq!(beats().encode().unwrap(), BEATS_V1.as_bytes());
        assert_eq!(Record::decode(b"\x02{}"), None);
    }

    #[test]
    fn a_cut_comes_back_from_the_spool() {
        let mut timeline = Timeline::default();
        timeline.insert(Beat { start: 1, length: 5, data: json!({}) }, 7);
        let fact = Fact::ActiveWindow { duration_ms: 1, app: "\"a\"".into(), title: Some("t".into()) };
        let cut = Record::Cut(Cut {
            at: 9,
            organization: 1,
            next_id: 8,
            parts: vec![Leaving { ts: 1, computer_uid: "pc-1".into(), user_name: None, fact }],
            remainder: BTreeMap::from([("b".to_owned(), timeline.remainder(9))]),
        });
        assert_eq!(Record::decode(&cut.encode().unwrap()), Some(cut));
    }
}
