//! Trying a file that may be damaged before the hub opens it.
//!
//! A damaged file can make the engine abort, which cannot be caught. So a file that was not closed cleanly is first
//! opened by a child process, with limits on time and memory. The child also replays the write-ahead log, with more
//! memory than the hub gives, and writes it into the file, so that the hub finds nothing left to replay.

use std::io::Read;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use duckdb::Connection;
use rustix::process::Resource;
use rustix::process::Rlimit;
use serde::Deserialize;
use serde::Serialize;

use crate::config::Config;
use crate::config::Probe;
use crate::error::EngineError;
use crate::error::Fault;
use crate::files;
use crate::settings::quote_path;

/// What a probe says about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It opens, and rows and ledger agree.
    Sound,
    /// It does not, and never will.
    Damaged,
    /// It could not be tried: no space, no memory, no permission.
    Unable,
}

/// The probe's answer, one line of JSON on standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// The verdict.
    pub outcome: Outcome,
    /// What was found, empty when sound.
    pub problem: String,
    /// Rows of events.
    pub rows: u64,
    /// Batches in the ledger.
    pub batches: u64,
}

impl ProbeReport {
    fn bad(outcome: Outcome, problem: impl Into<String>) -> Self {
        Self { outcome, problem: problem.into(), rows: 0, batches: 0 }
    }
}

/// The body of the hidden subcommand: limits this process, tries the file, and says what it found.
///
/// Must run in a process of its own: the limits stay.
pub fn run(path: &Path) -> ProbeReport {
    let cap = |resource, limit| {
        let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
        // A system that refuses the limit still has the parent's time-out.
        rustix::process::setrlimit(resource, limit).is_ok()
    };
    if !cap(Resource::Core, 0) || !cap(Resource::Cpu, 300) {
        tracing::debug!("probe runs without limits");
    }
    try_file(path)
}

/// Opens the file in an instance of its own, replays its log, counts, and closes it.
pub(crate) fn try_file(path: &Path) -> ProbeReport {
    let wal = files::size(&files::wal_of(path));
    if !path.exists() {
        return ProbeReport::bad(Outcome::Damaged, "file is missing");
    }
    let dir = path.parent().unwrap_or(path);
    if wal > 0 && files::require_free(dir, wal + (4 << 20)).is_err() {
        return ProbeReport::bad(Outcome::Unable, "no space to replay its log");
    }
    match count(path, wal) {
        Ok((rows, batches, ledger_rows, removed)) if rows == ledger_rows - removed => {
            let unsigned = |count: i64| u64::try_from(count).unwrap_or(0);
            ProbeReport {
                outcome: Outcome::Sound,
                problem: String::new(),
                rows: unsigned(rows),
                batches: unsigned(batches),
            }
        }
        Ok((rows, _, ledger_rows, removed)) => {
            let problem = format!("has {rows} rows where its ledger says {}", ledger_rows - removed);
            ProbeReport::bad(Outcome::Damaged, problem)
        }
        Err(error) => {
            let unable = matches!(error.fault(), Fault::NoSpace | Fault::NoMemory)
                || error.to_string().contains("Could not set lock")
                || error.to_string().contains("Permission denied");
            ProbeReport::bad(if unable { Outcome::Unable } else { Outcome::Damaged }, error.to_string())
        }
    }
}

type Counts = (i64, i64, i64, i64);

#[expect(clippy::disallowed_methods, reason = "the file must be tried outside of the hub's instance")]
fn count(path: &Path, wal: u64) -> Result<Counts, EngineError> {
    let connection = Connection::open_in_memory()?;
    // Replaying takes up to 30 times the log's size.
    let memory_mib = (1024).max((wal >> 20) * 32);
    connection.execute_batch(&format!(
        "SET memory_limit='{memory_mib}MiB'; SET threads=1; SET autoinstall_known_extensions=false; \
         SET autoload_known_extensions=false; SET auto_checkpoint_skip_wal_threshold=18446744073709551615"
    ))?;
    let mode = if wal > 0 { "READ_WRITE" } else { "READ_ONLY" };
    connection.execute_batch(&format!("ATTACH {} AS probed ({mode})", quote_path(path)))?;
    let counts = if has_events(&connection)? { count_events(&connection)? } else { (0, 0, 0, 0) };
    if wal > 0 {
        connection.execute_batch("CHECKPOINT probed")?;
    }
    connection.execute_batch("DETACH probed")?;
    Ok(counts)
}

/// Whether it is a partition; derived files have no ledger to compare with.
fn has_events(connection: &Connection) -> Result<bool, EngineError> {
    let sql = "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'probed' AND table_name = 'events'";
    let tables: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(tables > 0)
}

fn count_events(connection: &Connection) -> Result<Counts, EngineError> {
    let sql = "SELECT (SELECT count(*) FROM probed.events), (SELECT count(*) FROM probed._batches), \
         (SELECT coalesce(sum(rows), 0)::BIGINT FROM probed._batches), \
         (SELECT coalesce(sum(removed_rows), 0)::BIGINT FROM probed._meta)";
    Ok(connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?)
}

/// Tries a file in the way that the configuration says.
pub(crate) fn probe(config: &Config, path: &Path) -> ProbeReport {
    match &config.probe {
        Probe::InProcess => try_file(path),
        Probe::Command { exe, args } => {
            // A child that was lost may have met a machine out of breath; only a file that does it twice is damaged.
            ask(exe, args, path, config.probe_timeout)
                .or_else(|_| ask(exe, args, path, 2 * config.probe_timeout))
                .unwrap_or_else(|lost| ProbeReport::bad(Outcome::Damaged, lost))
        }
    }
}

/// Runs the child; an error says how it was lost.
fn ask(exe: &Path, args: &[String], path: &Path, timeout: Duration) -> Result<ProbeReport, String> {
    let spawned = Command::new(exe)
        .args(args)
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    match spawned {
        Ok(child) => listen(child, timeout),
        Err(error) => Ok(ProbeReport::bad(Outcome::Unable, format!("probe does not start: {error}"))),
    }
}

fn listen(mut child: Child, timeout: Duration) -> Result<ProbeReport, String> {
    let (tx, rx) = mpsc::channel();
    if let Some(mut stdout) = child.stdout.take() {
        // It ends with the child; after a time-out nobody waits for it.
        thread::spawn(move || {
            let mut text = String::new();
            let read = stdout.by_ref().take(64 << 10).read_to_string(&mut text);
            drop(tx.send(read.map(|_| text)));
        });
    }
    let heard = rx.recv_timeout(timeout);
    if heard.is_err() {
        drop(child.kill());
    }
    let status = child.wait().map_err(|error| format!("probe was lost: {error}"))?;
    let said = heard.ok().and_then(Result::ok).and_then(|text| serde_json::from_str(text.trim()).ok());
    said.ok_or_else(|| format!("probe ended with {status}"))
}
