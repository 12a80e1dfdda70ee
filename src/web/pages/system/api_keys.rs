//! Keys with which computers send: made, exchanged with an overlap, revoked at once.

use askama::Template;
use axum::Extension;
use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;

use super::shown::SecretPage;
use super::shown::moment;
use super::shown::own_address;
use crate::identity::ApiKey;
use crate::identity::DisplayName;
use crate::identity::IdentityError;
use crate::identity::IssuedKey;
use crate::identity::KeyState;
use crate::kernel::ApiKeyId;
use crate::kernel::PageRequest;
use crate::web::App;
use crate::web::At;
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
use crate::web::refused;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api-keys", get(list))
        .route("/api-keys/new", get(form).post(create))
        .route("/api-keys/{id}/rotate", get(ask_rotate).post(rotate))
        .route("/api-keys/{id}/revoke", get(ask_revoke).post(revoke))
}

struct Row {
    id: String,
    label: String,
    hint: String,
    tone: &'static str,
    state: String,
    works: bool,
    created: String,
    used: String,
}

#[derive(Template)]
#[template(path = "system/api_keys.html")]
struct ListPage {
    l: Layout,
    rows: Vec<Row>,
    address: String,
}

#[derive(Template)]
#[template(path = "system/api_key_form.html")]
struct FormPage {
    l: Layout,
    typed: String,
    problems: Problems,
}

#[derive(serde::Deserialize)]
struct Typed {
    #[serde(default)]
    name: String,
}

type Through = Option<Extension<Channel>>;

fn channel_of(through: Through) -> Channel {
    through.map_or(Channel::Https, |Extension(channel)| channel)
}

async fn list(State(app): State<App>, visitor: Visitor, through: Through) -> Result<Response, PageFailure> {
    let keys = all(&app, &visitor).await?;
    let rows = keys.iter().rev().map(|key| row(&visitor, key)).collect();
    let address = format!("{}/v2/ingest/logs", own_address(&visitor, channel_of(through)));
    let l = Layout::new(&visitor.viewer(), Section::ApiKeys, "");
    Ok(page(&ListPage { l, rows, address }).into_response())
}

async fn all(app: &App, visitor: &Visitor) -> Result<Vec<ApiKey>, PageFailure> {
    let request = PageRequest { limit: PageRequest::MAX, after: None };
    let found = app.identity.api_keys.list(visitor.actor(), visitor.organization_id(), request).await;
    found.map(|page| page.items).map_err(|problem| visitor.failure(problem))
}

async fn one(app: &App, visitor: &Visitor, id: ApiKeyId) -> Result<ApiKey, PageFailure> {
    let found = all(app, visitor).await?.into_iter().find(|key| key.id == id);
    found.ok_or_else(|| visitor.failure(Failure::not_found()))
}

fn row(visitor: &Visitor, key: &ApiKey) -> Row {
    let texts = visitor.texts;
    let (tone, state) = match key.state {
        KeyState::Active => ("ok", texts.t("api-keys-works")),
        KeyState::Rotating { old_until } => {
            let time = texts.moment(&visitor.zone, old_until);
            ("look", texts.with("api-keys-rotating", [("time", time.into())]))
        }
        KeyState::Revoked { at } => {
            ("", texts.with("api-keys-revoked", [("time", texts.moment(&visitor.zone, at).into())]))
        }
    };
    Row {
        id: key.id.to_string(),
        label: key.name.as_str().to_owned(),
        hint: format!("{}\u{2026}", key.hint),
        tone,
        state,
        works: !matches!(key.state, KeyState::Revoked { .. }),
        created: moment(visitor, Some(key.created_at)),
        used: key.last_used_at.map_or_else(|| texts.t("api-keys-never"), |at| moment(visitor, Some(at))),
    }
}

fn form_page(visitor: &Visitor, typed: &str, problems: Problems) -> FormPage {
    let l = Layout::new(&visitor.viewer(), Section::ApiKeys, &visitor.texts.t("api-keys-new"));
    FormPage { l, typed: typed.to_owned(), problems }
}

async fn form(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    all(&app, &visitor).await?;
    Ok(page(&form_page(&visitor, "", Problems::none())).into_response())
}

