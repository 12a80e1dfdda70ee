//! `/api/v1/audit`: who did what.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::audit::Filter;
use crate::audit::Record;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::PageParams;
use crate::web::api::extract::Paging;
use crate::web::api::extract::Query;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// One line of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditRecord)]
pub(super) struct RecordBody {
    /// Its number in its log, from 1 without a gap.
    number: u64,
    at: Timestamp,
    /// `operator`, `agent` or `system`.
    actor_kind: String,
    /// Login of an operator, name of a source.
    actor: String,
    /// Such as `employee.update`.
    #[schema(example = "employee.update")]
    action: String,
    /// Such as `employee`.
    object_kind: Option<String>,
    object_id: Option<String>,
    /// Small facts.
    #[schema(value_type = Object)]
    detail: serde_json::Map<String, serde_json::Value>,
    /// From where.
    address: Option<String>,
}

impl From<Record> for RecordBody {
    fn from(record: Record) -> Self {
        let (object_kind, object_id) = record.object.map(|object| (object.kind, object.id)).unzip();
        Self {
            number: record.number,
            at: record.at,
            actor_kind: record.actor.kind.name().to_owned(),
            actor: record.actor.name,
            action: record.action,
            object_kind,
            object_id,
            detail: record.detail,
            address: record.address.map(|address| address.to_string()),
        }
    }
}

/// Which records.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Which log; the organization's when not given. The system's is for administrators.
    log: Option<Log>,
    /// An action, or its beginning: `operator.` finds all that was done to operators.
    action: Option<String>,
    /// Name of the actor; letter case does not matter.
    actor: Option<String>,
    /// Not before.
    from: Option<Timestamp>,
    /// Before.
    to: Option<Timestamp>,
}

/// Whose log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Log {
    /// Of the organization.
    Organization,
    /// What belongs to no organization.
    System,
}

/// List what was done
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "audit", params(AuditQuery, InOrganization, PageParams),
    responses((status = 200, description = "Newest first", body = List<RecordBody>)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Query(query): Query<AuditQuery>,
    Paging(page): Paging,
) -> Result<Json<List<RecordBody>>, ApiFailure> {
    let organization = (query.log != Some(Log::System)).then(|| inside.id());
    let filter = Filter { action: query.action, actor: query.actor, from: query.from, to: query.to };
    Ok(List::of(app.audit.list(&inside.actor, organization, filter, page).await?))
}
