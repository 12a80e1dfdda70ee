//! The tables inside a partition, and the way of rows into and out of Arrow columns.
//!
//! A table is created once and never altered: new columns go only to new files, told apart by the version in `_meta`.
//! There are no primary keys, indexes or defaults: the engine's worst recovery faults live there.
//! `received_at` and `source` are kept once for each batch in `_batches`, not in each row; readers join them.

mod cells;
mod columns;
mod common;
mod datasets;

pub(crate) use cells::Cells;
pub(crate) use cells::WrongColumn;
pub(crate) use columns::Columns;
pub(crate) use common::COMMON_TABLES;
pub(crate) use common::Meta;
pub(crate) use common::NumberedBatch;
pub(crate) use common::accounts_batch;
pub(crate) use common::key_halves;
pub(crate) use common::ledger_batch;
pub(crate) use common::meta_row;
pub(crate) use datasets::Head;
pub(crate) use datasets::Kept;
pub(crate) use datasets::events_batch;
pub(crate) use datasets::read_event;

use crate::dataset::Dataset;

/// Version of the tables below.
pub(crate) const SCHEMA_VERSION: i32 = 1;

/// A column of a dataset's own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
    /// Whether a text search looks into it.
    pub(crate) searched: bool,
}

const fn plain(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, searched: false }
}

const fn searched(name: &'static str) -> Column {
    Column { name, sql: "VARCHAR", searched: true }
}

/// The columns that every events table begins with.
pub(crate) const SHARED: [&str; 4] = ["ts", "account", "batch", "idx"];

/// The columns that follow the shared ones.
pub(crate) fn columns(dataset: Dataset) -> &'static [Column] {
    const ACTIVE_WINDOWS: &[Column] = &[plain("duration_ms", "INTEGER"), searched("app"), searched("title")];
    const VISITED_SITES: &[Column] = &[
        plain("duration_ms", "INTEGER"),
        searched("url"),
        searched("domain"),
        searched("title"),
        searched("browser"),
        plain("private", "BOOLEAN"),
    ];
    const SCREENSHOTS: &[Column] = &[
        plain("id", "VARCHAR"),
        plain("file_key", "VARCHAR"),
        plain("thumb_key", "VARCHAR"),
        plain("width", "INTEGER"),
        plain("height", "INTEGER"),
        plain("bytes", "BIGINT"),
        plain("format", "VARCHAR"),
        plain("sha256", "BLOB"),
        searched("app"),
        searched("title"),
        plain("monitor", "INTEGER"),
        plain("blurred", "BOOLEAN"),
    ];
    const USER_SESSIONS: &[Column] = &[plain("action", "UTINYINT")];
    const INPUT_ACTIVITY: &[Column] = &[plain("duration_ms", "INTEGER"), plain("state", "UTINYINT")];
    const ACCESS_EVENTS: &[Column] = &[
        plain("serial", "VARCHAR"),
        plain("seen_at", "TIMESTAMP"),
        plain("door", "INTEGER"),
        plain("reader", "INTEGER"),
        searched("person"),
        searched("person_name"),
        searched("card"),
        plain("credential", "UTINYINT"),
        plain("direction", "UTINYINT"),
        plain("outcome", "UTINYINT"),
        plain("reason", "VARCHAR"),
        plain("code", "VARCHAR"),
        plain("replayed", "BOOLEAN"),
        plain("drift_ms", "BIGINT"),
    ];
    const GATEWAY_STATUS: &[Column] = &[
        plain("gateway", "VARCHAR"),
        plain("agent", "INTEGER"),
        plain("happening", "UTINYINT"),
        plain("version", "VARCHAR"),
        plain("cpu_permille", "INTEGER"),
        plain("memory_bytes", "BIGINT"),
        plain("disk_free_bytes", "BIGINT"),
        plain("spool_batches", "BIGINT"),
        plain("spool_bytes", "BIGINT"),
        plain("spool_max_bytes", "BIGINT"),
        plain("oldest_secs", "INTEGER"),
        plain("evicted", "BIGINT"),
        plain("agents", "INTEGER"),
        plain("agents_online", "INTEGER"),
    ];
    const DEVICE_STATUS: &[Column] = &[
        plain("gateway", "VARCHAR"),
        plain("state", "UTINYINT"),
        plain("code", "VARCHAR"),
        plain("last_contact", "TIMESTAMP"),
        plain("last_event", "TIMESTAMP"),
        plain("drift_ms", "BIGINT"),
        plain("answer_ms", "BIGINT"),
    ];
    const REJECTED_EVENTS: &[Column] =
        &[searched("code"), searched("detail"), searched("dataset"), searched("event"), searched("batch_key")];
    match dataset {
        Dataset::ActiveWindows => ACTIVE_WINDOWS,
        Dataset::VisitedSites => VISITED_SITES,
        Dataset::Screenshots => SCREENSHOTS,
        Dataset::UserSessions => USER_SESSIONS,
        Dataset::InputActivity => INPUT_ACTIVITY,
        Dataset::AccessEvents => ACCESS_EVENTS,
        Dataset::GatewayStatus => GATEWAY_STATUS,
        Dataset::DeviceStatus => DEVICE_STATUS,
        Dataset::RejectedEvents => REJECTED_EVENTS,
    }
}

/// The statement that creates `alias.events`.
pub(crate) fn create_events(alias: &str, dataset: Dataset) -> String {
    let mut sql = format!("CREATE TABLE {alias}.events (ts TIMESTAMP, account BIGINT, batch INTEGER, idx INTEGER");
    for column in columns(dataset) {
        sql.push_str(&format!(", {} {}", column.name, column.sql));
    }
    sql.push(')');
    sql
}

/// All columns of the events table, comma separated, in their stored order.
pub(crate) fn column_list(dataset: Dataset) -> String {
    let own = columns(dataset).iter().map(|column| column.name);
    SHARED.into_iter().chain(own).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_this_version_have_these_columns_for_ever() {
        // A new dataset changes the number as well; that needs nothing else.
        let tables: Vec<_> = Dataset::ALL.into_iter().map(|dataset| create_events("x", dataset)).collect();
        let text = format!("{SCHEMA_VERSION} {} {}", tables.join(";"), COMMON_TABLES.join(";"));
        let sum = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        assert_eq!(sum, 16_194_334_021_390_189_264, "a changed table needs a new version and readers of both: {text}");
    }
}
