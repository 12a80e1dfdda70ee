//! A box that becomes a gateway of another appliance instead of one of its own.

use askama::Template;
use axum::extract::Request;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::HeaderMap;
use http::Uri;
use http::uri::Authority;

use super::answers::Answers;
use super::answers::Step;
use super::view::Facts;
use super::view::SetupPage;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::PlainLayout;
use crate::web::Problems;
use crate::web::Texts;
use crate::web::http::Channel;
use crate::web::language_of;
use crate::web::page;
use crate::web::pages::sign_in;
use crate::web::refused;
use crate::web::setup::BecameGateway;
use crate::web::setup::NoGateway;
use crate::web::visitor::host_of;

#[derive(Default, serde::Deserialize)]
struct Typed {
    #[serde(default)]
    join: sign_in::SecretField,
}

/// The last page of an appliance that is none any more.
#[derive(Template)]
#[template(path = "setup/joined.html")]
struct JoinedPage {
    l: PlainLayout,
    title: String,
    text: String,
    server: String,
    /// Where the box goes on; empty when that is not known.
    address: String,
}

/// The answer to the token of another appliance.
pub(super) async fn finish(
    app: &App,
    answers: &Answers,
    (uri, headers, channel): (&Uri, &HeaderMap, Channel),
    request: Request,
) -> Result<Response, PageFailure> {
    let texts = Texts::of(language_of(headers).unwrap_or_default());
    let typed: Typed =
        sign_in::read_form(request).await.map_err(|problem| PageFailure::new(problem, texts, headers, "/setup"))?;
    let (sentence, detail) = match app.setup.become_gateway(typed.join.0).await {
        Ok(became) => return Ok(joined(texts, (uri, headers), &became)),
        Err(NoGateway::Token) => ("setup-join-wrong", String::new()),
        Err(NoGateway::Refused(detail)) => ("setup-join-refused", detail),
    };
    tracing::warn!("this box did not become a gateway: {}", if detail.is_empty() { "no token" } else { &detail });
    let facts = Facts::gather(app, (uri, headers), channel).await;
    let mut problems = Problems::none();
    problems.add("join", texts.t(sentence));
    let mut view = SetupPage::new(&facts, answers, Step::Gateway, problems);
    view.join_detail = detail;
    Ok(refused(&view).into_response())
}

/// Tells what this box is now.
pub(super) fn joined(texts: Texts, (uri, headers): (&Uri, &HeaderMap), became: &BecameGateway) -> Response {
    let title = texts.with("setup-joined-title", [("name", became.name.as_str().into())]);
    let authority = host_of(uri, headers).parse::<Authority>().ok().filter(|_| became.port != 0);
    page(&JoinedPage {
        l: PlainLayout::new(texts, headers, "/setup", &title),
        title,
        text: texts.with("setup-joined-text", [("organization", became.organization.as_str().into())]),
        server: became.server.clone(),
        address: authority.map(|found| format!("http://{}:{}/", found.host(), became.port)).unwrap_or_default(),
    })
    .into_response()
}
