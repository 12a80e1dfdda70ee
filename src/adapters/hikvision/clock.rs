//! The clock of a terminal: how far it is from ours, and what an event looks like by it.

use std::sync::PoisonError;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use nazorat_terminals::hikvision::device::DeviceTime;
use nazorat_terminals::hikvision::event::Happening;
use nazorat_terminals::hikvision::time;
use nazorat_wire::AccessEvent;
use nazorat_wire::Direction;

use super::Terminal;
use super::line::Request;
use super::place::Numbered;
use crate::adapters::DeviceError;
use crate::kernel::Timestamp;

/// An event older than this when it is heard of was told late.
const LATE_SECS: i64 = 60;

/// The clock shows whole seconds: less than this is nothing.
const NOTHING_MS: i64 = 2_000;

pub(super) struct DeviceClock {
    /// Ours plus this is the terminal's, in milliseconds.
    pub(super) drift: Option<i64>,
    /// Its own zone where it says one, otherwise that of the place.
    pub(super) zone: TimeZone,
    pub(super) zone_text: String,
    pub(super) mode: String,
}

impl DeviceClock {
    pub(super) fn at(zone: TimeZone) -> Self {
        Self { drift: None, zone, zone_text: String::new(), mode: String::new() }
    }
}

impl Terminal {
    pub(super) fn clock(&self) -> std::sync::MutexGuard<'_, DeviceClock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn zone(&self) -> TimeZone {
        self.clock().zone.clone()
    }

    /// Asks for its time and tells how far it is from ours.
    pub(super) async fn measure(&self) -> Result<Option<i64>, DeviceError> {
        let before = self.feed.now();
        let answer = self.line.ask(Request::get("/ISAPI/System/time")).await?;
        let after = self.feed.now();
        let body = answer.data("its clock cannot be read")?;
        let told = DeviceTime::read(&body, &self.zone());
        let told = told.map_err(|problem| DeviceError::Nonsense(format!("its clock cannot be read: {problem}")))?;
        let middle = (before.as_millisecond() + after.as_millisecond()) / 2;
        // It shows whole seconds: on average half of one has passed.
        let drift = told.at.map(|at| at.as_millisecond() + 500 - middle);
        let drift = drift.map(|drift| if drift.abs() <= NOTHING_MS { 0 } else { drift });
        let mut clock = self.clock();
        clock.drift = drift;
        clock.zone_text = told.zone_text;
        clock.mode = told.mode;
        if let Some(zone) = told.zone {
            clock.zone = zone;
        }
        if let Some(drift) = drift {
            self.feed.drift(drift);
        }
        Ok(drift)
    }

    /// The moment that its clock shows now.
    pub(super) fn device_now(&self) -> Timestamp {
        let drift = SignedDuration::from_millis(self.clock().drift.unwrap_or(0));
        self.feed.now().checked_add(drift).unwrap_or_else(|_| self.feed.now())
    }

    /// An event with its number, if it has one.
    pub(super) fn numbered(&self, happening: &Happening) -> Option<Numbered> {
        let at = time::instant(&happening.time, &self.zone());
        happening.serial.map(|serial| Numbered { serial, print: happening.print(at), at })
    }

    /// What an event without a number is called: by what it says.
    pub(super) fn name_of(&self, happening: &Happening) -> String {
        if !happening.uuid.is_empty() {
            return format!("u:{}", happening.uuid);
        }
        let at = time::instant(&happening.time, &self.zone());
        let Happening { time, person, card, door, reader, .. } = happening;
        let text = format!("{time}\n{person}\n{card}\n{door}\n{reader}\n{}", happening.code());
        let hash = hex::encode(crate::kernel::Fingerprint::of(text.as_bytes()).as_bytes().get(..8).unwrap_or_default());
        format!("x:{:08x}:{hash}", happening.print(at))
    }

    /// The event as it is delivered.
    pub(super) fn event(&self, happening: &Happening, serial: String) -> AccessEvent {
        let now = self.feed.now();
        let drift = self.clock().drift;
        let at = time::instant(&happening.time, &self.zone());
        let believed = at.filter(|&at| time::is_plausible(at, now));
        let meaning = happening.meaning();
        let late = believed.is_some_and(|at| {
            let at = at.as_second() - drift.unwrap_or(0) / 1000;
            now.as_second() - at > LATE_SECS
        });
        AccessEvent {
            device: self.device,
            serial,
            ts: believed.unwrap_or(now),
            seen_at: now,
            door: happening.door,
            reader: happening.reader,
            person: happening.person.clone(),
            person_name: happening.name.clone(),
            card: happening.card.clone(),
            credential: meaning.credential,
            direction: happening.direction.unwrap_or(Direction::Unknown),
            outcome: meaning.kind,
            reason: if believed.is_some() { meaning.reason } else { "implausible_time" }.to_owned(),
            code: happening.code(),
            replayed: late || believed.is_none(),
            drift_ms: drift,
        }
    }
}
