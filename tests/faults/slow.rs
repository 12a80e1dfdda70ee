//! Faults that take long or need root: run by `cargo xtask test --slow`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use super::journal::Batch;
use super::journal::Journal;
use super::journal::Stored;
use super::journal::files_ending;
use super::journal::hub;
use super::office::Closed;
use super::office::Office;
use super::office::client;
use super::office::post;
use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::wait_until;
use crate::support::tools::strace;

const DAY_US: i64 = 86_400_000_000;
/// Operations of one kind at which the process is killed, spread over all of them.
const SAMPLES: usize = 12;

/// An appliance whose first look at night finds a month to seal and one to remove.
struct Prepared {
    closed: Closed,
    /// To be sealed.
    over: Journal,
    /// To be removed, but for the sessions in it.
    old: Journal,
}

async fn prepared() -> Prepared {
    let (mut over, mut old) = (Journal::days_ago(45), Journal::days_ago(130));
    let environment = vec![("NAZORAT_INGEST__ACCEPT_DAYS", "200".to_owned())];
    let filled = Closed::new().open_with(Options { environment, ..Options::default() });
    for journal in [&mut over, &mut old] {
        let batch = journal.batch(400);
        filled.deliver(journal, &batch).await;
    }
    let filled = filled.stop();
    // Another installation gets these files; its keeper has never looked at anything.
    let closed = Closed::new();
    let copied = Command::new("cp").arg("-a").arg(filled.place.data().join("events")).arg(closed.place.data()).status();
    assert!(copied.unwrap().success());
    Prepared { closed, over, old }
}

/// A tracer that does something at system calls. It stands beside the process, not above it.
fn tracer(output: &Path, rules: &[String]) -> Vec<String> {
    let mut words = vec![strace().to_str().unwrap().to_owned()];
    words.extend(["-D", "-f", "-qq", "-o", output.to_str().unwrap()].map(str::to_owned));
    words.extend(rules.iter().flat_map(|rule| ["-e".to_owned(), rule.clone()]));
    words
}

/// A life under a tracer: batches while everything starts, some more, then a stop. Gives how it ended.
async fn live(closed: Closed, journal: &mut Journal, under: Vec<String>) -> (Closed, Vec<Batch>, Option<i32>) {
    let key = closed.key.clone();
    let batches: Vec<Batch> = (0..6).map(|number| journal.batch(20 + number)).collect();
    let started = Appliance::try_start(Options { place: Some(closed.place), under, ..Options::default() });
    let appliance = match started {
        Ok(appliance) => appliance,
        Err(stopped) => return (Closed { place: stopped.place, key }, batches, stopped.status.signal()),
    };
    let http = client();
    let url = appliance.plain("/v2/ingest/logs");
    for batch in &batches {
        match post(&http, &url, &key, batch).await {
            Ok(answer) if answer.status == 200 => journal.acknowledge(batch),
            Ok(answer) => assert!(answer.retry_after, "{answer:?}"),
            Err(_) => break,
        }
        tokio::time::sleep(Duration::from_millis(350)).await;
    }
    let stopped = appliance.stop();
    (Closed { place: stopped.place, key }, batches, stopped.status.signal())
}

/// After a kill: a start, the rest of the batches, and nothing is lost, doubled, invented or left over.
async fn check_after_kill(closed: Closed, batches: &[Batch], mut journal: Journal, world: &Prepared, what: &str) {
    let begun = Instant::now();
    let office = closed.open();
    assert!(begun.elapsed() < Duration::from_secs(10), "{what}: it took {:?} to start", begun.elapsed());
    for batch in batches {
        office.deliver(&mut journal, batch).await;
    }
    // The keeper takes up what it was at.
    let month = nazorat_timeseries::Month::of_us(world.old.base_us());
    let folder = office.appliance.data().join("events/1/active_windows");
    let gone = || !files_ending(&folder, "").iter().any(|file| file.to_string_lossy().contains(&month.to_string()));
    assert!(wait_until(Duration::from_secs(30), gone), "{what}: {:?}", files_ending(&folder, ""));
    assert_eq!(office.health().await, (200, Vec::new()), "{what}");
    let closed = office.stop();
    assert!(!closed.place.log().contains("panicked"), "{what}");
    let hub = hub(&closed.place.data());
    assert_eq!(hub.findings(), [], "{what}");
    let of =
        |journal: &Journal| -> Stored { journal.stored_between(&hub, journal.base_us(), journal.base_us() + DAY_US) };
    journal.compare(&of(&journal));
    world.over.compare(&of(&world.over));
    assert_eq!(of(&world.old).numbers.len(), 100, "{what}: sessions stay, the rest is gone");
}

/// How often each thread calls one of these at most.
fn most_calls(trace: &Path, calls: &str) -> usize {
    let text = std::fs::read_to_string(trace).unwrap();
    let mut threads: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        if calls.split(',').any(|name| call.trim_start().starts_with(&format!("{name}("))) {
            *threads.entry(thread).or_default() += 1;
        }
    }
    threads.into_values().max().unwrap_or(0)
}

