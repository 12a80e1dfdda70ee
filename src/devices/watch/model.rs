//! The nouns of the watch over devices.

use nazorat_timeseries::DeviceStatus;
use nazorat_wire::frame::DeviceSeen;

use crate::devices::DeviceState;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Span;
use crate::kernel::Timestamp;

/// Why nothing is known of a device: the appliance was not running.
pub const UNWATCHED: &str = "not_watched";
/// The same: its gateway is silent.
pub(super) const SILENT: &str = "gateway_silent";
/// The same: its gateway has not told of it yet.
pub(super) const UNTOLD: &str = "not_told";
/// The longest word that is believed to be one.
const MOST_WORD: usize = 40;

/// How a device is from a moment on; to be kept as an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whose it is.
    pub organization: OrganizationId,
    /// Which device.
    pub device: DeviceId,
    /// From when on, by our clock.
    pub at: Timestamp,
    /// Its row.
    pub status: DeviceStatus,
}

/// A time in which a device was the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// From when to when.
    pub span: Span,
    /// How it was.
    pub state: DeviceState,
    /// Why, as a stable word; empty where there is nothing to explain.
    pub code: String,
}

/// What is known of a device at a moment. All times are by our clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) gateway: GatewayId,
    pub(super) state: DeviceState,
    pub(super) code: String,
    /// What its gateway told of it last, and when.
    pub(super) told: Option<(Timestamp, DeviceSeen)>,
}

impl View {
    pub(super) fn status(&self) -> DeviceStatus {
        let told = self.told.as_ref().map(|(_, told)| told);
        let micros = |at: Option<Timestamp>| at.map(|at| at.as_microsecond());
        DeviceStatus {
            gateway: self.gateway.to_string(),
            state: self.state.number(),
            code: self.code.clone(),
            last_contact_us: micros(told.and_then(|told| told.last_contact)),
            last_event_us: micros(told.and_then(|told| told.last_event)),
            drift_ms: told.and_then(|told| told.drift_ms),
            answer_ms: told.and_then(|told| told.answer_ms),
        }
    }
}

/// A code as it is kept. It comes from a gateway; what is no word might be anything.
pub(super) fn word(code: &str) -> String {
    let is_word = code.len() <= MOST_WORD && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_word { code.to_owned() } else { "other".to_owned() }
}
