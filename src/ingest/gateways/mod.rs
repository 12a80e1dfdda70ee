//! The doors of gateways: joining, new certificates, the proof that each of their requests carries, the control channel,
//! what may be collected, and which devices they serve.

mod bucket;
mod channel;
mod commands;
mod devices;
mod enroll;
mod meter;
mod outgoing;
mod policies;
mod proof;
mod socket;
#[cfg(test)]
mod tests;

use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use channel::{Channel, ChannelConfig};
pub(super) use proof::prove;

use crate::devices::Devices;
use crate::fleet::Fleet;
pub use crate::fleet::Peer;
use crate::kernel::Clock;
use crate::policy::distribution::Distribution;

/// What the doors of gateways need.
#[derive(Clone, FromRef)]
pub struct GatewayDoors {
    /// Who may come in.
    pub fleet: Fleet,
    /// What time it is.
    pub clock: Clock,
    /// What they are told and tell.
    pub channel: Channel,
    /// What they hold to.
    pub distribution: Distribution,
    /// What they serve.
    pub devices: Devices,
}

/// All routes of gateways, with their documentation.
pub fn router(doors: GatewayDoors) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(enroll::authorities))
        .routes(routes!(enroll::enroll))
        .routes(routes!(enroll::renew))
        .routes(routes!(socket::open))
        .routes(routes!(commands::list))
        .routes(routes!(commands::ack))
        .routes(routes!(devices::get))
        .routes(routes!(devices::face))
        .routes(routes!(devices::people))
        .routes(routes!(policies::list))
        .routes(routes!(policies::get))
        .with_state(doors)
}
