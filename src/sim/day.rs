//! One person's day as the agents on the computers would report it. Pure: seed, person, day and time zone decide everything.

use std::sync::Arc;

use jiff::civil::Date;
use nazorat_wire::InputState;
use nazorat_wire::SessionAction;

use crate::kernel::Zone;
use crate::sim::calendar::Attendance;
use crate::sim::calendar::attendance;
use crate::sim::calendar::day_number;
use crate::sim::chance::Chance;
use crate::sim::office::Office;
use crate::sim::office::Person;
use crate::sim::presence::Presence;
use crate::sim::presence::State;
use crate::sim::presence::Stretch;
use crate::sim::presence::presences;
use crate::sim::windows::Hands;
use crate::sim::windows::Page;

/// Agents report what lasts in pieces, so that the appliance is never far behind.
const INPUT_PIECE_MS: i64 = 120_000;
const WINDOW_PIECE_MS: i64 = 300_000;
/// Shorter remains of a window are not seen by a watcher that looks once a second.
const SHORTEST_MS: i64 = 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// Index into the accounts of the office.
    pub(super) account: usize,
    /// Milliseconds since 1970.
    pub(super) start_ms: i64,
    pub(super) duration_ms: i64,
    pub(super) fact: Fact,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fact {
    ActiveWindow { app: &'static str, title: Arc<str> },
    VisitedSite { url: Arc<str>, title: Arc<str>, browser: &'static str },
    InputActivity { input: InputState },
    UserSession { action: SessionAction },
}

impl Event {
    /// An agent can report an event when it is over.
    pub(super) fn end_ms(&self) -> i64 {
        self.start_ms + self.duration_ms
    }
}

/// Everything of one person and day, in the order in which it is over.
pub(super) fn events(office: &Office, person: &Person, day: Date, zone: &Zone) -> Vec<Event> {
    let Attendance::At(shift) = attendance(office, person, day) else {
        return Vec::new();
    };
    let midnight = zone.at(day.at(0, 0, 0, 0));
    let presences = presences(office, person, shift, day);
    let number = day_number(day).unsigned_abs();
    let mut chance = Chance::of(&[office.seed, 30, person.index as u64, number]);
    let silence = silence(&presences, &mut chance);
    let month = usize::try_from(day.month() - 1).unwrap_or(0);
    let hands = Hands::new(office, person, month, chance);
    let mut recorder =
        Recorder { midnight_ms: midnight.as_millisecond(), silence, events: Vec::with_capacity(2_000), hands };
    for presence in &presences {
        recorder.sessions(presence);
        recorder.input(presence);
        recorder.fronts(presence);
    }
    let mut events = recorder.events;
    events.sort_by_key(|event| (event.end_ms(), event.start_ms));
    events
}

/// On one day of thirty the agent is off for a while, and what happened then is lost.
fn silence(presences: &[Presence], chance: &mut Chance) -> (i64, i64) {
    let stretches = presences.first().map_or(&[][..], |presence| &presence.stretches);
    let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else {
        return (0, 0);
    };
    let from = chance.between(first.from, last.to);
    let lasts = chance.between(8 * 60_000, 40 * 60_000);
    if chance.happens(33) { (from, from + lasts) } else { (0, 0) }
}

/// A window that was in front.
struct Front {
    from: i64,
    to: i64,
    page: Page,
}

struct Recorder<'office> {
    midnight_ms: i64,
    /// From and to, in milliseconds after midnight; empty on most days.
    silence: (i64, i64),
    events: Vec<Event>,
    hands: Hands<'office>,
}

impl Recorder<'_> {
    fn sessions(&mut self, presence: &Presence) {
        let (Some(first), Some(last)) = (presence.stretches.first(), presence.stretches.last()) else {
            return;
        };
        self.session(presence.account, first.from, SessionAction::Login);
        for pair in presence.stretches.windows(2) {
            let at = pair[1].from;
            match (pair[0].state, pair[1].state) {
                (before, after) if before == after => {}
                (State::Locked, State::Disconnected) => self.session(presence.account, at, SessionAction::Disconnect),
                (State::Disconnected, State::Locked) => self.session(presence.account, at, SessionAction::Connect),
                (State::Locked, _) => self.session(presence.account, at, SessionAction::Unlock),
                (State::Disconnected, _) => self.session(presence.account, at, SessionAction::Connect),
                (_, State::Locked) => self.session(presence.account, at, SessionAction::Lock),
                (_, State::Disconnected) => self.session(presence.account, at, SessionAction::Disconnect),
                (State::Active | State::Idle, State::Active | State::Idle) => {}
            }
        }
        self.session(presence.account, last.to, SessionAction::Logout);
    }

    fn input(&mut self, presence: &Presence) {
        for stretch in &presence.stretches {
            let input = match stretch.state {
                State::Active => InputState::Active,
                State::Idle | State::Locked => InputState::Idle,
                State::Disconnected => continue,
            };
            for (from, to) in pieces(stretch.from, stretch.to, INPUT_PIECE_MS) {
                self.record(presence.account, (from, to), &Fact::InputActivity { input });
            }
        }
    }

    /// Windows stay in front while nobody touches the keyboard, and vanish when the screen is locked.
    fn fronts(&mut self, presence: &Presence) {
        let mut at = i64::MIN;
        let mut front: Option<Front> = None;
        for (index, stretch) in presence.stretches.iter().enumerate() {
            if stretch.state != State::Active {
                continue;
            }
            at = at.max(stretch.from);
            while at < stretch.to {
                let (page, lasts) = self.hands.next(at);
                let to = if at + lasts < stretch.to { at + lasts } else { stays_until(&presence.stretches[index..]) };
                match &mut front {
                    // The same title once more is the same window.
                    Some(front) if front.to == at && front.page.title == page.title => front.to = to,
                    _ => {
                        let before = front.replace(Front { from: at, to, page });
                        self.put_down(presence.account, before);
                    }
                }
                at = to;
            }
        }
        self.put_down(presence.account, front);
    }

    fn put_down(&mut self, account: usize, front: Option<Front>) {
        let Some(Front { from, to, page }) = front else { return };
        for piece in pieces(from, to, WINDOW_PIECE_MS) {
            self.record(account, piece, &Fact::ActiveWindow { app: page.app, title: page.title.clone() });
            if let Some(visit) = &page.site {
                let (url, title) = (visit.url.clone(), visit.title.clone());
                self.record(account, piece, &Fact::VisitedSite { url, title, browser: page.app });
            }
        }
    }

    /// Puts down what is outside of the silence.
    fn record(&mut self, account: usize, (from, to): (i64, i64), fact: &Fact) {
        let (silent_from, silent_to) = self.silence;
        let parts = [(from, to.min(silent_from)), (from.max(silent_to), to)];
        let parts = if silent_from < to && from < silent_to { &parts[..] } else { &[(from, to)][..] };
        for &(from, to) in parts {
            if to - from >= SHORTEST_MS {
                let start_ms = self.midnight_ms + from;
                self.events.push(Event { account, start_ms, duration_ms: to - from, fact: fact.clone() });
            }
        }
    }

    fn session(&mut self, account: usize, at: i64, action: SessionAction) {
        if !(self.silence.0..self.silence.1).contains(&at) {
            let start_ms = self.midnight_ms + at;
            self.events.push(Event { account, start_ms, duration_ms: 0, fact: Fact::UserSession { action } });
        }
    }
}

/// Where the last window of the first stretch leaves the front: after the idle stretches that follow.
fn stays_until(stretches: &[Stretch]) -> i64 {
    let idle = stretches.iter().skip(1).take_while(|stretch| stretch.state == State::Idle).last();
    idle.or(stretches.first()).map_or(0, |stretch| stretch.to)
}

fn pieces(from: i64, to: i64, longest: i64) -> impl Iterator<Item = (i64, i64)> {
    let step = usize::try_from(longest).unwrap_or(1);
    (from..to).step_by(step).map(move |at| (at, (at + longest).min(to)))
}

#[cfg(test)]
mod tests;
