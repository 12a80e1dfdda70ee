//! How a device is, as three lights: whether it is heard, whether it tells, whether its clock is right.

use crate::devices::DeviceState;
use crate::devices::Standing;
use crate::kernel::Timestamp;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::pages::gateways::health;

use super::words;

/// Events of a device that is used come more often than this.
const QUIET_SECS: u64 = 3 * 86_400;
/// Up to here a clock does no harm.
const BELIEVED_MS: u64 = 120_000;
/// Events that are ahead by more are set aside.
const REFUSED_MS: u64 = 600_000;

/// A light with its value and one sentence.
pub(in crate::web::pages) struct Sign {
    pub(in crate::web::pages) light: &'static str,
    pub(in crate::web::pages) name: String,
    pub(in crate::web::pages) value: String,
    pub(in crate::web::pages) text: String,
}

/// Last contact, last event, clock.
pub(in crate::web::pages) fn signs(visitor: &Visitor, standing: &Standing, now: Timestamp) -> [Sign; 3] {
    [contact(visitor, standing, now), event(visitor, standing, now), clock(visitor.texts, standing)]
}

fn contact(visitor: &Visitor, standing: &Standing, now: Timestamp) -> Sign {
    let texts = visitor.texts;
    let last = standing.told.as_ref().and_then(|(_, told)| told.last_contact);
    Sign {
        light: words::light(standing.state),
        name: texts.t("devices-sign-contact"),
        value: last.map_or_else(|| texts.t("devices-never"), |last| health::when(visitor, last, now)),
        text: words::next_step(texts, standing),
    }
}

fn event(visitor: &Visitor, standing: &Standing, now: Timestamp) -> Sign {
    let texts = visitor.texts;
    let last = standing.told.as_ref().and_then(|(_, told)| told.last_event);
    let quiet = last.map_or(0, |last| health::secs_between(last, now));
    let (light, text) = match (standing.state, last) {
        (DeviceState::Disabled | DeviceState::Unknown, _) => ("off", "devices-event-not-now"),
        (_, None) => ("off", "devices-event-none"),
        (_, Some(_)) if quiet > QUIET_SECS => ("look", "devices-event-quiet"),
        (_, Some(_)) => ("ok", "devices-event-fine"),
    };
    Sign {
        light,
        name: texts.t("devices-sign-event"),
        value: last.map_or_else(|| texts.t("devices-never"), |last| health::when(visitor, last, now)),
        text: texts.with(text, [("age", texts.age(quiet).into())]),
    }
}

fn clock(texts: Texts, standing: &Standing) -> Sign {
    let drift = standing.told.as_ref().and_then(|(_, told)| told.drift_ms);
    let name = texts.t("devices-sign-clock");
    let Some(drift) = drift else {
        return Sign { light: "off", name, value: texts.t("unknown"), text: texts.t("devices-clock-unknown") };
    };
    let (light, text) = clock_light(drift);
    let light = match standing.state {
        DeviceState::Disabled | DeviceState::Unknown => "off",
        _ => light,
    };
    Sign { light, name, value: health::clock_words(texts, drift / 1_000), text: texts.t(text) }
}

const fn clock_light(drift_ms: i64) -> (&'static str, &'static str) {
    let off = drift_ms.unsigned_abs();
    if off <= BELIEVED_MS {
        ("ok", "devices-clock-fine")
    } else if off <= REFUSED_MS {
        ("look", "devices-clock-wrong")
    } else {
        ("bad", "devices-clock-refused")
    }
}

#[cfg(test)]
mod tests {
    use super::clock_light;

    #[test]
    fn a_clock_is_judged_by_what_it_does_to_events() {
        let lights = [0, -120_000, 120_001, -600_000, 600_001].map(|drift| clock_light(drift).0);
        assert_eq!(lights, ["ok", "ok", "look", "look", "bad"]);
    }
}
