//! `nazorat doctor`: is everything well, and what to do when it is not.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;
use nazorat_timeseries::Hub;
use serde::Deserialize;
use serde::Serialize;

use super::Config;
use super::exports;
use super::orders::Answer;
use super::pki;
use super::services::Core;
use crate::kernel::Clock;
use crate::kernel::Timestamp;
use crate::kernel::with_causes;
use crate::runtime::disk::Room;
use crate::store::DataFolder;
use crate::store::ExportReport;
use crate::store::export_to;
use crate::store::restore_from;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// All is well.
    Ok,
    /// It works, but somebody should look at it.
    Warn,
    /// It does not work.
    Fail,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check.
    pub check: String,
    /// How it ended.
    pub state: State,
    /// What was found.
    pub detail: String,
    /// What to do about it.
    pub next: Option<String>,
}

type Outcome = Result<String, (State, String, String)>;

fn finding(check: &str, outcome: Outcome) -> Finding {
    let (state, detail, next) = match outcome {
        Ok(detail) => (State::Ok, detail, None),
        Err((state, detail, next)) => (state, detail, Some(next)),
    };
    Finding { check: check.to_owned(), state, detail, next }
}

fn warn<T>(detail: impl Into<String>, next: &str) -> Result<T, (State, String, String)> {
    Err((State::Warn, detail.into(), next.to_owned()))
}

fn fail<T>(detail: impl Into<String>, next: &str) -> Result<T, (State, String, String)> {
    Err((State::Fail, detail.into(), next.to_owned()))
}

/// Runs all checks. Blocks.
pub(super) fn examine(
    config: &Config,
    folder: &Path,
    core: Result<&Core, &anyhow::Error>,
    hub: Result<&Hub, &anyhow::Error>,
) -> Answer {
    let now = Clock::system().now();
    let findings = vec![
        finding("folder", check_folder(folder)),
        finding("store", check_store(core)),
        finding("integrity", check_integrity(core, now)),
        finding("audit", check_audit(core)),
        finding("partitions", check_partitions(hub)),
        finding("export", check_exports(folder, core, now)),
        finding("certificate", check_certificate(config, folder, now)),
        finding("clock", check_clock(folder, now)),
        finding("disk", check_disk(folder)),
    ];
    Answer::Findings { findings }
}

fn check_folder(folder: &Path) -> Outcome {
    let mode = match folder.metadata() {
        Ok(facts) => facts.permissions().mode() & 0o777,
        Err(problem) => return fail(problem.to_string(), "check the owner and the rights of the data folder"),
    };
    if mode & 0o007 != 0 {
        return warn(
            format!("{} can be entered by every user of this machine", folder.display()),
            "take the right away: chmod 700 on the data folder",
        );
    }
    Ok(folder.display().to_string())
}

fn check_store(core: Result<&Core, &anyhow::Error>) -> Outcome {
    let restore = "stop the appliance, then restore the newest export: nazorat doctor --restore-export";
    match core {
        Ok(core) => match core.store.install_id() {
            Ok(Some(id)) => Ok(format!("installation {id}")),
            Ok(None) => fail("the store does not say which installation it belongs to", restore),
            Err(problem) => fail(with_causes(&problem), restore),
        },
        Err(problem) => fail(format!("{problem:#}"), restore),
    }
}

/// Reads every record, the way the nightly export does.
fn check_integrity(core: Result<&Core, &anyhow::Error>, now: Timestamp) -> Outcome {
    let Ok(core) = core else { return fail("the store cannot be read", "see the check of the store") };
    let path = core.folder.join("doctor.jsonl.zst");
    let outcome = export_to(&core.store, &path, now);
    // It was written only to see that it can be.
    drop(std::fs::remove_file(&path));
    match outcome {
        Ok(report) => Ok(format!("{} records can be read", report.records)),
        Err(problem) => fail(
            with_causes(&problem),
            "stop the appliance, then restore the newest export: nazorat doctor --restore-export",
        ),
    }
}

/// A changed, missing or inserted record of the audit log breaks its chain.
fn check_audit(core: Result<&Core, &anyhow::Error>) -> Outcome {
    let Ok(core) = core else { return fail("the log cannot be checked", "see the check of the store") };
    let logs = match core.audit.verify_now() {
        Ok(logs) => logs,
        Err(problem) => {
            return fail(with_causes(&problem), "check the rights of the folder `audit` in the data folder");
        }
    };
    let broken = logs.iter().filter(|log| !log.breaks.is_empty()).count();
    if broken > 0 {
        return fail(
            format!("{broken} of {} logs were changed from outside", logs.len()),
            "keep the folder `audit` as evidence, and ask who had access to this machine",
        );
    }
    Ok(format!("{} logs are whole", logs.len()))
}

