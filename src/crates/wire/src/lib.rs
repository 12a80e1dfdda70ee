//! Frames and types that agent, gateway and appliance share.
//!
//! This crate decodes what comes over the wire and knows no store. [`decode_logs`] reads the body of
//! `POST /v2/ingest/logs`: a body that is not JSON is refused whole, while one bad event is set aside with its index
//! and a code and never blocks its neighbours. [`frame`] is what gateways and the appliance say on the control channel, and
//! [`Order`] what the appliance may ask for there. [`carry`] is a backlog as a file, and [`policy`] is what may be
//! collected, and holds facts against it.
//!
//! ## Design notes
//! - Events are read in two steps: the array into raw slices, then each slice by a visitor that borrows its strings.
//!   A single pass was faster by a fifth and could not go on after a bad event.
//! - Unknown fields are ignored and counted, so that newer agents may send more than an older appliance knows.

mod access;
mod account;
mod answer;
mod block;
pub mod carry;
mod decode;
mod depth;
mod device;
mod encode;
mod event;
mod fields;
mod found;
pub mod frame;
mod gap;
mod order;
pub mod policy;
mod signature;
mod text;
mod token;
mod words;

pub use access::{AccessEvent, AccessKind, Credential, Direction, PasserMeta, encode_access};
pub use account::{Identity, account_of};
pub use answer::{IngestAnswer, Problem, Rejection};
pub use block::{Block, NoBlock};
pub use decode::{Accepted, AcceptedAccess, BodyError, DecodedLogs, EventError, decode_logs};
pub use depth::MAX_DEPTH;
pub use device::{
    DeviceFault, DeviceItem, DeviceSheet, MOST_TOLD, PeopleReport, PersonItem, PersonProblem, SheetContent, Stranger,
};
pub use encode::encode_event;
pub use event::{Event, Fact, InputState, SessionAction};
pub use found::{FoundDevice, FoundDevices, MOST_FOUND, MOST_SEARCHED};
pub use gap::{Gap, encode_gap};
pub use order::{DeviceAction, DeviceOrder, LogLevel, Order, OrderError, Tuning};
pub use signature::{Signable, Signature, SignatureError, SignatureParams, signature_base, signature_value};
pub use text::{Limit, domain_of, shorten};
pub use token::{JoinToken, TokenError};
