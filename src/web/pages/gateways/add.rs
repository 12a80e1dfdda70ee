//! Tokens are made here: for a new gateway, and for another box in the place of one.

use std::net::IpAddr;
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::Form;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::uri::Authority;

use super::find_to_change;
use super::require_editor;
use super::token;
use crate::fleet::FleetError;
use crate::fleet::Gateway;
use crate::fleet::GatewayState;
use crate::fleet::server_address;
use crate::identity::DisplayName;
use crate::kernel::GatewayId;
use crate::web::App;
use crate::web::At;
use crate::web::Choice;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::http::Channel;
use crate::web::page;
use crate::web::refused;

/// For how many hours a token may wait, and the words for it; the first is the usual choice.
const WAITS: [(u64, &str); 3] = [(24, "gateways-wait-day"), (1, "gateways-wait-hour"), (168, "gateways-wait-week")];

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    server: String,
    hours: String,
}

#[derive(Template)]
#[template(path = "gateways/form.html")]
struct FormPage {
    l: Layout,
    title: String,
    meta: String,
    /// What replacing a box means; nothing for a new gateway.
    consequences: Vec<String>,
    asks_name: bool,
    typed: Typed,
    waits: Vec<Choice>,
    problems: Problems,
    submit: String,
    action: String,
    back: String,
}

type Through = Option<Extension<Channel>>;

/// `GET /gateways/new`.
pub(super) async fn form(State(app): State<App>, visitor: Visitor, through: Through) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let typed = Typed { server: own_address(&app, &visitor, through), ..Typed::default() };
    Ok(page(&new_page(&visitor, typed, Problems::none())).into_response())
}

/// `POST /gateways/new`.
pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let texts = visitor.texts;
    let mut problems = Problems::none();
    let name = problems.take("name", texts, DisplayName::parse(&typed.name).map_err(FleetError::from));
    let server = problems.take("server", texts, server_address(&typed.server));
    let (Some(name), Some(server)) = (name, server) else {
        return Ok(refused(&new_page(&visitor, typed, problems)).into_response());
    };
    let invited = app.fleet.invite(visitor.actor(), visitor.organization_id(), name, typed.wait()).await;
    match invited.and_then(|invitation| token::show(&app, &visitor, &server, &invitation)) {
        Ok(shown) => Ok(shown),
        Err(problem) => {
            let problems = Problems::refused(problem.into(), texts, "name");
            let problems = problems.map_err(|failure| visitor.failure(failure))?;
            Ok(refused(&new_page(&visitor, typed, problems)).into_response())
        }
    }
}

/// `GET /gateways/ID/replace`.
pub(super) async fn other_box(
    State(app): State<App>,
    visitor: Visitor,
    through: Through,
    At(id): At<GatewayId>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    let typed = Typed { server: own_address(&app, &visitor, through), ..Typed::default() };
    Ok(page(&replace_page(&visitor, &gateway, typed, Problems::none())).into_response())
}

/// `POST /gateways/ID/replace`.
pub(super) async fn replace(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GatewayId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    let gateway = find_to_change(&app, &visitor, id).await?;
    let mut problems = Problems::none();
    let Some(server) = problems.take("server", visitor.texts, server_address(&typed.server)) else {
        return Ok(refused(&replace_page(&visitor, &gateway, typed, problems)).into_response());
    };
    let invited = app.fleet.replace(visitor.actor(), visitor.organization_id(), id, typed.wait()).await;
    let shown = invited.and_then(|invitation| token::show(&app, &visitor, &server, &invitation));
    shown.map_err(|problem| visitor.failure(problem))
}

impl Typed {
    fn hours(&self) -> u64 {
        let [usual, ..] = WAITS;
        self.hours.parse().ok().filter(|hours| WAITS.iter().any(|(known, _)| known == hours)).unwrap_or(usual.0)
    }

    fn wait(&self) -> Duration {
        Duration::from_secs(self.hours() * 3_600)
    }
}

fn new_page(visitor: &Visitor, typed: Typed, problems: Problems) -> FormPage {
    let texts = visitor.texts;
    let title = texts.t("gateways-add");
    FormPage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, &title),
        title,
        meta: texts.t("gateways-add-meta"),
        consequences: Vec::new(),
        asks_name: true,
        waits: waits(visitor, &typed),
        typed,
        problems,
        submit: texts.t("gateways-make-token"),
        action: "/gateways/new".to_owned(),
        back: "/gateways".to_owned(),
    }
}

fn replace_page(visitor: &Visitor, gateway: &Gateway, typed: Typed, problems: Problems) -> FormPage {
    let texts = visitor.texts;
    let kind = match gateway.state {
        GatewayState::Invited => "again",
        GatewayState::Revoked => "after-revoke",
        GatewayState::Active | GatewayState::Suspended => "replace",
    };
    let title = texts.with(&format!("gateways-{kind}-title"), [("name", gateway.name.as_str().into())]);
    let href = format!("/gateways/{}", gateway.id);
    FormPage {
        l: Layout::new(&visitor.viewer(), Section::Gateways, &title),
        title,
        meta: String::new(),
        consequences: ["", "-next"].map(|part| texts.t(&format!("gateways-{kind}-text{part}"))).into(),
        asks_name: false,
        waits: waits(visitor, &typed),
        typed,
        problems,
        submit: texts.t("gateways-make-token"),
        action: format!("{href}/replace"),
        back: href,
    }
}

fn waits(visitor: &Visitor, typed: &Typed) -> Vec<Choice> {
    let chosen = typed.hours().to_string();
    let mut all = WAITS;
    all.sort_unstable();
    all.map(|(hours, key)| Choice::new(&hours.to_string(), visitor.texts.t(key), &chosen)).into()
}

/// Where a box may find this appliance: as the browser found it, unless that is a way that only this machine has.
fn own_address(app: &App, visitor: &Visitor, through: Through) -> String {
    let plain = matches!(through, Some(Extension(Channel::Plain)));
    match app.about.address() {
        Some(address) if plain || is_here(visitor.host()) => address.to_owned(),
        _ => format!("https://{}", visitor.host()),
    }
}

fn is_here(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return true };
    let name = authority.host().trim_matches(['[', ']']);
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn what_only_this_machine_calls_itself_is_of_no_use_to_a_box() {
        for here in ["localhost:8443", "127.0.0.1:8080", "[::1]:8443", "0.0.0.0:8443"] {
            assert!(is_here(here), "{here}");
        }
        for there in ["nazorat.example.com", "192.0.2.7:8443", "[2001:db8::7]:8443"] {
            assert!(!is_here(there), "{there}");
        }
    }
}
