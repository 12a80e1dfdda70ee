//! All devices with their people: which are in order, and which wait for somebody.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::how::How;
use super::words::Shown;
use crate::kernel::fold;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::devices::gates;
use crate::web::pages::devices::orders;

struct Row {
    href: String,
    label: String,
    gates: String,
    is_held: bool,
    p: Shown,
}

#[derive(Template)]
#[template(path = "device_people/board.html")]
struct BoardPage {
    l: Layout,
    meta: String,
    rows: Vec<Row>,
    here: String,
    announce: String,
}

/// `GET /devices/people`.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    let all = app.devices.people_on_devices(visitor.actor(), visitor.organization_id()).await;
    let mut all = all.map_err(|problem| visitor.failure(problem))?;
    all.sort_by_cached_key(|people| fold(people.device.name.as_str()));
    let gates = gates(&app, &visitor).await?;
    let texts = visitor.texts;
    let mut rows = Vec::with_capacity(all.len());
    for people in &all {
        let device = &people.device;
        let asked = match people.report.as_ref().is_some_and(|report| report.held > 0) {
            true => orders::all_of(&app, &visitor, device).await?,
            false => Vec::new(),
        };
        let at = device.doors.iter().filter_map(|door| Some(gates.get(&door.gate?)?.name.to_string()));
        let p = Shown::new(&app, &visitor, people, &asked);
        rows.push(Row {
            href: format!("/devices/{}/people", device.id),
            label: device.name.to_string(),
            gates: at.collect::<Vec<_>>().join(", "),
            is_held: p.how == How::Held,
            p,
        });
    }
    let meta = meta(texts, &rows);
    let title = texts.t("device-people-title");
    let shown = BoardPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &title),
        announce: meta.clone(),
        meta,
        rows,
        here: visitor.path().to_owned(),
    };
    Ok(page(&shown).into_response())
}

fn meta(texts: Texts, rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let in_order = rows.iter().filter(|row| row.p.how == How::InOrder).count();
    let held = rows.iter().filter(|row| row.is_held).count();
    let mut said =
        vec![texts.count("devices-count", rows.len()), texts.count("device-people-count-in-order", in_order)];
    if held > 0 {
        said.push(texts.count("device-people-count-held", held));
    }
    said.join(" \u{b7} ")
}
