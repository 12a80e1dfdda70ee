//! The dashboard API, `/api/v1`: what the pages can do, for programs.
//!
//! A handler extracts, calls one verb and gives one shape. Every shape is a type of its own, so that the domain can be
//! renamed freely and the API cannot. Nobody gets past the router without a session of this site or a personal token.
//!
//! Ids are numbers within an organization. Whoever belongs to one is always in it; an administrator says
//! `?organization_id=`, or means the first active one.

mod access_events;
mod access_groups;
mod api_keys;
mod audit;
mod commands;
mod computer_users;
mod computers;
mod credentials;
mod days;
mod departments;
mod device_people;
mod device_statuses;
mod devices;
mod docs;
mod employees;
mod events;
mod extract;
mod find;
mod gates;
mod gateways;
mod links;
mod notices;
mod operators;
mod orders;
mod organizations;
mod policies;
mod resource_groups;
mod rules;
mod seen;
mod sessions;
mod shapes;
mod summaries;
mod tokens;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::FromRequestParts as _;
use axum::extract::Request;
use axum::extract::State;
use axum::middleware::Next;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::any;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use docs::documented;

use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Caller;
use crate::web::Failure;
use crate::web::api::extract::Asker;
use crate::web::api::extract::Unreadable;

/// Nothing that is sent to the API is larger, except pictures of faces.
const MAX_BODY: usize = 256 << 10;

/// All routes below `/api/v1`, and the document that describes them.
pub fn router(app: App) -> (Router, OpenApi) {
    let (routes, mut document) = OpenApiRouter::with_openapi(docs::openapi())
        .merge(organizations::routes())
        .merge(departments::routes())
        .merge(employees::routes())
        .merge(credentials::routes())
        .merge(computers::routes())
        .merge(computer_users::routes())
        .merge(links::routes())
        .merge(operators::routes())
        .merge(api_keys::routes())
        .merge(gateways::routes())
        .merge(commands::routes())
        .merge(devices::routes())
        .merge(device_statuses::routes())
        .merge(orders::routes())
        .merge(find::routes())
        .merge(gates::routes())
        .merge(access_groups::routes())
        .merge(device_people::routes())
        .merge(access_events::routes())
        .merge(policies::routes())
        .merge(notices::routes())
        .merge(rules::routes())
        .merge(resource_groups::routes())
        .merge(tokens::routes())
        .merge(sessions::routes())
        .merge(events::routes())
        .merge(days::routes())
        .merge(summaries::routes())
        .merge(audit::routes())
        .split_for_parts();
    docs::complete(&mut document);
    let routes = routes
        .route("/api/v1/{*rest}", any(missing))
        .method_not_allowed_fallback(other_method)
        .layer(from_fn_with_state(app.clone(), identify))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(app);
    (routes, document)
}

/// Finds out who asks before anything else is looked at.
async fn identify(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match Caller::from_request_parts(&mut parts, &app).await {
        Ok(Caller(actor)) => {
            parts.extensions.insert(Asker(actor));
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refused) => refused.into_response(),
    }
}

async fn missing() -> ApiFailure {
    ApiFailure(Failure::not_found())
}

async fn other_method() -> Unreadable {
    Unreadable::method()
}
