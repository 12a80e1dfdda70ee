//! Bodies that are larger than they say, never end, or unfold.

use std::io::Write as _;
use std::net::SocketAddr;

use serde_json::Value;

use super::journal::Journal;
use super::office::Answer;
use super::office::Office;
use super::office::read;
use super::raw::Peer;
use super::raw::head;

const LIMIT: usize = 5_000_000;
/// What a single body, and what all of this file together may add to the process.
const GROWTH_KIB: (u64, u64) = (16 << 10, 32 << 10);

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 19).unwrap()
}

/// Memory of a process in KiB, by the name of its line.
fn memory(process: u32, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    found.unwrap().trim().trim_end_matches(" kB").parse().unwrap()
}

/// Looks at how much memory a process takes at its peak.
struct Scale {
    process: u32,
    first: u64,
    before: u64,
}

impl Scale {
    fn new(process: u32) -> Self {
        let before = memory(process, "VmRSS");
        let scale = Self { process, first: before, before };
        scale.reset();
        scale
    }

    fn reset(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.process), "5").unwrap();
    }

    /// Called after each body.
    fn look(&mut self, what: &str) {
        let peak = memory(self.process, "VmHWM");
        let (grown, altogether) = (peak.saturating_sub(self.before), peak.saturating_sub(self.first));
        assert!(
            grown < GROWTH_KIB.0 && altogether < GROWTH_KIB.1,
            "{what}: {grown} KiB more, {altogether} KiB since the start"
        );
        self.before = memory(self.process, "VmRSS");
        self.reset();
    }
}

async fn packed(office: &Office, encoding: &str, body: Vec<u8>) -> Answer {
    let request = office.http.post(office.ingest()).bearer_auth(&office.key).header("content-encoding", encoding);
    read(request.body(body).send().await.unwrap()).await.unwrap()
}

/// Writes for as long as the other side lets us, beside reading what it says.
fn endless(address: SocketAddr, head: &str) -> (u16, usize) {
    let mut peer = Peer::connect(address);
    assert!(peer.send(head.as_bytes()));
    let mut chunk = format!("{:x}\r\n", 64 << 10).into_bytes();
    chunk.extend(std::iter::repeat_n(b' ', 64 << 10));
    chunk.extend(b"\r\n");
    let mut sent = 0;
    while sent < 200 << 20 && peer.send(&chunk) {
        sent += 64 << 10;
    }
    (peer.answer().status, sent)
}

