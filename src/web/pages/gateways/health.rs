//! How a gateway is, as lights: whether it is heard, what waits on it, whether its clock is right.

use std::time::Duration;

use nazorat_wire::frame::Spool;

use super::course::Cell;
use super::course::Day;
use super::standing::Standing;
use crate::fleet::presence::Liveness;
use crate::fleet::presence::Seen;
use crate::kernel::Timestamp;
use crate::web::Texts;
use crate::web::Visitor;

/// What waits longer than this is not on its way any more.
const LATE_SECS: u64 = 300;
/// From here on a buffer is high, in percent; alerts say the same.
const HIGH: u64 = 80;
/// Times differ by so much only because saying them takes a moment.
const SAME_SECS: i64 = 2;
/// Up to here a clock is believed.
const BELIEVED_SECS: i64 = 120;

/// A light with its value, one sentence, and the past day in cells.
pub(super) struct Sign {
    pub(super) light: &'static str,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) text: String,
    pub(super) cells: Vec<Cell>,
}

/// Whether a gateway is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// It may not be.
    KeptOut,
    /// It never was.
    Never,
    /// It is.
    Now,
    /// It is, and its line has ended a moment ago.
    Between,
    /// It was.
    Silent,
}

impl Heard {
    pub(super) fn of(standing: Standing, seen: Option<&Seen>) -> Self {
        match (standing, seen) {
            (Standing::Suspended | Standing::Revoked | Standing::Over, _) => Self::KeptOut,
            (_, None) => Self::Never,
            (_, Some(seen)) if seen.liveness == Liveness::Offline => Self::Silent,
            (_, Some(seen)) if seen.connected => Self::Now,
            (_, Some(_)) => Self::Between,
        }
    }

    /// Whether what it says is of now.
    pub(super) const fn is_heard(self) -> bool {
        matches!(self, Self::Now | Self::Between)
    }

    pub(super) const fn light(self) -> &'static str {
        match self {
            Self::KeptOut => "off",
            Self::Never | Self::Between => "way",
            Self::Now => "ok",
            Self::Silent => "bad",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::KeptOut => "kept-out",
            Self::Never => "never",
            Self::Now => "now",
            Self::Between => "between",
            Self::Silent => "silent",
        }
    }
}

/// All that is asked about a gateway that has joined.
pub(super) struct Patient<'a> {
    pub(super) visitor: &'a Visitor,
    pub(super) heard: Heard,
    pub(super) seen: Option<&'a Seen>,
    pub(super) day: &'a Day,
    pub(super) interval: Duration,
    pub(super) now: Timestamp,
}

impl Patient<'_> {
    /// The three lights.
    pub(super) fn signs(&self) -> Vec<Sign> {
        vec![self.contact(), self.buffer(), self.clock()]
    }

    fn texts(&self) -> Texts {
        self.visitor.texts
    }

    fn contact(&self) -> Sign {
        let texts = self.texts();
        let last = self.seen.map(|seen| seen.last_contact);
        let silent = last.map_or(0, |last| secs_between(last, self.now));
        let words = [("secs", self.interval.as_secs().into()), ("age", texts.age(silent).into())];
        let mut text = texts.with(&format!("gateways-contact-{}", self.heard.name()), words);
        let gone = self.day.silent_secs;
        if gone > 0 && self.heard != Heard::Silent {
            text.push(' ');
            text.push_str(&texts.with("gateways-contact-gaps", [("age", texts.age(gone).into())]));
        }
        Sign {
            light: self.heard.light(),
            name: texts.t("gateways-sign-contact"),
            value: last.map_or_else(|| texts.t("gateways-never"), |last| when(self.visitor, last, self.now)),
            text,
            cells: self.day.contact.clone(),
        }
    }

    fn buffer(&self) -> Sign {
        let texts = self.texts();
        let name = texts.t("gateways-sign-buffer");
        let Some((at, beat)) = self.seen.and_then(|seen| seen.beat.as_ref()) else {
            let (value, text) = (texts.t("unknown"), texts.t("gateways-buffer-unknown"));
            return Sign { light: "off", name, value, text, cells: Vec::new() };
        };
        let spool = &beat.spool;
        let mut said = Vec::new();
        if spool.refusing {
            said.push(texts.t("gateways-buffer-refusing"));
        } else if is_high(spool) {
            said.push(texts.t("gateways-buffer-high"));
        }
        if spool.batches > 0 {
            said.push(texts.with("gateways-buffer-oldest", [("age", texts.age(spool.oldest_secs).into())]));
        }
        let sizes = [("used", texts.bytes(spool.bytes).into()), ("room", texts.bytes(spool.max_bytes).into())];
        said.push(texts.with("gateways-buffer-used", sizes));
        if spool.evicted > 0 {
            said.push(texts.count("gateways-buffer-evicted", spool.evicted));
        }
        if !self.heard.is_heard() {
            let at = when(self.visitor, *at, self.now);
            said.push(texts.with("gateways-buffer-then", [("time", at.into())]));
        }
        Sign {
            light: buffer_light(spool, self.heard),
            name,
            value: buffer_words(texts, spool),
            text: said.join(" "),
            cells: self.day.buffer.clone(),
        }
    }

    fn clock(&self) -> Sign {
        let texts = self.texts();
        let name = texts.t("gateways-sign-clock");
        let Some(seen) = self.seen.filter(|seen| seen.beat.is_some() || !seen.version.is_empty()) else {
            let (value, text) = (texts.t("unknown"), texts.t("gateways-clock-unknown"));
            return Sign { light: "off", name, value, text, cells: Vec::new() };
        };
        let text = if is_wrong(seen.ahead_secs) { "gateways-clock-wrong" } else { "gateways-clock-fine" };
        Sign {
            light: match is_wrong(seen.ahead_secs) {
                _ if !self.heard.is_heard() => "off",
                true => "look",
                false => "ok",
            },
            name,
            value: clock_words(texts, seen.ahead_secs),
            text: texts.t(text),
            cells: Vec::new(),
        }
    }
}

