//! Where is looked: networks that may be, and the addresses in them that are asked.

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::UdpSocket;

use nazorat_wire::Block;
use nazorat_wire::MOST_SEARCHED;

use super::routes::connected;
use crate::edge::Failed;
use crate::gateway::devices::guard::Guard;

/// Where the system tells to which networks it is connected.
const ROUTES: &str = "/proc/net/route";

/// Where is looked, and what may be told.
pub struct Ground {
    /// The networks.
    pub blocks: Vec<Block>,
    /// Networks of ours that were too large, of which only a part is among them.
    pub narrowed: Vec<String>,
    /// Our own addresses in them, from which everybody is asked at once.
    pub via: Vec<Ipv4Addr>,
    /// The addresses that are asked one by one.
    pub each: Vec<Ipv4Addr>,
    /// Whether a device may be at an address that somebody told us.
    pub may: Box<dyn Fn(Ipv4Addr) -> bool + Send + Sync>,
}

impl Ground {
    /// The networks that are named, or else our own. What is served already is not asked. Blocks.
    pub(super) fn prepare(named: &[Block], guard: Guard, served: &HashSet<IpAddr>) -> Result<Self, Failed> {
        let (blocks, narrowed) = if named.is_empty() { own(&guard)? } else { (these(named, &guard)?, Vec::new()) };
        let via: BTreeSet<Ipv4Addr> = blocks.iter().filter_map(nearest).collect();
        let all: BTreeSet<Ipv4Addr> = blocks.iter().flat_map(Block::addresses).collect();
        let asked = |address: &Ipv4Addr| {
            let ip = IpAddr::V4(*address);
            !served.contains(&ip) && guard.check(ip).is_ok()
        };
        let each = all.into_iter().filter(asked).collect();
        let may = Box::new(move |address: Ipv4Addr| guard.check(address.into()).is_ok());
        Ok(Self { blocks, narrowed, via: via.into_iter().collect(), each, may })
    }

    /// Whether an address is in one of the networks.
    pub(super) fn holds(&self, address: Ipv4Addr) -> bool {
        self.blocks.iter().any(|block| block.holds(address))
    }

    /// For the log.
    pub(super) fn shown(&self) -> String {
        self.blocks.iter().map(Block::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// Networks that somebody named. Every address in them must be a place of devices.
fn these(named: &[Block], guard: &Guard) -> Result<Vec<Block>, Failed> {
    let mut blocks: Vec<Block> = Vec::new();
    for block in named.iter().take(MOST_SEARCHED) {
        if !block.is_small() {
            return Err(("find_forbidden", format!("{block} has more than 1,024 addresses; name a part of it")));
        }
        for address in block.addresses() {
            guard.allowed.check(address.into()).map_err(|problem| ("find_forbidden", problem.to_string()))?;
        }
        if !blocks.contains(block) {
            blocks.push(*block);
        }
    }
    Ok(blocks)
}

/// The networks that this machine is in, as far as devices may be there.
fn own(guard: &Guard) -> Result<(Vec<Block>, Vec<String>), Failed> {
    let nowhere = |why: &str| ("find_nowhere", format!("{why}; name the networks to look through"));
    let table = std::fs::read_to_string(ROUTES)
        .map_err(|problem| nowhere(&format!("the networks of this machine cannot be read: {problem}")))?;
    let mut narrowed = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    for whole in connected(&table) {
        let Some(ours) = nearest(&whole).filter(|ours| guard.allowed.check((*ours).into()).is_ok()) else { continue };
        if blocks.len() == MOST_SEARCHED {
            break;
        }
        if !whole.is_small() {
            narrowed.push(whole.to_string());
        }
        blocks.push(whole.narrowed(ours));
    }
    if blocks.is_empty() {
        return Err(nowhere("this machine is in no private network"));
    }
    Ok((blocks, narrowed))
}

/// Our own address from which a network is reached. Nothing is sent for it: the system is asked which one it would take.
fn nearest(block: &Block) -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((block.one(), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) if !address.is_unspecified() => Some(address),
        _ => None,
    }
}
