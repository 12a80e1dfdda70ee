//! An access group as a form that says what it means while it is filled in, and the question before one is removed.

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::crumb;
use super::people;
use super::require;
use super::typed::Typed;
use super::words::Meaning;
use crate::devices::AccessGroup;
use crate::devices::Device;
use crate::devices::DevicesError;
use crate::devices::Gate;
use crate::kernel::AccessGroupId;
use crate::kernel::EmployeeId;
use crate::kernel::PageRequest;
use crate::kernel::fold;
use crate::people::EmployeeFilter;
use crate::people::EmployeeView;
use crate::people::State as Working;
use crate::people::View;
use crate::web::App;
use crate::web::At;
use crate::web::Choice;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::devices::gates;
use crate::web::pages::question::Question;
use crate::web::pages::question::ask;
use crate::web::refused;

/// So many people are offered at once; more of a name finds the others.
const OFFERED: usize = 50;

/// Somebody or something to tick.
struct Pick {
    value: String,
    label: String,
    below: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "access_groups/form.html")]
struct FormPage {
    l: Layout,
    title: String,
    action: String,
    submit: String,
    typed: Typed,
    departments: Vec<Choice>,
    /// Who is picked, those that were found aside.
    picked: Vec<Pick>,
    found: Vec<Pick>,
    /// What to say of those who were found.
    found_words: String,
    gates: Vec<Pick>,
    meaning: Meaning,
    problems: Problems,
    /// Where it is removed; empty for a new one.
    remove: String,
}

/// What a new group begins with.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    everybody: String,
    employee: Option<EmployeeId>,
}

/// `GET /access-groups/new`; `?everybody=1` is filled in so that everybody may pass everywhere.
pub(super) async fn new(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    require(&visitor)?;
    let typed = match asked.everybody.is_empty() {
        false => Typed {
            name: visitor.texts.t("access-groups-everybody-name"),
            everyone: true,
            all_gates: true,
            ..Typed::default()
        },
        true => Typed { employees: asked.employee.into_iter().collect(), ..Typed::default() },
    };
    Ok(page(&form(&app, &visitor, None, typed, Problems::none()).await?).into_response())
}

/// `POST /access-groups/new`: makes it, or only looks at what it would mean.
pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageFailure> {
    require(&visitor)?;
    let typed = Typed::read(pairs);
    if !typed.saves {
        return Ok(page(&form(&app, &visitor, None, typed, Problems::none()).await?).into_response());
    }
    match app.devices.add_access_group(visitor.actor(), visitor.organization_id(), typed.input()).await {
        Ok(group) => Ok(done("/access-groups", "done-saved", group.name.as_str())),
        Err(problem) => refuse(&app, &visitor, None, typed, problem).await,
    }
}

/// `GET /access-groups/ID`.
pub(super) async fn edit(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<AccessGroupId>,
) -> Result<Response, PageFailure> {
    let group = find(&app, &visitor, id).await?;
    let typed = Typed::of(&group);
    Ok(page(&form(&app, &visitor, Some(&group), typed, Problems::none()).await?).into_response())
}

/// `POST /access-groups/ID`: changes it, or only looks at what that would mean.
pub(super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<AccessGroupId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageFailure> {
    let group = find(&app, &visitor, id).await?;
    let typed = Typed::read(pairs);
    if !typed.saves {
        return Ok(page(&form(&app, &visitor, Some(&group), typed, Problems::none()).await?).into_response());
    }
    match app.devices.change_access_group(visitor.actor(), visitor.organization_id(), id, typed.input()).await {
        Ok(changed) => Ok(done("/access-groups", "done-saved", changed.name.as_str())),
        Err(problem) => refuse(&app, &visitor, Some(&group), typed, problem).await,
    }
}

/// `GET /access-groups/ID/remove`.
pub(super) async fn ask_remove(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<AccessGroupId>,
) -> Result<Response, PageFailure> {
    let removal = app.devices.removal_of(visitor.actor(), visitor.organization_id(), id).await;
    let removal = removal.map_err(|problem| visitor.failure(problem))?;
    let texts = visitor.texts;
    let mut consequences = vec![match removal.people {
        0 => texts.t("access-groups-remove-nobody"),
        people => texts.count("access-groups-remove-people", people),
    }];
    if !removal.left.is_empty() {
        let names = removal.left.iter().map(|gate| gate.name.as_str()).collect::<Vec<_>>().join(", ");
        consequences.push(texts.with("access-groups-remove-left", [("gates", names.into())]));
    }
    let question = Question {
        title: texts.with("access-groups-remove-title", [("name", removal.group.name.as_str().into())]),
        consequences,
        action: format!("/access-groups/{id}/remove"),
        danger: texts.t("access-groups-remove-do"),
        safe_href: format!("/access-groups/{id}"),
    };
    Ok(ask(&visitor, Section::Devices, question))
}

/// `POST /access-groups/ID/remove`.
pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<AccessGroupId>,
) -> Result<Response, PageFailure> {
    let group = find(&app, &visitor, id).await?;
    let removed = app.devices.remove_access_group(visitor.actor(), visitor.organization_id(), id).await;
    removed.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/access-groups", "done-deleted", group.name.as_str()))
}

async fn find(app: &App, visitor: &Visitor, id: AccessGroupId) -> Result<AccessGroup, PageFailure> {
    let found = app.devices.access_group(visitor.actor(), visitor.organization_id(), id).await;
    found.map_err(|problem| visitor.failure(problem))
}

