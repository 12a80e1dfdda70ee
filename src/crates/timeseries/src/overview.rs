//! What there is: for the storage page and for metrics.

use crate::catalog::State;
use crate::dataset::Dataset;
use crate::dataset::PartitionId;
use crate::files;
use crate::hub::Hub;
use crate::hub::lock;

/// One file, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionInfo {
    /// Which.
    pub partition: PartitionId,
    /// What may be done with it.
    pub state: State,
    /// Rows; after a crash it may lag behind until the file is next written to.
    pub rows: u64,
    /// Time of its oldest row.
    pub oldest_us: Option<i64>,
    /// Time of its newest row.
    pub newest_us: Option<i64>,
    /// Bytes on disk, with its log.
    pub bytes: u64,
    /// When it was made.
    pub created_us: i64,
    /// What was found when it was set aside; it may name paths.
    pub problem: Option<String>,
}

/// Numbers for metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files in the catalogs.
    pub files: u64,
    /// Files set aside.
    pub quarantined: u64,
    /// Bytes of all files with their logs.
    pub bytes: u64,
    /// Rows of all files.
    pub rows: u64,
    /// Files attached now.
    pub attached: u64,
    /// Files with rows that are not safe yet.
    pub not_checkpointed: u64,
    /// Bytes in their logs.
    pub wal_bytes: u64,
}

impl Hub {
    /// All files of an organization.
    pub fn partitions(&self, organization: u32) -> Vec<PartitionInfo> {
        let mut found = Vec::new();
        for dataset in Dataset::ALL {
            for (partition, entry) in self.inner.entries(organization, dataset, |_| true) {
                let path = self.inner.file_ref(partition, &entry).path;
                found.push(PartitionInfo {
                    partition,
                    state: entry.state,
                    rows: entry.rows,
                    oldest_us: entry.min_us,
                    newest_us: entry.max_us,
                    bytes: files::size(&path) + files::size(&files::wal_of(&path)),
                    created_us: entry.created_us,
                    problem: entry.problem,
                });
            }
        }
        found
    }

    /// Numbers over all organizations.
    pub fn stats(&self) -> Stats {
        // Taken on a line of its own: in the literal the lock would live on while `wal_bytes` waits for it.
        let not_checkpointed = lock(&self.inner.unsafe_files).len() as u64;
        let mut stats = Stats {
            attached: self.inner.attachments.count() as u64,
            not_checkpointed,
            wal_bytes: self.wal_bytes(),
            ..Stats::default()
        };
        for organization in self.organizations() {
            for partition in self.partitions(organization) {
                stats.files += 1;
                stats.quarantined += u64::from(partition.state == State::Quarantined);
                stats.bytes += partition.bytes;
                stats.rows += partition.rows;
            }
        }
        stats
    }
}
