//! Storing batches the way the v1 server did: one table, six indexes, one transaction for each batch.
//!
//! No server stands before it, and everything it is sent was made before the clock runs.

use std::fmt;
use std::fmt::Write;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use anyhow::Result;
use anyhow::ensure;

use super::Cluster;
use super::Session;
use super::Setup;
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

/// What a batch is recognised by, and the accounts that its events name.
const BESIDE: &str = "
CREATE TABLE batches (key text PRIMARY KEY, rows integer NOT NULL, received_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE computer_users (id integer PRIMARY KEY, computer_uid text NOT NULL, user_name text NOT NULL,
    UNIQUE (computer_uid, user_name));
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
    /// How the server is set up
    #[arg(long, value_enum, default_value_t = Setup::Tuned)]
    pub(crate) setup: Setup,
}

impl Options {
    /// What is measured, in words.
    pub(crate) fn name(&self) -> String {
        let setup = match self.setup {
            Setup::Installed => "as Debian installs it",
            Setup::Tuned => "tuned",
        };
        format!("PostgreSQL 15 {setup}, {}", self.method.name())
    }
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq)]
pub(crate) enum Method {
    /// The JSON as agents send it, taken apart in SQL
    Json,
    /// One INSERT with many rows, as servers write
    Insert,
    /// COPY, the fastest way in that PostgreSQL has
    Copy,
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Method::Json => "the same JSON batches",
            Method::Insert => "ready-made INSERT",
            Method::Copy => "ready-made COPY",
        }
    }
}

/// What storing so many events cost.
pub(crate) struct Stored {
    pub(crate) events: u64,
    pub(crate) took: Duration,
    pub(crate) p95: Duration,
    pub(crate) bytes: u64,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let cluster = Cluster::start(options.setup)?;
    let stored = store(&cluster, options)?;
    let mut shown = Table::new(&["what", "events/s", "p95 of a batch", "bytes/event"]);
    shown.row(&[
        &options.name(),
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
    let users = options.users;
    cluster.connect()?.ask(&format!(
        "{TABLE}{INDEXES}{BESIDE}
INSERT INTO computer_users SELECT n, 'pc-' || n, 'OFFICE\\user' || n FROM generate_series(0, {users} - 1) n;
ANALYZE computer_users;"
    ))?;
    let sessions: Vec<Session> = (0..options.connections).map(|_| cluster.connect()).collect::<Result<_>>()?;
    // Every connection sends every so-many-th batch.
    let share = |connection: u64| {
        let numbers = (connection..options.events.div_ceil(options.batch)).step_by(options.connections as usize);
        numbers.map(|number| batch(number, options)).collect::<Vec<String>>()
    };
    let shares: Vec<Vec<String>> = (0..options.connections).map(share).collect();
    let started = Instant::now();
    let times = thread::scope(|scope| -> Result<Vec<Duration>> {
        let spawn = |(session, share)| scope.spawn(move || client(session, share));
        let clients: Vec<_> = sessions.into_iter().zip(shares.iter().map(Vec::as_slice)).map(spawn).collect();
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

/// One after the other.
fn client(mut session: Session, batches: &[String]) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for sql in batches {
        let started = Instant::now();
        session.ask(sql)?;
        times.push(started.elapsed());
    }
    Ok(times)
}

pub(crate) const COLUMNS: &str =
    "active_windows (organization_id, computer_user_id, datetime, process_name, title, active_time)";

/// One transaction; the key of the batch makes a repeat fail, as it must.
fn batch(number: u64, options: Options) -> String {
    let first = number * options.batch;
    let events = first..(first + options.batch).min(options.events);
    let mut sql = String::new();
    let count = events.end - events.start;
    push(&mut sql, format_args!("BEGIN;\nINSERT INTO batches (key, rows) VALUES ('bench:{number}', {count});\n"));
    let rows = events.map(|event| rows::active_window(event, options.users));
    match options.method {
        Method::Json => json(&mut sql, number, rows),
        Method::Insert => insert(&mut sql, rows),
        Method::Copy => copy(&mut sql, rows),
    }
    sql.push_str("COMMIT;");
    sql
}

/// The body as agents send it, its events as rows, and each account looked up.
fn json(sql: &mut String, number: u64, rows: impl Iterator<Item = ActiveWindow>) {
    push(sql, format_args!("INSERT INTO {COLUMNS} SELECT 1, account.id, ts, app, title, duration_ms\nFROM "));
    push(sql, format_args!("json_to_recordset('{}'::json -> 'events') AS ", body(number, rows)));
    sql.push_str(
        "event (kind text, ts timestamptz, computer_uid text, user_name text, duration_ms integer, app text, title text)
JOIN computer_users account USING (computer_uid, user_name) WHERE kind = 'active_window';\n",
    );
}

/// What an agent sends.
pub(crate) fn body(number: u64, rows: impl Iterator<Item = ActiveWindow>) -> String {
    let mut body = format!("{{\"batch_id\":\"bench-{number}\",\"events\":[");
    for (index, row) in rows.enumerate() {
        let ActiveWindow { user, app, title, duration_ms, .. } = &row;
        let (comma, ts) = (if index == 0 { "" } else { "," }, time(&row));
        push(
            &mut body,
            format_args!(
                "{comma}{{\"kind\":\"active_window\",\"ts\":\"{ts}\",\"computer_uid\":\"pc-{user}\",\
                 \"user_name\":\"OFFICE\\\\user{user}\",\"duration_ms\":{duration_ms},\"app\":\"{app}\",\"title\":\"{title}\"}}"
            ),
        );
    }
    body.push_str("]}");
    body
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
