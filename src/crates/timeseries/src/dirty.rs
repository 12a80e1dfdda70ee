//! Which accounts have got rows since their day totals were last computed.
//!
//! Each organization has a set of (account, UTC hour) that rows were written into. It is in memory; what survives a
//! restart is, for each partition, the number of the last batch that the totals contain (`_through` in the totals file of
//! the month). The set is made anew from the rows behind that number when it is first asked for.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::catalog::Entry;
use crate::catalog::State;
use crate::dataset::Dataset;
use crate::dataset::PartitionId;
use crate::error::HubError;
use crate::hub::Hub;
use crate::hub::Inner;
use crate::hub::lock;
use crate::ledger::each;
use crate::month::HOUR_US;
use crate::month::Month;
use crate::schema::Head;

/// The datasets that day totals are computed from.
const COUNTED: [Dataset; 5] = [
    Dataset::ActiveWindows,
    Dataset::VisitedSites,
    Dataset::Screenshots,
    Dataset::UserSessions,
    Dataset::InputActivity,
];

/// An hour of an account's time that rows were written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Touched {
    /// The account.
    pub account: i64,
    /// Start of the UTC hour.
    pub hour_us: i64,
}

/// What has to be computed anew. Handed back with [`Hub::computed`] when that is done.
#[derive(Debug, Clone, Default)]
pub struct DirtyHours {
    /// The organization.
    pub organization: u32,
    /// Which hours of which accounts, in order.
    pub hours: Vec<Touched>,
    mark: u64,
    through: BTreeMap<PartitionId, u32>,
}

/// The sets of all organizations.
#[derive(Default)]
pub(crate) struct Dirty {
    /// When each hour was last touched, as a count.
    touched: BTreeMap<u32, BTreeMap<Touched, u64>>,
    /// The last batch of each partition that is in the sets.
    through: BTreeMap<PartitionId, u32>,
    /// Organizations whose sets hold what was there before the start.
    complete: BTreeSet<u32>,
    clock: u64,
}

impl Dirty {
    /// Notes the rows of one transaction.
    pub(crate) fn touch(&mut self, id: PartitionId, through: u32, rows: impl Iterator<Item = Head>) {
        if !COUNTED.contains(&id.key.dataset) {
            return;
        }
        self.clock += 1;
        let touched = self.touched.entry(id.key.organization).or_default();
        let mut last = None;
        for row in rows {
            let place = Touched { account: row.account, hour_us: row.ts_us.div_euclid(HOUR_US) * HOUR_US };
            // Rows come in runs of one hour.
            if last != Some(place) {
                last = Some(place);
                touched.insert(place, self.clock);
            }
        }
        let known = self.through.entry(id).or_default();
        *known = through.max(*known);
    }

    /// Looks at the files again, because totals were lost.
    pub(crate) fn forget(&mut self, organization: u32) {
        self.complete.remove(&organization);
    }

    /// Nothing of the organization is left.
    pub(crate) fn drop_all(&mut self, organization: u32) {
        self.forget(organization);
        self.touched.remove(&organization);
        self.through.retain(|id, _| id.key.organization != organization);
    }
}

impl Hub {
    /// The hours that got rows since their totals were computed, also before the last restart.
    pub fn dirty(&self, organization: u32) -> Result<DirtyHours, HubError> {
        if !lock(&self.inner.dirty).complete.contains(&organization) {
            self.inner.find_dirty(organization)?;
        }
        let dirty = lock(&self.inner.dirty);
        let hours =
            dirty.touched.get(&organization).map(|touched| touched.keys().copied().collect()).unwrap_or_default();
        let through = dirty.through.iter().filter(|(id, _)| id.key.organization == organization);
        Ok(DirtyHours { organization, hours, mark: dirty.clock, through: through.map(|(id, n)| (*id, *n)).collect() })
    }

    /// Says that the totals of these hours are stored. Hours that were touched again meanwhile stay.
    pub fn computed(&self, done: &DirtyHours) -> Result<(), HubError> {
        let mut months: BTreeMap<Month, Vec<(PartitionId, u32)>> = BTreeMap::new();
        for (id, through) in &done.through {
            months.entry(id.key.month).or_default().push((*id, *through));
        }
        for (month, through) in months {
            self.inner.store_through(done.organization, month, &through)?;
        }
        let mut dirty = lock(&self.inner.dirty);
        if let Some(touched) = dirty.touched.get_mut(&done.organization) {
            for hour in &done.hours {
                if touched.get(hour).is_some_and(|clock| *clock <= done.mark) {
                    touched.remove(hour);
                }
            }
        }
        Ok(())
    }
}

impl Inner {
    fn find_dirty(&self, organization: u32) -> Result<(), HubError> {
        let mut stored: BTreeMap<Month, BTreeMap<(String, u32), u32>> = BTreeMap::new();
        for dataset in COUNTED {
            let readable = |entry: &Entry| matches!(entry.state, State::Open | State::Sealed);
            for (id, entry) in self.entries(organization, dataset, readable) {
                if let std::collections::btree_map::Entry::Vacant(vacant) = stored.entry(id.key.month) {
                    vacant.insert(self.stored_through(organization, id.key.month)?);
                }
                let source = (dataset.name().to_owned(), id.generation);
                let after = stored.get(&id.key.month).and_then(|month| month.get(&source)).copied().unwrap_or(0);
                let exact = entry.counted || entry.state == State::Sealed;
                if exact && entry.batches <= after {
                    lock(&self.dirty).touch(id, entry.batches, std::iter::empty());
                    continue;
                }
                match self.find_touched(id, after) {
                    Ok(()) | Err(HubError::Damaged { .. } | HubError::WrongState { .. } | HubError::Unknown(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        lock(&self.dirty).complete.insert(organization);
        Ok(())
    }

    fn find_touched(&self, id: PartitionId, after: u32) -> Result<(), HubError> {
        let (heads, through) = self.read_partition(id, |connection, alias| {
            // The batch number first: rows of later batches may come along and are touched twice, none is missed.
            let mut through = after;
            each(connection, &format!("SELECT coalesce(max(id), 0) FROM {alias}._batches"), |cells, row| {
                through = cells.int(0, row)?;
                Ok(())
            })?;
            let sql = format!(
                "SELECT DISTINCT account, (epoch_us(ts) // {HOUR_US})::BIGINT FROM {alias}.events WHERE batch > {after}"
            );
            let mut heads = Vec::new();
            each(connection, &sql, |cells, row| {
                heads.push(Head { account: cells.long(0, row)?, ts_us: cells.long(1, row)? * HOUR_US, batch: 0 });
                Ok(())
            })?;
            Ok((heads, through))
        })?;
        lock(&self.dirty).touch(id, through, heads.into_iter());
        Ok(())
    }
}
