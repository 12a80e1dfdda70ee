//! What we have written on a device, on the disk: without it nobody could tell later what may be taken away.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use nazorat_wire::DeviceItem;
use serde::Deserialize;
use serde::Serialize;

use super::plan::Put;
use super::plan::Written;
use crate::runtime::blocking;
use crate::store::write_durably;

/// By the number as it stands on the device.
pub(super) type Entries = BTreeMap<String, Written>;

/// A file of one device. It stays when a device is switched off, and is of no use to another that gets its number.
#[derive(Debug, Clone)]
pub(super) struct Book {
    path: PathBuf,
    of: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    of: String,
    written: Entries,
}

impl Book {
    pub(super) fn of(folder: &Path, item: &DeviceItem) -> Self {
        let path = folder.join(format!("people-{}.json", item.id));
        Self { path, of: format!("{} {}", item.kind, item.host) }
    }

    /// One that is damaged is empty: then nothing of what is on the device is known to be ours, and nothing is taken away
    /// but those whom the appliance names.
    pub(super) async fn read(&self) -> Entries {
        let path = self.path.clone();
        let kept = blocking(move || {
            let read = serde_json::from_slice::<Kept>(&fs::read(&path).ok()?);
            read.inspect_err(|problem| tracing::error!("{} is damaged: {problem}", path.display())).ok()
        });
        kept.await.filter(|kept| kept.of == self.of).map(|kept| kept.written).unwrap_or_default()
    }

    /// Keeps it before anything is done that stands in it.
    pub(super) async fn keep(&self, entries: &Entries) -> io::Result<()> {
        let (path, kept) = (self.path.clone(), Kept { of: self.of.clone(), written: entries.clone() });
        blocking(move || write_durably(&path, &serde_json::to_vec(&kept)?)).await
    }
}

/// Somebody is about to be written: whatever comes of it, what was given before and is given now may be taken away later.
pub(super) fn intend(entries: &mut Entries, put: &Put) {
    let entry = entries.entry(put.number.as_str().to_owned()).or_default();
    entry.wanted.clear();
    entry.told.clear();
    entry.cards.extend(put.ours.cards.iter().cloned());
    if put.ours.face.is_some() && put.face != super::plan::FaceWish::AsItIs {
        // Some face of ours may be there; which one is not known until it has worked.
        entry.face = Some(String::new());
    }
}
