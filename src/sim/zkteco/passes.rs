//! Who passes a simulated terminal, and what it writes down.

use nazorat_terminals::zkteco::adms::Moment;
use nazorat_terminals::zkteco::adms::records::Event;
use nazorat_terminals::zkteco::attendance::Layout;
use nazorat_terminals::zkteco::attendance::Punch;
use nazorat_terminals::zkteco::attendance::Who;
use nazorat_terminals::zkteco::time::Stamp;

use crate::kernel::Timestamp;

/// Somebody at the door, or nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pass {
    /// Somebody whom the terminal knows.
    Person {
        /// By this number.
        number: String,
        /// What was shown, as the terminal counts it: 1 a finger, 2 a card, 15 a face.
        verify: u8,
        /// The key that was pressed: 0 in, 1 out, 255 none.
        state: u8,
    },
    /// Somebody whom it does not know.
    Stranger {
        /// With a card.
        card: u32,
    },
    /// The button inside.
    Button,
    /// The door opened.
    DoorOpened,
}

/// Something that was logged, or told only (number 0).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Number in the log, from 1.
    pub number: u64,
    /// The terminal's local time.
    pub time: Stamp,
    /// Number of the person; empty is nobody.
    pub person: String,
    /// Index of the person.
    pub uid: u16,
    /// Card; 0 is none.
    pub card: u32,
    /// What was shown.
    pub verify: u8,
    /// The key that was pressed.
    pub state: u8,
    /// The code of access terminals.
    pub code: u32,
}

impl Logged {
    /// The record of attendance.
    pub fn punch(&self, layout: Layout) -> Punch {
        let who = if layout.names_indexes() { Who::Uid(self.uid) } else { Who::Number(self.person.clone()) };
        Punch { who, time: self.time, verify: self.verify, state: self.state }
    }

    /// How an adapter tells it from others, at port 4370 and in attendance PUSH.
    pub fn serial(&self, layout: Layout) -> String {
        self.punch(layout).key()
    }

    /// How an adapter tells it from others, in access PUSH.
    pub fn access_serial(&self) -> String {
        self.event().key()
    }

    pub(super) fn event(&self) -> Event {
        Event {
            time: Moment { stamp: Some(self.time), text: self.time.to_string() },
            pin: self.person.clone(),
            card: if self.card == 0 { String::new() } else { self.card.to_string() },
            door: 1,
            code: self.code,
            way: u32::from(self.state.min(2)),
            verify: self.verify.to_string(),
            index: u32::try_from(self.number).ok(),
        }
    }
}

/// Somebody whom a terminal knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimPerson {
    /// The number that they type.
    pub number: String,
    /// Their name.
    pub name: String,
    /// Their card; 0 is none.
    pub card: u32,
    /// Whether they administer it.
    pub is_admin: bool,
}

/// What was done to a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorState {
    /// Which, from 1.
    pub door: u16,
    /// When.
    pub at: Timestamp,
    /// `open 30`, or the command that was pushed.
    pub what: String,
}
