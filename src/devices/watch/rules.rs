//! Pure decisions: what is noted, which alerts open and end, and what rows say of a period.

use std::time::Duration;

use nazorat_wire::frame::DeviceSeen;

use crate::devices::DeviceState;
use crate::devices::watch::model::Stretch;
use crate::devices::watch::model::UNWATCHED;
use crate::devices::watch::model::View;
use crate::fleet::alerts::AlertKind;
use crate::fleet::alerts::Facts;
use crate::kernel::Span;
use crate::kernel::Timestamp;

/// A device that stays as it is gets a row so often.
pub(super) const STILL: Duration = Duration::from_secs(6 * 3_600);
/// A row is believed for so long, and then nobody watched.
pub(super) const HOLDS: Duration = Duration::from_secs(6 * 3_600 + 900);
/// A device that is away for longer is looked after.
const PATIENCE_SECS: i64 = 120;
/// From here on a clock is wrong.
const MOST_DRIFT_MS: u64 = 120_000;
/// Something is nearly full from here on, in percent, and until it is below that.
const HIGH_FROM: u64 = 80;
const HIGH_UNTIL: u64 = 75;
/// The code of credentials that were refused.
const CREDENTIALS: &str = "device_credentials";

/// The alerts that open and end by how a device is.
pub(super) const KINDS: [AlertKind; 5] = [
    AlertKind::DeviceOffline,
    AlertKind::DeviceCredentials,
    AlertKind::DeviceClock,
    AlertKind::DeviceLogHigh,
    AlertKind::DevicePeopleHigh,
];

/// What becomes of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is a reason for it.
    Fires(Facts),
    /// There is none any more.
    Ends,
    /// Nothing is known that would change it.
    Stays,
}

/// What becomes of an alert of a device that is so since a moment; `open` says that there is one.
pub(super) fn judge(kind: AlertKind, view: &View, since: Timestamp, now: Timestamp, open: bool) -> Verdict {
    let told = view.told.as_ref().map(|(_, told)| told);
    match (kind, view.state) {
        (_, DeviceState::Disabled) => Verdict::Ends,
        (AlertKind::DeviceOffline, _) => offline(view, since, now),
        (AlertKind::DeviceCredentials, _) => credentials(view),
        // What else may be wrong is known of those that answer.
        (AlertKind::DeviceClock, DeviceState::Online) => told.map_or(Verdict::Stays, clock),
        (AlertKind::DeviceLogHigh, DeviceState::Online) => room(told.and_then(|told| told.log_room), open),
        (AlertKind::DevicePeopleHigh, DeviceState::Online) => room(told.and_then(|told| told.people_room), open),
        _ => Verdict::Stays,
    }
}

fn offline(view: &View, since: Timestamp, now: Timestamp) -> Verdict {
    match view.state {
        // Of one behind a silent gateway nobody knows anything; that has an alert of its own.
        DeviceState::Online | DeviceState::Disabled | DeviceState::Unknown => Verdict::Ends,
        DeviceState::Error if view.code == CREDENTIALS => Verdict::Ends,
        DeviceState::Connecting => Verdict::Stays,
        DeviceState::Offline | DeviceState::Error if now.as_second() - since.as_second() > PATIENCE_SECS => {
            let last = view.told.as_ref().and_then(|(_, told)| told.last_contact);
            let mut facts: Facts = [("since".to_owned(), since.to_string().into())].into();
            facts.insert("code".to_owned(), view.code.as_str().into());
            facts.extend(last.map(|last| ("last_contact".to_owned(), last.to_string().into())));
            Verdict::Fires(facts)
        }
        DeviceState::Offline | DeviceState::Error => Verdict::Stays,
    }
}

fn credentials(view: &View) -> Verdict {
    match view.state {
        // Nothing is tried for ten minutes, so it is told at once.
        DeviceState::Error if view.code == CREDENTIALS => Verdict::Fires(Facts::new()),
        DeviceState::Connecting => Verdict::Stays,
        _ => Verdict::Ends,
    }
}

fn clock(told: &DeviceSeen) -> Verdict {
    match told.drift_ms {
        Some(drift) if drift.unsigned_abs() > MOST_DRIFT_MS => {
            Verdict::Fires([("ahead_secs".to_owned(), (drift / 1_000).into())].into())
        }
        Some(_) => Verdict::Ends,
        None => Verdict::Stays,
    }
}

fn room(room: Option<(u32, u32)>, open: bool) -> Verdict {
    let Some((there, most)) = room.filter(|(_, most)| *most > 0) else { return Verdict::Ends };
    let percent = u64::from(there) * 100 / u64::from(most);
    if percent > HIGH_FROM || (open && percent >= HIGH_UNTIL) {
        let facts = [("percent", percent.min(100)), ("count", there.into()), ("most", most.into())];
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX).into();
        return Verdict::Fires(facts.map(|(name, value)| (name.to_owned(), number(value))).into());
    }
    Verdict::Ends
}

/// What rows, oldest first, say of a period that ends at the latest now. What no row speaks of is left out.
pub(super) fn stretches(rows: &[(Timestamp, DeviceState, String)], span: Span, now: Timestamp) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut add = |from: Timestamp, to: Timestamp, state: DeviceState, code: &str| {
        let Some(part) = Span::new(from, to).intersect(Span::new(span.from, span.to.min(now))) else { return };
        match found.last_mut().filter(|last| last.span.to == part.from && last.state == state && last.code == code) {
            Some(last) => last.span.to = part.to,
            None => found.push(Stretch { span: part, state, code: code.to_owned() }),
        }
    };
    for (index, (from, state, code)) in rows.iter().enumerate() {
        let next = rows.get(index + 1).map_or(now, |(at, _, _)| *at);
        let held = from.checked_add(HOLDS).unwrap_or(next).min(next);
        add(*from, held, *state, code);
        add(held, next, DeviceState::Unknown, UNWATCHED);
    }
    found
}
