//! `/api/v1/notices`: what people are told is collected of them, and who has accepted that.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kernel::Day;
use crate::kernel::EmployeeId;
use crate::kernel::Page;
use crate::kernel::Role;
use crate::kernel::Timestamp;
use crate::notices::Acceptance;
use crate::notices::How;
use crate::notices::Kept;
use crate::notices::NewAcceptance;
use crate::notices::Notice;
use crate::notices::Standing;
use crate::notices::Version;
use crate::people::EmployeeFilter;
use crate::people::State as Used;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::PageParams;
use crate::web::api::extract::Paging;
use crate::web::api::extract::Pair;
use crate::web::api::policies::SettingsBody;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(standings))
        .routes(routes!(current))
        .routes(routes!(versions))
        .routes(routes!(version))
        .routes(routes!(accept))
        .routes(routes!(withdraw))
}

/// What a person is told, in facts; the page says them in sentences.
#[derive(Serialize, ToSchema)]
#[schema(as = Notice)]
pub(super) struct NoticeBody {
    employee_id: EmployeeId,
    /// True while it is the newest.
    current: bool,
    version: VersionBody,
    /// Which sentences say it on the page.
    wording: u16,
    /// What may be collected; null while nobody has decided anything, and everything that comes in is kept.
    limits: Option<SettingsBody>,
    /// How long it is kept.
    retention: Vec<KeptBody>,
    /// Roles that may see it.
    readers: Vec<Role>,
}

/// How long one kind of event is kept.
#[derive(Serialize, ToSchema)]
#[schema(as = NoticeRetention)]
pub(super) struct KeptBody {
    #[schema(example = "active_windows")]
    dataset: String,
    /// Null is for ever.
    days: Option<u32>,
    /// True when it goes into an archive then; otherwise it is deleted.
    archived: bool,
}

/// A version of what a person is told, which never changes.
#[derive(Serialize, ToSchema)]
#[schema(as = NoticeVersion)]
pub(super) struct VersionBody {
    number: u32,
    /// Since when it holds.
    since: Timestamp,
    /// SHA-256 of the facts in their one form.
    checksum: String,
    /// What the organization was called then.
    organization: String,
    /// Who could be asked then.
    contacts: Vec<String>,
    /// True while somebody has accepted it and that was not withdrawn.
    accepted: bool,
    /// The oldest first.
    acceptances: Vec<AcceptanceBody>,
}

/// Somebody has read a notice and said or signed so.
#[derive(Serialize, ToSchema)]
#[schema(as = NoticeAcceptance)]
pub(super) struct AcceptanceBody {
    how: HowBody,
    #[schema(value_type = String, format = Date)]
    on: Day,
    noted_at: Timestamp,
    /// Login of whoever noted it.
    noted_by: String,
    /// When it was withdrawn.
    withdrawn_at: Option<Timestamp>,
    /// Login of whoever withdrew it.
    withdrawn_by: Option<String>,
    withdrawn_reason: Option<String>,
}

/// How a notice was accepted.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = NoticeHow)]
#[serde(rename_all = "snake_case")]
pub(super) enum HowBody {
    /// Signed on paper.
    Paper,
    /// Read and said so in person.
    InPerson,
    /// Sent as a letter and confirmed.
    Letter,
}

/// An acceptance to be noted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNoticeAcceptance {
    how: HowBody,
    /// Today, if it is left out; not before the version was made.
    #[schema(value_type = Option<String>, format = Date)]
    on: Option<Day>,
}

/// Why an acceptance does not count any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeWithdrawal {
    /// In 3 to 500 characters.
    #[schema(example = "another person signed")]
    reason: String,
}

/// How it stands with one person.
#[derive(Serialize, ToSchema)]
#[schema(as = NoticeStanding)]
pub(super) struct StandingBody {
    employee_id: EmployeeId,
    /// The newest version.
    number: u32,
    /// Since when that one holds.
    since: Timestamp,
    /// On which day it was accepted; null while it was not.
    #[schema(value_type = Option<String>, format = Date)]
    accepted_on: Option<Day>,
    /// The newest version that was accepted, if any was.
    last_accepted: Option<u32>,
}

impl From<Notice> for NoticeBody {
    fn from(notice: Notice) -> Self {
        let kept = |kept: &Kept| KeptBody {
            dataset: kept.dataset.name().to_owned(),
            days: kept.days,
            archived: kept.archived,
        };
        Self {
            employee_id: notice.employee,
            current: notice.current,
            wording: notice.facts.wording,
            limits: notice.facts.settings().map(SettingsBody::from),
            retention: notice.facts.keep.iter().map(kept).collect(),
            readers: notice.facts.readers.clone(),
            version: notice.version.into(),
        }
    }
}

impl From<Version> for VersionBody {
    fn from(version: Version) -> Self {
        let accepted = version.accepted().is_some();
        let Version { number, since, checksum, organization, contacts, acceptances } = version;
        let acceptances = acceptances.into_iter().map(AcceptanceBody::from).collect();
        Self { number, since, checksum, organization, contacts, accepted, acceptances }
    }
}

