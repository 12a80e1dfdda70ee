//! The page that shows a token, once: as a word, as a command, as a square for a phone, and what happens then.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::find_to_change;
use super::qr::Qr;
use super::standing::waits;
use crate::fleet::FleetError;
use crate::fleet::Gateway;
use crate::fleet::GatewayState;
use crate::fleet::Invitation;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::At;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;

#[derive(Template)]
#[template(path = "gateways/token.html")]
struct TokenPage {
    l: Layout,
    title: String,
    meta: String,
    token: String,
    command: String,
    qr: Option<Qr>,
    until: String,
    server: String,
    fingerprint: String,
    href: String,
    joining: Joining,
}

/// Whether the box has come already.
struct Joining {
    href: String,
    banner: &'static str,
    light: &'static str,
    title: String,
    text: String,
    link: String,
    link_href: String,
}

#[derive(Template)]
#[template(path = "gateways/joining.html")]
struct JoiningPart {
    joining: Joining,
}

/// The only page with this token.
pub(super) fn show(
    app: &App,
    visitor: &Visitor,
    server: &str,
    invitation: &Invitation,
) -> Result<Response, FleetError> {
    let (texts, gateway) = (visitor.texts, &invitation.gateway);
    let fingerprint = app.about.fingerprint();
    let token = invitation.token(server, fingerprint)?;
    let title = gateway.name.to_string();
    let until = texts.moment(&visitor.zone, invitation.until);
    Ok(page(&TokenPage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, &title),
        title,
        meta: texts.with("gateways-token-meta", [("time", until.as_str().into())]),
        command: format!("nazorat gateway --join {token}"),
        qr: Qr::of(&token),
        token,
        until,
        server: server.to_owned(),
        fingerprint: fingerprint.unwrap_or_default().to_owned(),
        href: format!("/gateways/{}", gateway.id),
        joining: Joining::new(visitor, gateway, invitation.until, app.clock.now()),
    })
    .into_response())
}

/// Which of a gateway's tokens a page shows.
#[derive(serde::Deserialize)]
pub(super) struct Asked {
    until: Timestamp,
}

/// The line of that page that changes when the box has joined.
pub(super) async fn joining(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    let joining = Joining::new(&visitor, &gateway, asked.until, app.clock.now());
    Ok(page(&JoiningPart { joining }).into_response())
}

impl Joining {
    fn new(visitor: &Visitor, gateway: &Gateway, until: Timestamp, now: Timestamp) -> Self {
        let (texts, zone) = (visitor.texts, &visitor.zone);
        let (name, light, banner) = match (gateway.invited_until, gateway.state) {
            (Some(waiting), _) if waiting != until => ("other", "off", "nz-banner-info"),
            (Some(_), _) if waits(gateway, now).is_some() => ("waits", "way", "nz-banner-info"),
            (Some(_), _) => ("missed", "look", ""),
            (None, GatewayState::Active) => ("done", "ok", "nz-banner-ok"),
            (None, _) => ("other", "off", "nz-banner-info"),
        };
        let done = name == "done";
        let enrolled = gateway.enrolled.as_ref().filter(|_| done);
        let at = enrolled.map_or(until, |enrolled| enrolled.at);
        let host = enrolled.map(|enrolled| enrolled.host.clone()).unwrap_or_default();
        let facts = [("host", host.into()), ("time", texts.moment(zone, at).into())];
        Self {
            href: format!("/gateways/{}/joining?until={until}", gateway.id),
            banner,
            light,
            title: texts.t(&format!("gateways-joining-{name}")),
            text: texts.with(&format!("gateways-joining-{name}-text"), facts),
            link: if done { texts.t("gateways-joining-open") } else { String::new() },
            link_href: format!("/gateways/{}", gateway.id),
        }
    }
}
