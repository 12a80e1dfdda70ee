//! What the verbs answer. Every answer says what it lacks and until when it is complete.

use nazorat_timeseries::Dataset;
use nazorat_timeseries::PartitionProblem;
use nazorat_timeseries::Problem;

use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::Category;
use crate::monitoring::SessionMark;
use crate::monitoring::Shot;
use crate::monitoring::StateSpan;
use crate::monitoring::Timeline;
use crate::monitoring::Totals;

/// How far an answer can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    /// Files that belong into the answer and could not be read. Sums are then "at least".
    pub incomplete: Vec<Unread>,
    /// Everything received until then is in the answer.
    pub applied_through: Timestamp,
    /// When the sums were last computed, where that is not now.
    pub as_of: Option<Timestamp>,
}

/// A file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// Which events it holds.
    pub dataset: Dataset,
    /// Of which month, such as `2026-11`.
    pub month: String,
    /// Which of the month's files.
    pub generation: u32,
    /// `quarantined`, `removing` or `failed`.
    pub problem: &'static str,
}

impl From<&PartitionProblem> for Unread {
    fn from(found: &PartitionProblem) -> Self {
        let problem = match found.problem {
            Problem::Quarantined => "quarantined",
            Problem::Removing => "removing",
            Problem::Failed => "failed",
        };
        let partition = found.partition;
        Self {
            dataset: partition.key.dataset,
            month: partition.key.month.to_string(),
            generation: partition.generation,
            problem,
        }
    }
}

/// Where an account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The number in the events.
    pub account: i64,
    /// The computer, if it is known.
    pub computer: Option<ComputerId>,
    /// What it is called; empty when it is not known.
    pub computer_name: String,
    /// The computer user, if it is known.
    pub computer_user: Option<ComputerUserId>,
    /// What it is called; empty when it is not known.
    pub user_name: String,
}

/// One person's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonDay {
    /// Whose.
    pub employee: EmployeeId,
    /// Which day.
    pub day: Day,
    /// From midnight to midnight in the organization's time zone.
    pub span: Span,
    /// What was seen.
    pub timeline: Timeline,
    /// The computers behind the lanes.
    pub places: Vec<Place>,
    /// Time of this day for which events are still on their way.
    pub expected: Option<Span>,
    /// How far it can be trusted.
    pub completeness: Completeness,
}

/// Seven days of a person, Monday first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonWeek {
    /// Whose.
    pub employee: EmployeeId,
    /// Seven days.
    pub days: Vec<StripDay>,
    /// How far it can be trusted.
    pub completeness: Completeness,
}

/// A day in a week strip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripDay {
    /// Which day.
    pub day: Day,
    /// From midnight to midnight.
    pub span: Span,
    /// What it adds up to.
    pub totals: Totals,
    /// The first use of keyboard or mouse.
    pub first_input: Option<Timestamp>,
    /// The end of the last one.
    pub last_input: Option<Timestamp>,
    /// The line of the computer.
    pub states: Vec<StateSpan>,
    /// Time in use in each half hour from midnight on.
    pub half_hours: Vec<Totals>,
}

/// Of whom a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// One person.
    Employee(EmployeeId),
    /// A department and everything below it.
    Department(DepartmentId),
    /// Everybody whom the actor may see.
    Organization,
}

/// By what uses are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Applications, by display name.
    Application,
    /// Sites, by domain.
    Site,
}

impl By {
    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            By::Application => "application",
            By::Site => "site",
        }
    }

    /// Reads the word.
    pub fn parse(name: &str) -> Option<Self> {
        [By::Application, By::Site].into_iter().find(|by| by.name() == name)
    }
}

/// A list of what was used most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    /// Longest first.
    pub rows: Vec<TopRow>,
    /// Time in use of the whole range: what shares are of.
    pub active_ms: i64,
    /// How far it can be trusted.
    pub completeness: Completeness,
}

/// An application or a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopRow {
    /// Display name or domain; empty for time in use whose window is not known.
    pub name: String,
    /// How long in all.
    pub ms: i64,
    /// The same by category, in the order of [`Category::ALL`]: a browser has several.
    pub by_category: [i64; 3],
}

impl TopRow {
    /// The category with most time.
    pub fn category(&self) -> Category {
        let largest = self.by_category.iter().zip(Category::ALL).max_by_key(|(ms, _)| **ms);
        largest.map_or(Category::Neutral, |(_, category)| category)
    }
}

/// How days are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// Each day.
    Day,
    /// Monday to Sunday.
    Week,
    /// Calendar months.
    Month,
}

impl Bucket {
    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Bucket::Day => "day",
            Bucket::Week => "week",
            Bucket::Month => "month",
        }
    }

    /// Reads the word.
    pub fn parse(name: &str) -> Option<Self> {
        [Bucket::Day, Bucket::Week, Bucket::Month].into_iter().find(|bucket| bucket.name() == name)
    }

    /// The first day of the bucket that holds a day.
    pub fn begin(self, day: Day) -> Day {
        match self {
            Bucket::Day => day,
            Bucket::Week => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(jiff::Span::new().days(back)).unwrap_or(day)
            }
            Bucket::Month => day.first_of_month(),
        }
    }
}

/// A department's or an organization's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// How many people belong to it now.
    pub people: usize,
    /// The whole range.
    pub totals: Totals,
    /// The range in pieces, also those without any time.
    pub buckets: Vec<SummaryBucket>,
    /// The visible departments directly below, or at the top of the tree, each with everything below it.
    pub departments: Vec<SummaryDepartment>,
    /// The most used applications, at most 20.
    pub applications: Vec<TopRow>,
    /// The most used sites, at most 20.
    pub sites: Vec<TopRow>,
    /// How far it can be trusted.
    pub completeness: Completeness,
}

/// A piece of a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryBucket {
    /// First day of it within the range.
    pub from: Day,
    /// Last day of it within the range.
    pub to: Day,
    /// What it adds up to.
    pub totals: Totals,
}

/// A department in a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryDepartment {
    /// Which.
    pub department: DepartmentId,
    /// What it is called.
    pub name: String,
    /// How many people belong to it and below it now.
    pub people: usize,
    /// What the range adds up to.
    pub totals: Totals,
}

/// A person's sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sessions {
    /// In order of time.
    pub marks: Vec<SessionMark>,
    /// The computers on which they were.
    pub places: Vec<Place>,
    /// How far it can be trusted.
    pub completeness: Completeness,
}

/// A person's screenshots of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screenshots {
    /// In order of time.
    pub shots: Vec<Shot>,
    /// The computers on which they were taken.
    pub places: Vec<Place>,
    /// How far it can be trusted.
    pub completeness: Completeness,
}

/// One screenshot with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenshotView {
    /// The screenshot.
    pub shot: Shot,
    /// Whose computer it was then.
    pub employee: Option<EmployeeId>,
    /// Which computer.
    pub place: Place,
}
