//! Coming in, going out, and the language of the pages.

use askama::Template;
use axum::Extension;
use axum::Form;
use axum::extract::Query;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use http::HeaderMap;
use http::HeaderValue;
use http::StatusCode;
use http::header::RETRY_AFTER;
use http::header::SET_COOKIE;
use http::header::USER_AGENT;
use tower_sessions::Session;

use crate::identity::LoginError;
use crate::identity::Operator;
use crate::identity::Origin;
use crate::kernel::Language;
use crate::kernel::Role;
use crate::kernel::SecretText;
use crate::web::About;
use crate::web::App;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::PlainLayout;
use crate::web::Problems;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::address_of;
use crate::web::encode;
use crate::web::http::Channel;
use crate::web::language_of;
use crate::web::page;

/// Longer input is nobody's login.
const LONGEST_LOGIN: usize = 200;

#[derive(Template)]
#[template(path = "sign_in/page.html")]
struct SignInPage {
    l: PlainLayout,
    title: String,
    action: String,
    login: String,
    problems: Problems,
    version: &'static str,
    fingerprint: String,
    protected: bool,
}

#[derive(Debug, serde::Deserialize)]
pub(in crate::web) struct Wanted {
    #[serde(default)]
    next: String,
}

/// What was typed; the password is wiped with the request.
#[derive(serde::Deserialize)]
pub(in crate::web) struct Typed {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: SecretField,
}

/// A password in a form: not printed, wiped when dropped.
#[derive(Clone, serde::Deserialize)]
#[serde(from = "String")]
pub(in crate::web) struct SecretField(pub(in crate::web) SecretText);

impl From<String> for SecretField {
    fn from(text: String) -> Self {
        Self(SecretText::new(text))
    }
}

impl Default for SecretField {
    fn default() -> Self {
        Self(SecretText::new(""))
    }
}

/// What both ways to the page need.
struct Visit<'a> {
    app: &'a App,
    headers: &'a HeaderMap,
    next: String,
    channel: Channel,
}

impl Visit<'_> {
    fn page(&self, login: String, problems: impl FnOnce(Texts) -> Problems) -> SignInPage {
        let texts = Texts::of(language_of(self.headers).unwrap_or(Language::Uz));
        let title = texts.t("sign-in-title");
        let next = if self.next == "/" { String::new() } else { format!("?next={}", encode(&self.next)) };
        let action = format!("/sign-in{next}");
        SignInPage {
            l: PlainLayout::new(texts, self.headers, &action, &title),
            title,
            action,
            login,
            problems: problems(texts),
            version: About::version(),
            fingerprint: self.app.about.fingerprint().unwrap_or_default().to_owned(),
            protected: self.channel == Channel::Https && self.app.about.fingerprint().is_some(),
        }
    }
}

pub(in crate::web) async fn show(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
    visitor: Result<Visitor, PageFailure>,
    channel: Option<Extension<Channel>>,
    headers: HeaderMap,
) -> Response {
    let next = wanted_page(&wanted.next);
    if let Ok(visitor) = visitor {
        return Redirect::to(&landing(&visitor.signed_in.operator, next)).into_response();
    }
    let channel = channel.map_or(Channel::Https, |Extension(channel)| channel);
    let visit = Visit { app: &app, headers: &headers, next: next.to_owned(), channel };
    page(&visit.page(String::new(), |_| Problems::none())).into_response()
}

pub(in crate::web) async fn submit(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
    session: Session,
    request: Request,
) -> Result<Response, PageFailure> {
    let (parts, body) = request.into_parts();
    let address = address_of(&parts);
    let channel = parts.extensions.get().copied().unwrap_or(Channel::Https);
    let headers = parts.headers.clone();
    let texts = Texts::of(language_of(&headers).unwrap_or(Language::Uz));
    let next = wanted_page(&wanted.next).to_owned();
    let fail = |problem: Failure| PageFailure::new(problem, texts, &headers, "/sign-in");
    let typed = read_form::<Typed>(Request::from_parts(parts, body)).await.map_err(fail)?;
    let login: String = typed.login.trim().chars().take(LONGEST_LOGIN).collect();
    let visit = Visit { app: &app, headers: &headers, next: next.clone(), channel };
    let operator = match app.identity.login.sign_in(&login, &typed.password.0, address).await {
        Ok(operator) => operator,
        Err(LoginError::Failed(problem)) => return Err(fail(problem.into())),
        Err(refusal) => return Ok(refused(&visit, login, &refusal)),
    };
    begin(&app, &session, &operator, &headers, address).await.map_err(fail)?;
    Ok(Redirect::to(&landing(&operator, &next)).into_response())
}

