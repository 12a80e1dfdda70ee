//! Batches that got their names because somebody carries them: the file `carried` beside the plan.
//!
//! What stands on a stick cannot be changed any more, so the line sends the same events under the same names, each batch
//! as it was cut, and whatever arrives second is a repeat. The file is in place before a stick can be complete.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use nazorat_spool::Epoch;

use crate::uplink::UplinkError;
use crate::uplink::cuts::Cut;
use crate::uplink::cuts::Cuts;
use crate::uplink::rules::Point;

/// The batches that were carried and may not have left yet, by where they begin.
pub(super) struct Carried {
    path: PathBuf,
    spool: Epoch,
    cuts: BTreeMap<Point, Cut>,
}

impl Carried {
    /// Reads what lies beside the spool. Blocks.
    pub(super) fn open(folder: &Path, spool: Epoch) -> Result<Self, UplinkError> {
        let path = folder.join("carried");
        let read = match path.try_exists() {
            Ok(true) => Cuts::open(&path, spool, u64::MAX).and_then(|cuts| cuts.all()),
            Ok(false) => Ok(Vec::new()),
            Err(problem) => Err(problem),
        };
        let cuts = read.map_err(|source| UplinkError::Cuts { path: path.clone(), source })?;
        Ok(Self { path, spool, cuts: cuts.into_iter().map(|cut| (cut.start, cut)).collect() })
    }

    /// The batch that begins at a place.
    pub(super) fn find(&self, start: Point) -> Option<&Cut> {
        self.cuts.get(&start)
    }

    /// The first that begins behind a whole record.
    pub(super) fn first_behind(&self, seq: u64) -> Option<&Cut> {
        self.cuts.range(Point::behind(seq)..).next().map(|(_, cut)| cut)
    }

    /// These are all that matter from now on. Durable on return; blocks.
    pub(super) fn replace(&mut self, cuts: &[Cut]) -> Result<(), UplinkError> {
        self.write(cuts).map_err(|source| UplinkError::Cuts { path: self.path.clone(), source })?;
        self.cuts = cuts.iter().map(|cut| (cut.start, *cut)).collect();
        Ok(())
    }

    /// The next hop has everything before a place: the file goes when all of it has left.
    pub(super) fn forget(&mut self, done: Point) {
        if self.cuts.is_empty() || self.cuts.range(done..).next().is_some() {
            return;
        }
        self.cuts.clear();
        // A leftover names nothing that is still to be sent.
        drop(std::fs::remove_file(&self.path));
    }

    fn write(&self, cuts: &[Cut]) -> io::Result<()> {
        Cuts::write(&self.path, self.spool, cuts)
    }
}

#[cfg(test)]
mod tests {
    use nazorat_spool::Epoch;

    use super::Carried;
    use crate::uplink::cuts::Cut;
    use crate::uplink::rules::Point;

    fn cut(number: u64) -> Cut {
        let (start, end) = (Point { seq: number, event: 3 }, Point { seq: number + 1, event: 3 });
        Cut { epoch: [7; 16], number, carried: true, start, end, at_us: 0, life: 0, digest: [0; 32] }
    }

    #[test]
    fn names_are_kept_until_everything_has_left() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Carried::open(folder.path(), Epoch::from_bytes([3; 16])).unwrap();
        assert_eq!(open().find(cut(1).start), None);
        open().replace(&[cut(4), cut(5)]).unwrap();
        let mut carried = open();
        assert_eq!(carried.find(cut(5).start), Some(&cut(5)));
        assert_eq!(carried.find(cut(5).end), None);
        assert_eq!(carried.first_behind(3), Some(&cut(4)));
        carried.forget(cut(4).end);
        assert!(open().find(cut(5).start).is_some());
        carried.forget(cut(5).end);
        assert!(open().find(cut(5).start).is_none() && !folder.path().join("carried").exists());
    }

    #[test]
    fn names_of_another_spool_are_nothing() {
        let folder = tempfile::tempdir().unwrap();
        Carried::open(folder.path(), Epoch::from_bytes([3; 16])).unwrap().replace(&[cut(4)]).unwrap();
        assert_eq!(Carried::open(folder.path(), Epoch::from_bytes([4; 16])).unwrap().find(cut(4).start), None);
    }
}
