//! A gate as a form, and the question before one is removed.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::devices::DevicesError;
use crate::devices::Gate;
use crate::devices::GateInput;
use crate::devices::Passing;
use crate::kernel::GateId;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::devices::gates;
use crate::web::pages::devices::require_editor;
use crate::web::pages::question::Question;
use crate::web::pages::question::ask;
use crate::web::refused;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    passing: String,
    debounce_secs: String,
    opens_from_afar: String,
}

struct Way {
    value: &'static str,
    title: String,
    text: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "gates/form.html")]
struct FormPage {
    l: Layout,
    title: String,
    typed: Typed,
    ways: Vec<Way>,
    problems: Problems,
    action: String,
    submit: String,
    /// Where it is removed; empty for a new one and for one at which devices stand.
    remove: String,
    /// How many devices stand at it.
    in_use: String,
}

impl Typed {
    fn input(&self) -> GateInput {
        GateInput {
            name: self.name.clone(),
            passing: Passing::parse(&self.passing).unwrap_or_default(),
            // What is no number is refused as one that is too large.
            debounce_secs: self.debounce_secs.trim().parse().unwrap_or(u32::MAX),
            opens_from_afar: !self.opens_from_afar.is_empty(),
        }
    }
}

async fn find(app: &App, visitor: &Visitor, id: GateId) -> Result<Gate, PageFailure> {
    let found = gates(app, visitor).await?.remove(&id);
    found.ok_or_else(|| visitor.failure(DevicesError::UnknownGate(id)))
}

/// `GET /gates/new`.
pub(super) async fn new(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let debounce_secs = crate::web::pages::devices::DEBOUNCE_SECS.to_string();
    let typed = Typed { debounce_secs, ..Typed::default() };
    Ok(page(&form(&app, &visitor, None, typed, Problems::none()).await?).into_response())
}

/// `POST /gates/new`.
pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    match app.devices.add_gate(visitor.actor(), visitor.organization_id(), typed.input()).await {
        Ok(gate) => Ok(done("/gates", "done-saved", gate.name.as_str())),
        Err(problem) => refuse(&app, &visitor, None, typed, problem).await,
    }
}

/// `GET /gates/ID`.
pub(super) async fn edit(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GateId>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let gate = find(&app, &visitor, id).await?;
    let typed = Typed {
        name: gate.name.to_string(),
        passing: gate.passing.name().to_owned(),
        debounce_secs: gate.debounce_secs.to_string(),
        opens_from_afar: if gate.opens_from_afar { "1".to_owned() } else { String::new() },
    };
    Ok(page(&form(&app, &visitor, Some(&gate), typed, Problems::none()).await?).into_response())
}

/// `POST /gates/ID`.
pub(super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GateId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let gate = find(&app, &visitor, id).await?;
    match app.devices.change_gate(visitor.actor(), visitor.organization_id(), id, typed.input()).await {
        Ok(changed) => Ok(done("/gates", "done-saved", changed.name.as_str())),
        Err(problem) => refuse(&app, &visitor, Some(&gate), typed, problem).await,
    }
}

/// `GET /gates/ID/remove`.
pub(super) async fn ask_remove(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GateId>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let gate = find(&app, &visitor, id).await?;
    let standing = standing_at(&app, &visitor, id).await?;
    if standing > 0 {
        return Err(visitor.failure(DevicesError::GateInUse(standing)));
    }
    let texts = visitor.texts;
    let question = Question {
        title: texts.with("gates-remove-title", [("name", gate.name.as_str().into())]),
        consequences: vec![texts.t("gates-remove-text")],
        action: format!("/gates/{id}/remove"),
        danger: texts.t("gates-remove-do"),
        safe_href: format!("/gates/{id}"),
    };
    Ok(ask(&visitor, Section::Devices, question))
}

/// `POST /gates/ID/remove`.
pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<GateId>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let gate = find(&app, &visitor, id).await?;
    let removed = app.devices.remove_gate(visitor.actor(), visitor.organization_id(), id).await;
    removed.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/gates", "done-deleted", gate.name.as_str()))
}

async fn standing_at(app: &App, visitor: &Visitor, id: GateId) -> Result<usize, PageFailure> {
    let devices = app.devices.list(visitor.actor(), visitor.organization_id()).await;
    let devices = devices.map_err(|problem| visitor.failure(problem))?;
    Ok(devices.iter().filter(|device| device.doors.iter().any(|door| door.gate == Some(id))).count())
}

async fn refuse(
    app: &App,
    visitor: &Visitor,
    gate: Option<&Gate>,
    typed: Typed,
    problem: DevicesError,
) -> Result<Response, PageFailure> {
    let problems = Problems::refused(problem.into(), visitor.texts, "name");
    let problems = problems.map_err(|failure| visitor.failure(failure))?;
    Ok(refused(&form(app, visitor, gate, typed, problems).await?).into_response())
}

async fn form(
    app: &App,
    visitor: &Visitor,
    gate: Option<&Gate>,
    typed: Typed,
    problems: Problems,
) -> Result<FormPage, PageFailure> {
    let texts = visitor.texts;
    let in_use = match gate {
        Some(gate) => standing_at(app, visitor, gate.id).await?,
        None => 0,
    };
    let chosen = Passing::parse(&typed.passing).unwrap_or_default();
    let way = |passing: Passing| {
        let key = format!("gates-passing-{}", passing.name().replace('_', "-"));
        Way {
            value: passing.name(),
            title: texts.t(&key),
            text: texts.t(&format!("{key}-text")),
            chosen: passing == chosen,
        }
    };
    let title = gate.map_or_else(|| texts.t("gates-add"), |gate| gate.name.to_string());
    let gates = Crumb { href: "/gates".to_owned(), label: texts.t("gates-title") };
    Ok(FormPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &title).through([gates]),
        title,
        ways: Passing::ALL.map(way).into(),
        action: gate.map_or_else(|| "/gates/new".to_owned(), |gate| format!("/gates/{}", gate.id)),
        submit: texts.t(if gate.is_some() { "action-save" } else { "gates-add" }),
        remove: gate.filter(|_| in_use == 0).map(|gate| format!("/gates/{}/remove", gate.id)).unwrap_or_default(),
        in_use: if in_use > 0 { texts.count("gates-in-use", in_use) } else { String::new() },
        typed,
        problems,
    })
}
