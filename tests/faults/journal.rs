//! What was sent, what of it was acknowledged, and what is stored in the end.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use nazorat::kernel::Clock;
use nazorat::kernel::Timestamp;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_timeseries::EventQuery;
use nazorat_timeseries::EventRow;
use nazorat_timeseries::Filter;
use nazorat_timeseries::Hub;
use nazorat_timeseries::Order;
use nazorat_timeseries::PartitionProblem;
use serde_json::json;
use sha2::Digest as _;
use sha2::Sha256;

/// Event `n` is of dataset `n % 4`, happened `n` milliseconds after the journal's beginning, and bears its number.
const DATASETS: [Dataset; 4] =
    [Dataset::ActiveWindows, Dataset::VisitedSites, Dataset::InputActivity, Dataset::UserSessions];

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// Numbers events, and remembers what became of them.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    organization: u32,
    base_us: i64,
    /// Titles that no compression makes small.
    heavy: bool,
    next: u64,
    sent: BTreeSet<u64>,
    acknowledged: BTreeSet<u64>,
}

/// A batch as it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) name: String,
    pub(crate) numbers: Range<u64>,
    pub(crate) body: String,
}

/// What is in the partitions.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) numbers: Vec<u64>,
    pub(crate) incomplete: Vec<PartitionProblem>,
}

impl Journal {
    /// Of events of the last two hours.
    pub(crate) fn new() -> Self {
        Self::since(Clock::system().now().as_microsecond() - DAY / 12)
    }

    /// Of events that happened so many days ago.
    pub(crate) fn days_ago(days: i64) -> Self {
        Self::since(Clock::system().now().as_microsecond() - days * DAY)
    }

    pub(crate) fn since(base_us: i64) -> Self {
        Self { organization: 1, base_us, heavy: false, next: 0, sent: BTreeSet::new(), acknowledged: BTreeSet::new() }
    }

    /// The same, of another organization.
    pub(crate) fn of(self, organization: u32) -> Self {
        Self { organization, ..self }
    }

    /// The same, of events of some hundred bytes each on any wire.
    pub(crate) fn heavy(self) -> Self {
        Self { heavy: true, ..self }
    }

    /// So many events that nobody sent before.
    pub(crate) fn batch(&mut self, events: u64) -> Batch {
        self.batch_with(events, &[])
    }

    /// The same, with other events after each of ours.
    pub(crate) fn batch_with(&mut self, events: u64, others: &[&str]) -> Batch {
        let numbers = self.next..self.next + events;
        self.next += events;
        self.sent.extend(numbers.clone());
        let ours = numbers.clone().map(|number| self.event(number).to_string());
        let mut others = others.iter();
        let mut all: Vec<String> = ours
            .flat_map(|event| std::iter::once(event).chain(others.next().map(|other| (*other).to_owned())))
            .collect();
        all.extend(others.map(|other| (*other).to_owned()));
        let name = format!("batch-{}-{}-{}", self.organization, self.base_us, numbers.start);
        Batch { name, body: format!("{{\"events\":[{}]}}", all.join(",")), numbers }
    }

    /// The batch was answered with 200.
    pub(crate) fn acknowledge(&mut self, batch: &Batch) {
        self.acknowledged.extend(batch.numbers.clone());
    }

