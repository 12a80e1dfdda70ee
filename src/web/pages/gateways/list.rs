//! All gateways of an organization, and what it decided for all of them.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::certificate::Certificate;
use super::health::Heard;
use super::health::buffer_light;
use super::health::buffer_words;
use super::health::clock_words;
use super::health::is_wrong;
use super::health::secs_between;
use super::health::when;
use super::may_edit;
use super::standing::Standing;
use crate::fleet::Gateway;
use crate::fleet::GatewayState;
use crate::fleet::presence::Seen;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::kernel::fold;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;

struct Row {
    href: String,
    label: String,
    host: String,
    light: &'static str,
    state: String,
    contact: String,
    buffer_light: &'static str,
    buffer: String,
    /// How long the oldest waits.
    oldest: String,
    agents: String,
    clock: String,
    version: String,
    certificate: Option<Certificate>,
}

#[derive(Template)]
#[template(path = "gateways/list.html")]
struct ListPage {
    l: Layout,
    meta: String,
    rows: Vec<Row>,
    can_edit: bool,
    /// Whether gateways may come without a certificate.
    without: bool,
}

/// `GET /gateways`.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let mut all = app.fleet.list(actor, organization).await.map_err(|problem| visitor.failure(problem))?;
    let without = app.fleet.without_certificate(actor, organization).await;
    let without = without.map_err(|problem| visitor.failure(problem))?;
    all.sort_by_cached_key(|gateway| fold(gateway.name.as_str()));
    let seen = app.presence.list(actor, organization).map_err(|problem| visitor.failure(problem))?;
    let seen: HashMap<GatewayId, &Seen> = seen.iter().map(|seen| (seen.peer.gateway, seen)).collect();
    let now = app.clock.now();
    let row = |gateway: &Gateway| Row::new(&visitor, gateway, seen.get(&gateway.id).copied(), now);
    let heard = |gateway: &Gateway| Heard::of(Standing::of(gateway, now), seen.get(&gateway.id).copied());
    let silent = all.iter().filter(|gateway| heard(gateway) == Heard::Silent).count();
    let shown = ListPage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, ""),
        meta: meta(&visitor, &all, silent),
        rows: all.iter().map(row).collect(),
        can_edit: may_edit(&visitor),
        without,
    };
    Ok(page(&shown).into_response())
}

fn meta(visitor: &Visitor, all: &[Gateway], silent: usize) -> String {
    let texts = visitor.texts;
    let count = |state| all.iter().filter(|gateway| gateway.state == state).count();
    let active = texts.count("gateways-count-active", count(GatewayState::Active).saturating_sub(silent));
    let others = [
        (silent, "gateways-count-silent"),
        (count(GatewayState::Invited), "gateways-count-invited"),
        (count(GatewayState::Suspended), "gateways-count-suspended"),
    ];
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    let words = std::iter::once(active).chain(others.map(|(count, key)| texts.count(key, count)));
    if all.is_empty() { String::new() } else { words.collect::<Vec<_>>().join(" \u{b7} ") }
}

impl Row {
    fn new(visitor: &Visitor, gateway: &Gateway, seen: Option<&Seen>, now: Timestamp) -> Self {
        let (texts, zone) = (visitor.texts, &visitor.zone);
        let (standing, enrolled) = (Standing::of(gateway, now), gateway.enrolled.as_ref());
        let certificate = enrolled.filter(|_| gateway.state != GatewayState::Revoked);
        let heard = Heard::of(standing, seen);
        let (light, state) = match (standing, heard) {
            (Standing::Active, Heard::Silent) => {
                let age = seen.map_or(0, |seen| secs_between(seen.last_contact, now));
                (heard.light(), texts.with("gateways-silent", [("age", texts.age(age).into())]))
            }
            (Standing::Active, Heard::Never) => (heard.light(), texts.t("gateways-not-heard")),
            (Standing::Active, _) => (heard.light(), standing.word(texts)),
            _ => (standing.light(), standing.word(texts)),
        };
        let spool = seen.and_then(|seen| seen.beat.as_ref()).map(|(_, beat)| &beat.spool);
        let waits = spool.filter(|spool| spool.batches > 0);
        let agents = seen.filter(|seen| !seen.agents.is_empty());
        let told = seen.map(|seen| seen.version.as_str()).filter(|version| !version.is_empty());
        let version = told.or(enrolled.map(|enrolled| enrolled.version.as_str())).unwrap_or_default();
        Self {
            href: format!("/gateways/{}", gateway.id),
            label: gateway.name.to_string(),
            host: enrolled.map(|enrolled| enrolled.host.clone()).unwrap_or_default(),
            light,
            state,
            contact: seen.map(|seen| when(visitor, seen.last_contact, now)).unwrap_or_default(),
            buffer_light: spool.map_or("off", |spool| buffer_light(spool, heard)),
            buffer: spool.map(|spool| buffer_words(texts, spool)).unwrap_or_default(),
            oldest: waits.map(|spool| texts.age(spool.oldest_secs)).unwrap_or_default(),
            agents: agents
                .map(|seen| {
                    let counts = [("online", seen.agents_online().into()), ("all", seen.agents.len().into())];
                    // Of those behind a silent gateway only their number is known.
                    match heard.is_heard() {
                        true => texts.with("gateways-agents-short", counts),
                        false => texts.number(seen.agents.len() as u64),
                    }
                })
                .unwrap_or_default(),
            clock: seen
                .filter(|seen| is_wrong(seen.ahead_secs))
                .map(|seen| clock_words(texts, seen.ahead_secs))
                .unwrap_or_default(),
            version: version.to_owned(),
            certificate: certificate.map(|enrolled| Certificate::new(texts, zone, enrolled, now)),
        }
    }
}
