//! Reading raw rows of some accounts into what the rules take.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_timeseries::Hub;
use nazorat_timeseries::HubError;
use nazorat_timeseries::PartitionProblem;
use nazorat_timeseries::Scan;
use nazorat_timeseries::ScanRow;
use nazorat_wire::InputState;
use nazorat_wire::SessionAction;

use crate::kernel::OrganizationId;
use crate::kernel::Span;
use crate::monitoring::Catalogue;
use crate::monitoring::Shot;
use crate::monitoring::calendar;
use crate::monitoring::rules::Observed;
use crate::monitoring::rules::Part;
use crate::monitoring::rules::Site;
use crate::monitoring::rules::Window;
use crate::people::AccountSpan;

/// What a day is made of.
pub(super) const DAY: [Dataset; 5] = [
    Dataset::ActiveWindows,
    Dataset::VisitedSites,
    Dataset::InputActivity,
    Dataset::UserSessions,
    Dataset::Screenshots,
];

/// What totals are made of.
pub(super) const SUMS: [Dataset; 4] =
    [Dataset::ActiveWindows, Dataset::VisitedSites, Dataset::InputActivity, Dataset::UserSessions];

/// Rows of some accounts, and what could not be read.
pub(super) type Gathered = (Vec<Observed>, Vec<PartitionProblem>);

/// The rows of accounts while they were a person's, by account.
pub(super) fn gather(
    hub: &Hub,
    organization: OrganizationId,
    datasets: &[Dataset],
    spans: &[AccountSpan],
    catalogue: &Catalogue,
) -> Result<Gathered, HubError> {
    let from = spans.iter().map(|span| span.from).min();
    let Some((from, to)) = from.zip(spans.iter().map(|span| span.to).max()) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let mut accounts: Vec<i64> = spans.iter().map(|span| span.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let scan = scan(organization, datasets, Span::new(from, to), Some(accounts));
    let mut found: BTreeMap<i64, Observed> = BTreeMap::new();
    let problems = hub.scan(&scan, &mut |row| {
        let at = calendar::at(row.ts_us);
        if spans.iter().any(|span| span.account == row.account && span.from <= at && at < span.to) {
            let new = || Observed { account: row.account, ..Observed::default() };
            push(found.entry(row.account).or_insert_with(new), row, catalogue);
        }
        ControlFlow::Continue(())
    })?;
    Ok((found.into_values().collect(), problems))
}

pub(super) fn scan(organization: OrganizationId, datasets: &[Dataset], span: Span, accounts: Option<Vec<i64>>) -> Scan {
    Scan {
        organization: organization.get(),
        datasets: datasets.to_vec(),
        from_us: span.from.as_microsecond(),
        to_us: span.to.as_microsecond(),
        accounts,
    }
}

/// Adds one row. Numbers that this version does not know are left out.
pub(super) fn push(observed: &mut Observed, row: ScanRow, catalogue: &Catalogue) {
    let from = row.ts_us.div_euclid(1_000);
    let part = |ms: u32| Part::new(from, from + i64::from(ms));
    match row.event {
        Event::ActiveWindow(window) => {
            observed.windows.push(Window { part: part(window.duration_ms), app: window.app, title: window.title });
        }
        Event::VisitedSite(site) => observed.sites.push(Site {
            part: part(site.duration_ms),
            domain: site.domain,
            title: site.title,
            browser: site.browser,
        }),
        Event::InputActivity(input) => {
            let state = InputState::from_number(input.state);
            observed.inputs.extend(state.map(|state| (part(input.duration_ms), state)));
        }
        Event::UserSession(session) => {
            let action = SessionAction::from_number(session.action);
            observed.sessions.extend(action.map(|action| (from, action)));
        }
        Event::Screenshot(shot) => observed.screenshots.push(Shot {
            place: row.position.encode(),
            id: shot.id,
            at: calendar::at(row.ts_us),
            account: row.account,
            file_key: shot.file_key,
            thumb_key: shot.thumb_key,
            width: shot.width,
            height: shot.height,
            bytes: shot.bytes,
            format: shot.format,
            app: catalogue.app_name(&shot.app).into_owned(),
            title: shot.title,
            monitor: shot.monitor,
            blurred: shot.blurred,
        }),
        Event::Access(_) | Event::GatewayStatus(_) | Event::DeviceStatus(_) | Event::RejectedEvent(_) => {}
    }
}
