//! The document of the dashboard API, and the pages that show documents.
//!
//! Handlers describe what is special about them; what every route answers is added here, once, so that it cannot be
//! forgotten.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use http::header;
use utoipa::OpenApi as _;
use utoipa::openapi::Content;
use utoipa::openapi::OpenApi;
use utoipa::openapi::Ref;
use utoipa::openapi::RefOr;
use utoipa::openapi::ResponseBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::security::ApiKey;
use utoipa::openapi::security::ApiKeyValue;
use utoipa::openapi::security::Http;
use utoipa::openapi::security::HttpAuthScheme;
use utoipa::openapi::security::SecurityScheme;
use utoipa_swagger_ui::Config;

use crate::web::ProblemBody;

const PROBLEM: &str = "application/problem+json";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Nazorat dashboard",
        description = "What the pages can do, for programs. Send `Authorization: Bearer TOKEN` with a personal token \
            (account page, or `nazorat operator token`); a token that may only read is refused for changes. \
            Times are RFC 3339, days are those of the organization's time zone, durations are milliseconds. \
            Errors are problem details (RFC 9457) with a stable `code`. Lists are given in pages: send `next_cursor` as \
            `cursor` until it is null. Ids are numbers within an organization; administrators choose it with \
            `organization_id`."
    ),
    tags(
        (name = "organizations", description = "Tenants"),
        (name = "departments", description = "The tree of an organization"),
        (name = "employees", description = "People who work there"),
        (name = "credentials", description = "Their cards and faces"),
        (name = "computers", description = "Workplace computers"),
        (name = "computer users", description = "Accounts on computers"),
        (name = "links", description = "Whose account it was, and when"),
        (name = "events", description = "What was observed"),
        (name = "operators", description = "People who sign in"),
        (name = "access", description = "API keys, and one's own tokens and sessions"),
        (name = "gateways", description = "Boxes of the branches"),
        (name = "devices", description = "Terminals at doors, gates, and who passed"),
        (name = "policies", description = "What may be collected of whom"),
        (name = "rules", description = "What counts as useful, for whom"),
        (name = "notices", description = "What people are told of it, and who has accepted that"),
        (name = "audit", description = "Who did what"),
    ),
    components(schemas(ProblemBody)),
    security(("session" = []), ("token" = [])),
    modifiers(&Security)
)]
struct Document;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, openapi: &mut OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let cookie = ApiKeyValue::with_description("__Host-nz", "The session of somebody who signed in on a page");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

pub(super) fn openapi() -> OpenApi {
    Document::openapi()
}

/// Adds to every operation a name of its own and the answers that all have.
pub(super) fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(format!("{method}_{}", name_of(path)));
            let mut answers = vec![
                ("400", "Cannot be read"),
                ("401", "Nobody is signed in, or the token is not known"),
                ("403", "The role, or the token, does not allow it"),
                ("404", "It does not exist, or belongs to another organization"),
                ("422", "A value is wrong; `field` tells which"),
                ("500", "Our fault; the log of the appliance says more"),
                ("503", "Not now; come again after `Retry-After`"),
            ];
            if method != "get" {
                answers.push(("409", "It clashes with what is already there"));
                answers.push(("429", "Too often; come again after `Retry-After`"));
            }
            if operation.request_body.is_some() {
                answers.push(("413", "The body is larger than 256 KiB"));
                answers.push(("415", "The body is not `application/json`"));
            }
            for (status, description) in answers {
                operation.responses.responses.entry(status.to_owned()).or_insert_with(|| problem(description));
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// `/api/v1/employees/{id}/links` is called `employees_id_links`.
fn name_of(path: &str) -> String {
    let words = path.trim_start_matches("/api/v1/").split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

fn problem(description: &str) -> RefOr<utoipa::openapi::Response> {
    let schema = Ref::from_schema_name("Problem");
    let content = Content::new(Some(schema));
    RefOr::T(ResponseBuilder::new().description(description).content(PROBLEM, content).build())
}

/// Shows a document at `place` with everything that is needed for it, and gives it as `place/openapi.json`.
///
/// All files come from the binary. The policy that holds for all pages holds for these as well.
pub fn documented(place: &'static str, document: OpenApi) -> Router {
    // Without `none` the page asks a server on the internet whether the document is valid.
    let url = format!("{place}/openapi.json");
    let config = Arc::new(Config::from(url.clone()).validator_url("none").use_base_layout());
    let document = Arc::new(document);
    Router::new()
        .route(place, get(move || async move { Redirect::to(&format!("{place}/")) }))
        .route(&url, get(move || async move { Json(document) }))
        .route(
            &format!("{place}/"),
            get({
                let config = Arc::clone(&config);
                async move || file("", config)
            }),
        )
        .route(&format!("{place}/{{file}}"), get(async move |Path(name): Path<String>| file(&name, config)))
}

fn file(name: &str, config: Arc<Config<'static>>) -> Response {
    match utoipa_swagger_ui::serve(name, config) {
        Ok(Some(found)) => {
            let mut response = ([(header::CONTENT_TYPE, found.content_type)], found.bytes.into_owned()).into_response();
            if found.gzpipped {
                response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
            }
            response
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(problem) => {
            tracing::error!("a file of the documentation cannot be read: {problem}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
