//! Terminals of Hikvision that did not hear the question of their maker: each address is asked for a document that nobody
//! gets without a login. How it is refused tells who refuses.
//!
//! No account and no password is sent, so nothing counts as a wrong login. What does not clearly say whose it is, is not
//! told: a printer that asks for a login is no terminal.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::StreamExt as _;
use nazorat_terminals::hikvision::digest;
use nazorat_wire::FoundDevice;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio::time::timeout;

use super::device;

/// Connections that are tried at once.
const AT_ONCE: usize = 200;
/// On a local network a connection stands within milliseconds.
const CONNECT_WITHIN: Duration = Duration::from_millis(400);
const ANSWER_WITHIN: Duration = Duration::from_millis(1_500);
/// So much of an answer is read.
const MOST: usize = 8 * 1024;
/// The servers of the maker.
const SERVERS: [&str; 4] = ["App-webs", "DNVRS-Webs", "DVRDVS-Webs", "Hikvision-Webs"];

/// Asks each address until all are asked, or it is too late.
pub(super) async fn ask(port: u16, each: Vec<Ipv4Addr>, until: Instant) -> Vec<FoundDevice> {
    let asked = futures_util::stream::iter(each).map(|address| one(address, port)).buffer_unordered(AT_ONCE);
    let over = Box::pin(tokio::time::sleep_until(until));
    asked.take_until(over).filter_map(std::future::ready).collect().await
}

async fn one(address: Ipv4Addr, port: u16) -> Option<FoundDevice> {
    let mut stream = timeout(CONNECT_WITHIN, TcpStream::connect((address, port))).await.ok()?.ok()?;
    let mut answer = Vec::new();
    let talk = async {
        let host = if port == 80 { address.to_string() } else { format!("{address}:{port}") };
        let question = format!("GET /ISAPI/System/deviceInfo HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(question.as_bytes()).await?;
        let mut most = stream.take(u64::try_from(MOST).unwrap_or(0));
        most.read_to_end(&mut answer).await
    };
    // Some keep the connection open; what came until then is enough.
    drop(timeout(ANSWER_WITHIN, talk).await);
    let model = refused_by(&answer)?;
    Some(FoundDevice { model, ..device("hikvision", address, port) })
}

/// The model, or nothing of it, of a terminal of Hikvision that refuses somebody without a login; `None` for anybody else.
fn refused_by(answer: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(answer.get(..answer.len().min(MOST)).unwrap_or_default());
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.split("\r\n");
    let mut status = lines.next()?.split(' ');
    if !status.next()?.starts_with("HTTP/1.") || status.next()? != "401" {
        return None;
    }
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    let all = |name: &str| {
        let own = headers.iter().filter(|(one, _)| one.trim().eq_ignore_ascii_case(name));
        own.map(|(_, value)| value.trim()).collect::<Vec<_>>()
    };
    let realm = digest::choose(all("www-authenticate"))?.realm;
    let is_named = ["DS-", "iDS-"].iter().any(|start| realm.starts_with(start));
    let is_of_maker = is_named
        || realm.starts_with("IP Camera(")
        || all("server").iter().any(|server| SERVERS.iter().any(|own| server.starts_with(own)))
        || ["www.isapi.org", "www.hikvision.com"].iter().any(|name| body.contains(name));
    // Other realms that begin so are numbers of the device rather than its model.
    is_of_maker.then(|| if realm.starts_with("DS-K") { realm } else { String::new() })
}

#[cfg(test)]
mod tests {
    use super::refused_by;

    #[test]
    fn only_whoever_clearly_is_one_is_told() {
        let refused = |realm: &str, more: &str, body: &str| {
            format!(
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"{realm}\", nonce=\"1\", qop=\"auth\"\r\n{more}\r\n{body}"
            )
        };
        let of_isapi = "<ResponseStatus xmlns=\"http://www.isapi.org/ver20/XMLSchema\">";
        for (answer, model) in [
            (refused("DS-K1T671M", "", ""), Some("DS-K1T671M")),
            (refused("DS-8A1F", "", ""), Some("")),
            (refused("IP Camera(C1234)", "", ""), Some("")),
            (refused("4419b7", "Server: App-webs/\r\n", ""), Some("")),
            (refused("4419b7", "", of_isapi), Some("")),
            (refused("printer", "Server: nginx\r\n", "<html>"), None),
            (refused("DS-K1T671M", "", "").replace("401 Unauthorized", "200 OK"), None),
            (refused("DS-K1T671M", "", "").replace("Digest", "Basic"), None),
            ("SSH-2.0-OpenSSH_9.6\r\n".to_owned(), None),
            (String::new(), None),
            ("HTTP/1.1".to_owned(), None),
        ] {
            assert_eq!(refused_by(answer.as_bytes()).as_deref(), model, "{answer}");
        }
        assert_eq!(refused_by(&[0xff; 20_000]), None);
    }
}
