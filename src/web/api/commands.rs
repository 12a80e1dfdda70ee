//! `/api/v1/gateways/{id}/commands`, `/api/v1/gateways/{id}/presence` and `/api/v1/alerts`: what gateways are asked to do,
//! how they are, and what a person should look at.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::fleet::Peer;
use crate::fleet::alerts::Alert;
use crate::fleet::alerts::Fact;
use crate::fleet::commands::Command;
use crate::fleet::commands::CommandError;
use crate::fleet::commands::NewCommand;
use crate::fleet::commands::Target;
use crate::fleet::presence::Seen;
use crate::kernel::AlertId;
use crate::kernel::CommandId;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::PageParams;
use crate::web::api::extract::Paging;
use crate::web::api::extract::Pair;
use crate::web::api::extract::Query;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(cancel))
        .routes(routes!(presence))
        .routes(routes!(alerts))
        .routes(routes!(dismiss))
}

/// Something that a gateway or an agent was asked to do.
#[derive(Serialize, ToSchema)]
#[schema(as = Command)]
pub(super) struct CommandBody {
    id: CommandId,
    /// Number of the agent at its gateway; none when it is for the gateway.
    agent: Option<u32>,
    /// `ping`, `collect_diagnostics`, `set_log_level`, `restart_agent`, `apply_config` or `apply_policies`.
    #[serde(rename = "type")]
    kind: String,
    payload: Map<String, Value>,
    /// Who asked for it.
    by: String,
    created_at: Timestamp,
    /// After this it is not begun any more.
    expires_at: Timestamp,
    /// How often it was sent.
    attempts: u32,
    /// `pending`, `sent`, `acked`, `succeeded`, `failed`, `expired` or `cancelled`.
    state: &'static str,
    /// Since when.
    changed_at: Timestamp,
    /// Why it failed, as a stable word.
    code: Option<String>,
    /// Why it failed, as a sentence.
    detail: Option<String>,
    /// Checksum that came with the acknowledgement.
    checksum: Option<String>,
    /// What it brought, when that was asked for and is kept.
    result: Option<Value>,
}

impl From<Command> for CommandBody {
    fn from(command: Command) -> Self {
        let state = command.state.name();
        let (code, detail) = command.state.into_failure().unzip();
        Self {
            id: command.id,
            agent: match command.target {
                Target::Gateway => None,
                Target::Agent(number) => Some(number),
            },
            kind: command.kind,
            payload: command.payload,
            by: command.by,
            created_at: command.created_at,
            expires_at: command.expires_at,
            attempts: command.attempts,
            state,
            changed_at: command.changed_at,
            code,
            detail,
            checksum: command.checksum,
            result: None,
        }
    }
}

/// Something to be done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCommandBody {
    /// `ping`, `collect_diagnostics`, `set_log_level`, `restart_agent`, `apply_config` or `apply_policies`.
    #[serde(rename = "type")]
    #[schema(example = "collect_diagnostics")]
    kind: String,
    /// By type: `log_lines`; `level` and `minutes`; `bytes_per_second` and `buffer_bytes`.
    #[serde(default)]
    payload: Map<String, Value>,
    /// Number of the agent at its gateway; none when it is for the gateway.
    agent: Option<u32>,
    /// After so long it is not begun any more.
    #[serde(default = "an_hour")]
    #[schema(minimum = 10, maximum = 604_800, default = 3_600)]
    lifetime_secs: u64,
}

const fn an_hour() -> u64 {
    3_600
}

/// What beside the commands is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct With {
    /// Also what they brought, as far as it is kept; for those who may ask for it.
    #[serde(default)]
    results: bool,
}

/// How a gateway is.
#[derive(Serialize, ToSchema)]
#[schema(as = GatewayPresence)]
pub(super) struct PresenceBody {
    /// `online` or `offline`; none when it was never heard.
    state: Option<&'static str>,
    /// Since when.
    since: Option<Timestamp>,
    last_contact: Option<Timestamp>,
    /// Whether a connection is open.
    connected: bool,
    version: Option<String>,
    /// Seconds that its clock is ahead.
    ahead_secs: i64,
    /// When it last said how it is.
    heartbeat_at: Option<Timestamp>,
    cpu_permille: Option<u16>,
    memory_bytes: Option<u64>,
    disk_free_bytes: Option<u64>,
    /// Batches that wait in its buffer.
    spool_batches: Option<u64>,
    spool_bytes: Option<u64>,
    spool_max_bytes: Option<u64>,
    /// Age of the oldest batch that waits.
    oldest_secs: Option<u64>,
    agents: Vec<AgentBody>,
}

