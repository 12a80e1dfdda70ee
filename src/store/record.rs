//! What a domain declares to have something stored.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::Key;
use crate::store::StoreError;

/// A stored shape. Old bytes stay readable for ever: a new version keeps reading the older ones.
pub trait Record: Serialize + DeserializeOwned {
    /// The version that is written today.
    const VERSION: u8 = 1;

    /// Reads bytes that an older version wrote.
    fn from_older(version: u8, _json: &[u8]) -> Result<Self, StoreError> {
        Err(StoreError::Version { version, known: Self::VERSION })
    }
}

/// A kind of record with its key. The name carries the version of the key layout and is never used again for another.
#[derive(Debug)]
pub struct Table<K, R> {
    name: &'static str,
    types: PhantomData<fn() -> (K, R)>,
}

impl<K: Key, R: Record> Table<K, R> {
    /// Declares a table.
    pub const fn new(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }

    /// The name in the file.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Reads the bytes that `tests/fixtures/records` keeps of a version; they must be readable for ever.
    #[cfg(test)]
    pub(crate) fn fixture(&self, version: u8) -> R {
        let path = format!("{}/tests/fixtures/records/{}.{version}", env!("CARGO_MANIFEST_DIR"), self.name);
        let bytes = std::fs::read(&path).unwrap_or_else(|problem| panic!("{path}: {problem}"));
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        assert_eq!(bytes.first(), Some(&version), "{path} begins with its version");
        decode(self.name, bytes).unwrap_or_else(|problem| panic!("{path}: {problem:?}"))
    }
}

pub(super) fn encode<R: Record>(record: &R) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![R::VERSION];
    serde_json::to_writer(&mut bytes, record).map_err(StoreError::Encode)?;
    Ok(bytes)
}

pub(super) fn decode<R: Record>(table: &'static str, bytes: &[u8]) -> Result<R, StoreError> {
    match bytes.split_first() {
        Some((&version, json)) if version == R::VERSION => {
            serde_json::from_slice(json).map_err(|source| StoreError::Decode { table, source })
        }
        Some((&version, json)) if version < R::VERSION => R::from_older(version, json),
        Some((&version, _)) => Err(StoreError::Version { version, known: R::VERSION }),
        None => Err(StoreError::Empty { table }),
    }
}
