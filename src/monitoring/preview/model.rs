//! What a trial of a draft finds.

use nazorat_wire::policy::Exclusion;

use crate::kernel::EmployeeId;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::Completeness;

/// Whether examples are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Examples {
    /// Numbers only, which say nothing of anybody.
    Hidden,
    /// With whose they were.
    Shown,
}

/// What a draft would have done in the last week.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The week.
    pub span: Span,
    /// Each kind of events of which there is something.
    pub kinds: Vec<PreviewKind>,
    /// Why something would be left out or cut down, the most first.
    pub reasons: Vec<PreviewReason>,
    /// Events of which more would be kept than what is in force keeps; of what was left out already none is counted.
    pub more: u64,
    /// Whether something was in force before, so that what it left out cannot be counted.
    pub cut_before: bool,
    /// Whether time was up before the whole week was looked at.
    pub out_of_time: bool,
    /// How far it can be trusted.
    pub completeness: Completeness,
}

/// Events of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreviewKind {
    /// Which.
    pub dataset: &'static str,
    /// How many there are in the week.
    pub stored: u64,
    /// How many were looked at.
    pub looked: u64,
    /// How many of these would be kept as they are.
    pub kept: u64,
    /// How many would be cut down.
    pub reduced: u64,
    /// How many would be left out.
    pub dropped: u64,
}

/// Why something would be left out or cut down.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewReason {
    /// Of which kind the events are.
    pub dataset: &'static str,
    /// Why.
    pub why: Why,
    /// True when nothing of them would be kept.
    pub dropped: bool,
    /// How many.
    pub events: u64,
    /// For how many of them it is so already.
    pub already: u64,
    /// Some of them.
    pub examples: Vec<PreviewExample>,
}

/// What in a policy it is that keeps less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// This kind is not collected.
    Kind,
    /// Outside of the hours.
    Hours,
    /// In a private window.
    PrivateWindow,
    /// Less detail is kept.
    Detail,
    /// An exclusion.
    Exclusion(Exclusion),
}

/// One event, as it is and as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewExample {
    /// When.
    pub at: Timestamp,
    /// Whose, with "Surname Given"; `None` for an account that belongs to nobody.
    pub employee: Option<(EmployeeId, String)>,
    /// What is stored.
    pub before: String,
    /// What would be left of it; empty when nothing would.
    pub after: String,
}

impl Preview {
    /// How many events there are.
    pub fn stored(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.stored).sum()
    }

    /// How many of them were looked at.
    pub fn looked(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.looked).sum()
    }

    /// Whether not everything was looked at.
    pub fn is_sample(&self) -> bool {
        self.out_of_time || self.looked() < self.stored()
    }
}
