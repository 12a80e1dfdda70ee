//! Taking in batches: clients that do nothing else send JSON over HTTP, every 2xx is durable, and in the end every event
//! is counted in the partitions, once. PostgreSQL stores the same batches in the same run.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::ensure;

use crate::appliance::Appliance;
use crate::appliance::BELIEVES_THE_PAST;
use crate::hardware;
use crate::postgres::Cluster;
use crate::postgres::Setup;
use crate::postgres::store;
use crate::rows;
use crate::table;
use crate::table::Table;

#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Options {
    /// How many events
    #[arg(long, default_value_t = 3_000_000)]
    events: u64,
    /// Events in one batch
    #[arg(long, default_value_t = 500)]
    batch: u64,
    /// Connections that send at the same time
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// People the events are spread over
    #[arg(long, default_value_t = 200)]
    users: u64,
    /// Events that PostgreSQL stores; as many when it is left out
    #[arg(long)]
    postgres_events: Option<u64>,
    /// Seconds without work after which the memory is looked at once more
    #[arg(long, default_value_t = 0)]
    rest: u64,
    /// Leaves PostgreSQL out
    #[arg(long)]
    alone: bool,
}

struct Taken {
    acknowledged: Duration,
    stored: Duration,
    p95: Duration,
    bytes: u64,
    /// Mebibytes right after the run, and after a rest.
    resident: (u64, u64),
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let ours = take(options)?;
    let mut shown = Table::new(&["what", "events/s", "Nazorat stores times as many", "p95 of a batch", "bytes/event"]);
    let stored = table::per_second(options.events, ours.stored);
    shown.row(&[
        &"Nazorat, HTTP to durable 2xx",
        &table::grouped(table::per_second(options.events, ours.acknowledged)),
        &"",
        &table::millis(ours.p95),
        &"",
    ]);
    let bytes = ours.bytes / options.events.max(1);
    shown.row(&[&"Nazorat, stored and counted", &table::grouped(stored), &"", &"", &bytes]);
    let theirs = [
        (store::Method::Json, Setup::Installed),
        (store::Method::Json, Setup::Tuned),
        (store::Method::Insert, Setup::Tuned),
    ];
    for (method, setup) in theirs.into_iter().filter(|_| !options.alone) {
        let events = options.postgres_events.unwrap_or(options.events);
        let (batch, connections, users) = (options.batch, options.connections as u64, options.users);
        let asked = store::Options { events, batch, connections, method, users, setup };
        let theirs = store::store(&Cluster::start(setup)?, &asked)?;
        let rate = table::per_second(theirs.events, theirs.took);
        shown.row(&[
            &asked.name(),
            &table::grouped(rate),
            &format!("{:.1}", stored as f64 / rate.max(1) as f64),
            &table::millis(theirs.p95),
            &(theirs.bytes / theirs.events.max(1)),
        ]);
    }
    let (resident, rested) = ours.resident;
    eprintln!("{}\nresident after the run: {resident} MB, {} s later: {rested} MB", hardware::line(), options.rest);
    eprintln!("\n{shown}");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "rest is time that passes for another process")]
fn take(options: &Options) -> Result<Taken> {
    let bodies = bodies(options);
    let mut appliance = Appliance::start(&[BELIEVES_THE_PAST])?;
    let headers = format!("Authorization: Bearer {}\r\n", appliance.key);
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let mut times = std::thread::scope(|scope| -> Result<Vec<Duration>> {
        let client = || -> Result<Vec<Duration>> {
            let mut connection = appliance.connect()?;
            let mut times = Vec::new();
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                let sent = Instant::now();
                let status = connection.post("/v2/ingest/logs", &headers, body.as_bytes())?;
                ensure!(status == 200, "a batch was answered with {status}");
                times.push(sent.elapsed());
            }
            Ok(times)
        };
        let clients: Vec<_> = (0..options.connections).map(|_| scope.spawn(client)).collect();
        let mut times = Vec::new();
        for client in clients {
            times.extend(client.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(times)
    })?;
    let acknowledged = started.elapsed();
    appliance.settle(Duration::from_secs(300))?;
    let stored = started.elapsed();
    let resident = appliance.resident()?;
    std::thread::sleep(Duration::from_secs(options.rest));
    let resident = (resident, appliance.resident()?);
    let counted = count(&appliance)?;
    ensure!(counted == options.events, "{counted} of {} events are stored", options.events);
    appliance.stop()?;
    let bytes = size(&appliance.data().join("events"))?;
    Ok(Taken { acknowledged, stored, p95: table::p95(&mut times), bytes, resident })
}

/// Everything that is sent, made before the clock runs.
fn bodies(options: &Options) -> Vec<String> {
    let batches = options.events.div_ceil(options.batch);
    let events = |batch: u64| batch * options.batch..((batch + 1) * options.batch).min(options.events);
    let rows = |batch| events(batch).map(|event| rows::active_window(event, options.users));
    (0..batches).map(|batch| store::body(batch, rows(batch))).collect()
}

pub(crate) fn count(appliance: &Appliance) -> Result<u64> {
    let mut connection = appliance.connect()?;
    let mut total = 0;
    // The API counts at most a year at once.
    for (from, to) in [("2026-01-01", "2026-07-01"), ("2026-07-01", "2027-01-01"), ("2027-01-01", "2027-07-01")] {
        let path = format!("/api/v1/events/active_windows/count?from={from}T00:00:00Z&to={to}T00:00:00Z");
        let answer: serde_json::Value = serde_json::from_str(&connection.get(&path, &appliance.token)?)?;
        total += answer["count"].as_u64().context("the answer has no count")?;
    }
    Ok(total)
}

fn size(folder: &std::path::Path) -> Result<u64> {
    let mut total = 0;
    for entry in std::fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        total += if kind.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(total)
}
