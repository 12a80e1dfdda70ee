//! Where a device is, if it may be there.

use std::net::IpAddr;
use std::net::UdpSocket;
use std::time::Duration;

use crate::adapters::AddressError;
use crate::adapters::Allowed;
use crate::uplink::Hop;

/// A name server that takes longer than this to find the appliance is left alone.
const NAMED_WITHIN: Duration = Duration::from_secs(5);

/// Judges addresses: those of devices, and nobody else's.
pub(super) struct Guard {
    pub(super) allowed: Allowed,
    /// Where the appliance is.
    appliance: Vec<IpAddr>,
}

impl Guard {
    /// What an administrator has allowed beside private networks, and where the appliance is.
    pub(super) async fn open(networks: &[String], hop: &Hop) -> Self {
        Self { allowed: allowed(networks), appliance: appliance(hop).await }
    }

    /// Refuses what is no place of a device. What an administrator has named is one.
    pub(super) fn check(&self, ip: IpAddr) -> Result<(), AddressError> {
        self.allowed.check(ip)?;
        if self.allowed.names(ip) {
            return Ok(());
        }
        if is_own(ip) {
            return Err(AddressError::Forbidden(ip, "this machine itself"));
        }
        match self.appliance.contains(&ip) {
            true => Err(AddressError::Forbidden(ip, "the appliance")),
            false => Ok(()),
        }
    }
}

/// Finds the address to connect to. It is asked for once for each connection, and nobody asks a name server again.
pub(super) async fn find(host: &str, networks: &[String], hop: &Hop) -> Result<IpAddr, AddressError> {
    let allowed = allowed(networks);
    let ip = allowed.resolve(host).await?;
    if allowed.names(ip) {
        return Ok(ip);
    }
    Guard { allowed, appliance: appliance(hop).await }.check(ip).map(|()| ip)
}

fn allowed(networks: &[String]) -> Allowed {
    Allowed(networks.iter().filter_map(|text| text.parse().ok()).collect())
}

/// Only addresses of this machine can be bound.
fn is_own(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

async fn appliance(hop: &Hop) -> Vec<IpAddr> {
    let shown = hop.shown();
    let Some(host) = shown.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)) else {
        return Vec::new();
    };
    let host = host.trim_matches(['[', ']']).to_owned();
    match tokio::time::timeout(NAMED_WITHIN, tokio::net::lookup_host((host.as_str(), 0))).await {
        Ok(Ok(found)) => found.map(|address| address.ip().to_canonical()).collect(),
        _ => Vec::new(),
    }
}
