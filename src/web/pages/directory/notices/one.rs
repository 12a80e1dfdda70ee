//! One person's notice, and the verbs that note what the person said to it.

use axum::extract::Form;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::kernel::EmployeeId;
use crate::kernel::Permission;
use crate::notices::NewAcceptance;
use crate::notices::NoticesError;
use crate::people::PeopleError;
use crate::web::App;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::id;
use crate::web::pages::directory::may_edit;
use crate::web::pages::directory::notices::shown::AcceptForm;
use crate::web::pages::directory::notices::shown::Found;
use crate::web::pages::directory::notices::shown::WithdrawPage;
use crate::web::pages::directory::notices::shown::address;
use crate::web::pages::directory::notices::shown::build;
use crate::web::pages::directory::notices::shown::how_of;
use crate::web::refused;

async fn read(app: &App, visitor: &Visitor, id: EmployeeId, number: Option<u32>) -> Result<Found, Failure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let employee = app.people.view(actor, organization).await?.employee(id)?;
    let notice = match number {
        Some(number) => app.notices.find(actor, organization, (id, number)).await?,
        None => app.notices.current(actor, organization, id).await?,
    };
    let versions = app.notices.versions(actor, organization, id).await?;
    Ok(Found { employee, notice, versions })
}

/// `GET /people/{id}/collected`; `?version=` shows an old one, `?lang=` another language than the person's.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    let number = query.parsed("version");
    let found = read(&app, &visitor, id, number).await.map_err(|problem| visitor.failure(problem))?;
    let form = AcceptForm::new(&app, &visitor, &found, ("", "")).filter(|_| may_edit(&visitor));
    Ok(page(&build(&visitor, &found, (query.text("lang"), form))).into_response())
}

/// `POST /people/{id}/collected/{number}/acceptance`.
pub(super) async fn accept(
    State(app): State<App>,
    visitor: Visitor,
    Path((raw, number)): Path<(String, String)>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let (id, number) = (id(&visitor, &raw)?, self::id(&visitor, &number)?);
    let (how, on, lang) = (form.text("how"), form.text("on"), form.text("lang"));
    let noted = match on.parse() {
        _ if on.is_empty() => note(&app, &visitor, (id, number), NewAcceptance { how: how_of(how), on: None }).await,
        Ok(on) => note(&app, &visitor, (id, number), NewAcceptance { how: how_of(how), on: Some(on) }).await,
        Err(_) => Err(NoticesError::Day.into()),
    };
    match noted {
        Ok(()) => Ok(done(&address(id, number, lang), "done-notice-accepted", &number.to_string())),
        Err(failure) => {
            let problems =
                Problems::refused(failure, visitor.texts, "on").map_err(|problem| visitor.failure(problem))?;
            let found = read(&app, &visitor, id, Some(number)).await.map_err(|problem| visitor.failure(problem))?;
            let again = AcceptForm::new(&app, &visitor, &found, (how, on)).map(|form| form.with(problems));
            Ok(refused(&build(&visitor, &found, (lang, again))).into_response())
        }
    }
}

async fn note(app: &App, visitor: &Visitor, which: (EmployeeId, u32), new: NewAcceptance) -> Result<(), Failure> {
    app.notices.accept(visitor.actor(), visitor.organization_id(), which, new).await?;
    Ok(())
}

/// `GET /people/{id}/collected/{number}/withdrawal`.
pub(super) async fn ask_withdraw(
    State(app): State<App>,
    visitor: Visitor,
    Path((raw, number)): Path<(String, String)>,
) -> Result<Response, PageFailure> {
    let (id, number) = (id(&visitor, &raw)?, self::id(&visitor, &number)?);
    let denied = visitor.actor().require(Permission::EditPeople).map_err(PeopleError::from);
    denied.map_err(|denied| visitor.failure(denied))?;
    let found = read(&app, &visitor, id, Some(number)).await.map_err(|problem| visitor.failure(problem))?;
    if found.notice.version.accepted().is_none() {
        return Err(visitor.failure(Failure::not_found()));
    }
    Ok(page(&WithdrawPage::new(&visitor, &found, "", Problems::none())).into_response())
}

/// `POST /people/{id}/collected/{number}/withdrawal`.
pub(super) async fn withdraw(
    State(app): State<App>,
    visitor: Visitor,
    Path((raw, number)): Path<(String, String)>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let (id, number) = (id(&visitor, &raw)?, self::id(&visitor, &number)?);
    let reason = form.text("reason");
    match app.notices.withdraw(visitor.actor(), visitor.organization_id(), (id, number), reason).await {
        Ok(()) => Ok(done(&address(id, number, ""), "done-notice-withdrawn", &number.to_string())),
        Err(problem) => {
            let problems = Problems::refused(problem.into(), visitor.texts, "reason");
            let problems = problems.map_err(|problem| visitor.failure(problem))?;
            let found = read(&app, &visitor, id, Some(number)).await.map_err(|problem| visitor.failure(problem))?;
            Ok(refused(&WithdrawPage::new(&visitor, &found, reason, problems)).into_response())
        }
    }
}
