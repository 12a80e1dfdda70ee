//! From the bytes of a body to events, one by one.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::access;
use crate::access::AccessEvent;
use crate::depth::too_deep;
use crate::event::Event;
use crate::event::Fact;
use crate::event::InputState;
use crate::event::SessionAction;
use crate::fields::Fields;
use crate::gap;
use crate::text::Limit;
use crate::text::domain_of;
use crate::text::shorten;

/// The most events that one body may hold.
const MAX_EVENTS: usize = 50_000;

/// The body as a whole cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Not JSON, or not UTF-8.
    #[error("body is not JSON: {0}")]
    NotJson(String),
    /// JSON, but of another shape.
    #[error("body must be an object with an array `events`: {0}")]
    NotABatch(String),
    /// Too many events for one batch.
    #[error("batch has {0} events, at most 50000 are taken at once; send smaller batches")]
    TooMany(usize),
}

impl BodyError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            BodyError::NotJson(_) => "not_json",
            BodyError::NotABatch(_) => "not_a_batch",
            BodyError::TooMany(_) => "too_many_events",
        }
    }
}

/// One event cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventError<'a> {
    /// Position in the batch.
    pub index: u32,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong, naming the field.
    pub detail: String,
    /// The event as it came.
    pub raw: &'a str,
}

/// A readable event and where it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted<'a> {
    /// Position in the batch.
    pub index: u32,
    /// The event.
    pub event: Event<'a>,
    /// The event as it came, for the dead letters if a later check refuses it.
    pub raw: &'a str,
}

/// A readable event of a terminal and where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedAccess<'a> {
    /// Position in the batch.
    pub index: u32,
    /// The event.
    pub event: AccessEvent,
    /// The event as it came.
    pub raw: &'a str,
}

/// A body of `POST /v2/ingest/logs`.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodedLogs<'a> {
    /// The name that the sender gave the batch.
    pub batch_id: Option<Cow<'a, str>>,
    /// Readable events, in their order.
    pub events: Vec<Accepted<'a>>,
    /// Readable events of terminals, in their order.
    pub accesses: Vec<AcceptedAccess<'a>>,
    /// The others.
    pub rejected: Vec<EventError<'a>>,
    /// How many fields were not known.
    pub unknown_fields: u64,
}

#[derive(serde::Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    batch_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// Reads a body. Every event is either in `events` or in `rejected`.
pub fn decode_logs(body: &[u8]) -> Result<DecodedLogs<'_>, BodyError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let Body { batch_id, events: raws } = serde_json::from_slice(body).map_err(|problem| match problem.classify() {
        serde_json::error::Category::Data => BodyError::NotABatch(problem.to_string()),
        _ => BodyError::NotJson(problem.to_string()),
    })?;
    if raws.len() > MAX_EVENTS {
        return Err(BodyError::TooMany(raws.len()));
    }
    let events = Vec::with_capacity(raws.len());
    let mut decoded = DecodedLogs { batch_id, events, accesses: Vec::new(), rejected: Vec::new(), unknown_fields: 0 };
    for (index, raw) in (0_u32..).zip(raws) {
        let raw = raw.get();
        match decode_event(raw) {
            Ok(Read::Event(event, unknown)) => {
                decoded.unknown_fields += u64::from(unknown);
                decoded.events.push(Accepted { index, event, raw });
            }
            Ok(Read::Access(event)) => decoded.accesses.push(AcceptedAccess { index, event: *event, raw }),
            Err((code, detail)) => decoded.rejected.push(EventError { index, code, detail, raw }),
        }
    }
    Ok(decoded)
}

