//! The connection to one terminal: HTTP with digest authentication, one request at a time, everything bounded.
//!
//! A nonce is used again until the device refuses it. A login that was refused with a fresh nonce is wrong: after that
//! nothing is sent any more, because terminals lock out whoever goes on trying.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use std::time::Instant;

use nazorat_terminals::hikvision::MOST_DOCUMENT;
use nazorat_terminals::hikvision::digest;
use nazorat_terminals::hikvision::digest::Asked;
use nazorat_terminals::hikvision::digest::Challenge;
use nazorat_terminals::hikvision::digest::Login;
use nazorat_terminals::hikvision::status;
use nazorat_terminals::hikvision::status::Status;
use nazorat_terminals::hikvision::status::Verdict;
use reqwest::Client;
use reqwest::Method;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::WWW_AUTHENTICATE;

use super::pin;
use super::settings::Settings;
use crate::adapters::Device;
use crate::adapters::DeviceError;
use crate::adapters::Feed;
use crate::kernel::random_bytes;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const UPLOAD_WITHIN: Duration = Duration::from_secs(30);
/// Shorter than any device keeps a connection that nobody uses.
const IDLE: Duration = Duration::from_secs(4);

pub(super) const INFO: &str = "/ISAPI/System/deviceInfo";

pub(super) struct Line {
    client: Client,
    base: String,
    place: String,
    user: String,
    password: crate::kernel::SecretText,
    nonce: Mutex<Option<Nonce>>,
    refused: AtomicBool,
    /// Held while a request is on its way: terminals are small.
    one: tokio::sync::Mutex<()>,
    feed: Feed,
}

struct Nonce {
    challenge: Challenge,
    used: u32,
}

/// A request.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    /// With its query.
    pub(super) path: &'a str,
    pub(super) content_type: &'a str,
    pub(super) body: Vec<u8>,
}

/// What came back.
pub(super) struct Answer {
    pub(super) http: u16,
    pub(super) body: Vec<u8>,
}

impl<'a> Request<'a> {
    pub(super) fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, content_type: "", body: Vec::new() }
    }

    pub(super) fn xml(method: Method, path: &'a str, body: String) -> Self {
        Self { method, path, content_type: "application/xml; charset=\"UTF-8\"", body: body.into_bytes() }
    }

    pub(super) fn json(method: Method, path: &'a str, body: String) -> Self {
        Self { method, path, content_type: "application/json; charset=\"UTF-8\"", body: body.into_bytes() }
    }
}

impl Answer {
    /// What it comes to, and in which words. Data with a good status is fine.
    pub(super) fn verdict(&self) -> (Verdict, String) {
        match Status::read(&self.body) {
            Ok(Some(told)) => (told.verdict(self.http), told.words()),
            _ => (status::of_http(self.http).unwrap_or(Verdict::Refused), format!("HTTP {}", self.http)),
        }
    }

    /// The body, if it was answered as it should.
    pub(super) fn data(self, what: &str) -> Result<Vec<u8>, DeviceError> {
        match self.verdict() {
            (Verdict::Fine | Verdict::AfterReboot, _) => Ok(self.body),
            (verdict, words) => Err(error(verdict, what, &words)),
        }
    }
}

/// A verdict as an error about something.
pub(super) fn error(verdict: Verdict, what: &str, words: &str) -> DeviceError {
    let sentence = format!("{what}: the terminal says {words}");
    match verdict {
        Verdict::Busy => DeviceError::Busy(sentence),
        Verdict::Unsupported => DeviceError::Unsupported(sentence),
        Verdict::Credentials => DeviceError::Credentials(sentence),
        Verdict::Forbidden => DeviceError::Refused(format!("{sentence}; look at the rights of the account")),
        _ => DeviceError::Refused(sentence),
    }
}

impl Line {
    pub(super) fn new(device: &Device, settings: &Settings, feed: Feed) -> Result<Self, DeviceError> {
        let address = device.address.ok_or_else(|| DeviceError::Settings("the terminal has no address".to_owned()))?;
        let socket = SocketAddr::new(address, settings.port);
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .tcp_nodelay(true)
            .tcp_keepalive(Duration::from_secs(15))
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(IDLE);
        let mut base = format!("http://{socket}");
        if settings.https {
            base = format!("https://{socket}");
            if let Some(certificate) = settings.certificate {
                builder = builder.tls_backend_preconfigured(pin::config(certificate)?);
            } else if device.host.parse::<std::net::IpAddr>().is_err() && !device.host.is_empty() {
                // The certificate is for a name; the address stays the one that was allowed.
                builder = builder.resolve(&device.host, socket);
                base = format!("https://{}:{}", device.host, settings.port);
            }
        }
        let client = builder.build();
        let client =
            client.map_err(|problem| DeviceError::Settings(format!("no connection can be set up: {problem}")))?;
        Ok(Self {
            client,
            base,
            place: socket.to_string(),
            user: settings.user.clone(),
            password: settings.password.clone(),
            nonce: Mutex::new(None),
            refused: AtomicBool::new(false),
            one: tokio::sync::Mutex::new(()),
            feed,
        })
    }

    /// Asks and reads the whole answer.
    pub(super) async fn ask(&self, request: Request<'_>) -> Result<Answer, DeviceError> {
        let within = if request.body.len() > 16 * 1024 { UPLOAD_WITHIN } else { ANSWER_WITHIN };
        let _one = self.one.lock().await;
        self.warm_up(&request).await?;
        self.ask_now(&request, within).await
    }

