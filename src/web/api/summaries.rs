//! Sums: what was used most, a department's time, an organization's time.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::monitoring::Bucket;
use crate::monitoring::By;
use crate::monitoring::Subject;
use crate::monitoring::Summary;
use crate::monitoring::SummaryBucket;
use crate::monitoring::SummaryDepartment;
use crate::monitoring::Top;
use crate::monitoring::TopRow;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::days::DaysQuery;
use crate::web::api::extract::Asker;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::Query;
use crate::web::api::seen::CategoryWord;
use crate::web::api::seen::IncompleteBody;
use crate::web::api::seen::TotalsBody;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(top)).routes(routes!(department)).routes(routes!(organization))
}

/// What was used most.
#[derive(Serialize, ToSchema)]
#[schema(as = Top)]
pub(super) struct TopBody {
    /// Longest first.
    items: Vec<TopRowBody>,
    /// Time in use of the whole range: what shares are of.
    active_ms: i64,
    incomplete: IncompleteBody,
}

/// An application or a site.
#[derive(Serialize, ToSchema)]
#[schema(as = TopRow)]
pub(super) struct TopRowBody {
    /// Empty for time in use whose window is not known.
    name: String,
    duration_ms: i64,
    /// The category with most of the time.
    category: CategoryWord,
    useful_ms: i64,
    neutral_ms: i64,
    distracting_ms: i64,
}

impl From<TopRow> for TopRowBody {
    fn from(row: TopRow) -> Self {
        let [useful_ms, neutral_ms, distracting_ms] = row.by_category;
        Self {
            category: row.category().into(),
            duration_ms: row.ms,
            name: row.name,
            useful_ms,
            neutral_ms,
            distracting_ms,
        }
    }
}

impl From<Top> for TopBody {
    fn from(top: Top) -> Self {
        Self {
            items: top.rows.into_iter().map(Into::into).collect(),
            active_ms: top.active_ms,
            incomplete: top.completeness.into(),
        }
    }
}

/// The time of a department or an organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Summary)]
pub(super) struct SummaryBody {
    #[schema(value_type = String, format = Date)]
    from: Day,
    #[schema(value_type = String, format = Date)]
    to: Day,
    /// How many people belong to it now.
    people: u64,
    totals: TotalsBody,
    /// The range in pieces, also those without any time.
    buckets: Vec<BucketBody>,
    /// The visible departments directly below, each with everything below it.
    departments: Vec<DepartmentSumBody>,
    /// At most 20.
    applications: Vec<TopRowBody>,
    /// At most 20.
    sites: Vec<TopRowBody>,
    incomplete: IncompleteBody,
}

/// A piece of a summary.
#[derive(Serialize, ToSchema)]
#[schema(as = SummaryBucket)]
pub(super) struct BucketBody {
    #[schema(value_type = String, format = Date)]
    from: Day,
    #[schema(value_type = String, format = Date)]
    to: Day,
    totals: TotalsBody,
}

impl From<SummaryBucket> for BucketBody {
    fn from(bucket: SummaryBucket) -> Self {
        Self { from: bucket.from, to: bucket.to, totals: bucket.totals.into() }
    }
}

/// A department in a summary.
#[derive(Serialize, ToSchema)]
#[schema(as = SummaryDepartment)]
pub(super) struct DepartmentSumBody {
    department_id: DepartmentId,
    name: String,
    people: u64,
    totals: TotalsBody,
}

impl From<SummaryDepartment> for DepartmentSumBody {
    fn from(sum: SummaryDepartment) -> Self {
        Self { department_id: sum.department, name: sum.name, people: sum.people as u64, totals: sum.totals.into() }
    }
}

impl From<Summary> for SummaryBody {
    fn from(summary: Summary) -> Self {
        Self {
            from: summary.from,
            to: summary.to,
            people: summary.people as u64,
            totals: summary.totals.into(),
            buckets: summary.buckets.into_iter().map(Into::into).collect(),
            departments: summary.departments.into_iter().map(Into::into).collect(),
            applications: summary.applications.into_iter().map(Into::into).collect(),
            sites: summary.sites.into_iter().map(Into::into).collect(),
            incomplete: summary.completeness.into(),
        }
    }
}

/// By what uses are added up.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = By)]
pub(super) enum ByWord {
    /// By application.
    Application,
    /// By site.
    Site,
}

/// What to add up.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TopQuery {
    /// Applications when not given.
    by: Option<ByWord>,
}

/// How days are put together.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Bucket)]
pub(super) enum BucketWord {
    /// Each day.
    Day,
    /// Monday to Sunday.
    Week,
    /// Calendar months.
    Month,
}

impl From<BucketWord> for Bucket {
    fn from(word: BucketWord) -> Self {
        match word {
            BucketWord::Day => Self::Day,
            BucketWord::Week => Self::Week,
            BucketWord::Month => Self::Month,
        }
    }
}

/// In which pieces.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BucketQuery {
    /// Days when not given.
    bucket: Option<BucketWord>,
}

/// What a person used most
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/top", tag = "events",
    params(("id" = EmployeeId, Path), TopQuery, DaysQuery, InOrganization),
    responses((status = 200, description = "Longest first", body = TopBody)),
)]
async fn top(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
    Query(query): Query<TopQuery>,
    Query(days): Query<DaysQuery>,
) -> Result<Json<TopBody>, ApiFailure> {
    let by = match query.by {
        Some(ByWord::Site) => By::Site,
        Some(ByWord::Application) | None => By::Application,
    };
    let days = days.days(inside.today(&app));
    let subject = (Subject::Employee(id), by);
    Ok(Json(app.monitoring.top(&inside.actor, inside.id(), subject, days).await?.into()))
}

/// Read a department's time
#[utoipa::path(
    get, path = "/api/v1/departments/{id}/summary", tag = "events",
    params(("id" = DepartmentId, Path), DaysQuery, InOrganization),
    responses((status = 200, description = "The sums", body = SummaryBody)),
)]
async fn department(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DepartmentId>,
    Query(days): Query<DaysQuery>,
) -> Result<Json<SummaryBody>, ApiFailure> {
    let days = days.days(inside.today(&app));
    Ok(Json(app.monitoring.department_summary(&inside.actor, inside.id(), id, days).await?.into()))
}

/// Read an organization's time
///
/// Of the part of it that the caller may see.
#[utoipa::path(
    get, path = "/api/v1/organizations/{id}/summary", tag = "events",
    params(("id" = OrganizationId, Path), DaysQuery, BucketQuery),
    responses((status = 200, description = "The sums", body = SummaryBody)),
)]
async fn organization(
    State(app): State<App>,
    Asker(actor): Asker,
    Id(id): Id<OrganizationId>,
    Query(days): Query<DaysQuery>,
    Query(query): Query<BucketQuery>,
) -> Result<Json<SummaryBody>, ApiFailure> {
    let today = app.tenancy.zone(actor.tenant(id)?).day_of(app.clock.now());
    let bucket = query.bucket.map_or(Bucket::Day, Into::into);
    Ok(Json(app.monitoring.organization_summary(&actor, id, days.days(today), bucket).await?.into()))
}
