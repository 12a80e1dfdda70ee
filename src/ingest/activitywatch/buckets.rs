//! The buckets and settings, which outlive the spool: `DATA/activitywatch/buckets.json`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use super::facts::Kind;
use super::journal::ActivityWatch;
use crate::runtime::blocking;
use crate::store::write_durably;

/// More buckets than any machine has watchers.
const MAX_BUCKETS: usize = 1_000;
/// The most settings.
pub(super) const MAX_SETTINGS: usize = 256;
/// The longest name of a bucket, a client, a type or a host.
pub(super) const MAX_NAME: usize = 256;

/// A bucket as its watcher made it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Bucket {
    #[serde(rename = "type")]
    pub(super) bucket_type: String,
    pub(super) client: String,
    pub(super) hostname: String,
    pub(super) created: String,
    #[serde(default)]
    pub(super) data: Map<String, Value>,
}

impl Bucket {
    pub(super) fn kind(&self) -> Kind {
        Kind::of(&self.bucket_type)
    }

    /// The computer that a bucket is of. Watchers that do not know their host run on this one.
    pub(super) fn computer<'a>(&'a self, this_host: &'a str) -> &'a str {
        match self.hostname.trim() {
            "" | "!local" | "unknown" => this_host,
            host => host,
        }
    }
}

/// Everything in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub(super) struct Kept {
    pub(super) device_id: String,
    pub(super) buckets: BTreeMap<String, Bucket>,
    #[serde(default)]
    pub(super) settings: BTreeMap<String, Value>,
}

impl Kept {
    /// Reads the file; one that is not there yet is empty.
    pub(super) fn read(path: &Path) -> std::io::Result<Self> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self { device_id: uuid::Uuid::new_v4().to_string(), ..Self::default() })
            }
            Err(problem) => Err(problem),
        }
    }

    /// Writes the file. Blocks; durable on return.
    pub(super) fn write(&self, path: &Path) -> std::io::Result<()> {
        write_durably(path, &serde_json::to_vec_pretty(self)?)
    }
}

/// A bucket was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum BucketError {
    #[error("there are {MAX_BUCKETS} buckets already")]
    TooMany,
    #[error("it could not be kept: {0}")]
    Disk(#[from] std::io::Error),
}

impl ActivityWatch {
    /// Makes a bucket, durably; false when it is there already.
    pub(super) async fn add_bucket(&self, id: &str, bucket: Bucket) -> Result<bool, BucketError> {
        let _turn = self.0.saving.lock().await;
        {
            let buckets = &mut self.state().kept.buckets;
            if buckets.contains_key(id) {
                return Ok(false);
            }
            if buckets.len() >= MAX_BUCKETS {
                return Err(BucketError::TooMany);
            }
            buckets.insert(id.to_owned(), bucket);
        }
        self.keep_buckets().await.inspect_err(|_| self.state().remove(id))?;
        Ok(true)
    }

    /// Writes buckets and settings down.
    pub(super) async fn keep_buckets(&self) -> std::io::Result<()> {
        let kept = self.state().kept.clone();
        let path = self.0.config.folder.join("buckets.json");
        blocking(move || kept.write(&path)).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::Bucket;
    use super::Kept;

    #[test]
    fn buckets_come_back_and_nameless_hosts_are_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("buckets.json");
        let mut kept = Kept::read(&path).unwrap();
        let bucket = Bucket {
            bucket_type: "currentwindow".to_owned(),
            client: "aw-watcher-window".to_owned(),
            hostname: "!local".to_owned(),
            created: "2026-11-23T09:00:00Z".to_owned(),
            data: Map::new(),
        };
        assert_eq!(bucket.computer("pc-9"), "pc-9");
        assert_eq!(Bucket { hostname: "pc-1".to_owned(), ..bucket.clone() }.computer("pc-9"), "pc-1");
        kept.buckets.insert("w".to_owned(), bucket);
        kept.write(&path).unwrap();
        assert_eq!(Kept::read(&path).unwrap(), kept);
    }
}
