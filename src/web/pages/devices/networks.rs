//! In which networks devices may be beside private ones.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::require_editor;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::refused;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    networks: String,
}

#[derive(Template)]
#[template(path = "devices/networks.html")]
struct NetworksPage {
    l: Layout,
    title: String,
    typed: String,
    problems: Problems,
}

/// `GET /devices/networks`.
pub(super) async fn form(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let networks = app.devices.networks(visitor.actor(), visitor.organization_id()).await;
    let networks = networks.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown(&visitor, networks.join("\n"), Problems::none())).into_response())
}

/// `POST /devices/networks`.
pub(super) async fn decide(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let parts = typed.networks.split([',', ';', '\n', '\r', ' ']).map(str::trim);
    let wanted = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    match app.devices.set_networks(visitor.actor(), visitor.organization_id(), wanted).await {
        Ok(_) => Ok(done("/devices", "done-networks", "")),
        Err(problem) => {
            let wrong = match &problem {
                crate::devices::DevicesError::Address(crate::adapters::AddressError::Network(text)) => text.clone(),
                _ => String::new(),
            };
            let problems = Problems::refused(problem.into(), visitor.texts, "networks");
            let mut problems = problems.map_err(|failure| visitor.failure(failure))?;
            if !wrong.is_empty() {
                problems = Problems::none();
                problems.add("networks", visitor.texts.with("devices-network-wrong", [("text", wrong.into())]));
            }
            Ok(refused(&shown(&visitor, typed.networks, problems)).into_response())
        }
    }
}

fn shown(visitor: &Visitor, typed: String, problems: Problems) -> NetworksPage {
    let title = visitor.texts.t("devices-networks");
    NetworksPage { l: Layout::new(&visitor.viewer(), Section::Devices, &title), title, typed, problems }
}
