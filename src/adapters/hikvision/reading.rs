//! Reading the log: pages of what was missed, the look through the whole of it when it is not recognised, and the
//! search for numbers that nobody told.

use std::collections::HashSet;

use jiff::SignedDuration;
use jiff::Timestamp;
use nazorat_terminals::hikvision::event::Happening;
use nazorat_terminals::hikvision::log;
use nazorat_terminals::hikvision::log::Found;
use nazorat_terminals::hikvision::log::Search;
use nazorat_terminals::hikvision::status::Verdict;
use nazorat_terminals::hikvision::time;
use nazorat_wire::AccessEvent;
use reqwest::Method;

use super::Terminal;
use super::line;
use super::line::Request;
use super::place::Book;
use super::place::Look;
use super::place::Numbered;
use super::place::Survey;
use super::place::order;
use crate::adapters::DeviceError;
use crate::kernel::random_bytes;

const SEARCH: &str = "/ISAPI/AccessControl/AcsEvent?format=json";

/// Read again before the last event, because times are whole seconds and clocks are set.
const BEFORE_SECS: i64 = 120;

/// A clock that moved by this much since the last time was set.
const MOVED_MS: i64 = 30_000;

/// Around a hole.
const AROUND_SECS: i64 = 7_200;

/// Pages of one search, whatever a terminal claims.
const MOST_PAGES: u32 = 50_000;

/// Looks for a hole before it is given up.
const TRIES: u8 = 2;

/// Which part of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Window {
    All,
    Between(Timestamp, Timestamp),
    Serials(u64, Option<u64>),
}

/// An item of the log with its number; those without one cannot be placed.
pub(super) type Item = (Happening, Numbered);

pub(super) struct Pages<'a> {
    terminal: &'a Terminal,
    search: Search,
    ended: bool,
    firsts: HashSet<(u64, u32)>,
    pages: u32,
    repeats: u8,
}

impl Pages<'_> {
    /// The next page in the order in which things happened; `None` behind the last.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Item>>, DeviceError> {
        while !self.ended {
            let request = Request::json(Method::POST, SEARCH, self.search.body());
            let answer = self.terminal.line.ask(request).await?;
            match answer.verdict() {
                (Verdict::Fine, _) => {}
                // It forgot the search; what was read is read again and known.
                (Verdict::SearchOver, _) if self.repeats < 3 => {
                    self.repeats += 1;
                    self.search.id = fresh();
                    self.search.position = 0;
                    self.firsts.clear();
                    continue;
                }
                (Verdict::TooMuch, _) if self.search.most > 10 => {
                    self.search.most = 10;
                    continue;
                }
                (verdict, words) => return Err(line::error(verdict, "its log cannot be read", &words)),
            }
            let found = Found::read(&answer.body);
            let found = found.map_err(|problem| DeviceError::Nonsense(format!("its log cannot be read: {problem}")))?;
            let next = found.next(self.search.position);
            let numbered = found.items.into_iter().filter_map(|item| {
                let number = self.terminal.numbered(&item)?;
                Some((item, number))
            });
            let mut items: Vec<Item> = numbered.collect();
            self.pages += 1;
            // Some repeat their last page for ever.
            let is_new = items.first().is_none_or(|(_, first)| self.firsts.insert((first.serial, first.print)));
            match next {
                Some(position) if is_new && self.pages < MOST_PAGES => self.search.position = position,
                _ => self.ended = true,
            }
            if !is_new {
                return Ok(None);
            }
            order(&mut items, |(_, number)| *number);
            return Ok(Some(items));
        }
        Ok(None)
    }
}

