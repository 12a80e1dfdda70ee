//! The nouns: a card, a face, what somebody has, and what terminals should hold.

use crate::credentials::CardNumber;
use crate::kernel::EmployeeId;
use crate::kernel::Timestamp;

/// A card of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its number; one person of an organization has it.
    pub number: CardNumber,
    /// Whose.
    pub employee: EmployeeId,
    /// What it is called; may be empty.
    pub label: String,
    /// Blocked cards stay here and leave the terminals.
    pub blocked: bool,
    /// Since when.
    pub added_at: Timestamp,
}

/// A card as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewCard {
    /// Its number.
    pub number: String,
    /// What it is called.
    pub label: String,
}

/// The face of a person, without the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// Whose.
    pub employee: EmployeeId,
    /// Hash of the JPEG.
    pub sha256: [u8; 32],
    /// Length of the JPEG.
    pub bytes: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Since when.
    pub added_at: Timestamp,
    /// Who added it, as they were called then.
    pub by: String,
}

/// What a person has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carried {
    /// In the order in which they were added.
    pub cards: Vec<Card>,
    /// The face, if there is one.
    pub face: Option<Face>,
}

/// What terminals should know of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// Numbers of cards that are not blocked, sorted.
    pub cards: Vec<String>,
    /// Hash of the face, in hexadecimal digits.
    pub face: Option<String>,
}