async fn create(
    State(app): State<App>,
    visitor: Visitor,
    through: Through,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    let made = match DisplayName::parse(&typed.name).map_err(IdentityError::from) {
        Ok(name) => app.identity.api_keys.create(visitor.actor(), visitor.organization_id(), name).await,
        Err(problem) => Err(problem),
    };
    match made {
        Ok(issued) => Ok(show_secret(&visitor, channel_of(through), &issued)),
        Err(problem) => {
            let problems = Problems::refused(problem.into(), visitor.texts, "name");
            let problems = problems.map_err(|failure| visitor.failure(failure))?;
            Ok(refused(&form_page(&visitor, &typed.name, problems)).into_response())
        }
    }
}

/// The only page with the secret, and how to use it at once.
fn show_secret(visitor: &Visitor, channel: Channel, issued: &IssuedKey) -> Response {
    let texts = visitor.texts;
    let title = issued.key.name.as_str().to_owned();
    let address = format!("{}/v2/ingest/logs", own_address(visitor, channel));
    let meta = match issued.key.state {
        KeyState::Rotating { old_until } => {
            texts.with("api-keys-old-works", [("time", texts.moment(&visitor.zone, old_until).into())])
        }
        KeyState::Active | KeyState::Revoked { .. } => {
            texts.with("api-keys-for", [("name", visitor.organization.name().into())])
        }
    };
    page(&SecretPage {
        l: Layout::new(&visitor.viewer(), Section::ApiKeys, &title),
        title,
        meta,
        example: example(&address, issued.secret.expose()),
        secret: issued.secret.expose().to_owned(),
        address,
        example_title: texts.t("api-keys-connect"),
        back: "/api-keys",
    })
    .into_response()
}

/// One event of this minute, sent by hand.
fn example(address: &str, secret: &str) -> String {
    let body = "{\"events\":[{\"kind\":\"active_window\",\"ts\":\"'$(date -u +%FT%TZ)'\",\"duration_ms\":60000,\
                \"computer_uid\":\"test-computer\",\"user_name\":\"test\",\"app\":\"EXCEL.EXE\",\"title\":\"Test\"}]}";
    format!(
        "curl --cacert ca.pem {address} \\\n  -H 'X-API-Key: {secret}' \\\n  -H 'Idempotency-Key: test-1' \\\n  \
         -H 'Content-Type: application/json' \\\n  -d '{body}'"
    )
}

async fn ask_rotate(State(app): State<App>, visitor: Visitor, At(id): At<ApiKeyId>) -> Result<Response, PageFailure> {
    let key = one(&app, &visitor, id).await?;
    let texts = visitor.texts;
    let question = Question {
        title: texts.with("api-keys-rotate-title", [("name", key.name.as_str().into())]),
        consequences: vec![texts.t("api-keys-rotate-text")],
        action: format!("/api-keys/{id}/rotate"),
        danger: texts.t("api-keys-rotate-do"),
        safe_href: "/api-keys".to_owned(),
    };
    Ok(ask(&visitor, Section::ApiKeys, question))
}

async fn rotate(
    State(app): State<App>,
    visitor: Visitor,
    through: Through,
    At(id): At<ApiKeyId>,
) -> Result<Response, PageFailure> {
    let issued = app.identity.api_keys.rotate(visitor.actor(), visitor.organization_id(), id).await;
    let issued = issued.map_err(|problem| visitor.failure(problem))?;
    Ok(show_secret(&visitor, channel_of(through), &issued))
}

async fn ask_revoke(State(app): State<App>, visitor: Visitor, At(id): At<ApiKeyId>) -> Result<Response, PageFailure> {
    let key = one(&app, &visitor, id).await?;
    let texts = visitor.texts;
    let used = key
        .last_used_at
        .map(|at| texts.with("api-keys-revoke-used", [("time", texts.moment(&visitor.zone, at).into())]));
    let question = Question {
        title: texts.with("api-keys-revoke-title", [("name", key.name.as_str().into())]),
        consequences: std::iter::once(texts.t("api-keys-revoke-text")).chain(used).collect(),
        action: format!("/api-keys/{id}/revoke"),
        danger: texts.t("api-keys-revoke-do"),
        safe_href: "/api-keys".to_owned(),
    };
    Ok(ask(&visitor, Section::ApiKeys, question))
}

async fn revoke(State(app): State<App>, visitor: Visitor, At(id): At<ApiKeyId>) -> Result<Response, PageFailure> {
    let gone = app.identity.api_keys.revoke(visitor.actor(), visitor.organization_id(), id).await;
    let gone = gone.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/api-keys", "done-revoked", gone.name.as_str()))
}
