//! Names of batches that this hop has taken, so that a repeat is answered as one and never forwarded twice.
//!
//! A name is remembered while its batch lies in the spool. After that, names that are numbered by their sender
//! (`SOURCE:EPOCH:NUMBER`) are known for ever by the highest number of their line, which is on disk before the spool lets
//! the batch go; of other names the newest are remembered until the process ends.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::VecDeque;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use sha2::Digest as _;
use sha2::Sha256;

use crate::store::write_durably;
use crate::uplink::rules::numbered;

/// How many names without an order are remembered after their batch has left.
const KEEP_FREED: usize = 20_000;
/// How many lines of numbered names are remembered; the one that was longest silent goes first.
const KEEP_LINES: usize = 20_000;

type Hash = [u8; 16];

/// What is known of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Another request is bringing it.
    InFlight,
    /// It was taken, with this digest of its body.
    Taken([u8; 32]),
    /// It was taken and has left; its digest is not known any more.
    Left,
}

/// How far a line of numbered names has left, and when it last moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Line {
    through: u64,
    at: i64,
}

#[derive(Debug, Default)]
struct Inner {
    names: HashMap<Hash, Known>,
    /// Names in the order of their spool numbers, and whether their line knows them after they left.
    order: VecDeque<(u64, Hash, bool)>,
    freed: VecDeque<Hash>,
    lines: BTreeMap<String, Line>,
}

/// The names. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Names {
    inner: Arc<Mutex<Inner>>,
    file: Arc<PathBuf>,
}

impl Names {
    /// Reads what left before. Blocks.
    pub(super) fn open(file: &Path) -> std::io::Result<Self> {
        let lines = match std::fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(problem) => return Err(problem),
        };
        let inner = Inner { lines, ..Inner::default() };
        Ok(Self { inner: Arc::new(Mutex::new(inner)), file: Arc::new(file.to_owned()) })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims a name, or says what is known of it.
    pub(super) fn claim(&self, name: &str) -> Result<Claim, Known> {
        let mut inner = self.inner();
        let hash = hash(name);
        if let Some(known) = inner.names.get(&hash) {
            return Err(*known);
        }
        if let Some((line, number)) = numbered(name)
            && inner.lines.get(line).is_some_and(|line| number <= line.through)
        {
            return Err(Known::Left);
        }
        inner.names.insert(hash, Known::InFlight);
        Ok(Claim { names: self.clone(), name: name.to_owned(), kept: false })
    }

    /// Puts in what the spool held at start.
    pub(super) fn remember(&self, name: &str, seq: u64, digest: [u8; 32]) {
        let mut inner = self.inner();
        let hash = hash(name);
        inner.names.insert(hash, Known::Taken(digest));
        let at = inner.order.partition_point(|(other, ..)| *other < seq);
        inner.order.insert(at, (seq, hash, numbered(name).is_some()));
    }

    /// The next hop has the batches of these names. They are told by whoever sent them on: the one who brought a batch
    /// may learn later than the uplink that it is durable. What the lines say is on disk when this returns. Blocks.
    pub(super) fn keep(&self, batches: &[String], now_us: i64) -> std::io::Result<()> {
        let lines = self.inner().move_lines(batches, now_us);
        lines.map_or(Ok(()), |lines| write_durably(&self.file, &serde_json::to_vec(&lines)?))
    }

    /// The spool lets go of everything up to here; the names were kept before.
    pub(super) fn forget(&self, through: u64) {
        self.inner().forget(through);
    }
}

impl Inner {
    /// The lines, if any of them moved.
    fn move_lines(&mut self, batches: &[String], now_us: i64) -> Option<BTreeMap<String, Line>> {
        let mut moved = false;
        for (line, number) in batches.iter().filter_map(|name| numbered(name)) {
            let through = self.lines.get(line).map_or(0, |line| line.through).max(number);
            self.lines.insert(line.to_owned(), Line { through, at: now_us });
            moved = true;
        }
        self.drop_silent_lines();
        moved.then(|| self.lines.clone())
    }

    fn forget(&mut self, through: u64) {
        while let Some(&(seq, hash, is_numbered)) = self.order.front() {
            if seq > through {
                break;
            }
            self.order.pop_front();
            if is_numbered {
                self.names.remove(&hash);
            } else {
                self.freed.push_back(hash);
            }
        }
        while self.freed.len() > KEEP_FREED {
            if let Some(hash) = self.freed.pop_front() {
                self.names.remove(&hash);
            }
        }
    }