#[tokio::test]
async fn f16_srv_kill9_sweep_storage_ops() {
    let world = prepared().await;
    let place = tempfile::tempdir().unwrap();
    let mut kills = 0;
    for calls in ["fdatasync", "fsync", "rename,renameat,renameat2", "unlink,unlinkat"] {
        let trace = place.path().join("trace");
        let watched = tracer(&trace, &[format!("trace={calls}")]);
        let (_, _, signal) = live(world.closed.copy(), &mut Journal::new(), watched).await;
        assert_eq!(signal, None);
        let most = most_calls(&trace, calls);
        assert!(most > 0, "{calls} is never called");
        let step = most.div_ceil(SAMPLES).max(1);
        for when in (1..=most).step_by(step) {
            let mut journal = Journal::new();
            let rules = [format!("trace={calls}"), format!("inject={calls}:signal=KILL:when={when}")];
            let under = tracer(Path::new("/dev/null"), &rules);
            let (closed, batches, signal) = live(world.closed.copy(), &mut journal, under).await;
            kills += usize::from(signal == Some(9));
            check_after_kill(closed, &batches, journal, &world, &format!("{calls} {when}")).await;
        }
    }
    assert!(kills > 20, "{kills} kills");
}

/// A disk of its own under the data folder.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn under(data: &Path, size: &str) -> Self {
        std::fs::create_dir_all(data).unwrap();
        let size = format!("size={size},mode=0700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(data).status().unwrap();
        assert!(mounted.success(), "this test mounts a small disk and needs root");
        Self(data.to_owned())
    }

    /// Takes all but so many MiB of what is free.
    fn fill(&self, but: u64) {
        let facts = rustix::fs::statvfs(&self.0).unwrap();
        let free = facts.f_bavail * facts.f_frsize;
        // Others write meanwhile, so the rest is taken page by page.
        let take = free.saturating_sub(but.max(8) << 20).to_string();
        let ballast = self.0.join("ballast");
        let taken = Command::new("fallocate").args(["-l", &take]).arg(&ballast).status().unwrap();
        assert!(taken.success());
        if but == 0 {
            let mut file = std::fs::File::options().append(true).open(ballast).unwrap();
            while file.write_all(&[1; 4096]).is_ok() {}
        }
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

/// Sends until it is taken, or not; every other answer says when to come again.
async fn until(office: &Office, journal: &mut Journal, batch: &Batch, taken: bool) {
    let deadline = Instant::now() + Duration::from_secs(90);
    loop {
        let answer = office.send(batch).await;
        match answer.status {
            200 => journal.acknowledge(batch),
            503 => assert!(answer.retry_after, "{answer:?}"),
            _ => panic!("{answer:?}"),
        }
        if (answer.status == 200) == taken {
            return;
        }
        assert!(Instant::now() < deadline, "{answer:?}\n{}", office.appliance.place().log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The guard keeps 256 MiB free, so on 48 MiB nothing would ever be taken in: the disk is larger, and a ballast fills
/// it to the last page.
#[tokio::test]
async fn f21_srv_disk_full_commit_and_checkpoint() {
    let place = crate::support::appliance::Place::new();
    let disk = SmallDisk::under(&place.data(), "900m");
    assert!(place.init().status.success());
    let key = super::office::make_key(&place, 1);
    let closed = Closed { place, key };
    let token = closed.token("malika");
    let office = closed.open();
    let mut journal = Journal::new();
    let first = journal.batch(500);
    office.deliver(&mut journal, &first).await;

    // Hardly any room: new events wait outside, people go on working.
    disk.fill(100);
    let batch = journal.batch(50);
    until(&office, &mut journal, &batch, false).await;
    assert_eq!(office.health().await, (503, vec!["disk".to_owned()]));
    let department = serde_json::json!({ "name": "Savdo" });
    let request = office.http.post(office.appliance.plain("/api/v1/departments")).bearer_auth(&token).json(&department);
    assert_eq!(request.send().await.unwrap().status(), 201);
    let form = "login=malika&password=a+long+sentence";
    let request = office.appliance.client().post(office.appliance.https("/sign-in")).body(form);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(request.send().await.unwrap().status(), 303);
    disk.empty();
    until(&office, &mut journal, &batch, true).await;

    // No room at all, suddenly, in the midst of spool, commit and checkpoint.
    for round in 0..3_u64 {
        let mut waiting = Vec::new();
        for number in 0..60 {
            let batch = journal.batch(300 + number);
            if number == 10 * (round + 1) {
                disk.fill(0);
            }
            let answer = office.send(&batch).await;
            match answer.status {
                200 => journal.acknowledge(&batch),
                503 => assert!(answer.retry_after, "{answer:?}"),
                _ => panic!("{answer:?}"),
            }
            waiting.push(batch);
        }
        tokio::time::sleep(Duration::from_secs(4)).await;
        let live = office.http.get(office.appliance.plain("/health/live")).send().await.unwrap();
        assert_eq!(live.status(), 200);
        disk.empty();
        for batch in &waiting {
            until(&office, &mut journal, batch, true).await;
        }
    }
    // The tenant store is written to again, without a restart.
    let department = serde_json::json!({ "name": "Buxgalteriya" });
    let request = office.http.post(office.appliance.plain("/api/v1/departments")).bearer_auth(&token).json(&department);
    assert_eq!(request.send().await.unwrap().status(), 201);
    let closed = office.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, journal.acknowledged());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_gw_kill9_every_fsync_in_full() {
    super::branch::kill_at_flushes(60).await;
}
