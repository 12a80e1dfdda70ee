//! Ways back: a draft that is thrown away, an old version that holds again.

use axum::Form;
use axum::extract::Path;
use axum::extract::State;
use axum::response::Response;

use super::Known;
use super::edit::sentence;
use super::require_editor;
use super::shown::Reasoned;
use super::shown::ask;
use super::words;
use crate::kernel::PolicyId;
use crate::policy::collection::PoliciesError;
use crate::web::App;
use crate::web::At;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::pages::question;
use crate::web::pages::question::Question;

/// `GET /policies/{id}/discard`.
pub(super) async fn ask_discard(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor).map_err(|problem| visitor.failure(problem))?;
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let texts = visitor.texts;
    let Some(draft) = &known.policy.draft else { return Err(visitor.failure(PoliciesError::NoDraft)) };
    let changes = words::diff(texts, &known.released(), &draft.settings, &known.decided_above()).len();
    let stays = match known.policy.version {
        0 => texts.t("policies-discard-first"),
        version => texts.with("policies-discard-stays", [("version", texts.number(version.into()).into())]),
    };
    let question = Question {
        title: texts.with("policies-discard-title", [("name", known.name().into())]),
        consequences: vec![texts.count("policies-discard-text", changes), stays],
        action: format!("{}/discard", known.href()),
        danger: texts.t("policies-discard-do"),
        safe_href: known.href(),
    };
    Ok(question::ask(&visitor, Section::Policies, question))
}

/// `POST /policies/{id}/discard`.
pub(super) async fn discard(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    let discarded = app.policies.discard_draft(visitor.actor(), visitor.organization_id(), id).await;
    discarded.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/policies/{id}"), "done-policy-discarded", ""))
}

#[derive(serde::Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    reason: String,
}

/// `GET /policies/{id}/versions/{number}/bring-back`.
pub(super) async fn ask_bring_back(
    State(app): State<App>,
    visitor: Visitor,
    Path(place): Path<(String, String)>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor).map_err(|problem| visitor.failure(problem))?;
    let (id, number) = parsed(&visitor, &place)?;
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let question = question(&visitor, &known, number, (String::new(), String::new()))?;
    Ok(ask(&visitor, &known, question))
}

/// `POST /policies/{id}/versions/{number}/bring-back`.
pub(super) async fn bring_back(
    State(app): State<App>,
    visitor: Visitor,
    Path(place): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageFailure> {
    let (id, number) = parsed(&visitor, &place)?;
    let why = (number, sent.reason.as_str());
    match app.policies.bring_back(visitor.actor(), visitor.organization_id(), id, why).await {
        Ok(policy) => {
            let version = visitor.texts.number(policy.version.into());
            Ok(done(&format!("/policies/{id}/versions"), "done-policy-brought-back", &version))
        }
        Err(problem) => {
            let wrong = sentence(&visitor, problem)?;
            let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
            let question = question(&visitor, &known, number, (sent.reason, wrong))?;
            Ok(ask(&visitor, &known, question))
        }
    }
}

fn parsed(visitor: &Visitor, (id, number): &(String, String)) -> Result<(PolicyId, u32), PageFailure> {
    let parsed = id.parse().ok().zip(number.parse().ok());
    parsed.ok_or_else(|| visitor.failure(Failure::not_found()))
}

fn question(
    visitor: &Visitor,
    known: &Known,
    number: u32,
    (reason, wrong): (String, String),
) -> Result<Reasoned, PageFailure> {
    let texts = visitor.texts;
    let old = known.versions.iter().find(|version| version.number == number);
    let old = old.ok_or_else(|| visitor.failure(PoliciesError::NoVersion(known.policy.id, number)))?;
    let rows = words::diff(texts, &known.released(), &old.settings, &known.decided_above());
    let (old_number, next) = (texts.number(number.into()), texts.number((known.policy.version + 1).into()));
    let values = || [("version", old_number.as_str().into()), ("next", next.as_str().into())];
    let mut consequences = vec![texts.with("policies-back-text", values())];
    consequences
        .push(texts.with("policies-back-people", [("people", texts.count("people-count", known.people).into())]));
    if known.policy.draft.is_some() {
        consequences.push(texts.t("policies-back-draft"));
    }
    Ok(Reasoned {
        title: texts.with("policies-back-title", values()),
        consequences,
        rows,
        action: format!("{}/versions/{number}/bring-back", known.href()),
        reason,
        wrong,
        submit: texts.with("policies-back-do", values()),
        safe_href: format!("{}/versions", known.href()),
    })
}