async fn refuse(
    app: &App,
    visitor: &Visitor,
    group: Option<&AccessGroup>,
    typed: Typed,
    problem: DevicesError,
) -> Result<Response, PageFailure> {
    let problems = Problems::refused(problem.into(), visitor.texts, "name");
    let problems = problems.map_err(|failure| visitor.failure(failure))?;
    Ok(refused(&form(app, visitor, group, typed, problems).await?).into_response())
}

async fn form(
    app: &App,
    visitor: &Visitor,
    group: Option<&AccessGroup>,
    typed: Typed,
    problems: Problems,
) -> Result<FormPage, PageFailure> {
    let (actor, organization, texts) = (visitor.actor(), visitor.organization_id(), visitor.texts);
    let view = people(app, visitor).await?;
    let effects = app.devices.effects(actor, organization, &[typed.input()]).await;
    let effect = effects.map_err(|problem| visitor.failure(problem))?.pop().unwrap_or_default();
    let (found, found_words) = found(texts, &view, &typed).map_err(|problem| visitor.failure(problem))?;
    let title = group.map_or_else(|| texts.t("access-groups-add"), |group| group.name.to_string());
    let own = group.map(|group| format!("/access-groups/{}", group.id));
    let devices = app.devices.list(actor, organization).await.map_err(|problem| visitor.failure(problem))?;
    let mut gates: Vec<Gate> = gates(app, visitor).await?.into_values().collect();
    gates.sort_by_cached_key(|gate| fold(gate.name.as_str()));
    Ok(FormPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &title).through([crumb(visitor)]),
        title,
        departments: departments(&view, &typed),
        picked: picked(texts, &view, &typed, &found),
        found,
        found_words,
        gates: gates.iter().map(|gate| gate_pick(texts, gate, &devices, &typed)).collect(),
        meaning: Meaning::new(texts, effect),
        problems,
        remove: own.as_ref().map(|own| format!("{own}/remove")).unwrap_or_default(),
        submit: texts.t(if group.is_some() { "action-save" } else { "access-groups-make" }),
        action: own.unwrap_or_else(|| "/access-groups/new".to_owned()),
        typed,
    })
}

/// The departments in the order of the tree. Those out of use are offered only where they are picked already.
fn departments(view: &View, typed: &Typed) -> Vec<Choice> {
    let all = view.departments().into_iter().filter_map(|(department, depth)| {
        let chosen = typed.departments.contains(&department.id);
        let label = format!("{}{}", "\u{2003}".repeat(depth), department.name);
        let offered = chosen || department.state == Working::Active;
        offered.then(|| Choice { value: department.id.to_string(), label, chosen })
    });
    all.collect()
}

/// Whom the typed words find, and how many more there are.
fn found(texts: Texts, view: &View, typed: &Typed) -> Result<(Vec<Pick>, String), crate::people::PeopleError> {
    if typed.q.is_empty() {
        return Ok((Vec::new(), String::new()));
    }
    let state = Some(Working::Active);
    let filter = EmployeeFilter { text: typed.q.clone(), state, ..EmployeeFilter::default() };
    let all = view.count_employees(&filter)?;
    let some = view.employees(&filter, &PageRequest { limit: OFFERED, after: None })?.items;
    let words = match (some.len(), all) {
        (0, _) => texts.with("nothing-found-for", [("query", typed.q.as_str().into())]),
        (shown, all) if all > shown as u64 => {
            texts.with("access-groups-found-some", [("shown", shown.into()), ("all", texts.number(all).into())])
        }
        (shown, _) => texts.count("access-groups-found", shown),
    };
    Ok((some.iter().map(|one| person(texts, one, typed)).collect(), words))
}

fn picked(texts: Texts, view: &View, typed: &Typed, found: &[Pick]) -> Vec<Pick> {
    let known = typed.employees.iter().filter_map(|id| view.employee(*id).ok());
    let mut picked: Vec<Pick> = known.map(|one| person(texts, &one, typed)).collect();
    picked.retain(|pick| !found.iter().any(|other| other.value == pick.value));
    picked.sort_by_cached_key(|pick| fold(&pick.label));
    picked
}

fn person(texts: Texts, employee: &EmployeeView, typed: &Typed) -> Pick {
    let department = employee.department_name.clone().unwrap_or_default();
    let gone = if employee.state == Working::Active { String::new() } else { texts.t("people-inactive") };
    let below = [employee.position.clone(), department, gone].into_iter().filter(|part| !part.is_empty());
    Pick {
        value: employee.id.to_string(),
        label: employee.surname_first(),
        below: below.collect::<Vec<_>>().join(" \u{b7} "),
        chosen: typed.employees.contains(&employee.id),
    }
}

fn gate_pick(texts: Texts, gate: &Gate, devices: &[Device], typed: &Typed) -> Pick {
    let at_it = devices.iter().filter(|device| device.doors.iter().any(|door| door.gate == Some(gate.id)));
    let names: Vec<&str> = at_it.map(|device| device.name.as_str()).collect();
    Pick {
        value: gate.id.to_string(),
        label: gate.name.to_string(),
        below: if names.is_empty() { texts.t("access-groups-no-device") } else { names.join(", ") },
        chosen: typed.gates.contains(&gate.id),
    }
}
