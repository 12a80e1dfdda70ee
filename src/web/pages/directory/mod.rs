//! People, departments, computers, which account is whose, and cards: lists, forms, and the import of lists.
//!
//! Every change goes through a verb of `people` and leaves one record in the audit log, written by `trail`. What a
//! role may not do is not offered, and refused when it is asked for all the same.

mod computers;
mod credentials;
mod departments;
mod fields;
mod import;
mod links;
mod notices;
mod people;
mod search;
mod shown;
mod trail;
mod unassigned;

use axum::Router;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::kernel::Permission;
use crate::people::PeopleError;
use crate::people::View;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;

/// All routes of the directory.
pub(in crate::web) fn routes() -> Router<App> {
    people::routes()
        .merge(departments::routes())
        .merge(computers::routes())
        .merge(links::routes())
        .merge(unassigned::routes())
        .merge(import::routes())
        .merge(notices::routes())
        .merge(credentials::routes())
        .merge(search::routes())
}

/// What the visitor may see of the organization that they look at.
async fn view_of(app: &App, visitor: &Visitor) -> Result<View, PageFailure> {
    let view = app.people.view(visitor.actor(), visitor.organization_id()).await;
    view.map_err(|problem| visitor.failure(problem))
}

/// The same for who may change people; others are refused.
async fn editor_view(app: &App, visitor: &Visitor) -> Result<View, PageFailure> {
    require_editor(visitor)?;
    view_of(app, visitor).await
}

fn require_editor(visitor: &Visitor) -> Result<(), PageFailure> {
    visitor.actor().require(Permission::EditPeople).map_err(|denied| visitor.failure(PeopleError::from(denied)))
}

fn may_edit(visitor: &Visitor) -> bool {
    visitor.actor().may(Permission::EditPeople)
}

/// Asks before something that cannot be undone.
fn ask(visitor: &Visitor, section: Section, question: shown::Question) -> Response {
    if visitor.wants_fragment() {
        return page(&shown::QuestionDialog { question }).into_response();
    }
    let l = Layout::new(&visitor.viewer(), section, &question.title);
    page(&shown::QuestionPage { l, question }).into_response()
}
