//! The appliance's own services and routes in a folder of their own, asked without a network.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::HeaderMap;
use http::Request;
use http::StatusCode;
use nazorat::identity::Assignment;
use nazorat::identity::DisplayName;
use nazorat::identity::FirstRun;
use nazorat::identity::LoginName;
use nazorat::identity::NewOperator;
use nazorat::identity::NewToken;
use nazorat::ingest;
use nazorat::ingest::Channel;
use nazorat::ingest::ChannelConfig;
use nazorat::ingest::Darkroom;
use nazorat::ingest::Doors;
use nazorat::ingest::Entry;
use nazorat::ingest::GatewayDoors;
use nazorat::intake::Applier;
use nazorat::kernel::Access;
use nazorat::kernel::Actor;
use nazorat::kernel::Clock;
use nazorat::kernel::DepartmentId;
use nazorat::kernel::Language;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::Role;
use nazorat::kernel::SecretText;
use nazorat::kernel::Zone;
use nazorat::runtime::Lifecycle;
use nazorat::store::DataFolder;
use nazorat::tenancy::OrganizationName;
use nazorat::tenancy::Settings;
use nazorat::web;
use nazorat::web::App;
use nazorat::web::api;
use nazorat::web::setup::Setup;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use utoipa::openapi::OpenApi;

use super::services::services;

/// The time at which it always is in such an appliance: a Friday afternoon in Tashkent.
pub(crate) const NOW: &str = "2026-11-20T11:00:00Z";

/// What every operator of a test signs in with.
const PASSWORD: &str = "uzun va maxfiy parol 7";

/// The services after the first run: organization 1, and its administrator.
pub(crate) struct Office {
    pub(crate) app: App,
    pub(crate) documents: [OpenApi; 2],
    /// The id of its gateway, once there is one.
    pub(crate) gateway: String,
    router: Router,
    _folder: DataFolder,
    _dir: TempDir,
}

/// An answer with its body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|problem| panic!("{problem}: {}", self.text))
    }

    /// The stable code of a problem.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16(), "{}", self.text);
        problem["code"].as_str().unwrap().to_owned()
    }
}

impl Office {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::lock(dir.path()).unwrap();
        let clock = Clock::fixed(NOW.parse().unwrap());
        let app = services(&folder, &clock, Setup::finished());
        let first = FirstRun {
            organization: settings("Toshkent ofis"),
            login: LoginName::parse("aziz").unwrap(),
            display_name: DisplayName::parse("Aziz Rahimov").unwrap(),
            language: Language::Uz,
            password: SecretText::new(PASSWORD),
        };
        app.identity.first_run(first).await.unwrap();
        let (api, dashboard) = api::router(app.clone());
        let keys = app.identity.api_keys.clone();
        let (sink, fleet) = (Arc::new(app.intake.clone()), app.fleet.clone());
        let entry = Entry::of_appliance(sink, keys, fleet.clone(), app.tenancy.clone(), clock.clone());
        let doors = Doors { entry, files: app.files.clone(), darkroom: Darkroom::default() };
        let (doors, agents) = {
            let told = (app.commands.clone(), app.presence.clone());
            let (life, config) = (Lifecycle::new(), ChannelConfig::default());
            let channel = Channel::new(fleet.clone(), told, clock.clone(), life, config);
            let gateways = ingest::gateways::router(GatewayDoors {
                fleet,
                clock,
                channel,
                distribution: app.distribution.clone(),
                devices: app.devices.clone(),
            });
            ingest::router(doors).merge(gateways).split_for_parts()
        };
        let router = web::router(&app, api).merge(doors);
        Self { app, documents: [dashboard, agents], gateway: String::new(), router, _folder: folder, _dir: dir }
    }

    /// Another organization.
    pub(crate) async fn organization(&self, name: &str) -> OrganizationId {
        self.app.tenancy.create(&Actor::system(), settings(name)).await.unwrap().id
    }

    /// A new operator's personal token.
    pub(crate) async fn operator(&self, login: &str, assignment: Assignment) -> String {
        let new = NewOperator {
            login: LoginName::parse(login).unwrap(),
            display_name: DisplayName::parse(login).unwrap(),
            assignment,
            language: Language::Uz,
            password: SecretText::new(PASSWORD),
        };
        self.app.identity.operators.create(&Actor::system(), new).await.unwrap();
        self.token(login, Access::Full).await
    }

    /// An operator of a role in organization 1; a lead leads department 1.
    pub(crate) async fn role(&self, role: Role) -> String {
        let own = (role != Role::Admin).then(|| OrganizationId::new(1));
        let department = (role == Role::DepartmentLead).then(|| DepartmentId::new(1));
        let assignment = Assignment::new(role, own, department).unwrap();
        self.operator(&role.name().to_ascii_lowercase(), assignment).await
    }

    /// A personal token for somebody who is there. `aziz` is the administrator.
    pub(crate) async fn token(&self, login: &str, access: Access) -> String {
        let operator = self.app.identity.operators.find_by_login(login).unwrap();
        let new = NewToken { name: DisplayName::parse("test").unwrap(), access, days: 1 };
        let issued = self.app.identity.tokens.create(&Actor::system(), operator.id, new).await.unwrap();
        issued.secret.expose().to_owned()
    }

    /// Signs somebody in by the page; gives the cookie of the session.
    pub(crate) async fn sign_in(&self, login: &str) -> String {
        let form = format!("login={login}&password={}", PASSWORD.replace(' ', "+"));
        let request = Request::post("/sign-in").header("content-type", "application/x-www-form-urlencoded");
        let answer = self.send(request.body(Body::from(form)).unwrap()).await;
        let cookies = answer.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
        let session =
            cookies.filter(|cookie| cookie.starts_with("__Host-")).find_map(|cookie| cookie.split(';').next());
        session.unwrap_or_else(|| panic!("{login} was not signed in: {}", answer.status)).to_owned()
    }

    /// Sends a request as the owner of a token, or as nobody.
    pub(crate) async fn ask(&self, token: &str, method: &str, path: &str, body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Applies everything that was sent so far.
    pub(crate) async fn settle(&self) {
        let stop = CancellationToken::new();
        let applier = Applier::new(self.app.intake.clone(), self.app.people.clone());
        let settled = async {
            let all = self.app.intake.settled(std::time::Duration::from_secs(60)).await;
            stop.cancel();
            all
        };
        let (applied, all) = tokio::join!(applier.run(stop.clone()), settled);
        applied.unwrap();
        assert!(all, "events were not applied within a minute");
    }
}

fn settings(name: &str) -> Settings {
    Settings { name: OrganizationName::parse(name).unwrap(), zone: Zone::default(), language: Language::Uz }
}