impl From<Acceptance> for AcceptanceBody {
    fn from(one: Acceptance) -> Self {
        let withdrawn = one.withdrawn.as_ref();
        Self {
            how: match one.how {
                How::Paper => HowBody::Paper,
                How::InPerson => HowBody::InPerson,
                How::Letter => HowBody::Letter,
            },
            on: one.on,
            noted_at: one.noted_at,
            withdrawn_at: withdrawn.map(|withdrawn| withdrawn.at),
            withdrawn_by: withdrawn.map(|withdrawn| withdrawn.by.clone()),
            withdrawn_reason: withdrawn.map(|withdrawn| withdrawn.reason.clone()),
            noted_by: one.noted_by,
        }
    }
}

impl From<HowBody> for How {
    fn from(body: HowBody) -> Self {
        match body {
            HowBody::Paper => Self::Paper,
            HowBody::InPerson => Self::InPerson,
            HowBody::Letter => Self::Letter,
        }
    }
}

impl From<Standing> for StandingBody {
    fn from(standing: Standing) -> Self {
        let Standing { employee, number, since, accepted_on, last_accepted } = standing;
        Self { employee_id: employee, number, since, accepted_on, last_accepted }
    }
}

/// List who has accepted what they are told
///
/// Of the people at work whom the caller may see.
#[utoipa::path(
    get, path = "/api/v1/notices", tag = "notices", params(InOrganization, PageParams),
    responses((status = 200, description = "By name", body = List<StandingBody>)),
)]
async fn standings(
    State(app): State<App>,
    inside: Inside,
    Paging(page): Paging,
) -> Result<Json<List<StandingBody>>, ApiFailure> {
    let view = app.people.view(&inside.actor, inside.id()).await?;
    let at_work = EmployeeFilter { state: Some(Used::Active), ..EmployeeFilter::default() };
    let Page { items, next } = view.employees(&at_work, &page)?;
    let people = items.into_iter().map(|one| one.id).collect();
    let items = app.notices.standings(&inside.actor, inside.id(), people).await?;
    Ok(List::of(Page { items, next }))
}

/// Read what is collected of a person, as that person is told
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/notice", tag = "notices", params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 200, description = "The newest version", body = NoticeBody)),
)]
async fn current(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
) -> Result<Json<NoticeBody>, ApiFailure> {
    Ok(Json(app.notices.current(&inside.actor, inside.id(), id).await?.into()))
}

/// List the versions of what a person was told
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/notices", tag = "notices", params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 200, description = "The newest first", body = List<VersionBody>)),
)]
async fn versions(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
) -> Result<Json<List<VersionBody>>, ApiFailure> {
    Ok(List::whole(app.notices.versions(&inside.actor, inside.id(), id).await?))
}

/// Read what a person was told once
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/notices/{number}", tag = "notices",
    params(("id" = EmployeeId, Path), ("number" = u32, Path), InOrganization),
    responses((status = 200, description = "As it was", body = NoticeBody)),
)]
async fn version(
    State(app): State<App>,
    inside: Inside,
    Pair(id, number): Pair<EmployeeId, u32>,
) -> Result<Json<NoticeBody>, ApiFailure> {
    Ok(Json(app.notices.find(&inside.actor, inside.id(), (id, number)).await?.into()))
}

/// Note that a person has accepted a version
#[utoipa::path(
    post, path = "/api/v1/employees/{id}/notices/{number}/acceptance", tag = "notices",
    params(("id" = EmployeeId, Path), ("number" = u32, Path), InOrganization), request_body = NewNoticeAcceptance,
    responses((status = 200, description = "Noted", body = NoticeBody)),
)]
async fn accept(
    State(app): State<App>,
    inside: Inside,
    Pair(id, number): Pair<EmployeeId, u32>,
    Body(new): Body<NewNoticeAcceptance>,
) -> Result<Json<NoticeBody>, ApiFailure> {
    let new = NewAcceptance { how: new.how.into(), on: new.on };
    app.notices.accept(&inside.actor, inside.id(), (id, number), new).await?;
    Ok(Json(app.notices.find(&inside.actor, inside.id(), (id, number)).await?.into()))
}

/// Withdraw an acceptance
#[utoipa::path(
    post, path = "/api/v1/employees/{id}/notices/{number}/withdrawal", tag = "notices",
    params(("id" = EmployeeId, Path), ("number" = u32, Path), InOrganization), request_body = NoticeWithdrawal,
    responses((status = 200, description = "It does not count any more", body = NoticeBody)),
)]
async fn withdraw(
    State(app): State<App>,
    inside: Inside,
    Pair(id, number): Pair<EmployeeId, u32>,
    Body(new): Body<NoticeWithdrawal>,
) -> Result<Json<NoticeBody>, ApiFailure> {
    app.notices.withdraw(&inside.actor, inside.id(), (id, number), &new.reason).await?;
    Ok(Json(app.notices.find(&inside.actor, inside.id(), (id, number)).await?.into()))
}
