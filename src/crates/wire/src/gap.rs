//! How a hop tells the next one what it had to give up.

use std::borrow::Cow;

use jiff::Timestamp;

/// What the kind of such an event is; it is no fact, so it is set aside where a person sees it.
pub(crate) const KIND: &str = "gap";

/// Batches that a full buffer had to let go of. Times are microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Importance of what is gone; 0 is the most important.
    pub class: u8,
    /// Number of the first batch in the buffer.
    pub from_seq: u64,
    /// Number of the last.
    pub to_seq: u64,
    /// When the first had come.
    pub from_us: i64,
    /// When the last had come.
    pub to_us: i64,
    /// How many.
    pub batches: u64,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    from: Cow<'a, str>,
    #[serde(borrow)]
    to: Cow<'a, str>,
    batches: u64,
    class: u8,
    from_seq: u64,
    to_seq: u64,
}

/// Writes a gap as one object of the array `events`. The same gap is always the same text.
pub fn encode_gap(gap: &Gap) -> String {
    let time = |us| Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
    let written = Written {
        kind: KIND.into(),
        from: time(gap.from_us).into(),
        to: time(gap.to_us).into(),
        batches: gap.batches,
        class: gap.class,
        from_seq: gap.from_seq,
        to_seq: gap.to_seq,
    };
    serde_json::to_string(&written).expect("texts and numbers always turn into JSON")
}

/// What a gap says in words.
pub(crate) fn explain(raw: &str) -> (&'static str, String) {
    let detail = match serde_json::from_str::<Written<'_>>(raw) {
        Ok(gap) => format!(
            "a buffer on the way was too small: {} batches that had come from {} to {} were given up",
            gap.batches, gap.from, gap.to
        ),
        Err(_) => "a buffer on the way was too small, and what was given up is not told".to_owned(),
    };
    ("gap", detail)
}

#[cfg(test)]
mod tests {
    use super::Gap;
    use super::encode_gap;
    use crate::decode::decode_logs;

    #[test]
    fn a_gap_is_set_aside_with_what_it_says() {
        let gap =
            Gap { class: 1, from_seq: 5, to_seq: 9, from_us: 1_000_000, to_us: 1_795_334_399_000_000, batches: 4 };
        let body = format!("{{\"events\":[{},{{\"kind\":\"gap\"}}]}}", encode_gap(&gap));
        let decoded = decode_logs(body.as_bytes()).unwrap();
        assert_eq!((decoded.events.len(), decoded.rejected.len()), (0, 2));
        let told = &decoded.rejected[0];
        assert_eq!(told.code, "gap");
        assert_eq!(
            told.detail,
            "a buffer on the way was too small: 4 batches that had come from 1970-01-01T00:00:01Z to \
             2026-11-22T07:59:59Z were given up"
        );
        assert_eq!(decoded.rejected[1].code, "gap");
    }
}
