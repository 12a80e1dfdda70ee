//! Shapes of what was observed, for `events`, `days` and `summaries`.

use serde::Serialize;
use utoipa::ToSchema;

use crate::doors::Unread;
use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::Timestamp;
use crate::monitoring::Category;
use crate::monitoring::Completeness;
use crate::monitoring::Place;
use crate::monitoring::SessionMark;
use crate::monitoring::Shot;
use crate::monitoring::StateSpan;
use crate::monitoring::Totals;

/// How far an answer can be trusted.
#[derive(Serialize, ToSchema)]
#[schema(as = Incomplete)]
pub(super) struct IncompleteBody {
    /// Files that belong into the answer and could not be read: numbers are then "at least".
    partitions: Vec<PartitionBody>,
    /// Everything received until then is in the answer.
    applied_through: Timestamp,
    /// When sums were computed, where that is not now.
    as_of: Option<Timestamp>,
}

/// A file that could not be read.
#[derive(Serialize, ToSchema)]
#[schema(as = Partition)]
pub(super) struct PartitionBody {
    dataset: String,
    #[schema(example = "2026-11")]
    month: String,
    /// Which of the month's files.
    generation: u32,
    /// `quarantined`, `removing` or `failed`.
    problem: String,
}

impl From<Completeness> for IncompleteBody {
    fn from(completeness: Completeness) -> Self {
        let partitions = completeness.incomplete.into_iter().map(|unread| PartitionBody {
            dataset: unread.dataset.name().to_owned(),
            month: unread.month,
            generation: unread.generation,
            problem: unread.problem.to_owned(),
        });
        Self {
            partitions: partitions.collect(),
            applied_through: completeness.applied_through,
            as_of: completeness.as_of,
        }
    }
}

impl IncompleteBody {
    /// How far the entry log can be trusted.
    pub(super) fn of_doors(unread: Vec<Unread>, applied_through: Timestamp) -> Self {
        let partitions = unread.into_iter().map(|unread| PartitionBody {
            dataset: unread.dataset.name().to_owned(),
            month: unread.month,
            generation: unread.generation,
            problem: unread.problem.to_owned(),
        });
        Self { partitions: partitions.collect(), applied_through, as_of: None }
    }
}

/// What a use of time is for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Category)]
pub(super) enum CategoryWord {
    /// It belongs to the work.
    Useful,
    /// It says nothing either way.
    Neutral,
    /// It draws away from the work.
    Distracting,
}

impl From<Category> for CategoryWord {
    fn from(category: Category) -> Self {
        match category {
            Category::Useful => Self::Useful,
            Category::Neutral => Self::Neutral,
            Category::Distracting => Self::Distracting,
        }
    }
}

/// Milliseconds by what they were. The parts never overlap.
#[derive(Serialize, ToSchema)]
#[schema(as = Totals)]
pub(super) struct TotalsBody {
    /// In use: the sum of the next three.
    active_ms: i64,
    useful_ms: i64,
    neutral_ms: i64,
    distracting_ms: i64,
    /// Unlocked without input. It does not say that nobody worked.
    no_input_ms: i64,
    locked_ms: i64,
    /// Logged in, but the agent was silent.
    no_data_ms: i64,
}

impl From<Totals> for TotalsBody {
    fn from(totals: Totals) -> Self {
        Self {
            active_ms: totals.active_ms(),
            useful_ms: totals.useful_ms,
            neutral_ms: totals.neutral_ms,
            distracting_ms: totals.distracting_ms,
            no_input_ms: totals.no_input_ms,
            locked_ms: totals.locked_ms,
            no_data_ms: totals.no_data_ms,
        }
    }
}

/// On which account of which computer.
#[derive(Serialize, ToSchema)]
#[schema(as = Place)]
pub(super) struct PlaceBody {
    computer_id: Option<ComputerId>,
    computer_name: String,
    computer_user_id: Option<ComputerUserId>,
    user_name: String,
}

impl From<&Place> for PlaceBody {
    fn from(place: &Place) -> Self {
        Self {
            computer_id: place.computer,
            computer_name: place.computer_name.clone(),
            computer_user_id: place.computer_user,
            user_name: place.user_name.clone(),
        }
    }
}

/// The account's number among the places of an answer.
pub(super) fn user_of(places: &[Place], account: i64) -> Option<ComputerUserId> {
    places.iter().find(|place| place.account == account)?.computer_user
}

/// A stretch of one state.
#[derive(Serialize, ToSchema)]
#[schema(as = StateSpan)]
pub(super) struct StateSpanBody {
    from: Timestamp,
    to: Timestamp,
    /// `active`, `no_input`, `locked` or `no_data`.
    state: String,
}

impl From<&StateSpan> for StateSpanBody {
    fn from(stretch: &StateSpan) -> Self {
        Self { from: stretch.span.from, to: stretch.span.to, state: stretch.state.name().to_owned() }
    }
}

/// A session changed.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionMark)]
pub(super) struct SessionMarkBody {
    ts: Timestamp,
    /// `login`, `logout`, `lock`, `unlock`, `connect` or `disconnect`.
    action: String,
    computer_user_id: Option<ComputerUserId>,
}

impl SessionMarkBody {
    pub(super) fn new(mark: &SessionMark, places: &[Place]) -> Self {
        Self { ts: mark.at, action: mark.action.word().to_owned(), computer_user_id: user_of(places, mark.account) }
    }
}

/// A screenshot was taken. The picture itself is shown on its page only, where seeing it is recorded.
#[derive(Serialize, ToSchema)]
#[schema(as = Screenshot)]
pub(super) struct ShotBody {
    /// Its place among the events.
    id: String,
    ts: Timestamp,
    computer_user_id: Option<ComputerUserId>,
    width: u32,
    height: u32,
    bytes: u64,
    /// `jpeg`, `png` or `webp`.
    format: String,
    /// The application in front.
    app: String,
    title: String,
    /// Which monitor, from 0.
    monitor: u16,
    /// Whether it was made unreadable before it left the computer.
    blurred: bool,
}

impl ShotBody {
    pub(super) fn new(shot: &Shot, places: &[Place]) -> Self {
        Self {
            id: shot.place.clone(),
            ts: shot.at,
            computer_user_id: user_of(places, shot.account),
            width: shot.width,
            height: shot.height,
            bytes: shot.bytes,
            format: shot.format.clone(),
            app: shot.app.clone(),
            title: shot.title.clone(),
            monitor: shot.monitor,
            blurred: shot.blurred,
        }
    }
}
