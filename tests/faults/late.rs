//! A repeat that comes when everybody has forgotten the batch but the ledger.

use std::time::Duration;

use nazorat_timeseries::Dataset;
use nazorat_timeseries::State;
use serde_json::Value;

use super::fresh::Line;
use super::journal::Journal;
use super::journal::hub;
use super::office::Answer;
use super::office::Office;
use crate::support::appliance::said;
use crate::support::appliance::wait_until;

const DAY: i64 = 86_400;

fn check_again(answer: &Answer, first: &Answer) {
    assert_eq!((answer.status, &answer.body["duplicate"]), (200, &Value::Bool(true)), "{answer:?}");
    assert_eq!(
        (&answer.body["accepted"], &answer.body["rejected"]),
        (&first.body["accepted"], &first.body["rejected"])
    );
}

#[tokio::test]
async fn f12_late_duplicate_after_ttl() {
    let office = Office::new();
    let (mut recent, mut old) = (Journal::new(), Journal::days_ago(45));
    let bad = r#"{"kind":"keystroke","ts":"2026-11-20T04:00:00Z","computer_uid":"pc"}"#;
    let batches = [recent.batch_with(30, &[bad]), old.batch(30)];
    let first = [office.deliver(&mut recent, &batches[0]).await, office.deliver(&mut old, &batches[1]).await];
    office.applied(61).await;
    for (batch, first) in batches.iter().zip(&first) {
        check_again(&office.send(batch).await, first);
    }
    // After a kill, after a clean stop with its checkpoint, each time with a new memory.
    let office = office.kill().open();
    for (batch, first) in batches.iter().zip(&first) {
        check_again(&office.send(batch).await, first);
    }
    let closed = office.stop();
    // After the old month was sealed.
    let hub = hub(&closed.place.data());
    let over = |newest: Option<i64>| newest.is_some_and(|newest| newest < old.base_us() + DAY * 1_000_000);
    for found in hub.partitions(1).into_iter().filter(|found| over(found.newest_us)) {
        hub.seal(found.partition).unwrap();
    }
    assert!(hub.partitions(1).iter().any(|found| found.state == State::Sealed));
    drop(hub);
    let office = closed.open();
    for (batch, first) in batches.iter().zip(&first) {
        check_again(&office.send(batch).await, first);
    }
    // After the tenant store was lost, and an older export was taken in its place.
    let exports = office.appliance.data().join("exports");
    assert!(wait_until(Duration::from_secs(20), || !super::journal::files_ending(&exports, ".zst").is_empty()));
    let closed = office.stop();
    std::fs::remove_file(closed.place.data().join("nazorat.redb")).unwrap();
    let restored = closed.place.run(&["doctor", "--restore-export"]);
    assert!(restored.status.success(), "{}", said(&restored));
    let office = closed.open();
    for (batch, first) in batches.iter().zip(&first) {
        check_again(&office.send(batch).await, first);
    }
    assert_eq!(office.health().await, (200, Vec::new()));
    let closed = office.stop();
    assert!(!closed.place.log().contains("panicked"));
    let hub = super::journal::hub(&closed.place.data());
    for journal in [&recent, &old] {
        let day = journal.base_us();
        let stored = journal.stored_between(&hub, day, day + DAY * 1_000_000);
        journal.compare(&stored);
        assert_eq!(stored.numbers.len(), 30);
    }
    assert_eq!(super::journal::rows(&hub, 1, Dataset::RejectedEvents).0.len(), 1);
}

/// The same with a clock that can be moved, and a memory of names that is full of others.
#[tokio::test]
async fn f12_late_duplicate_after_days_and_after_many_others() {
    let line = Line::new("2026-11-03T08:00:00Z");
    let mut journal = Journal::since(line.clock.now().as_microsecond() - 3_600_000_000);
    let batches = [journal.batch(20), journal.batch(1)];
    for batch in &batches {
        assert!(!line.accept(batch).await.unwrap().duplicate);
    }
    line.settle().await;
    for seconds in [25 * 3600, 8 * DAY, 30 * DAY, 365 * DAY] {
        line.forward(seconds);
        for batch in &batches {
            let again = line.accept(batch).await.unwrap();
            assert!(
                again.duplicate && u64::from(again.accepted) == batch.numbers.end - batch.numbers.start,
                "{again:?}"
            );
        }
    }
    line.forward(-403 * DAY);
    // More names than the memory keeps.
    let others: Vec<_> = (0..20_500).map(|_| journal.batch(1)).collect();
    for part in others.chunks(2_000) {
        for answer in futures_util::future::join_all(part.iter().map(|batch| line.accept(batch))).await {
            assert!(!answer.unwrap().duplicate);
        }
        line.settle().await;
    }
    for batch in &batches {
        assert!(line.accept(batch).await.unwrap().duplicate);
    }
    line.settle().await;
    assert_eq!(line.rows(), 20_521);
}
