//! What is asked: of everyone alike, so that the answers can be compared.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;

use super::year::Year;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    PersonDay,
    DepartmentWeek,
    OrganizationMonth,
    OrganizationYear,
}

impl Kind {
    pub(super) const ALL: [Kind; 4] =
        [Kind::PersonDay, Kind::DepartmentWeek, Kind::OrganizationMonth, Kind::OrganizationYear];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Kind::PersonDay => "a person's day",
            Kind::DepartmentWeek => "a department's week",
            Kind::OrganizationMonth => "an organization's month",
            Kind::OrganizationYear => "an organization's year",
        }
    }

    /// What at most one in twenty may exceed.
    pub(super) const fn bar(self) -> Duration {
        Duration::from_millis(match self {
            Kind::PersonDay => 50,
            Kind::DepartmentWeek => 150,
            Kind::OrganizationMonth => 400,
            Kind::OrganizationYear => 1_500,
        })
    }

    /// Calendar days, and how many questions besides the one that warms up.
    const fn extent(self) -> (i64, usize) {
        match self {
            Kind::PersonDay => (1, 400),
            Kind::DepartmentWeek => (5, 200),
            Kind::OrganizationMonth => (30, 40),
            Kind::OrganizationYear => (350, 10),
        }
    }
}

pub(super) struct Question {
    pub(super) kind: Kind,
    /// Spread over people and departments; whoever asks takes the remainder of how many there are.
    pub(super) whom: u64,
    pub(super) from: Date,
    /// The last day.
    pub(super) to: Date,
}

/// Questions of a kind about the first so many working days; none when these are too few for it.
pub(super) fn of(kind: Kind, year: &Year, days: usize) -> Vec<Question> {
    let (length, count) = kind.extent();
    let Some(&last) = days.checked_sub(1).and_then(|last| year.days.get(last)) else { return Vec::new() };
    let reach = |from: Date| from.saturating_add((length - 1).days());
    let mut begins: Vec<Date> = year.days.iter().copied().filter(|&from| reach(from) <= last).collect();
    if kind == Kind::DepartmentWeek {
        begins.retain(|from| from.weekday() == jiff::civil::Weekday::Monday);
    }
    // A step that shares no factor with the number of days or people comes by all of them.
    let begin = |number: usize| begins.get(number * 61 % begins.len().max(1)).copied();
    let question = |number: usize| {
        let from = begin(number)?;
        Some(Question { kind, whom: number as u64 * 37, from, to: reach(from) })
    };
    (0..=count).filter_map(question).collect()
}
