//! Networks as they are looked through: small ones of IPv4.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// The largest block that is looked through has 1,024 addresses.
const LEAST_BITS: u8 = 22;

/// A network of IPv4, of whatever size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    first: Ipv4Addr,
    bits: u8,
}

/// A text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no network; write it as 192.168.1.0/24")]
pub struct NoBlock(String);

impl FromStr for Block {
    type Err = NoBlock;

    fn from_str(text: &str) -> Result<Self, NoBlock> {
        let wrong = || NoBlock(text.to_owned());
        let (address, bits) = text.trim().split_once('/').ok_or_else(wrong)?;
        let (address, bits) = (address.parse().map_err(|_| wrong())?, bits.parse().map_err(|_| wrong())?);
        if bits > 32 { Err(wrong()) } else { Ok(Self::around(address, bits)) }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

impl Block {
    /// The network of so many bits in which an address is.
    pub(super) fn around(address: Ipv4Addr, bits: u8) -> Self {
        Self { first: Ipv4Addr::from_bits(address.to_bits() & mask(bits)), bits }
    }

    pub(super) fn holds(&self, address: Ipv4Addr) -> bool {
        address.to_bits() & mask(self.bits) == self.first.to_bits()
    }

    pub(super) const fn is_small(&self) -> bool {
        self.bits >= LEAST_BITS
    }

    /// The part of it around an address that is small enough.
    pub(super) fn narrowed(&self, around: Ipv4Addr) -> Self {
        if self.is_small() { *self } else { Self::around(around, LEAST_BITS) }
    }

    /// All its addresses at which something can be: neither the network's own name nor everybody.
    pub(super) fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> + use<> {
        let (first, last) = (self.first.to_bits(), self.first.to_bits() | !mask(self.bits));
        let (first, last) = if self.bits < 31 { (first + 1, last - 1) } else { (first, last) };
        (first..=last).map(Ipv4Addr::from_bits)
    }

    /// Any address in it at which something can be.
    pub(super) fn one(&self) -> Ipv4Addr {
        self.addresses().next().unwrap_or(self.first)
    }
}

const fn mask(bits: u8) -> u32 {
    match bits {
        0 => 0,
        bits => u32::MAX << (32 - bits),
    }
}

/// The networks to which this machine is connected, by `/proc/net/route`: those without a way in between. Networks that
/// containers and virtual machines have among themselves are left out.
pub(super) fn connected(table: &str) -> Vec<Block> {
    let line = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        let interface = fields.next()?;
        // The kernel writes the bytes of an address as if they were a number of this machine.
        let mut address = || u32::from_str_radix(fields.next()?, 16).ok().map(|raw| Ipv4Addr::from(raw.to_ne_bytes()));
        let (network, gateway) = (address()?, address()?);
        let mask = u32::from_str_radix(fields.nth(4)?, 16).ok().map(|raw| u32::from_be_bytes(raw.to_ne_bytes()))?;
        let is_inner = ["docker", "veth", "virbr", "lo"].iter().any(|start| interface.starts_with(start));
        let is_near = gateway.is_unspecified() && mask != 0 && mask.leading_ones() + mask.trailing_zeros() == 32;
        let bits = u8::try_from(mask.leading_ones()).ok()?;
        (is_near && !is_inner).then(|| Block::around(network, bits))
    };
    let mut found: Vec<Block> = table.lines().skip(1).filter_map(line).collect();
    let mut known = std::collections::HashSet::new();
    found.retain(|block| known.insert((block.first, block.bits)));
    found
}

#[cfg(test)]
mod tests {
    use super::Block;
    use super::connected;

    fn shown(blocks: &[Block]) -> Vec<String> {
        blocks.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_addresses_of_a_network_are_those_at_which_something_can_be() {
        let all = |text: &str| -> Vec<String> {
            text.parse::<Block>().unwrap().addresses().map(|address| address.to_string()).collect()
        };
        assert_eq!(all("192.168.1.7/30"), ["192.168.1.5", "192.168.1.6"]);
        assert_eq!(all("192.168.1.7/31"), ["192.168.1.6", "192.168.1.7"]);
        assert_eq!(all("192.168.1.7/32"), ["192.168.1.7"]);
        assert_eq!(all("192.168.1.7/22").len(), 1_022);
        assert!("255.255.255.255/32".parse::<Block>().is_ok() && "10.0.0.0/33".parse::<Block>().is_err());
        let large: Block = "10.0.0.0/8".parse().unwrap();
        assert_eq!(large.narrowed("10.1.6.9".parse().unwrap()).to_string(), "10.1.4.0/22");
        assert!(large.holds("10.255.0.1".parse().unwrap()) && !large.holds("11.0.0.1".parse().unwrap()));
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn networks_without_a_way_in_between_are_our_own() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
                     eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
                     eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n\
                     wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n\
                     eth1\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n\
                     docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
                     eth0\t0005A8C0\t0101A8C0\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0\n\
                     broken\nalso\tx\ty\n";
        assert_eq!(shown(&connected(table)), ["192.168.1.0/24", "10.0.0.0/8"]);
        assert!(connected("").is_empty());
    }
}
