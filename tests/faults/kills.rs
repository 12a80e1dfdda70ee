//! A process that is killed again and again while many send to it.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use super::journal::Journal;
use super::office::Closed;
use super::office::client;
use super::office::post;

const SENDERS: u64 = 4;

/// Pauses between the kills; the first ones hit a process that is still recovering.
const LIVES_MS: [u64; 6] = [2_300, 150, 1_700, 900, 3_100, 1_300];

/// What the senders need to know, and where they write down what they did.
struct Shared {
    url: Mutex<String>,
    journal: Mutex<Journal>,
    finished: AtomicBool,
}

/// Also when the test fails, the senders come to an end.
struct Finish<'a>(&'a AtomicBool);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// Sends batches of all kinds until the end, each until it is acknowledged.
async fn keep_sending(shared: &Shared, key: &str, sender: u64) {
    let http = client();
    for round in 0_u64.. {
        if shared.finished.load(Ordering::SeqCst) {
            return;
        }
        let events = 1 + (round * 37 + sender * 11) % 90;
        let bad = r#"{"kind":"keystroke","ts":"2026-11-20T04:00:00Z","computer_uid":"pc"}"#;
        let others: &[&str] = if round % 5 == 0 { &[bad] } else { &[] };
        let batch = shared.journal.lock().unwrap().batch_with(events, others);
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let url = shared.url.lock().unwrap().clone();
            match post(&http, &url, key, &batch).await {
                Ok(answer) if answer.status == 200 => break,
                Ok(answer) => assert!(answer.retry_after, "{answer:?}"),
                Err(_) => {}
            }
            assert!(Instant::now() < deadline, "{} is never taken", batch.name);
            pause(20).await;
        }
        shared.journal.lock().unwrap().acknowledge(&batch);
        if round % 7 == 0 {
            // A repeat of what was acknowledged; it may fail, but never add anything.
            let url = shared.url.lock().unwrap().clone();
            drop(post(&http, &url, key, &batch).await);
        }
    }
}

#[test]
fn every_acknowledged_event_is_stored_once_after_kills() {
    let mut office = Closed::new().open();
    let key = office.key.clone();
    let shared = Shared {
        url: Mutex::new(office.ingest()),
        journal: Mutex::new(Journal::new()),
        finished: AtomicBool::new(false),
    };
    let office = std::thread::scope(|scope| {
        let finish = Finish(&shared.finished);
        for sender in 0..SENDERS {
            let (shared, key) = (&shared, &key);
            scope.spawn(move || block_on(keep_sending(shared, key, sender)));
        }
        for life in LIVES_MS {
            block_on(pause(life));
            office = office.kill().open();
            *shared.url.lock().unwrap() = office.ingest();
        }
        block_on(pause(1_000));
        drop(finish);
        office
    });
    let journal = shared.journal.into_inner().unwrap();
    assert!(journal.acknowledged() > 2_000, "only {} events were acknowledged", journal.acknowledged());
    block_on(async {
        let closed = office.check(&journal).await;
        // All senders went on until their last batch was taken, so nothing is left open.
        assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, journal.acknowledged());
    });
}
