//! The nouns: what is seen of a day.

use crate::kernel::Span;
use crate::kernel::Timestamp;

/// What a use of time is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// It belongs to the work.
    Useful,
    /// It says nothing either way; also everything that no rule knows.
    Neutral,
    /// It draws away from the work.
    Distracting,
}

impl Category {
    /// All, in the order in which they are shown.
    pub const ALL: [Category; 3] = [Category::Useful, Category::Neutral, Category::Distracting];

    /// The word in the API and in marks.
    pub const fn name(self) -> &'static str {
        match self {
            Category::Useful => "useful",
            Category::Neutral => "neutral",
            Category::Distracting => "distracting",
        }
    }

    /// Reads the word.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }
}

/// What a computer was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Keyboard or mouse were in use.
    Active,
    /// On and unlocked, but nobody touched it. It does not say that nobody worked.
    NoInput,
    /// The screen was locked.
    Locked,
    /// Logged in, but the agent said nothing.
    NoData,
}

impl State {
    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            State::Active => "active",
            State::NoInput => "no_input",
            State::Locked => "locked",
            State::NoData => "no_data",
        }
    }
}

/// A stretch of one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateSpan {
    /// From when to when.
    pub span: Span,
    /// Which state.
    pub state: State,
}

/// One account on one computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The account's number.
    pub account: i64,
    /// In order of time, without overlap; what is not covered was switched off or logged out.
    pub states: Vec<StateSpan>,
}

/// A stretch in which one application, or one site, was in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// From when to when; a merged segment may bridge small gaps.
    pub span: Span,
    /// The time that was really measured in it.
    pub ms: i64,
    /// On which account.
    pub account: i64,
    /// Display name of the application; empty when it is not known.
    pub app: String,
    /// The site's domain, when a browser showed one.
    pub site: Option<String>,
    /// Title of the longest window in it.
    pub title: String,
    /// What it is for.
    pub category: Category,
}

/// A session changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionMark {
    /// When.
    pub at: Timestamp,
    /// On which account.
    pub account: i64,
    /// How.
    pub action: nazorat_wire::SessionAction,
}

/// A screenshot was taken; its picture is in the file store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    /// Where its row is: what addresses carry.
    pub place: String,
    /// Its own id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// On which account.
    pub account: i64,
    /// Key of the picture in the file store.
    pub file_key: String,
    /// Key of the thumbnail.
    pub thumb_key: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size of the picture.
    pub bytes: u64,
    /// `jpeg`, `png` or `webp`.
    pub format: String,
    /// Display name of the application in front.
    pub app: String,
    /// Its window's title.
    pub title: String,
    /// Which monitor, from 0.
    pub monitor: u16,
    /// Whether it was made unreadable before it left the computer.
    pub blurred: bool,
}

/// Milliseconds of a day or of many, by what they were. The parts never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// In use, for the work.
    pub useful_ms: i64,
    /// In use, neither.
    pub neutral_ms: i64,
    /// In use, away from the work.
    pub distracting_ms: i64,
    /// Unlocked without input.
    pub no_input_ms: i64,
    /// Locked.
    pub locked_ms: i64,
    /// The agent was silent.
    pub no_data_ms: i64,
}

impl Totals {
    /// Time with input: what applications and sites add up to.
    pub const fn active_ms(&self) -> i64 {
        self.useful_ms + self.neutral_ms + self.distracting_ms
    }

    /// Everything but silence.
    pub const fn observed_ms(&self) -> i64 {
        self.active_ms() + self.no_input_ms + self.locked_ms
    }

    /// The time of one category.
    pub const fn of(&self, category: Category) -> i64 {
        match category {
            Category::Useful => self.useful_ms,
            Category::Neutral => self.neutral_ms,
            Category::Distracting => self.distracting_ms,
        }
    }

    /// Adds time in use.
    pub fn add_active(&mut self, category: Category, ms: i64) {
        match category {
            Category::Useful => self.useful_ms += ms,
            Category::Neutral => self.neutral_ms += ms,
            Category::Distracting => self.distracting_ms += ms,
        }
    }

    /// Adds the parts of another sum.
    pub fn add(&mut self, other: &Totals) {
        self.useful_ms += other.useful_ms;
        self.neutral_ms += other.neutral_ms;
        self.distracting_ms += other.distracting_ms;
        self.no_input_ms += other.no_input_ms;
        self.locked_ms += other.locked_ms;
        self.no_data_ms += other.no_data_ms;
    }

    /// The share of useful time in the time of use, from 0 to 1; nothing when there was none.
    pub fn useful_share(&self) -> Option<f64> {
        (self.active_ms() > 0).then(|| self.useful_ms as f64 / self.active_ms() as f64)
    }
}

/// One person's day, from the events of all accounts that were theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    /// One for each account that said anything, in the order of first events.
    pub lanes: Vec<Lane>,
    /// The lanes together: input anywhere counts as active, then unlocked, then locked. `NoData` is a gap.
    pub states: Vec<StateSpan>,
    /// In order of time, without overlap; only where there was input.
    pub applications: Vec<Segment>,
    /// In order of time, without overlap; only while a browser was in front.
    pub sites: Vec<Segment>,
    /// In order of time.
    pub sessions: Vec<SessionMark>,
    /// In order of time.
    pub screenshots: Vec<Shot>,
    /// What the states add up to.
    pub totals: Totals,
    /// The first use of keyboard or mouse.
    pub first_input: Option<Timestamp>,
    /// The end of the last one.
    pub last_input: Option<Timestamp>,
    /// From the first event to the end of the last one; days are drawn at least this wide.
    pub seen: Option<Span>,
}
