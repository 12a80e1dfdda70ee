//! Tells the gateway that this computer is there, also while nobody works on it.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::uplink::Hop;

const INTERVAL: Duration = Duration::from_secs(30);
/// An appliance has no such door; it may become a gateway some day.
const NO_GATEWAY: Duration = Duration::from_secs(3_600);

/// Says so until the token is cancelled. What is not heard is not said again: the next one says the same.
pub(super) async fn tell(hop: Hop, stop: CancellationToken) {
    let body = json!({ "version": env!("CARGO_PKG_VERSION"), "interval_secs": INTERVAL.as_secs() }).to_string();
    loop {
        let pause = match hop.ask(Method::POST, "/local/agent/heartbeat", body.clone()).await {
            Ok((404 | 405, _)) => NO_GATEWAY,
            Ok(_) => INTERVAL,
            Err(problem) => {
                debug!("the gateway was not told that this computer is there: {problem}");
                INTERVAL
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}
