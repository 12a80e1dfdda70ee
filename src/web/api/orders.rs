//! `/api/v1/devices/{id}/orders`: what devices are asked to do, and what came of it.

use axum::Json;
use axum::extract::State;
use nazorat_wire::DeviceAction;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::adapters::Number;
use crate::devices::DeviceOrdered;
use crate::kernel::CommandId;
use crate::kernel::DeviceId;
use crate::kernel::Kind;
use crate::kernel::Timestamp;
use crate::web::ApiFailure;
use crate::web::App;
use crate::web::Failure;
use crate::web::api::extract::Body;
use crate::web::api::extract::Id;
use crate::web::api::extract::InOrganization;
use crate::web::api::extract::Inside;
use crate::web::api::extract::Pair;
use crate::web::api::shapes::Accepted;
use crate::web::api::shapes::List;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, order)).routes(routes!(get))
}

/// Something that a device was asked to do.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceOrder)]
pub(super) struct OrderBody {
    id: CommandId,
    device_id: DeviceId,
    /// `open`, `close`, `hold_open`, `lock`, `reboot`, `set_clock`, `read_log`, `sync`, `sync_person`, `remove_person` or
    /// `probe`.
    action: String,
    door: Option<u16>,
    reason: String,
    /// Who asked.
    by: String,
    created_at: Timestamp,
    /// After this it is not begun any more: the door stays shut.
    expires_at: Timestamp,
    /// `pending`, `sent`, `acked`, `succeeded`, `failed`, `expired` or `cancelled`.
    state: &'static str,
    /// Since when.
    changed_at: Timestamp,
    /// Why it failed, as a stable word.
    code: Option<String>,
    /// Why it failed, as a sentence.
    detail: Option<String>,
    /// What the device said.
    #[schema(value_type = Option<Object>)]
    reply: Option<Value>,
}

impl From<DeviceOrdered> for OrderBody {
    fn from(ordered: DeviceOrdered) -> Self {
        let command = ordered.command;
        let state = command.state.name();
        let (code, detail) = command.state.into_failure().unzip();
        Self {
            id: command.id,
            device_id: ordered.device,
            action: ordered.action,
            door: ordered.door,
            reason: ordered.reason,
            by: command.by,
            created_at: command.created_at,
            expires_at: command.expires_at,
            state,
            changed_at: command.changed_at,
            code,
            detail,
            reply: ordered.reply,
        }
    }
}

/// Something to be done by a device.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOrder {
    /// `open`, `close`, `hold_open`, `lock`, `reboot`, `set_clock`, `read_log`, `sync`, `sync_person`, `remove_person` or
    /// `probe`.
    #[schema(example = "open")]
    action: String,
    /// Which door; the first four need one.
    #[schema(minimum = 1, maximum = 64)]
    door: Option<u16>,
    /// From when on the log is read; `read_log` needs it.
    from: Option<Timestamp>,
    /// Who, by the number of the device; `sync_person` and `remove_person` need it.
    #[schema(example = "1001")]
    number: Option<String>,
    /// So many people may be taken off at once with `sync`, although they are suspiciously many.
    #[serde(default)]
    may_remove: u32,
    /// Why; doors are not opened without.
    #[serde(default)]
    #[schema(example = "a visitor for Marketing")]
    reason: String,
}

impl NewOrder {
    fn number(&self) -> Result<String, Failure> {
        let number = self.number.as_deref().and_then(Number::parse);
        let wrong = || {
            let detail = format!("{} needs the number of a person: 1 to 32 letters and digits", self.action);
            Failure::new(Kind::Invalid, "device_order", &detail).about("number")
        };
        Ok(number.ok_or_else(wrong)?.as_str().to_owned())
    }

    fn action(&self) -> Result<DeviceAction, Failure> {
        let wrong = |field, detail: String| Failure::new(Kind::Invalid, "device_order", &detail).about(field);
        let door = || self.door.ok_or_else(|| wrong("door", format!("{} needs a door", self.action)));
        Ok(match self.action.as_str() {
            "open" => DeviceAction::Open { door: door()? },
            "close" => DeviceAction::Close { door: door()? },
            "hold_open" => DeviceAction::HoldOpen { door: door()? },
            "lock" => DeviceAction::Lock { door: door()? },
            "reboot" => DeviceAction::Reboot,
            "set_clock" => DeviceAction::SetClock,
            "read_log" => {
                let from = self.from.ok_or_else(|| wrong("from", "read_log needs from".to_owned()))?;
                DeviceAction::ReadLog { from_us: from.as_microsecond() }
            }
            "sync" => DeviceAction::Sync { may_remove: self.may_remove },
            "sync_person" => DeviceAction::SyncPerson { number: self.number()? },
            "remove_person" => DeviceAction::RemovePerson { number: self.number()? },
            "probe" => DeviceAction::Probe,
            _ => {
                let known = DeviceAction::WORDS.join(", ");
                return Err(wrong("action", format!("action must be one of {known}")));
            }
        })
    }
}

/// List what a device was asked to do
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/orders", tag = "devices", params(("id" = DeviceId, Path), InOrganization),
    responses((status = 200, description = "The newest first, at most 100", body = List<OrderBody>)),
)]
async fn list(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DeviceId>,
) -> Result<Json<List<OrderBody>>, ApiFailure> {
    Ok(List::whole(app.devices.orders(&inside.actor, inside.id(), id).await?))
}

/// Ask a device to do something
///
/// Guards open doors, where the gate allows it; people are kept in order by those who edit credentials; the rest is for
/// administrators. Doors are asked for 15 seconds, the rest for 2 minutes: what is late is not begun.
#[utoipa::path(
    post, path = "/api/v1/devices/{id}/orders", tag = "devices", params(("id" = DeviceId, Path), InOrganization),
    request_body = NewOrder,
    responses((status = 202, description = "It waits for the device; look again where `Location` says", body = OrderBody)),
)]
async fn order(
    State(app): State<App>,
    inside: Inside,
    Id(id): Id<DeviceId>,
    Body(new): Body<NewOrder>,
) -> Result<Accepted<OrderBody>, ApiFailure> {
    // Who may not see the device is not told what is wrong with the order.
    app.devices.get(&inside.actor, inside.id(), id).await?;
    let action = new.action()?;
    let made = app.devices.order(&inside.actor, (inside.id(), id), action, &new.reason).await?;
    let at = format!("/api/v1/devices/{}/orders/{}", made.device, made.command.id);
    Ok(Accepted { at, body: made.into() })
}

/// How far something is that a device was asked to do
#[utoipa::path(
    get, path = "/api/v1/devices/{id}/orders/{command_id}", tag = "devices",
    params(("id" = DeviceId, Path), ("command_id" = CommandId, Path), InOrganization),
    responses((status = 200, description = "With what the device said", body = OrderBody)),
)]
async fn get(
    State(app): State<App>,
    inside: Inside,
    Pair(id, command): Pair<DeviceId, CommandId>,
) -> Result<Json<OrderBody>, ApiFailure> {
    Ok(Json(app.devices.ordered(&inside.actor, (inside.id(), id), command).await?.into()))
}
