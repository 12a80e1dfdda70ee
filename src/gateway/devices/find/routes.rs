//! The networks in which this machine is, as the system tells them.

use std::collections::HashSet;
use std::net::Ipv4Addr;

use nazorat_wire::Block;

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
    let mut known = HashSet::new();
    found.retain(|block| known.insert(*block));
    found
}

#[cfg(test)]
mod tests {
    use nazorat_wire::Block;

    use super::connected;

    fn shown(blocks: &[Block]) -> Vec<String> {
        blocks.iter().map(ToString::to_string).collect()
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
