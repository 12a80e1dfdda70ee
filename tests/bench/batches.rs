//! Batches as agents send them, and clients that do nothing else than send them.

use std::ops::Range;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use anyhow::Result;
use anyhow::ensure;

use crate::appliance::Appliance;
use crate::rows::ActiveWindow;

/// The body of one batch.
pub(crate) fn body(name: &str, rows: impl Iterator<Item = ActiveWindow>) -> Vec<u8> {
    let mut body = format!("{{\"batch_id\":\"{name}\",\"events\":[").into_bytes();
    for (index, window) in rows.enumerate() {
        if index > 0 {
            body.push(b',');
        }
        write_event(&mut body, &window);
    }
    body.extend_from_slice(b"]}");
    body
}

/// The name of an account of the made-up people.
pub(crate) fn account(user: u64) -> String {
    format!("OFFICE\\user{user}")
}

/// Asks for one body after the other and sends each; gives the time of every request. Each has to be acknowledged.
pub(crate) fn send_all<B: AsRef<[u8]>>(
    appliance: &Appliance,
    connections: usize,
    batches: Range<u64>,
    body: impl Fn(u64) -> B + Sync,
) -> Result<Vec<Duration>> {
    let headers = format!("Authorization: Bearer {}\r\n", appliance.key);
    let next = AtomicU64::new(batches.start);
    let client = || -> Result<Vec<Duration>> {
        let mut connection = appliance.connect()?;
        let mut times = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= batches.end {
                return Ok(times);
            }
            let body = body(number);
            let sent = Instant::now();
            let status = connection.post("/v2/ingest/logs", &headers, body.as_ref())?;
            ensure!(status == 200, "a batch was answered with {status}");
            times.push(sent.elapsed());
        }
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..connections).map(|_| scope.spawn(client)).collect();
        let mut times = Vec::new();
        for client in clients {
            times.extend(client.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(times)
    })
}

fn write_event(body: &mut Vec<u8>, window: &ActiveWindow) {
    let ts = jiff::Timestamp::from_microsecond(window.ts_micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let user = window.user;
    let event = format!(
        "{{\"kind\":\"active_window\",\"ts\":\"{ts}\",\"computer_uid\":\"pc-{user}\",\"user_name\":\"OFFICE\\\\user{user}\",\
         \"duration_ms\":{},\"app\":\"{}\",\"title\":\"{}\"}}",
        window.duration_ms, window.app, window.title
    );
    body.extend_from_slice(event.as_bytes());
}
