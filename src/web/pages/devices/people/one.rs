//! The people of one device: how far it is, what holds it up, and what was asked.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::Names;
use super::find;
use super::how::How;
use super::lists::Limit;
use super::lists::Lists;
use super::lists::STEP;
use super::words::Shown;
use crate::kernel::DeviceId;
use crate::kernel::PageRequest;
use crate::web::App;
use crate::web::At;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::devices::may_edit;
use crate::web::pages::devices::orders;
use crate::web::pages::devices::orders::Row;
use crate::web::pages::devices::stream_of;

/// Orders about people, as the API names them.
const ABOUT_PEOPLE: [&str; 3] = ["sync", "sync_person", "remove_person"];
/// So many of them are shown.
const ORDERS: usize = 5;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    show: Option<usize>,
}

#[derive(Template)]
#[template(path = "device_people/one.html")]
struct PeoplePage {
    l: Layout,
    title: String,
    name: String,
    meta: String,
    href: String,
    here: String,
    stream: String,
    p: Shown,
    on_device: String,
    may_pass: String,
    lists: Lists,
    orders: Vec<Row>,
    /// Whether it can be asked for something.
    can_ask: bool,
    is_held: bool,
    is_kept: bool,
    manages: bool,
    /// Whether who keeps its people is the visitor's to decide.
    can_edit: bool,
}

/// `GET /devices/ID/people`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let people = find(&app, &visitor, id).await?;
    let names = Names::read(&app, &visitor).await?;
    let (texts, now, device) = (visitor.texts, app.clock.now(), &people.device);
    let given = orders::all_of(&app, &visitor, device).await?;
    let p = Shown::new(&app, &visitor, &people, &given);
    let href = format!("/devices/{id}/people");
    let limit = Limit { texts, href: &href, shown: asked.show.unwrap_or(STEP).clamp(1, PageRequest::MAX) };
    let given = given.iter().filter(|ordered| ABOUT_PEOPLE.contains(&ordered.action.as_str()));
    let gates = crate::web::pages::devices::gates(&app, &visitor).await?;
    let at = device.doors.iter().filter_map(|door| Some(gates.get(&door.gate?)?.name.to_string()));
    let shown = PeoplePage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &texts.t("device-people-crumb"))
            .through([orders::crumb(device)]),
        title: texts.with("device-people-title-of", [("name", device.name.as_str().into())]),
        name: device.name.to_string(),
        meta: at.collect::<Vec<_>>().join(", "),
        here: visitor.path().to_owned(),
        stream: stream_of(id),
        on_device: match people.report.as_ref().filter(|_| p.how.is_kept()) {
            Some(report) => texts.number(u64::from(report.on_device)),
            None => texts.t("unknown"),
        },
        may_pass: texts.number(people.may_pass as u64),
        lists: Lists::new(&visitor, &people, &names, limit, now),
        orders: given.take(ORDERS).map(|ordered| Row::new(&visitor, ordered, now)).collect(),
        can_ask: p.how.is_kept() && p.how != How::Cannot,
        is_held: p.how == How::Held,
        is_kept: p.how.is_kept(),
        manages: device.manages_people,
        can_edit: may_edit(&visitor) && device.obeys(),
        p,
        href,
    };
    Ok(page(&shown).into_response())
}