/// How an agent is.
#[derive(Serialize, ToSchema)]
#[schema(as = GatewayAgent)]
pub(super) struct AgentBody {
    /// Its number at the gateway.
    id: u32,
    computer_uid: String,
    name: String,
    version: Option<String>,
    /// `online` or `offline`.
    state: &'static str,
    /// Since when.
    since: Timestamp,
    last_contact: Option<Timestamp>,
    last_event: Option<Timestamp>,
}

impl PresenceBody {
    fn of(seen: Option<Seen>) -> Self {
        let beat = seen.as_ref().and_then(|seen| seen.beat.as_ref());
        let heartbeat_at = beat.map(|(at, _)| *at);
        let beat = beat.map(|(_, beat)| beat.clone());
        let spool = beat.as_ref().map(|beat| beat.spool);
        Self {
            state: seen.as_ref().map(|seen| seen.liveness.name()),
            since: seen.as_ref().map(|seen| seen.since),
            last_contact: seen.as_ref().map(|seen| seen.last_contact),
            connected: seen.as_ref().is_some_and(|seen| seen.connected),
            version: seen.as_ref().map(|seen| seen.version.clone()).filter(|version| !version.is_empty()),
            ahead_secs: seen.as_ref().map_or(0, |seen| seen.ahead_secs),
            heartbeat_at,
            cpu_permille: beat.as_ref().and_then(|beat| beat.cpu_permille),
            memory_bytes: beat.as_ref().and_then(|beat| beat.memory_bytes),
            disk_free_bytes: beat.as_ref().and_then(|beat| beat.disk_free_bytes),
            spool_batches: spool.map(|spool| spool.batches),
            spool_bytes: spool.map(|spool| spool.bytes),
            spool_max_bytes: spool.map(|spool| spool.max_bytes),
            oldest_secs: spool.map(|spool| spool.oldest_secs),
            agents: seen.map(agents_of).unwrap_or_default(),
        }
    }
}

fn agents_of(seen: Seen) -> Vec<AgentBody> {
    let agents = seen.agents.into_values().map(|agent| AgentBody {
        id: agent.told.id,
        computer_uid: agent.told.computer_uid,
        name: agent.told.name,
        version: agent.told.version,
        state: agent.liveness.name(),
        since: agent.since,
        last_contact: agent.told.last_contact,
        last_event: agent.told.last_event,
    });
    agents.collect()
}

/// Something that a person should look at.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(super) struct AlertBody {
    id: AlertId,
    /// `gateway_offline`, `command_failed`, `buffer_high`, `gap`, `clock_skew`, `policy_failed`, `device_offline`, `device_credentials`,
    /// `device_clock`, `device_log_high`, `device_people_high` or `device_missed`.
    kind: &'static str,
    gateway_id: GatewayId,
    agent: Option<u32>,
    /// The device that it is about, if it is about one.
    device_id: Option<DeviceId>,
    /// Numbers and stable words that belong to it.
    #[schema(value_type = BTreeMap<String, Value>)]
    facts: BTreeMap<String, Fact>,
    /// What to do next, as a stable word.
    next_step: &'static str,
    opened_at: Timestamp,
    /// None while it is open.
    resolved_at: Option<Timestamp>,
}

impl From<Alert> for AlertBody {
    fn from(alert: Alert) -> Self {
        Self {
            id: alert.id,
            kind: alert.kind.name(),
            gateway_id: alert.subject.gateway,
            agent: alert.subject.agent,
            device_id: alert.subject.device,
            facts: alert.facts,
            next_step: alert.kind.next_step(),
            opened_at: alert.opened_at,
            resolved_at: alert.resolved_at,
        }
    }
}

/// A gateway of the organization that is asked about; another one's is not found.
async fn known(app: &App, inside: &Inside, gateway: GatewayId) -> Result<Peer, ApiFailure> {
    app.fleet.get(&inside.actor, inside.id(), gateway).await?;
    Ok(Peer { organization: inside.id(), gateway })
}

