//! Cards and the face of a person: what opens doors for them. Seeing the face is recorded.

mod cards;
mod face;
mod shown;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;

use crate::kernel::EmployeeId;
use crate::web::App;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::directory::credentials::shown::CredentialsPage;
use crate::web::pages::directory::credentials::shown::Found;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::id;

/// A picture of the largest size with what the form adds to it.
const UPLOAD_MAX: usize = 5_200_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/people/{id}/credentials", get(show))
        .route("/people/{id}/cards", post(cards::add))
        .route("/people/{id}/cards/state", post(cards::set_state))
        .route("/people/{id}/cards/remove", get(cards::ask_remove).post(cards::remove))
        .route("/people/{id}/face", post(face::set).layer(DefaultBodyLimit::max(UPLOAD_MAX)))
        .route("/people/{id}/face/picture", get(face::picture))
        .route("/people/{id}/face/remove", get(face::ask_remove).post(face::remove))
}

/// `GET /people/{id}/credentials`; `?face=shown` shows the face.
async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    let found = read(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let opened = query.text("face") == "shown";
    Ok(page(&CredentialsPage::new(&visitor, &found, app.clock.now()).with_face(opened)).into_response())
}

async fn read(app: &App, visitor: &Visitor, id: EmployeeId) -> Result<Found, Failure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let carried = app.credentials.list(actor, organization, id).await?;
    let employee = app.people.view(actor, organization).await?.employee(id)?;
    Ok(Found { employee, carried })
}

/// Where everything leads back to.
fn own_page(id: EmployeeId) -> String {
    format!("/people/{id}/credentials")
}
