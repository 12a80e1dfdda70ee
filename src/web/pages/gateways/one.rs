//! A gateway: how it is, what was and what is to be done, its computers, and what can be done about it.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::agents::Agents;
use super::certificate::Certificate;
use super::commands::History;
use super::commands::peer_of;
use super::course;
use super::course::Asked;
use super::course::Charts;
use super::find;
use super::health::Heard;
use super::health::Patient;
use super::health::Sign;
use super::may_edit;
use super::numbers;
use super::standing::Standing;
use super::standing::waits;
use super::stream_of;
use crate::fleet::Gateway;
use crate::fleet::GatewayState;
use crate::fleet::presence::Seen;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::At;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;

/// A line of a list of facts.
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
}

/// Something that can be done, with what it means.
struct Action {
    title: String,
    text: String,
    label: String,
    href: String,
    way: Way,
}

/// How an action begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// On a page of its own.
    Page,
    /// With a question.
    Question,
    /// At once.
    Now,
}

#[derive(Template)]
#[template(path = "gateways/one.html")]
struct OnePage {
    l: Layout,
    g: Shown,
}

#[derive(Template)]
#[template(path = "gateways/live.html")]
struct LivePart {
    g: Shown,
}

/// Everything that changes while one looks.
struct Shown {
    texts: Texts,
    href: String,
    /// Where a changed page comes from, and the stream that says when.
    live_href: String,
    stream_href: String,
    title: String,
    meta: String,
    state: StatePart,
    /// Whether the state is what matters most just now.
    state_first: bool,
    life: Option<Life>,
    agents: Option<Agents>,
    commands: Option<History>,
    can_edit: bool,
    actions: Vec<Action>,
}

/// Whether its box is let in, and what is known of it since it was added.
struct StatePart {
    light: &'static str,
    word: String,
    sentence: String,
    /// Another box is invited in its place.
    replacing: String,
    facts: Vec<Fact>,
}

/// How a gateway is that has joined.
struct Life {
    signs: Vec<Sign>,
    certificate: Certificate,
    certificate_light: &'static str,
    certificate_text: String,
    charts: Charts,
    numbers: Vec<Vec<Fact>>,
    as_of: String,
}

impl Shown {
    fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

/// `GET /gateways/ID`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let g = shown(&app, &visitor, id, &asked).await?;
    let l = Layout::new(&visitor.viewer(), Section::Gateways, &g.title);
    Ok(page(&OnePage { l, g }).into_response())
}

/// `GET /gateways/ID/live`.
pub(super) async fn live(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    Ok(page(&LivePart { g: shown(&app, &visitor, id, &asked).await? }).into_response())
}

async fn shown(app: &App, visitor: &Visitor, id: GatewayId, asked: &Asked) -> Result<Shown, PageFailure> {
    let gateway = &find(app, visitor, id).await?;
    let (texts, now, can_edit) = (visitor.texts, app.clock.now(), may_edit(visitor));
    let standing = Standing::of(gateway, now);
    let seen = app.presence.find(visitor.actor(), peer_of(gateway)).map_err(|problem| visitor.failure(problem))?;
    let heard = Heard::of(standing, seen.as_ref());
    let joined = gateway.enrolled.is_some();
    // Nobody is told to connect computers to what is not let in any more.
    let revoked = gateway.state == GatewayState::Revoked;
    let href = format!("/gateways/{id}");
    let agents = match joined {
        true => Some(Agents::first(app, visitor, (id, seen.as_ref(), heard)).await),
        false => None,
    };
    let commands = match joined {
        true => Some(History::first(app, visitor, gateway).await?),
        false => None,
    };
    Ok(Shown {
        texts,
        title: gateway.name.to_string(),
        meta: meta(texts, gateway, seen.as_ref()),
        state: StatePart::new(visitor, gateway, now),
        state_first: standing != Standing::Active,
        life: life(app, visitor, (gateway, seen.as_ref(), heard), asked).await?,
        agents: agents.filter(|agents| !revoked || !agents.rows.is_empty()),
        commands: commands.filter(|commands| !revoked || !commands.rows.is_empty()),
        can_edit,
        actions: if can_edit { actions(texts, gateway, &href) } else { Vec::new() },
        live_href: format!("{href}/live?range={}", asked.range().name()),
        stream_href: stream_of(id),
        href,
    })
}

