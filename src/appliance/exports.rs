//! The nightly export of the tenant store: `DATA/exports/<time>.jsonl.zst`, the newest fourteen are kept.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use super::services::Core;
use crate::kernel::Timestamp;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::blocking;
use crate::runtime::every;
use crate::store::export_to;

const KEPT: usize = 14;
const PERIOD: Duration = Duration::from_secs(24 * 3600);
/// How often it is looked whether the newest one is too old; a machine that sleeps at night is not left out.
const LOOK: Duration = Duration::from_secs(3600);
const ENDING: &str = ".jsonl.zst";

/// An export in the folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Export {
    pub(super) at: Timestamp,
    pub(super) path: PathBuf,
}

/// All exports of a data folder, oldest first.
pub(super) fn list(data: &Path) -> Vec<Export> {
    let Ok(entries) = std::fs::read_dir(data.join("exports")) else { return Vec::new() };
    let mut exports: Vec<Export> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let at = path.file_name()?.to_str()?.strip_suffix(ENDING)?.parse().ok()?;
            Some(Export { at, path })
        })
        .collect();
    exports.sort();
    exports
}

/// Makes an export when the newest is a day old, as long as the process runs.
pub(super) fn keep_making(core: &Core, life: &Lifecycle, nudge: Nudge) {
    let (core, stop) = (core.clone(), life.soft());
    life.spawn("exports", async move {
        let look = || {
            let core = core.clone();
            blocking(move || {
                if let Err(problem) = make_when_due(&core) {
                    metrics::counter!("nazorat_export_failures_total").increment(1);
                    tracing::error!("nightly export failed: {problem:#}");
                }
            })
        };
        every(LOOK, nudge, stop, look).await;
        Ok::<_, std::convert::Infallible>(())
    });
}

fn make_when_due(core: &Core) -> anyhow::Result<()> {
    let now = core.clock.now();
    // Before the first run there is nothing to export.
    let newest = list(&core.folder).pop();
    let due = newest.is_none_or(|newest| (now.as_second() - newest.at.as_second()).unsigned_abs() >= PERIOD.as_secs());
    if due && core.setup.is_done() {
        make(core, now)?;
    }
    Ok(())
}

/// Makes an export now and removes the oldest beyond fourteen.
pub(super) fn make(core: &Core, now: Timestamp) -> anyhow::Result<Export> {
    let folder = core.folder.join("exports");
    std::fs::create_dir_all(&folder)?;
    let at = Timestamp::from_second(now.as_second())?;
    let path = folder.join(format!("{at}{ENDING}"));
    let report = export_to(&core.store, &path, at)?;
    tracing::info!(records = report.records, "tenant store was exported");
    let all = list(&core.folder);
    for old in all.iter().take(all.len().saturating_sub(KEPT)) {
        std::fs::remove_file(&old.path)?;
    }
    Ok(Export { at, path })
}
