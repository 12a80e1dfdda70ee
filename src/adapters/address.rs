//! Where devices may be. An address that an operator types makes a gateway connect somewhere: it must not become a way into
//! the gateway itself, its neighbours on the host, or the world.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// An address cannot be one, or is none of a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is neither an address nor a name.
    #[error(
        "{0:?} is no address; write an IP address such as 192.168.1.20 or a name, without http:// and without a port"
    )]
    Unreadable(String),
    /// It is a way to write an address that programs read differently.
    #[error("{0:?} is no way to write an address; write all four numbers, as in 192.168.1.20")]
    Ambiguous(String),
    /// It is not where devices are.
    #[error(
        "{0} is {1}; devices are expected in private networks, and an administrator can allow others under Devices, Networks"
    )]
    Forbidden(IpAddr, &'static str),
    /// Nobody knows the name.
    #[error("{0:?} could not be resolved; check the name or write the IP address")]
    Unknown(String),
    /// A network cannot be one.
    #[error("{0:?} is no network; write it as 192.168.0.0/16")]
    Network(String),
}

/// What an operator may type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// An address.
    Ip(IpAddr),
    /// A name, to be resolved once by whoever connects.
    Name(String),
}

impl FromStr for Host {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return Ok(Self::Ip(plain(ip)));
        }
        let labels = || text.strip_suffix('.').unwrap_or(text).split('.');
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if text.len() > 253 || !labels().all(is_label) {
            return Err(AddressError::Unreadable(text.to_owned()));
        }
        // `127.1`, `2130706433`, `0x7f.1`, `017700000001`: resolvers take these for addresses.
        let last = labels().next_back().unwrap_or_default().to_ascii_lowercase();
        if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
            return Err(AddressError::Ambiguous(text.to_owned()));
        }
        if last == "localhost" {
            return Err(AddressError::Forbidden(Ipv4Addr::LOCALHOST.into(), "this machine itself"));
        }
        Ok(Self::Name(text.to_ascii_lowercase()))
    }
}

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl FromStr for Network {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError::Network(text.to_owned());
        let (address, bits) = text.trim().split_once('/').ok_or_else(wrong)?;
        let (address, bits) = (address.parse().map_err(|_| wrong())?, bits.parse().map_err(|_| wrong())?);
        let most = match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        // Nobody means the whole world.
        if bits > most || bits < 4 { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Network {
    fn holds(&self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => {
                let shift = 32 - u32::from(self.bits);
                (own.to_bits() >> shift) == (ip.to_bits() >> shift)
            }
            (IpAddr::V6(own), IpAddr::V6(ip)) => {
                let shift = 128 - u32::from(self.bits);
                (own.to_bits() >> shift) == (ip.to_bits() >> shift)
            }
            _ => false,
        }
    }
}

/// Where devices may be beside private networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed(pub Vec<Network>);

impl Allowed {
    /// Refuses what is no place of a device.
    pub fn check(&self, ip: IpAddr) -> Result<(), AddressError> {
        let ip = plain(ip);
        let refused = |why| Err(AddressError::Forbidden(ip, why));
        if ip.is_unspecified() {
            return refused("no address at all");
        }
        let broadcast =
            matches!(ip, IpAddr::V4(ip) if ip.is_broadcast() || ip.octets()[0] >= 240 || ip.octets()[0] == 0);
        if ip.is_multicast() || broadcast {
            return refused("an address of many");
        }
        if self.names(ip) {
            return Ok(());
        }
        match ip {
            _ if ip.is_loopback() => refused("this machine itself"),
            IpAddr::V4(ip) if ip.is_link_local() => refused("a link-local address"),
            IpAddr::V6(ip) if ip.is_unicast_link_local() => refused("a link-local address"),
            IpAddr::V4(ip) if ip.is_private() => Ok(()),
            IpAddr::V6(ip) if ip.is_unique_local() => Ok(()),
            _ => refused("outside of the allowed networks"),
        }
    }

    /// Whether somebody has allowed just this.
    pub fn names(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(plain(ip)))
    }

    /// Finds where a device is: once, and every address of a name must be allowed. The answer is what to connect to.
    pub async fn resolve(&self, host: &str) -> Result<IpAddr, AddressError> {
        let name = match host.parse()? {
            Host::Ip(ip) => return self.check(ip).map(|()| ip),
            Host::Name(name) => name,
        };
        let unknown = || AddressError::Unknown(name.clone());
        let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| unknown())?;
        let mut first = None;
        for address in found {
            let ip = plain(address.ip());
            self.check(ip)?;
            first = first.or(Some(ip));
        }
        first.ok_or_else(unknown)
    }
}