type Refused = (&'static str, String);

/// What one event turned out to be; of those of computers also how many fields were not known.
enum Read<'a> {
    Event(Event<'a>, u32),
    Access(Box<AccessEvent>),
}

fn decode_event(raw: &str) -> Result<Read<'_>, Refused> {
    if too_deep(raw) {
        return Err(("too_deep", format!("event nests deeper than {} levels", crate::MAX_DEPTH)));
    }
    let mut fields: Fields<'_> = serde_json::from_str(raw).map_err(refused_json)?;
    if fields.kind.as_deref() == Some(gap::KIND) {
        return Err(gap::explain(raw));
    }
    if fields.kind.as_deref() == Some(access::KIND) {
        return access::decode_access(raw).map(|event| Read::Access(Box::new(event)));
    }
    let ts = needed("ts", fields.ts.take())?;
    let ts: Timestamp = ts.parse().map_err(|_| ("bad_time", format!("ts: {ts:?} is not an RFC 3339 time")))?;
    let unknown = fields.unknown;
    let event = Event {
        ts: ts.as_microsecond(),
        computer_uid: name("computer_uid", needed("computer_uid", fields.computer_uid.take())?)?,
        user_sid: fields.user_sid.take().map(|sid| name("user_sid", sid)).transpose()?,
        user_name: fields.user_name.take().map(|user| name("user_name", user)).transpose()?,
        fact: fact(fields)?,
    };
    Ok(Read::Event(event, unknown))
}