impl Terminal {
    pub(super) fn pages(&self, limits: log::Limits, window: Window) -> Pages<'_> {
        let zone = self.zone();
        let text = |at| Some(time::with_offset(at, &zone));
        let mut search = Search { id: fresh(), most: limits.page, ..Search::default() };
        match window {
            Window::All => {}
            Window::Between(from, to) => (search.from, search.to) = (text(from), text(to)),
            Window::Serials(first, last) => (search.first_serial, search.last_serial) = (Some(first), last),
        }
        Pages { terminal: self, search, ended: false, firsts: HashSet::new(), pages: 0, repeats: 0 }
    }

    /// Delivers what the log has and we have not. Gives how many events that were, and the age of the oldest in seconds.
    pub(super) async fn read_log(&self, book: &mut Book, limits: log::Limits) -> Result<Caught, DeviceError> {
        let mut window = self.window(book, limits);
        let mut pages = self.pages(limits, window);
        let mut is_anchored = !book.has_anchor();
        // Only behind what we know can a lower number be the beginning of a new count.
        let mut is_past = is_anchored;
        let mut caught = Caught::default();
        loop {
            let page = pages.next().await?;
            if !is_anchored {
                let items = page.as_deref().unwrap_or_default();
                is_anchored = items.iter().any(|(_, number)| book.look(*number) == Look::Known);
                let tail = book.place.tail;
                let is_before =
                    |at: Option<Timestamp>| at.is_some_and(|at| tail.is_some_and(|tail| at.as_second() <= tail));
                if !is_anchored && !items.is_empty() && items.iter().all(|(_, number)| is_before(number.at)) {
                    // Not yet where we were: more of the same moment follows.
                    continue;
                }
                if !is_anchored {
                    if self.survey(book, limits).await? {
                        book.begin_anew();
                        is_past = true;
                        self.feed.missed(
                            "the terminal began a new log; what the old one had since the last contact is lost",
                        );
                    }
                    is_anchored = true;
                    if window != Window::All {
                        window = Window::All;
                        pages = self.pages(limits, window);
                        continue;
                    }
                }
            }
            let Some(items) = page else { break };
            caught.add(self.take_page(book, items, &mut is_past).await?);
        }
        book.place.drift = self.clock().drift;
        caught.add(self.fill_gaps(book, limits).await?);
        Ok(caught)
    }

    fn window(&self, book: &Book, limits: log::Limits) -> Window {
        let whole = match book.anchors() {
            Some((first, _)) if limits.by_serial => Window::Serials(first, None),
            _ => Window::All,
        };
        let Some(tail) = book.place.tail.filter(|_| book.has_anchor()) else { return Window::All };
        let now = self.device_now();
        let has_moved = match (self.clock().drift, book.place.drift) {
            (Some(drift), Some(before)) => (drift - before).abs() > MOVED_MS,
            _ => false,
        };
        // After the clock was set, times say nothing about what came after what.
        if has_moved || tail > now.as_second() + 60 {
            return whole;
        }
        let from = Timestamp::from_second(tail - BEFORE_SECS);
        let to = now.checked_add(SignedDuration::from_secs(60));
        from.ok().zip(to.ok()).map_or(whole, |(from, to)| Window::Between(from, to))
    }

    /// Looks through the log without taking anything: whether its numbers are of a new count.
    async fn survey(&self, book: &Book, limits: log::Limits) -> Result<bool, DeviceError> {
        let mut survey = Survey::default();
        let mut pages = self.pages(limits, Window::All);
        while let Some(items) = pages.next().await? {
            items.iter().for_each(|(_, number)| survey.add(book, *number));
            if survey.is_recognised() {
                break;
            }
        }
        Ok(survey.is_new(book))
    }

    async fn take_page(&self, book: &mut Book, items: Vec<Item>, is_past: &mut bool) -> Result<Caught, DeviceError> {
        let mut events = Vec::new();
        for (item, number) in items {
            match book.look(number) {
                Look::Known => *is_past = true,
                Look::Next | Look::Ahead | Look::Missing => events.push(self.event(&item, book.take(number))),
                Look::Behind if *is_past && book.begins_anew(number) => {
                    book.begin_anew();
                    events.push(self.event(&item, book.take(number)));
                }
                // Delivered before we remember.
                Look::Behind => {}
            }
        }
        self.hand_over(book, events).await
    }

    /// Looks for numbers that were never told; what is not there either is said to be missing.
    async fn fill_gaps(&self, book: &mut Book, limits: log::Limits) -> Result<Caught, DeviceError> {
        let mut caught = Caught::default();
        for gap in book.place.gaps.clone() {
            let around = |at: i64, by: i64| Timestamp::from_second(at.saturating_add(by)).ok();
            let window = if limits.by_serial {
                Window::Serials(gap.first, Some(gap.last))
            } else {
                let from = gap.after.and_then(|at| around(at, -AROUND_SECS));
                let to = gap.before.and_then(|at| around(at, AROUND_SECS));
                from.zip(to).filter(|(from, to)| from < to).map_or(Window::All, |(from, to)| Window::Between(from, to))
            };
            let mut pages = self.pages(limits, window);
            while let Some(mut items) = pages.next().await? {
                items.retain(|(_, number)| book.look(*number) == Look::Missing);
                caught.add(self.take_page(book, items, &mut false).await?);
            }
        }
        let mut lost = Vec::new();
        let before = book.place.gaps.len();
        book.place.gaps.retain_mut(|gap| {
            gap.tries += 1;
            let is_over = gap.tries >= TRIES;
            if is_over {
                lost.push((gap.first, gap.last));
            }
            !is_over
        });
        if before > 0 {
            let cursor = cursor(book)?;
            self.feed.deliver(Vec::new(), Some(cursor)).await?;
        }
        for (first, last) in lost {
            let count = last - first + 1;
            self.feed.missed(format!("the terminal does not have {count} events any more, numbers {first} to {last}"));
        }
        Ok(caught)
    }

    /// Makes events durable, and then the place behind them.
    pub(super) async fn hand_over(&self, book: &Book, events: Vec<AccessEvent>) -> Result<Caught, DeviceError> {
        if events.is_empty() {
            return Ok(Caught::default());
        }
        let drift = self.clock().drift.unwrap_or(0) / 1000;
        let oldest = events.iter().map(|event| event.seen_at.as_second() + drift - event.ts.as_second()).max();
        let caught = Caught { count: events.len(), oldest_secs: oldest.unwrap_or(0) };
        self.feed.deliver(events, Some(cursor(book)?)).await?;
        Ok(caught)
    }

    /// Delivers everything from a moment on, known or not.
    pub(super) async fn read_from(&self, from: Timestamp, limits: log::Limits) -> Result<usize, DeviceError> {
        let mut held = self.book.lock().await;
        let book = self.book_in(&mut held, None)?;
        let mut count = self.read_log(book, limits).await?.count;
        let to = self.device_now().checked_add(SignedDuration::from_secs(60)).unwrap_or(Timestamp::MAX);
        let mut pages = self.pages(limits, Window::Between(from, to));
        while let Some(items) = pages.next().await? {
            let events: Vec<_> = items.iter().map(|(item, number)| self.event(item, book.name(*number))).collect();
            count += events.len();
            self.feed.deliver(events, None).await?;
        }
        Ok(count)
    }
}

/// What a look at the log brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Caught {
    pub(super) count: usize,
    pub(super) oldest_secs: i64,
}

impl Caught {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.oldest_secs = self.oldest_secs.max(other.oldest_secs);
    }
}

pub(super) fn cursor(book: &Book) -> Result<serde_json::Value, DeviceError> {
    serde_json::to_value(&book.place)
        .map_err(|problem| DeviceError::NotKept(format!("the place cannot be written: {problem}")))
}

/// A name for a search that no other search has.
pub(super) fn fresh() -> String {
    hex::encode(random_bytes::<16>())
}