impl StatePart {
    fn new(visitor: &Visitor, gateway: &Gateway, now: Timestamp) -> Self {
        let (texts, zone) = (visitor.texts, &visitor.zone);
        let standing = Standing::of(gateway, now);
        let replacing = waits(gateway, now).filter(|_| gateway.enrolled.is_some());
        Self {
            light: standing.light(),
            word: standing.word(texts),
            sentence: standing.sentence(texts, zone, gateway),
            replacing: replacing.map_or_else(String::new, |until| {
                texts.with("gateways-replacing", [("time", texts.moment(zone, until).into())])
            }),
            facts: facts(visitor, gateway),
        }
    }
}

async fn life(
    app: &App,
    visitor: &Visitor,
    (gateway, seen, heard): (&Gateway, Option<&Seen>, Heard),
    asked: &Asked,
) -> Result<Option<Life>, PageFailure> {
    let Some(enrolled) = gateway.enrolled.as_ref().filter(|_| gateway.state != GatewayState::Revoked) else {
        return Ok(None);
    };
    let (texts, now) = (visitor.texts, app.clock.now());
    let (day, charts) = course::of(app, visitor, (gateway, seen), asked.range()).await?;
    let certificate = Certificate::new(texts, &visitor.zone, enrolled, now);
    let patient = Patient { visitor, heard, seen, day: &day, interval: app.presence.interval(), now };
    Ok(Some(Life {
        signs: patient.signs(),
        certificate_light: if certificate.tone.is_empty() { "ok" } else { certificate.tone },
        certificate_text: certificate_text(texts, gateway, &certificate),
        certificate,
        charts,
        numbers: numbers::of(texts, seen),
        as_of: numbers::as_of(visitor, seen, now),
    }))
}

fn meta(texts: Texts, gateway: &Gateway, seen: Option<&Seen>) -> String {
    match &gateway.enrolled {
        None => texts.t("gateways-meta-none"),
        Some(enrolled) => {
            let heard = seen.map(|seen| seen.version.as_str()).filter(|version| !version.is_empty());
            let version = heard.unwrap_or(enrolled.version.as_str());
            texts.with("gateways-meta-on", [("host", enrolled.host.as_str().into()), ("version", version.into())])
        }
    }
}

fn facts(visitor: &Visitor, gateway: &Gateway) -> Vec<Fact> {
    let texts = visitor.texts;
    let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
    let moment = |at| texts.moment(&visitor.zone, at);
    let mut facts = vec![fact("gateways-added", moment(gateway.created_at))];
    if let Some(enrolled) = &gateway.enrolled {
        facts.extend([fact("gateways-joined", moment(enrolled.at)), fact("gateways-host", enrolled.host.clone())]);
    } else if let Some(until) = gateway.invited_until {
        facts.push(fact("gateways-token-until", moment(until)));
    }
    facts.push(fact("gateways-id", gateway.id.to_string()));
    facts
}

fn certificate_text(texts: Texts, gateway: &Gateway, certificate: &Certificate) -> String {
    let key = match (certificate.tone, gateway.state) {
        ("bad", _) => "gateways-certificate-over",
        (_, GatewayState::Suspended) => "gateways-certificate-suspended",
        ("look", _) => "gateways-certificate-late",
        _ => "gateways-certificate-fine",
    };
    let days = [("renews", certificate.renews.as_str().into()), ("to", certificate.to.as_str().into())];
    texts.with(key, days)
}

fn actions(texts: Texts, gateway: &Gateway, href: &str) -> Vec<Action> {
    let action = |name: &str, verb: &str, way: Way| Action {
        title: texts.t(&format!("gateways-do-{name}-title")),
        text: texts.t(&format!("gateways-do-{name}-text")),
        label: texts.t(&format!("gateways-do-{name}")),
        href: format!("{href}/{verb}"),
        way,
    };
    let replace = |name: &str| action(name, "replace", Way::Page);
    let revoke = action("revoke", "revoke", Way::Question);
    match gateway.state {
        GatewayState::Invited => vec![replace("again"), action("withdraw", "remove", Way::Question)],
        GatewayState::Active => vec![replace("replace"), action("suspend", "suspend", Way::Question), revoke],
        GatewayState::Suspended => vec![action("resume", "resume", Way::Now), replace("replace"), revoke],
        GatewayState::Revoked => vec![replace("after-revoke"), action("remove", "remove", Way::Question)],
    }
}
