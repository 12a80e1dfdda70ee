//! `/api/v1/gateways`: the boxes of the branches.

use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::extract::OriginalUri;
use axum::extract::State;
use http::HeaderMap;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::fleet::FleetError;
use crate::fleet::Gateway;
use crate::fleet::GatewayState;
use crate::fleet::Invitation;
use crate::identity::DisplayName;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::shapes::Created;
use crate::web::api::shapes::List;
use crate::web::http::Channel;
use crate::web::visitor::host_of;

const HOUR: u64 = 3_600;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, invite))
        .routes(routes!(get, rename, remove))
        .routes(routes!(replace))
        .routes(routes!(suspend))
        .routes(routes!(resume))
        .routes(routes!(revoke))
}

/// A gateway.
#[derive(Serialize, ToSchema)]
#[schema(as = Gateway)]
pub(super) struct GatewayBody {
    id: GatewayId,
    name: String,
    state: GatewayState,
    created_at: Timestamp,
    /// Until when a token waits to be used.
    invited_until: Option<Timestamp>,
    /// When a box joined last.
    enrolled_at: Option<Timestamp>,
    /// What the box calls itself.
    host: Option<String>,
    /// Its version when it asked for its certificate.
    version: Option<String>,
    /// Until when its certificate holds. It renews by itself.
    certificate_until: Option<Timestamp>,
}

impl From<Gateway> for GatewayBody {
    fn from(gateway: Gateway) -> Self {
        let enrolled = gateway.enrolled;
        Self {
            id: gateway.id,
            name: gateway.name.to_string(),
            state: gateway.state,
            created_at: gateway.created_at,
            invited_until: gateway.invited_until,
            enrolled_at: enrolled.as_ref().map(|enrolled| enrolled.at),
            host: enrolled.as_ref().map(|enrolled| enrolled.host.clone()),
            version: enrolled.as_ref().map(|enrolled| enrolled.version.clone()),
            certificate_until: enrolled.as_ref().map(|enrolled| enrolled.to),
        }
    }
}

/// A gateway with the token by which its box joins, which is shown only this once.
#[derive(Serialize, ToSchema)]
#[schema(as = InvitedGateway)]
pub(super) struct InvitedBody {
    gateway: GatewayBody,
    /// For `nazorat gateway --join TOKEN`.
    token: String,
    /// Until when it can be used.
    until: Timestamp,
}

/// A gateway to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGateway {
    /// How people call it, 1 to 100 letters.
    #[schema(example = "Chilonzor")]
    name: String,
    #[serde(flatten)]
    wait: Wait,
}

/// How a token is to be.
#[derive(Deserialize, ToSchema)]
pub(super) struct Wait {
    /// The address under which the box reaches this appliance; the one that was asked when it is HTTPS.
    #[schema(example = "https://nazorat.example.com:8443")]
    server: Option<String>,
    /// For how many hours the token can be used, 1 to 168.
    #[serde(default = "a_day")]
    #[schema(minimum = 1, maximum = 168, default = 24)]
    hours: u16,
}

const fn a_day() -> u16 {
    24
}

/// Another name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GatewayName {
    /// How people call it, 1 to 100 letters.
    name: String,
}

/// The address that was asked, as far as a box could use it.
pub(super) struct Asked {
    uri: OriginalUri,
    headers: HeaderMap,
    channel: Option<Extension<Channel>>,
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self {
            uri: OriginalUri::from_request_parts(parts, state).await?,
            headers: parts.headers.clone(),
            channel: parts.extensions.get::<Channel>().copied().map(Extension),
        })
    }
}

impl Wait {
    fn time(&self) -> Duration {
        Duration::from_secs(u64::from(self.hours.clamp(1, 168)) * HOUR)
    }

    fn server(&self, asked: &Asked) -> Result<String, FleetError> {
        match (&self.server, &asked.channel) {
            (Some(server), _) => crate::fleet::server_address(server),
            (None, Some(Extension(Channel::Https))) => {
                crate::fleet::server_address(&format!("https://{}", host_of(&asked.uri, &asked.headers)))
            }
            (None, _) => Err(FleetError::Address(String::new())),
        }
    }
}

fn invited(app: &App, server: &str, invitation: Invitation) -> Result<InvitedBody, FleetError> {
    let token = invitation.token(server, app.about.fingerprint())?;
    Ok(InvitedBody { gateway: invitation.gateway.into(), token, until: invitation.until })
}

/// List gateways
#[utoipa::path(
    get, path = "/api/v1/gateways", tag = "gateways", params(InOrganization),
    responses((status = 200, description = "In the order in which they were added", body = List<GatewayBody>)),
)]
async fn list(State(app): State<App>, inside: Inside) -> Result<Json<List<GatewayBody>>, ApiFailure> {
    Ok(List::whole(app.fleet.list(&inside.actor, inside.id()).await?))
}

