//! Up to which batch of each partition the day totals have been computed.

use std::collections::BTreeMap;

use crate::dataset::PartitionId;
use crate::error::HubError;
use crate::hub::Inner;
use crate::ledger::each;
use crate::month::Month;

impl Inner {
    /// The stored marks of a month, by dataset and generation.
    pub(crate) fn stored_through(
        &self,
        organization: u32,
        month: Month,
    ) -> Result<BTreeMap<(String, u32), u32>, HubError> {
        let reader = self.readers.take()?;
        let mut found = BTreeMap::new();
        let Some(_lease) = self.lease_totals(organization, month, &reader)? else { return Ok(found) };
        let alias = self.totals_file(organization, month).alias;
        each(&reader, &format!("SELECT dataset, generation, batch FROM {alias}._through"), |cells, row| {
            found.insert((cells.owned(0, row)?, cells.int(1, row)?), cells.int(2, row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Stores marks, when they are new.
    pub(crate) fn store_through(
        &self,
        organization: u32,
        month: Month,
        marks: &[(PartitionId, u32)],
    ) -> Result<(), HubError> {
        let stored = self.stored_through(organization, month)?;
        let name = |id: &PartitionId| (id.key.dataset.name().to_owned(), id.generation);
        let news: Vec<_> = marks.iter().filter(|(id, batch)| stored.get(&name(id)) != Some(batch)).collect();
        if news.is_empty() {
            return Ok(());
        }
        self.write_totals(organization, month, |writer, alias| {
            for (id, batch) in news {
                let (dataset, generation) = (id.key.dataset, id.generation);
                writer.execute_batch(&format!(
                    "DELETE FROM {alias}._through WHERE dataset = '{dataset}' AND generation = {generation}; \
                     INSERT INTO {alias}._through VALUES ('{dataset}', {generation}, {batch})"
                ))?;
            }
            Ok(())
        })
    }
}
