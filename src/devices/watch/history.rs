//! How devices were in a period.

use std::collections::BTreeMap;

use nazorat_timeseries::AccountSpan;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_timeseries::EventRow;
use nazorat_timeseries::Filter;
use nazorat_timeseries::Hub;
use nazorat_timeseries::HubError;

use crate::devices::DeviceState;
use crate::devices::watch::model::Stretch;
use crate::devices::watch::rules;
use crate::kernel::Actor;
use crate::kernel::Classify;
use crate::kernel::Denied;
use crate::kernel::DeviceId;
use crate::kernel::Kind;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::runtime::blocking;

/// More than a month of a restless device, or a day of five hundred.
const MOST_ROWS: usize = 50_000;

type Rows = BTreeMap<DeviceId, Vec<(Timestamp, DeviceState, String)>>;

/// What is known of a period, by device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// How each was, oldest first.
    pub stretches: BTreeMap<DeviceId, Vec<Stretch>>,
    /// Whether a part of it could not be read.
    pub incomplete: bool,
}

impl Past {
    /// How one was.
    pub fn of(&self, device: DeviceId) -> &[Stretch] {
        self.stretches.get(&device).map_or(&[], Vec::as_slice)
    }
}

/// The history could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The actor may not see it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The engine failed.
    #[error("what became of devices cannot be read")]
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
    pub const fn new(hub: Hub) -> Self {
        Self { hub }
    }

    /// How the devices of an organization were in a period, or one of them.
    pub async fn past(
        &self,
        actor: &Actor,
        (organization, device): (OrganizationId, Option<DeviceId>),
        span: Span,
        now: Timestamp,
    ) -> Result<Past, HistoryError> {
        actor.require(Permission::ReadDevices)?;
        actor.tenant(organization)?;
        let (rows, incomplete) = self.rows((organization, device), span).await?;
        let stretches = rows.iter().map(|(device, rows)| (*device, rules::stretches(rows, span, now))).collect();
        Ok(Past { stretches, incomplete })
    }

    /// When each device was noted last, as far as it still matters.
    pub(super) async fn last_notes(
        &self,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<BTreeMap<DeviceId, Timestamp>, HubError> {
        let (rows, _) = self.rows((organization, None), Span::new(now, now)).await?;
        Ok(rows.into_iter().filter_map(|(device, rows)| Some((device, rows.last()?.0))).collect())
    }

    /// The rows of a period, and those before it that still hold in it.
    async fn rows(&self, of: (OrganizationId, Option<DeviceId>), span: Span) -> Result<(Rows, bool), HubError> {
        let hub = self.hub.clone();
        let from = span.from.checked_sub(rules::HOLDS).unwrap_or(Timestamp::MIN);
        blocking(move || read(&hub, of, Span::new(from, span.to))).await
    }
}

fn read(
    hub: &Hub,
    (organization, device): (OrganizationId, Option<DeviceId>),
    span: Span,
) -> Result<(Rows, bool), HubError> {
    let (from_us, to_us) = (span.from.as_microsecond(), span.to.as_microsecond());
    let filter = Filter {
        organization: organization.get(),
        dataset: Dataset::DeviceStatus,
        from_us,
        to_us,
        who: device.map(|device| vec![AccountSpan { account: i64::from(device.get()), from_us, to_us }]),
        q: None,
    };
    let mut rows = Rows::new();
    let extent = hub.each_event(filter, MOST_ROWS, |found| {
        if let Some((device, row)) = row(found) {
            rows.entry(device).or_default().push(row);
        }
    })?;
    Ok((rows, extent.incomplete || extent.cut))
}

fn row(row: EventRow) -> Option<(DeviceId, (Timestamp, DeviceState, String))> {
    let Event::DeviceStatus(status) = row.event else { return None };
    let device = DeviceId::new(u32::try_from(row.account).ok()?);
    let at = Timestamp::from_microsecond(row.ts_us).ok()?;
    Some((device, (at, DeviceState::from_number(status.state)?, status.code)))
}
