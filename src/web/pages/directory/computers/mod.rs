//! `/computers`: the list, one computer with its accounts and whose they were, the form, deleting.

mod form;
mod light;
mod list;
mod one;
mod remove;

use axum::Router;
use axum::routing::get;
use axum::routing::post;

use crate::web::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/computers", get(list::list))
        .route("/computers/{id}", get(one::computer))
        .route("/computers/{id}/edit", get(form::edit).post(form::save))
        .route("/computers/{id}/state", post(remove::set_state))
        .route("/computers/{id}/delete", get(remove::ask_delete).post(remove::delete))
}
