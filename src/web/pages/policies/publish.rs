//! Publishing a draft: what it means, why it is done, and then it holds.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;

use super::Known;
use super::edit::sentence;
use super::outcome::Outcome;
use super::require_editor;
use crate::kernel::PolicyId;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::refused;

#[derive(Template)]
#[template(path = "policies/publish.html")]
struct PublishPage {
    l: Layout,
    title: String,
    meta: String,
    href: String,
    outcome: Outcome,
    version: u32,
    seen: String,
    reason: String,
    wrong: String,
    submit: String,
}

#[derive(serde::Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    reason: String,
    version: u32,
    #[serde(default)]
    seen: String,
}

/// `GET /policies/{id}/publish`.
pub(super) async fn ask(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor).map_err(|problem| visitor.failure(problem))?;
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    match PublishPage::new(&visitor, &known, String::new(), String::new()) {
        Some(shown) => Ok(page(&shown).into_response()),
        None => Ok(Redirect::to(&known.href()).into_response()),
    }
}

/// `POST /policies/{id}/publish`: what was seen is published, or it is shown once more.
pub(super) async fn publish(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageFailure> {
    let failed = |problem| visitor.failure(problem);
    require_editor(&visitor).map_err(failed)?;
    let known = Known::find(&app, &visitor, id).await.map_err(failed)?;
    let texts = visitor.texts;
    let again = |known: &Known, wrong: String| match PublishPage::new(&visitor, known, sent.reason.clone(), wrong) {
        Some(shown) => refused(&shown).into_response(),
        None => Redirect::to(&known.href()).into_response(),
    };
    if known.seen() != sent.seen {
        return Ok(again(&known, texts.t("policies-publish-changed")));
    }
    let why = (sent.version, sent.reason.as_str());
    match app.policies.release(visitor.actor(), visitor.organization_id(), id, why).await {
        Ok(policy) => {
            let version = texts.number(policy.version.into());
            Ok(done(&format!("{}/versions", known.href()), "done-policy-published", &version))
        }
        Err(problem) => {
            let wrong = sentence(&visitor, problem)?;
            let known = Known::find(&app, &visitor, id).await.map_err(failed)?;
            Ok(again(&known, wrong))
        }
    }
}

impl Known {
    /// The draft that is there, by the moment when it was last changed.
    fn seen(&self) -> String {
        self.policy.draft.as_ref().map(|draft| draft.changed_at.to_string()).unwrap_or_default()
    }
}

impl PublishPage {
    /// Nothing where there is no draft.
    fn new(visitor: &Visitor, known: &Known, reason: String, wrong: String) -> Option<Self> {
        let texts = visitor.texts;
        let draft = known.policy.draft.as_ref()?;
        let next = texts.number((known.policy.version + 1).into());
        let title =
            texts.with("policies-publish-title", [("version", next.as_str().into()), ("name", known.name().into())]);
        let crumb = Crumb { href: known.href(), label: known.name() };
        let layout = Layout::new(&visitor.viewer(), crate::web::Section::Policies, &title);
        Some(Self {
            l: layout.through([crumb]),
            title,
            meta: texts.with("policies-publish-meta", [("people", texts.count("people-count", known.people).into())]),
            href: known.href(),
            outcome: Outcome::new(texts, known, &draft.settings),
            version: known.policy.version,
            seen: known.seen(),
            reason,
            wrong,
            submit: texts.with("policies-publish-do", [("version", next.into())]),
        })
    }
}
