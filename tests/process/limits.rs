//! Peers that take their time. Part of F29; the storm of two thousand of them belongs to the nightly lane.

use std::io::Read as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::time::Duration;
use std::time::Instant;

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;

/// Sends the bytes, then nothing, and tells how long the server put up with it.
fn patience(address: SocketAddr, bytes: &[u8]) -> Duration {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    stream.write_all(bytes).unwrap();
    let begun = Instant::now();
    // Whatever it answers, in the end it closes; a reset is as good as a goodbye.
    drop(stream.read_to_end(&mut Vec::new()));
    begun.elapsed()
}

#[test]
fn whoever_does_not_finish_the_hello_or_the_head_is_sent_away() {
    let appliance = Appliance::start(Options::default());
    let (main, plain) = (appliance.main_address(), appliance.plain_address());
    let cases: [(&str, SocketAddr, &'static [u8]); 4] = [
        ("nothing at all on the plain listener", plain, b""),
        ("half a head", plain, b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: "),
        ("nothing at all on the main listener", main, b""),
        ("half a hello", main, b"\x16\x03\x01\x02\x00\x01\x00"),
    ];
    let waits = cases.map(|(name, address, bytes)| (name, std::thread::spawn(move || patience(address, bytes))));
    for (name, wait) in waits {
        let took = wait.join().unwrap();
        assert!(took < Duration::from_secs(25), "{name}: {took:?}");
    }
}
