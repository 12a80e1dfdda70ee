//! Heartbeats of a watcher in this process: the same buckets, the same merging, the same journal, without HTTP.

use std::time::Duration;

use serde_json::Map;
use serde_json::Value;

use super::buckets::Bucket;
use super::journal::ActivityWatch;
use super::merge::Beat;
use crate::kernel::Timestamp;

/// What a watcher saw at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// What, in the words of ActivityWatch.
    pub data: Value,
    /// It is one event with what was seen no longer before than this, if that was the same.
    pub pulse: Duration,
}

/// A heartbeat was not taken; the next one may be.
#[derive(Debug, thiserror::Error)]
#[error("heartbeats are not taken just now: {0}")]
pub struct NotTaken(String);

impl ActivityWatch {
    /// Makes a bucket of a type of ActivityWatch, unless it is there.
    pub async fn provide(&self, id: &str, bucket_type: &str) -> Result<(), NotTaken> {
        let bucket = Bucket {
            bucket_type: bucket_type.to_owned(),
            client: "nazorat".to_owned(),
            hostname: self.0.config.host.clone(),
            created: self.0.clock.now().to_string(),
            data: Map::new(),
        };
        self.add_bucket(id, bucket).await.map(drop).map_err(|problem| NotTaken(problem.to_string()))
    }

    /// Takes a heartbeat in; durable on return.
    pub async fn beat(&self, bucket: &str, seen: Seen) -> Result<(), NotTaken> {
        let pulse = i64::try_from(seen.pulse.as_micros()).unwrap_or(i64::MAX);
        let beat = Beat { start: seen.at.as_microsecond(), length: 0, data: seen.data };
        match self.take(bucket, Some(pulse), vec![beat]).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(NotTaken(format!("there is no bucket {bucket}"))),
            Err(problem) => Err(NotTaken(problem.to_string())),
        }
    }
}