/// List what a gateway was asked to do
#[utoipa::path(
    get, path = "/api/v1/gateways/{id}/commands", tag = "gateways",
    params(("id" = GatewayId, Path), InOrganization, PageParams, With),
    responses((status = 200, description = "The newest first", body = List<CommandBody>)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<GatewayId>,
    Paging(page): Paging,
    Query(with): Query<With>,
) -> Result<Json<List<CommandBody>>, ApiFailure> {
    let peer = known(&app, &inside, id).await?;
    let found = app.commands.list(&inside.actor, peer, page).await?;
    let results = with.results && inside.actor.may(Permission::EditGateways);
    let mut items = Vec::new();
    for command in found.items {
        let (id, has_body) = (command.id, command.has_body);
        let mut body = CommandBody::from(command);
        if results && has_body {
            body.result = app.commands.body(&inside.actor, peer, id).await?;
        }
        items.push(body);
    }
    Ok(List::of(crate::kernel::Page { items, next: found.next }))
}

/// Ask a gateway or one of its agents to do something
#[utoipa::path(
    post, path = "/api/v1/gateways/{id}/commands", tag = "gateways",
    params(("id" = GatewayId, Path), InOrganization), request_body = NewCommandBody,
    responses((status = 201, description = "It waits for the gateway", body = CommandBody)),
)]
async fn create(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<GatewayId>,
    Body(new): Body<NewCommandBody>,
) -> Result<Created<CommandBody>, ApiFailure> {
    let peer = known(&app, &inside, id).await?;
    let order = nazorat_wire::Order::parse(&new.kind, &new.payload).map_err(CommandError::from)?;
    let target = new.agent.map_or(Target::Gateway, Target::Agent);
    let new = NewCommand { target, order, lifetime: Duration::from_secs(new.lifetime_secs) };
    let made = app.commands.create(&inside.actor, peer, new).await?;
    Ok(Created { at: format!("/api/v1/gateways/{id}/commands/{}", made.id), body: made.into() })
}

/// Take back a command that was not sent yet
#[utoipa::path(
    delete, path = "/api/v1/gateways/{id}/commands/{command_id}", tag = "gateways",
    params(("id" = GatewayId, Path), ("command_id" = CommandId, Path), InOrganization),
    responses((status = 200, description = "It is taken back", body = CommandBody)),
)]
async fn cancel(
    State(app): State<App>,
    inside: Inside,
    Pair(id, command): Pair<GatewayId, CommandId>,
) -> Result<Json<CommandBody>, ApiFailure> {
    let peer = known(&app, &inside, id).await?;
    Ok(Json(app.commands.cancel(&inside.actor, peer, command).await?.into()))
}

/// How a gateway is, and its agents
#[utoipa::path(
    get, path = "/api/v1/gateways/{id}/presence", tag = "gateways",
    params(("id" = GatewayId, Path), InOrganization),
    responses((status = 200, description = "As it was last heard", body = PresenceBody)),
)]
async fn presence(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<GatewayId>,
) -> Result<Json<PresenceBody>, ApiFailure> {
    let peer = known(&app, &inside, id).await?;
    Ok(Json(PresenceBody::of(app.presence.find(&inside.actor, peer)?)))
}

/// List alerts
#[utoipa::path(
    get, path = "/api/v1/alerts", tag = "gateways", params(InOrganization, PageParams),
    responses((status = 200, description = "The newest first", body = List<AlertBody>)),
)]
async fn alerts(
    State(app): State<App>,
    inside: Inside,
    Paging(page): Paging,
) -> Result<Json<List<AlertBody>>, ApiFailure> {
    Ok(List::of(app.alerts.list(&inside.actor, inside.id(), page).await?))
}

/// End an alert by hand
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/dismiss", tag = "gateways", params(("id" = AlertId, Path), InOrganization),
    responses((status = 204, description = "It is over")),
)]
async fn dismiss(State(app): State<App>, inside: Inside, Id(id): Id<AlertId>) -> Result<http::StatusCode, ApiFailure> {
    app.alerts.dismiss(&inside.actor, inside.id(), id).await?;
    Ok(http::StatusCode::NO_CONTENT)
}
