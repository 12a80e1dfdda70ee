//! Times as devices write them: with an offset, with `Z`, or as their own wall clock shows them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::tz::TimeZone;

/// No terminal with this protocol is older.
const EARLIEST: &str = "2015-01-01T00:00:00Z";

/// How far ahead a clock may be and still be believed.
const AHEAD_SECS: i64 = 86_400;

/// The moment that a device means. Without an offset its own zone counts.
pub fn instant(raw: &str, zone: &TimeZone) -> Option<Timestamp> {
    let raw = raw.trim();
    if raw.len() > 40 || !raw.is_ascii() {
        return None;
    }
    let (civil, offset) = split(raw)?;
    let civil = civil.replacen(' ', "T", 1).parse::<DateTime>().ok()?;
    match offset {
        "" => zone.to_ambiguous_zoned(civil).compatible().ok().map(|zoned| zoned.timestamp()),
        "Z" | "z" => Offset::UTC.to_timestamp(civil).ok(),
        offset => seconds(offset).and_then(|secs| Offset::from_seconds(secs).ok())?.to_timestamp(civil).ok(),
    }
}

/// Whether a device can mean this moment.
pub fn is_plausible(at: Timestamp, now: Timestamp) -> bool {
    let earliest: Option<Timestamp> = EARLIEST.parse().ok();
    earliest.is_none_or(|earliest| at >= earliest) && at.as_second() <= now.as_second().saturating_add(AHEAD_SECS)
}

/// A zone as devices write it: `CST-5:00:00`, with the sign of POSIX, and behind it the amount and the rules of summer time.
pub fn zone(text: &str) -> Option<TimeZone> {
    let text = text.trim();
    if text.len() > 80 || !text.is_ascii() {
        return None;
    }
    let at = text.find(['+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])?;
    let rest = text.get(at..)?;
    let end = rest.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(rest.len());
    let west = seconds(rest.get(..end)?)?;
    let summer = rest.get(end..)?;
    if !summer.is_empty()
        && let Some(zone) = with_summer(west, summer)
    {
        return Some(zone);
    }
    Offset::from_seconds(-west).ok().map(TimeZone::fixed)
}

/// What stands in `<localTime>` that is to be set, and in the validity of people: no offset.
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// What stands in events and in searches.
pub fn with_offset(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00`: an amount where POSIX has an offset.
fn with_summer(west: i32, summer: &str) -> Option<TimeZone> {
    let (amount, rules) = summer.split_once(',')?;
    let amount = seconds(amount.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()))?;
    TimeZone::posix(&format!("LCL{}SUM{},{rules}", posix(west), posix(west - amount))).ok()
}

fn posix(west: i32) -> String {
    let sign = if west < 0 { "-" } else { "+" };
    let west = west.unsigned_abs();
    format!("{sign}{:02}:{:02}:{:02}", west / 3600, west / 60 % 60, west % 60)
}

/// The wall clock, and the offset behind it.
fn split(raw: &str) -> Option<(&str, &str)> {
    // The date has dashes of its own.
    let time = raw.find(['T', ' '])?;
    let at = raw.get(time..)?.find(['+', '-', 'Z', 'z']).map_or(raw.len(), |at| time + at);
    Some((raw.get(..at)?.trim_end(), raw.get(at..)?.trim()))
}

/// `+05:00`, `-5:00:00`, `0500`, `5`.
fn seconds(text: &str) -> Option<i32> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, text.get(1..)?),
        b'+' => (1, text.get(1..)?),
        _ => (1, text),
    };
    let number = |text: &str| text.parse::<u16>().ok().map(i32::from);
    let total = if digits.contains(':') || digits.len() <= 2 {
        let mut parts = digits.split(':');
        let (hours, minutes) = (number(parts.next()?)?, parts.next().map_or(Some(0), number)?);
        let secs = parts.next().map_or(Some(0), number)?;
        if minutes > 59 || secs > 59 {
            return None;
        }
        hours * 3600 + minutes * 60 + secs
    } else {
        number(digits.get(..digits.len() - 2)?)? * 3600 + number(digits.get(digits.len() - 2..)?)? * 60
    };
    (total <= 26 * 3600).then_some(sign * total)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::instant;
    use super::is_plausible;
    use super::local;
    use super::with_offset;
    use super::zone;

    #[test]
    fn moments_are_read_with_and_without_an_offset() {
        let tashkent = zone("CST-5:00:00").unwrap();
        for raw in [
            "2026-11-23T08:30:15+05:00",
            "2026-11-23T03:30:15Z",
            "2026-11-23T08:30:15",
            "2026-11-23 08:30:15",
            "2026-11-23T08:30:15+0500",
            "2026-11-23T08:30:15.000+05:00",
            "2026-11-23T06:30:15+03:00",
        ] {
            let at = instant(raw, &tashkent).unwrap_or_else(|| panic!("{raw}"));
            assert_eq!(at.to_string(), "2026-11-23T03:30:15Z", "{raw}");
            assert_eq!(with_offset(at, &tashkent), "2026-11-23T08:30:15+05:00");
            assert_eq!(local(at, &tashkent), "2026-11-23T08:30:15");
        }
        for raw in ["", "2026", "2026-13-01T00:00:00", "2026-02-30T00:00:00Z", "now", "2026-11-23T08:30:15+99:00"] {
            assert_eq!(instant(raw, &tashkent), None, "{raw}");
        }
    }

    #[test]
    fn zones_have_the_sign_of_posix_and_may_have_a_summer() {
        let at = "2026-11-23T12:00:00Z".parse().unwrap();
        assert_eq!(local(at, &zone("CST+3:00:00").unwrap()), "2026-11-23T09:00:00");
        assert_eq!(local(at, &zone("IST-5:30:00").unwrap()), "2026-11-23T17:30:00");
        let berlin = zone("CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00").unwrap();
        assert_eq!(local(at, &berlin), "2026-11-23T13:00:00");
        assert_eq!(local("2026-07-01T12:00:00Z".parse().unwrap(), &berlin), "2026-07-01T14:00:00");
        assert!(zone("").is_none() && zone("CST").is_none() && zone("CST-99:00:00").is_none());
    }

    #[test]
    fn times_that_nobody_can_mean_are_recognised() {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let plausible = |raw| is_plausible(instant(raw, &TimeZone::UTC).unwrap(), now);
        assert!(
            plausible("2026-11-23T11:00:00Z") && plausible("2026-11-24T11:00:00Z") && plausible("2016-01-01T00:00:00Z")
        );
        assert!(!plausible("2000-01-01T00:00:07Z") && !plausible("2037-12-31T23:59:59Z"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9TZ:+. a-zA-Z,/-]{0,60}", other in "\\PC{0,40}") {
            for text in [&text, &other] {
                drop((instant(text, &TimeZone::UTC), zone(text)));
            }
        }
    }
}
