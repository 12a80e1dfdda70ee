//! Making and changing an operator.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::identity::Assignment;
use crate::identity::DisplayName;
use crate::identity::IdentityError;
use crate::identity::LoginName;
use crate::identity::NewOperator;
use crate::identity::Operator;
use crate::identity::OperatorChange;
use crate::kernel::DepartmentId;
use crate::kernel::Kind;
use crate::kernel::Language;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Role;
use crate::web::App;
use crate::web::At;
use crate::web::Choice;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::sign_in::SecretField;
use crate::web::pages::system::shown::Fact;
use crate::web::pages::system::shown::moment;
use crate::web::pages::system::shown::require;
use crate::web::refused;
use crate::web::role_key;

/// The departments of one organization.
struct Group {
    label: String,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "system/operator_form.html")]
struct FormPage {
    l: Layout,
    heading: String,
    action: String,
    id: String,
    active: bool,
    own: bool,
    typed: Typed,
    roles: Vec<Choice>,
    organizations: Vec<Choice>,
    groups: Vec<Group>,
    languages: Vec<Choice>,
    problems: Problems,
    facts: Vec<Fact>,
    sessions: usize,
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    display_name: String,
    login: String,
    role: String,
    organization: String,
    /// Organization and department, because department numbers are those of an organization.
    department: String,
    language: String,
    password: SecretField,
    password_again: SecretField,
}

impl Typed {
    fn of(operator: &Operator) -> Self {
        let organization = operator.assignment.organization().map(|own| own.to_string()).unwrap_or_default();
        let department = operator.assignment.department().map(|department| format!("{organization}:{department}"));
        Self {
            display_name: operator.display_name.as_str().to_owned(),
            login: operator.login.to_string(),
            role: operator.assignment.role().name().to_owned(),
            department: department.unwrap_or_default(),
            organization,
            language: operator.language.tag().to_owned(),
            ..Self::default()
        }
    }
}

pub(super) async fn new(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOperators)?;
    let typed = Typed {
        role: Role::Hr.name().to_owned(),
        organization: visitor.organization_id().to_string(),
        language: visitor.organization.settings.language.tag().to_owned(),
        ..Typed::default()
    };
    Ok(page(&form_page(&app, &visitor, None, typed, Problems::none()).await?).into_response())
}

pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    require(&visitor, Permission::EditOperators)?;
    let problems = match read_new(&app, &visitor, &typed).await? {
        Ok(new) => match app.identity.operators.create(visitor.actor(), new).await {
            Ok(made) => return Ok(done("/operators", "done-created", made.display_name.as_str())),
            Err(problem) => refusal(&visitor, problem.into())?,
        },
        Err(problems) => problems,
    };
    Ok(refused(&form_page(&app, &visitor, None, typed, problems).await?).into_response())
}

pub(super) async fn edit(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
) -> Result<Response, PageFailure> {
    let operator = get(&app, &visitor, id)?;
    let typed = Typed::of(&operator);
    Ok(page(&form_page(&app, &visitor, Some(&operator), typed, Problems::none()).await?).into_response())
}

pub(super) async fn update(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<OperatorId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    let operator = get(&app, &visitor, id)?;
    let problems = match read_change(&app, &visitor, &typed).await? {
        Ok(change) => match app.identity.operators.update(visitor.actor(), id, change).await {
            Ok(changed) => return Ok(done("/operators", "done-saved", changed.display_name.as_str())),
            Err(problem) => refusal(&visitor, problem.into())?,
        },
        Err(problems) => problems,
    };
    let typed = Typed { login: operator.login.to_string(), ..typed };
    Ok(refused(&form_page(&app, &visitor, Some(&operator), typed, problems).await?).into_response())
}

/// The operator, for who may change operators.
pub(super) fn get(app: &App, visitor: &Visitor, id: OperatorId) -> Result<Arc<Operator>, PageFailure> {
    require(visitor, Permission::EditOperators)?;
    app.identity.operators.get(visitor.actor(), id).map_err(|problem| visitor.failure(problem))
}

fn refusal(visitor: &Visitor, failure: Failure) -> Result<Problems, PageFailure> {
    // The fields of the form are called after what a person sees.
    let field = match failure.field {
        Some("name") => "display_name",
        Some("department_id") => "department",
        Some("organization_id") => "organization",
        Some("login") => "login",
        Some("password") => "password",
        _ => "role",
    };
    Problems::refused(failure.about(field), visitor.texts, "role").map_err(|failure| visitor.failure(failure))
}

async fn read_new(app: &App, visitor: &Visitor, typed: &Typed) -> Result<Result<NewOperator, Problems>, PageFailure> {
    let texts = visitor.texts;
    let (change, mut problems) = match read_change(app, visitor, typed).await? {
        Ok(change) => (Some(change), Problems::none()),
        Err(problems) => (None, problems),
    };
    let login = problems.take("login", texts, LoginName::parse(&typed.login).map_err(IdentityError::from));
    if typed.password.0.expose() != typed.password_again.0.expose() {
        problems.add("password_again", texts.t("error-passwords-differ"));
    }
    Ok(match (change, login) {
        (Some(change), Some(login)) if problems.is_empty() => Ok(NewOperator {
            login,
            display_name: change.display_name,
            assignment: change.assignment,
            language: change.language,
            password: typed.password.0.clone(),
        }),
        _ => Err(problems),
    })
}

