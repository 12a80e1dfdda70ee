//! Storing batches the way the v1 server did: one table, six indexes, one transaction for each batch.

use std::fmt;
use std::fmt::Write;
use std::ops::Range;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use anyhow::Result;
use anyhow::ensure;

use super::Cluster;
use super::Session;
use crate::hardware;
use crate::rows;
use crate::rows::ActiveWindow;
use crate::table;
use crate::table::Table;

/// The table of the v1 server, with the first of its six indexes.
pub(crate) const TABLE: &str = "
CREATE TABLE active_windows (
    id bigserial PRIMARY KEY,
    organization_id integer NOT NULL,
    computer_user_id integer NOT NULL,
    datetime timestamptz NOT NULL,
    process_name text NOT NULL,
    title text NOT NULL,
    active_time integer NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
";

/// The other five indexes.
pub(crate) const INDEXES: &str = "
CREATE INDEX ON active_windows (organization_id, datetime);
CREATE INDEX ON active_windows (computer_user_id, datetime);
CREATE INDEX ON active_windows (datetime);
CREATE INDEX ON active_windows (process_name);
CREATE INDEX ON active_windows (received_at);
";

const BATCHES: &str = "
CREATE TABLE batches (key text PRIMARY KEY, rows integer NOT NULL, received_at timestamptz NOT NULL DEFAULT now());
";

#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Options {
    /// How many events
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) events: u64,
    /// Events in one batch, which is one transaction
    #[arg(long, default_value_t = 500)]
    pub(crate) batch: u64,
    /// Connections that store at the same time
    #[arg(long, default_value_t = 8)]
    pub(crate) connections: u64,
    /// How a batch is written
    #[arg(long, value_enum, default_value_t = Method::Insert)]
    pub(crate) method: Method,
    /// People the events are spread over
    #[arg(long, default_value_t = 200)]
    pub(crate) users: u64,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq)]
pub(crate) enum Method {
    /// One INSERT with many rows, as servers write
    Insert,
    /// COPY, the fastest way in that PostgreSQL has
    Copy,
}

/// What storing so many events cost.
pub(crate) struct Stored {
    pub(crate) events: u64,
    pub(crate) took: Duration,
    pub(crate) p95: Duration,
    pub(crate) bytes: u64,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let cluster = Cluster::start()?;
    let stored = store(&cluster, options)?;
    let mut shown = Table::new(&["what", "events/s", "p95 of a batch", "bytes/event"]);
    shown.row(&[
        &match options.method {
            Method::Insert => "PostgreSQL 15, v1 schema, INSERT",
            Method::Copy => "PostgreSQL 15, v1 schema, COPY",
        },
        &table::grouped(table::per_second(stored.events, stored.took)),
        &table::millis(stored.p95),
        &(stored.bytes / stored.events.max(1)),
    ]);
    eprintln!("{}\n\n{shown}", hardware::line());
    Ok(())
}

/// Stores the batches over all connections; a batch counts when its commit is answered.
pub(crate) fn store(cluster: &Cluster, options: &Options) -> Result<Stored> {
    let options = *options;
    cluster.connect()?.ask(&format!("{TABLE}{INDEXES}{BATCHES}"))?;
    let sessions: Vec<Session> = (0..options.connections).map(|_| cluster.connect()).collect::<Result<_>>()?;
    let started = Instant::now();
    let times = thread::scope(|scope| -> Result<Vec<Duration>> {
        let spawn = |(connection, session)| scope.spawn(move || client(session, connection as u64, options));
        let clients: Vec<_> = sessions.into_iter().enumerate().map(spawn).collect();
        let mut times = Vec::new();
        for client in clients {
            times.extend(client.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(times)
    });
    let (mut times, took) = (times?, started.elapsed());
    let answer = cluster.connect()?.ask("SELECT count(*) FROM active_windows;")?;
    ensure!(answer.trim() == options.events.to_string(), "stored {answer} instead of {} events", options.events);
    cluster.connect()?.ask("VACUUM (ANALYZE) active_windows;")?;
    let bytes = cluster.bytes_of("active_windows")?;
    Ok(Stored { events: options.events, took, p95: table::p95(&mut times), bytes })
}

/// Every so-many-th batch, one after the other.
fn client(mut session: Session, connection: u64, options: Options) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    let batches = options.events.div_ceil(options.batch);
    for number in (connection..batches).step_by(options.connections as usize) {
        let first = number * options.batch;
        let sql = batch(number, first..(first + options.batch).min(options.events), options);
        let started = Instant::now();
        session.ask(&sql)?;
        times.push(started.elapsed());
    }
    Ok(times)
}

pub(crate) const COLUMNS: &str =
    "active_windows (organization_id, computer_user_id, datetime, process_name, title, active_time)";

/// One transaction; the key of the batch makes a repeat fail, as it must.
fn batch(number: u64, events: Range<u64>, options: Options) -> String {
    let mut sql = String::with_capacity(64 * 1024);
    let count = events.end - events.start;
    push(&mut sql, format_args!("BEGIN;\nINSERT INTO batches (key, rows) VALUES ('bench:{number}', {count});\n"));
    let rows = events.map(|event| rows::active_window(event, options.users));
    match options.method {
        Method::Insert => insert(&mut sql, rows),
        Method::Copy => copy(&mut sql, rows),
    }
    sql.push_str("COMMIT;");
    sql
}

fn insert(sql: &mut String, rows: impl Iterator<Item = ActiveWindow>) {
    push(sql, format_args!("INSERT INTO {COLUMNS} VALUES"));
    for (index, row) in rows.enumerate() {
        let ActiveWindow { user, app, title, duration_ms, .. } = &row;
        let comma = if index == 0 { "" } else { "," };
        push(sql, format_args!("{comma}\n(1,{user},'{}','{app}','{title}',{duration_ms})", time(&row)));
    }
    sql.push_str(";\n");
}

fn copy(sql: &mut String, rows: impl Iterator<Item = ActiveWindow>) {
    push(sql, format_args!("COPY {COLUMNS} FROM STDIN;\n"));
    for row in rows {
        let ActiveWindow { user, app, title, duration_ms, .. } = &row;
        push(sql, format_args!("1\t{user}\t{}\t{app}\t{title}\t{duration_ms}\n", time(&row)));
    }
    sql.push_str("\\.\n");
}

pub(crate) fn time(row: &ActiveWindow) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(row.ts_micros).unwrap_or_default()
}

fn push(sql: &mut String, text: fmt::Arguments<'_>) {
    sql.write_fmt(text).expect("a String takes all that is written to it");
}
