//! Single heartbeats of ActivityWatch watchers: one request each, over connections that stay open, and every 200 says
//! that the heartbeat is on disk.

use std::time::Duration;
use std::time::Instant;

use anyhow::Result;
use anyhow::ensure;
use jiff::Timestamp;
use serde_json::json;

use crate::appliance::Appliance;
use crate::hardware;
use crate::rows;
use crate::table;
use crate::table::Table;

/// A window stays for so many heartbeats, which are merged; the next one begins a new event.
const WINDOW: u64 = 15;

/// The clients' clock starts so long ago and goes on by a second with each heartbeat.
const BEGUN: Duration = Duration::from_secs(40 * 86_400);

#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Options {
    /// How many heartbeats
    #[arg(long, default_value_t = 100_000)]
    heartbeats: u64,
    /// Connections, each of a watcher with a bucket of its own
    #[arg(long, default_value_t = 4)]
    connections: u64,
}

#[expect(clippy::disallowed_methods, reason = "watchers live in real time")]
pub(crate) fn run(options: &Options) -> Result<()> {
    let appliance = Appliance::start(&[("NAZORAT_INGEST__ACTIVITYWATCH", "true")])?;
    let each = options.heartbeats.div_ceil(options.connections.max(1));
    let begin = Timestamp::now() - BEGUN;
    let started = Instant::now();
    let mut times = std::thread::scope(|scope| -> Result<Vec<Duration>> {
        let appliance = &appliance;
        let watcher = |number| scope.spawn(move || watch(appliance, number, begin, each));
        let watchers: Vec<_> = (0..options.connections).map(watcher).collect();
        let mut times = Vec::new();
        for watcher in watchers {
            times.extend(watcher.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(times)
    })?;
    let took = started.elapsed();
    let mut shown = Table::new(&["what", "heartbeats/s", "p50", "p95", "bar"]);
    shown.row(&[
        &format!("ActivityWatch heartbeats, {} connections, durable 200", options.connections),
        &table::grouped(table::per_second(times.len() as u64, took)),
        &table::millis(table::percentile(&mut times, 50)),
        &table::millis(table::p95(&mut times)),
        &"5,000/s",
    ]);
    eprintln!("{}\n\n{shown}", hardware::line());
    Ok(())
}

fn watch(appliance: &Appliance, number: u64, begin: Timestamp, count: u64) -> Result<Vec<Duration>> {
    const JSON: &str = "Content-Type: application/json\r\n";
    let mut connection = appliance.connect()?;
    let bucket = format!("/api/0/buckets/aw-watcher-window_pc-{number}");
    let made = json!({ "client": "aw-watcher-window", "type": "currentwindow", "hostname": format!("pc-{number}") });
    let answer = connection.send(&bucket, JSON, made.to_string().as_bytes())?;
    ensure!(answer.status == 200, "a bucket was answered with {}: {}", answer.status, answer.body);
    let path = format!("{bucket}/heartbeat?pulsetime=2.0");
    let mut times = Vec::new();
    for beat in 0..count {
        let window = rows::active_window(beat / WINDOW, 1);
        let data = json!({ "app": window.app, "title": window.title });
        let timestamp = begin + Duration::from_secs(beat);
        let body = json!({ "id": null, "timestamp": timestamp.to_string(), "duration": 0.0, "data": data }).to_string();
        let sent = Instant::now();
        let answer = connection.send(&path, JSON, body.as_bytes())?;
        times.push(sent.elapsed());
        ensure!(answer.status == 200, "a heartbeat was answered with {}: {}", answer.status, answer.body);
    }
    Ok(times)
}