#[tokio::test]
async fn f30_oversize_and_zip_bombs() {
    let office = Office::new();
    let mut journal = Journal::new();
    let (address, key, process) = (office.appliance.plain_address(), office.key.clone(), office.appliance.process_id());
    // What an honest large batch takes is there from now on.
    let large = journal.batch(5_000);
    office.deliver(&mut journal, &large).await;
    office.applied(5_000).await;
    let mut scale = Scale::new(process);

    let code = |answer: &Answer| (answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned());
    let too_large = || (413, "body_too_large".to_owned());
    let unfolds = || (413, "unpacked_too_large".to_owned());

    // One byte too many, said honestly: refused before any of it is read.
    let mut peer = Peer::connect(address);
    peer.send(head(&key, &format!("Content-Length: {}\r\n\r\n", LIMIT + 1)).as_bytes());
    let answer = peer.answer();
    assert!(answer.status == 413 && answer.text.contains("body_too_large"), "{answer:?}");
    // What stays on the wire ends the connection, and a client that keeps connections has to know.
    assert!(answer.text.to_lowercase().contains("connection: close"), "{answer:?}");

    // Said dishonestly: the rest is no part of the batch, and what is missing is missing.
    let batch = journal.batch(1);
    let short = format!("Content-Length: {}\r\nIdempotency-Key: short\r\n\r\n{}", batch.body.len() - 1, batch.body);
    let mut peer = Peer::connect(address);
    peer.send(head(&key, &short).as_bytes());
    assert_eq!(peer.answer().status, 400);
    let long = format!("Content-Length: {}\r\nIdempotency-Key: long\r\n\r\n{}", batch.body.len() + 1, batch.body);
    let mut peer = Peer::connect(address);
    peer.send(head(&key, &long).as_bytes());
    peer.end();
    let answer = peer.answer();
    assert!(answer.status == 400 && answer.text.contains("body_cut"), "{answer:?}");
    for twice in
        ["Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Length: 1e9\r\n\r\n"]
    {
        let mut peer = Peer::connect(address);
        peer.send(head(&key, twice).as_bytes());
        assert_eq!(peer.answer().status, 400, "{twice}");
    }

    // Without an end.
    let (status, sent) = endless(address, &head(&key, "Transfer-Encoding: chunked\r\n\r\n"));
    assert!(status == 413 && sent < 32 << 20, "{status} after {sent} bytes");
    scale.look("without an end");

    // Small bodies that unfold to 512 MiB, as one member or as many.
    let mebibyte = vec![0; 1 << 20];
    let one = zstd(&vec![0; 256 << 20]).repeat(2);
    assert!(one.len() < 64 << 10, "{}", one.len());
    assert_eq!(code(&packed(&office, "zstd", one).await), unfolds());
    scale.look("two large frames");
    assert_eq!(code(&packed(&office, "zstd", zstd(&mebibyte).repeat(512)).await), unfolds());
    scale.look("many frames");
    assert_eq!(code(&packed(&office, "gzip", gzip(&mebibyte).repeat(512)).await), unfolds());
    scale.look("many members");
    assert_eq!(code(&packed(&office, "gzip", gzip(&vec![b' '; 64 << 20])).await), unfolds());
    scale.look("one large member");
    // Packed in what is packed: unfolded once, it is no batch.
    let nested = gzip(&gzip(&mebibyte.repeat(16)));
    assert_eq!(code(&packed(&office, "gzip", nested.clone()).await), (400, "not_json".to_owned()));
    for stacked in ["gzip, gzip", "gzip, zstd", "br", "deflate"] {
        assert_eq!(code(&packed(&office, stacked, nested.clone()).await), (400, "unsupported_encoding".to_owned()));
    }
    // A window of 2 GiB for a few bytes.
    let wide = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00];
    assert_eq!(code(&packed(&office, "zstd", wide.to_vec()).await), (400, "broken_encoding".to_owned()));
    // More than 16 MB of honest text.
    let text = [b"{\"events\":[".to_vec(), b"1,".repeat(8_100_000), b"1]}".to_vec()].concat();
    let refused = packed(&office, "gzip", gzip(&text)).await;
    assert_eq!(code(&refused), unfolds(), "{refused:?}");
    scale.look("honest text");
    let whole = vec![b' '; LIMIT + 1];
    let request = office.http.post(office.ingest()).bearer_auth(&key).body(whole);
    if let Ok(answer) = request.send().await {
        assert_eq!(code(&read(answer).await.unwrap()), too_large());
    }

    scale.look("all of it at once");
    let closed = office.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len(), 5_000);
}

#[tokio::test]
async fn f30_strangers_are_refused_before_their_body_is_read() {
    let office = Office::new();
    let address = office.appliance.plain_address();
    for key in ["nzk_0000000000000000000000000000000000000000000", "", "\u{7f}", "nzt_a b"] {
        // Nothing of the body is sent, and the answer is there.
        for body in [
            "Content-Length: 4000000\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n",
            "Content-Length: 99999999999\r\n\r\n",
        ] {
            let mut peer = Peer::connect(address);
            peer.send(head(key, body).as_bytes());
            let answer = peer.answer();
            assert!(matches!(answer.status, 400 | 401), "{key:?}: {answer:?}");
        }
    }
    let (status, sent) = endless(address, &head("nzk_unknown", "Transfer-Encoding: chunked\r\n\r\n"));
    assert!(status == 401 && sent < 32 << 20, "{status} after {sent} bytes");
    let answer = office.http.post(office.ingest()).body("{}").send().await.unwrap();
    let answer = read(answer).await.unwrap();
    assert_eq!((answer.status, &answer.body["code"]), (401, &Value::from("no_key")));
    office.check(&Journal::new()).await;
}
