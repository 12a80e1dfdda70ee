//! One's own account: language, password, where one is signed in, personal tokens.

use askama::Template;
use axum::Extension;
use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;

use super::shown::Fact;
use super::shown::SecretPage;
use super::shown::moment;
use super::shown::own_address;
use crate::identity::DisplayName;
use crate::identity::IdentityError;
use crate::identity::NewToken;
use crate::identity::PasswordChange;
use crate::identity::SessionKey;
use crate::kernel::Access;
use crate::kernel::OperatorId;
use crate::kernel::TokenId;
use crate::web::App;
use crate::web::At;
use crate::web::Choice;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::http::Channel;
use crate::web::page;
use crate::web::pages::question::Question;
use crate::web::pages::question::ask;
use crate::web::pages::sign_in::SecretField;
use crate::web::refused;
use crate::web::role_key;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(show))
        .route("/account/password", get(show_password).post(change_password))
        .route("/account/sessions", post(end_others))
        .route("/account/sessions/{key}", post(end_one))
        .route("/account/tokens/new", get(new_token).post(create_token))
        .route("/account/tokens/{id}/revoke", get(ask_revoke).post(revoke_token))
}

struct SessionRow {
    key: String,
    agent: String,
    address: String,
    seen: String,
    current: bool,
}

struct TokenRow {
    id: String,
    label: String,
    hint: String,
    access: String,
    expires: String,
    used: String,
}

#[derive(Template)]
#[template(path = "system/account.html")]
struct AccountPage {
    l: Layout,
    heading: String,
    facts: Vec<Fact>,
    sessions: Vec<SessionRow>,
    tokens: Vec<TokenRow>,
}

#[derive(Template)]
#[template(path = "system/account_password.html")]
struct PasswordPage {
    l: Layout,
    login: String,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "system/token_form.html")]
struct TokenPage {
    l: Layout,
    typed: String,
    lives: Vec<Choice>,
    accesses: Vec<Choice>,
    problems: Problems,
}

fn own(visitor: &Visitor) -> OperatorId {
    visitor.signed_in.operator.id
}

async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    let texts = visitor.texts;
    let operator = &visitor.signed_in.operator;
    let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
    let facts = vec![
        fact("field-login", operator.login.to_string()),
        fact("operators-role", texts.t(role_key(operator.assignment.role()))),
        fact("operators-password-set", moment(&visitor, Some(operator.password_set_at))),
    ];
    let sessions = sessions(&app, &visitor).await?;
    let tokens = tokens(&app, &visitor)?;
    let heading = operator.display_name.as_str().to_owned();
    let l = Layout::new(&visitor.viewer(), Section::Account, "");
    Ok(page(&AccountPage { l, heading, facts, sessions, tokens }).into_response())
}

async fn sessions(app: &App, visitor: &Visitor) -> Result<Vec<SessionRow>, PageFailure> {
    let texts = visitor.texts;
    let found = app.identity.sessions.list(visitor.actor(), own(visitor)).await;
    let found = found.map_err(|problem| visitor.failure(problem))?;
    let row = |session: crate::identity::Session| SessionRow {
        current: visitor.signed_in.session == Some(session.key),
        key: session.key.to_string(),
        agent: if session.agent.is_empty() { texts.t("account-some-browser") } else { session.agent },
        address: session.address.map(|address| address.to_string()).unwrap_or_default(),
        seen: moment(visitor, Some(session.last_seen_at)),
    };
    Ok(found.into_iter().map(row).collect())
}

fn tokens(app: &App, visitor: &Visitor) -> Result<Vec<TokenRow>, PageFailure> {
    let texts = visitor.texts;
    let found = app.identity.tokens.list(visitor.actor(), own(visitor));
    let found = found.map_err(|problem| visitor.failure(problem))?;
    let row = |token: crate::identity::Token| TokenRow {
        id: token.id.to_string(),
        label: token.name.as_str().to_owned(),
        hint: format!("{}\u{2026}", token.hint),
        access: texts.t(access_key(token.access)),
        expires: texts.moment(&visitor.zone, token.expires_at),
        used: token.last_used_at.map_or_else(|| texts.t("api-keys-never"), |at| moment(visitor, Some(at))),
    };
    Ok(found.into_iter().map(row).collect())
}

