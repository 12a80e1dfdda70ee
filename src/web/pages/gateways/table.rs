//! The past of a gateway as a table, in hours or days.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::course::Asked;
use super::course::Past;
use super::course::Range;
use super::find;
use crate::fleet::Peer;
use crate::kernel::GatewayId;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::overview::Period;

struct Row {
    time: String,
    waiting: String,
    size: String,
    agents: String,
    disk: String,
    silent: String,
}

#[derive(Template)]
#[template(path = "gateways/table.html")]
struct TablePage {
    l: Layout,
    title: String,
    ranges: Vec<Period>,
    chart_href: String,
    rows: Vec<Row>,
    by_day: bool,
    incomplete: bool,
}

/// `GET /gateways/ID/table`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let (texts, range) = (visitor.texts, asked.range());
    let gateway = find(&app, &visitor, id).await?;
    let peer = Peer { organization: gateway.organization, gateway: id };
    let seen = app.presence.find(visitor.actor(), peer).map_err(|problem| visitor.failure(problem))?;
    let past = Past::read(&app, &visitor, (&gateway, seen.as_ref()), (range, range.rows())).await?;
    let href = format!("/gateways/{id}");
    let ranges = [Range::Day, Range::Month].map(|one| Period {
        href: format!("{href}/table?range={}", one.name()),
        label: texts.t(&format!("gateways-range-{}", one.name())),
        current: one == range,
    });
    let title = texts.t("gateways-table");
    let through = Crumb { href: href.clone(), label: gateway.name.to_string() };
    Ok(page(&TablePage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, &title).through([through]),
        title: texts.with("gateways-table-title", [("name", gateway.name.as_str().into())]),
        ranges: ranges.into(),
        chart_href: if range == Range::Day { href } else { format!("{href}?range=month") },
        rows: rows(&visitor, &past),
        by_day: range == Range::Month,
        incomplete: past.course.incomplete,
    })
    .into_response())
}

/// Newest first; what nobody knows anything of is left out.
fn rows(visitor: &Visitor, past: &Past) -> Vec<Row> {
    let (texts, zone) = (visitor.texts, &visitor.zone);
    let dash = || "\u{2013}".to_owned();
    let mut rows = Vec::new();
    for slot in past.slots(i64::from(past.range.rows())) {
        let point = past.course.points.iter().rfind(|point| slot.contains(point.at));
        let silent = past.silent_secs(slot);
        if point.is_none() && silent == 0 {
            continue;
        }
        rows.push(Row {
            time: match past.range {
                Range::Day => texts.time(zone, slot.from),
                Range::Month => texts.day(zone.day_of(slot.from)),
            },
            waiting: point.map_or_else(dash, |point| texts.number(point.spool_batches)),
            size: point.map_or_else(dash, |point| texts.bytes(point.spool_bytes)),
            agents: point.map_or_else(dash, |point| texts.number(u64::from(point.agents_online))),
            disk: point.map_or_else(dash, |point| texts.bytes(point.disk_free_bytes)),
            silent: if silent == 0 { dash() } else { texts.age(silent) },
        });
    }
    rows.reverse();
    rows
}