/// An IPv4 address in whatever IPv6 clothing it comes.
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = ip else { return ip };
    let of = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match six.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => of(high, low),
        [0, 0, 0, 0, 0, 0, high, low] if !six.is_unspecified() && six != Ipv6Addr::LOCALHOST => of(high, low),
        // 6to4 carries the address of its other end.
        [0x2002, high, low, ..] => of(high, low),
        _ => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::AddressError;
    use super::Allowed;
    use super::Host;
    use super::Network;

    fn judged(text: &str, allowed: &[&str]) -> Result<(), AddressError> {
        let allowed = Allowed(allowed.iter().map(|text| text.parse().unwrap()).collect());
        match text.parse()? {
            Host::Ip(ip) => allowed.check(ip),
            Host::Name(_) => Ok(()),
        }
    }

    #[test]
    fn f35_every_spelling_of_places_that_are_no_devices_is_refused() {
        for text in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "0127.0.0.1",
            "0x7f.0.0.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "localhost",
            "LOCALHOST.",
            "::1",
            "[::1]",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "0.0.0.0",
            "::",
            "0",
            "0.1.2.3",
            "255.255.255.255",
            "224.0.0.1",
            "ff02::1",
            "240.0.0.1",
            "8.8.8.8",
            "2001:4860:4860::8888",
            "100.64.0.1",
            "172.32.0.1",
            "http://192.168.1.20",
            "192.168.1.20:80",
            "192.168.1.20/x",
            "user@192.168.1.20",
            "file:///etc/passwd",
            "gopher:x",
            "192.168.1.20#",
            "a b",
            "",
            ".",
            "192.168.1",
            "192.168.1.256",
            "192.168.001.020",
        ] {
            assert!(judged(text, &[]).is_err(), "{text}");
        }
        for text in ["192.168.1.20", "10.0.0.9", "172.16.5.5", "fd00::7", "::ffff:10.0.0.9", "terminal-1.ofis.local"] {
            assert_eq!(judged(text, &[]), Ok(()), "{text}");
        }
    }

    #[test]
    fn an_administrator_may_allow_a_network_but_not_the_world() {
        assert_eq!(judged("127.0.0.1", &["127.0.0.0/8"]), Ok(()));
        assert_eq!(judged("::ffff:127.0.0.1", &["127.0.0.0/8"]), Ok(()));
        assert_eq!(judged("203.0.113.7", &["203.0.113.0/29"]), Ok(()));
        assert!(judged("203.0.113.8", &["203.0.113.0/29"]).is_err());
        assert!(judged("0.0.0.0", &["0.0.0.0/4"]).is_err() && judged("224.0.0.1", &["224.0.0.0/4"]).is_err());
        for text in ["0.0.0.0/0", "10.0.0.0/33", "10.0.0.0", "x/8", "::/0", "10.0.0.0/-1"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_is_as_good_as_what_it_stands_for() {
        let allowed = Allowed::default();
        assert!(allowed.resolve("localhost").await.is_err());
        let sentence = allowed.resolve("terminal.invalid").await.unwrap_err().to_string();
        assert_eq!(sentence, "\"terminal.invalid\" could not be resolved; check the name or write the IP address");
    }
}