/// Read a gateway
#[utoipa::path(
    get, path = "/api/v1/gateways/{id}", tag = "gateways", params(("id" = GatewayId, Path), InOrganization),
    responses((status = 200, description = "The gateway", body = GatewayBody)),
)]
async fn get(State(app): State<App>, inside: Inside, Id(id): Id<GatewayId>) -> Result<Json<GatewayBody>, ApiFailure> {
    Ok(Json(app.fleet.get(&inside.actor, inside.id(), id).await?.into()))
}

/// Add a gateway
#[utoipa::path(
    post, path = "/api/v1/gateways", tag = "gateways", params(InOrganization), request_body = NewGateway,
    responses((status = 201, description = "Added; its token is shown only now", body = InvitedBody)),
)]
async fn invite(
    State(app): State<App>,
    inside: Inside,
    asked: Asked,
    Body(new): Body<NewGateway>,
) -> Result<Created<InvitedBody>, ApiFailure> {
    let name = DisplayName::parse(&new.name).map_err(FleetError::from)?;
    let server = new.wait.server(&asked)?;
    let invitation = app.fleet.invite(&inside.actor, inside.id(), name, new.wait.time()).await?;
    let at = format!("/api/v1/gateways/{}", invitation.gateway.id);
    Ok(Created { at, body: invited(&app, &server, invitation)? })
}

/// Let another box take a gateway's place; the one before works until that has joined
#[utoipa::path(
    post, path = "/api/v1/gateways/{id}/replace", tag = "gateways",
    params(("id" = GatewayId, Path), InOrganization), request_body = Wait,
    responses((status = 200, description = "The token for the other box", body = InvitedBody)),
)]
async fn replace(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<GatewayId>,
    asked: Asked,
    Body(wait): Body<Wait>,
) -> Result<Json<InvitedBody>, ApiFailure> {
    let server = wait.server(&asked)?;
    let invitation = app.fleet.replace(&inside.actor, inside.id(), id, wait.time()).await?;
    Ok(Json(invited(&app, &server, invitation)?))
}

/// Rename a gateway
#[utoipa::path(
    put, path = "/api/v1/gateways/{id}", tag = "gateways", params(("id" = GatewayId, Path), InOrganization),
    request_body = GatewayName,
    responses((status = 200, description = "Renamed", body = GatewayBody)),
)]
async fn rename(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<GatewayId>,
    Body(new): Body<GatewayName>,
) -> Result<Json<GatewayBody>, ApiFailure> {
    let name = DisplayName::parse(&new.name).map_err(FleetError::from)?;
    Ok(Json(app.fleet.rename(&inside.actor, inside.id(), id, name).await?.into()))
}

/// Keep a gateway out for a while; its events wait on it
#[utoipa::path(
    post, path = "/api/v1/gateways/{id}/suspend", tag = "gateways",
    params(("id" = GatewayId, Path), InOrganization),
    responses((status = 200, description = "It is not let in", body = GatewayBody)),
)]
async fn suspend(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<GatewayId>,
) -> Result<Json<GatewayBody>, ApiFailure> {
    Ok(Json(app.fleet.suspend(&inside.actor, inside.id(), id).await?.into()))
}

/// Let a suspended gateway in again
#[utoipa::path(
    post, path = "/api/v1/gateways/{id}/resume", tag = "gateways",
    params(("id" = GatewayId, Path), InOrganization),
    responses((status = 200, description = "It is let in", body = GatewayBody)),
)]
async fn resume(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<GatewayId>,
) -> Result<Json<GatewayBody>, ApiFailure> {
    Ok(Json(app.fleet.resume(&inside.actor, inside.id(), id).await?.into()))
}

/// End a gateway's certificate, key and token at once
#[utoipa::path(
    post, path = "/api/v1/gateways/{id}/revoke", tag = "gateways",
    params(("id" = GatewayId, Path), InOrganization),
    responses((status = 200, description = "It is not let in any more", body = GatewayBody)),
)]
async fn revoke(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<GatewayId>,
) -> Result<Json<GatewayBody>, ApiFailure> {
    Ok(Json(app.fleet.revoke(&inside.actor, inside.id(), id).await?.into()))
}

/// Forget a gateway that is revoked or never joined; what it has sent stays
#[utoipa::path(
    delete, path = "/api/v1/gateways/{id}", tag = "gateways", params(("id" = GatewayId, Path), InOrganization),
    responses((status = 204, description = "Forgotten")),
)]
async fn remove(State(app): State<App>, inside: Inside, Id(id): Id<GatewayId>) -> Result<http::StatusCode, ApiFailure> {
    app.fleet.remove(&inside.actor, inside.id(), id).await?;
    Ok(http::StatusCode::NO_CONTENT)
}
