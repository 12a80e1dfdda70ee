//! Where a device is, if it may be there.

use std::net::IpAddr;
use std::net::UdpSocket;

use crate::adapters::AddressError;
use crate::adapters::Allowed;
use crate::uplink::Hop;

/// Finds the address to connect to. It is asked for once for each connection, and nobody asks a name server again.
pub(super) async fn find(host: &str, networks: &[String], hop: &Hop) -> Result<IpAddr, AddressError> {
    let allowed = Allowed(networks.iter().filter_map(|text| text.parse().ok()).collect());
    let ip = allowed.resolve(host).await?;
    if allowed.names(ip) {
        return Ok(ip);
    }
    if is_own(ip) {
        return Err(AddressError::Forbidden(ip, "this machine itself"));
    }
    match is_appliance(ip, hop).await {
        true => Err(AddressError::Forbidden(ip, "the appliance")),
        false => Ok(ip),
    }
}

/// Only addresses of this machine can be bound.
fn is_own(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

async fn is_appliance(ip: IpAddr, hop: &Hop) -> bool {
    let shown = hop.shown();
    let Some(host) = shown.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)) else {
        return false;
    };
    let host = host.trim_matches(['[', ']']).to_owned();
    match tokio::net::lookup_host((host.as_str(), 0)).await {
        Ok(mut found) => found.any(|address| address.ip().to_canonical() == ip),
        Err(_) => false,
    }
}
