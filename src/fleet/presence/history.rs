//! How a gateway was in a period, for charts, and when it and its agents came and went.

use nazorat_timeseries::AccountSpan;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_timeseries::EventRow;
use nazorat_timeseries::Filter;
use nazorat_timeseries::GatewayStatus;
use nazorat_timeseries::Hub;
use nazorat_timeseries::HubError;

use crate::fleet::Peer;
use crate::fleet::presence::model::Happening;
use crate::fleet::presence::model::account_of;
use crate::kernel::Actor;
use crate::kernel::Classify;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::Permission;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::runtime::blocking;

/// A month of one gateway has less than 50,000.
const MOST_ROWS: usize = 100_000;
/// The most points of a chart.
const MOST_POINTS: u32 = 2_000;

/// A gateway at one place of a chart. Of the moments that fall there the fullest buffer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// Batches that waited.
    pub spool_batches: u64,
    /// Bytes of its buffer.
    pub spool_bytes: u64,
    /// The most it may have.
    pub spool_max_bytes: u64,
    /// How busy its machine was, in thousandths.
    pub cpu_permille: u32,
    /// Memory of its process.
    pub memory_bytes: u64,
    /// Free bytes on its disk.
    pub disk_free_bytes: u64,
    /// Agents that were heard.
    pub agents_online: u32,
}

/// It came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// Whether it came.
    pub online: bool,
}

/// A period of a gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Course {
    /// How it was, oldest first.
    pub points: Vec<Point>,
    /// When it came and went, oldest first.
    pub changes: Vec<Change>,
    /// Whether a part of it could not be read.
    pub incomplete: bool,
}

/// The history could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The actor may not see it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The engine failed.
    #[error("what became of gateways cannot be read")]
    Hub(#[from] HubError),
}

impl Classify for HistoryError {
    fn kind(&self) -> Kind {
        match self {
            HistoryError::Denied(denied) => denied.kind(),
            HistoryError::Hub(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            HistoryError::Denied(denied) => denied.code(),
            HistoryError::Hub(_) => "events_failed",
        }
    }
}

/// Reads what was kept. Cheap to clone.
#[derive(Clone)]
pub struct History {
    hub: Hub,
}

impl History {
    /// Over the partitions of the appliance.
    pub fn new(hub: Hub) -> Self {
        Self { hub }
    }

    /// How a gateway was in a period, in at most so many points.
    pub async fn course(&self, actor: &Actor, peer: Peer, span: Span, points: u32) -> Result<Course, HistoryError> {
        actor.require(Permission::ReadGateways)?;
        actor.tenant(peer.organization)?;
        let hub = self.hub.clone();
        let (rows, incomplete) = blocking(move || read(&hub, peer, None, span)).await?;
        Ok(Course { incomplete, ..course(&rows, span, points) })
    }

    /// When one of its agents came and went, oldest first.
    pub async fn agent(&self, actor: &Actor, peer: Peer, agent: u32, span: Span) -> Result<Vec<Change>, HistoryError> {
        actor.require(Permission::ReadGateways)?;
        actor.tenant(peer.organization)?;
        let hub = self.hub.clone();
        let (rows, _) = blocking(move || read(&hub, peer, Some(agent), span)).await?;
        Ok(course(&rows, span, 1).changes)
    }
}

fn read(
    hub: &Hub,
    peer: Peer,
    agent: Option<u32>,
    span: Span,
) -> Result<(Vec<(Timestamp, GatewayStatus)>, bool), HubError> {
    let (from_us, to_us) = (span.from.as_microsecond(), span.to.as_microsecond());
    let who = AccountSpan { account: account_of(peer.gateway, agent), from_us, to_us };
    let filter = Filter {
        organization: peer.organization.get(),
        dataset: Dataset::GatewayStatus,
        from_us,
        to_us,
        who: Some(vec![who]),
        q: None,
    };
    let mut rows = Vec::new();
    let extent = hub.each_event(filter, MOST_ROWS, |row| rows.extend(status(row)))?;
    Ok((rows, extent.incomplete || extent.cut))
}

fn status(row: EventRow) -> Option<(Timestamp, GatewayStatus)> {
    let Event::GatewayStatus(status) = row.event else { return None };
    Timestamp::from_microsecond(row.ts_us).ok().map(|at| (at, status))
}

/// A chart out of rows in the order of time.
fn course(rows: &[(Timestamp, GatewayStatus)], span: Span, points: u32) -> Course {
    let length = i128::from(span.to.as_microsecond()) - i128::from(span.from.as_microsecond());
    let points = i128::from(points.clamp(1, MOST_POINTS));
    let mut course = Course::default();
    let mut last = None;
    for (at, status) in rows {
        match Happening::from_number(status.happening) {
            Some(Happening::Online) => course.changes.push(Change { at: *at, online: true }),
            Some(Happening::Offline) => course.changes.push(Change { at: *at, online: false }),
            Some(Happening::Heartbeat) => {
                let passed = i128::from(at.as_microsecond()) - i128::from(span.from.as_microsecond());
                let place = (passed * points).checked_div(length).unwrap_or(0);
                let point = point(*at, status);
                match course.points.last_mut().filter(|_| last == Some(place)) {
                    Some(before) if before.spool_bytes < point.spool_bytes => *before = point,
                    Some(_) => {}
                    None => course.points.push(point),
                }
                last = Some(place);
            }
            None => {}
        }
    }
    course
}

const fn point(at: Timestamp, status: &GatewayStatus) -> Point {
    Point {
        at,
        spool_batches: status.spool_batches,
        spool_bytes: status.spool_bytes,
        spool_max_bytes: status.spool_max_bytes,
        cpu_permille: status.cpu_permille,
        memory_bytes: status.memory_bytes,
        disk_free_bytes: status.disk_free_bytes,
        agents_online: status.agents_online,
    }
}

#[cfg(test)]
mod tests {
    use nazorat_timeseries::GatewayStatus;

    use super::course;
    use crate::kernel::Span;
    use crate::kernel::Timestamp;

    #[test]
    fn a_chart_keeps_the_fullest_buffer_of_each_place() {
        let at = |second: i64| Timestamp::from_second(1_795_334_400 + second).unwrap();
        let row = |second, happening, spool_bytes| {
            (at(second), GatewayStatus { happening, spool_bytes, ..GatewayStatus::default() })
        };
        let rows = [row(0, 1, 0), row(1, 0, 5), row(2, 0, 9), row(3, 0, 7), row(51, 0, 1), row(60, 2, 0)];
        let course = course(&rows, Span::new(at(0), at(100)), 10);
        let points: Vec<_> = course.points.iter().map(|point| (point.at, point.spool_bytes)).collect();
        assert_eq!(points, [(at(2), 9), (at(51), 1)]);
        assert_eq!(course.changes.iter().map(|change| change.online).collect::<Vec<_>>(), [true, false]);
        assert!(!course.incomplete);
    }
}
