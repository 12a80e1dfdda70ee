//! What happens at a door.

use super::config::SimPerson;
use crate::kernel::Timestamp;
use crate::sim::chance::Chance;

/// Somebody or nobody at a door.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// Number of the person, if one was recognised.
    pub person: String,
    /// Card that was shown.
    pub card: String,
    /// From 1; 0 where it is no matter of a door.
    pub door: u16,
    /// The maker's codes.
    pub major: u16,
    pub minor: u16,
}

/// What was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its number, by its counter.
    pub number: u64,
    /// By its own clock, as it writes times.
    pub time: String,
    /// When it really was.
    pub at: Timestamp,
    pub person: String,
    pub name: String,
    pub card: String,
    pub door: u16,
    /// Such as `5/75`.
    pub code: String,
    pub(super) major: u16,
    pub(super) minor: u16,
    /// By its own clock.
    pub(super) shown: Timestamp,
}

/// What was done to a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorState {
    pub door: u16,
    /// `open`, `close`, `alwaysOpen`, `alwaysClose`.
    pub command: &'static str,
    pub at: Timestamp,
}

impl Pass {
    /// A face that is known.
    pub fn face(number: &str, door: u16) -> Self {
        Self { person: number.to_owned(), door, major: 5, minor: 75, ..Self::default() }
    }

    /// A card of somebody.
    pub fn card(number: &str, card: &str, door: u16) -> Self {
        Self { person: number.to_owned(), card: card.to_owned(), door, major: 5, minor: 1 }
    }

    /// A card of nobody.
    pub fn unknown_card(card: &str, door: u16) -> Self {
        Self { card: card.to_owned(), door, major: 5, minor: 9, ..Self::default() }
    }

    /// A face of nobody.
    pub fn unknown_face(door: u16) -> Self {
        Self { door, major: 5, minor: 80, ..Self::default() }
    }

    /// The leaf of the door opened.
    pub fn door_opened(door: u16) -> Self {
        Self { door, major: 5, minor: 25, ..Self::default() }
    }

    /// And closed.
    pub fn door_closed(door: u16) -> Self {
        Self { door, major: 5, minor: 26, ..Self::default() }
    }

    /// Anything else.
    pub fn code(major: u16, minor: u16, door: u16) -> Self {
        Self { door, major, minor, ..Self::default() }
    }
}

/// People who come by, by chance: mostly let in, sometimes not, with the door opening and closing behind them.
#[derive(Debug, Clone)]
pub struct Passers {
    chance: Chance,
    doors: u16,
    behind: Vec<Pass>,
}

impl Passers {
    /// The same seed makes the same ones.
    pub fn new(seed: u64, doors: u16) -> Self {
        Self { chance: Chance::of(&[seed, 0x7061_7373]), doors: doors.max(1), behind: Vec::new() }
    }

    /// What happens next.
    pub fn next(&mut self, people: &[SimPerson]) -> Pass {
        if let Some(next) = self.behind.pop() {
            return next;
        }
        let door = 1 + u16::try_from(self.chance.below(usize::from(self.doors))).unwrap_or(0);
        let Some(person) = people.get(self.chance.below(people.len())) else {
            return Pass::unknown_card(&format!("{:010}", 9_000_000 + self.chance.below(90_000)), door);
        };
        let card = person.cards.first().cloned().unwrap_or_default();
        let pass = match self.chance.weighted([50, 24, 8, 8, 4, 4, 2].into_iter()) {
            0 => Pass::face(&person.number, door),
            1 if !card.is_empty() => Pass::card(&person.number, &card, door),
            2 => Pass::unknown_card(&format!("{:010}", 9_000_000 + self.chance.below(90_000)), door),
            3 => Pass::unknown_face(door),
            4 => Pass { minor: 7, ..Pass::card(&person.number, &card, door) },
            5 => Pass { minor: 38, ..Pass::face(&person.number, door) },
            6 => Pass::code(5, 28, door),
            _ => Pass::face(&person.number, door),
        };
        if matches!(pass.minor, 1 | 38 | 75) {
            // From the last to the first.
            self.behind = vec![Pass::door_closed(door), Pass::door_opened(door), Pass::code(5, 21, door)];
        }
        pass
    }
}