fn fact(fields: Fields<'_>) -> Result<Fact<'_>, Refused> {
    let kind = needed("kind", fields.kind)?;
    let duration = |value: Option<u32>| needed("duration_ms", value);
    Ok(match kind.as_ref() {
        "active_window" => Fact::ActiveWindow {
            duration_ms: duration(fields.duration_ms)?,
            app: name("app", needed("app", fields.app)?)?,
            title: fields.title.map(|title| shorten(title, Limit::TITLE)),
        },
        "visited_site" => {
            let url = shorten(needed("url", fields.url)?, Limit::URL);
            Fact::VisitedSite {
                duration_ms: duration(fields.duration_ms)?,
                domain: match &url {
                    Cow::Borrowed(url) => domain_of(url),
                    Cow::Owned(url) => Cow::Owned(domain_of(url).into_owned()),
                },
                url,
                title: fields.title.map(|title| shorten(title, Limit::TITLE)),
                browser: fields.browser.map(|browser| name("browser", browser)).transpose()?,
                private: fields.private.unwrap_or(false),
            }
        }
        "input_activity" => Fact::InputActivity {
            duration_ms: duration(fields.duration_ms)?,
            state: word("state", &needed("state", fields.state)?, InputState::parse)?,
        },
        "user_session" => {
            Fact::UserSession { action: word("action", &needed("action", fields.action)?, SessionAction::parse)? }
        }
        other => return Err(("unknown_kind", format!("kind: {:?} is not known", clip(other)))),
    })
}

fn refused_json(problem: serde_json::Error) -> Refused {
    let text = problem.to_string();
    let code = if text.contains("surrogate") || text.contains("unicode") || text.contains("escape") {
        "bad_text"
    } else if text.contains("is not from 0 to") || text.contains("out of range") {
        "out_of_range"
    } else {
        "wrong_type"
    };
    // Positions count from the start of the event; the row index is told apart.
    (code, text)
}

fn needed<T>(field: &'static str, value: Option<T>) -> Result<T, Refused> {
    value.ok_or_else(|| ("missing_field", format!("{field} is missing")))
}

fn name<'a>(field: &'static str, text: Cow<'a, str>) -> Result<Cow<'a, str>, Refused> {
    if text.len() > Limit::NAME.0 {
        return Err(("too_long", format!("{field} has {} bytes, at most {} are taken", text.len(), Limit::NAME.0)));
    }
    let text = shorten(text, Limit::NAME);
    if text.trim().is_empty() && field == "computer_uid" {
        return Err(("missing_field", format!("{field} is empty")));
    }
    Ok(text)
}

fn word<T>(field: &'static str, text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, Refused> {
    parse(text).ok_or_else(|| ("unknown_word", format!("{field}: {:?} is not known", clip(text))))
}

fn clip(text: &str) -> &str {
    text.get(..text.floor_char_boundary(64)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::BodyError;
    use super::decode_logs;
    use crate::event::Fact;

    const GOOD: &str = r#"{"kind":"active_window","ts":"2026-11-20T04:00:00Z","computer_uid":"pc-1","user_name":"OFIS\\dilnoza","duration_ms":1500,"app":"EXCEL.EXE","title":"Hisobot","x":{"y":[1]}}"#;

    fn code_of(event: &str) -> String {
        let body = format!("{{\"events\":[{GOOD},{event},{GOOD}]}}");
        let decoded = decode_logs(body.as_bytes()).unwrap();
        assert_eq!(decoded.events.len(), 2, "the neighbours of a bad event are kept");
        assert_eq!(decoded.rejected[0].index, 1);
        format!("{} {}", decoded.rejected[0].code, decoded.rejected[0].detail)
    }

    #[test]
    fn a_good_event_is_read_and_its_unknown_fields_are_counted() {
        let body = format!("\u{feff}{{\"batch_id\":\"b\",\"more\":1,\"events\":[{GOOD}]}}");
        let decoded = decode_logs(body.as_bytes()).unwrap();
        assert_eq!(decoded.batch_id.as_deref(), Some("b"));
        assert_eq!(decoded.unknown_fields, 1);
        let event = &decoded.events[0].event;
        assert_eq!(event.user_name.as_deref(), Some("OFIS\\dilnoza"));
        assert!(matches!(&event.fact, Fact::ActiveWindow { duration_ms: 1500, app, .. } if app == "EXCEL.EXE"));
    }

    #[test]
    fn each_bad_event_gets_its_own_code() {
        let with = |from: &str, to: &str| code_of(&GOOD.replace(from, to));
        assert!(code_of("7").starts_with("wrong_type"));
        assert!(code_of("null").starts_with("wrong_type"));
        assert!(with("1500", "\"1500\"").starts_with("wrong_type duration_ms"));
        assert!(with("1500", "-1").starts_with("out_of_range duration_ms"));
        assert!(with("1500", "1e999").starts_with("out_of_range"));
        assert!(with("2026-11-20T04:00:00Z", "yesterday").starts_with("bad_time ts"));
        assert!(with("active_window", "keystroke").starts_with("unknown_kind kind"));
        assert!(with("\"app\"", "\"ap\"").starts_with("missing_field app"));
        assert!(with("Hisobot", "\\ud800").starts_with("bad_text title"));
        assert!(with("EXCEL.EXE", &"x".repeat(300)).starts_with("too_long app"));
        assert!(with("[1]", &format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))).starts_with("too_deep"));
        assert!(with("pc-1", " ").starts_with("missing_field computer_uid"));
    }

    #[test]
    fn a_body_that_is_not_json_is_refused_whole() {
        let refused = |body: &[u8]| decode_logs(body).unwrap_err();
        assert!(matches!(refused(b""), BodyError::NotJson(_)));
        assert!(matches!(refused(b"{\"events\":[NaN]}"), BodyError::NotJson(_)));
        assert!(matches!(refused(b"{\"events\":[\"\xff\"]}"), BodyError::NotJson(_)));
        assert!(matches!(refused(b"[]"), BodyError::NotABatch(_)));
        assert!(matches!(refused(b"{\"events\":{}}"), BodyError::NotABatch(_)));
        let many = format!("{{\"events\":[{}1]}}", "1,".repeat(50_000));
        assert_eq!(refused(many.as_bytes()), BodyError::TooMany(50_001));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(body: Vec<u8>) {
            drop(decode_logs(&body));
        }

        #[test]
        fn every_event_is_either_accepted_or_rejected(events in proptest::collection::vec(".{0,20}", 0..20)) {
            let body = serde_json::json!({ "events": events }).to_string();
            let decoded = decode_logs(body.as_bytes()).unwrap();
            assert_eq!(decoded.events.len() + decoded.rejected.len(), events.len());
        }
    }
}