fn check_partitions(hub: Result<&Hub, &anyhow::Error>) -> Outcome {
    let next = "look into `events` of the data folder; files that were set aside keep their place under another name";
    let stats = match hub {
        Ok(hub) => hub.stats(),
        Err(problem) => return fail(format!("{problem:#}"), next),
    };
    let detail = format!("{} files with {} events, {} MB", stats.files, stats.rows, stats.bytes >> 20);
    match stats.quarantined {
        0 => Ok(detail),
        count => warn(format!("{detail}; {count} damaged files are set aside, reports say so"), next),
    }
}

fn check_exports(folder: &Path, core: Result<&Core, &anyhow::Error>, now: Timestamp) -> Outcome {
    match exports::list(folder).last() {
        Some(newest) => {
            let hours = (now.as_second() - newest.at.as_second()) / 3600;
            let detail = format!("newest is {hours} h old: {}", newest.path.display());
            let next = "see the log for the reason; the appliance makes one every day while it runs";
            if hours > 48 { warn(detail, next) } else { Ok(detail) }
        }
        None if core.is_ok_and(|core| !core.setup.is_done()) => {
            Ok("none yet; the first is made after the first run".to_owned())
        }
        None => warn("there is none", "start the appliance; it makes one at once and then every day"),
    }
}

fn check_certificate(config: &Config, folder: &Path, now: Timestamp) -> Outcome {
    let own = config.listeners.own_certificate.as_ref();
    let path = own.map_or_else(|| folder.join("pki/server.pem"), |(certificate, _)| certificate.clone());
    if own.is_none() && !path.exists() {
        return Ok("none yet; it is made at the first start".to_owned());
    }
    let next = if own.is_some() {
        "renew the certificate named in [http] tls_certificate; the appliance reads it again by itself"
    } else {
        "start the appliance; it renews its own certificate"
    };
    match pki::facts_of(&path) {
        Ok(facts) if now.as_second() < facts.from => fail("it is not valid yet", "check the clock of this machine"),
        Ok(facts) => match facts.days_left(now) {
            days if days < 0 => fail(format!("it ran out {} days ago", -days), next),
            days if days < 14 => warn(format!("it runs out in {days} days"), next),
            days => Ok(format!("valid for {days} days")),
        },
        Err(problem) => fail(with_causes(&problem), next),
    }
}

/// A clock that went back makes files of the future.
fn check_clock(folder: &Path, now: Timestamp) -> Outcome {
    let newest_export = exports::list(folder).last().map(|export| export.at.as_second());
    let sentinel = folder.join("install.json").metadata().and_then(|facts| facts.modified()).ok();
    let sentinel = sentinel.and_then(|at| Timestamp::try_from(at).ok()).map(Timestamp::as_second);
    let latest = newest_export.into_iter().chain(sentinel).max().unwrap_or(0);
    if latest > now.as_second() + 120 {
        return fail(
            format!("it shows {now}, but the data folder was written to {} s later", latest - now.as_second()),
            "set the clock and switch time synchronisation on: timedatectl set-ntp true",
        );
    }
    Ok(format!("{now}"))
}

fn check_disk(folder: &Path) -> Outcome {
    let room = match Room::of(folder) {
        Ok(room) => room,
        Err(problem) => return fail(problem.to_string(), "check the disk of the data folder"),
    };
    let detail = format!("{} GB of {} GB are free", room.free >> 30, room.all >> 30);
    let next = "make room: keep events for a shorter time, or move the data folder to a larger disk";
    if room.is_full() {
        return fail(format!("only {} MB are free", room.free >> 20), next);
    }
    if room.percent() < 10 { warn(detail, next) } else { Ok(detail) }
}

/// Puts the tenant store back from an export, the newest when none is named. Nothing may run meanwhile. Blocks.
pub fn restore_export(data_dir: &Path, file: Option<PathBuf>) -> anyhow::Result<(PathBuf, ExportReport)> {
    let folder = DataFolder::lock(data_dir)?;
    let file = match file {
        Some(file) => file,
        None => exports::list(folder.path()).pop().context("there is no export in the data folder")?.path,
    };
    let report = restore_from(&folder, &file)?;
    Ok((file, report))
}
