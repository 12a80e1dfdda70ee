//! All gateways of an organization, and what it decided for all of them.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::certificate::Certificate;
use super::may_edit;
use super::standing::Standing;
use crate::fleet::Gateway;
use crate::fleet::GatewayState;
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
    version: String,
    joined: String,
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
    let now = app.clock.now();
    let shown = ListPage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, ""),
        meta: meta(&visitor, &all),
        rows: all.iter().map(|gateway| Row::new(&visitor, gateway, now)).collect(),
        can_edit: may_edit(&visitor),
        without,
    };
    Ok(page(&shown).into_response())
}

fn meta(visitor: &Visitor, all: &[Gateway]) -> String {
    let texts = visitor.texts;
    let count = |state| all.iter().filter(|gateway| gateway.state == state).count();
    let active = texts.count("gateways-count-active", count(GatewayState::Active));
    let others =
        [(GatewayState::Invited, "gateways-count-invited"), (GatewayState::Suspended, "gateways-count-suspended")];
    let others = others.map(|(state, key)| (count(state), key)).into_iter().filter(|(count, _)| *count > 0);
    let words = std::iter::once(active).chain(others.map(|(count, key)| texts.count(key, count)));
    if all.is_empty() { String::new() } else { words.collect::<Vec<_>>().join(" \u{b7} ") }
}

impl Row {
    fn new(visitor: &Visitor, gateway: &Gateway, now: Timestamp) -> Self {
        let (texts, zone) = (visitor.texts, &visitor.zone);
        let (standing, enrolled) = (Standing::of(gateway, now), gateway.enrolled.as_ref());
        let certificate = enrolled.filter(|_| gateway.state != GatewayState::Revoked);
        Self {
            href: format!("/gateways/{}", gateway.id),
            label: gateway.name.to_string(),
            host: enrolled.map(|enrolled| enrolled.host.clone()).unwrap_or_default(),
            light: standing.light(),
            state: standing.word(texts),
            version: enrolled.map(|enrolled| enrolled.version.clone()).unwrap_or_default(),
            joined: enrolled.map(|enrolled| texts.day_year(zone.day_of(enrolled.at))).unwrap_or_default(),
            certificate: certificate.map(|enrolled| Certificate::new(texts, zone, enrolled, now)),
        }
    }
}
