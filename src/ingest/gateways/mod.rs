//! The doors of gateways: joining, new certificates, and the proof that each of their requests carries.

mod enroll;
mod proof;

use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) use proof::prove;

use crate::fleet::Fleet;
pub use crate::fleet::Peer;
use crate::kernel::Clock;

/// What the doors of gateways need.
#[derive(Clone, FromRef)]
pub struct GatewayDoors {
    /// Who may come in.
    pub fleet: Fleet,
    /// What time it is.
    pub clock: Clock,
}

/// All routes of gateways, with their documentation.
pub fn router(doors: GatewayDoors) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(enroll::authorities))
        .routes(routes!(enroll::enroll))
        .routes(routes!(enroll::renew))
        .with_state(doors)
}
