//! Networks of IPv4 in which terminals are looked for.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// The largest block that is looked through has 1,024 addresses.
const LEAST_BITS: u8 = 22;

/// A network of IPv4 with all its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    pub fn around(address: Ipv4Addr, bits: u8) -> Self {
        Self { first: Ipv4Addr::from_bits(address.to_bits() & mask(bits)), bits }
    }

    /// Whether an address is in it.
    pub fn holds(&self, address: Ipv4Addr) -> bool {
        address.to_bits() & mask(self.bits) == self.first.to_bits()
    }

    /// Whether it may be looked through.
    pub const fn is_small(&self) -> bool {
        self.bits >= LEAST_BITS
    }

    /// The part of it around an address that is small enough.
    pub fn narrowed(&self, around: Ipv4Addr) -> Self {
        if self.is_small() { *self } else { Self::around(around, LEAST_BITS) }
    }

    /// All its addresses at which something can be: neither the network's own name nor everybody.
    pub fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> + use<> {
        let (first, last) = (self.first.to_bits(), self.first.to_bits() | !mask(self.bits));
        let (first, last) = if self.bits < 31 { (first + 1, last - 1) } else { (first, last) };
        (first..=last).map(Ipv4Addr::from_bits)
    }

    /// Any address in it at which something can be.
    pub fn one(&self) -> Ipv4Addr {
        self.addresses().next().unwrap_or(self.first)
    }
}

const fn mask(bits: u8) -> u32 {
    match bits {
        0 => 0,
        bits => u32::MAX << (32 - bits),
    }
}

#[cfg(test)]
mod tests {
    use super::Block;

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
}