    /// When the first event happened.
    pub(crate) fn base_us(&self) -> i64 {
        self.base_us
    }

    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged.len() as u64
    }

    fn event(&self, number: u64) -> serde_json::Value {
        let ts = Timestamp::from_microsecond(self.base_us + number as i64 * 1000).unwrap();
        let mut event = json!({
            "ts": ts.to_string(),
            "computer_uid": format!("pc-{}", number % 5),
            "user_name": format!("user{}", number % 7),
        });
        let more = match number % 4 {
            0 => json!({ "kind": "active_window", "duration_ms": 1, "app": "WRITER.EXE", "title": self.title(number) }),
            1 => {
                let url = "https://example.com/";
                json!({ "kind": "visited_site", "duration_ms": 1, "url": url, "title": self.title(number) })
            }
            2 => json!({ "kind": "input_activity", "duration_ms": number, "state": "active" }),
            _ => json!({ "kind": "user_session", "action": "unlock" }),
        };
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    }

    /// What the folder of a stopped appliance holds of this journal's organization, which has no other.
    pub(crate) fn stored(&self, data: &Path) -> Stored {
        self.stored_between(&hub(data), 0, i64::MAX)
    }

    /// What is stored of a time.
    pub(crate) fn stored_between(&self, hub: &Hub, from_us: i64, to_us: i64) -> Stored {
        let mut stored = Stored::default();
        for (dataset, remainder) in DATASETS.into_iter().zip(0..) {
            let (rows, incomplete) = rows(hub, self.organization, dataset);
            let wanted = rows.iter().filter(|row| (from_us..to_us).contains(&row.ts_us));
            stored.numbers.extend(wanted.map(|row| self.number_of(remainder, row)));
            stored.incomplete.extend(incomplete);
        }
        stored
    }

    fn title(&self, number: u64) -> String {
        let mut title = format!("document {number}");
        if self.heavy {
            let noise = (0..10_u64).flat_map(|part| Sha256::digest(format!("{number} {part}")));
            title.extend(noise.map(|byte| format!(" {byte:x}")));
        }
        title
    }

    fn number_of(&self, remainder: u64, row: &EventRow) -> u64 {
        let number = u64::try_from((row.ts_us - self.base_us) / 1000).unwrap_or(u64::MAX);
        let same = match &row.event {
            Event::ActiveWindow(window) => window.title == self.title(number),
            Event::VisitedSite(site) => site.title == self.title(number),
            Event::InputActivity(input) => u64::from(input.duration_ms) == number,
            Event::UserSession(_) => true,
            _ => false,
        };
        assert!(same && number % 4 == remainder, "a row that nobody sent: {row:?}");
        number
    }

    /// The heart of every fault test: acknowledged is a part of stored, no row twice, no row invented.
    pub(crate) fn compare(&self, stored: &Stored) {
        let once: BTreeSet<u64> = stored.numbers.iter().copied().collect();
        assert_eq!(once.len(), stored.numbers.len(), "rows are stored twice");
        let lost: Vec<_> = self.acknowledged.difference(&once).collect();
        assert!(
            lost.is_empty(),
            "{} of {} acknowledged events are lost: {lost:?}",
            lost.len(),
            self.acknowledged.len()
        );
        let invented: Vec<_> = once.difference(&self.sent).collect();
        assert!(invented.is_empty(), "invented: {invented:?}");
    }
}

/// The event files of a stopped appliance.
pub(crate) fn hub(data: &Path) -> Hub {
    let mut config = nazorat_timeseries::Config::new(
        data.join("events"),
        data.join("tmp"),
        Arc::new(|| Clock::system().now().as_microsecond()),
    );
    config.memory_limit = 256 << 20;
    config.min_free_bytes = 1 << 20;
    Hub::open(config).unwrap()
}

/// All rows of a dataset, oldest first, and what could not be read.
pub(crate) fn rows(hub: &Hub, organization: u32, dataset: Dataset) -> (Vec<EventRow>, Vec<PartitionProblem>) {
    let filter = Filter { organization, dataset, from_us: 0, to_us: i64::MAX, who: None, q: None };
    let page = hub.events(&EventQuery { filter, order: Order::Oldest, after: None, limit: 1_000_000 }).unwrap();
    assert!(page.next.is_none());
    (page.rows, page.incomplete)
}

/// Files below a folder whose path ends so.
pub(crate) fn files_ending(folder: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).into_iter().flatten() {
        let path = item.unwrap().path();
        if path.is_dir() {
            found.extend(files_ending(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}
