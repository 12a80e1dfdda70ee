//! Event files that are damaged while the process is away.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use nazorat_timeseries::State;

use super::journal::Journal;
use super::journal::files_ending;
use super::journal::hub;
use super::office::Closed;
use super::office::Office;
use super::office::make_key;

/// What happens to a file while nobody looks after it.
type Damage = fn(&Path);

/// Later than the events that are there, in the same month.
const LATER_US: i64 = 60_000_000;

fn events(closed: &Closed) -> PathBuf {
    closed.place.data().join("events")
}

fn cut(file: &Path, length: u64) {
    File::options().write(true).open(file).unwrap().set_len(length).unwrap();
}

fn flip(file: &Path, place: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[place] ^= 0x10;
    fs::write(file, bytes).unwrap();
}

fn length(file: &Path) -> u64 {
    file.metadata().unwrap().len()
}

/// Killed with rows that are only in the logs of the event files.
async fn killed_with_logs(journal: &mut Journal) -> Closed {
    let office = Office::new();
    for _ in 0..10 {
        let batch = journal.batch(40);
        office.deliver(journal, &batch).await;
    }
    office.applied(400).await;
    // Another commit, so that the logs have a middle and an end.
    for _ in 0..10 {
        let batch = journal.batch(40);
        office.deliver(journal, &batch).await;
    }
    office.applied(800).await;
    let closed = office.kill();
    assert_eq!(files_ending(&events(&closed), ".wal").len(), 4, "there is nothing to damage");
    closed
}

#[tokio::test]
async fn f18_wal_truncated_tail_detected() {
    let mut journal = Journal::new();
    let whole = killed_with_logs(&mut journal).await;
    let mut noticed = 0;
    // In parts of the log's length, and from its end.
    for (part, from_end) in [(0, 0), (3, 0), (6, 0), (8, 1), (8, 30)] {
        let closed = whole.copy();
        for log in files_ending(&events(&closed), ".wal") {
            cut(&log, length(&log) * part / 8 - from_end);
        }
        let office = closed.open();
        // What is missing is written again out of the spool, by itself.
        assert!(tokio::time::timeout(std::time::Duration::from_secs(30), caught_up(&office)).await.is_ok());
        let lost = office.counted("nazorat_partition_lost_batches_total").await;
        assert_eq!(lost > 0, office.appliance.place().log().contains("were written again"));
        noticed += u64::from(lost > 0);
        let closed = office.check(&journal).await;
        assert_eq!(journal.stored(&closed.place.data()).numbers.len(), 800, "{part}/8 - {from_end}");
    }
    assert!(noticed >= 4, "lost tails were noticed {noticed} times of 5");
}

