//! What a gateway is asked to do: the history, one command with what it brought, and the buttons that ask.
//!
//! Orders go to the box itself: agents cannot be reached through it. Everybody who sees the gateway sees what it was asked;
//! what a command brought back may hold lines of its log and is for those who may ask.

mod send;
mod words;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde_json::Value;

pub(in crate::web::pages) use self::words::{cells, code_words, kind, state, tone};
use super::find;
use super::may_edit;
use super::one::Fact;
use super::stream_of;
use crate::fleet::Gateway;
use crate::fleet::GatewayState;
use crate::fleet::Peer;
use crate::fleet::commands;
use crate::fleet::commands::Command;
use crate::fleet::commands::CommandError;
use crate::kernel::CommandId;
use crate::kernel::GatewayId;
use crate::kernel::PageRequest;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;

/// Commands on the page of the gateway.
const FIRST: usize = 5;
/// Commands on a page of the history.
const STEP: usize = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/gateways/{id}/commands", get(list))
        .route("/gateways/{id}/commands/{command}", get(one))
        .route("/gateways/{id}/commands/{command}/cancel", post(send::cancel))
        .route("/gateways/{id}/commands/{command}/again", post(send::again))
        .route("/gateways/{id}/ping", post(send::ping))
        .route("/gateways/{id}/diagnostics", post(send::diagnostics))
        .route("/gateways/{id}/log-level", get(send::log_level_form).post(send::log_level))
        .route("/gateways/{id}/restart", get(send::ask_restart).post(send::restart))
}

/// A line of the history.
pub(super) struct Row {
    pub(super) time: String,
    pub(super) name: String,
    pub(super) href: String,
    pub(super) by: String,
    pub(super) cells: [&'static str; 4],
    pub(super) tone: &'static str,
    pub(super) words: String,
    pub(super) cancel: String,
}

/// The history with what may be done.
pub(super) struct History {
    pub(super) rows: Vec<Row>,
    pub(super) can_send: bool,
    /// Address of the whole history; empty when this is all of it.
    pub(super) all_href: String,
}

impl History {
    pub(super) async fn first(app: &App, visitor: &Visitor, gateway: &Gateway) -> Result<Self, PageFailure> {
        let request = PageRequest { limit: FIRST, after: None };
        let found = app.commands.list(visitor.actor(), peer_of(gateway), request).await;
        let found = found.map_err(|problem| visitor.failure(problem))?;
        let all_href = found.next.map(|_| format!("/gateways/{}/commands", gateway.id)).unwrap_or_default();
        Ok(Self { rows: rows(app, visitor, gateway, &found.items), can_send: may_send(visitor, gateway), all_href })
    }
}

pub(super) fn peer_of(gateway: &Gateway) -> Peer {
    Peer { organization: gateway.organization, gateway: gateway.id }
}

/// Only a box that is let in can be asked.
fn may_send(visitor: &Visitor, gateway: &Gateway) -> bool {
    may_edit(visitor) && gateway.state == GatewayState::Active
}

fn rows(app: &App, visitor: &Visitor, gateway: &Gateway, all: &[Command]) -> Vec<Row> {
    let now = app.clock.now();
    let row = |command: &Command| {
        let href = format!("/gateways/{}/commands/{}", gateway.id, command.id);
        let waits = command.state == commands::State::Pending && may_edit(visitor);
        Row {
            time: super::health::when(visitor, command.created_at, now),
            name: words::name(visitor.texts, command),
            by: command.by.clone(),
            cells: words::cells(&command.state),
            tone: words::tone(&command.state),
            words: words::state(visitor.texts, command),
            cancel: if waits { format!("{href}/cancel") } else { String::new() },
            href,
        }
    };
    all.iter().map(row).collect()
}

#[derive(Template)]
#[template(path = "gateways/commands.html")]
struct ListPage {
    l: Layout,
    title: String,
    here: String,
    stream: String,
    history: History,
    more_href: String,
}

/// Where the list goes on.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
}

/// `GET /gateways/ID/commands`.
async fn list(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let gateway = find(&app, &visitor, id).await?;
    let request = PageRequest::parse(Some(STEP), Some(&asked.after)).map_err(CommandError::from);
    let request = request.map_err(|problem| visitor.failure(problem))?;
    let found = app.commands.list(visitor.actor(), peer_of(&gateway), request).await;
    let found = found.map_err(|problem| visitor.failure(problem))?;
    let title = visitor.texts.t("gateways-commands");
    let here = format!("/gateways/{id}/commands");
    let shown = ListPage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, &title).through([crumb(&gateway)]),
        title: visitor.texts.with("gateways-commands-title", [("name", gateway.name.as_str().into())]),
        history: History {
            rows: rows(&app, &visitor, &gateway, &found.items),
            can_send: may_send(&visitor, &gateway),
            all_href: String::new(),
        },
        more_href: found.next.map(|next| format!("{here}?after={next}")).unwrap_or_default(),
        here: visitor.path().to_owned(),
        stream: stream_of(id),
    };
    Ok(page(&shown).into_response())
}

