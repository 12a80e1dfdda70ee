//! All gates of an organization.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::devices::Gate;
use crate::kernel::fold;
use crate::web::App;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::access_groups;
use crate::web::pages::devices::may_edit;

struct Row {
    href: String,
    label: String,
    passing: String,
    debounce: String,
    opens: bool,
    devices: Vec<Crumb>,
    passes_href: String,
}

#[derive(Template)]
#[template(path = "gates/list.html")]
struct ListPage {
    l: Layout,
    rows: Vec<Row>,
    can_edit: bool,
    decides: bool,
    meta: String,
}

/// `GET /gates`.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    let (actor, organization, texts) = (visitor.actor(), visitor.organization_id(), visitor.texts);
    let gates = app.devices.gates(actor, organization).await.map_err(|problem| visitor.failure(problem))?;
    let devices = app.devices.list(actor, organization).await.map_err(|problem| visitor.failure(problem))?;
    let mut gates: Vec<Gate> = gates;
    gates.sort_by_cached_key(|gate| fold(gate.name.as_str()));
    let row = |gate: &Gate| Row {
        href: format!("/gates/{}", gate.id),
        label: gate.name.to_string(),
        passing: texts.t(&format!("gates-passing-{}", gate.passing.name().replace('_', "-"))),
        debounce: match gate.debounce_secs {
            0 => texts.t("none"),
            secs => texts.age(u64::from(secs)),
        },
        opens: gate.opens_from_afar,
        devices: devices
            .iter()
            .filter(|device| device.doors.iter().any(|door| door.gate == Some(gate.id)))
            .map(|device| Crumb { href: format!("/devices/{}", device.id), label: device.name.to_string() })
            .collect(),
        passes_href: format!("/doors?gate={}", gate.id),
    };
    let title = texts.t("gates-title");
    let shown = ListPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &title),
        meta: if gates.is_empty() { String::new() } else { texts.count("gates-count", gates.len()) },
        rows: gates.iter().map(row).collect(),
        can_edit: may_edit(&visitor),
        decides: access_groups::may_decide(&visitor),
    };
    Ok(page(&shown).into_response())
}
