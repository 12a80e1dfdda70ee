//! Agents that bring their days: one batch is one person's day, made while the ones before are on their way.
//!
//! A day is given by its midnight, in microseconds.

use std::fmt::Write as _;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use super::office::Office;
use super::year::Year;
use crate::appliance::Appliance;
use crate::rows;

/// How often a batch is sent that the appliance has no room for yet.
const ATTEMPTS: u32 = 600;

/// Sends the days, everybody's first day first.
pub(super) fn send(
    appliance: &Appliance,
    office: &Office,
    year: &Year,
    days: &[i64],
    connections: usize,
) -> Result<()> {
    let next = AtomicU64::new(0);
    let client = || -> Result<()> {
        let mut connection = appliance.connect()?;
        let headers = format!("Authorization: Bearer {}\r\n", office.key);
        let mut body = String::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(&day) = days.get((number / year.people) as usize) else { return Ok(()) };
            fill(&mut body, day, number % year.people, year.windows).context("a String takes all that is written")?;
            post(|| connection.post("/v2/ingest/logs", &headers, body.as_bytes()))?;
        }
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..connections).map(|_| scope.spawn(client)).collect();
        clients
            .into_iter()
            .try_for_each(|client| client.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Sends again what was refused for want of room, as an agent would.
#[expect(clippy::disallowed_methods, reason = "a bench waits for another process, with a deadline")]
fn post(mut attempt: impl FnMut() -> Result<u16>) -> Result<()> {
    for _ in 0..ATTEMPTS {
        match attempt()? {
            200 => return Ok(()),
            429 | 503 => std::thread::sleep(Duration::from_millis(100)),
            status => bail!("a batch was answered with {status}"),
        }
    }
    bail!("the appliance had no room for too long")
}

fn fill(body: &mut String, midnight: i64, user: u64, windows: u64) -> std::fmt::Result {
    body.clear();
    write!(body, "{{\"batch_id\":\"{midnight}-{user}\",\"events\":[")?;
    for number in 0..windows {
        let window = rows::of_day(midnight, user, number, windows);
        let ts = jiff::Timestamp::from_microsecond(window.ts_micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let comma = if number == 0 { "" } else { "," };
        write!(
            body,
            "{comma}{{\"kind\":\"active_window\",\"ts\":\"{ts}\",\"computer_uid\":\"pc-{user}\",\
             \"user_name\":\"OFFICE\\\\user{user}\",\"duration_ms\":{},\"app\":\"{}\",\"title\":\"{}\"}}",
            window.duration_ms, window.app, window.title
        )?;
    }
    body.write_str("]}")
}
