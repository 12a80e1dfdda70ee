//! Each dataset's rows into columns and back, in the order of [`crate::schema::columns`].

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use crate::dataset::Dataset;
use crate::event::AccessEvent;
use crate::event::ActiveWindow;
use crate::event::DeviceStatus;
use crate::event::Event;
use crate::event::GatewayStatus;
use crate::event::InputActivity;
use crate::event::RejectedEvent;
use crate::event::Row;
use crate::event::Rows;
use crate::event::Screenshot;
use crate::event::UserSession;
use crate::event::VisitedSite;
use crate::schema::Cells;
use crate::schema::Columns;
use crate::schema::WrongColumn;

impl Rows<'_> {
    /// Which dataset the rows are of.
    pub fn dataset(&self) -> Dataset {
        match self {
            Self::ActiveWindows(_) => Dataset::ActiveWindows,
            Self::VisitedSites(_) => Dataset::VisitedSites,
            Self::Screenshots(_) => Dataset::Screenshots,
            Self::UserSessions(_) => Dataset::UserSessions,
            Self::InputActivity(_) => Dataset::InputActivity,
            Self::AccessEvents(_) => Dataset::AccessEvents,
            Self::GatewayStatus(_) => Dataset::GatewayStatus,
            Self::DeviceStatus(_) => Dataset::DeviceStatus,
            Self::RejectedEvents(_) => Dataset::RejectedEvents,
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self {
            Self::ActiveWindows(rows) => rows.len(),
            Self::VisitedSites(rows) => rows.len(),
            Self::Screenshots(rows) => rows.len(),
            Self::UserSessions(rows) => rows.len(),
            Self::InputActivity(rows) => rows.len(),
            Self::AccessEvents(rows) => rows.len(),
            Self::GatewayStatus(rows) => rows.len(),
            Self::DeviceStatus(rows) => rows.len(),
            Self::RejectedEvents(rows) => rows.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Time, account and batch of each row, in order.
    pub(crate) fn heads(&self) -> Box<dyn Iterator<Item = Head> + '_> {
        fn head<E>(row: &Row<E>) -> Head {
            Head { ts_us: row.ts_us, account: row.account, batch: row.batch }
        }
        match self {
            Self::ActiveWindows(rows) => Box::new(rows.iter().map(head)),
            Self::VisitedSites(rows) => Box::new(rows.iter().map(head)),
            Self::Screenshots(rows) => Box::new(rows.iter().map(head)),
            Self::UserSessions(rows) => Box::new(rows.iter().map(head)),
            Self::InputActivity(rows) => Box::new(rows.iter().map(head)),
            Self::AccessEvents(rows) => Box::new(rows.iter().map(head)),
            Self::GatewayStatus(rows) => Box::new(rows.iter().map(head)),
            Self::DeviceStatus(rows) => Box::new(rows.iter().map(head)),
            Self::RejectedEvents(rows) => Box::new(rows.iter().map(head)),
        }
    }
}

/// What all rows have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) ts_us: i64,
    pub(crate) account: i64,
    pub(crate) batch: u32,
}

/// For each handed-in batch the number it gets in the file, or `None` when it is already there.
pub(crate) struct Kept<'a>(pub(crate) &'a [Option<u32>]);

impl Kept<'_> {
    fn id(&self, batch: u32) -> Option<u32> {
        self.0.get(batch as usize).copied().flatten()
    }

    fn rows<'r, E>(&self, rows: &'r [Row<E>]) -> (Vec<&'r Row<E>>, Columns) {
        let kept: Vec<_> = rows.iter().filter(|row| self.id(row.batch).is_some()).collect();
        let mut columns = Columns::default();
        columns.timestamps(kept.iter().map(|row| row.ts_us));
        columns.longs(kept.iter().map(|row| row.account));
        columns.ints(kept.iter().map(|row| self.id(row.batch).unwrap_or(0)));
        columns.ints(kept.iter().map(|row| row.idx));
        (kept, columns)
    }
}

