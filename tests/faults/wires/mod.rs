//! Two networks in one machine: the head office, where the test and the appliance live, and a branch with its gateway.
//!
//! Two wires lead to the branch. Agents, which are this test, reach the gateway over the local one, which always works.
//! The other is the line to the appliance, which is cut, made thin and mended. Needs root, and ends with the test.

mod latency;
mod slow;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::support::tools::run;

/// The appliance's address on the line, and the gateway's on the local wire: networks for tests of devices (RFC 2544),
/// which exist in these two network namespaces only.
const MAIN: &str = "198.18.1.1:8443";
const COLLECTOR: &str = "198.18.2.2:4100";

/// The two networks.
pub(super) struct Wires {
    head: String,
    branch: String,
}

impl Wires {
    /// The calling thread moves into the head office, and so does everything that it starts from then on.
    pub(super) fn lay() -> Self {
        let name = |end: &str| format!("nazorat-{}-{end}", std::process::id());
        let wires = Self { head: name("head"), branch: name("branch") };
        ip(&["netns", "add", &wires.head]);
        ip(&["netns", "add", &wires.branch]);
        let head = std::fs::File::open(Path::new("/run/netns").join(&wires.head)).unwrap();
        let kind = Some(rustix::thread::LinkNameSpaceType::Network);
        rustix::thread::move_into_link_name_space(std::os::fd::AsFd::as_fd(&head), kind).unwrap();
        for (wire, network) in [("line", 1), ("local", 2)] {
            ip(&["link", "add", wire, "type", "veth", "peer", "name", wire, "netns", &wires.branch]);
            ip(&["address", "add", &format!("198.18.{network}.1/30"), "dev", wire]);
            wires.there(&["address", "add", &format!("198.18.{network}.2/30"), "dev", wire]);
        }
        for device in ["lo", "line", "local"] {
            ip(&["link", "set", device, "up"]);
            wires.there(&["link", "set", device, "up"]);
        }
        wires
    }

    /// Where the appliance is found.
    pub(super) fn main() -> SocketAddr {
        MAIN.parse().unwrap()
    }

    /// Where agents find the gateway.
    pub(super) fn collector() -> SocketAddr {
        COLLECTOR.parse().unwrap()
    }

    /// What runs a program in the branch.
    pub(super) fn inside(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.branch].map(str::to_owned).to_vec()
    }

    /// Asks the gateway from its own machine.
    pub(super) fn ask(&self, path: &str) -> String {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.branch, "curl", "--silent", "--show-error", "--max-time", "20"]);
        let port = Self::collector().port();
        String::from_utf8(run(command.arg(format!("http://127.0.0.1:{port}{path}"))).stdout).unwrap()
    }

    /// Whatever is sent is lost from now on, and nobody is told.
    pub(super) fn cut(&self) {
        ip(&["link", "set", "line", "down"]);
    }

    pub(super) fn mend(&self) {
        ip(&["link", "set", "line", "up"]);
    }

    /// So many thousands of bits in a second go either way.
    pub(super) fn narrow(&self, kbit: u32) {
        let rate = format!("{kbit}kbit");
        let shape =
            ["qdisc", "replace", "dev", "line", "root", "tbf", "rate", &rate, "burst", "8kb", "latency", "400ms"];
        run(Command::new("tc").args(shape));
        run(Command::new("tc").args(["-n", &self.branch]).args(shape));
    }

    pub(super) fn widen(&self) {
        let plain = ["qdisc", "delete", "dev", "line", "root"];
        run(Command::new("tc").args(plain));
        run(Command::new("tc").args(["-n", &self.branch]).args(plain));
    }

    /// How many connections a process of the branch has to the appliance.
    pub(super) fn connections(&self, process: u32) -> usize {
        let table = std::fs::read_to_string(format!("/proc/{process}/net/tcp")).unwrap();
        // 198.18.1.1:8443 as the kernel writes it; 01 is "established".
        table.lines().filter(|line| line.contains(" 010112C6:20FB 01 ")).count()
    }

    fn there(&self, arguments: &[&str]) {
        ip(&[&["-n", &self.branch], arguments].concat());
    }
}

impl Drop for Wires {
    fn drop(&mut self) {
        for name in [&self.branch, &self.head] {
            drop(Command::new("ip").args(["netns", "delete", name]).status());
        }
    }
}

fn ip(arguments: &[&str]) {
    run(Command::new("ip").args(arguments));
}
