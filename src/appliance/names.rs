//! Under which names and addresses this machine is reached.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;

use crate::runtime::machine::host_name;

/// The names and addresses that stand in the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Names {
    pub(super) dns: BTreeSet<String>,
    pub(super) ips: BTreeSet<IpAddr>,
}

impl Names {
    /// This machine's, and those that the administrator added.
    pub(super) fn of_machine(further: &[String]) -> Self {
        let mut names = Self::default();
        names.dns.insert("localhost".to_owned());
        names.dns.extend(host_name());
        names.dns.extend(further.iter().cloned());
        names.ips.extend([IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
        names.ips.extend(local_ips());
        names
    }

    /// True when everything in `other` is here as well.
    pub(super) fn include(&self, other: &Self) -> bool {
        other.dns.is_subset(&self.dns) && other.ips.is_subset(&self.ips)
    }
}

/// The host to write into a link for a person: as bound, or where other machines find this one.
pub(super) fn host_for_people(bound: SocketAddr) -> String {
    let ip = bound.ip();
    if !ip.is_unspecified() {
        return if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
    }
    let reachable = local_ips().into_iter().find(|ip| ip.is_ipv4() && !ip.is_loopback());
    reachable.map(|ip| ip.to_string()).or_else(host_name).unwrap_or_else(|| "localhost".to_owned())
}

/// Addresses of this machine's interfaces, from the tables of the Linux kernel: no library call for them is safe code.
fn local_ips() -> BTreeSet<IpAddr> {
    let v4 = std::fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    let v6 = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    parse_v4(&v4).into_iter().map(IpAddr::V4).chain(parse_v6(&v6).into_iter().map(IpAddr::V6)).collect()
}

/// An address is followed by `/32 host LOCAL` when it is this machine's own.
fn parse_v4(table: &str) -> BTreeSet<Ipv4Addr> {
    let mut found = BTreeSet::new();
    let mut last: Option<Ipv4Addr> = None;
    for line in table.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address.parse().ok();
        } else if line.starts_with("/32 host LOCAL") {
            found.extend(last);
        }
    }
    found
}

/// Link-local and short-lived addresses are left out: nobody types them, and they change all the time.
fn parse_v6(table: &str) -> BTreeSet<Ipv6Addr> {
    const LINK_LOCAL: &str = "20";
    const TEMPORARY: u8 = 0x01;
    let mut found = BTreeSet::new();
    for line in table.lines() {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [address, _index, _prefix, scope, flags, ..] = parts.as_slice() else { continue };
        let flags = u8::from_str_radix(flags, 16).unwrap_or(TEMPORARY);
        if let Ok(bits) = u128::from_str_radix(address, 16)
            && *scope != LINK_LOCAL
            && flags & TEMPORARY == 0
        {
            found.insert(Ipv6Addr::from(bits));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::parse_v4;
    use super::parse_v6;

    #[test]
    fn own_addresses_are_found_in_the_tables_of_the_kernel() {
        let v4 = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.0.2.0\n        \
                  /24 link UNICAST\n     |-- 192.0.2.7\n        /32 host LOCAL\n     |-- 192.0.2.255\n        \
                  /32 link BROADCAST\n";
        let found: Vec<String> = parse_v4(v4).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["127.0.0.1", "192.0.2.7"]);
        let v6 = "20010db8000000000000000000000007 02 40 00 80     eth0\n\
                  20010db8000000000000000000000008 02 40 00 01     eth0\n\
                  fe800000000000000000000000000001 02 40 20 80     eth0\n";
        let found: Vec<String> = parse_v6(v6).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["2001:db8::7"]);
    }
}