/// The kept rows as Arrow columns.
pub(crate) fn events_batch(rows: &Rows<'_>, kept: &Kept<'_>) -> Result<RecordBatch, ArrowError> {
    match rows {
        Rows::ActiveWindows(rows) => {
            let (rows, mut columns) = kept.rows(rows);
            columns.ints(rows.iter().map(|row| row.event.duration_ms));
            columns.texts(rows.iter().map(|row| row.event.app));
            columns.texts(rows.iter().map(|row| row.event.title));
            columns.finish()
        }
        Rows::VisitedSites(rows) => {
            let (rows, mut columns) = kept.rows(rows);
            columns.ints(rows.iter().map(|row| row.event.duration_ms));
            columns.texts(rows.iter().map(|row| row.event.url));
            columns.texts(rows.iter().map(|row| row.event.domain));
            columns.texts(rows.iter().map(|row| row.event.title));
            columns.texts(rows.iter().map(|row| row.event.browser));
            columns.flags(rows.iter().map(|row| row.event.private));
            columns.finish()
        }
        Rows::Screenshots(rows) => screenshots(rows, kept),
        Rows::UserSessions(rows) => {
            let (rows, mut columns) = kept.rows(rows);
            columns.tiny(rows.iter().map(|row| row.event.action));
            columns.finish()
        }
        Rows::InputActivity(rows) => {
            let (rows, mut columns) = kept.rows(rows);
            columns.ints(rows.iter().map(|row| row.event.duration_ms));
            columns.tiny(rows.iter().map(|row| row.event.state));
            columns.finish()
        }
        Rows::AccessEvents(rows) => access_events(rows, kept),
        Rows::GatewayStatus(rows) => gateway_status(rows, kept),
        Rows::DeviceStatus(rows) => device_status(rows, kept),
        Rows::RejectedEvents(rows) => {
            let (rows, mut columns) = kept.rows(rows);
            columns.texts(rows.iter().map(|row| row.event.code));
            columns.texts(rows.iter().map(|row| row.event.detail));
            columns.texts(rows.iter().map(|row| row.event.dataset));
            columns.texts(rows.iter().map(|row| row.event.event));
            columns.texts(rows.iter().map(|row| row.event.batch_key));
            columns.finish()
        }
    }
}

fn screenshots(rows: &[Row<Screenshot<&str>>], kept: &Kept<'_>) -> Result<RecordBatch, ArrowError> {
    let (rows, mut columns) = kept.rows(rows);
    columns.texts(rows.iter().map(|row| row.event.id));
    columns.texts(rows.iter().map(|row| row.event.file_key));
    columns.texts(rows.iter().map(|row| row.event.thumb_key));
    columns.ints(rows.iter().map(|row| row.event.width));
    columns.ints(rows.iter().map(|row| row.event.height));
    columns.longs(rows.iter().map(|row| i64::try_from(row.event.bytes).unwrap_or(i64::MAX)));
    columns.texts(rows.iter().map(|row| row.event.format));
    columns.blobs(rows.iter().map(|row| row.event.sha256.as_slice()));
    columns.texts(rows.iter().map(|row| row.event.app));
    columns.texts(rows.iter().map(|row| row.event.title));
    columns.ints(rows.iter().map(|row| u32::from(row.event.monitor)));
    columns.flags(rows.iter().map(|row| row.event.blurred));
    columns.finish()
}

fn access_events(rows: &[Row<AccessEvent<&str>>], kept: &Kept<'_>) -> Result<RecordBatch, ArrowError> {
    let (rows, mut columns) = kept.rows(rows);
    columns.texts(rows.iter().map(|row| row.event.serial));
    columns.timestamps(rows.iter().map(|row| row.event.seen_at_us));
    columns.ints(rows.iter().map(|row| u32::from(row.event.door)));
    columns.ints(rows.iter().map(|row| u32::from(row.event.reader)));
    columns.texts(rows.iter().map(|row| row.event.person));
    columns.texts(rows.iter().map(|row| row.event.person_name));
    columns.texts(rows.iter().map(|row| row.event.card));
    columns.tiny(rows.iter().map(|row| row.event.credential));
    columns.tiny(rows.iter().map(|row| row.event.direction));
    columns.tiny(rows.iter().map(|row| row.event.outcome));
    columns.texts(rows.iter().map(|row| row.event.reason));
    columns.texts(rows.iter().map(|row| row.event.code));
    columns.flags(rows.iter().map(|row| row.event.replayed));
    columns.maybe_longs(rows.iter().map(|row| row.event.drift_ms));
    columns.finish()
}

