//! All pages, on one page. A line is a route; who may come in is decided by the verbs behind it.

use axum::Router;
use axum::routing::get;
use axum::routing::post;

use crate::web::App;
use crate::web::assets;
use crate::web::guarded;
use crate::web::pages::access_groups;
use crate::web::pages::activity;
use crate::web::pages::alerts;
use crate::web::pages::categories;
use crate::web::pages::devices;
use crate::web::pages::directory;
use crate::web::pages::doors;
use crate::web::pages::gates;
use crate::web::pages::gateways;
use crate::web::pages::letters;
use crate::web::pages::missing;
use crate::web::pages::overview;
use crate::web::pages::person;
use crate::web::pages::policies;
use crate::web::pages::setup;
use crate::web::pages::sign_in;
use crate::web::pages::storage;
use crate::web::pages::system;

/// The pages with everything that stands around them. `api` are the routes of the dashboard API, which are open to
/// the same people.
pub fn router(app: &App, api: Router) -> Router {
    let pages = anybody().merge(everyday()).fallback(missing::show).with_state(app.clone());
    guarded(pages.merge(api), app)
}

/// What a page needs that stands alone: its files, and the choice of a language.
pub fn beside_a_page() -> Router {
    Router::new().route("/static/{file}", get(assets::file)).route("/language", post(sign_in::language_of_browser))
}

/// For people who are not signed in.
fn anybody() -> Router<App> {
    Router::new()
        .route("/static/{file}", get(assets::file))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/language", post(sign_in::language))
        .route("/setup", get(setup::show).post(setup::finish))
        .route("/setup/estimate", get(setup::estimate))
}

/// For everybody who works with it, as far as their role goes.
fn everyday() -> Router<App> {
    Router::new()
        .merge(overview::routes())
        .merge(activity::routes())
        .merge(letters::routes())
        .merge(storage::routes())
        .merge(categories::routes())
        .merge(policies::routes())
        .merge(person::routes())
        .merge(directory::routes())
        .merge(doors::routes())
        .merge(devices::routes())
        .merge(gates::routes())
        .merge(access_groups::routes())
        .merge(gateways::routes())
        .merge(alerts::routes())
        .merge(system::routes())
}
