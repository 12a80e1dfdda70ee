//! What can be done with cards. Numbers travel in forms: addresses are remembered by browsers and proxies.

use axum::extract::Form;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::credentials::Card;
use crate::credentials::CredentialsError;
use crate::credentials::NewCard;
use crate::kernel::EmployeeId;
use crate::kernel::Permission;
use crate::web::App;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::pages::directory::ask;
use crate::web::pages::directory::credentials::own_page;
use crate::web::pages::directory::credentials::read;
use crate::web::pages::directory::credentials::shown::CredentialsPage;
use crate::web::pages::directory::credentials::shown::Found;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::id;
use crate::web::pages::directory::shown::Question;
use crate::web::refused;

/// `POST /people/{id}/cards`.
pub(super) async fn add(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    let new = NewCard { number: form.owned("number"), label: form.owned("label") };
    match app.credentials.add_card(visitor.actor(), visitor.organization_id(), id, new.clone()).await {
        Ok(card) => Ok(done(&own_page(id), "done-card-added", card.number.as_str())),
        Err(problem) => {
            let problems = refusal(&visitor, problem)?;
            let found = read(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
            let again = CredentialsPage::new(&visitor, &found, app.clock.now()).with_card(new, problems);
            Ok(refused(&again).into_response())
        }
    }
}

/// What is wrong with a card, and with whom it is.
fn refusal(visitor: &Visitor, problem: CredentialsError) -> Result<Problems, PageFailure> {
    if let CredentialsError::Taken(Some(holder)) = &problem {
        let mut problems = Problems::none();
        problems.add("number", visitor.texts.with("error-card-taken-by", [("name", (&holder.name).into())]));
        return Ok(problems);
    }
    Problems::refused(problem.into(), visitor.texts, "number").map_err(|failure| visitor.failure(failure))
}

/// `POST /people/{id}/cards/state`.
pub(super) async fn set_state(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    let blocked = form.text("state") == "blocked";
    let number = form.parsed("number").ok_or_else(|| visitor.failure(Failure::not_found()))?;
    let changed = app.credentials.set_blocked(visitor.actor(), visitor.organization_id(), (id, &number), blocked).await;
    let card = changed.map_err(|problem| visitor.failure(problem))?;
    let said = if blocked { "done-card-blocked" } else { "done-card-unblocked" };
    Ok(done(&own_page(id), said, card.number.as_str()))
}

/// `GET /people/{id}/cards/remove`; `?card=` is its place in the list.
pub(super) async fn ask_remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    may_edit(&visitor)?;
    let found = read(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let place: Option<usize> = query.parsed("card");
    let card = place.and_then(|place| found.carried.cards.get(place));
    let card = card.ok_or_else(|| visitor.failure(Failure::not_found()))?;
    Ok(ask(&visitor, Section::People, question(visitor.texts, &found, card)))
}

fn question(texts: Texts, found: &Found, card: &Card) -> Question {
    let id = found.employee.id;
    let number = card.number.as_str();
    Question {
        title: texts.with("cards-remove-title", [("number", number.into())]),
        consequences: vec![
            texts.with("cards-remove-doors", [("name", found.employee.given_first().into())]),
            texts.t("cards-remove-log"),
            texts.t("cards-remove-instead"),
        ],
        action: format!("/people/{id}/cards/remove"),
        hidden: vec![("number", number.to_owned())],
        danger: texts.with("cards-remove-do", [("number", number.into())]),
        safe: texts.t("cards-remove-keep"),
        safe_href: own_page(id),
    }
}

/// `POST /people/{id}/cards/remove`.
pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    let number = form.parsed("number").ok_or_else(|| visitor.failure(Failure::not_found()))?;
    let gone = app.credentials.remove_card(visitor.actor(), visitor.organization_id(), (id, &number)).await;
    let card = gone.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&own_page(id), "done-card-removed", card.number.as_str()))
}

/// Questions are for who may do what they ask.
pub(super) fn may_edit(visitor: &Visitor) -> Result<(), PageFailure> {
    let allowed = visitor.actor().require(Permission::EditCredentials).map_err(CredentialsError::from);
    allowed.map_err(|denied| visitor.failure(denied))
}
