//! Who passed which door: the entry log with its filters, the guard's desk that follows as it happens, and opening a door
//! from afar.
//!
//! Nobody opens a door without saying why, and what comes of it is shown as the device says it: a door that was asked too
//! late stays shut, and the page says so.

mod asked;
mod desk;
mod export;
mod live;
mod log;
mod open;
mod picture;
pub(in crate::web::pages) mod rows;
mod wall;

use axum::Router;
use axum::routing::get;

use crate::web::App;

/// All routes of the doors.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/doors", get(log::list))
        .route("/doors/more", get(log::more))
        .route("/doors/export.csv", get(export::csv))
        .route("/doors/desk", get(desk::show))
        .route("/doors/open", get(open::form).post(open::open))
        .route("/doors/opened", get(open::opened))
        .route("/doors/picture", get(picture::show))
        .route("/doors/picture.jpg", get(picture::image))
        .route("/live/doors", get(live::stream))
}
