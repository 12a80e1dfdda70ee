//! `/departments`: the tree, one department with its people, the form, deleting.

mod form;
mod one;
mod remove;
mod tree;

use axum::Router;
use axum::routing::get;
use axum::routing::post;

use crate::web::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/departments", get(tree::tree))
        .route("/departments/export.csv", get(tree::export))
        .route("/departments/new", get(form::new).post(form::create))
        .route("/departments/{id}", get(one::department))
        .route("/departments/{id}/edit", get(form::edit).post(form::save))
        .route("/departments/{id}/state", post(remove::set_state))
        .route("/departments/{id}/delete", get(remove::ask_delete).post(remove::delete))
}