/// Begins a session for an operator who just proved to be one. The id of the session is a new one.
pub(super) async fn begin(
    app: &App,
    session: &Session,
    operator: &Operator,
    headers: &HeaderMap,
    address: Option<std::net::IpAddr>,
) -> Result<(), Failure> {
    let user_agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned();
    Ok(app.identity.sessions.begin(session, operator, Origin { address, user_agent }).await?)
}

fn refused(visit: &Visit<'_>, login: String, refusal: &LoginError) -> Response {
    let (status, wait) = match refusal {
        LoginError::Refused | LoginError::Failed(_) => (StatusCode::UNAUTHORIZED, None),
        LoginError::TooMany { retry_after_secs } => (StatusCode::TOO_MANY_REQUESTS, Some(*retry_after_secs)),
        LoginError::Busy => (StatusCode::SERVICE_UNAVAILABLE, Some(2)),
    };
    let sentence = |texts: Texts| match refusal {
        LoginError::TooMany { retry_after_secs } => {
            let millis = i64::try_from(retry_after_secs.saturating_mul(1000)).unwrap_or(i64::MAX);
            texts.with("sign-in-wait", [("time", texts.duration_ms(millis).into())])
        }
        LoginError::Busy => texts.t("error-busy"),
        LoginError::Refused | LoginError::Failed(_) => texts.t("error-login-refused"),
    };
    let shown = visit.page(login, |texts| {
        let mut problems = Problems::none();
        problems.add("login", sentence(texts));
        problems
    });
    let mut response = page(&shown).into_response();
    *response.status_mut() = status;
    if let Some(secs) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(secs));
    }
    response
}

/// Where somebody begins: where they wanted to go, or the first page of their role.
pub(super) fn landing(operator: &Operator, next: &str) -> String {
    match (next, operator.assignment.role()) {
        ("/", Role::Guard) => "/doors/desk".to_owned(),
        (next, _) => next.to_owned(),
    }
}

pub(in crate::web) async fn sign_out(
    State(app): State<App>,
    visitor: Result<Visitor, PageFailure>,
    session: Session,
) -> Result<Response, PageFailure> {
    if let Ok(visitor) = visitor {
        app.identity.sessions.end(visitor.actor(), &session).await.map_err(|problem| visitor.failure(problem))?;
    }
    Ok(Redirect::to("/sign-in").into_response())
}

#[derive(Debug, serde::Deserialize)]
pub(in crate::web) struct WantedLanguage {
    #[serde(default)]
    language: String,
    #[serde(default)]
    next: String,
}

pub(in crate::web) async fn language(
    State(app): State<App>,
    visitor: Result<Visitor, PageFailure>,
    Form(wanted): Form<WantedLanguage>,
) -> Result<Response, PageFailure> {
    if let (Ok(visitor), Some(language)) = (visitor, Language::parse(&wanted.language)) {
        let set = app.identity.operators.set_language(visitor.actor(), language).await;
        set.map_err(|problem| visitor.failure(problem))?;
    }
    Ok(remember(&wanted))
}

/// The same for pages that nobody signs in to.
pub(in crate::web) async fn language_of_browser(Form(wanted): Form<WantedLanguage>) -> Response {
    remember(&wanted)
}

fn remember(wanted: &WantedLanguage) -> Response {
    let mut response = Redirect::to(own_path(&wanted.next).unwrap_or("/")).into_response();
    let Some(language) = Language::parse(&wanted.language) else { return response };
    let cookie = format!("nz_lang={}; Path=/; Max-Age=31536000; SameSite=Lax", language.tag());
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Reads a form whose request was looked at before.
pub(super) async fn read_form<T: serde::de::DeserializeOwned>(request: Request) -> Result<T, Failure> {
    use axum::extract::FromRequest as _;
    let read = Form::<T>::from_request(request, &()).await;
    read.map(|Form(typed)| typed)
        .map_err(|_| Failure::new(crate::kernel::Kind::Invalid, "invalid_form", "form cannot be read"))
}

/// The path if it leads to this appliance and nowhere else.
fn own_path(next: &str) -> Option<&str> {
    let rest = next.strip_prefix('/')?;
    let foreign = rest.starts_with(['/', '\\']) || next.chars().any(|letter| letter.is_control() || letter == '\\');
    (!foreign && next.len() <= 2000).then_some(next)
}

/// Where somebody may go after signing in; going in circles is nowhere.
fn wanted_page(next: &str) -> &str {
    let in_circles = |path: &&str| ["/sign-in", "/sign-out", "/language"].iter().any(|start| path.starts_with(start));
    own_path(next).filter(|path| !in_circles(path)).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::wanted_page;

    #[test]
    fn only_own_paths_are_followed() {
        for foreign in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "evil"] {
            assert_eq!(wanted_page(foreign), "/", "{foreign}");
        }
        assert_eq!(wanted_page("/people?q=a%20b"), "/people?q=a%20b");
        assert_eq!(wanted_page("/sign-in?next=/"), "/");
    }
}