    fn drop_silent_lines(&mut self) {
        while self.lines.len() > KEEP_LINES {
            let silent = self.lines.iter().min_by_key(|(_, line)| line.at).map(|(name, _)| name.clone());
            if let Some(name) = silent {
                self.lines.remove(&name);
            }
        }
    }
}

fn hash(name: &str) -> Hash {
    let digest: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    digest.first_chunk().copied().unwrap_or_default()
}

/// The right to take one name. Dropped without an outcome, the name is free again.
pub(super) struct Claim {
    names: Names,
    name: String,
    kept: bool,
}

impl Claim {
    /// The batch is durable.
    pub(super) fn taken(mut self, seq: u64, digest: [u8; 32]) {
        self.kept = true;
        self.names.remember(&self.name, seq, digest);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.kept {
            self.names.inner().names.remove(&hash(&self.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::KEEP_FREED;
    use super::Known;
    use super::Names;

    const LINE: &str = "pc-1:0123456789abcdef0123456789abcdef";

    fn open(folder: &Path) -> Names {
        Names::open(&folder.join("lines.json")).unwrap()
    }

    fn known(names: &Names, name: &str) -> Option<Known> {
        names.claim(name).err()
    }

    #[test]
    fn a_name_is_claimed_once_and_free_again_when_the_claim_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let names = open(folder.path());
        let claim = names.claim("a").ok().unwrap();
        assert_eq!(known(&names, "a"), Some(Known::InFlight));
        drop(claim);
        names.claim("a").ok().unwrap().taken(1, [5; 32]);
        assert_eq!(known(&names, "a"), Some(Known::Taken([5; 32])));
    }

    #[test]
    fn a_numbered_name_is_known_for_ever_once_its_batch_has_left() {
        let folder = tempfile::tempdir().unwrap();
        let names = open(folder.path());
        for number in 1..=5_u64 {
            names.claim(&format!("{LINE}:{number}")).ok().unwrap().taken(number, [1; 32]);
        }
        let batches: Vec<String> = (1..=3).map(|number| format!("{LINE}:{number}")).collect();
        names.keep(&batches, 0).unwrap();
        names.forget(3);
        assert_eq!(known(&names, &format!("{LINE}:3")), Some(Known::Left));
        assert_eq!(known(&names, &format!("{LINE}:4")), Some(Known::Taken([1; 32])));
        assert_eq!(known(&names, &format!("{LINE}:6")), None);
        // A restart: what lies in the spool is put in again, what has left is in the file.
        let names = open(folder.path());
        assert_eq!(known(&names, &format!("{LINE}:1")), Some(Known::Left));
        assert_eq!(known(&names, &format!("{LINE}:4")), None);
        assert_eq!(known(&names, &format!("pc-2:{}:1", "0".repeat(32))), None);
    }

    #[test]
    fn a_batch_that_left_before_its_sender_was_answered_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let names = open(folder.path());
        let name = format!("{LINE}:1");
        let claim = names.claim(&name).ok().unwrap();
        names.keep(std::slice::from_ref(&name), 0).unwrap();
        names.forget(1);
        assert_eq!(known(&open(folder.path()), &name), Some(Known::Left), "also if the process ends now");
        claim.taken(1, [1; 32]);
        assert_eq!(known(&names, &name), Some(Known::Taken([1; 32])));
        names.forget(1);
        assert_eq!(known(&names, &name), Some(Known::Left));
    }

    #[test]
    fn other_names_are_forgotten_in_the_order_in_which_they_left() {
        let folder = tempfile::tempdir().unwrap();
        let names = open(folder.path());
        let count = KEEP_FREED as u64 + 2;
        for seq in 1..=count + 1 {
            names.remember(&seq.to_string(), seq, [1; 32]);
        }
        names.keep(&["1".to_owned()], 0).unwrap();
        names.forget(count);
        assert_eq!((known(&names, "1"), known(&names, "2")), (None, None));
        assert!(known(&names, "3").is_some() && known(&names, &(count + 1).to_string()).is_some());
        assert!(!folder.path().join("lines.json").exists(), "nothing that needs the disk");
    }
}
