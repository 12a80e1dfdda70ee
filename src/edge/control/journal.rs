//! Which commands were begun, and how they ended: one line of JSON for each of both, on disk before it is told.
//!
//! A line that was not finished when the machine lost its power is cut: nobody was told of it. What is over and has expired
//! may be forgotten, because whoever sends it again is refused by its time.

use std::collections::BTreeMap;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use nazorat_wire::frame::Outcome;
use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

use crate::kernel::Timestamp;
use crate::store::write_durably;

/// Lines after which the file is written anew.
const MOST_LINES: usize = 2_000;
/// Commands that are remembered at least.
const KEPT: usize = 500;
/// Results that are remembered with what they brought.
const KEPT_BODIES: usize = 4;

/// What is known of a command.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    pub(super) kind: String,
    expires_at: Timestamp,
    /// Whether it was begun by this process.
    pub(super) ours: bool,
    pub(super) outcome: Option<Outcome>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Begun { id: Uuid, kind: String, expires_at: Timestamp },
    Done(Outcome),
}

/// The journal.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    lines: usize,
    /// By id, which is the order in which they were made.
    known: BTreeMap<Uuid, Known>,
}

impl Journal {
    /// Reads it. Blocks.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(problem) => return Err(problem),
        };
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut known = BTreeMap::new();
        let mut lines = 0;
        for line in text.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            lines += 1;
            match serde_json::from_slice(line) {
                Ok(line) => learn(&mut known, line, false),
                Err(problem) => tracing::error!("a line of {} cannot be read: {problem}", path.display()),
            }
        }
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        file.set_len(whole as u64)?;
        file.sync_all()?;
        if let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(Self { path, file, lines, known })
    }

    pub(super) fn find(&self, id: Uuid) -> Option<&Known> {
        self.known.get(&id)
    }

    /// It is begun now. Durable on return.
    pub(super) fn begin(&mut self, id: Uuid, kind: &str, expires_at: Timestamp) -> io::Result<()> {
        self.write(Line::Begun { id, kind: kind.to_owned(), expires_at })
    }

    /// It is over. Durable on return.
    pub(super) fn done(&mut self, outcome: Outcome) -> io::Result<()> {
        self.write(Line::Done(outcome))
    }

    /// Forgets what nobody can ask for any more. `now` is the appliance's time.
    pub(super) fn tidy(&mut self, now: Timestamp) -> io::Result<()> {
        if self.lines < MOST_LINES {
            return Ok(());
        }
        let over = |known: &Known| known.outcome.is_some() && known.expires_at < now;
        let spare = self.known.len().saturating_sub(KEPT);
        let gone: Vec<Uuid> =
            self.known.iter().filter(|(_, known)| over(known)).map(|(id, _)| *id).take(spare).collect();
        for id in gone {
            self.known.remove(&id);
        }
        let mut bodies = 0;
        let mut text = Vec::new();
        for outcome in self.known.values_mut().rev().filter_map(|known| known.outcome.as_mut()) {
            bodies += usize::from(outcome.body.is_some());
            if bodies > KEPT_BODIES {
                outcome.body = None;
            }
        }
        let mut lines = 0;
        for (id, known) in &self.known {
            let begun = Line::Begun { id: *id, kind: known.kind.clone(), expires_at: known.expires_at };
            let done = known.outcome.clone().map(Line::Done);
            for line in std::iter::once(begun).chain(done) {
                text.extend(serde_json::to_vec(&line)?);
                text.push(b'\n');
                lines += 1;
            }
        }
        write_durably(&self.path, &text)?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        self.lines = lines;
        Ok(())
    }

    fn write(&mut self, line: Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        self.file.write_all(&text)?;
        self.file.sync_data()?;
        self.lines += 1;
        learn(&mut self.known, line, true);
        Ok(())
    }
}

fn learn(known: &mut BTreeMap<Uuid, Known>, line: Line, ours: bool) {
    match line {
        Line::Begun { id, kind, expires_at } => {
            known.insert(id, Known { kind, expires_at, ours, outcome: None });
        }
        Line::Done(outcome) => {
            if let Some(known) = known.get_mut(&outcome.id) {
                known.outcome = Some(outcome);
            }
        }
    }
}

/// Where it lies.
pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join("commands.log")
}

#[cfg(test)]
mod tests {
    use nazorat_wire::frame::Ending;
    use nazorat_wire::frame::Outcome;
    use uuid::Uuid;

    use super::Journal;
    use super::MOST_LINES;
    use super::file;
    use crate::kernel::Timestamp;

    fn outcome(id: Uuid) -> Outcome {
        Outcome { id, status: Ending::Succeeded, code: None, detail: None, body: Some("x".into()) }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_was_begun_is_known_after_a_crash_at_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut journal = Journal::open(path.clone()).unwrap();
        journal.begin(first, "ping", at(100)).unwrap();
        journal.done(outcome(first)).unwrap();
        let before = std::fs::metadata(&path).unwrap().len();
        journal.begin(second, "restart_agent", at(100)).unwrap();
        assert!(journal.find(second).unwrap().ours);
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for cut in usize::try_from(before).unwrap()..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let mut journal = Journal::open(path.clone()).unwrap();
            assert_eq!(journal.find(first).unwrap().outcome, Some(outcome(first)));
            let begun = journal.find(second).cloned();
            assert_eq!(begun.is_some(), cut == whole.len(), "cut at {cut}");
            assert!(begun.is_none_or(|known| !known.ours && known.outcome.is_none()));
            journal.begin(Uuid::from_u128(3), "ping", at(100)).unwrap();
            assert!(Journal::open(path.clone()).unwrap().find(Uuid::from_u128(3)).is_some());
        }
    }

    #[test]
    fn the_journal_has_a_bound_and_never_forgets_what_may_come_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(file(folder.path())).unwrap();
        for number in 0..u128::try_from(MOST_LINES).unwrap() {
            let id = Uuid::from_u128(number);
            // One in a hundred has a long life, and one has no end.
            journal.begin(id, "ping", at(if number % 100 == 0 { 9_000 } else { 10 })).unwrap();
            if number != 7 {
                journal.done(outcome(id)).unwrap();
            }
        }
        journal.tidy(at(5_000)).unwrap();
        let again = Journal::open(file(folder.path())).unwrap();
        assert!(again.known.len() < 600, "{}", again.known.len());
        for number in [0, 100, 7] {
            assert!(again.find(Uuid::from_u128(number)).is_some(), "{number}");
        }
        assert!(again.find(Uuid::from_u128(1)).is_none());
    }
}
