//! Looking for terminals near the gateway, when somebody asks for it and never otherwise.
//!
//! ```text
//! SADP to everybody -----------+
//! port 4370, one by one (UDP) -+--> those that said nothing: port 80, one by one --> who is there
//! ```
//! Sends one small question to each address and changes nothing anywhere: no password is tried, no session is left open,
//! and terminals that are served already are asked by nobody else. Addresses that are no places of devices are never asked.
//!
//! ## Design notes
//! - Terminals of ZKTeco announce nothing, so each address is asked. Listening for ARP or other chatter lost: it needs rights
//!   that a gateway does not have.
//! - Networks are small and few, so that a search ends within ten seconds and a mistyped one disturbs nobody for long.

mod ground;
mod http;
mod routes;
mod sadp;
#[cfg(test)]
mod tests;
mod zkteco;

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::net::SocketAddrV4;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use nazorat_terminals::hikvision::sadp as protocol;
use nazorat_wire::Block;
use nazorat_wire::FoundDevice;
use nazorat_wire::FoundDevices;
use tokio::time::Instant;

pub use self::ground::Ground;
use super::Devices;
use super::guard;
use super::guard::Guard;
use crate::edge::Failed;
use crate::runtime::blocking;

/// A name that takes longer to be found is that of no device near us.
const NAMED_WITHIN: Duration = Duration::from_secs(1);

/// How terminals are looked for. Others than the usual ports are for tests, and for simulated terminals.
#[derive(Debug, Clone, Copy)]
pub struct Ways {
    /// Where terminals of Hikvision hear who looks for them.
    pub group: SocketAddrV4,
    /// Where those of ZKTeco answer.
    pub zkteco: u16,
    /// Where those of Hikvision serve HTTP that did not hear the question.
    pub http: u16,
    /// How long answers are waited for.
    pub hears: Duration,
    /// When it is over in any case.
    pub limit: Duration,
}

impl Default for Ways {
    fn default() -> Self {
        Self {
            group: SocketAddrV4::new(protocol::GROUP, protocol::PORT),
            zkteco: 4_370,
            http: 80,
            hears: Duration::from_millis(2_500),
            limit: Duration::from_secs(10),
        }
    }
}

/// Asks everybody on the ground, and waits for the answers.
pub async fn search(ways: &Ways, ground: &Ground) -> FoundDevices {
    let until = Instant::now() + ways.limit;
    let asked = async { tokio::join!(sadp::ask(ways, ground), zkteco::ask(ways, ground)) };
    let (mut devices, called) = asked.await;
    devices.extend(called);
    let heard: HashSet<Ipv4Addr> = devices.iter().map(|device| device.address).collect();
    let silent: Vec<Ipv4Addr> = ground.each.iter().copied().filter(|address| !heard.contains(address)).collect();
    devices.extend(http::ask(ways.http, silent, until).await);
    let searched = ground.blocks.iter().map(Block::to_string).collect();
    let mut found = FoundDevices { searched, devices, more: 0, narrowed: ground.narrowed.clone() };
    found.tidy();
    found
}

/// A terminal of which nothing but its place is known.
fn device(kind: &str, address: Ipv4Addr, port: u16) -> FoundDevice {
    FoundDevice {
        kind: kind.to_owned(),
        address,
        port,
        serial: String::new(),
        model: String::new(),
        firmware: String::new(),
        mac: String::new(),
        needs_key: true,
        activated: None,
        elsewhere: false,
    }
}

impl Devices {
    /// Looks for terminals in the networks that are named, or else in our own.
    pub(super) async fn find_near(&self, networks: Vec<Block>) -> Result<FoundDevices, Failed> {
        let Ok(_turn) = self.0.finding.try_lock() else {
            return Err(("find_running", "this gateway is looking already; wait until it is done".to_owned()));
        };
        match AssertUnwindSafe(self.look_around(networks)).catch_unwind().await {
            Ok(found) => found,
            Err(_) => Err(("find_failed", "the search failed; this is a defect of ours".to_owned())),
        }
    }

    async fn look_around(&self, networks: Vec<Block>) -> Result<FoundDevices, Failed> {
        let host = self.clone();
        let sheet = blocking(move || host.0.shelf.sheet()).await.map(|sheet| sheet.content).unwrap_or_default();
        let guard = Guard::open(&sheet.networks, &self.0.config.hop).await;
        let hosts = sheet.devices.iter().map(|device| device.host.as_str()).filter(|host| !host.is_empty());
        let places = hosts
            .map(|host| tokio::time::timeout(NAMED_WITHIN, guard::find(host, &sheet.networks, &self.0.config.hop)));
        let places = futures_util::future::join_all(places).await;
        let served = places.into_iter().flatten().flatten().collect();
        let ground = blocking(move || Ground::prepare(&networks, guard, &served)).await?;
        tracing::info!("looking for terminals in {}", ground.shown());
        let found = search(&self.0.config.ways, &ground).await;
        tracing::info!("{} terminals answered in {}", found.devices.len(), ground.shown());
        Ok(found)
    }
}
