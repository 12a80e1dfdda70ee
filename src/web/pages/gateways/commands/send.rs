//! Asking a gateway to do something, and taking that back.

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::extract::State;
use axum::extract::rejection::PathRejection;
use axum::response::IntoResponse as _;
use axum::response::Response;
use nazorat_wire::LogLevel;
use nazorat_wire::Order;

use super::crumb;
use super::named;
use super::peer_of;
use super::words;
use crate::fleet::Gateway;
use crate::fleet::commands::CommandError;
use crate::fleet::commands::NewCommand;
use crate::fleet::commands::Target;
use crate::kernel::GatewayId;
use crate::web::App;
use crate::web::At;
use crate::web::Choice;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::gateways::find_to_change;
use crate::web::pages::gateways::require_editor;
use crate::web::pages::question::Question;
use crate::web::pages::question::ask;
use crate::web::refused;

/// Lines of the log in diagnostics.
const LOG_LINES: u16 = 200;
/// For how many minutes another log level may stay; the first is the usual choice.
const MINUTES: [u16; 4] = [15, 60, 240, 1_440];

type Named = Result<Path<(String, String)>, PathRejection>;

/// `POST /gateways/ID/ping`.
pub(super) async fn ping(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    give(&app, &visitor, id, Order::Ping).await
}

/// `POST /gateways/ID/diagnostics`.
pub(super) async fn diagnostics(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    give(&app, &visitor, id, Order::CollectDiagnostics { log_lines: LOG_LINES }).await
}

/// `GET /gateways/ID/restart`.
pub(super) async fn ask_restart(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    let texts = visitor.texts;
    let question = Question {
        title: texts.with("gateways-restart-title", [("name", gateway.name.as_str().into())]),
        consequences: ["text", "next"].map(|part| texts.t(&format!("gateways-restart-{part}"))).into(),
        action: format!("/gateways/{id}/restart"),
        danger: texts.t("gateways-restart-do"),
        safe_href: format!("/gateways/{id}"),
    };
    Ok(ask(&visitor, Section::Gateways, question))
}

/// `POST /gateways/ID/restart`.
pub(super) async fn restart(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    give(&app, &visitor, id, Order::RestartAgent).await
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    level: String,
    minutes: String,
}

#[derive(Template)]
#[template(path = "gateways/log_level.html")]
struct LogLevelPage {
    l: Layout,
    title: String,
    href: String,
    levels: Vec<Choice>,
    minutes: Vec<Choice>,
    problems: Problems,
}

/// `GET /gateways/ID/log-level`.
pub(super) async fn log_level_form(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    let typed = Typed { level: LogLevel::Debug.name().to_owned(), minutes: String::new() };
    Ok(page(&log_level_page(&visitor, &gateway, &typed, Problems::none())).into_response())
}

/// `POST /gateways/ID/log-level`.
pub(super) async fn log_level(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    let level = LogLevel::ALL.into_iter().find(|level| level.name() == typed.level);
    let minutes = typed.minutes.parse().ok().filter(|minutes| MINUTES.contains(minutes));
    if let (Some(level), Some(minutes)) = (level, minutes) {
        return give(&app, &visitor, id, Order::SetLogLevel { level, minutes }).await;
    }
    let mut problems = Problems::none();
    problems.add(if level.is_none() { "level" } else { "minutes" }, visitor.texts.t("error-required"));
    Ok(refused(&log_level_page(&visitor, &gateway, &typed, problems)).into_response())
}

fn log_level_page(visitor: &Visitor, gateway: &Gateway, typed: &Typed, problems: Problems) -> LogLevelPage {
    let texts = visitor.texts;
    let [usual, ..] = MINUTES;
    let chosen = if typed.minutes.is_empty() { usual.to_string() } else { typed.minutes.clone() };
    let title = texts.with("gateways-log-level-title", [("name", gateway.name.as_str().into())]);
    LogLevelPage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, &texts.t("gateways-order-set-log-level"))
            .through([crumb(gateway)]),
        title,
        href: format!("/gateways/{}", gateway.id),
        levels: LogLevel::ALL.map(|level| Choice::new(level.name(), words::level(texts, level), &typed.level)).into(),
        minutes: MINUTES
            .map(|minutes| Choice::new(&minutes.to_string(), words::length(texts, minutes), &chosen))
            .into(),
        problems,
    }
}

/// `POST /gateways/ID/commands/COMMAND/cancel`.
pub(super) async fn cancel(State(app): State<App>, visitor: Visitor, path: Named) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let (gateway, command) = named(&app, &visitor, path).await?;
    let cancelled = app.commands.cancel(visitor.actor(), peer_of(&gateway), command.id).await;
    let cancelled = cancelled.map_err(|problem| visitor.failure(problem))?;
    let name = words::name(visitor.texts, &cancelled);
    Ok(done(&format!("/gateways/{}", gateway.id), "done-command-cancelled", &name))
}

/// `POST /gateways/ID/commands/COMMAND/again`.
pub(super) async fn again(State(app): State<App>, visitor: Visitor, path: Named) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let (gateway, command) = named(&app, &visitor, path).await?;
    let order = Order::parse(&command.kind, &command.payload).map_err(CommandError::from);
    let order = order.map_err(|problem| visitor.failure(problem))?;
    let new = NewCommand { target: command.target, ..NewCommand::new(order) };
    send(&app, &visitor, &gateway, new).await
}

async fn give(app: &App, visitor: &Visitor, id: GatewayId, order: Order) -> Result<Response, PageFailure> {
    let gateway = find_to_change(app, visitor, id).await?;
    send(app, visitor, &gateway, NewCommand { target: Target::Gateway, ..NewCommand::new(order) }).await
}

/// What it brings is on the page of the command; the page of the gateway shows how far it is.
async fn send(app: &App, visitor: &Visitor, gateway: &Gateway, new: NewCommand) -> Result<Response, PageFailure> {
    let brings = matches!(new.order, Order::CollectDiagnostics { .. });
    let made = app.commands.create(visitor.actor(), peer_of(gateway), new).await;
    let made = made.map_err(|problem| visitor.failure(problem))?;
    let to = match brings {
        true => format!("/gateways/{}/commands/{}", gateway.id, made.id),
        false => format!("/gateways/{}", gateway.id),
    };
    Ok(done(&to, "done-command-sent", &words::name(visitor.texts, &made)))
}