fn crumb(gateway: &Gateway) -> Crumb {
    Crumb { href: format!("/gateways/{}", gateway.id), label: gateway.name.to_string() }
}

#[derive(Template)]
#[template(path = "gateways/command.html")]
struct OnePage {
    l: Layout,
    title: String,
    meta: String,
    here: String,
    stream: String,
    cells: [&'static str; 4],
    tone: &'static str,
    words: String,
    /// What the box itself said of a failure.
    detail: String,
    facts: Vec<Fact>,
    log: Vec<String>,
    /// The whole result, for those who compare it with something.
    raw: String,
    result_note: String,
    cancel: bool,
    again: bool,
    back: String,
}

/// `GET /gateways/ID/commands/COMMAND`.
async fn one(
    State(app): State<App>,
    visitor: Visitor,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, PageFailure> {
    let (gateway, command) = named(&app, &visitor, path).await?;
    let peer = peer_of(&gateway);
    let may_read = may_edit(&visitor);
    let body = match command.has_body && may_read {
        true => app.commands.body(visitor.actor(), peer, command.id).await,
        false => Ok(None),
    };
    let body = body.map_err(|problem| visitor.failure(problem))?;
    let texts = visitor.texts;
    let title = words::name(texts, &command);
    let detail = match &command.state {
        commands::State::Failed { detail, .. } => detail.clone(),
        _ => String::new(),
    };
    let waits = command.state == commands::State::Pending;
    let shown = OnePage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, &title).through([
            crumb(&gateway),
            Crumb { href: format!("/gateways/{}/commands", gateway.id), label: texts.t("gateways-commands") },
        ]),
        meta: meta(&visitor, &gateway, &command),
        here: format!("/gateways/{}/commands/{}", gateway.id, command.id),
        stream: stream_of(gateway.id),
        cells: words::cells(&command.state),
        tone: words::tone(&command.state),
        words: words::state(texts, &command),
        detail,
        facts: facts(&visitor, &command),
        log: body.as_ref().map(log_of).unwrap_or_default(),
        raw: body.as_ref().and_then(|body| serde_json::to_string_pretty(body).ok()).unwrap_or_default(),
        result_note: match (command.has_body, may_read) {
            (true, false) => texts.t("gateways-result-others"),
            _ => String::new(),
        },
        cancel: waits && may_read,
        again: !command.state.is_open() && may_send(&visitor, &gateway),
        back: format!("/gateways/{}", gateway.id),
        title,
    };
    Ok(page(&shown).into_response())
}

/// The gateway and the command of an address; what is not the visitor's does not exist.
async fn named(
    app: &App,
    visitor: &Visitor,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<(Gateway, Command), PageFailure> {
    let missing = || visitor.failure(Failure::not_found());
    let Path((gateway, command)) = path.map_err(|_| missing())?;
    let (gateway, command) = (gateway.parse::<GatewayId>(), command.parse::<CommandId>());
    let (Ok(gateway), Ok(command)) = (gateway, command) else { return Err(missing()) };
    let gateway = find(app, visitor, gateway).await?;
    let command = app.commands.get(visitor.actor(), peer_of(&gateway), command).await;
    Ok((gateway, command.map_err(|problem| visitor.failure(problem))?))
}

fn meta(visitor: &Visitor, gateway: &Gateway, command: &Command) -> String {
    let time = visitor.texts.moment(&visitor.zone, command.created_at);
    let said = [("name", gateway.name.as_str().into()), ("by", command.by.as_str().into()), ("time", time.into())];
    visitor.texts.with("gateways-command-meta", said)
}

fn facts(visitor: &Visitor, command: &Command) -> Vec<Fact> {
    let texts = visitor.texts;
    let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
    let moment = |at| texts.moment(&visitor.zone, at);
    let mut facts = vec![fact("gateways-command-since", moment(command.changed_at))];
    if command.state.is_open() {
        facts.push(fact("gateways-command-until", moment(command.expires_at)));
    }
    facts.push(fact("gateways-command-tries", texts.number(u64::from(command.attempts))));
    facts.push(fact("gateways-id", command.id.to_string()));
    facts
}

/// The lines of a log in what a command brought.
fn log_of(body: &Value) -> Vec<String> {
    let lines = body.get("log").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    lines.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
