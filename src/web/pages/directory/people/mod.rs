//! `/people`: the list, the form, what can be done with those who are picked, deleting.

mod asked;
mod form;
mod list;
mod present;
mod remove;
mod several;
mod strip;

pub(super) use list::{csv, delimiter};
pub(super) use present::Present;
pub(super) use strip::{Hours, Stretch};

use axum::Router;
use axum::routing::get;
use axum::routing::post;

use crate::web::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/people", get(list::list))
        .route("/people/export.csv", get(list::export))
        .route("/people/picked", post(several::change))
        .route("/people/new", get(form::new).post(form::create))
        .route("/people/{id}/edit", get(form::edit).post(form::save))
        .route("/people/{id}/state", post(remove::set_state))
        .route("/people/{id}/delete", get(remove::ask_delete).post(remove::delete))
}
