//! What is asked, of whom, and what is left behind; the other end is a socket that writes everything down.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddrV4;
use std::time::Duration;

use nazorat_terminals::zkteco::code::command;
use nazorat_terminals::zkteco::code::reply;
use nazorat_terminals::zkteco::frame::Packet;
use nazorat_wire::Block;
use tokio::net::TcpListener;
use tokio::net::UdpSocket;

use super::Ways;
use crate::adapters::Allowed;
use crate::gateway::devices::guard::Guard;
use crate::gateway::devices::tests::Branch;
use crate::gateway::devices::tests::sheet;

/// Two addresses with the same port, which nobody else has.
async fn two() -> (std::net::UdpSocket, UdpSocket, u16) {
    for _ in 0..20 {
        let one = std::net::UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 1), 0)).unwrap();
        let port = one.local_addr().unwrap().port();
        if let Ok(other) = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), port)).await {
            one.set_nonblocking(true).unwrap();
            return (one, other, port);
        }
    }
    panic!("no port is free twice");
}

/// Ways that lead to these ports only.
async fn ways(zkteco: u16) -> (Ways, TcpListener) {
    // Nobody else can listen there, and nobody answers.
    let http = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 1), 0)).await.unwrap();
    let group = SocketAddrV4::new(Ways::default().group.ip().to_owned(), zkteco);
    (Ways { group, zkteco, http: http.local_addr().unwrap().port(), ..Ways::default() }, http)
}

fn blocks(text: &str) -> Vec<Block> {
    text.split_whitespace().map(|block| block.parse().unwrap()).collect()
}

/// Everything that came: what is sent on this machine has come when it is sent.
fn heard(socket: &std::net::UdpSocket) -> Vec<u16> {
    let mut chunk = [0; 2_000];
    let mut all = Vec::new();
    while let Ok(length) = socket.recv(&mut chunk) {
        all.push(Packet::read(&chunk[..length]).unwrap().0.command);
    }
    all
}

#[tokio::test]
async fn one_that_wants_a_key_is_let_go_and_one_that_is_served_is_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (served, found, port) = two().await;
    let (ways, _http) = ways(port).await;
    let branch = Branch::with(folder.path(), ways);
    // Device 1 of the sheet is at 127.0.0.1.
    branch.devices.0.shelf.keep(&sheet(&[(1, "tells")], &["127.0.0.0/8"])).unwrap();
    let answers = async {
        let (mut chunk, mut all) = ([0; 2_000], Vec::new());
        loop {
            let (length, from) = found.recv_from(&mut chunk).await.unwrap();
            let asked = Packet::read(&chunk[..length]).unwrap().0;
            all.push((asked.command, asked.session, asked.data.len()));
            if asked.command == command::EXIT {
                return all;
            }
            let answer = Packet { command: reply::UNAUTH, session: 77, reply: asked.reply, data: Vec::new() };
            found.send_to(&answer.payload(), from).await.unwrap();
        }
    };
    let (told, asked) = tokio::join!(branch.devices.find_near(blocks("127.0.0.0/30")), answers);
    let told = told.unwrap();
    assert_eq!(told.searched, ["127.0.0.0/30"]);
    let shown: Vec<_> = told.devices.iter().map(|one| (one.kind.as_str(), one.address, one.needs_key)).collect();
    assert_eq!(shown, [("zkteco", Ipv4Addr::new(127, 0, 0, 2), true)]);
    // No key, no question, and a goodbye.
    assert_eq!(asked, [(command::CONNECT, 0, 0), (command::EXIT, 77, 0)]);
    assert_eq!(heard(&served), Vec::<u16>::new());
}

#[tokio::test]
async fn a_search_that_is_cut_off_leaves_no_session_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (_served, found, port) = two().await;
    let (ways, _http) = ways(port).await;
    let branch = Branch::with(folder.path(), ways);
    branch.devices.0.shelf.keep(&sheet(&[], &["127.0.0.0/8"])).unwrap();
    let mut chunk = [0; 2_000];
    tokio::select! {
        told = branch.devices.find_near(blocks("127.0.0.2/32")) => panic!("{told:?} before anybody was asked"),
        () = async {
            let (length, from) = found.recv_from(&mut chunk).await.unwrap();
            let asked = Packet::read(&chunk[..length]).unwrap().0;
            let answer = Packet { command: reply::OK, session: 9, reply: asked.reply, data: Vec::new() };
            found.send_to(&answer.payload(), from).await.unwrap();
            // It goes on to ask; then nobody waits for it any more.
            let (length, _) = found.recv_from(&mut chunk).await.unwrap();
            assert_eq!(Packet::read(&chunk[..length]).unwrap().0.command, command::OPTIONS_RRQ);
        } => {}
    }
    let (length, _) = tokio::time::timeout(Duration::from_secs(5), found.recv_from(&mut chunk)).await.unwrap().unwrap();
    let last = Packet::read(&chunk[..length]).unwrap().0;
    assert_eq!((last.command, last.session), (command::EXIT, 9));
    // The next one can look again at once.
    assert!(branch.devices.0.finding.try_lock().is_ok());
}

#[tokio::test]
async fn f35_networks_that_are_no_places_of_devices_are_asked_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other, port) = two().await;
    let (ways, _http) = ways(port).await;
    let branch = Branch::with(folder.path(), ways);
    for networks in [&[][..], &["127.0.0.0/31"], &["203.0.113.0/24"]] {
        branch.devices.0.shelf.keep(&sheet(&[], networks)).unwrap();
        for asked in ["127.0.0.0/30", "8.8.8.0/30", "169.254.169.254/32", "224.0.0.0/30", "0.0.0.0/30", "10.0.0.0/21"] {
            let refused = branch.devices.find_near(blocks(asked)).await.unwrap_err();
            assert_eq!(refused.0, "find_forbidden", "{asked} {networks:?}: {}", refused.1);
        }
        // One good network does not open the door for another.
        let refused = branch.devices.find_near(blocks("10.255.255.0/30 127.0.0.0/30")).await.unwrap_err();
        assert_eq!(refused.0, "find_forbidden");
    }
    assert_eq!((heard(&one), heard(&other.into_std().unwrap())), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn one_search_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let branch = Branch::with(folder.path(), Ways::default());
    let _held = branch.devices.0.finding.lock().await;
    assert_eq!(branch.devices.find_near(blocks("10.0.0.0/30")).await.unwrap_err().0, "find_running");
}

#[tokio::test]
async fn the_appliance_is_no_terminal_unless_somebody_says_so() {
    let hop = crate::gateway::devices::tests::hop("https://10.9.8.7:8443");
    let guard = Guard::open(&[], &hop).await;
    let (appliance, neighbour): (IpAddr, IpAddr) = ("10.9.8.7".parse().unwrap(), "10.9.8.8".parse().unwrap());
    assert!(guard.check(appliance).is_err() && guard.check(neighbour).is_ok());
    assert_eq!(guard.allowed, Allowed::default());
    let told = Guard::open(&["10.9.8.0/29".to_owned()], &hop).await;
    assert!(told.check(appliance).is_ok());
}
