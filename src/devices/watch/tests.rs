//! Rules over values. The watch itself is tested in `tests/http/statuses.rs`, over a whole appliance.

use nazorat_wire::frame::DeviceSeen;
use serde_json::json;

use super::model::View;
use super::model::word;
use super::rules;
use super::rules::Verdict;
use crate::devices::DeviceState;
use crate::fleet::alerts::AlertKind;
use crate::kernel::GatewayId;
use crate::kernel::Span;
use crate::kernel::Timestamp;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_334_400 + second).unwrap()
}

fn seen(state: &str, more: serde_json::Value) -> DeviceSeen {
    let mut told = json!({ "id": 1, "state": state });
    told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(told).unwrap()
}

fn view(state: DeviceState, code: &str, told: serde_json::Value) -> View {
    let told = Some((at(0), seen(state.name(), told)));
    View { gateway: GatewayId::new(uuid::Uuid::nil()), state, code: code.to_owned(), told }
}

fn fires(kind: AlertKind, view: &View, waited: i64, open: bool) -> Option<bool> {
    match rules::judge(kind, view, at(0), at(waited), open) {
        Verdict::Fires(_) => Some(true),
        Verdict::Ends => Some(false),
        Verdict::Stays => None,
    }
}

#[test]
fn a_device_is_looked_after_when_it_is_away_for_more_than_two_minutes() {
    use DeviceState::*;
    let (yes, no, stays) = (Some(true), Some(false), None);
    for (state, code, waited, expected) in [
        (Offline, "device_unreachable", 120, stays),
        (Offline, "device_unreachable", 121, yes),
        (Error, "device_nonsense", 121, yes),
        (Connecting, "", 9_000, stays),
        (Online, "", 121, no),
        (Disabled, "", 121, no),
        // Nobody knows, or another alert says it.
        (Unknown, "gateway_silent", 9_000, no),
        (Error, "device_credentials", 9_000, no),
        // The gateway's clock is ahead, or was.
        (Offline, "device_unreachable", -50, stays),
    ] {
        let found = fires(AlertKind::DeviceOffline, &view(state, code, json!({})), waited, true);
        assert_eq!(found, expected, "{state:?} {code} {waited}");
    }
}

#[test]
fn refused_credentials_are_told_at_once() {
    use DeviceState::*;
    for (state, code, expected) in [
        (Error, "device_credentials", Some(true)),
        (Error, "device_settings", Some(false)),
        (Offline, "device_unreachable", Some(false)),
        (Connecting, "", None),
        (Online, "", Some(false)),
    ] {
        assert_eq!(fires(AlertKind::DeviceCredentials, &view(state, code, json!({})), 0, false), expected, "{state:?}");
    }
}

#[test]
fn clocks_and_room_are_judged_of_devices_that_answer() {
    use DeviceState::*;
    let clock =
        |state, drift: i64| fires(AlertKind::DeviceClock, &view(state, "", json!({ "drift_ms": drift })), 0, true);
    assert_eq!([120_000, -120_000].map(|drift| clock(Online, drift)), [Some(false); 2]);
    assert_eq!([120_001, -120_001].map(|drift| clock(Online, drift)), [Some(true); 2]);
    assert_eq!([clock(Offline, 500_000), clock(Unknown, 0), clock(Disabled, 500_000)], [None, None, Some(false)]);
    let full = |there: u32, open| {
        let told = json!({ "log_room": [there, 100_000], "people_room": [there, 100_000] });
        let kinds = [AlertKind::DeviceLogHigh, AlertKind::DevicePeopleHigh];
        kinds.map(|kind| fires(kind, &view(Online, "", told.clone()), 0, open))
    };
    for (there, open, expected) in [
        (80_999, false, false),
        (81_000, false, true),
        (80_000, true, true),
        (75_000, true, true),
        (74_999, true, false),
    ] {
        assert_eq!(full(there, open), [Some(expected); 2], "{there} {open}");
    }
    // A device that keeps nothing, or does not say.
    let none = view(Online, "", json!({ "log_room": [5, 0] }));
    assert_eq!(fires(AlertKind::DeviceLogHigh, &none, 0, false), Some(false));
}

#[test]
fn rows_speak_until_the_next_one_and_not_for_ever() {
    use DeviceState::*;
    let row = |second, state: DeviceState, code: &str| (at(second), state, code.to_owned());
    let told = |rows: &[(Timestamp, DeviceState, String)], to, now| {
        let found = rules::stretches(rows, Span::new(at(0), at(to)), at(now));
        let seconds = |at: Timestamp| at.as_second() - 1_795_334_400;
        found.iter().map(|one| (seconds(one.span.from), seconds(one.span.to), one.state)).collect::<Vec<_>>()
    };
    assert_eq!(told(&[], 100, 50), []);
    // What was before the period holds in it; what is said again is one.
    let rows =
        [row(-9, Online, ""), row(-5, Online, ""), row(20, Offline, "x"), row(30, Online, ""), row(90, Error, "y")];
    let expected = [(0, 20, Online), (20, 30, Offline), (30, 90, Online), (90, 95, Error)];
    assert_eq!(told(&rows, 100, 95), expected);
    // The period ends before now.
    assert_eq!(told(&rows, 25, 95), [(0, 20, Online), (20, 25, Offline)]);
    // Nobody watched: rows would have come.
    let holds = i64::try_from(rules::HOLDS.as_secs()).unwrap();
    let rows = [row(0, Online, ""), row(holds + 50, Online, "")];
    let expected = [(0, holds, Online), (holds, holds + 50, Unknown), (holds + 50, holds + 60, Online)];
    assert_eq!(told(&rows, 2 * holds, holds + 60), expected);
}

#[test]
fn what_a_gateway_calls_a_code_is_a_word_or_is_not_kept() {
    assert_eq!(word("device_unreachable"), "device_unreachable");
    for text in ["Password: 123", "http://admin:secret@x", &"a".repeat(41), "a-b", "\u{430}"] {
        assert_eq!(word(text), "other", "{text}");
    }
}