/// How a buffer is; of a gateway that is not heard it is only known how it was.
pub(super) fn buffer_light(spool: &Spool, heard: Heard) -> &'static str {
    match spool {
        _ if !heard.is_heard() => "off",
        Spool { refusing: true, .. } => "bad",
        spool if is_high(spool) => "look",
        Spool { batches: 1.., oldest_secs: LATE_SECS.., .. } => "look",
        Spool { batches: 1.., .. } => "way",
        _ => "ok",
    }
}

/// `12 batches wait`.
pub(super) fn buffer_words(texts: Texts, spool: &Spool) -> String {
    match spool.batches {
        0 => texts.t("gateways-buffer-empty"),
        waiting => texts.count("gateways-buffer-waiting", waiting),
    }
}

/// `3 min ahead`.
pub(in crate::web::pages) fn clock_words(texts: Texts, ahead_secs: i64) -> String {
    if ahead_secs.saturating_abs() <= SAME_SECS {
        return texts.t("gateways-clock-right");
    }
    let key = if ahead_secs > 0 { "gateways-clock-ahead" } else { "gateways-clock-behind" };
    texts.with(key, [("age", texts.age(ahead_secs.unsigned_abs()).into())])
}

const fn is_high(spool: &Spool) -> bool {
    spool.max_bytes > 0 && spool.bytes.saturating_mul(100) / spool.max_bytes > HIGH
}

pub(super) const fn is_wrong(ahead_secs: i64) -> bool {
    ahead_secs.saturating_abs() > BELIEVED_SECS
}

/// The time of something that happened today, else also its day.
pub(in crate::web::pages) fn when(visitor: &Visitor, at: Timestamp, now: Timestamp) -> String {
    let (texts, zone) = (visitor.texts, &visitor.zone);
    match zone.day_of(at) == zone.day_of(now) {
        true => texts.time_seconds(zone, at),
        false => texts.moment(zone, at),
    }
}

pub(in crate::web::pages) fn secs_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_second().saturating_sub(from.as_second())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use nazorat_wire::frame::Spool;

    use super::Heard;
    use super::buffer_light;
    use super::clock_words;
    use super::is_wrong;
    use crate::kernel::Language;
    use crate::web::Texts;

    #[test]
    fn a_buffer_is_judged_by_what_waits_how_long_and_how_much_room_is_left() {
        let spool =
            |batches, oldest_secs, bytes| Spool { batches, oldest_secs, bytes, max_bytes: 100, ..Spool::default() };
        for (spool, light) in [
            (spool(0, 0, 0), "ok"),
            (spool(3, 299, 10), "way"),
            (spool(3, 300, 10), "look"),
            (spool(3, 10, 81), "look"),
            (Spool { refusing: true, ..spool(3, 10, 99) }, "bad"),
            // How old something was that has left means nothing.
            (spool(0, 900, 10), "ok"),
        ] {
            assert_eq!(buffer_light(&spool, Heard::Now), light, "{spool:?}");
            assert_eq!(buffer_light(&spool, Heard::Silent), "off");
        }
    }

    #[test]
    fn two_seconds_are_no_difference_and_two_minutes_no_harm() {
        let texts = Texts::of(Language::En);
        assert_eq!([0, 2, -2].map(|secs| clock_words(texts, secs)), ["Right", "Right", "Right"].map(str::to_owned));
        assert_eq!(clock_words(texts, 180).replace('\u{a0}', " "), "3 min ahead");
        assert_eq!(clock_words(texts, -45).replace('\u{a0}', " "), "45 s behind");
        assert_eq!([120, -120, 121, -121].map(is_wrong), [false, false, true, true]);
    }
}
