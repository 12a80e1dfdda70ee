//! The computers behind a gateway: whether each is heard, when it last spoke, when it last sent something.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::find;
use super::health::Heard;
use super::health::secs_between;
use super::health::when;
use super::standing::Standing;
use super::stream_of;
use crate::fleet::Peer;
use crate::fleet::presence::AgentSeen;
use crate::fleet::presence::Liveness;
use crate::fleet::presence::Seen;
use crate::kernel::ComputerId;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::kernel::fold;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;

/// Rows on the page of the gateway; the others are one click away.
const FIRST: usize = 8;
/// Somebody who is there and has sent nothing for so long has something to look at. A person at lunch sends nothing.
const QUIET_SECS: u64 = 2 * 3_600;
/// A computer that was off for so long is not only off for the weekend.
const AWAY_SECS: u64 = 14 * 86_400;

/// A light with its word.
pub(super) struct Light {
    pub(super) light: &'static str,
    pub(super) word: String,
}

/// A computer.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) uid: String,
    /// Its page, when the visitor may see it.
    pub(super) href: String,
    pub(super) now: Light,
    pub(super) contact: Light,
    pub(super) event: Light,
    pub(super) version: String,
    /// What is odd comes first.
    odd: bool,
}

/// The table with its head.
pub(super) struct Agents {
    pub(super) rows: Vec<Row>,
    pub(super) note: String,
    /// Words of the link to all of them; empty when all are shown.
    pub(super) all: String,
    pub(super) all_href: String,
}

#[derive(Template)]
#[template(path = "gateways/agents.html")]
struct AgentsPage {
    l: Layout,
    title: String,
    here: String,
    stream: String,
    agents: Agents,
}

/// `GET /gateways/ID/agents`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let gateway = find(&app, &visitor, id).await?;
    let peer = Peer { organization: gateway.organization, gateway: id };
    let seen = app.presence.find(visitor.actor(), peer).map_err(|problem| visitor.failure(problem))?;
    let heard = Heard::of(Standing::of(&gateway, app.clock.now()), seen.as_ref());
    let title = visitor.texts.t("gateways-agents");
    let through = Crumb { href: format!("/gateways/{id}"), label: gateway.name.to_string() };
    let here = format!("/gateways/{id}/agents");
    let agents = Agents::all(&app, &visitor, (seen.as_ref(), heard)).await;
    let shown = AgentsPage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, &title).through([through]),
        title: visitor.texts.with("gateways-agents-title", [("name", gateway.name.as_str().into())]),
        here,
        stream: stream_of(id),
        agents,
    };
    Ok(page(&shown).into_response())
}

impl Agents {
    /// Those that need a look, and some others.
    pub(super) async fn first(
        app: &App,
        visitor: &Visitor,
        (gateway, seen, heard): (GatewayId, Option<&Seen>, Heard),
    ) -> Self {
        let mut agents = Self::all(app, visitor, (seen, heard)).await;
        let all = agents.rows.len();
        if all > FIRST {
            agents.rows.truncate(FIRST);
            agents.all = visitor.texts.with("action-all-count", [("count", all.into())]);
            agents.all_href = format!("/gateways/{gateway}/agents");
        }
        agents
    }

    async fn all(app: &App, visitor: &Visitor, (seen, heard): (Option<&Seen>, Heard)) -> Self {
        let texts = visitor.texts;
        let (online, all) = seen.map_or((0, 0), |seen| (seen.agents_online(), seen.agents.len()));
        let note = match all {
            0 => String::new(),
            _ if !heard.is_heard() => texts.count("computers-count", all),
            _ => texts.with("gateways-agents-note", [("online", online.into()), ("all", all.into())]),
        };
        let computers = computers(app, visitor).await;
        let now = app.clock.now();
        let agents = seen.into_iter().flat_map(|seen| seen.agents.values());
        let mut rows: Vec<Row> = agents.map(|agent| Row::new(visitor, &computers, (agent, heard), now)).collect();
        rows.sort_by_cached_key(|row| (!row.odd, fold(&row.name), row.uid.clone()));
        Self { rows, note, all: String::new(), all_href: String::new() }
    }
}

