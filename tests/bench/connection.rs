//! A client of the appliance that does nothing else, so that what is measured is not the client.

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpStream;

use anyhow::Context;
use anyhow::Result;
use anyhow::ensure;

/// One HTTP/1.1 connection that stays open.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// The cookies that were set, as they are sent back.
    pub(crate) cookies: Vec<String>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).context("could not connect to nazorat")?;
        stream.set_nodelay(true).context("could not set up the connection")?;
        Ok(Connection { reader: BufReader::new(stream) })
    }

    /// Sends a body and gives the status.
    pub(crate) fn post(&mut self, path: &str, headers: &str, body: &[u8]) -> Result<u16> {
        let headers = format!("Content-Type: application/json\r\n{headers}");
        Ok(self.send(path, &headers, body)?.status)
    }

    /// Has the API make something and gives what was made.
    pub(crate) fn make(&mut self, path: &str, token: &str, body: &serde_json::Value) -> Result<serde_json::Value> {
        let headers = format!("Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n");
        let answer = self.send(path, &headers, body.to_string().as_bytes())?;
        ensure!(answer.status == 201, "{path} was answered with {}: {}", answer.status, answer.body);
        serde_json::from_str(&answer.body).with_context(|| format!("{path} was not answered with JSON"))
    }

    /// Has the API change something.
    pub(crate) fn change(&mut self, method: &str, path: &str, token: &str, body: &serde_json::Value) -> Result<()> {
        let headers = format!("Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n");
        let answer = self.send_as(method, path, &headers, body.to_string().as_bytes())?;
        ensure!(answer.status == 200, "{path} was answered with {}: {}", answer.status, answer.body);
        Ok(())
    }

    /// Sends a body of any kind; `headers` says of which.
    pub(crate) fn send(&mut self, path: &str, headers: &str, body: &[u8]) -> Result<Answer> {
        self.send_as("POST", path, headers, body)
    }

    fn send_as(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Result<Answer> {
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n{headers}\r\n");
        let stream = self.reader.get_mut();
        stream.write_all(head.as_bytes()).context("nazorat has gone")?;
        stream.write_all(body).context("nazorat has gone")?;
        self.answer()
    }

    pub(crate) fn get(&mut self, path: &str, token: &str) -> Result<String> {
        self.get_with(path, &format!("Authorization: Bearer {token}\r\n"))
    }

    /// Asks as a program or a browser would; `headers` says as which.
    pub(crate) fn get_with(&mut self, path: &str, headers: &str) -> Result<String> {
        let Answer { status, body, .. } = self.ask(path, headers)?;
        ensure!(status == 200, "{path} was answered with {status}: {body}");
        Ok(body)
    }

    /// Asks for something that may not be there.
    pub(crate) fn ask(&mut self, path: &str, headers: &str) -> Result<Answer> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n");
        self.reader.get_mut().write_all(head.as_bytes()).context("nazorat has gone")?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Answer> {
        let mut line = String::new();
        self.reader.read_line(&mut line).context("nazorat has gone")?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no HTTP answer")?;
        let (mut length, mut chunked, mut cookies) = (None, false, Vec::new());
        loop {
            line.clear();
            self.reader.read_line(&mut line).context("nazorat has gone")?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok(),
                "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
                "set-cookie" => cookies.extend(value.split(';').next().map(str::to_owned)),
                _ => {}
            }
        }
        let body = if chunked { self.chunks()? } else { self.exactly(length.unwrap_or(0))? };
        Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned(), cookies })
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body).context("nazorat has gone")?;
        Ok(body)
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).context("nazorat has gone")?;
            let length = usize::from_str_radix(line.trim(), 16).context("a chunk has no length")?;
            body.extend(self.exactly(length)?);
            self.exactly(2)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }
}
