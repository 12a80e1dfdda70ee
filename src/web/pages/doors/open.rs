//! Opening a door from afar: why, then held for a second, then what the device says.

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use nazorat_wire::DeviceAction;
use tokio::sync::broadcast;
use tokio::time::Instant;

use super::wall;
use crate::devices::Device;
use crate::devices::DeviceOrdered;
use crate::devices::DevicesError;
use crate::fleet::Peer;
use crate::fleet::commands::State as Progress;
use crate::kernel::CommandId;
use crate::kernel::DeviceId;
use crate::kernel::Permission;
use crate::web::App;
use crate::web::Choice;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::devices::gates;
use crate::web::pages::devices::words;
use crate::web::pages::gateways::commands;
use crate::web::refused;

/// The usual reasons.
const REASONS: [&str; 4] = ["visitor", "delivery", "forgotten", "help"];
/// So long an answer is waited for before the page says that it is on its way.
const ANSWERS: Duration = Duration::from_millis(1_500);
/// The word for one that is typed.
const OTHER: &str = "other";

/// Which door.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    device: String,
    door: u16,
    command: String,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    device: String,
    door: u16,
    why: String,
    other: String,
}

/// The question.
struct Opening {
    texts: Texts,
    title: String,
    device: String,
    door: u16,
    reasons: Vec<Choice>,
    other: String,
    problems: Problems,
    back: String,
}

