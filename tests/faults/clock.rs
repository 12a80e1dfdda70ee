//! A clock that jumps: nothing is stored twice, nothing is deleted, nothing ends up in another century.

use std::time::Duration;

use nazorat::identity::DisplayName;
use nazorat::identity::NewToken;
use nazorat::kernel::Access;
use nazorat::kernel::Actor;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::Timestamp;
use nazorat::runtime::Lifecycle;
use nazorat_timeseries::Dataset;

use super::fresh::Line;
use super::journal::Batch;
use super::journal::Journal;

const DAY: i64 = 86_400;
const NOW: &str = "2026-11-23T08:00:00Z";

/// Wrong times of the appliance.
const JUMPS: [&str; 5] = [
    "1970-01-01T00:00:07Z",
    "2025-11-23T08:00:00Z",
    "2027-11-23T08:00:00Z",
    "2106-02-07T06:28:16Z",
    "9998-12-01T00:00:00Z",
];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn everything_but_letters(line: &Line) -> usize {
    line.rows() - line.of(Dataset::RejectedEvents)
}

#[tokio::test]
async fn f28_clock_jumps() {
    let line = Line::new(NOW);
    let mut journal = Journal::since(at(NOW).as_microsecond() - 3_600_000_000);
    let batch = journal.batch(40);
    assert!(!line.accept(&batch).await.unwrap().duplicate);
    line.settle().await;
    for jump in JUMPS {
        line.clock.set(at(jump));
        // A repeat is a repeat under any clock, and what is new has times that this clock does not believe.
        assert!(line.accept(&batch).await.unwrap().duplicate, "{jump}");
        let fresh = journal.batch(8);
        let answer = line.accept(&fresh).await.unwrap();
        let codes: Vec<_> = answer.rejected.iter().map(|one| one.code.as_str().to_owned()).collect();
        let expected = if at(jump) < at(NOW) { "time_in_future" } else { "time_too_old" };
        assert_eq!((answer.accepted, codes), (0, vec![expected.to_owned(); 8]), "{jump}");
        assert!(line.accept(&fresh).await.unwrap().duplicate, "{jump}");
        line.settle().await;
        assert_eq!(everything_but_letters(&line), 40, "{jump}");
    }
    line.clock.set(at(NOW));
    assert!(line.accept(&batch).await.unwrap().duplicate);
    assert_eq!(line.of(Dataset::RejectedEvents), 8 * JUMPS.len());
}

#[tokio::test]
async fn f28_events_from_other_centuries_make_no_files() {
    let line = Line::new(NOW);
    let times = [
        ("1970-01-01T00:00:00Z", "time_too_old"),
        ("0001-01-01T00:00:00Z", "time_too_old"),
        ("-009998-01-01T00:00:00Z", "time_too_old"),
        ("2026-09-24T07:59:59Z", "time_too_old"),
        ("2026-11-23T08:10:01Z", "time_in_future"),
        ("2106-02-07T06:28:16Z", "time_in_future"),
        ("9999-12-01T00:00:00Z", "time_in_future"),
        ("9999-12-31T23:59:59Z", "bad_time"),
        ("10000-01-01T00:00:00Z", "bad_time"),
        ("NaN", "bad_time"),
        ("inf", "bad_time"),
        ("1e999", "bad_time"),
        ("1795420800", "bad_time"),
    ];
    let event =
        |ts: &str| format!("{{\"kind\":\"user_session\",\"ts\":{ts},\"computer_uid\":\"pc\",\"action\":\"login\"}}");
    let mut events: Vec<String> = times.iter().map(|(ts, _)| event(&format!("\"{ts}\""))).collect();
    events.extend(["1e999", "-1", "null", "{}"].map(event));
    // Summer time begins and ends; a leap second is the second after it.
    events.extend(
        ["\"2026-10-25T02:30:00+03:00\"", "\"2026-11-01T01:30:00-04:00\"", "\"2026-11-01T01:30:00-05:00\""].map(event),
    );
    let body = format!("{{\"events\":[{}]}}", events.join(","));
    let answer = line.accept(&Batch { name: "times".to_owned(), numbers: 0..0, body }).await.unwrap();
    assert_eq!(answer.accepted, 3, "{answer:?}");
    for ((ts, code), found) in times.iter().zip(&answer.rejected) {
        assert_eq!(found.code, *code, "{ts}");
    }
    line.settle().await;
    let from = at(NOW).as_microsecond() - 60 * DAY * 1_000_000;
    let to = at(NOW).as_microsecond() + 600_000_000;
    for found in line.hub.partitions(1) {
        assert!(found.oldest_us.unwrap() >= from && found.newest_us.unwrap() <= to, "{found:?}");
    }
    let body = format!("{{\"events\":[{}]}}", event("NaN"));
    assert!(nazorat_wire::decode_logs(body.as_bytes()).is_err(), "NaN is no JSON");
}

/// Lets the keeper look once at least.
async fn look(retention: &nazorat::retention::Retention) {
    let life = Lifecycle::new();
    retention.start(&life);
    tokio::time::sleep(Duration::from_millis(700)).await;
    life.stop();
}

#[tokio::test]
async fn f28_a_jump_of_the_clock_deletes_nothing() {
    let line = Line::new(NOW);
    let (_, retention) = line.services().await;
    let (system, organization) = (Actor::system(), OrganizationId::new(1));
    let mut journal = Journal::since(at(NOW).as_microsecond() - 40 * DAY * 1_000_000);
    assert_eq!(line.accept(&journal.batch(40)).await.unwrap().accepted, 40);
    line.settle().await;
    retention.run(&system, organization).await.unwrap();
    for jump in JUMPS {
        line.clock.set(at(jump));
        look(&retention).await;
        assert_eq!(line.rows(), 40, "{jump}");
    }
    // Time that passes does delete, as it should: otherwise the above would prove nothing.
    for days in [39, 78] {
        line.clock.set(Timestamp::from_second(at(NOW).as_second() + days * DAY).unwrap());
        if days == 39 {
            retention.run(&system, organization).await.unwrap();
            assert_eq!(line.rows(), 40);
        } else {
            look(&retention).await;
        }
    }
    // Sessions of accounts are kept for a year.
    assert_eq!((line.rows(), line.of(Dataset::UserSessions)), (10, 10));
}

#[tokio::test]
async fn f28_what_has_expired_stays_expired_and_keys_go_on() {
    let line = Line::new(NOW);
    let (identity, _) = line.services().await;
    let (system, organization) = (Actor::system(), OrganizationId::new(1));
    let operator = identity.operators.find_by_login("malika").unwrap().id;
    let new = NewToken { name: DisplayName::parse("a program").unwrap(), access: Access::Full, days: 30 };
    let token = identity.tokens.create(&system, operator, new).await.unwrap();
    let key = identity.api_keys.create(&system, organization, DisplayName::parse("office").unwrap()).await.unwrap();
    assert!(identity.tokens.authenticate(token.secret.expose(), at(NOW)).is_some());
    for jump in JUMPS {
        line.clock.set(at(jump));
        assert!(identity.api_keys.authenticate(key.secret.expose(), at(jump)).is_some(), "{jump}");
        if at(jump) > at(NOW) {
            assert!(identity.tokens.authenticate(token.secret.expose(), at(jump)).is_none(), "{jump}");
        }
    }
}
