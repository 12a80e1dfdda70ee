//! Transactions: reading and writing records of one tenant.

use redb::ReadableTable as _;
use redb::TableDefinition;
use redb::TableError;

use crate::kernel::Classify;
use crate::kernel::Kind;
use crate::store::Key;
use crate::store::Record;
use crate::store::Table;
use crate::store::record;

/// The store failed, or holds bytes that it cannot understand.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// redb failed.
    #[error("tenant store failed")]
    Engine(#[source] Box<redb::Error>),
    /// A record could not be turned into bytes.
    #[error("record could not be encoded")]
    Encode(#[source] serde_json::Error),
    /// Bytes could not be turned into a record.
    #[error("record in table {table} could not be read")]
    Decode {
        /// Where it stands.
        table: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// A record has no bytes at all.
    #[error("record in table {table} is empty")]
    Empty {
        /// Where it stands.
        table: &'static str,
    },
    /// A newer program wrote this.
    #[error("record has version {version}, this program knows {known}")]
    Version {
        /// What the bytes say.
        version: u8,
        /// What this program writes.
        known: u8,
    },
    /// Identity numbers of this table are used up.
    #[error("table {0} has no free numbers left")]
    Full(&'static str),
}

macro_rules! engine_errors {
    ($($name:ident),+) => {$(
        impl From<redb::$name> for StoreError {
            fn from(source: redb::$name) -> Self {
                StoreError::Engine(Box::new(source.into()))
            }
        }
    )+};
}

engine_errors!(CommitError, DatabaseError, Error, SetDurabilityError, StorageError, TableError, TransactionError);

impl Classify for StoreError {
    fn kind(&self) -> Kind {
        Kind::Internal
    }

    fn code(&self) -> &'static str {
        "store_failed"
    }
}

type Bytes = TableDefinition<'static, &'static [u8], &'static [u8]>;
/// Key and value as they stand in the file.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

pub(super) const fn definition(name: &'static str) -> Bytes {
    TableDefinition::new(name)
}

/// Name of the table that hands out identity numbers.
pub(super) const NUMBERS: &str = "numbers_v1";

/// Reading, shared by both kinds of transaction.
pub trait Read {
    #[doc(hidden)]
    fn tenant_prefix(&self) -> [u8; 4];
    #[doc(hidden)]
    fn raw_get(&self, table: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    #[doc(hidden)]
    fn raw_scan(&self, table: &'static str, scan: Scan) -> Result<Vec<Pair>, StoreError>;

    /// One record.
    fn find<K: Key, R: Record>(&self, table: &Table<K, R>, key: &K) -> Result<Option<R>, StoreError> {
        let key = prefixed(self.tenant_prefix(), key);
        self.raw_get(table.name(), &key)?.map(|bytes| record::decode(table.name(), &bytes)).transpose()
    }

    /// All records of the tenant, in the order of their keys.
    fn list<K: Key, R: Record>(&self, table: &Table<K, R>) -> Result<Vec<(K, R)>, StoreError> {
        self.list_below(table, &())
    }

    /// All records whose key begins with `head`.
    fn list_below<K: Key, R: Record>(&self, table: &Table<K, R>, head: &impl Key) -> Result<Vec<(K, R)>, StoreError> {
        let from = prefixed(self.tenant_prefix(), head);
        let to = successor(&from);
        self.scan(table, Scan { from, to, limit: usize::MAX, backwards: false })
    }

    /// Up to `limit` records after `after` (not included), in the order of their keys.
    fn list_after<K: Key, R: Record>(
        &self,
        table: &Table<K, R>,
        after: Option<&K>,
        limit: usize,
    ) -> Result<Vec<(K, R)>, StoreError> {
        let prefix = self.tenant_prefix().to_vec();
        let to = successor(&prefix);
        let from = after.map_or(prefix, |key| {
            let mut from = prefixed(self.tenant_prefix(), key);
            from.push(0);
            from
        });
        self.scan(table, Scan { from, to, limit, backwards: false })
    }

    /// Up to `limit` records from the end, before `before` (not included), newest first.
    fn list_before<K: Key, R: Record>(
        &self,
        table: &Table<K, R>,
        before: Option<&K>,
        limit: usize,
    ) -> Result<Vec<(K, R)>, StoreError> {
        let from = self.tenant_prefix().to_vec();
        let to = before.map_or_else(|| successor(&from), |key| prefixed(self.tenant_prefix(), key));
        self.scan(table, Scan { from, to, limit, backwards: true })
    }

    #[doc(hidden)]
    fn scan<K: Key, R: Record>(&self, table: &Table<K, R>, scan: Scan) -> Result<Vec<(K, R)>, StoreError> {
        let mut found = Vec::new();
        for (key, value) in self.raw_scan(table.name(), scan)? {
            let mut rest = key.get(4..).unwrap_or_default();
            if let Some(key) = K::decode(&mut rest) {
                found.push((key, record::decode(table.name(), &value)?));
            }
        }
        Ok(found)
    }
}

/// Bounds of a scan over raw keys.
#[doc(hidden)]
#[derive(Debug)]
pub struct Scan {
    from: Vec<u8>,
    to: Vec<u8>,
    limit: usize,
    backwards: bool,
}

/// A consistent view of one tenant's records.
pub struct ReadTx<'a> {
    pub(super) tx: &'a redb::ReadTransaction,
    pub(super) prefix: [u8; 4],
}

impl Read for ReadTx<'_> {
    fn tenant_prefix(&self) -> [u8; 4] {
        self.prefix
    }

    fn raw_get(&self, table: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.tx.open_table(definition(table)) {
            Ok(table) => Ok(table.get(key)?.map(|value| value.value().to_vec())),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    fn raw_scan(&self, table: &'static str, scan: Scan) -> Result<Vec<Pair>, StoreError> {
        match self.tx.open_table(definition(table)) {
            Ok(table) => collect(&table, &scan),
            Err(TableError::TableDoesNotExist(_)) => Ok(Vec::new()),
            Err(other) => Err(other.into()),
        }
    }
}

/// A change of one tenant's records; it happens whole or not at all.
pub struct WriteTx<'a> {
    pub(super) tx: &'a redb::WriteTransaction,
    pub(super) prefix: [u8; 4],
}

impl Read for WriteTx<'_> {
    fn tenant_prefix(&self) -> [u8; 4] {
        self.prefix
    }

    fn raw_get(&self, table: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let table = self.tx.open_table(definition(table))?;
        let found = table.get(key)?.map(|value| value.value().to_vec());
        Ok(found)
    }

    fn raw_scan(&self, table: &'static str, scan: Scan) -> Result<Vec<Pair>, StoreError> {
        let table = self.tx.open_table(definition(table))?;
        collect(&table, &scan)
    }
}

impl WriteTx<'_> {
    /// Writes a record, replacing what was there.
    pub fn put<K: Key, R: Record>(&self, table: &Table<K, R>, key: &K, record: &R) -> Result<(), StoreError> {
        let bytes = record::encode(record)?;
        let key = prefixed(self.prefix, key);
        self.tx.open_table(definition(table.name()))?.insert(key.as_slice(), bytes.as_slice())?;
        Ok(())
    }

    /// Removes a record; true when it was there.
    pub fn remove<K: Key, R: Record>(&self, table: &Table<K, R>, key: &K) -> Result<bool, StoreError> {
        let key = prefixed(self.prefix, key);
        let removed = self.tx.open_table(definition(table.name()))?.remove(key.as_slice())?.is_some();
        Ok(removed)
    }

    /// The next free number of a table, from 1. A number is never given twice, also not after a removal.
    pub fn next_number<K: Key, R: Record>(&self, table: &Table<K, R>) -> Result<u32, StoreError> {
        let mut key = self.prefix.to_vec();
        key.extend_from_slice(table.name().as_bytes());
        let mut numbers = self.tx.open_table(definition(NUMBERS))?;
        let last = numbers.get(key.as_slice())?.and_then(|value| value.value().try_into().ok().map(u32::from_be_bytes));
        let next = last.unwrap_or(0).checked_add(1).ok_or(StoreError::Full(table.name()))?;
        numbers.insert(key.as_slice(), next.to_be_bytes().as_slice())?;
        Ok(next)
    }

    /// Removes every record that the tenant has, in every table.
    pub fn remove_tenant(&self) -> Result<(), StoreError> {
        let names: Vec<String> =
            self.tx.list_tables()?.map(|table| redb::TableHandle::name(&table).to_owned()).collect();
        let to = successor(&self.prefix);
        for name in names {
            let mut table = self.tx.open_table(TableDefinition::<&[u8], &[u8]>::new(&name))?;
            table.retain_in(self.prefix.as_slice()..to.as_slice(), |_, _| false)?;
        }
        Ok(())
    }
}

fn prefixed(prefix: [u8; 4], key: &impl Key) -> Vec<u8> {
    let mut bytes = prefix.to_vec();
    key.encode(&mut bytes);
    bytes
}

/// The first key after all keys that begin with `prefix`.
fn successor(prefix: &[u8]) -> Vec<u8> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if last < u8::MAX {
            next.push(last + 1);
            return next;
        }
    }
    vec![u8::MAX; prefix.len() + 64]
}

fn collect(
    table: &impl redb::ReadableTable<&'static [u8], &'static [u8]>,
    scan: &Scan,
) -> Result<Vec<Pair>, StoreError> {
    if scan.from >= scan.to {
        return Ok(Vec::new());
    }
    let mut range = table.range(scan.from.as_slice()..scan.to.as_slice())?;
    let mut found = Vec::new();
    while found.len() < scan.limit {
        let next = if scan.backwards { range.next_back() } else { range.next() };
        let Some(pair) = next else { break };
        let (key, value) = pair?;
        found.push((key.value().to_vec(), value.value().to_vec()));
    }
    Ok(found)
}