fn gateway_status(rows: &[Row<GatewayStatus<&str>>], kept: &Kept<'_>) -> Result<RecordBatch, ArrowError> {
    fn signed(value: u64) -> i64 {
        i64::try_from(value).unwrap_or(i64::MAX)
    }
    // The engine's INTEGER ends there.
    fn small(value: u32) -> u32 {
        value.min(i32::MAX.unsigned_abs())
    }
    let (rows, mut columns) = kept.rows(rows);
    columns.texts(rows.iter().map(|row| row.event.gateway));
    columns.ints(rows.iter().map(|row| small(row.event.agent)));
    columns.tiny(rows.iter().map(|row| row.event.happening));
    columns.texts(rows.iter().map(|row| row.event.version));
    columns.ints(rows.iter().map(|row| small(row.event.cpu_permille)));
    columns.longs(rows.iter().map(|row| signed(row.event.memory_bytes)));
    columns.longs(rows.iter().map(|row| signed(row.event.disk_free_bytes)));
    columns.longs(rows.iter().map(|row| signed(row.event.spool_batches)));
    columns.longs(rows.iter().map(|row| signed(row.event.spool_bytes)));
    columns.longs(rows.iter().map(|row| signed(row.event.spool_max_bytes)));
    columns.ints(rows.iter().map(|row| small(row.event.oldest_secs)));
    columns.longs(rows.iter().map(|row| signed(row.event.evicted)));
    columns.ints(rows.iter().map(|row| small(row.event.agents)));
    columns.ints(rows.iter().map(|row| small(row.event.agents_online)));
    columns.finish()
}

fn device_status(rows: &[Row<DeviceStatus<&str>>], kept: &Kept<'_>) -> Result<RecordBatch, ArrowError> {
    let (rows, mut columns) = kept.rows(rows);
    columns.texts(rows.iter().map(|row| row.event.gateway));
    columns.tiny(rows.iter().map(|row| row.event.state));
    columns.texts(rows.iter().map(|row| row.event.code));
    columns.maybe_timestamps(rows.iter().map(|row| row.event.last_contact_us));
    columns.maybe_timestamps(rows.iter().map(|row| row.event.last_event_us));
    columns.maybe_longs(rows.iter().map(|row| row.event.drift_ms));
    columns.maybe_longs(rows.iter().map(|row| row.event.answer_ms.map(i64::from)));
    columns.finish()
}