impl Opening {
    fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

#[derive(Template)]
#[template(path = "doors/open_page.html")]
struct OpenPage {
    l: Layout,
    o: Opening,
}

#[derive(Template)]
#[template(path = "doors/open_dialog.html")]
struct OpenDialog {
    o: Opening,
}

#[derive(Template)]
#[template(path = "doors/open_form.html")]
struct OpenForm {
    o: Opening,
}

/// What came of it so far.
struct Answer {
    texts: Texts,
    cells: [&'static str; 4],
    light: &'static str,
    tone: &'static str,
    words: String,
    /// What the device said of a failure.
    detail: String,
    by: String,
    /// Where the next look is; empty when it is over.
    next: String,
    back: String,
}

impl Answer {
    fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

#[derive(Template)]
#[template(path = "doors/answer_page.html")]
struct AnswerPage {
    l: Layout,
    title: String,
    a: Answer,
}

#[derive(Template)]
#[template(path = "doors/answer.html")]
struct AnswerPart {
    a: Answer,
}

async fn find(app: &App, visitor: &Visitor, device: &str) -> Result<Device, PageFailure> {
    let allowed = visitor.actor().require(Permission::OpenDoors);
    allowed.map_err(|denied| visitor.failure(DevicesError::from(denied)))?;
    wall::check(visitor).map_err(|problem| visitor.failure(problem))?;
    let id: DeviceId = device.parse().map_err(|_| visitor.failure(Failure::not_found()))?;
    let found = app.devices.get(visitor.actor(), visitor.organization_id(), id).await;
    found.map_err(|problem| visitor.failure(problem))
}

/// `GET /doors/open`.
pub(super) async fn form(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let device = find(&app, &visitor, &asked.device).await?;
    let o = opening(&app, &visitor, (&device, asked.door), ("", ""), Problems::none()).await?;
    if visitor.wants_fragment() {
        return Ok(page(&OpenDialog { o }).into_response());
    }
    let l = Layout::new(&visitor.viewer(), Section::Desk, &o.title);
    Ok(page(&OpenPage { l, o }).into_response())
}

/// `POST /doors/open`.
pub(super) async fn open(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    let device = find(&app, &visitor, &typed.device).await?;
    let reason = match REASONS.into_iter().find(|reason| *reason == typed.why) {
        Some(known) => visitor.texts.t(&format!("doors-why-{known}")),
        None => typed.other.trim().to_owned(),
    };
    let (organization, door) = (visitor.organization_id(), typed.door);
    let changes = app.commands.changes();
    let made =
        app.devices.order(visitor.actor(), (organization, device.id), DeviceAction::Open { door }, &reason).await;
    match made {
        Ok(made) if visitor.wants_fragment() => {
            let made = settled((&app, &visitor), made, changes).await;
            Ok(page(&AnswerPart { a: answer(&visitor, &made) }).into_response())
        }
        Ok(made) => Ok(Redirect::to(&href(&made)).into_response()),
        Err(problem) => {
            let problems = Problems::refused(problem.into(), visitor.texts, "reason");
            let problems = problems.map_err(|failure| visitor.failure(failure))?;
            let o = opening(&app, &visitor, (&device, door), (&typed.why, &typed.other), problems).await?;
            if visitor.wants_fragment() {
                return Ok(refused(&OpenForm { o }).into_response());
            }
            let l = Layout::new(&visitor.viewer(), Section::Desk, &o.title);
            Ok(refused(&OpenPage { l, o }).into_response())
        }
    }
}

/// `GET /doors/opened`.
pub(super) async fn opened(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let device = find(&app, &visitor, &asked.device).await?;
    let command: CommandId = asked.command.parse().map_err(|_| visitor.failure(Failure::not_found()))?;
    let found = app.devices.ordered(visitor.actor(), (visitor.organization_id(), device.id), command).await;
    let found = found.map_err(|problem| visitor.failure(problem))?;
    let a = answer(&visitor, &found);
    if visitor.wants_fragment() {
        return Ok(page(&AnswerPart { a }).into_response());
    }
    let title = title(&app, &visitor, &device, found.door.unwrap_or_default()).await?;
    let l = Layout::new(&visitor.viewer(), Section::Desk, &title);
    Ok(page(&AnswerPage { l, title, a }).into_response())
}

/// Somebody stands at the door: most devices have answered before anybody could ask again.
async fn settled(
    (app, visitor): (&App, &Visitor),
    mut made: DeviceOrdered,
    mut changes: broadcast::Receiver<Peer>,
) -> DeviceOrdered {
    let device = (visitor.organization_id(), made.device);
    let until = Instant::now() + ANSWERS;
    while made.command.state.is_open() {
        match tokio::time::timeout_at(until, changes.recv()).await {
            Err(_) | Ok(Err(broadcast::error::RecvError::Closed)) => break,
            Ok(Ok(_) | Err(broadcast::error::RecvError::Lagged(_))) => {}
        }
        match app.devices.ordered(visitor.actor(), device, made.command.id).await {
            Ok(newer) => made = newer,
            Err(_) => break,
        }
    }
    made
}

fn href(ordered: &DeviceOrdered) -> String {
    format!("/doors/opened?device={}&command={}", ordered.device, ordered.command.id)
}

/// The gate, or the door of the device where it is at none.
async fn title(app: &App, visitor: &Visitor, device: &Device, door: u16) -> Result<String, PageFailure> {
    let gates = gates(app, visitor).await?;
    let gate = device.gate_of(door).and_then(|gate| gates.get(&gate)).map(|gate| gate.name.to_string());
    let name = gate.unwrap_or_else(|| device.name.to_string());
    Ok(visitor.texts.with("doors-open-title", [("name", name.into())]))
}

async fn opening(
    app: &App,
    visitor: &Visitor,
    (device, door): (&Device, u16),
    (why, other): (&str, &str),
    problems: Problems,
) -> Result<Opening, PageFailure> {
    let texts = visitor.texts;
    let reasons = REASONS.into_iter().chain([OTHER]);
    Ok(Opening {
        texts,
        title: title(app, visitor, device, door).await?,
        device: device.id.to_string(),
        door,
        reasons: reasons.map(|one| Choice::new(one, texts.t(&format!("doors-why-{one}")), why)).collect(),
        other: other.to_owned(),
        problems,
        back: "/doors/desk".to_owned(),
    })
}

fn answer(visitor: &Visitor, ordered: &DeviceOrdered) -> Answer {
    let state = &ordered.command.state;
    Answer {
        texts: visitor.texts,
        cells: commands::cells(state),
        light: match state {
            Progress::Succeeded => "ok",
            Progress::Failed { .. } => "bad",
            Progress::Expired | Progress::Cancelled => "off",
            Progress::Pending | Progress::Sent | Progress::Acked => "way",
        },
        tone: commands::tone(state),
        words: words::answer(visitor, ordered),
        detail: match state {
            Progress::Failed { detail, .. } => detail.clone(),
            _ => String::new(),
        },
        by: visitor.texts.with("doors-answer-why", [("reason", ordered.reason.as_str().into())]),
        next: if state.is_open() { href(ordered) } else { String::new() },
        back: "/doors/desk".to_owned(),
    }
}
