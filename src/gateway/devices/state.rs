//! How a device is, for heartbeats and metrics.

use metrics::counter;
use metrics::gauge;
use nazorat_wire::frame::DeviceSeen;

use crate::adapters::Capabilities;
use crate::adapters::DeviceError;
use crate::adapters::Probe;
use crate::adapters::Room;
use crate::kernel::Timestamp;

/// How a device is.
#[derive(Debug, Clone)]
pub(super) struct State {
    seen: DeviceSeen,
    can: Option<Capabilities>,
    kind: &'static str,
}

/// The states that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Connecting,
    Online,
    Offline,
    Error,
}

impl Turn {
    const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Error => "error",
        }
    }
}

impl State {
    pub(super) fn new(id: u32, kind: &'static str, now: Timestamp) -> Self {
        let seen = DeviceSeen {
            id,
            state: Turn::Connecting.name().to_owned(),
            since: Some(now),
            last_contact: None,
            last_event: None,
            drift_ms: None,
            answer_ms: None,
            events: 0,
            code: None,
            detail: None,
            serial: None,
            model: None,
            firmware: None,
            people: None,
            people_room: None,
            log_room: None,
            missed_at: None,
        };
        Self { seen, can: None, kind }
    }

    pub(super) fn seen(&self) -> DeviceSeen {
        self.seen.clone()
    }

    pub(super) fn is_online(&self) -> bool {
        self.seen.state == Turn::Online.name()
    }

    /// True when it is another state than before. Calling again and again is not told each time.
    pub(super) fn turn(&mut self, turn: Turn, why: Option<&DeviceError>, now: Timestamp) -> bool {
        let device = self.seen.id.to_string();
        let up = if turn == Turn::Online { 1.0 } else { 0.0 };
        gauge!("nazorat_adapter_up", "adapter" => self.kind, "device" => device.clone()).set(up);
        if let Some(why) = why {
            counter!("nazorat_adapter_errors_total", "adapter" => self.kind, "device" => device, "code" => why.code())
                .increment(1);
        }
        // While a device is away it is called again and again; it stays away until it answers.
        let calls_again = turn == Turn::Connecting && self.seen.code.is_some();
        let (code, detail) = (why.map(|why| why.code().to_owned()), why.map(ToString::to_string));
        let same = self.seen.state == turn.name() && self.seen.code == code;
        if calls_again || same {
            if !calls_again {
                self.seen.detail = detail;
            }
            return false;
        }
        (self.seen.code, self.seen.detail) = (code, detail);
        turn.name().clone_into(&mut self.seen.state);
        self.seen.since = Some(now);
        true
    }

    pub(super) const fn heard(&mut self, now: Timestamp) {
        self.seen.last_contact = Some(now);
    }

    pub(super) fn told(&mut self, events: usize, now: Timestamp) {
        self.seen.last_event = Some(now);
        self.seen.events += events as u64;
        let device = self.seen.id.to_string();
        counter!("nazorat_adapter_events_total", "adapter" => self.kind, "device" => device).increment(events as u64);
    }

    pub(super) const fn drift(&mut self, millis: i64) {
        self.seen.drift_ms = Some(millis);
    }

    pub(super) fn answered(&mut self, took: std::time::Duration) {
        self.seen.answer_ms = Some(u32::try_from(took.as_millis()).unwrap_or(u32::MAX));
        let device = self.seen.id.to_string();
        metrics::histogram!("nazorat_adapter_answer_seconds", "adapter" => self.kind, "device" => device).record(took);
    }

    pub(super) const fn room(&mut self, room: Room) {
        self.seen.people_room = room.people;
        self.seen.log_room = room.log;
    }

    pub(super) fn missed(&mut self, detail: String, now: Timestamp) {
        let device = self.seen.id.to_string();
        counter!("nazorat_adapter_missed_total", "adapter" => self.kind, "device" => device).increment(1);
        self.seen.detail = Some(detail);
        self.seen.missed_at = Some(now);
    }

    /// What the device can, once it was asked.
    pub(super) fn capabilities(&self) -> Option<Capabilities> {
        self.can.clone()
    }

    /// How many people on it are as they should be, and how many there should be.
    pub(super) const fn people(&mut self, right: u32, wanted: u32) {
        self.seen.people = Some((right, wanted));
    }

    pub(super) fn probed(&mut self, probe: &Probe) {
        self.can = Some(probe.capabilities.clone());
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        self.seen.serial = some(&probe.identity.serial);
        self.seen.model = some(&probe.identity.model);
        self.seen.firmware = some(&probe.identity.firmware);
        self.seen.drift_ms = probe.drift_ms.or(self.seen.drift_ms);
        if self.seen.code.is_none() {
            self.seen.detail = probe.warnings.first().cloned();
        }
    }

    pub(super) fn counted(&self, action: &'static str, result: &'static str) {
        let device = self.seen.id.to_string();
        counter!(
            "nazorat_adapter_commands_total",
            "adapter" => self.kind, "device" => device, "command" => action, "result" => result
        )
        .increment(1);
    }

    /// Nothing more is told of it.
    pub(super) fn end(&self) {
        gauge!("nazorat_adapter_up", "adapter" => self.kind, "device" => self.seen.id.to_string()).set(0.0);
    }
}
