//! A disk in memory that forgets what was not synced, tears writes, fills up and fails.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;

use nazorat_spool::fs::File;
use nazorat_spool::fs::Fs;

/// Handles are clones of the same disk.
#[derive(Clone, Default)]
pub(crate) struct CrashDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    pending_names: Vec<NameChange>,
    locked: BTreeSet<PathBuf>,
    operations: u64,
    fuse: Option<u64>,
    limits: Limits,
    syncs_after_failure: u64,
}

/// What the disk refuses.
#[derive(Default, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of all files together.
    pub(crate) bytes: Option<u64>,
    /// Number of files.
    pub(crate) files: Option<usize>,
    /// The next data sync of a segment fails with this error number.
    pub(crate) next_sync: Option<i32>,
}

#[derive(Default)]
struct Inode {
    data: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Bytes(u64, Vec<u8>),
    Len(u64),
}

struct NameChange {
    path: PathBuf,
    inode: Option<usize>,
}

struct Handle {
    disk: CrashDisk,
    inode: usize,
    is_segment: bool,
    failed: Mutex<bool>,
}

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

impl CrashDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// From now on, after so many changes the power is off: everything fails.
    pub(crate) fn set_fuse(&self, changes: Option<u64>) {
        let mut state = self.state();
        state.fuse = changes.map(|changes| state.operations + changes);
    }

    pub(crate) fn set_limits(&self, limits: Limits) {
        self.state().limits = limits;
    }

    pub(crate) fn syncs_after_failure(&self) -> u64 {
        self.state().syncs_after_failure
    }

    /// The process was killed, the machine goes on: what was written is there, and still not durable.
    pub(crate) fn kill(&self) {
        let mut state = self.state();
        state.fuse = None;
        state.locked.clear();
    }

    /// The power comes back: of what was not synced any part may be there.
    pub(crate) fn power_cut(&self, seed: u64) {
        let mut dice = Dice(seed | 1);
        let mut state = self.state();
        let State { inodes, names, durable_names, pending_names, .. } = &mut *state;
        for inode in inodes {
            inode.data = inode.durable.clone();
            for change in std::mem::take(&mut inode.pending) {
                match (dice.below(3), change) {
                    (0, _) => {}
                    (1, Change::Bytes(offset, bytes)) => {
                        let torn = dice.below(bytes.len() as u64 + 1) as usize;
                        Change::Bytes(offset, bytes[..torn].to_vec()).apply(&mut inode.data);
                    }
                    (_, change) => change.apply(&mut inode.data),
                }
            }
            inode.durable = inode.data.clone();
        }
        let kept = dice.below(pending_names.len() as u64 + 1) as usize;
        pending_names.drain(..).take(kept).for_each(|change| change.apply(durable_names));
        *names = durable_names.clone();
        state.fuse = None;
        state.locked.clear();
    }
}

/// A small generator, so that a failing case is repeated exactly.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % bound
    }
}

impl Change {
    fn apply(self, data: &mut Vec<u8>) {
        match self {
            Self::Bytes(offset, bytes) => {
                let end = offset as usize + bytes.len();
                if data.len() < end {
                    data.resize(end, 0);
                }
                data[offset as usize..end].copy_from_slice(&bytes);
            }
            Self::Len(len) => data.resize(len as usize, 0),
        }
    }
}

impl NameChange {
    fn apply(self, names: &mut BTreeMap<PathBuf, usize>) {
        match self.inode {
            Some(inode) => names.insert(self.path, inode),
            None => names.remove(&self.path),
        };
    }
}

impl State {
    /// Counts a change, and refuses it when the power is off.
    fn change(&mut self) -> io::Result<()> {
        self.operations += 1;
        match self.fuse {
            Some(fuse) if self.operations > fuse => Err(io::Error::other("the power is off")),
            _ => Ok(()),
        }
    }

    fn rename_to(&mut self, path: &Path, inode: Option<usize>) {
        self.pending_names.push(NameChange { path: path.to_path_buf(), inode });
        NameChange { path: path.to_path_buf(), inode }.apply(&mut self.names);
    }

