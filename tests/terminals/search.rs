//! Terminals are found by everybody's way of being found, and nobody else is taken for one.

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::SocketAddrV4;
use std::time::Duration;

use nazorat::gateway::Ground;
use nazorat::gateway::Ways;
use nazorat::gateway::search;
use nazorat::sim::hikvision;
use nazorat::sim::hikvision::Sadp;
use nazorat::sim::zkteco;
use nazorat_wire::Block;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

const fn at(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, last)
}

/// An address with a port; 0 takes a free one.
fn place(last: u8, port: u16) -> SocketAddr {
    SocketAddr::from((at(last), port))
}

fn ground(may: impl Fn(Ipv4Addr) -> bool + Send + Sync + 'static) -> Ground {
    let block: Block = "127.0.0.0/28".parse().unwrap();
    let each = block.addresses().collect();
    Ground { blocks: vec![block], narrowed: Vec::new(), via: vec![at(1)], each, may: Box::new(may) }
}

/// A UDP port that nobody has just now.
fn free_port() -> u16 {
    std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap().local_addr().unwrap().port()
}

async fn hikvision(serial: &str, listen: SocketAddr, sadp: Option<Sadp>) -> hikvision::Terminal {
    let serial = serial.to_owned();
    let activated = !serial.ends_with("NEW");
    let config = hikvision::TerminalConfig { listen, serial, sadp, activated, ..hikvision::TerminalConfig::default() };
    hikvision::Terminal::start(config).await.unwrap()
}

async fn zkteco(serial: &str, listen: SocketAddr, comm_key: u32) -> zkteco::Terminal {
    let (serial, listen) = (serial.to_owned(), Some(listen));
    let config = zkteco::TerminalConfig { listen, serial, comm_key, ..zkteco::TerminalConfig::default() };
    zkteco::Terminal::start(config).await.unwrap()
}

/// Something that asks for a login and is no terminal.
#[expect(clippy::disallowed_methods, reason = "the test aborts it")]
async fn printer(listen: SocketAddr) -> tokio::task::JoinHandle<()> {
    let listener = TcpListener::bind(listen).await.unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let told = "HTTP/1.1 401 Unauthorized\r\nServer: printer\r\n\
                        WWW-Authenticate: Digest realm=\"printer\", nonce=\"1\", qop=\"auth\"\r\nContent-Length: 0\r\n\r\n";
            drop(stream.write_all(told.as_bytes()).await);
        }
    })
}

#[tokio::test]
async fn terminals_of_both_makers_are_found_and_nothing_is_tried_on_them() {
    let port = free_port();
    let sadp = |to_group| Some(Sadp { port, to_group });
    let newer = hikvision("DS-A-NEW", place(2, 0), sadp(false)).await;
    let http = newer.address().port();
    let older = hikvision("DS-B", place(3, http), sadp(true)).await;
    let deaf = hikvision("DS-C", place(4, http), None).await;
    let open = zkteco("ZK-D", place(5, 0), 0).await;
    let locked = zkteco("ZK-E", place(6, open.address().port()), 271_828).await;
    let printer = printer(place(7, http)).await;
    let group = SocketAddrV4::new(*Ways::default().group.ip(), port);
    let ways = Ways {
        group,
        zkteco: open.address().port(),
        http,
        hears: Duration::from_millis(800),
        limit: Duration::from_secs(10),
    };

    let found = search(&ways, &ground(|_| true)).await;
    let shown: Vec<_> = found
        .devices
        .iter()
        .map(|one| {
            (one.address, one.kind.as_str(), one.serial.as_str(), one.model.as_str(), one.activated, one.needs_key)
        })
        .collect();
    let expected = [
        (at(2), "hikvision", "DS-A-NEW", "DS-K1T671M", Some(false), true),
        (at(3), "hikvision", "DS-B", "DS-K1T671M", Some(true), true),
        (at(4), "hikvision", "", "", None, true),
        (at(5), "zkteco", "ZK-D", "SpeedFace-V5L", None, false),
        (at(6), "zkteco", "", "", None, true),
    ];
    assert_eq!(shown, expected);
    let firmware: Vec<_> =
        found.devices.iter().map(|one| (one.port, one.firmware.as_str(), one.mac.as_str())).collect();
    assert_eq!(firmware[0], (http, "V3.3.5build 240101", "00:00:5e:00:53:01"));
    assert_eq!(firmware[3], (ways.zkteco, "Ver 6.60 Sep 19 2019", "00:17:61:00:00:01"));
    assert!(found.devices.iter().all(|one| !one.elsewhere));
    assert_eq!((found.searched, found.more), (vec!["127.0.0.0/28".to_owned()], 0));
    // Whoever told by itself is asked nothing more, no key is shown, and a login is not tried.
    assert_eq!((newer.requests(), older.requests(), deaf.refusals()), (0, 0, 1));
    assert_eq!((open.keys_shown(), locked.keys_shown()), (0, 0));

    // A terminal is told only where terminals may be, whatever it claims.
    let found = search(&ways, &ground(|address| address != at(2))).await;
    assert!(found.devices.iter().all(|one| one.address != at(2) || one.serial.is_empty()), "{found:?}");

    // One with an address of another network is heard, and marked.
    let only = Ground { blocks: vec!["127.0.0.8/29".parse().unwrap()], each: Vec::new(), ..ground(|_| true) };
    let found = search(&ways, &only).await;
    let shown: Vec<_> = found.devices.iter().map(|one| (one.serial.as_str(), one.elsewhere)).collect();
    assert_eq!(shown, [("DS-A-NEW", true), ("DS-B", true)]);

    printer.abort();
    for terminal in [newer, older, deaf] {
        terminal.stop().await;
    }
    for terminal in [open, locked] {
        terminal.stop().await;
    }
}

#[tokio::test]
async fn a_network_where_nobody_is_ends_empty_and_in_time() {
    let ways = Ways {
        group: SocketAddrV4::new(*Ways::default().group.ip(), free_port()),
        zkteco: free_port(),
        http: free_port(),
        hears: Duration::from_millis(100),
        limit: Duration::from_secs(2),
    };
    let block: Block = "127.0.4.0/22".parse().unwrap();
    let ground = Ground { blocks: vec![block], each: block.addresses().collect(), ..ground(|_| true) };
    let found = tokio::time::timeout(Duration::from_secs(30), search(&ways, &ground)).await.unwrap();
    assert_eq!((found.devices, found.searched), (Vec::new(), vec!["127.0.4.0/22".to_owned()]));
}
