//! Doors and passages: what they are called, how the direction of a pass is found, and whether guards may open them.

mod form;
mod list;

use axum::Router;
use axum::routing::get;

use crate::web::App;

/// All routes of the gates.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/gates", get(list::show))
        .route("/gates/new", get(form::new).post(form::create))
        .route("/gates/{id}", get(form::edit).post(form::change))
        .route("/gates/{id}/remove", get(form::ask_remove).post(form::remove))
}
