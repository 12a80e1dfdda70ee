//! One log: months as files, appended at the end, read from the end.

use std::fs::DirBuilder;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::FileExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use crate::audit::records;
use crate::audit::records::Hash;
use crate::audit::records::Pending;
use crate::kernel::Month;

/// No line is longer; what is longer is damage.
const LINE_BYTES: usize = 64 << 10;
const BLOCK_BYTES: u64 = 64 << 10;

/// Writer of one log.
pub(super) struct Journal {
    folder: PathBuf,
    month: Option<Month>,
    pub(super) number: u64,
    pub(super) hash: Hash,
}

impl Journal {
    /// Finds the end of the log. `head` is what the store knows of it: when the files end earlier, the numbers go on
    /// from the head, and the gap stays visible to a verification.
    pub(super) fn open(folder: PathBuf, head: Option<(u64, Hash)>) -> io::Result<Self> {
        let (mut number, mut hash) = head.unwrap_or((0, [0; 32]));
        let months = months(&folder)?;
        for month in months.iter().rev() {
            if let Some(last) = last_line(&path(&folder, *month))? {
                if last.record.number >= number {
                    (number, hash) = (last.record.number, last.hash);
                }
                break;
            }
        }
        Ok(Self { folder, month: months.last().copied(), number, hash })
    }

    /// Appends durably, all or nothing.
    pub(super) fn append(&mut self, entries: &[Pending]) -> io::Result<()> {
        let Some(newest) = entries.iter().map(|entry| Month::of_utc(entry.at())).max() else { return Ok(()) };
        // A clock that was set back must not make the chain go through an older file.
        let month = self.month.map_or(newest, |current| current.max(newest));
        let (mut number, mut hash) = (self.number, self.hash);
        let mut bytes = Vec::new();
        for entry in entries {
            number += 1;
            let (line, next) = entry.line(number, &hash)?;
            bytes.extend_from_slice(&line);
            hash = next;
        }
        self.write(month, &bytes)?;
        (self.month, self.number, self.hash) = (Some(month), number, hash);
        Ok(())
    }

    fn write(&self, month: Month, bytes: &[u8]) -> io::Result<()> {
        let path = path(&self.folder, month);
        let is_new = !path.exists();
        if is_new {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        }
        let mut file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(&path)?;
        // What a failed write or a power cut left half-written was never acknowledged.
        let end = end_of_lines(&file)?;
        file.set_len(end)?;
        if let Err(failure) = file.write_all(bytes).and_then(|()| file.sync_data()) {
            drop(file.set_len(end));
            return Err(failure);
        }
        if is_new {
            File::open(&self.folder)?.sync_all()?;
            if let Some(parent) = self.folder.parent() {
                File::open(parent)?.sync_all()?;
            }
        }
        Ok(())
    }
}

/// The months that a log has, oldest first. A log without a folder has none.
pub(super) fn months(folder: &Path) -> io::Result<Vec<Month>> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(other) => return Err(other),
    };
    let mut months = Vec::new();
    for file in listed {
        let name = file?.file_name();
        months.extend(name.to_str().and_then(|name| name.strip_suffix(".ndjson")).and_then(parse_month));
    }
    months.sort_unstable();
    Ok(months)
}

fn parse_month(name: &str) -> Option<Month> {
    let (year, month) = name.split_once('-')?;
    let month = Month { year: year.parse().ok()?, month: month.parse().ok()? };
    (month.to_string() == name && (1..=12).contains(&month.month)).then_some(month)
}

pub(super) fn path(folder: &Path, month: Month) -> PathBuf {
    folder.join(format!("{month}.ndjson"))
}

/// Where the last whole line ends.
fn end_of_lines(file: &File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(LINE_BYTES as u64);
    let mut tail = vec![0; usize::try_from(length - from).unwrap_or_default()];
    file.read_exact_at(&mut tail, from)?;
    let end = tail.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at as u64 + 1);
    // A tail without any line feed is damage in the middle of a log, not a torn write: it is kept.
    Ok(if end == 0 && from > 0 { length } else { from + end })
}

fn last_line(path: &Path) -> io::Result<Option<records::Read>> {
    let mut lines = Backwards::open(path, None)?;
    Ok(lines.next()?.and_then(|(_, line)| records::read(&line)))
}

/// Lines of a file from its end.
pub(super) struct Backwards {
    file: File,
    start: u64,
    buffer: Vec<u8>,
    finished: bool,
}

impl Backwards {
    /// Begins at the end, or at the begin of a line that was read before.
    pub(super) fn open(path: &Path, before: Option<u64>) -> io::Result<Self> {
        let file = File::open(path)?;
        let end = end_of_lines(&file)?;
        let end = before.map_or(end, |before| before.min(end));
        // The line feed before the end belongs to the last line.
        Ok(Self { file, start: end.saturating_sub(1), buffer: Vec::new(), finished: end == 0 })
    }

    /// The line before, with the offset of its begin.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        while !self.finished {
            if let Some(at) = self.buffer.iter().rposition(|&byte| byte == b'\n') {
                let line = self.buffer.split_off(at + 1);
                self.buffer.pop();
                return Ok(Some((self.start + at as u64 + 1, line)));
            }
            if self.start == 0 {
                self.finished = true;
                return Ok(Some((0, std::mem::take(&mut self.buffer))));
            }
            if self.buffer.len() > LINE_BYTES {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "line of the audit log has no end"));
            }
            let from = self.start.saturating_sub(BLOCK_BYTES);
            let mut block = vec![0; usize::try_from(self.start - from).unwrap_or_default()];
            self.file.read_exact_at(&mut block, from)?;
            block.append(&mut self.buffer);
            self.buffer = block;
            self.start = from;
        }
        Ok(None)
    }
}

/// Calls `visit` with each whole line of a file, oldest first, and its number from 1.
pub(super) fn each_line(path: &Path, mut visit: impl FnMut(u64, &[u8])) -> io::Result<()> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    let mut number = 0;
    while reader.read_until(b'\n', &mut line)? > 0 && line.last() == Some(&b'\n') {
        number += 1;
        visit(number, &line[..line.len() - 1]);
        line.clear();
    }
    Ok(())
}
