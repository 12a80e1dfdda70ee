//! Cards and the face of an employee, below `/api/v1/employees/{id}`.

use axum::Json;
use axum::extract::DefaultBodyLimit;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::StatusCode;
use http::header;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::credentials::Card;
use crate::credentials::CardNumber;
use crate::credentials::Carried;
use crate::credentials::Credentials;
use crate::credentials::Face;
use crate::credentials::NewCard;
use crate::kernel::EmployeeId;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::Pair;
use crate::web::api::extract::Picture;
use crate::web::api::shapes::Created;

pub(super) fn routes() -> OpenApiRouter<App> {
    let pictures = OpenApiRouter::new().routes(routes!(put_face, face, remove_face));
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(add))
        .routes(routes!(change, remove))
        .merge(pictures.layer(DefaultBodyLimit::max(Credentials::MOST_UPLOADED)))
}

/// What an employee passes doors with.
#[derive(Serialize, ToSchema)]
#[schema(as = Credentials)]
struct CredentialsBody {
    /// In the order in which they were added.
    cards: Vec<CardBody>,
    /// Null without a face. The picture is at `/face`.
    face: Option<FaceBody>,
}

impl From<Carried> for CredentialsBody {
    fn from(carried: Carried) -> Self {
        Self { cards: carried.cards.into_iter().map(Into::into).collect(), face: carried.face.map(Into::into) }
    }
}

/// A card.
#[derive(Serialize, ToSchema)]
#[schema(as = Card)]
struct CardBody {
    /// As terminals report it.
    #[schema(example = "8106606")]
    number: String,
    label: String,
    /// Blocked cards stay here and leave the terminals.
    blocked: bool,
    added_at: Timestamp,
}

impl From<Card> for CardBody {
    fn from(card: Card) -> Self {
        let Card { number, label, blocked, added_at, .. } = card;
        Self { number: number.to_string(), label, blocked, added_at }
    }
}

/// A face, without the picture.
#[derive(Serialize, ToSchema)]
#[schema(as = Face)]
struct FaceBody {
    /// Hash of the picture.
    sha256: String,
    bytes: u64,
    width: u32,
    height: u32,
    added_at: Timestamp,
    /// Login of who added it.
    added_by: String,
}

impl From<Face> for FaceBody {
    fn from(face: Face) -> Self {
        let Face { sha256, bytes, width, height, added_at, by, .. } = face;
        Self { sha256: hex::encode(sha256), bytes, width, height, added_at, added_by: by }
    }
}

/// A card to be given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CardFields {
    /// A decimal number, `facility,card`, a hexadecimal number with `0x`, the bytes of a chip with colons, or what
    /// else the terminals take: up to 32 letters and digits.
    #[schema(example = "123,45678")]
    number: String,
    /// What it is called, up to 60 letters.
    label: Option<String>,
}

/// What can be changed of a card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CardChange {
    blocked: bool,
}

/// A JPEG or PNG picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it stands for bytes in the document")]
struct PictureBytes(Vec<u8>);

/// List the cards of an employee, and tell of the face
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/credentials", tag = "credentials",
    params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 200, description = "Found", body = CredentialsBody)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
) -> Result<Json<CredentialsBody>, ApiFailure> {
    Ok(Json(app.credentials.list(&inside.actor, inside.id(), id).await?.into()))
}

/// Give an employee a card
///
/// A number belongs to one employee of an organization, and an employee has at most ten cards.
#[utoipa::path(
    post, path = "/api/v1/employees/{id}/cards", tag = "credentials",
    params(("id" = EmployeeId, Path), InOrganization), request_body = CardFields,
    responses((status = 201, description = "Given", body = CardBody)),
)]
async fn add(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
    Body(fields): Body<CardFields>,
) -> Result<Created<CardBody>, ApiFailure> {
    let new = NewCard { number: fields.number, label: fields.label.unwrap_or_default() };
    let card = app.credentials.add_card(&inside.actor, inside.id(), id, new).await?;
    Ok(Created { at: format!("/api/v1/employees/{id}/cards/{}", card.number), body: card.into() })
}

/// Block a card, or let it open doors again
#[utoipa::path(
    patch, path = "/api/v1/employees/{id}/cards/{number}", tag = "credentials",
    params(("id" = EmployeeId, Path), ("number" = String, Path), InOrganization), request_body = CardChange,
    responses((status = 200, description = "Changed", body = CardBody)),
)]
async fn change(
    State(app): State<App>,
    inside: Inside,
    Pair(id, number): Pair<EmployeeId, CardNumber>,
    Body(change): Body<CardChange>,
) -> Result<Json<CardBody>, ApiFailure> {
    let which = (id, &number);
    Ok(Json(app.credentials.set_blocked(&inside.actor, inside.id(), which, change.blocked).await?.into()))
}

/// Take a card away
#[utoipa::path(
    delete, path = "/api/v1/employees/{id}/cards/{number}", tag = "credentials",
    params(("id" = EmployeeId, Path), ("number" = String, Path), InOrganization),
    responses((status = 204, description = "Gone")),
)]
async fn remove(
    State(app): State<App>,
    inside: Inside,
    Pair(id, number): Pair<EmployeeId, CardNumber>,
) -> Result<StatusCode, ApiFailure> {
    app.credentials.remove_card(&inside.actor, inside.id(), (id, &number)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Show the face of an employee
///
/// Seeing it is recorded in the audit log.
#[utoipa::path(
    get, path = "/api/v1/employees/{id}/face", tag = "credentials",
    params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 200, description = "A JPEG of at most 200 KB", body = PictureBytes, content_type = "image/jpeg")),
)]
async fn face(State(app): State<App>, inside: Inside, Id(id): Id<EmployeeId>) -> Result<Response, ApiFailure> {
    let (_, jpeg) = app.credentials.face(&inside.actor, inside.id(), id).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, no-store")], jpeg).into_response())
}

/// Give an employee a face, in the place of the one before
///
/// The picture is turned upright, made smaller, and stored as a JPEG of at most 200 KB without anything else in it.
/// It must be at least 240 pixels wide and high, one side at most three times the other.
#[utoipa::path(
    put, path = "/api/v1/employees/{id}/face", tag = "credentials",
    params(("id" = EmployeeId, Path), InOrganization),
    request_body(content((PictureBytes = "image/jpeg"), (PictureBytes = "image/png"))),
    responses(
        (status = 200, description = "Stored", body = FaceBody),
        (status = 413, description = "The picture is larger than 5 MB", body = crate::web::ProblemBody,
            content_type = "application/problem+json"),
        (status = 415, description = "The body is not `image/jpeg` or `image/png`", body = crate::web::ProblemBody,
            content_type = "application/problem+json"),
    ),
)]
async fn put_face(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<EmployeeId>,
    Picture(image): Picture,
) -> Result<Json<FaceBody>, ApiFailure> {
    Ok(Json(app.credentials.set_face(&inside.actor, inside.id(), id, image.into()).await?.into()))
}

/// Take a face away
#[utoipa::path(
    delete, path = "/api/v1/employees/{id}/face", tag = "credentials",
    params(("id" = EmployeeId, Path), InOrganization),
    responses((status = 204, description = "Gone")),
)]
async fn remove_face(State(app): State<App>, inside: Inside, Id(id): Id<EmployeeId>) -> Result<StatusCode, ApiFailure> {
    app.credentials.remove_face(&inside.actor, inside.id(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