/// Numbers of computers by what their agents say; nothing for those who see only some of them.
async fn computers(app: &App, visitor: &Visitor) -> HashMap<String, ComputerId> {
    let Ok(view) = app.people.view(visitor.actor(), visitor.organization_id()).await else { return HashMap::new() };
    let Ok(whole) = view.whole() else { return HashMap::new() };
    whole.computers().map(|computer| (computer.uid.clone(), computer.id)).collect()
}

impl Row {
    fn new(
        visitor: &Visitor,
        computers: &HashMap<String, ComputerId>,
        (agent, heard): (&AgentSeen, Heard),
        now: Timestamp,
    ) -> Self {
        let texts = visitor.texts;
        let told = &agent.told;
        let known = heard.is_heard();
        let lights = lights(agent, known, now);
        let at = |at: Option<Timestamp>| at.map_or_else(|| texts.t("gateways-never"), |at| when(visitor, at, now));
        let word = match (known, agent.liveness) {
            (false, _) => texts.t("unknown"),
            (true, Liveness::Online) => texts.t("gateways-agent-on"),
            (true, Liveness::Offline) => texts.t("gateways-agent-off"),
        };
        let name = if told.name.is_empty() { told.computer_uid.clone() } else { told.name.clone() };
        let id = computers.get(&told.computer_uid);
        Self {
            uid: if name == told.computer_uid { String::new() } else { told.computer_uid.clone() },
            name,
            href: id.map(|id| format!("/computers/{id}")).unwrap_or_default(),
            now: Light { light: lights[0], word },
            contact: Light { light: lights[1], word: at(told.last_contact) },
            event: Light { light: lights[2], word: at(told.last_event) },
            version: told.version.clone().unwrap_or_default(),
            odd: lights.contains(&"look"),
        }
    }
}

/// Whether it is heard, when it spoke, when it sent something: each may be well while another is not. A computer that
/// is switched off is as it should be. Of those behind a silent gateway nobody knows anything.
fn lights(agent: &AgentSeen, known: bool, now: Timestamp) -> [&'static str; 3] {
    let since = |at: Option<Timestamp>| at.map(|at| secs_between(at, now));
    let online = agent.liveness == Liveness::Online;
    let contact = match since(agent.told.last_contact) {
        _ if !known => "off",
        _ if online => "ok",
        None | Some(AWAY_SECS..) => "look",
        Some(_) => "off",
    };
    let event = match since(agent.told.last_event) {
        _ if !known || !online => "off",
        None | Some(QUIET_SECS..) => "look",
        Some(_) => "ok",
    };
    [if known && online { "ok" } else { "off" }, contact, event]
}

#[cfg(test)]
mod tests {
    use nazorat_wire::frame;

    use super::lights;
    use crate::fleet::presence::AgentSeen;
    use crate::fleet::presence::Liveness;
    use crate::kernel::Timestamp;

    #[test]
    fn the_three_lights_of_an_agent_tell_different_things() {
        let now = Timestamp::from_second(1_795_334_400).unwrap();
        let ago = |secs: i64| Timestamp::from_second(now.as_second() - secs).unwrap();
        let agent = |liveness, contact: Option<i64>, event: Option<i64>| AgentSeen {
            liveness,
            since: now,
            told: frame::AgentSeen {
                id: 1,
                computer_uid: "pc".to_owned(),
                name: String::new(),
                version: None,
                last_contact: contact.map(ago),
                last_event: event.map(ago),
                interval_secs: None,
                policy: None,
            },
        };
        let (on, off) = (Liveness::Online, Liveness::Offline);
        for (agent, known, expected) in [
            (agent(on, Some(5), Some(9)), true, ["ok", "ok", "ok"]),
            // It speaks and sends nothing: its watchers do not run.
            (agent(on, Some(5), Some(7_200)), true, ["ok", "ok", "look"]),
            (agent(on, Some(5), None), true, ["ok", "ok", "look"]),
            // Switched off since yesterday, and for three weeks.
            (agent(off, Some(86_400), Some(86_400)), true, ["off", "off", "off"]),
            (agent(off, Some(21 * 86_400), None), true, ["off", "look", "off"]),
            (agent(off, None, None), true, ["off", "look", "off"]),
            // Its gateway is silent.
            (agent(on, Some(5), None), false, ["off", "off", "off"]),
        ] {
            assert_eq!(lights(&agent, known, now), expected, "{agent:?} {known}");
        }
    }
}
