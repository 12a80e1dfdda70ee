//! People who sign in: list, form, state, password, places where they are signed in.

mod change;
mod form;
mod list;

use axum::Router;
use axum::routing::get;
use axum::routing::post;

use crate::web::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/operators", get(list::show))
        .route("/operators/new", get(form::new).post(form::create))
        .route("/operators/{id}", get(form::edit).post(form::update))
        .route("/operators/{id}/activate", post(change::activate))
        .route("/operators/{id}/deactivate", get(change::ask_deactivate).post(change::deactivate))
        .route("/operators/{id}/delete", get(change::ask_delete).post(change::delete))
        .route("/operators/{id}/password", get(change::show_password).post(change::reset_password))
        .route("/operators/{id}/sessions", get(change::ask_end).post(change::end_sessions))
}
