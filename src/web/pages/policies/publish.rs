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
use crate::policy::collection::Stages;
use crate::policy::distribution::DistributionError;
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
    how: How,
    wrong: String,
    submit: String,
}

/// Everybody at once, or a few computers first.
#[derive(Debug, Clone)]
struct How {
    staged: bool,
    percent: String,
    minutes: String,
}

impl How {
    /// As it is begun: a few first, once there is something to go back to.
    fn usual(known: &Known) -> Self {
        Self { staged: known.policy.version > 0, percent: "10".to_owned(), minutes: "20".to_owned() }
    }

    fn typed(sent: &Sent) -> Self {
        Self { staged: sent.how == "staged", percent: sent.percent.clone(), minutes: sent.minutes.clone() }
    }

    /// What cannot be a number cannot be meant either.
    fn stages(&self) -> Option<Stages> {
        let stages = Stages {
            percent: self.percent.trim().parse().unwrap_or(0),
            watch_minutes: self.minutes.trim().parse().unwrap_or(u32::MAX),
        };
        self.staged.then_some(stages)
    }
}

#[derive(serde::Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    reason: String,
    version: u32,
    #[serde(default)]
    seen: String,
    #[serde(default)]
    how: String,
    #[serde(default)]
    percent: String,
    #[serde(default)]
    minutes: String,
}

/// `GET /policies/{id}/publish`.
pub(super) async fn ask(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor).map_err(|problem| visitor.failure(problem))?;
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    match PublishPage::new(&visitor, &known, (String::new(), String::new()), How::usual(&known)) {
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
    let how = How::typed(&sent);
    let again = |known: &Known, wrong: String| match PublishPage::new(
        &visitor,
        known,
        (sent.reason.clone(), wrong),
        How::typed(&sent),
    ) {
        Some(shown) => refused(&shown).into_response(),
        None => Redirect::to(&known.href()).into_response(),
    };
    if known.seen() != sent.seen {
        return Ok(again(&known, texts.t("policies-publish-changed")));
    }
    let why = (sent.version, sent.reason.as_str());
    let stages = how.stages();
    match app.distribution.release(visitor.actor(), visitor.organization_id(), id, (why, stages)).await {
        Ok(policy) => {
            let version = texts.number(policy.version.into());
            let key = if policy.rolling_out().is_some() { "done-policy-rolling-out" } else { "done-policy-published" };
            Ok(done(&format!("{}/rollout", known.href()), key, &version))
        }
        Err(DistributionError::Policies(problem)) => {
            let wrong = sentence(&visitor, problem)?;
            let known = Known::find(&app, &visitor, id).await.map_err(failed)?;
            Ok(again(&known, wrong))
        }
        Err(problem) => Err(visitor.failure(problem)),
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
    fn new(visitor: &Visitor, known: &Known, (reason, wrong): (String, String), how: How) -> Option<Self> {
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
            how,
            wrong,
            submit: texts.with("policies-publish-do", [("version", next.into())]),
        })
    }
}
