//! A gateway: how it stands, its certificate, and what can be done about it.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::certificate::Certificate;
use super::find;
use super::may_edit;
use super::standing::Standing;
use super::standing::waits;
use crate::fleet::Gateway;
use crate::fleet::GatewayState;
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

struct Fact {
    name: String,
    value: String,
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
    href: String,
    title: String,
    meta: String,
    light: &'static str,
    state: String,
    sentence: String,
    /// Another box is invited in its place.
    replacing: String,
    facts: Vec<Fact>,
    certificate: Option<Certificate>,
    certificate_text: String,
    can_edit: bool,
    actions: Vec<Action>,
}

/// `GET /gateways/ID`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let gateway = find(&app, &visitor, id).await?;
    Ok(page(&OnePage::new(&visitor, &gateway, app.clock.now())).into_response())
}

impl OnePage {
    fn new(visitor: &Visitor, gateway: &Gateway, now: Timestamp) -> Self {
        let (texts, zone) = (visitor.texts, &visitor.zone);
        let (standing, title) = (Standing::of(gateway, now), gateway.name.to_string());
        let enrolled = gateway.enrolled.as_ref().filter(|_| gateway.state != GatewayState::Revoked);
        let certificate = enrolled.map(|enrolled| Certificate::new(texts, zone, enrolled, now));
        let replacing = waits(gateway, now).filter(|_| gateway.state != GatewayState::Invited);
        let href = format!("/gateways/{}", gateway.id);
        let can_edit = may_edit(visitor);
        Self {
            l: Layout::new(&visitor.viewer(), Section::Gateways, &title),
            title,
            meta: meta(texts, gateway),
            light: standing.light(),
            state: standing.word(texts),
            sentence: standing.sentence(texts, zone, gateway),
            replacing: replacing.map_or_else(String::new, |until| {
                texts.with("gateways-replacing", [("time", texts.moment(zone, until).into())])
            }),
            facts: facts(visitor, gateway),
            certificate_text: match &certificate {
                Some(certificate) => certificate_text(texts, gateway, certificate),
                None => texts.t("gateways-certificate-none"),
            },
            certificate,
            can_edit,
            actions: if can_edit { actions(texts, gateway, &href) } else { Vec::new() },
            href,
        }
    }
}

fn meta(texts: Texts, gateway: &Gateway) -> String {
    match &gateway.enrolled {
        None => texts.t("gateways-meta-none"),
        Some(enrolled) => {
            let words = [("host", enrolled.host.as_str().into()), ("version", enrolled.version.as_str().into())];
            texts.with("gateways-meta-on", words)
        }
    }
}

fn facts(visitor: &Visitor, gateway: &Gateway) -> Vec<Fact> {
    let texts = visitor.texts;
    let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
    let moment = |at| texts.moment(&visitor.zone, at);
    let mut facts = vec![fact("gateways-added", moment(gateway.created_at))];
    if let Some(enrolled) = &gateway.enrolled {
        facts.extend([
            fact("gateways-joined", moment(enrolled.at)),
            fact("gateways-host", enrolled.host.clone()),
            fact("plain-version", enrolled.version.clone()),
        ]);
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