async fn read_change(
    app: &App,
    visitor: &Visitor,
    typed: &Typed,
) -> Result<Result<OperatorChange, Problems>, PageFailure> {
    let texts = visitor.texts;
    let mut problems = Problems::none();
    let name = DisplayName::parse(&typed.display_name).map_err(IdentityError::from);
    let display_name = problems.take("display_name", texts, name);
    let assignment = match read_assignment(typed) {
        Ok(assignment) => place_exists(app, visitor, assignment).await?.then_some(assignment),
        Err(_) => None,
    };
    if assignment.is_none() {
        let lead = Role::parse(&typed.role) == Some(Role::DepartmentLead);
        let (field, key) =
            if lead { ("department", "operators-department-missing") } else { ("role", "error-invalid-assignment") };
        problems.add(field, texts.t(key));
    }
    let language = Language::parse(&typed.language).unwrap_or_default();
    Ok(match (display_name, assignment) {
        (Some(display_name), Some(assignment)) => Ok(OperatorChange { display_name, assignment, language }),
        _ => Err(problems),
    })
}

/// Fields that a role does not need are left aside, because they are on the page all the same.
fn read_assignment(typed: &Typed) -> Result<Assignment, Failure> {
    let wrong = || Failure::new(Kind::Invalid, "invalid_assignment", "");
    let role = Role::parse(&typed.role).ok_or_else(wrong)?;
    let organization = typed.organization.parse().ok().map(OrganizationId::new);
    let made = match role {
        Role::Admin => Assignment::new(role, None, None),
        Role::Hr | Role::Guard => Assignment::new(role, organization, None),
        Role::DepartmentLead => {
            let (own, department) = typed.department.split_once(':').ok_or_else(wrong)?;
            let own = own.parse().ok().map(OrganizationId::new);
            Assignment::new(role, own, department.parse().ok().map(DepartmentId::new))
        }
    };
    made.map_err(|_| wrong())
}

async fn place_exists(app: &App, visitor: &Visitor, assignment: Assignment) -> Result<bool, PageFailure> {
    let Some(organization) = assignment.organization() else { return Ok(true) };
    if app.tenancy.get(visitor.actor(), organization).is_err() {
        return Ok(false);
    }
    let Some(department) = assignment.department() else { return Ok(true) };
    let view = app.people.view(visitor.actor(), organization).await.map_err(|problem| visitor.failure(problem))?;
    Ok(view.department(department).is_ok())
}

async fn form_page(
    app: &App,
    visitor: &Visitor,
    present: Option<&Operator>,
    typed: Typed,
    problems: Problems,
) -> Result<FormPage, PageFailure> {
    let texts = visitor.texts;
    let heading = present.map_or_else(|| texts.t("operators-new"), |one| one.display_name.as_str().to_owned());
    let organizations = app.tenancy.list_all();
    let mut groups = Vec::new();
    for one in &organizations {
        let view = app.people.view(visitor.actor(), one.id).await.map_err(|problem| visitor.failure(problem))?;
        let choice = |department: &crate::people::Department, depth: usize| {
            let label = format!("{}{}", "\u{2003}".repeat(depth), department.name);
            Choice::new(&format!("{}:{}", one.id, department.id), label, &typed.department)
        };
        let choices: Vec<_> =
            view.departments().into_iter().map(|(department, depth)| choice(department, depth)).collect();
        if !choices.is_empty() {
            groups.push(Group { label: one.name().to_owned(), choices });
        }
    }
    let (facts, sessions) = match present {
        Some(operator) => known(app, visitor, operator).await?,
        None => (Vec::new(), 0),
    };
    Ok(FormPage {
        l: Layout::new(&visitor.viewer(), Section::Operators, &heading),
        heading,
        action: present.map_or_else(|| "/operators/new".to_owned(), |one| format!("/operators/{}", one.id)),
        id: present.map(|one| one.id.to_string()).unwrap_or_default(),
        active: present.is_none_or(|one| one.active),
        own: present.is_some_and(|one| visitor.actor().operator_id() == Some(one.id)),
        roles: Role::ALL
            .into_iter()
            .map(|role| Choice::new(role.name(), texts.t(role_key(role)), &typed.role))
            .collect(),
        organizations: organizations
            .iter()
            .map(|one| Choice::new(&one.id.to_string(), one.name(), &typed.organization))
            .collect(),
        groups,
        languages: Choice::languages(&typed.language),
        typed,
        problems,
        facts,
        sessions,
    })
}

async fn known(app: &App, visitor: &Visitor, operator: &Operator) -> Result<(Vec<Fact>, usize), PageFailure> {
    let texts = visitor.texts;
    let sessions = app.identity.sessions.list(visitor.actor(), operator.id).await;
    let sessions = sessions.map_err(|problem| visitor.failure(problem))?.len();
    let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
    let facts = vec![
        fact("field-login", operator.login.to_string()),
        fact("column-created", moment(visitor, Some(operator.created_at))),
        fact("operators-seen", moment(visitor, operator.last_login_at)),
        fact("operators-password-set", moment(visitor, Some(operator.password_set_at))),
        fact("operators-sessions", texts.number(sessions as u64)),
    ];
    Ok((facts, sessions))
}
