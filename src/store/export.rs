//! The logical export: every record of the store as lines of JSON, readable without redb. It is what a damaged store
//! is brought back from.
//!
//! First line: `{"format":1,"install":"...","at":"..."}`. Then one line per record:
//! `{"table":"employees_v1","key":"<hex>","version":1,"value":{...}}`; the last line is `{"records":N}` and proves
//! that the file is whole. Compressed with zstd.

use std::fs::File;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use redb::ReadableDatabase as _;
use redb::ReadableTable as _;
use redb::TableHandle as _;
use serde_json::value::RawValue;

use crate::kernel::Timestamp;
use crate::store::DataFolder;
use crate::store::InstallId;
use crate::store::OpenError;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::tx::definition;

/// What an export wrote or a restore read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportReport {
    /// How many records.
    pub records: u64,
    /// When the export was made.
    pub at: Timestamp,
}

/// An export could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file is at fault.
    #[error("export file {path} cannot be used")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("export file {path} is damaged at line {line}; use an older export")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// The export is of another installation.
    #[error("export is of installation {found}, this folder belongs to {expected}")]
    Foreign {
        /// What the folder says.
        expected: InstallId,
        /// What the export says.
        found: InstallId,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The fresh store could not be made.
    #[error(transparent)]
    Open(#[from] OpenError),
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Head {
    format: u8,
    install: InstallId,
    at: Timestamp,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Line<'a> {
    table: &'a str,
    key: String,
    version: u8,
    #[serde(borrow)]
    value: &'a RawValue,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Foot {
    records: u64,
}

/// Writes all records of the store to a file, durably.
pub fn export_to(store: &Store, path: &Path, at: Timestamp) -> Result<ExportReport, ExportError> {
    let io = |source| ExportError::Io { path: path.to_owned(), source };
    let install = store.install_id()?.unwrap_or_default();
    let fresh = path.with_extension("tmp");
    let mut out = zstd::Encoder::new(File::create(&fresh).map_err(io)?, 3).map_err(io)?;
    let mut line = |value: &dyn erased::Json| -> Result<(), ExportError> {
        let mut bytes = value.json().map_err(StoreError::Encode)?;
        bytes.push(b'\n');
        out.write_all(&bytes).map_err(io)
    };
    line(&Head { format: 1, install, at })?;
    let tx = store.db.begin_read().map_err(StoreError::from)?;
    let mut records = 0;
    for table in tx.list_tables().map_err(StoreError::from)? {
        let name = table.name().to_owned();
        let table = tx.open_table(redb::TableDefinition::<&[u8], &[u8]>::new(&name)).map_err(StoreError::from)?;
        for pair in table.iter().map_err(StoreError::from)? {
            let (key, value) = pair.map_err(StoreError::from)?;
            let numbers;
            // The table of numbers holds four bare bytes; everything else is a version and JSON.
            let (version, json) = match value.value() {
                bytes if name == super::tx::NUMBERS => {
                    numbers = format!("\"{}\"", hex::encode(bytes));
                    (0, numbers.as_str())
                }
                [version, json @ ..] => (*version, std::str::from_utf8(json).unwrap_or("null")),
                [] => (0, "null"),
            };
            let value: &RawValue = serde_json::from_str(json).map_err(StoreError::Encode)?;
            line(&Line { table: &name, key: hex::encode(key.value()), version, value })?;
            records += 1;
        }
    }
    line(&Foot { records })?;
    out.finish().and_then(|file| file.sync_all()).map_err(io)?;
    std::fs::rename(&fresh, path).map_err(io)?;
    if let Some(folder) = path.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
    }
    Ok(ExportReport { records, at })
}

/// Makes a new store in the folder from an export. What stood there is kept beside it under another name.
pub fn restore_from(folder: &DataFolder, path: &Path) -> Result<ExportReport, ExportError> {
    let io = |source| ExportError::Io { path: path.to_owned(), source };
    let damaged = |line: usize| ExportError::Damaged { path: path.to_owned(), line };
    let mut lines = Vec::new();
    for line in BufReader::new(zstd::Decoder::new(File::open(path).map_err(io)?).map_err(io)?).lines() {
        lines.push(line.map_err(|_| damaged(lines.len() + 1))?);
    }
    let (Some(head), Some(foot)) = (lines.first(), lines.last()) else { return Err(damaged(1)) };
    let head: Head = serde_json::from_str(head).map_err(|_| damaged(1))?;
    let foot: Foot = serde_json::from_str(foot).map_err(|_| damaged(lines.len()))?;
    let body = lines.get(1..lines.len() - 1).unwrap_or_default();
    if head.format != 1 || foot.records != body.len() as u64 {
        return Err(damaged(lines.len()));
    }
    if let Some(expected) = folder.sentinel().map_err(OpenError::from)?
        && expected != head.install
    {
        return Err(ExportError::Foreign { expected, found: head.install });
    }
    let parsed = body.iter().enumerate().map(|(index, line)| parse(line).ok_or_else(|| damaged(index + 2)));
    let parsed: Vec<(String, Vec<u8>, Vec<u8>)> = parsed.collect::<Result<_, _>>()?;
    set_aside(folder, head.at).map_err(io)?;
    let store = Store::create(folder, head.install)?;
    let tx = store.db.begin_write().map_err(StoreError::from)?;
    for (table, key, value) in &parsed {
        let mut table = tx.open_table(redb::TableDefinition::<&[u8], &[u8]>::new(table)).map_err(StoreError::from)?;
        table.insert(key.as_slice(), value.as_slice()).map_err(StoreError::from)?;
    }
    tx.commit().map_err(StoreError::from)?;
    Ok(ExportReport { records: foot.records, at: head.at })
}

fn parse(line: &str) -> Option<(String, Vec<u8>, Vec<u8>)> {
    let line: Line<'_> = serde_json::from_str(line).ok()?;
    let key = hex::decode(&line.key).ok()?;
    let value = if line.table == definition(super::tx::NUMBERS).name() {
        hex::decode(line.value.get().trim_matches('"')).ok()?
    } else {
        let mut value = vec![line.version];
        value.extend_from_slice(line.value.get().as_bytes());
        value
    };
    Some((line.table.to_owned(), key, value))
}

fn set_aside(folder: &DataFolder, at: Timestamp) -> std::io::Result<()> {
    let store = folder.path().join("nazorat.redb");
    if !store.exists() {
        return Ok(());
    }
    let mut aside = folder.path().join(format!("nazorat.redb.damaged.{}", at.as_second()));
    let mut turn = 1;
    while aside.exists() {
        aside = folder.path().join(format!("nazorat.redb.damaged.{}-{turn}", at.as_second()));
        turn += 1;
    }
    std::fs::rename(store, aside)
}

mod erased {
    //! One closure writes three kinds of line.

    pub(super) trait Json {
        fn json(&self) -> serde_json::Result<Vec<u8>>;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> serde_json::Result<Vec<u8>> {
            serde_json::to_vec(self)
        }
    }
}
