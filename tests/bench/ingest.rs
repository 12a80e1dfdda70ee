//! Taking in batches: clients that do nothing else send JSON over HTTP, every 2xx is durable, and in the end every event
//! is counted in the partitions, once. PostgreSQL stores the same batches in the same run.

use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::ensure;

use crate::appliance::Appliance;
use crate::batches;
use crate::hardware;
use crate::postgres::Cluster;
use crate::postgres::store;
use crate::rows;
use crate::table;
use crate::table::Table;

/// The made-up events lie in the past; the appliance is told to believe them.
const ACCEPT_DAYS: u32 = 3_650;

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
    /// Leaves PostgreSQL out
    #[arg(long)]
    alone: bool,
}

struct Taken {
    acknowledged: Duration,
    stored: Duration,
    p95: Duration,
    bytes: u64,
    resident_kb: u64,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let ours = take(options)?;
    let mut shown = Table::new(&["what", "events/s", "p95 of a batch", "bytes/event"]);
    let stored = table::per_second(options.events, ours.stored);
    shown.row(&[
        &"Nazorat, HTTP to durable 2xx",
        &table::grouped(table::per_second(options.events, ours.acknowledged)),
        &table::millis(ours.p95),
        &"",
    ]);
    shown.row(&[&"Nazorat, stored and counted", &table::grouped(stored), &"", &(ours.bytes / options.events.max(1))]);
    if !options.alone {
        let method = store::Method::Insert;
        let events = options.postgres_events.unwrap_or(options.events);
        let (batch, connections, users) = (options.batch, options.connections as u64, options.users);
        let cluster = Cluster::start()?;
        let theirs = store::store(&cluster, &store::Options { events, batch, connections, method, users })?;
        let rate = table::per_second(theirs.events, theirs.took);
        shown.row(&[
            &"PostgreSQL 15, v1 schema, the same batches",
            &table::grouped(rate),
            &table::millis(theirs.p95),
            &(theirs.bytes / theirs.events.max(1)),
        ]);
        eprintln!("Nazorat stores {:.1} times as many.", stored as f64 / rate.max(1) as f64);
    }
    eprintln!("{}\nresident after the run: {} MB\n\n{shown}", hardware::line(), ours.resident_kb / 1024);
    Ok(())
}

fn take(options: &Options) -> Result<Taken> {
    let bodies = bodies(options);
    let mut appliance = Appliance::start(ACCEPT_DAYS)?;
    let started = Instant::now();
    let mut times = batches::send_all(&appliance, options.connections, 0..bodies.len() as u64, |number| {
        bodies.get(number as usize).map(Vec::as_slice).unwrap_or_default()
    })?;
    let acknowledged = started.elapsed();
    appliance.settle(Duration::from_secs(300))?;
    let stored = started.elapsed();
    let resident_kb = resident(appliance.id())?;
    let counted = count(&appliance)?;
    ensure!(counted == options.events, "{counted} of {} events are stored", options.events);
    appliance.stop()?;
    let bytes = size(&appliance.data().join("events"))?;
    Ok(Taken { acknowledged, stored, p95: table::p95(&mut times), bytes, resident_kb })
}

/// Everything that is sent, made before the clock runs.
fn bodies(options: &Options) -> Vec<Vec<u8>> {
    let batch = |number: u64| {
        let first = number * options.batch;
        let last = (first + options.batch).min(options.events);
        batches::body(&format!("bench-{number}"), (first..last).map(|event| rows::active_window(event, options.users)))
    };
    (0..options.events.div_ceil(options.batch)).map(batch).collect()
}

fn count(appliance: &Appliance) -> Result<u64> {
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

pub(crate) fn resident(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).context("the process has gone")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).context("no VmRSS")
}

pub(crate) fn size(folder: &std::path::Path) -> Result<u64> {
    let mut total = 0;
    for entry in std::fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        total += if kind.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(total)
}
