use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use nazorat_wire::AccessEvent;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use super::Frame;
use super::Mapping;
use super::MomentFormat;
use super::Part;
use super::Pointer;
use super::Words;
use super::direction;
use super::fuzz_events;

fn in_tashkent(civil: DateTime) -> Timestamp {
    civil.to_zoned(TimeZone::get("Asia/Tashkent").unwrap()).unwrap().timestamp()
}

fn read(mapping: &Mapping, event: &Value) -> Result<AccessEvent, String> {
    let frame = Frame { device: 7, now: "2026-11-23T03:30:20Z".parse().unwrap(), at: &in_tashkent };
    mapping.read(event, frame).map_err(|problem| format!("{}: {problem}", problem.code))
}

fn foreign() -> Mapping {
    let mut mapping = Mapping { events: Pointer::parse("/data/records").unwrap(), ..Mapping::default() };
    for (part, at) in [
        (Part::Time, "/when"),
        (Part::Serial, "-"),
        (Part::Person, "/user/id"),
        (Part::PersonName, "/user/na~1me"),
        (Part::Direction, "/dir"),
        (Part::Credential, "/how"),
        (Part::Outcome, "/ok"),
        (Part::Door, "/turnstile"),
    ] {
        mapping.place(part, Pointer::parse(at).unwrap());
    }
    mapping.directions = Words::parse("IN=in, Chiqish = out", direction).unwrap();
    mapping.credentials = Words::parse(r#"{"QR":"code","7":"face"}"#, Credential::parse).unwrap();
    mapping.doors = Words::parse("North=1, South=2", |text| text.parse().ok()).unwrap();
    mapping
}

#[test]
fn our_own_names_need_no_description() {
    let event = json!({
        "serial": "1:4711", "ts": "2026-11-23T08:30:15+05:00", "door": 1, "reader": "2", "person": 1001, "card": "77",
        "person_name": "Anna", "credential": "face", "direction": "in", "outcome": "denied", "reason": "expired",
        "code": "5/75", "more": [1],
    });
    let got = read(&Mapping::default(), &event).unwrap();
    assert_eq!((got.device, got.serial.as_str(), got.ts.to_string().as_str()), (7, "1:4711", "2026-11-23T03:30:15Z"));
    assert_eq!((got.door, got.reader, got.person.as_str(), got.card.as_str()), (1, 2, "1001", "77"));
    assert_eq!((got.credential, got.direction, got.outcome), (Credential::Face, Direction::In, AccessKind::Denied));
    assert_eq!((got.reason.as_str(), got.code.as_str(), got.replayed), ("expired", "5/75", false));
    // What the appliance would read of it is the same.
    let body = format!("{{\"events\":[{}]}}", nazorat_wire::encode_access(&got));
    assert_eq!(nazorat_wire::decode_logs(body.as_bytes()).unwrap().accesses[0].event, got);
}

#[test]
fn events_of_another_shape_are_read_as_described() {
    let body = json!({"data": {"records": [
        {"when": "2026-11-23 08:29:00", "user": {"id": "A-7", "na/me": "Bobur"}, "dir": "in", "how": 7, "ok": true, "turnstile": "south"},
        {"when": 1_795_404_615, "dir": "CHIQISH", "how": "qr", "ok": false, "turnstile": 9},
        {"when": 1_795_404_615_250_u64, "dir": "sideways", "how": "smoke"},
    ]}});
    let mapping = foreign();
    let events = mapping.events(&body).unwrap();
    let got: Vec<_> = events.iter().map(|event| read(&mapping, event).unwrap()).collect();
    let ways = got.iter().map(|one| (one.direction, one.credential, one.outcome, one.door)).collect::<Vec<_>>();
    assert_eq!(
        ways,
        [
            (Direction::In, Credential::Face, AccessKind::Granted, 2),
            (Direction::Out, Credential::Code, AccessKind::Denied, 9),
            (Direction::Unknown, Credential::Unknown, AccessKind::Granted, 0),
        ]
    );
    assert_eq!(got[0].ts.to_string(), "2026-11-23T03:29:00Z");
    assert_eq!((got[0].person.as_str(), got[0].person_name.as_str(), got[0].serial.as_str()), ("A-7", "Bobur", ""));
    assert_eq!(got[2].ts.to_string(), "2026-11-23T03:30:15.25Z");
    assert!(got[0].replayed && !got[1].replayed);
}

#[test]
fn times_are_seen_for_what_they_are_or_read_by_a_pattern() {
    let at = |format: &str, value: Value| {
        let format = MomentFormat::parse(format).unwrap();
        format.read(&value, &in_tashkent).map(|at| at.to_string())
    };
    for value in [
        json!("2026-11-23T03:30:15Z"),
        json!("2026-11-23T08:30:15"),
        json!("2026-11-23 08:30:15"),
        json!("1795404615"),
        json!(1_795_404_615.0),
        json!(1_795_404_615_000_u64),
        json!(1_795_404_615_000_000_u64),
    ] {
        assert_eq!(at("", value.clone()).as_deref(), Some("2026-11-23T03:30:15Z"), "{value}");
    }
    for value in [
        json!("soon"),
        json!(""),
        json!(true),
        json!(-1),
        json!(1e300),
        json!("2026-11-23"),
        json!("2026-02-31T00:00:00"),
    ] {
        assert_eq!(at("", value.clone()), None, "{value}");
    }
    assert_eq!(at("%d.%m.%Y %H:%M:%S", json!("23.11.2026 08:30:15")).as_deref(), Some("2026-11-23T03:30:15Z"));
    assert_eq!(
        at("%d/%b/%Y:%H:%M:%S %z", json!("23/Nov/2026:04:30:15 +0100")).as_deref(),
        Some("2026-11-23T03:30:15Z")
    );
    assert_eq!(at("%d.%m.%Y %H:%M:%S", json!("2026-11-23T03:30:15Z")), None);
    for wrong in ["%Q", "%d.%m", "%H:%M", "%Y-%m-%d", "soon"] {
        assert_eq!(MomentFormat::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_by_a_code_and_without_what_was_sent() {
    let check = |event: Value, start: &str| {
        let told = read(&Mapping::default(), &event).unwrap_err();
        assert!(told.starts_with(start) && !told.contains("Anna"), "{told}");
    };
    check(json!({"person": "Anna"}), "missing_field: ts");
    check(json!({"ts": "Anna"}), "bad_time: ts");
    check(json!({"ts": 1, "serial": "Anna".repeat(30)}), "too_long: serial");
    check(json!({"ts": 1, "person": {"name": "Anna"}}), "wrong_type: person");
    check(json!({"ts": 1, "door": "Anna"}), "wrong_type: door");
    check(json!({"ts": 1, "outcome": "Anna"}), "unknown_word: outcome");
    check(json!("Anna"), "wrong_type: an event");
    let mapping = foreign();
    assert_eq!(mapping.events(&json!([])).unwrap_err().code, "missing_field");
    assert_eq!(mapping.events(&json!({"data": {"records": "x"}})).unwrap_err().code, "wrong_type");
    assert_eq!(Mapping::default().events(&json!({"ts": 1})).unwrap().len(), 1);
}

#[test]
fn pointers_and_words_that_cannot_be_meant_are_refused() {
    for good in ["", "-", "/", "/a/0/b", "/a~0b~1c"] {
        assert!(Pointer::parse(good).is_some(), "{good}");
    }
    for wrong in ["a", "a/b", "/a~", "/a~2", "$.a"] {
        assert!(Pointer::parse(wrong).is_none(), "{wrong}");
    }
    for wrong in ["in", "=in", "IN=", "IN in", "{\"IN\":[]}", "{"] {
        assert_eq!(
            Words::parse(wrong, direction).unwrap_err().to_string(),
            "must be written as WORD=MEANING, WORD=MEANING"
        );
    }
    assert_eq!(Words::parse("IN=up", direction).unwrap_err().to_string(), "\"up\" is no meaning that is known here");
    assert_eq!(Words::parse(" ", direction), Ok(Words::default()));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        fuzz_events(&bytes);
    }

    #[test]
    fn any_values_are_read_or_refused(ts in any::<f64>(), door in any::<i64>(), text in "\\PC{0,40}") {
        let event = json!({"ts": ts, "door": door, "person": &text, "outcome": &text, "serial": &text, "direction": &text});
        fuzz_events(event.to_string().as_bytes());
        fuzz_events(json!([{"ts": &text}, event, null, text]).to_string().as_bytes());
    }
}
