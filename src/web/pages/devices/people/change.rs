//! What may be decided about the people of a device: whether they are kept in order, who is taken off, what is tried again.

use axum::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::response::Response;
use nazorat_wire::DeviceAction;

use super::find;
use super::words;
use crate::adapters::Number;
use crate::devices::PeopleOn;
use crate::kernel::DeviceId;
use crate::kernel::Kind;
use crate::web::App;
use crate::web::At;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::pages::devices::require_editor;
use crate::web::pages::devices::words as devices;
use crate::web::pages::question::Question;
use crate::web::pages::question::ask;

/// `GET /devices/ID/people/keep`.
pub(super) async fn ask_keep(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let people = find(&app, &visitor, id).await?;
    let texts = visitor.texts;
    let first = match people.has_group {
        true => texts.count("device-people-keep-people", people.may_pass),
        false => texts.t("device-people-keep-no-group"),
    };
    let rest = ["off", "stay", "many"].map(|part| texts.t(&format!("device-people-keep-{part}")));
    Ok(question(&visitor, &people, "keep", std::iter::once(first).chain(rest).collect()))
}

/// `POST /devices/ID/people/keep`.
pub(super) async fn keep(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    set(&app, &visitor, id, true).await
}

/// `GET /devices/ID/people/leave`.
pub(super) async fn ask_leave(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let people = find(&app, &visitor, id).await?;
    let consequences = ["text", "next"].map(|part| visitor.texts.t(&format!("device-people-leave-{part}")));
    Ok(question(&visitor, &people, "leave", consequences.into()))
}

/// `POST /devices/ID/people/leave`.
pub(super) async fn leave(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    set(&app, &visitor, id, false).await
}

fn question(visitor: &Visitor, people: &PeopleOn, verb: &str, consequences: Vec<String>) -> Response {
    let (texts, device) = (visitor.texts, &people.device);
    let question = Question {
        title: texts.with(&format!("device-people-{verb}-title"), [("name", device.name.as_str().into())]),
        consequences,
        action: format!("/devices/{}/people/{verb}", device.id),
        danger: texts.t(&format!("device-people-{verb}-do")),
        safe_href: format!("/devices/{}/people", device.id),
    };
    ask(visitor, Section::Devices, question)
}

async fn set(app: &App, visitor: &Visitor, id: DeviceId, managed: bool) -> Result<Response, PageFailure> {
    let changed = app.devices.set_manages_people(visitor.actor(), (visitor.organization_id(), id), managed).await;
    let device = changed.map_err(|problem| visitor.failure(problem))?;
    let said = if managed { "done-device-people-kept" } else { "done-device-people-left" };
    Ok(done(&format!("/devices/{id}/people"), said, device.name.as_str()))
}

/// `POST /devices/ID/people/compare`.
pub(super) async fn compare(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    give(&app, &visitor, id, DeviceAction::Sync { may_remove: 0 }).await
}

/// How many the question named.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Allowed {
    people: u32,
}

/// `GET /devices/ID/people/allow`: so many would be taken off.
pub(super) async fn ask_allow(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
) -> Result<Response, PageFailure> {
    let people = find(&app, &visitor, id).await?;
    let held = people.report.as_ref().map_or(0, |report| report.held);
    if held == 0 {
        return Err(visitor.failure(Failure::not_found()));
    }
    let (texts, name) = (visitor.texts, people.device.name.as_str());
    let question = Question {
        title: texts.with("device-people-allow-title", [("held", held.into()), ("name", name.into())]),
        consequences: vec![
            words::held(texts, &people),
            texts.t("device-people-allow-text"),
            texts.t("device-people-allow-next"),
        ],
        action: format!("/devices/{id}/people/allow?people={held}"),
        danger: texts.count("device-people-allow-do", held),
        safe_href: format!("/devices/{id}/people"),
    };
    Ok(ask(&visitor, Section::Devices, question))
}

/// `POST /devices/ID/people/allow`: as many as the question named, and no more. If it is more by now, it is asked again.
pub(super) async fn allow(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
    Query(allowed): Query<Allowed>,
) -> Result<Response, PageFailure> {
    give(&app, &visitor, id, DeviceAction::Sync { may_remove: allowed.people }).await
}

/// Who is meant, by the number of the device.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Meant {
    number: String,
}

impl Meant {
    fn number(&self, visitor: &Visitor) -> Result<String, PageFailure> {
        let number = Number::parse(&self.number).map(|number| number.as_str().to_owned());
        let wrong = || {
            let detail = "a number of a person on a device is 1 to 32 letters and digits";
            visitor.failure(Failure::new(Kind::Invalid, "device_order", detail).about("number"))
        };
        number.ok_or_else(wrong)
    }
}

/// `POST /devices/ID/people/try`.
pub(super) async fn try_now(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
    Form(meant): Form<Meant>,
) -> Result<Response, PageFailure> {
    let number = meant.number(&visitor)?;
    give(&app, &visitor, id, DeviceAction::SyncPerson { number }).await
}

/// `GET /devices/ID/people/take-off?number=`.
pub(super) async fn ask_take_off(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
    Query(meant): Query<Meant>,
) -> Result<Response, PageFailure> {
    let people = find(&app, &visitor, id).await?;
    let report = people.report.as_ref();
    let strangers = report.into_iter().flat_map(|report| &report.strangers).filter(|one| !one.is_known);
    let stranger = strangers.into_iter().find(|one| one.number == meant.number);
    let stranger = stranger.ok_or_else(|| visitor.failure(Failure::not_found()))?;
    let (texts, device) = (visitor.texts, people.device.name.as_str());
    let name = if stranger.name.is_empty() { &stranger.number } else { &stranger.name };
    let question = Question {
        title: texts.with("device-people-take-off-title", [("name", name.into()), ("device", device.into())]),
        consequences: vec![
            texts.with("device-people-take-off-text", [("number", stranger.number.as_str().into())]),
            texts.t("device-people-take-off-next"),
        ],
        action: format!("/devices/{id}/people/take-off?number={}", crate::web::encode(&stranger.number)),
        danger: texts.t("device-people-take-off-do"),
        safe_href: format!("/devices/{id}/people"),
    };
    Ok(ask(&visitor, Section::Devices, question))
}

/// `POST /devices/ID/people/take-off?number=`.
pub(super) async fn take_off(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<DeviceId>,
    Query(meant): Query<Meant>,
) -> Result<Response, PageFailure> {
    let number = meant.number(&visitor)?;
    give(&app, &visitor, id, DeviceAction::RemovePerson { number }).await
}

async fn give(app: &App, visitor: &Visitor, id: DeviceId, action: DeviceAction) -> Result<Response, PageFailure> {
    let made = app.devices.order(visitor.actor(), (visitor.organization_id(), id), action, "").await;
    let made = made.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/devices/{id}/people#orders"), "done-device-asked", &devices::action(visitor.texts, &made)))
}
