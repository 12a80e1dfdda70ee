//! The files of an organization's events, for the storage page.

use nazorat_timeseries::Dataset;
use nazorat_timeseries::PartitionInfo;
use nazorat_timeseries::State;

use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::retention::Retention;
use crate::retention::RetentionError;
use crate::runtime::blocking;

/// One file of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFile {
    /// Of which kind.
    pub dataset: Dataset,
    /// Of which month, such as `2026-11`.
    pub month: String,
    /// Which of the month's files.
    pub generation: u32,
    /// Events.
    pub rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// The oldest event.
    pub oldest: Option<Timestamp>,
    /// The newest event.
    pub newest: Option<Timestamp>,
    /// What is done with it.
    pub standing: Standing,
}

/// What is done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It could not be read; everything else works without it.
    SetAside,
    /// It is being removed.
    Removing,
    /// It takes events.
    Open,
    /// Its month is over; it is compared with its checksum every week.
    Sealed,
}

impl Standing {
    /// The word in texts.
    pub const fn name(self) -> &'static str {
        match self {
            Standing::SetAside => "set-aside",
            Standing::Removing => "removing",
            Standing::Open => "open",
            Standing::Sealed => "sealed",
        }
    }
}

impl Retention {
    /// The files, those that need somebody first, then the newest months.
    pub async fn files(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<EventFile>, RetentionError> {
        actor.require(Permission::ReadSystem)?;
        actor.tenant(organization)?;
        let hub = self.hub.clone();
        let found = blocking(move || hub.partitions(organization.get())).await;
        let mut files: Vec<EventFile> = found.into_iter().map(file).collect();
        files.sort_by(|one, two| {
            let first = |file: &EventFile| file.standing != Standing::SetAside;
            first(one)
                .cmp(&first(two))
                .then_with(|| two.month.cmp(&one.month))
                .then_with(|| one.dataset.cmp(&two.dataset))
        });
        Ok(files)
    }
}

fn file(info: PartitionInfo) -> EventFile {
    let time = |us: Option<i64>| us.and_then(|us| Timestamp::from_microsecond(us).ok());
    let key = info.partition.key;
    EventFile {
        dataset: key.dataset,
        month: key.month.to_string(),
        generation: info.partition.generation,
        rows: info.rows,
        bytes: info.bytes,
        oldest: time(info.oldest_us),
        newest: time(info.newest_us),
        standing: match info.state {
            State::Quarantined => Standing::SetAside,
            State::Dropping => Standing::Removing,
            State::Open => Standing::Open,
            State::Sealed => Standing::Sealed,
        },
    }
}
