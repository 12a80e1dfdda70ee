//! One account's day: when its computer was in use, left alone, locked, silent.
//!
//! Agents differ. Some send input, some do not; some go on reporting the window while nobody is there; some are silent
//! while the screen is locked. So input decides where there is any, sessions decide about locking, and what is left
//! between two events for more than five minutes is silence of the agent, not absence of the person.

use nazorat_wire::InputState;
use nazorat_wire::SessionAction;

use super::observed::Observed;
use super::parts;
use super::parts::Part;
use crate::monitoring::Catalogue;

/// A silence up to this long is normal for agents that report what is over.
pub(crate) const SILENCE_MS: i64 = 5 * 60_000;

/// Typing a password is input, and comes shortly before the unlock.
const PASSWORD_MS: i64 = 2 * 60_000;

/// The states of one account; disjoint sets.
#[derive(Debug, Clone, Default)]
pub(crate) struct States {
    pub(crate) active: Vec<Part>,
    pub(crate) no_input: Vec<Part>,
    pub(crate) locked: Vec<Part>,
    pub(crate) no_data: Vec<Part>,
}

pub(crate) fn states(observed: &Observed, catalogue: &Catalogue) -> States {
    let mut extents: Vec<Part> = observed.extents().collect();
    extents.sort_unstable();
    let lock_screen = |app: &str| catalogue.is_lock_screen(app);
    let (locks, windows): (Vec<_>, Vec<_>) = observed.windows.iter().partition(|window| lock_screen(&window.app));
    let off = off(&observed.sessions, &extents);
    let mut locked = locked(observed, &extents);
    locked.extend(locks.iter().map(|window| window.part));
    let locked = parts::subtract(&parts::union(locked), &off);
    let closed = parts::union([off.as_slice(), locked.as_slice()].concat());
    let shown: Vec<Part> = windows.iter().map(|window| window.part).collect();
    let of = |wanted| observed.inputs.iter().filter(move |(_, state)| *state == wanted).map(|(part, _)| *part);
    let (in_use, alone) = match last_input(observed) {
        None => (shown, Vec::new()),
        Some((end, state)) => {
            // Input is reported in pieces, later than the windows in it: until more is heard, it goes on.
            let going_on = parts::cut(&[(Part::new(end, end + SILENCE_MS), ())], &parts::union(shown.clone()));
            let going_on = going_on.into_iter().map(|(part, ())| part).filter(|_| state == InputState::Active);
            (of(InputState::Active).chain(going_on).collect(), of(InputState::Idle).chain(shown).collect())
        }
    };
    let active = parts::subtract(&parts::union(in_use), &closed);
    let no_input = parts::subtract(&parts::subtract(&parts::union(alone), &closed), &active);
    let no_data = no_data(&observed.sessions, &extents, &closed);
    States { active, no_input, locked, no_data }
}

/// When the last known input ended, and what it was.
fn last_input(observed: &Observed) -> Option<(i64, InputState)> {
    let last = observed.inputs.iter().max_by_key(|(part, state)| (part.to, *state == InputState::Active));
    last.map(|(part, state)| (part.to, *state))
}

/// After a logout or disconnect, until anything is heard again.
fn off(sessions: &[(i64, SessionAction)], extents: &[Part]) -> Vec<Part> {
    let ends =
        sessions.iter().filter(|(_, action)| matches!(action, SessionAction::Logout | SessionAction::Disconnect));
    let parts = ends.map(|(at, _)| {
        let next = extents.partition_point(|extent| extent.from <= *at);
        Part::new(*at, extents.get(next).map_or(i64::MAX, |extent| extent.from))
    });
    parts::union(parts.collect())
}

/// From each lock to what ends it. An unlock that got lost is replaced by the first input after the lock.
fn locked(observed: &Observed, extents: &[Part]) -> Vec<Part> {
    let mut sessions = observed.sessions.clone();
    sessions.sort_by_key(|(at, _)| *at);
    let mut typed: Vec<i64> =
        observed.inputs.iter().filter(|(_, state)| *state == InputState::Active).map(|(part, _)| part.from).collect();
    typed.sort_unstable();
    let last = extents.iter().map(|extent| extent.to).max().unwrap_or(i64::MIN);
    let mut parts = Vec::new();
    if let (Some((at, SessionAction::Unlock)), Some(first)) = (sessions.first(), extents.first()) {
        parts.push(Part::new(first.from, *at));
    }
    for (index, (at, action)) in sessions.iter().enumerate() {
        if *action != SessionAction::Lock {
            continue;
        }
        let next = sessions[index + 1..].iter().find(|(_, action)| *action != SessionAction::Lock);
        let end = next.map(|(at, _)| *at);
        let input = typed.get(typed.partition_point(|from| from <= at)).copied();
        let to = match (end, input) {
            (Some(end), Some(input)) if input < end - PASSWORD_MS => input,
            (Some(end), _) => end,
            (None, Some(input)) => input,
            (None, None) => last,
        };
        parts.push(Part::new(*at, to));
    }
    parts
}

/// Silences inside of the day. One that ends with a login was a computer switched off.
fn no_data(sessions: &[(i64, SessionAction)], extents: &[Part], closed: &[Part]) -> Vec<Part> {
    let mut silences = Vec::new();
    let mut heard = extents.first().map_or(i64::MIN, |extent| extent.to);
    for extent in extents {
        if extent.from - heard > SILENCE_MS {
            silences.push(Part::new(heard, extent.from));
        }
        heard = heard.max(extent.to);
    }
    let begins = |at: i64| sessions.iter().any(|(one, action)| *one == at && *action == SessionAction::Login);
    silences.retain(|silence| !begins(silence.to));
    let mut silent = parts::subtract(&silences, closed);
    silent.retain(|part| part.ms() > SILENCE_MS);
    silent
}
