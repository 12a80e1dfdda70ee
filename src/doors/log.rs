//! The entry log, page by page.

use std::sync::Arc;

use nazorat_timeseries::EventQuery;
use nazorat_timeseries::Hub;
use nazorat_timeseries::Order;
use nazorat_timeseries::Position;
use tokio::sync::broadcast;

use crate::audit::Audit;
use crate::audit::Entry;
use crate::devices::Devices;
use crate::doors::DoorsError;
use crate::doors::days::Days;
use crate::doors::days::Reader;
use crate::doors::joined::Joined;
use crate::doors::model::Log;
use crate::doors::model::LogFilter;
use crate::doors::model::Unread;
use crate::intake::Seen;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::people::People;
use crate::runtime::blocking;
use crate::tenancy::Tenancy;

/// The longest stretch of one question.
const MOST_US: i64 = 400 * 86_400_000_000;
/// So many rows are looked at for one page; a question that finds little goes on with the next one.
const MOST_ROWS: usize = 20_000;
/// The most that are looked at in one go.
const MOST_PORTION: usize = 2_000;

/// What reading needs.
#[derive(Clone)]
pub struct Sources {
    /// The events.
    pub hub: Hub,
    /// Who is who.
    pub people: People,
    /// Which device is which gate.
    pub devices: Devices,
    /// Who looked at one person.
    pub audit: Audit,
    /// Whose days they are.
    pub tenancy: Tenancy,
    /// What time it is.
    pub clock: Clock,
    /// How far events are applied.
    pub applied_through: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// What has just come in.
    pub seen: Arc<dyn Fn() -> broadcast::Receiver<Arc<Seen>> + Send + Sync>,
}

/// Who passed which door. Cheap to clone.
#[derive(Clone)]
pub struct EntryLog {
    pub(super) from: Sources,
}

impl EntryLog {
    /// Put together from its parts.
    pub const fn new(from: Sources) -> Self {
        Self { from }
    }

    /// A page of passes, newest first.
    pub async fn log(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        filter: LogFilter,
        page: PageRequest,
    ) -> Result<Log, DoorsError> {
        let joined = Arc::new(self.joined(actor, organization).await?);
        let span = filter.to.as_microsecond() - filter.from.as_microsecond();
        if span <= 0 {
            return Err(DoorsError::EmptyRange);
        }
        if span > MOST_US {
            return Err(DoorsError::LongRange);
        }
        if let Some(employee) = filter.employee {
            joined.check(employee)?;
            let entry = Entry::new("doors.person").of(organization).on("employee", employee);
            self.from.audit.record(actor, entry).await;
        }
        let after = page.after.as_ref().map(position).transpose()?;
        let applied_through = (self.from.applied_through)();
        let (zone, now) = (self.zone(actor, organization)?, self.from.clock.now());
        let hub = self.from.hub.clone();
        blocking(move || {
            let reader = Reader { hub: &hub, organization, joined: &joined, zone: &zone, now };
            let mut log = Log { items: Vec::new(), next: None, incomplete: Vec::new(), applied_through };
            let asked = joined.hub_filter(organization, &filter);
            let (mut days, mut after, mut looked_at) = (Days::default(), after, 0);
            let mut portion = page.limit + 1;
            loop {
                let query = EventQuery { filter: asked.clone(), order: Order::Newest, after, limit: portion };
                let found = hub.events(&query)?;
                log.incomplete = found.incomplete.iter().map(Unread::from).collect();
                looked_at += found.rows.len();
                for row in found.rows {
                    let place = row.position;
                    if let Some(mut pass) = joined.pass_of(row).filter(|pass| joined.wanted(pass, &filter)) {
                        days.judge(&reader, &mut pass)?;
                        let shown = filter.repeated || !pass.repeated;
                        if shown && log.items.len() == page.limit {
                            log.next = after.map(|after| Cursor::new(after.encode()));
                            return Ok(log);
                        }
                        log.items.extend(shown.then_some(pass));
                    }
                    after = Some(place);
                }
                match found.next {
                    None => return Ok(log),
                    Some(next) if looked_at >= MOST_ROWS => {
                        log.next = Some(Cursor::new(next.encode()));
                        return Ok(log);
                    }
                    Some(next) => after = Some(next),
                }
                // Much is passed over: more at a time.
                portion = (portion * 4).min(MOST_PORTION);
            }
        })
        .await
    }

    /// The days of the organization.
    pub(super) fn zone(&self, actor: &Actor, organization: OrganizationId) -> Result<Zone, DoorsError> {
        let found = self.from.tenancy.find(actor.tenant(organization)?);
        Ok(found.map(|found| found.settings.zone.clone()).unwrap_or_default())
    }

    /// Everything that passes are joined with, as the actor may see it.
    pub(super) async fn joined(&self, actor: &Actor, organization: OrganizationId) -> Result<Joined, DoorsError> {
        actor.require(Permission::ReadAccess)?;
        let tenant = actor.tenant(organization)?;
        let directory = self.from.people.directory(tenant).await?;
        let system = Actor::system();
        let devices = self.from.devices.names(organization).await?;
        let gates = self.from.devices.gates(&system, organization).await?;
        Ok(Joined::new(actor, &directory, devices, gates))
    }
}

fn position(cursor: &Cursor) -> Result<Position, CursorError> {
    std::str::from_utf8(cursor.as_bytes()).ok().and_then(Position::parse).ok_or(CursorError)
}