    /// Asks for a stream: the head of the answer, and the rest as it comes.
    pub(super) async fn open(&self, request: Request<'_>) -> Result<Result<Response, Answer>, DeviceError> {
        let _one = self.one.lock().await;
        self.warm_up(&request).await?;
        let response = self.send(&request, None).await?;
        if response.status().is_success() {
            return Ok(Ok(response));
        }
        let http = response.status().as_u16();
        let body = tokio::time::timeout(ANSWER_WITHIN, self.read(response)).await.map_err(|_| self.silent())??;
        Ok(Err(Answer { http, body }))
    }

    /// Without a nonce, a body would be sent twice, and a door could be: a small question comes first.
    async fn warm_up(&self, request: &Request<'_>) -> Result<(), DeviceError> {
        let has_nonce = self.lock().is_some();
        if has_nonce || request.path == INFO {
            return Ok(());
        }
        self.ask_now(&Request::get(INFO), ANSWER_WITHIN).await.map(|_| ())
    }

    async fn ask_now(&self, request: &Request<'_>, within: Duration) -> Result<Answer, DeviceError> {
        let began = Instant::now();
        let response = self.send(request, Some(within)).await?;
        let http = response.status().as_u16();
        let body = self.read(response).await?;
        self.feed.heard();
        self.feed.answered(began.elapsed());
        let answer = Answer { http, body };
        // Some say so with another status than 401.
        if answer.verdict().0 == Verdict::Credentials {
            self.refused.store(true, SeqCst);
        }
        Ok(answer)
    }

    /// Sends with the nonce at hand, and again with another if that one was too old.
    async fn send(&self, request: &Request<'_>, within: Option<Duration>) -> Result<Response, DeviceError> {
        if self.refused.load(SeqCst) {
            return Err(self.wrong_login());
        }
        let url = format!("{}{}", self.base, request.path);
        let url =
            reqwest::Url::parse(&url).map_err(|_| DeviceError::Settings("the address cannot be used".to_owned()))?;
        let mut uri = url.path().to_owned();
        if let Some(query) = url.query() {
            uri = format!("{uri}?{query}");
        }
        let mut had_old = self.lock().is_some();
        let mut stale = 0;
        loop {
            let signed = self.sign(request.method.as_str(), &uri);
            let was_signed = signed.is_some();
            let mut builder = self.client.request(request.method.clone(), url.clone());
            if let Some(within) = within {
                builder = builder.timeout(within);
            }
            if let Some(signed) = signed {
                builder = builder.header(AUTHORIZATION, signed);
            }
            if !request.content_type.is_empty() {
                builder = builder.header(CONTENT_TYPE, request.content_type);
            }
            if !request.body.is_empty() || request.method == Method::PUT || request.method == Method::POST {
                builder = builder.body(request.body.clone());
            }
            let sent = tokio::time::timeout(within.unwrap_or(ANSWER_WITHIN), builder.send()).await;
            let response = sent.map_err(|_| self.silent())?.map_err(|problem| self.broken(&problem))?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response);
            }
            let headers = response.headers().get_all(WWW_AUTHENTICATE).iter();
            let challenge = digest::choose(headers.filter_map(|value| value.to_str().ok()));
            // Read to its end, so that the connection can be used again.
            drop(tokio::time::timeout(CONNECT_WITHIN, self.read(response)).await);
            let Some(challenge) = challenge else {
                self.refused.store(true, SeqCst);
                let what = format!("{} asks for a login that is not digest; switch digest on there", self.place);
                return Err(DeviceError::Credentials(what));
            };
            let is_stale = challenge.stale && was_signed;
            *self.lock() = Some(Nonce { challenge, used: 0 });
            if is_stale && stale < 2 {
                stale += 1;
            } else if is_stale {
                return Err(DeviceError::Nonsense(format!("{} calls every nonce of its own too old", self.place)));
            } else if was_signed && !had_old {
                self.refused.store(true, SeqCst);
                return Err(self.wrong_login());
            }
            // From here on, a refusal is one of the password: the nonce is fresh.
            had_old = false;
        }
    }

    fn sign(&self, method: &str, uri: &str) -> Option<String> {
        let mut held = self.lock();
        let nonce = held.as_mut()?;
        nonce.used = nonce.used.saturating_add(1);
        let cnonce = hex::encode(random_bytes::<8>());
        let login = Login { user: &self.user, password: self.password.expose() };
        Some(nonce.challenge.authorize(login, Asked { method, uri }, (nonce.used, &cnonce)))
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, DeviceError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|problem| self.broken(&problem))? {
            if body.len() + chunk.len() > MOST_DOCUMENT {
                return Err(DeviceError::Nonsense(format!("{} answers more than {MOST_DOCUMENT} bytes", self.place)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    pub(super) fn broken(&self, problem: &reqwest::Error) -> DeviceError {
        if problem.is_timeout() && !problem.is_connect() {
            return self.silent();
        }
        let mut cause: &dyn std::error::Error = problem;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        DeviceError::Unreachable(format!("{} cannot be reached: {cause}", self.place))
    }

    fn silent(&self) -> DeviceError {
        DeviceError::Unreachable(format!("{} did not answer in time", self.place))
    }

    fn wrong_login(&self) -> DeviceError {
        DeviceError::Credentials(format!(
            "{} refuses the account or its password; nothing more is tried until others are entered",
            self.place
        ))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Nonce>> {
        self.nonce.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
