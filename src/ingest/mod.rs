//! Agents and gateways come in: authenticate, decode, hand to the durable line, acknowledge.
//!
//! Owns the protocols of the senders. Must never answer 2xx before the intake said that the batch is durable, never
//! open a transaction, and never let one bad event hold up its neighbours.

mod auth;
mod body;
mod docs;
mod logs;
mod refusal;

use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use auth::Sender;
pub use body::{MAX_UNPACKED, MAX_WIRE};
pub use refusal::Refusal;

use crate::identity::ApiKeys;
use crate::intake::Intake;
use crate::kernel::Clock;

/// What the doors need.
#[derive(Clone, FromRef)]
pub struct Doors {
    /// The durable line.
    pub intake: Intake,
    /// Who may send.
    pub keys: ApiKeys,
    /// When something arrived.
    pub clock: Clock,
}

/// All routes of senders, with their documentation.
pub fn router(doors: Doors) -> OpenApiRouter {
    OpenApiRouter::with_openapi(docs::openapi()).routes(routes!(logs::take)).with_state(doors)
}
