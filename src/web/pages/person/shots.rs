//! Screenshots: shown unreadable, opened with a reason, every opening recorded.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use http::header;

use crate::kernel::blurred_preview;
use crate::monitoring::PersonDay;
use crate::monitoring::ScreenshotView;
use crate::runtime::blocking;
use crate::store::FileKey;
use crate::web::App;
use crate::web::Crumb;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Rendered;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::refused;

pub(super) struct Shot {
    pub(super) href: String,
    pub(super) src: String,
    pub(super) time: String,
    pub(super) name: String,
    pub(super) blurred: bool,
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/screenshots/{place}", get(ask).post(open))
        .route("/screenshots/{place}/preview", get(preview))
        .route("/screenshots/{place}/picture", get(picture))
}

/// The pictures of a day.
pub(super) fn list(visitor: &Visitor, day: &PersonDay) -> Vec<Shot> {
    let shot = |one: &crate::monitoring::Shot| Shot {
        href: format!("/screenshots/{}", one.place),
        src: format!("/screenshots/{}/preview", one.place),
        time: visitor.texts.time(&visitor.zone, one.at),
        name: one.app.clone(),
        blurred: true,
    };
    day.timeline.screenshots.iter().map(shot).collect()
}

#[derive(Template)]
#[template(path = "person/screenshot.html")]
struct ScreenshotPage {
    l: Layout,
    title: String,
    meta: String,
    question: String,
    text: String,
    label: String,
    hint: String,
    error: String,
    reason: String,
    show: String,
    back: String,
    back_href: String,
    preview: String,
    picture: Option<String>,
    alternative: String,
    recorded: String,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    reason: String,
}

async fn ask(State(app): State<App>, visitor: Visitor, Path(place): Path<String>) -> Result<Rendered, PageFailure> {
    let found = find(&app, &visitor, &place).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&build(&app, &visitor, &found, "").await))
}

/// Shows it readable, once there is a reason.
async fn open(
    State(app): State<App>,
    visitor: Visitor,
    Path(place): Path<String>,
    Form(given): Form<Reason>,
) -> Result<Rendered, PageFailure> {
    let reason = given.reason.trim();
    if reason.chars().count() < 3 {
        let found = find(&app, &visitor, &place).await.map_err(|problem| visitor.failure(problem))?;
        let mut shown = build(&app, &visitor, &found, reason).await;
        shown.error = visitor.texts.t("screenshot-reason-needed");
        return Ok(refused(&shown));
    }
    let opened = app.monitoring.open_screenshot(visitor.actor(), visitor.organization_id(), &place, reason).await;
    let found = opened.map_err(|problem| visitor.failure(problem))?;
    let mut shown = build(&app, &visitor, &found, reason).await;
    let pass = app.opened.admit(visitor.signed_in.operator.id, &found.shot.place, app.clock.now());
    shown.picture = Some(format!("/screenshots/{}/picture?pass={pass}", found.shot.place));
    Ok(page(&shown))
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Passed {
    #[serde(default)]
    pass: String,
}

/// The readable picture, for whom it was opened and only then; the opening is already recorded.
async fn picture(
    State(app): State<App>,
    visitor: Visitor,
    Path(place): Path<String>,
    Query(passed): Query<Passed>,
) -> Result<Response, PageFailure> {
    if !app.opened.admits(visitor.signed_in.operator.id, (&place, &passed.pass), app.clock.now()) {
        return Err(visitor.failure(Failure::not_found()));
    }
    let found = find(&app, &visitor, &place).await.map_err(|problem| visitor.failure(problem))?;
    let bytes = content(&app, &visitor, &found.shot.file_key).await.map_err(|problem| visitor.failure(problem))?;
    let headers = [(header::CONTENT_TYPE, kind(&found.shot.format)), (header::CACHE_CONTROL, "private, no-store")];
    Ok((headers, bytes).into_response())
}

async fn preview(State(app): State<App>, visitor: Visitor, Path(place): Path<String>) -> Result<Response, PageFailure> {
    let found = find(&app, &visitor, &place).await.map_err(|problem| visitor.failure(problem))?;
    let bytes = content(&app, &visitor, &found.shot.thumb_key).await.map_err(|problem| visitor.failure(problem))?;
    let small = blocking(move || blurred_preview(&bytes)).await;
    let small = small.map_err(|_| visitor.failure(Failure::not_found()))?;
    let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, max-age=3600")];
    Ok((headers, small).into_response())
}

async fn find(app: &App, visitor: &Visitor, place: &str) -> Result<ScreenshotView, Failure> {
    Ok(app.monitoring.screenshot(visitor.actor(), visitor.organization_id(), place).await?)
}

async fn content(app: &App, visitor: &Visitor, key: &str) -> Result<Vec<u8>, Failure> {
    let tenant = visitor.actor().tenant(visitor.organization_id())?;
    let key = FileKey::parse(key).ok_or_else(Failure::not_found)?;
    Ok(app.files.read(tenant, &key).await?)
}

async fn build(app: &App, visitor: &Visitor, found: &ScreenshotView, reason: &str) -> ScreenshotPage {
    let texts = visitor.texts;
    let day = visitor.zone.day_of(found.shot.at);
    let time = texts.time(&visitor.zone, found.shot.at);
    let view = app.people.view(visitor.actor(), visitor.organization_id()).await.ok();
    let person = view.and_then(|view| found.employee.and_then(|id| view.employee(id).ok()));
    let (name, back_href) = match (&person, found.employee) {
        (Some(person), Some(id)) => (person.given_first(), format!("/people/{id}?day={day}")),
        _ => (found.place.user_name.clone(), "/people".to_owned()),
    };
    let title = texts.with("screenshot-title", [("time", time.into()), ("day", texts.day(day).into())]);
    let preview = format!("/screenshots/{}/preview", found.shot.place);
    ScreenshotPage {
        l: Layout::new(&visitor.viewer(), Section::People, &title)
            .through([Crumb { href: back_href.clone(), label: name.clone() }]),
        meta: format!("{} \u{b7} {}", found.shot.app, found.place.computer_name),
        question: texts.t("screenshot-question"),
        text: texts.with("screenshot-text", [("name", (&name).into())]),
        label: texts.t("screenshot-reason"),
        hint: texts.t("screenshot-reason-hint"),
        error: String::new(),
        reason: reason.to_owned(),
        show: texts.t("screenshot-show"),
        back: texts.t("action-back"),
        back_href,
        preview,
        picture: None,
        alternative: texts.with("screenshot-alternative", [("name", name.into())]),
        recorded: texts.t("view-recorded"),
        title,
    }
}

fn kind(format: &str) -> &'static str {
    match format {
        "png" => "image/png",
        "webp" => "image/webp",
        _ => "image/jpeg",
    }
}
