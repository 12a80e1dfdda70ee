//! "What is collected about me": the page that a person reads and signs, and who has.

mod list;
mod one;
mod sheet;
mod shown;
mod week;

use axum::Router;
use axum::routing::get;
use axum::routing::post;

use crate::web::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/people/notices", get(list::show))
        .route("/people/notices/export.csv", get(list::export))
        .route("/people/{id}/collected", get(one::show))
        .route("/people/{id}/collected/{number}/acceptance", post(one::accept))
        .route("/people/{id}/collected/{number}/withdrawal", get(one::ask_withdraw).post(one::withdraw))
}