/// Reads one row's own columns, which begin at column `at`.
pub(crate) fn read_event(dataset: Dataset, cells: &Cells<'_>, at: usize, row: usize) -> Result<Event, WrongColumn> {
    Ok(match dataset {
        Dataset::ActiveWindows => Event::ActiveWindow(ActiveWindow {
            duration_ms: cells.int(at, row)?,
            app: cells.owned(at + 1, row)?,
            title: cells.owned(at + 2, row)?,
        }),
        Dataset::VisitedSites => Event::VisitedSite(VisitedSite {
            duration_ms: cells.int(at, row)?,
            url: cells.owned(at + 1, row)?,
            domain: cells.owned(at + 2, row)?,
            title: cells.owned(at + 3, row)?,
            browser: cells.owned(at + 4, row)?,
            private: cells.flag(at + 5, row)?,
        }),
        Dataset::Screenshots => Event::Screenshot(Screenshot {
            id: cells.owned(at, row)?,
            file_key: cells.owned(at + 1, row)?,
            thumb_key: cells.owned(at + 2, row)?,
            width: cells.int(at + 3, row)?,
            height: cells.int(at + 4, row)?,
            bytes: u64::try_from(cells.long(at + 5, row)?).unwrap_or(0),
            format: cells.owned(at + 6, row)?,
            sha256: cells.digest(at + 7, row)?,
            app: cells.owned(at + 8, row)?,
            title: cells.owned(at + 9, row)?,
            monitor: u16::try_from(cells.int(at + 10, row)?).unwrap_or(u16::MAX),
            blurred: cells.flag(at + 11, row)?,
        }),
        Dataset::UserSessions => Event::UserSession(UserSession { action: cells.tiny(at, row)? }),
        Dataset::InputActivity => {
            Event::InputActivity(InputActivity { duration_ms: cells.int(at, row)?, state: cells.tiny(at + 1, row)? })
        }
        Dataset::AccessEvents => Event::Access(read_access_event(cells, at, row)?),
        Dataset::GatewayStatus => Event::GatewayStatus(read_gateway_status(cells, at, row)?),
        Dataset::DeviceStatus => Event::DeviceStatus(read_device_status(cells, at, row)?),
        Dataset::RejectedEvents => Event::RejectedEvent(RejectedEvent {
            code: cells.owned(at, row)?,
            detail: cells.owned(at + 1, row)?,
            dataset: cells.owned(at + 2, row)?,
            event: cells.owned(at + 3, row)?,
            batch_key: cells.owned(at + 4, row)?,
        }),
    })
}

fn read_access_event(cells: &Cells<'_>, at: usize, row: usize) -> Result<AccessEvent, WrongColumn> {
    let small = |column: usize| cells.int(at + column, row).map(|value| u16::try_from(value).unwrap_or(u16::MAX));
    Ok(AccessEvent {
        serial: cells.owned(at, row)?,
        seen_at_us: cells.timestamp(at + 1, row)?,
        door: small(2)?,
        reader: small(3)?,
        person: cells.owned(at + 4, row)?,
        person_name: cells.owned(at + 5, row)?,
        card: cells.owned(at + 6, row)?,
        credential: cells.tiny(at + 7, row)?,
        direction: cells.tiny(at + 8, row)?,
        outcome: cells.tiny(at + 9, row)?,
        reason: cells.owned(at + 10, row)?,
        code: cells.owned(at + 11, row)?,
        replayed: cells.flag(at + 12, row)?,
        drift_ms: cells.maybe_long(at + 13, row)?,
    })
}

fn read_gateway_status(cells: &Cells<'_>, at: usize, row: usize) -> Result<GatewayStatus, WrongColumn> {
    let long = |column: usize| cells.long(at + column, row).map(|value| u64::try_from(value).unwrap_or(0));
    Ok(GatewayStatus {
        gateway: cells.owned(at, row)?,
        agent: cells.int(at + 1, row)?,
        happening: cells.tiny(at + 2, row)?,
        version: cells.owned(at + 3, row)?,
        cpu_permille: cells.int(at + 4, row)?,
        memory_bytes: long(5)?,
        disk_free_bytes: long(6)?,
        spool_batches: long(7)?,
        spool_bytes: long(8)?,
        spool_max_bytes: long(9)?,
        oldest_secs: cells.int(at + 10, row)?,
        evicted: long(11)?,
        agents: cells.int(at + 12, row)?,
        agents_online: cells.int(at + 13, row)?,
    })
}

fn read_device_status(cells: &Cells<'_>, at: usize, row: usize) -> Result<DeviceStatus, WrongColumn> {
    let answer_ms = cells.maybe_long(at + 6, row)?;
    Ok(DeviceStatus {
        gateway: cells.owned(at, row)?,
        state: cells.tiny(at + 1, row)?,
        code: cells.owned(at + 2, row)?,
        last_contact_us: cells.maybe_timestamp(at + 3, row)?,
        last_event_us: cells.maybe_timestamp(at + 4, row)?,
        drift_ms: cells.maybe_long(at + 5, row)?,
        answer_ms: answer_ms.map(|millis| u32::try_from(millis).unwrap_or(u32::MAX)),
    })
}
