//! Words that every other module may use: identities, time, who is asking, kinds of failure, pages, secrets.
//!
//! Owns no I/O, no clock of its own and no randomness beyond making a secret. Nothing here knows a rule of a domain.

mod actor;
mod error;
mod id;
mod language;
mod page;
mod picture;
mod portrait;
mod secret;
mod text;
mod time;

pub use actor::{Access, Actor, Denied, Permission, Principal, Role, Scope, Tenant};
pub use error::{Classify, Kind, with_causes};
pub use id::{
    AccessGroupId, AlertId, ApiKeyId, CommandId, ComputerId, ComputerUserId, DepartmentId, DeviceId, EmployeeId,
    GateId, GatewayId, LinkId, OperatorId, OrganizationId, PolicyId, ResourceGroupId, RuleId, TokenId,
};
pub use language::Language;
pub use page::{Cursor, CursorError, Page, PageRequest};
pub use picture::{Picture, PictureError, blurred_preview};
pub use portrait::{Portrait, PortraitError};
pub use secret::{Fingerprint, SecretText, random_bytes};
pub use text::{fold, initials, spreadsheet_safe};
pub use time::{Clock, Day, Month, Span, Timestamp, Zone, ZoneError};
