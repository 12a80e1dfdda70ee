//! The tables beside the events: the ledger, the accounts, and what the file says about itself.

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use crate::dataset::PartitionId;
use crate::event::AccountRow;
use crate::event::LedgerRow;
use crate::schema::Columns;
use crate::schema::SCHEMA_VERSION;

/// Statements that create them; `{}` is the alias.
pub(crate) const COMMON_TABLES: [&str; 3] = [
    "CREATE TABLE {}._batches (id INTEGER, key_hi UBIGINT, key_lo UBIGINT, digest BLOB, source VARCHAR, \
     spool_epoch UBIGINT, spool_seq UBIGINT, rows INTEGER, received_at TIMESTAMP, answer VARCHAR)",
    "CREATE TABLE {}._accounts (account BIGINT, computer_uid VARCHAR, user_sid VARCHAR, user_name VARCHAR)",
    "CREATE TABLE {}._meta (schema_version INTEGER, organization UINTEGER, dataset VARCHAR, month VARCHAR, \
     generation INTEGER, created_at TIMESTAMP, removed_rows BIGINT)",
];

/// What a file says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Meta {
    pub(crate) partition: PartitionId,
    pub(crate) created_us: i64,
    /// Rows that retention has taken out while their ledger rows stayed.
    pub(crate) removed_rows: i64,
}

/// The statement that fills `_meta`; it has numbers and our own names only.
pub(crate) fn meta_row(alias: &str, meta: &Meta) -> String {
    let key = meta.partition.key;
    format!(
        "INSERT INTO {alias}._meta VALUES ({SCHEMA_VERSION}, {}, '{}', '{}', {}, make_timestamp({}), {})",
        key.organization, key.dataset, key.month, meta.partition.generation, meta.created_us, meta.removed_rows,
    )
}

/// Halves of a key hash, as the ledger stores it.
pub(crate) fn key_halves(key_hash: &[u8; 16]) -> (u64, u64) {
    let whole = u128::from_be_bytes(*key_hash);
    ((whole >> 64) as u64, whole as u64)
}

/// A ledger row with the number it gets in its file and the count of its rows there.
pub(crate) struct NumberedBatch<'r, 'a> {
    pub(crate) id: u32,
    pub(crate) rows: u32,
    pub(crate) batch: &'r LedgerRow<&'a str>,
}

/// The ledger's columns.
pub(crate) fn ledger_batch(batches: &[NumberedBatch<'_, '_>]) -> Result<RecordBatch, ArrowError> {
    let halves = |n: &NumberedBatch<'_, '_>| key_halves(&n.batch.key_hash);
    let mut columns = Columns::default();
    columns.ints(batches.iter().map(|n| n.id));
    columns.unsigned(batches.iter().map(|n| halves(n).0));
    columns.unsigned(batches.iter().map(|n| halves(n).1));
    columns.blobs(batches.iter().map(|n| n.batch.digest.as_slice()));
    columns.texts(batches.iter().map(|n| n.batch.source));
    columns.unsigned(batches.iter().map(|n| n.batch.spool_epoch));
    columns.unsigned(batches.iter().map(|n| n.batch.spool_seq));
    columns.ints(batches.iter().map(|n| n.rows));
    columns.timestamps(batches.iter().map(|n| n.batch.received_at_us));
    columns.maybe_texts(batches.iter().map(|n| n.batch.answer));
    columns.finish()
}

/// The accounts' columns.
pub(crate) fn accounts_batch(accounts: &[&AccountRow<&str>]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::default();
    columns.longs(accounts.iter().map(|a| a.account));
    columns.texts(accounts.iter().map(|a| a.computer_uid));
    columns.texts(accounts.iter().map(|a| a.user_sid));
    columns.texts(accounts.iter().map(|a| a.user_name));
    columns.finish()
}
