//! `/api/v1/policies/{id}/preview`: a draft held against the last week.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::EmployeeId;
use crate::kernel::PolicyId;
use crate::kernel::Timestamp;
use crate::monitoring::Examples;
use crate::monitoring::Preview;
use crate::monitoring::PreviewExample;
use crate::monitoring::PreviewKind;
use crate::monitoring::PreviewReason;
use crate::monitoring::Why;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::policies::settings::ExclusionBody;
use crate::web::api::seen::IncompleteBody;

/// What is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewAsked {
    /// Whether examples come along; whose they are is then noted in the audit log.
    #[serde(default)]
    examples: bool,
}

/// What a draft would have done in the last seven days.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyPreview)]
pub(super) struct PreviewBody {
    from: Timestamp,
    to: Timestamp,
    /// Each kind of events of which there is something.
    kinds: Vec<KindBody>,
    /// Why something would be left out or cut down, the most first.
    reasons: Vec<ReasonBody>,
    /// Events of which more would be kept than what is in force keeps.
    more: u64,
    /// Something was in force before: what it left out is not there to be counted, so that all numbers are at least.
    cut_before: bool,
    /// Not everything was looked at: the numbers are those of the events that were.
    is_sample: bool,
    incomplete: IncompleteBody,
}

/// Events of one kind.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyPreviewKind)]
pub(super) struct KindBody {
    #[schema(example = "visited_sites")]
    dataset: &'static str,
    /// How many there are in the week.
    stored: u64,
    /// How many were looked at: all, or the latest of each quarter of a day.
    looked: u64,
    kept: u64,
    /// Of these less would be kept.
    reduced: u64,
    dropped: u64,
}

/// Why something would be left out or cut down.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyPreviewReason)]
pub(super) struct ReasonBody {
    #[schema(example = "visited_sites")]
    dataset: &'static str,
    #[schema(example = "exclusion")]
    cause: &'static str,
    /// Which one, if it is an exclusion.
    exclusion: Option<ExclusionBody>,
    /// True when nothing of them would be kept.
    dropped: bool,
    events: u64,
    /// For how many of them it is so already.
    already: u64,
    examples: Vec<ExampleBody>,
}

/// One event, as it is and as it would be.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyPreviewExample)]
pub(super) struct ExampleBody {
    at: Timestamp,
    /// Whose; null for an account that belongs to nobody.
    employee_id: Option<EmployeeId>,
    before: String,
    /// Empty when nothing would be left.
    after: String,
}

impl From<Preview> for PreviewBody {
    fn from(preview: Preview) -> Self {
        let is_sample = preview.is_sample();
        Self {
            from: preview.span.from,
            to: preview.span.to,
            kinds: preview.kinds.into_iter().map(Into::into).collect(),
            reasons: preview.reasons.into_iter().map(Into::into).collect(),
            more: preview.more,
            cut_before: preview.cut_before,
            is_sample,
            incomplete: preview.completeness.into(),
        }
    }
}

impl From<PreviewKind> for KindBody {
    fn from(kind: PreviewKind) -> Self {
        let PreviewKind { dataset, stored, looked, kept, reduced, dropped } = kind;
        Self { dataset, stored, looked, kept, reduced, dropped }
    }
}

impl From<PreviewReason> for ReasonBody {
    fn from(reason: PreviewReason) -> Self {
        let (cause, exclusion) = match reason.why {
            Why::Kind => ("kind", None),
            Why::Hours => ("hours", None),
            Why::PrivateWindow => ("private_window", None),
            Why::Detail => ("detail", None),
            Why::Exclusion(exclusion) => ("exclusion", Some(exclusion.into())),
        };
        let PreviewReason { dataset, dropped, events, already, .. } = reason;
        let examples = reason.examples.into_iter().map(Into::into).collect();
        Self { dataset, cause, exclusion, dropped, events, already, examples }
    }
}

impl From<PreviewExample> for ExampleBody {
    fn from(example: PreviewExample) -> Self {
        let employee_id = example.employee.map(|(id, _)| id);
        Self { at: example.at, employee_id, before: example.before, after: example.after }
    }
}

/// Try a draft on the last seven days
///
/// Nothing is changed. Every event that is stored is held against the draft; of very many, the latest of each quarter of
/// a day. It takes about eight seconds at most.
#[utoipa::path(
    post, path = "/api/v1/policies/{id}/preview", tag = "policies", params(("id" = PolicyId, Path), InOrganization),
    request_body = PreviewAsked,
    responses((status = 200, description = "What it would have done", body = PreviewBody)),
)]
pub(super) async fn preview(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<PolicyId>,
    Body(asked): Body<PreviewAsked>,
) -> Result<Json<PreviewBody>, ApiFailure> {
    let trial = app.policies.trial(&inside.actor, inside.id(), id).await?;
    let examples = if asked.examples { Examples::Shown } else { Examples::Hidden };
    Ok(Json(app.monitoring.preview(&inside.actor, inside.id(), trial, examples).await?.into()))
}
