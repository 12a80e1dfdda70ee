//! Which accounts have got rows since their day totals were last computed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::dataset::PartitionKey;
use crate::month::HOUR_US;
use crate::schema::Head;

/// Accounts and UTC hours that rows were written into, for each organization.
#[derive(Default)]
pub(crate) struct Dirty {
    pub(crate) touched: BTreeMap<u32, BTreeSet<(i64, i64)>>,
}

impl Dirty {
    /// Notes the rows of one transaction.
    pub(crate) fn touch(&mut self, key: PartitionKey, rows: impl Iterator<Item = Head>) {
        let touched = self.touched.entry(key.organization).or_default();
        let mut last = None;
        for row in rows {
            let place = (row.account, row.ts_us.div_euclid(HOUR_US) * HOUR_US);
            if last != Some(place) {
                last = Some(place);
                touched.insert(place);
            }
        }
    }
}
