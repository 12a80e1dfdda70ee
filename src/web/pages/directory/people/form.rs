//! The form of a person.

use askama::Template;
use axum::extract::Form;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::kernel::EmployeeId;
use crate::kernel::Language;
use crate::people;
use crate::people::Employee;
use crate::people::EmployeeInput;
use crate::people::FieldError;
use crate::people::PeopleError;
use crate::people::View;
use crate::web::App;
use crate::web::Choice;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::directory::editor_view;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::id;
use crate::web::pages::directory::fields::refusal;
use crate::web::pages::directory::shown::departments;
use crate::web::pages::directory::trail;
use crate::web::refused;

#[derive(Template)]
#[template(path = "people/form.html")]
struct FormPage {
    l: Layout,
    title: String,
    action: String,
    cancel: String,
    /// The person who is changed; empty for somebody new.
    id: String,
    inactive: bool,
    typed: Typed,
    departments: Vec<Choice>,
    languages: Vec<Choice>,
    problems: Problems,
}

/// The fields as they were typed.
#[derive(Debug, Clone, Default)]
struct Typed {
    surname: String,
    given_name: String,
    patronymic: String,
    position: String,
    department: String,
    personnel_number: String,
    email: String,
    phone: String,
    hired_on: String,
    left_on: String,
    language: String,
}

impl Typed {
    fn of(employee: &Employee) -> Self {
        let input = EmployeeInput::from(employee);
        let day = |day: Option<crate::kernel::Day>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            surname: input.surname,
            given_name: input.given_name,
            patronymic: input.patronymic,
            position: input.position,
            department: input.department.map(|id| id.to_string()).unwrap_or_default(),
            personnel_number: input.personnel_number,
            email: input.email,
            phone: input.phone,
            hired_on: day(input.hired_on),
            left_on: day(input.left_on),
            language: input.language.map(Language::tag).unwrap_or_default().to_owned(),
        }
    }

    fn from_form(form: &Fields) -> Self {
        Self {
            surname: form.owned("surname"),
            given_name: form.owned("given_name"),
            patronymic: form.owned("patronymic"),
            position: form.owned("position"),
            department: form.owned("department"),
            personnel_number: form.owned("personnel_number"),
            email: form.owned("email"),
            phone: form.owned("phone"),
            hired_on: form.owned("hired_on"),
            left_on: form.owned("left_on"),
            language: form.owned("language"),
        }
    }
}

fn input(form: &Fields) -> Result<EmployeeInput, FieldError> {
    Ok(EmployeeInput {
        surname: form.owned("surname"),
        given_name: form.owned("given_name"),
        patronymic: form.owned("patronymic"),
        position: form.owned("position"),
        department: form.chosen("department")?,
        personnel_number: form.owned("personnel_number"),
        email: form.owned("email"),
        phone: form.owned("phone"),
        hired_on: form.day("hired_on")?,
        left_on: form.day("left_on")?,
        language: Language::parse(form.text("language")),
    })
}

impl FormPage {
    fn new(visitor: &Visitor, view: &View, employee: Option<&Employee>, typed: Typed) -> Self {
        let texts = visitor.texts;
        let title = employee.map_or_else(|| texts.t("people-new-title"), Employee::given_first);
        let own = employee.map(|employee| format!("/people/{}", employee.id));
        let layout = Layout::new(&visitor.viewer(), Section::People, &title);
        let language =
            |one: Language| Choice::new(one.tag(), texts.t(&format!("people-language-{}", one.tag())), &typed.language);
        let crumb = own.clone().map(|href| Crumb { href, label: title.clone() });
        let l = match crumb {
            // The person's own page stands before the form.
            Some(crumb) => Layout::new(&visitor.viewer(), Section::People, &texts.t("action-edit")).through([crumb]),
            None => layout,
        };
        Self {
            l,
            action: own.as_ref().map_or_else(|| "/people/new".to_owned(), |own| format!("{own}/edit")),
            cancel: own.unwrap_or_else(|| "/people".to_owned()),
            id: employee.map(|employee| employee.id.to_string()).unwrap_or_default(),
            inactive: employee.is_some_and(|employee| employee.state == people::State::Inactive),
            departments: departments(view, typed.department.parse().ok()),
            languages: Language::ALL.into_iter().map(language).collect(),
            problems: Problems::default(),
            title,
            typed,
        }
    }

    fn with(self, problems: Problems) -> Self {
        Self { problems, ..self }
    }
}

/// `GET /people/new`; `?department=` may be given.
pub(super) async fn new(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let typed = Typed { department: query.owned("department"), ..Typed::default() };
    Ok(page(&FormPage::new(&visitor, &view, None, typed)).into_response())
}

/// `POST /people/new`.
pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let made = match input(&form) {
        Ok(input) => app.people.create_employee(visitor.actor(), visitor.organization_id(), input).await,
        Err(problem) => Err(PeopleError::from(problem)),
    };
    match made {
        Ok(made) => {
            trail::record(&app, &visitor, trail::employee("employee.create", &made)).await;
            Ok(done(&format!("/people/{}", made.id), "done-people-created", &made.given_first()))
        }
        Err(problem) => {
            let problems = refusal(&visitor, problem)?;
            let again = FormPage::new(&visitor, &view, None, Typed::from_form(&form));
            Ok(refused(&again.with(problems)).into_response())
        }
    }
}

/// `GET /people/{id}/edit`.
pub(super) async fn edit(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let employee = employee(&view, id(&visitor, &raw)?).map_err(|problem| visitor.failure(problem))?;
    Ok(page(&FormPage::new(&visitor, &view, Some(employee), Typed::of(employee))).into_response())
}

/// `POST /people/{id}/edit`.
pub(super) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let id: EmployeeId = id(&visitor, &raw)?;
    let before = employee(&view, id).map_err(|problem| visitor.failure(problem))?;
    let changed = match input(&form) {
        Ok(input) => app.people.edit_employee(visitor.actor(), visitor.organization_id(), id, input).await,
        Err(problem) => Err(PeopleError::from(problem)),
    };
    match changed {
        Ok(changed) => {
            trail::record(&app, &visitor, trail::employee_edit(&changed)).await;
            Ok(done(&format!("/people/{id}"), "done-people-saved", &changed.after.given_first()))
        }
        Err(problem) => {
            let problems = refusal(&visitor, problem)?;
            let again = FormPage::new(&visitor, &view, Some(before), Typed::from_form(&form));
            Ok(refused(&again.with(problems)).into_response())
        }
    }
}

fn employee(view: &View, id: EmployeeId) -> Result<&Employee, PeopleError> {
    view.whole()?.employee(id).ok_or(PeopleError::UnknownEmployee(id))
}
