//! Who is behind a request: a person with a session, or a program with a personal token.

use axum::extract::ConnectInfo;
use axum::extract::FromRef;
use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::Method;
use http::Uri;
use http::header::AUTHORIZATION;
use http::header::HOST;
use http::request::Parts;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use tower_sessions::Session;

use crate::identity::SignedIn;
use crate::identity::Visit;
use crate::kernel::Actor;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Zone;
use crate::tenancy::Organization;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Completeness;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Texts;
use crate::web::Viewer;
use crate::web::cookie;
use crate::web::flash;
use crate::web::language_of;
use crate::web::theme_of;

/// Cookie with the organization that an administrator looks at.
pub const ORGANIZATION_COOKIE: &str = "nz_org";

/// A person who is signed in and looks at pages.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub signed_in: SignedIn,
    pub texts: Texts,
    pub organization: Arc<Organization>,
    pub zone: Zone,
    headers: HeaderMap,
    path: String,
    host: String,
    completeness: Completeness,
    /// How many alerts are open, for those who may see them.
    alerts: Option<usize>,
}

impl Visitor {
    /// Who is asking.
    pub fn actor(&self) -> &Actor {
        &self.signed_in.actor
    }

    /// The organization that the visitor looks at.
    pub fn organization_id(&self) -> OrganizationId {
        self.organization.id
    }

    /// What the frame of a page shows of the visitor.
    pub fn viewer(&self) -> Viewer {
        let operator = &self.signed_in.operator;
        Viewer {
            texts: self.texts,
            theme: theme_of(&self.headers),
            role: operator.assignment.role(),
            name: operator.display_name.as_str().to_owned(),
            organization: self.organization.name().to_owned(),
            can_switch: self.actor().may(Permission::EditOrganizations),
            path: self.path.clone(),
            completeness: self.completeness.clone(),
            alerts: self.alerts,
            flash: flash::toast(self.texts, &self.headers),
        }
    }

    /// The address of the page, with its query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name and port under which the visitor's browser reached this appliance.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How many alerts are open; none for those who may not see them.
    pub fn open_alerts(&self) -> usize {
        self.alerts.unwrap_or(0)
    }

    /// What the browser sent along.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A failure in the visitor's language.
    pub fn failure(&self, problem: impl Into<Failure>) -> PageFailure {
        PageFailure::new(problem.into(), self.texts, &self.headers, &self.path).within(self.viewer())
    }

    /// True for a request that wants a part of the page only.
    pub fn wants_fragment(&self) -> bool {
        self.headers.contains_key("hx-request") && !self.headers.contains_key("hx-boosted")
    }
}

impl<S> FromRequestParts<S> for Visitor
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageFailure> {
        let app = App::from_ref(state);
        let headers = parts.headers.clone();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let texts = Texts::of(language_of(&headers).unwrap_or(Language::Uz));
        let refuse = |problem: Failure| PageFailure::new(problem, texts, &headers, &path);
        let signed_in = from_session(&app, parts).await.map_err(refuse)?;
        let signed_in = signed_in.ok_or_else(|| refuse(unauthenticated()))?;
        let texts = Texts::of(signed_in.operator.language);
        let organization = organization_of(&app, &signed_in.actor, &headers)
            .map_err(|problem| PageFailure::new(problem, texts, &headers, &path))?;
        let zone = organization.settings.zone.clone();
        let completeness = completeness(&app, texts, &zone);
        let host = host_of(&parts.uri, &headers).to_owned();
        // A bell that cannot be counted is no reason to show no page; what is wrong with the store is seen there.
        let alerts = app.alerts.count_open(&signed_in.actor, organization.id).await.ok();
        Ok(Self { signed_in, texts, organization, zone, headers, path, host, completeness, alerts })
    }
}

/// A caller of the dashboard API: a session of the same site, or a personal token.
#[derive(Debug, Clone)]
pub struct Caller(pub Actor);

impl<S> FromRequestParts<S> for Caller
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiFailure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiFailure> {
        let app = App::from_ref(state);
        let signed_in = match bearer(&parts.headers) {
            Some(secret) => app.identity.tokens.authenticate(secret, app.clock.now()),
            None => from_session(&app, parts).await?,
        };
        let signed_in = signed_in.ok_or_else(unauthenticated)?;
        let actor = signed_in.actor.at(address_of(parts));
        let looks = matches!(parts.method, Method::GET | Method::HEAD);
        if !looks && actor.access() == crate::kernel::Access::ReadOnly {
            return Err(Failure::new(Kind::Forbidden, "read_only_token", "this token may only read").into());
        }
        Ok(Self(actor))
    }
}

pub(super) async fn from_session(app: &App, parts: &mut Parts) -> Result<Option<SignedIn>, Failure> {
    let Some(session) = parts.extensions.get::<Session>().cloned() else { return Ok(None) };
    let background = parts.headers.get("accept").is_some_and(|kind| kind == "text/event-stream")
        || parts.headers.contains_key("nazorat-background");
    let visit = if background { Visit::Background } else { Visit::Person };
    let address = address_of(parts);
    let found = app.identity.sessions.resume(&session, visit).await?;
    Ok(found.map(|signed_in| SignedIn { actor: signed_in.actor.clone().at(address), ..signed_in }))
}

/// The organization that somebody looks at: their own, or the one an administrator chose.
fn organization_of(app: &App, actor: &Actor, headers: &HeaderMap) -> Result<Arc<Organization>, Failure> {
    if let Some(own) = actor.organization() {
        // Also guards stand in an organization, though they may not read its settings.
        return app.tenancy.find(actor.tenant(own)?).ok_or_else(Failure::not_found);
    }
    let chosen = cookie(headers, ORGANIZATION_COOKIE).and_then(|text| text.parse().ok()).map(OrganizationId::new);
    if let Some(organization) = chosen.and_then(|id| app.tenancy.get(actor, id).ok()) {
        return Ok(organization);
    }
    let all = app.tenancy.list_all();
    all.iter().find(|one| one.is_active()).or(all.first()).cloned().ok_or_else(|| Denied::OutsideScope.into())
}

fn completeness(app: &App, texts: Texts, zone: &Zone) -> Completeness {
    let backlog = app.intake.backlog();
    let time = texts.time_seconds(zone, backlog.applied_through);
    let late = app.clock.now().as_second() - backlog.applied_through.as_second() > 120;
    let light = if backlog.refusing {
        "bad"
    } else if late {
        "look"
    } else {
        "ok"
    };
    Completeness { light, text: texts.with("complete-to", [("time", time.into())]) }
}

/// The name and port that were asked for: HTTP/2 says them in the address, HTTP/1 in a header.
pub(super) fn host_of<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    let named = || headers.get(HOST).and_then(|host| host.to_str().ok());
    uri.authority().map(|authority| authority.as_str()).or_else(named).unwrap_or("localhost")
}

/// The secret of a personal token in `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

/// From where a request came. The appliance stands behind no proxy, so no header is believed.
pub fn address_of(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip().to_canonical())
}

fn unauthenticated() -> Failure {
    Failure::new(Kind::Unauthenticated, "unauthenticated", "sign in, or send `Authorization: Bearer TOKEN`")
}

/// Who sent a request, whatever the way; for the audit log.
pub(super) async fn actor_of(app: &App, mut parts: Parts) -> Option<Actor> {
    let found = match bearer(&parts.headers) {
        Some(secret) => app.identity.tokens.authenticate(secret, app.clock.now()),
        None => from_session(app, &mut parts).await.ok().flatten(),
    };
    found.map(|signed_in| signed_in.actor.at(address_of(&parts)))
}