/// Everything of the spool was compared with the partitions.
async fn caught_up(office: &Office) {
    while !office.metrics().await.contains("nazorat_apply_lag_batches 0") {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn f19_wal_bitflip_quarantine() {
    let mut journal = Journal::new();
    let whole = killed_with_logs(&mut journal).await;
    for part in [1, 5] {
        let closed = whole.copy();
        let log = files_ending(&events(&closed), ".wal")
            .into_iter()
            .find(|log| log.starts_with(events(&closed).join("1/active_windows")))
            .unwrap();
        flip(&log, length(&log) as usize * part / 8);
        let office = closed.open();
        assert!(tokio::time::timeout(std::time::Duration::from_secs(30), caught_up(&office)).await.is_ok());
        let folder = office.appliance.data().join("events/1/active_windows");
        let names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(names.iter().filter(|name| name.contains(".corrupt.")).count(), 2, "{names:?}");
        assert!(names.iter().any(|name| name.contains("-g2")), "{names:?}");
        // Others do not notice, and new events come in.
        let mut later = journal.clone();
        let batch = later.batch(40);
        office.deliver(&mut later, &batch).await;
        let closed = office.check_damaged(&[&later]).await;
        let stored = later.stored(&closed.place.data());
        assert_eq!(stored.numbers.len(), 840);
        assert_eq!(stored.incomplete.len(), 1, "{:?}", stored.incomplete);
    }
}

/// A month that is over and sealed, of two organizations, and events of today.
async fn sealed(old: &mut Journal, others: &mut Journal, today: &mut Journal) -> Closed {
    let closed = Closed::new();
    let token = closed.token("malika");
    let office = closed.open();
    let settings = serde_json::json!({ "name": "Others", "time_zone": "Asia/Tashkent", "language": "uz" });
    let made = office.http.post(office.appliance.plain("/api/v1/organizations")).bearer_auth(token).json(&settings);
    assert_eq!(made.send().await.unwrap().status(), 201);
    let key = make_key(office.appliance.place(), 2);
    for (journal, key) in [(&mut *old, &office.key), (others, &key), (today, &office.key)] {
        let batch = journal.batch(4_000);
        let answer = super::office::post(&office.http, &office.ingest(), key, &batch).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        journal.acknowledge(&batch);
    }
    let closed = office.stop();
    let hub = hub(&closed.place.data());
    for organization in [1, 2] {
        for found in hub.partitions(organization) {
            if found.newest_us.unwrap() < old.base_us() + 86_400_000_000 {
                hub.seal(found.partition).unwrap();
            }
        }
    }
    let count = hub.partitions(1).iter().filter(|found| found.state == State::Sealed).count();
    assert!((4..=8).contains(&count), "{count} files are sealed");
    drop(hub);
    closed
}

#[tokio::test]
async fn f20_sealed_partition_corrupt() {
    let (mut old, mut others, mut today) = (Journal::days_ago(45), Journal::days_ago(45).of(2), Journal::new());
    let whole = sealed(&mut old, &mut others, &mut today).await;
    let token = whole.token("malika");
    // The oldest file of windows is the sealed one.
    let damages: [(&str, Damage); 4] = [
        ("gone", |file| fs::remove_file(file).unwrap()),
        ("empty", |file| cut(file, 0)),
        ("half", |file| cut(file, length(file) / 2)),
        ("zeroed", |file| {
            let mut bytes = fs::read(file).unwrap();
            let (from, to) = (bytes.len() / 8, bytes.len() - bytes.len() / 8);
            bytes[from..to].fill(0);
            fs::write(file, bytes).unwrap();
        }),
    ];
    for (name, damage) in damages {
        let closed = whole.copy();
        damage(&files_ending(&events(&closed).join("1/active_windows"), ".duckdb")[0]);
        let office = closed.open();
        // A late event of that month meets the damage, and finds a place.
        let mut late = Journal::since(old.base_us() + LATER_US);
        let batch = late.batch(40);
        office.deliver(&mut late, &batch).await;
        office.applied(40).await;
        assert!(told(&office, &token, &old).await, "{name}: a report does not say that it is incomplete");
        assert_eq!(office.health().await, (503, vec!["events".to_owned()]), "{name}");
        let closed = office.stop();
        assert!(!closed.place.log().contains("panicked"));
        let hub = hub(&closed.place.data());
        let month = old.stored_between(&hub, old.base_us(), old.base_us() + LATER_US);
        assert_eq!(
            (month.incomplete.len(), month.numbers.len()),
            (1, 3_000),
            "{name}: windows are missing, and it is said"
        );
        late.compare(&late.stored_between(&hub, late.base_us(), late.base_us() + LATER_US));
        today.compare(&today.stored_between(&hub, today.base_us(), i64::MAX));
        let untouched = others.stored_between(&hub, 0, i64::MAX);
        others.compare(&untouched);
        assert!(untouched.incomplete.is_empty(), "{name}");
    }
}

/// Whether the count of events of the damaged time says that something is missing.
async fn told(office: &Office, token: &str, old: &Journal) -> bool {
    let at = |us: i64| nazorat::kernel::Timestamp::from_microsecond(us).unwrap().to_string();
    let span = [("from", at(old.base_us())), ("to", at(old.base_us() + LATER_US))];
    let url = office.appliance.plain("/api/v1/events/active_windows/count");
    let answer = office.http.get(url).bearer_auth(token).query(&span).send().await.unwrap();
    let answer = super::office::read(answer).await.unwrap();
    answer.status == 200 && !answer.body["incomplete"]["partitions"].as_array().is_none_or(Vec::is_empty)
}
