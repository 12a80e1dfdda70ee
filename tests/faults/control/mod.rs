//! The control channel between real processes: gateways that have joined, and programs that only pretend to be one.

mod commands;
mod flood;
mod slow;

use std::time::Duration;
use std::time::Instant;

use futures_util::SinkExt as _;
use futures_util::StreamExt as _;
use nazorat::kernel::Clock;
use nazorat::kernel::SecretText;
use nazorat::uplink::Authority;
use nazorat::uplink::ClientIdentity;
use nazorat::uplink::Hop;
use nazorat::uplink::HopConfig;
use nazorat::uplink::NewKey;
use nazorat::uplink::enroll;
use nazorat_wire::JoinToken;
use nazorat_wire::frame::Downward;
use nazorat_wire::frame::Frame as _;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::frame::Hello;
use nazorat_wire::frame::Upward;
use serde_json::Value;
use serde_json::json;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::office::Closed;
use super::office::Office;
use crate::support::agent::free_port;
use crate::support::appliance::Options;

type Socket = WebSocketStream<reqwest::Upgraded>;

/// An appliance at an address that stays, with the token of its administrator.
pub(super) struct Headquarters {
    office: Option<Office>,
    closed: Option<Closed>,
    main: std::net::SocketAddr,
    token: String,
}

/// A program that has joined as a gateway.
pub(super) struct Pretender {
    pub(super) id: String,
    pub(super) hop: Hop,
}

impl Headquarters {
    pub(super) fn new() -> Self {
        let closed = Closed::new();
        let token = closed.token("malika");
        let mut new = Self { office: None, closed: Some(closed), main: free_port(), token };
        new.open();
        new
    }

    pub(super) fn open(&mut self) {
        let environment = vec![("NAZORAT_HTTP__LISTEN", self.main.to_string())];
        let closed = self.closed.take().unwrap();
        self.office = Some(closed.open_with(Options { environment, ..Options::default() }));
    }

    pub(super) fn kill(&mut self) {
        self.closed = Some(self.office.take().unwrap().kill());
    }

    pub(super) fn office(&self) -> &Office {
        self.office.as_ref().unwrap()
    }

    /// Asks the API as the administrator.
    pub(super) async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let office = self.office();
        let method = method.parse().unwrap();
        let mut request = office.http.request(method, office.appliance.plain(path)).bearer_auth(&self.token);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Invites a gateway: its id and its token.
    pub(super) async fn invite(&self, name: &str) -> (String, String) {
        let server = self.office().appliance.https("");
        let (status, made) = self.ask("POST", "/api/v1/gateways", json!({ "name": name, "server": server })).await;
        assert_eq!(status, 201, "{made}");
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        (word(&made["gateway"]["id"]), word(&made["token"]))
    }

    /// A program that joins as a gateway.
    pub(super) async fn pretender(&self, name: &str) -> Pretender {
        let (id, token) = self.invite(name).await;
        let token = JoinToken::parse(&token).unwrap();
        let key = NewKey::generate().unwrap();
        let granted = enroll(&token, &key, name).await.unwrap();
        let identity = ClientIdentity { certificate: granted.certificate.as_str().into(), key: key.pem() };
        let config = HopConfig {
            url: token.server.clone(),
            key: SecretText::new(&*granted.api_key),
            authority: Some(Authority::Pem(granted.authorities.as_str().into())),
            identity: Some(identity),
        };
        Pretender { id, hop: Hop::open(&config, Clock::system()).unwrap() }
    }

    /// Asks a gateway to do something: the command's id.
    pub(super) async fn command(&self, gateway: &str, kind: &str, payload: Value) -> String {
        let path = format!("/api/v1/gateways/{gateway}/commands");
        let (status, made) = self.ask("POST", &path, json!({ "type": kind, "payload": payload })).await;
        assert_eq!(status, 201, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn commands(&self, gateway: &str) -> Vec<Value> {
        let path = format!("/api/v1/gateways/{gateway}/commands?results=true&limit=500");
        let (status, listed) = self.ask("GET", &path, Value::Null).await;
        assert_eq!(status, 200, "{listed}");
        listed["items"].as_array().unwrap().clone()
    }

    pub(super) async fn presence(&self, gateway: &str) -> Value {
        self.ask("GET", &format!("/api/v1/gateways/{gateway}/presence"), Value::Null).await.1
    }

    /// Waits until a command is in a state; gives the command.
    pub(super) async fn settled(&self, gateway: &str, id: &str, state: &str) -> Value {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let all = self.commands(gateway).await;
            let found = all.iter().find(|command| command["id"] == id).unwrap();
            if found["state"] == state {
                return found.clone();
            }
            assert!(Instant::now() < deadline, "it is not {state}: {found}\n{}", self.office().appliance.place().log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Nothing panicked, and health tells that all is well.
    pub(super) async fn check(mut self) {
        assert_eq!(self.office().health().await, (200, Vec::new()));
        let log = self.office.take().unwrap().stop().place.log();
        assert!(!log.contains("panicked"), "{log}");
    }
}

impl Pretender {
    pub(super) async fn socket(&self) -> Result<Socket, String> {
        let stream = self.hop.open_socket("/v2/gateway/socket").await?;
        Ok(WebSocketStream::from_raw_socket(stream, Role::Client, None).await)
    }

    /// A connection that has said hello and was welcomed.
    pub(super) async fn connect(&self) -> Result<Socket, String> {
        let mut socket = self.socket().await?;
        let now = Clock::system().now();
        let hello =
            Hello { version: "0.1.0".to_owned(), clock: now, started_at: now, frames: 1, config: None, policies: None };
        say(&mut socket, &Upward::Hello(hello)).await;
        match tokio::time::timeout(Duration::from_secs(30), socket.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => {
                assert!(matches!(Downward::decode(&text).unwrap().frame, Some(Downward::Welcome(_))), "{text}");
                Ok(socket)
            }
            other => Err(format!("{other:?}")),
        }
    }
}

pub(super) fn beat() -> Upward {
    let clock = Clock::system().now();
    Upward::Heartbeat(Box::new(Heartbeat { version: "0.1.0".to_owned(), clock, ..Heartbeat::default() }))
}

pub(super) async fn say(socket: &mut Socket, frame: &Upward) {
    socket.send(Message::text(frame.encode().unwrap())).await.unwrap();
}

/// Reads until the end: the code and the word of the close frame, or nothing if there was none.
pub(super) async fn end(socket: &mut Socket, within: Duration) -> Option<(u16, String)> {
    let mut closed = None;
    let read = async {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Close(Some(close)) = message {
                closed = Some((u16::from(close.code), close.reason.to_string()));
            }
        }
    };
    tokio::time::timeout(within, read).await.expect("the connection does not end");
    closed
}
