//! `/api/v1/device-people` and `/api/v1/devices/{id}/people`: whom devices know, beside whom they should.

use axum::Json;
use axum::extract::State;
use nazorat_wire::PeopleReport;
use nazorat_wire::PersonProblem;
use nazorat_wire::Stranger;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::devices::PeopleOn;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, set))
}

/// The people on a device, as they are and as they should be.
#[derive(Serialize, ToSchema)]
#[schema(as = DevicePeople)]
pub(super) struct PeopleBody {
    device_id: DeviceId,
    name: String,
    /// Whether they follow from who may pass; otherwise they are kept at the device.
    managed: bool,
    /// Whether any access group leads to one of its gates. Without one its people are left as they are.
    has_group: bool,
    /// How many are as they should be, as far as it is known.
    right: Option<u32>,
    /// How many there should be.
    wanted: Option<u32>,
    /// How many the device knows, whoever they are.
    on_device: Option<u32>,
    /// How many would be taken off and are not before somebody says so: they are suspiciously many. Order `sync` with
    /// `may_remove`.
    held: u32,
    /// When they were compared.
    compared_at: Option<Timestamp>,
    /// Who is not as they should be, and why.
    problems: Vec<ProblemBody>,
    /// Whom, or which cards, only the device knows.
    strangers: Vec<StrangerBody>,
    /// Who may pass and cannot be written there, because they have no personnel number.
    without_number: Vec<EmployeeId>,
    /// Why nothing could be compared, as a stable word.
    code: Option<String>,
    /// Why, as a sentence.
    detail: Option<String>,
}

/// Somebody who is not on a device as they should be.
#[derive(Serialize, ToSchema)]
#[schema(as = DevicePersonProblem)]
struct ProblemBody {
    /// The number by which devices know them.
    number: String,
    /// Why, as a stable word.
    code: String,
    /// Why, as a sentence.
    detail: String,
    /// How often it was tried.
    tries: u32,
    /// When it is tried again.
    next: Timestamp,
}

impl From<PersonProblem> for ProblemBody {
    fn from(problem: PersonProblem) -> Self {
        let PersonProblem { number, why, tries, next } = problem;
        Self { number, code: why.code, detail: why.detail, tries, next }
    }
}

/// Somebody whom only the device knows, or somebody known with cards that only the device knows.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceStranger)]
struct StrangerBody {
    number: String,
    name: String,
    cards: Vec<String>,
    /// Whether only the cards are not known.
    is_known: bool,
}

impl From<Stranger> for StrangerBody {
    fn from(stranger: Stranger) -> Self {
        let Stranger { number, name, cards, is_known } = stranger;
        Self { number, name, cards, is_known }
    }
}

impl From<PeopleOn> for PeopleBody {
    fn from(people: PeopleOn) -> Self {
        let PeopleOn { device, has_group, live, report, unnumbered, may_pass: _ } = people;
        let compared_at = report.as_ref().map(|report| report.at);
        let on_device = report.as_ref().map(|report| report.on_device);
        let counts = live.or_else(|| report.as_ref().map(|report| (report.right, report.wanted)));
        let PeopleReport { held, problems, strangers, failed, .. } = report.unwrap_or_default();
        let (code, detail) = failed.map(|failed| (failed.code, failed.detail)).unzip();
        Self {
            device_id: device.id,
            name: device.name.to_string(),
            managed: device.manages_people,
            has_group,
            right: counts.map(|(right, _)| right),
            wanted: counts.map(|(_, wanted)| wanted),
            on_device,
            held,
            compared_at,
            problems: problems.into_iter().map(Into::into).collect(),
            strangers: strangers.into_iter().map(Into::into).collect(),
            without_number: unnumbered,
            code,
            detail,
        }
    }
}

/// How the people of a device are kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    /// Whether they follow from who may pass.
    managed: bool,
}

/// List the people on all devices
#[utoipa::path(
    get, path = "/api/v1/device-people", tag = "devices", params(InOrganization),
    responses((status = 200, description = "In the order of the devices", body = List<PeopleBody>)),
)]
async fn list(State(app): State<App>, inside: Inside) -> Result<Json<List<PeopleBody>>, ApiFailure> {
    Ok(List::whole(app.devices.people_on_devices(&inside.actor, inside.id()).await?))
}

/// Read the people on a device
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/people", tag = "devices", params(("id" = DeviceId, Path), InOrganization),
    responses((status = 200, description = "How they are and how they should be", body = PeopleBody)),
)]
async fn get(State(app): State<App>, inside: Inside, Id(id): Id<DeviceId>) -> Result<Json<PeopleBody>, ApiFailure> {
    Ok(Json(app.devices.people_on_device(&inside.actor, inside.id(), id).await?.into()))
}

/// Say whether the people of a device are kept in order
///
/// Employees who may not pass are taken off it then; people who were entered at the device and are unknown here stay.
#[utoipa::path(
    put, path = "/api/v1/devices/{id}/people", tag = "devices", params(("id" = DeviceId, Path), InOrganization),
    request_body = Kept,
    responses((status = 200, description = "It is so", body = PeopleBody)),
)]
async fn set(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DeviceId>,
    Body(kept): Body<Kept>,
) -> Result<Json<PeopleBody>, ApiFailure> {
    app.devices.set_manages_people(&inside.actor, (inside.id(), id), kept.managed).await?;
    Ok(Json(app.devices.people_on_device(&inside.actor, inside.id(), id).await?.into()))
}
