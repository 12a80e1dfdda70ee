//! Agents and gateways come in: authenticate, decode, hand to the durable line, acknowledge.
//!
//! Owns the protocols of the senders, and the trait `Sink` of those who take what they bring. Must never answer 2xx before the sink said that the batch is durable, never
//! open a transaction, and never let one bad event hold up its neighbours.

pub mod activitywatch;
mod auth;
mod body;
mod carried;
mod device_events;
mod docs;
mod entry;
mod fields;
pub mod gateways;
mod local;
mod logs;
mod parts;
mod passers;
mod refusal;
mod screenshots;
mod shots;
mod sink;
#[cfg(test)]
mod tests;
mod told;
mod v1;

use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use auth::{Key, Sender, by_key};
pub use body::{MAX_UNPACKED, MAX_WIRE};
pub use carried::{Carried, Outcome};
pub use entry::{Entry, Senders, Zones};
pub use gateways::{Channel, ChannelConfig, GatewayDoors};
pub use refusal::Refusal;
pub use shots::Darkroom;
pub use sink::Sink;
pub use told::ShotTold;

use crate::store::FileStore;

/// What the doors of the appliance need.
#[derive(Clone, FromRef)]
pub struct Doors {
    /// Where events come in.
    pub entry: Entry,
    /// Where screenshots go.
    pub files: FileStore,
    /// Where pictures are decoded.
    pub darkroom: Darkroom,
}

/// All routes of senders, with their documentation.
pub fn router(doors: Doors) -> OpenApiRouter {
    let screenshots =
        OpenApiRouter::new().routes(routes!(screenshots::take)).routes(routes!(passers::take)).merge(v1::screenshots());
    let devices = OpenApiRouter::new().routes(routes!(device_events::take)).with_state(doors.entry.clone());
    events(doors.entry.clone()).merge(devices).merge(screenshots.with_state(doors))
}

/// The routes of events as a gateway has them, with their documentation.
pub fn local(entry: Entry) -> OpenApiRouter {
    let local = OpenApiRouter::new().routes(routes!(local::logs)).with_state(entry.clone());
    events(entry).merge(local)
}

/// The routes of events alone, with their documentation.
pub fn events(entry: Entry) -> OpenApiRouter {
    OpenApiRouter::with_openapi(docs::openapi()).routes(routes!(logs::take)).merge(v1::events()).with_state(entry)
}
