//! The pages with real services on a fresh folder, asked without a network: a browser with cookies, and no more.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::middleware::from_fn_with_state;
use http::HeaderMap;
use http::Request;
use http::StatusCode;
use http::header;
use tempfile::TempDir;
use tower::ServiceExt as _;

use nazorat::identity::Assignment;
use nazorat::identity::DisplayName;
use nazorat::identity::FirstRun;
use nazorat::identity::LoginName;
use nazorat::identity::NewOperator;
use nazorat::identity::Operator;
use nazorat::kernel::Actor;
use nazorat::kernel::Clock;
use nazorat::kernel::Language;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::PageRequest;
use nazorat::kernel::SecretText;
use nazorat::kernel::Timestamp;
use nazorat::kernel::Zone;
use nazorat::store::DataFolder;
use nazorat::tenancy::OrganizationName;
use nazorat::tenancy::Settings;
use nazorat::web::App;
use nazorat::web::api;
use nazorat::web::http::Channel;
use nazorat::web::http::harden;
use nazorat::web::setup;
use nazorat::web::setup::BecameGateway;
use nazorat::web::setup::BecomeGateway;
use nazorat::web::setup::NoGateway;
use nazorat::web::setup::Setup;

use super::services::services;

/// The password of everybody in these tests.
pub(crate) const PASSWORD: &str = "a long road to Samarkand";

/// Everything behind the pages, with a clock that is moved by hand.
pub(crate) struct Office {
    pub(crate) app: App,
    pub(crate) clock: Clock,
    pub(crate) token: SecretText,
    router: Router,
    // The lock and the folder go last.
    _lock: DataFolder,
    _folder: TempDir,
}

/// Joins nothing: a real box is tested with the real program.
async fn joining(token: SecretText) -> Result<BecameGateway, NoGateway> {
    match token.expose() {
        "nzj_good" => Ok(BecameGateway {
            name: "Chilonzor".to_owned(),
            organization: "Zarafshon Savdo".to_owned(),
            server: "https://nazorat.example.com:8443".to_owned(),
            port: 4100,
        }),
        "nzj_old" => Err(NoGateway::Refused("this token is not known".to_owned())),
        _ => Err(NoGateway::Token),
    }
}

impl Office {
    /// Before the first run.
    pub(crate) fn fresh() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed("2026-11-23T09:00:00Z".parse().unwrap());
        let lock = DataFolder::lock(folder.path()).unwrap();
        let token = SecretText::random("");
        let setup = Setup::waiting(&token, Some(BecomeGateway::new(joining)));
        let app = services(&lock, &clock, setup);
        let (api, _) = api::router(app.clone());
        let pages = nazorat::web::router(&app, api).layer(from_fn_with_state(app.setup.clone(), setup::until_done));
        Self { router: harden(pages, Channel::Https), app, clock, token, _lock: lock, _folder: folder }
    }

    /// After the first run: one organization, the administrator `aziza`.
    pub(crate) async fn new() -> Self {
        let office = Self::fresh();
        let first = FirstRun {
            organization: Settings {
                name: OrganizationName::parse("Zarafshon Savdo").unwrap(),
                zone: Zone::default(),
                language: Language::En,
            },
            login: LoginName::parse("aziza").unwrap(),
            display_name: DisplayName::parse("Aziza Karimova").unwrap(),
            language: Language::En,
            password: SecretText::new(PASSWORD),
        };
        office.app.identity.first_run(first).await.unwrap();
        office.app.setup.finish();
        office
    }

    /// The only organization.
    pub(crate) fn organization(&self) -> OrganizationId {
        self.app.tenancy.list_all().first().unwrap().id
    }

    /// One more operator.
    pub(crate) async fn operator(&self, login: &str, assignment: Assignment) -> Arc<Operator> {
        let new = NewOperator {
            login: LoginName::parse(login).unwrap(),
            display_name: DisplayName::parse(login).unwrap(),
            assignment,
            language: Language::En,
            password: SecretText::new(PASSWORD),
        };
        self.app.identity.operators.create(&Actor::system(), new).await.unwrap()
    }

    pub(crate) fn forward(&self, secs: i64) {
        self.clock.set(Timestamp::from_second(self.clock.now().as_second() + secs).unwrap());
    }

    /// Actions in the log of the organization and of the box, newest first each.
    pub(crate) async fn actions(&self) -> Vec<String> {
        let mut actions = Vec::new();
        for log in [Some(self.organization()), None] {
            let page = PageRequest { limit: 500, after: None };
            let found = self.app.audit.list(&Actor::system(), log, Default::default(), page).await.unwrap();
            actions.extend(found.items.into_iter().map(|record| record.action));
        }
        actions
    }

    /// Somebody who knows nobody yet.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { office: self, cookies: BTreeMap::new(), site: "same-origin" }
    }

    /// A browser in which somebody signed in.
    pub(crate) async fn signed_in(&self, login: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.sign_in(login, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }
}

/// A browser that keeps cookies and follows no redirect.
pub(crate) struct Browser<'a> {
    office: &'a Office,
    pub(crate) cookies: BTreeMap<String, String>,
    /// What it says of where its requests come from.
    pub(crate) site: &'static str,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// Where a redirect leads.
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The whole header that sets a cookie.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<&str> {
        let all = self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
        all.into_iter().find(|cookie| cookie.split_once('=').is_some_and(|(found, _)| found == name))
    }
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, String::new()).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", nazorat::web::encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        self.send("POST", path, body).await
    }

    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("login", login), ("password", password)]).await
    }

    async fn send(&mut self, method: &str, path: &str, body: String) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "office.test:8443")
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_LANGUAGE, "en")
            .header("sec-fetch-site", self.site)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 50_000))));
        let response = self.office.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 16 << 20).await.unwrap();
        let answer =
            Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() };
        self.keep_cookies(&answer);
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for value in answer.headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().unwrap();
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
