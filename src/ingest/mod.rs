//! Agents and gateways come in: authenticate, decode, hand to the durable line, acknowledge.
//!
//! Owns the protocols of the senders. Must never answer 2xx before the intake said that the batch is durable, never
//! open a transaction, and never let one bad event hold up its neighbours.

pub mod activitywatch;
mod auth;
mod body;
mod docs;
mod fields;
mod logs;
mod parts;
mod refusal;
mod screenshots;
mod shots;
#[cfg(test)]
mod tests;
mod v1;

use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use auth::Sender;
pub use body::{MAX_UNPACKED, MAX_WIRE};
pub use refusal::Refusal;
pub use shots::Darkroom;

use crate::identity::ApiKeys;
use crate::intake::Intake;
use crate::kernel::Clock;
use crate::store::FileStore;
use crate::tenancy::Tenancy;

/// What the doors need.
#[derive(Clone, FromRef)]
pub struct Doors {
    /// The durable line.
    pub intake: Intake,
    /// Who may send.
    pub keys: ApiKeys,
    /// When something arrived.
    pub clock: Clock,
    /// Where screenshots go.
    pub files: FileStore,
    /// In which time zone an organization's older agents write.
    pub tenancy: Tenancy,
    /// Where pictures are decoded.
    pub darkroom: Darkroom,
}

/// All routes of senders, with their documentation.
pub fn router(doors: Doors) -> OpenApiRouter {
    OpenApiRouter::with_openapi(docs::openapi())
        .routes(routes!(logs::take))
        .routes(routes!(screenshots::take))
        .merge(v1::router())
        .with_state(doors)
}
