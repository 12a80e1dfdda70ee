//! The gate that is closed until the first run is done: a one-time token opens the setup pages, and nothing else
//! answers but health and static files. A box can also become a gateway of another appliance here; who starts the
//! process says how.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::extract::State;
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http::header;
use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;
use tokio::sync::watch;

use crate::kernel::Fingerprint;
use crate::kernel::SecretText;
use crate::web::http::problem;

/// What answers before the first run is done.
const OPEN: &[&str] = &["/setup", "/language", "/static", "/health", "/metrics"];

/// What a box is that became a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BecameGateway {
    /// How people call it.
    pub name: String,
    /// Whose it is.
    pub organization: String,
    /// The appliance that it sends to.
    pub server: String,
    /// The port at which it goes on.
    pub port: u16,
}

/// A box could not become a gateway, and is as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoGateway {
    /// The text is no token.
    Token,
    /// The other appliance could not be joined, with the reason.
    Refused(String),
}

type Joining = Pin<Box<dyn Future<Output = Result<BecameGateway, NoGateway>> + Send>>;

/// Joins another appliance with the token of a gateway, durably.
#[derive(Clone)]
pub struct BecomeGateway(Arc<dyn Fn(SecretText) -> Joining + Send + Sync>);

impl BecomeGateway {
    /// From whatever does it.
    pub fn new<F>(join: impl Fn(SecretText) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<BecameGateway, NoGateway>> + Send + 'static,
    {
        Self(Arc::new(move |token| Box::pin(join(token))))
    }
}

impl std::fmt::Debug for BecomeGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BecomeGateway")
    }
}

/// The state of the first run. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Setup(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    token: Option<Fingerprint>,
    done: watch::Sender<bool>,
    become_gateway: Option<BecomeGateway>,
    /// Nobody joins while somebody does.
    joining: Mutex<()>,
    became: watch::Sender<Option<BecameGateway>>,
}

impl Setup {
    /// The first run is still to come; whoever has the token may do it.
    pub fn waiting(token: &SecretText, become_gateway: Option<BecomeGateway>) -> Self {
        Self::of(Some(token.fingerprint()), become_gateway)
    }

    /// The first run was done long ago.
    pub fn finished() -> Self {
        let setup = Self::of(None, None);
        setup.finish();
        setup
    }

    fn of(token: Option<Fingerprint>, become_gateway: Option<BecomeGateway>) -> Self {
        let (done, became) = (watch::Sender::new(false), watch::Sender::new(None));
        Self(Arc::new(Inner { token, done, become_gateway, joining: Mutex::default(), became }))
    }

    /// True once there is an operator who can sign in.
    pub fn is_done(&self) -> bool {
        *self.0.done.borrow()
    }

    /// True when this is the token and the first run is still to come. Takes the same time for every wrong token.
    pub fn admits(&self, token: &str) -> bool {
        let given = Fingerprint::of(token.as_bytes());
        let right = self.0.token.is_some_and(|token| bool::from(token.as_bytes().ct_eq(given.as_bytes())));
        right && !self.is_done()
    }

    /// Whether this box can become a gateway.
    pub fn can_become_gateway(&self) -> bool {
        self.0.become_gateway.is_some()
    }

    /// Which gateway this box has become.
    pub fn gateway(&self) -> Option<BecameGateway> {
        self.0.became.borrow().clone()
    }

    /// Makes this box a gateway. Once it is one, it stays that one whatever token comes.
    pub async fn become_gateway(&self, token: SecretText) -> Result<BecameGateway, NoGateway> {
        let _alone = self.0.joining.lock().await;
        if let Some(already) = self.gateway() {
            return Ok(already);
        }
        let join = self.0.become_gateway.as_ref().filter(|_| !self.is_done());
        let join = join.ok_or_else(|| NoGateway::Refused("this box is an appliance".to_owned()))?;
        let became = (join.0)(token).await?;
        self.0.became.send_replace(Some(became.clone()));
        Ok(became)
    }

    /// Waits until this box is a gateway.
    pub async fn wait_for_gateway(&self) {
        let mut became = self.0.became.subscribe();
        // An error means that the sender is gone, which `self` holds.
        drop(became.wait_for(Option::is_some).await);
    }

    /// The first run is done: the gate opens, the token is worth nothing any more.
    pub fn finish(&self) {
        self.0.done.send_replace(true);
    }

    /// Waits until the first run is done.
    pub async fn wait(&self) {
        let mut done = self.0.done.subscribe();
        // An error means that the sender is gone, which `self` holds.
        drop(done.wait_for(|done| *done).await);
    }
}

/// The layer for all routes: browsers are led to the setup page, programs are told to come back.
pub async fn until_done(State(setup): State<Setup>, request: Request, next: Next) -> Response {
    if setup.is_done() || OPEN.iter().any(|open| is_below(request.uri().path(), open)) {
        return next.run(request).await;
    }
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")));
    if wants_page && (request.method() == Method::GET || request.method() == Method::HEAD) {
        return Redirect::to("/setup").into_response();
    }
    let mut response = problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "setup_required",
        "Nazorat is not set up yet; open the link that it printed at start",
    );
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::BecameGateway;
    use super::BecomeGateway;
    use super::NoGateway;
    use super::Setup;
    use super::is_below;
    use crate::kernel::SecretText;

    #[test]
    fn the_token_admits_until_the_first_run_is_done() {
        let token = SecretText::random("");
        let setup = Setup::waiting(&token, None);
        assert!(setup.admits(token.expose()));
        assert!(!setup.admits("") && !setup.admits("x"));
        setup.finish();
        assert!(!setup.admits(token.expose()) && setup.is_done());
        assert!(!Setup::finished().admits(""));
    }

    #[tokio::test]
    async fn a_box_becomes_one_gateway_and_no_other() {
        let join = BecomeGateway::new(|token: SecretText| async move {
            let name = token.expose().to_owned();
            if name == "wrong" {
                return Err(NoGateway::Token);
            }
            Ok(BecameGateway { name, organization: String::new(), server: String::new(), port: 4100 })
        });
        let setup = Setup::waiting(&SecretText::random(""), Some(join));
        assert_eq!(setup.become_gateway(SecretText::new("wrong")).await, Err(NoGateway::Token));
        for token in ["Chilonzor", "Sergeli"] {
            assert_eq!(setup.become_gateway(SecretText::new(token)).await.unwrap().name, "Chilonzor");
        }
        setup.wait_for_gateway().await;
        let never = Setup::waiting(&SecretText::random(""), None);
        assert!(!never.can_become_gateway() && never.become_gateway(SecretText::new("x")).await.is_err());
    }

    #[test]
    fn a_name_that_only_begins_alike_stays_closed() {
        assert!(is_below("/setup", "/setup") && is_below("/setup/new", "/setup"));
        assert!(!is_below("/setups", "/setup") && !is_below("/", "/setup"));
    }
}
