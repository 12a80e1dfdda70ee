//! What is on the disk: the sheet, and where each device's log was left.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;
use nazorat_wire::DeviceSheet;
use serde_json::Value;

use crate::store::write_durably;

/// A folder that is for its owner only.
pub(super) struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// Blocks.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// What was last to be served. A file that is damaged is none: the appliance tells anew.
    pub(super) fn sheet(&self) -> Option<DeviceSheet> {
        let bytes = fs::read(self.path_of_sheet()).ok()?;
        let sheet = DeviceSheet::read(&bytes);
        if sheet.is_none() {
            tracing::error!(
                "{} is damaged; devices are served again once they were fetched",
                self.path_of_sheet().display()
            );
        }
        sheet
    }

    /// Blocks.
    pub(super) fn keep(&self, sheet: &DeviceSheet) -> io::Result<()> {
        write_durably(&self.path_of_sheet(), &serde_json::to_vec(sheet)?)
    }

    /// Where a device's log was left.
    pub(super) fn cursor(&self, id: u32) -> Option<Value> {
        serde_json::from_slice(&fs::read(self.path_of(id)).ok()?).ok()
    }

    /// Blocks.
    pub(super) fn keep_cursor(&self, id: u32, cursor: &Value) -> io::Result<()> {
        write_durably(&self.path_of(id), &serde_json::to_vec(cursor)?)
    }

    /// Forgets the cursors of devices that are gone: one that comes back is read from the beginning, and nothing is stored twice.
    /// What their programs wrote goes with them.
    pub(super) fn keep_only(&self, ids: &[u32]) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let is_gone = |id: Option<&str>| id.and_then(|id| id.parse().ok()).is_some_and(|id: u32| !ids.contains(&id));
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_str().unwrap_or_default();
            if is_gone(name.strip_prefix("cursor-").and_then(|name| name.strip_suffix(".json"))) {
                drop(fs::remove_file(entry.path()));
            } else if is_gone(name.strip_prefix("work-")) {
                drop(fs::remove_dir_all(entry.path()));
            }
        }
    }

    fn path_of_sheet(&self) -> PathBuf {
        self.folder.join("sheet.json")
    }

    fn path_of(&self, id: u32) -> PathBuf {
        self.folder.join(format!("cursor-{id}.json"))
    }
}