    fn write(&mut self, inode: usize, change: Change) {
        change.clone().apply(&mut self.inodes[inode].data);
        self.inodes[inode].pending.push(change);
    }

    fn sync(&mut self, inode: usize) {
        let inode = &mut self.inodes[inode];
        inode.durable = inode.data.clone();
        inode.pending.clear();
    }

    fn used(&self) -> u64 {
        self.names.values().map(|inode| self.inodes[*inode].data.len() as u64).sum()
    }
}

impl CrashDisk {
    fn handle(&self, inode: usize, path: &Path) -> Box<dyn File> {
        let is_segment = path.to_string_lossy().contains(".seg");
        Box::new(Handle { disk: self.clone(), inode, is_segment, failed: Mutex::new(false) })
    }
}

impl Fs for CrashDisk {
    fn create_dir_all(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        let inside = state.names.keys().filter(|path| path.parent() == Some(dir));
        Ok(inside.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let mut state = self.state();
        state.change()?;
        let existing = state.names.get(path).copied();
        let inode = match existing {
            Some(inode) => {
                state.write(inode, Change::Len(0));
                inode
            }
            None => {
                if state.limits.files.is_some_and(|files| state.names.len() >= files) {
                    return Err(io::Error::from_raw_os_error(ENOSPC));
                }
                state.inodes.push(Inode::default());
                let inode = state.inodes.len() - 1;
                state.rename_to(path, Some(inode));
                inode
            }
        };
        drop(state);
        Ok(self.handle(inode, path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let inode = self.state().names.get(path).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(self.handle(inode, path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        let inode = state.names.get(from).copied().ok_or(io::ErrorKind::NotFound)?;
        // One journal entry: no crash sees both names or none of them.
        state.rename_to(to, Some(inode));
        state.rename_to(from, None);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        state.rename_to(path, None);
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        let State { durable_names, pending_names, .. } = &mut *state;
        let (here, elsewhere) = pending_names.drain(..).partition(|change| change.path.parent() == Some(dir));
        *pending_names = elsewhere;
        let here: Vec<NameChange> = here;
        here.into_iter().for_each(|change| change.apply(durable_names));
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send + Sync>> {
        if !self.state().locked.insert(path.to_path_buf()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(Box::new(Lock(self.clone(), path.to_path_buf())))
    }
}

struct Lock(CrashDisk, PathBuf);

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.state().locked.remove(&self.1);
    }
}

impl File for Handle {
    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.state().inodes[self.inode].data.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.state();
        let data = &state.inodes[self.inode].data;
        let rest = data.get(offset as usize..).unwrap_or(&[]);
        // Short reads happen; the reader must cope.
        let len = rest.len().min(buffer.len()).min(10_000);
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        if let Err(error) = state.change() {
            // The write during which the power went: some of it may have reached the disk.
            if state.fuse.is_some_and(|fuse| state.operations == fuse + 1) {
                state.write(self.inode, Change::Bytes(offset, bytes.to_vec()));
            }
            return Err(error);
        }
        let grows = (offset + bytes.len() as u64).saturating_sub(state.inodes[self.inode].data.len() as u64);
        let room = state.limits.bytes.map_or(u64::MAX, |limit| limit.saturating_sub(state.used()));
        if grows > room {
            let half = bytes.len() - (grows - room) as usize;
            state.write(self.inode, Change::Bytes(offset, bytes[..half].to_vec()));
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        state.write(self.inode, Change::Bytes(offset, bytes.to_vec()));
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.change()?;
        state.write(self.inode, Change::Len(len));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        state.change()?;
        let mut failed = self.failed.lock().unwrap();
        if *failed {
            state.syncs_after_failure += 1;
        }
        if self.is_segment
            && let Some(error) = state.limits.next_sync.take()
        {
            *failed = true;
            if error == EIO {
                // What the kernel does: it drops the dirty pages and calls them clean.
                state.inodes[self.inode].pending.clear();
            }
            return Err(io::Error::from_raw_os_error(error));
        }
        state.sync(self.inode);
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }
}