const fn access_key(access: Access) -> &'static str {
    match access {
        Access::ReadOnly => "tokens-read-only",
        Access::Full => "tokens-full",
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct TypedPasswords {
    current_password: SecretField,
    password: SecretField,
    password_again: SecretField,
}

fn password_page(visitor: &Visitor, problems: Problems) -> PasswordPage {
    let l = Layout::new(&visitor.viewer(), Section::Account, &visitor.texts.t("account-password"));
    PasswordPage { l, login: visitor.signed_in.operator.login.to_string(), problems }
}

async fn show_password(visitor: Visitor) -> Response {
    page(&password_page(&visitor, Problems::none())).into_response()
}

async fn change_password(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<TypedPasswords>,
) -> Result<Response, PageFailure> {
    let mut problems = Problems::none();
    if typed.password.0.expose() != typed.password_again.0.expose() {
        problems.add("password_again", visitor.texts.t("error-passwords-differ"));
        return Ok(refused(&password_page(&visitor, problems)).into_response());
    }
    let change = PasswordChange {
        current: typed.current_password.0.clone(),
        new: typed.password.0.clone(),
        keep: visitor.signed_in.session,
    };
    match app.identity.operators.change_password(visitor.actor(), change).await {
        Ok(()) => Ok(done("/account", "done-own-password", "")),
        Err(problem) => {
            let problems = Problems::refused(problem.into(), visitor.texts, "current_password");
            let problems = problems.map_err(|failure| visitor.failure(failure))?;
            Ok(refused(&password_page(&visitor, problems)).into_response())
        }
    }
}

async fn end_others(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    let ended = app.identity.sessions.revoke_all(visitor.actor(), own(&visitor), visitor.signed_in.session).await;
    ended.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/account", "done-other-sessions", ""))
}

async fn end_one(State(app): State<App>, visitor: Visitor, At(key): At<String>) -> Result<Response, PageFailure> {
    let key = SessionKey::parse(&key).ok_or_else(|| visitor.failure(Failure::not_found()))?;
    let ended = app.identity.sessions.revoke(visitor.actor(), own(&visitor), key).await;
    ended.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/account", "done-session", ""))
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct TypedToken {
    name: String,
    days: String,
    access: String,
}

fn token_page(visitor: &Visitor, typed: &TypedToken, problems: Problems) -> TokenPage {
    let texts = visitor.texts;
    let life = |days: u16| Choice::new(&days.to_string(), texts.count("days-count", days), &typed.days);
    TokenPage {
        l: Layout::new(&visitor.viewer(), Section::Account, &texts.t("tokens-new")),
        typed: typed.name.clone(),
        lives: [7, 30, 90, 365].map(life).into(),
        accesses: vec![
            Choice::new("read_only", texts.t("tokens-read-only"), &typed.access),
            Choice::new("full", texts.t("tokens-full"), &typed.access),
        ],
        problems,
    }
}

async fn new_token(visitor: Visitor) -> Response {
    let typed = TypedToken { name: String::new(), days: "90".to_owned(), access: "read_only".to_owned() };
    page(&token_page(&visitor, &typed, Problems::none())).into_response()
}

async fn create_token(
    State(app): State<App>,
    visitor: Visitor,
    channel: Option<Extension<Channel>>,
    Form(typed): Form<TypedToken>,
) -> Result<Response, PageFailure> {
    let texts = visitor.texts;
    let access = if typed.access == "full" { Access::Full } else { Access::ReadOnly };
    let made = match DisplayName::parse(&typed.name).map_err(IdentityError::from) {
        Ok(name) => {
            let new = NewToken { name, access, days: typed.days.parse().unwrap_or(0) };
            app.identity.tokens.create(visitor.actor(), own(&visitor), new).await
        }
        Err(problem) => Err(problem),
    };
    let issued = match made {
        Ok(issued) => issued,
        Err(problem) => {
            let problems = Problems::refused(problem.into(), texts, "name");
            let problems = problems.map_err(|failure| visitor.failure(failure))?;
            return Ok(refused(&token_page(&visitor, &typed, problems)).into_response());
        }
    };
    let address = own_address(&visitor, channel.map_or(Channel::Https, |Extension(channel)| channel));
    let (title, secret) = (issued.token.name.as_str().to_owned(), issued.secret.expose().to_owned());
    let until = texts.moment(&visitor.zone, issued.token.expires_at);
    let view = SecretPage {
        l: Layout::new(&visitor.viewer(), Section::Account, &title),
        title,
        meta: texts.with("tokens-until", [("time", until.into())]),
        example: format!("curl --cacert ca.pem {address}/api/v1/employees \\\n  -H 'Authorization: Bearer {secret}'"),
        secret,
        address: String::new(),
        example_title: texts.t("tokens-use"),
        back: "/account",
    };
    Ok(page(&view).into_response())
}

async fn ask_revoke(State(app): State<App>, visitor: Visitor, At(id): At<TokenId>) -> Result<Response, PageFailure> {
    let found = app.identity.tokens.list(visitor.actor(), own(&visitor));
    let found = found.map_err(|problem| visitor.failure(problem))?.into_iter().find(|token| token.id == id);
    let token = found.ok_or_else(|| visitor.failure(Failure::not_found()))?;
    let texts = visitor.texts;
    let question = Question {
        title: texts.with("tokens-revoke-title", [("name", token.name.as_str().into())]),
        consequences: vec![texts.t("tokens-revoke-text")],
        action: format!("/account/tokens/{id}/revoke"),
        danger: texts.t("tokens-revoke-do"),
        safe_href: "/account".to_owned(),
    };
    Ok(ask(&visitor, Section::Account, question))
}

async fn revoke_token(State(app): State<App>, visitor: Visitor, At(id): At<TokenId>) -> Result<Response, PageFailure> {
    let gone = app.identity.tokens.revoke(visitor.actor(), own(&visitor), id).await;
    gone.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/account", "done-token-revoked", ""))
}
