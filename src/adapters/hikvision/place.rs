//! Where we are in the log of a terminal: which numbers were delivered, and which count of its numbers they belong to.
//!
//! A terminal numbers its events, and begins anew when its counter is full or it was reset. The `epoch` counts those
//! beginnings, so that `epoch:number` stays what it is for ever. What came last is remembered with its print (its codes
//! and its moment): only a log in which one of them is found again goes on, any other one is new.

use std::collections::HashMap;
use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// Delivered events that are remembered over a restart.
const RECENT: usize = 48;

/// Delivered events that are remembered while we run.
const SEEN: usize = 8192;

/// Holes that are remembered until the log was asked for them.
const MOST_GAPS: usize = 32;

/// How far a number falls when the counter begins anew somewhere else than at its beginning.
const FALL: u64 = 1000;

/// What is kept with the events: the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Which terminal this is about.
    pub(super) device: String,
    pub(super) epoch: u32,
    /// The highest number that was delivered.
    pub(super) last: u64,
    /// When that was by the terminal's clock, in seconds, believable or not.
    pub(super) tail: Option<i64>,
    /// How far its clock was ahead then, in milliseconds.
    pub(super) drift: Option<i64>,
    recent: VecDeque<(u32, u64, u32)>,
    #[serde(default)]
    pub(super) gaps: Vec<Gap>,
}

/// Numbers that nobody has told us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gap {
    pub(super) first: u64,
    pub(super) last: u64,
    /// Seconds of what was told before and after.
    pub(super) after: Option<i64>,
    pub(super) before: Option<i64>,
    /// How often the log was asked for them.
    pub(super) tries: u8,
}

/// What an event is, seen from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Delivered already.
    Known,
    /// The next one.
    Next,
    /// Some before it are missing.
    Ahead,
    /// In a hole.
    Missing,
    /// A lower number that we do not remember: long delivered, or of a counter that began anew.
    Behind,
}

/// A numbered event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) serial: u64,
    pub(super) print: u32,
    pub(super) at: Option<Timestamp>,
}

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) place: Place,
    seen: HashMap<(u64, u32), u32>,
    order: VecDeque<(u64, u32)>,
}

impl Book {
    /// Goes on where a cursor says. Another terminal at the same address has numbers of its own.
    pub(super) fn open(place: Option<Place>, device: &str) -> Self {
        let mut book = Self { place: place.unwrap_or_default(), ..Self::default() };
        book.place.epoch = book.place.epoch.max(1);
        for &(epoch, serial, print) in &book.place.recent {
            book.seen.insert((serial, print), epoch);
            book.order.push_back((serial, print));
        }
        if !book.place.device.is_empty() && book.place.device != device {
            book.begin_anew();
        }
        device.clone_into(&mut book.place.device);
        book
    }

    /// Whether there is something by which its log can be recognised.
    pub(super) fn has_anchor(&self) -> bool {
        self.place.recent.iter().any(|(epoch, ..)| *epoch == self.place.epoch)
    }

    /// The numbers of this epoch that are remembered over restarts.
    pub(super) fn anchors(&self) -> Option<(u64, u64)> {
        let numbers =
            self.place.recent.iter().filter(|(epoch, ..)| *epoch == self.place.epoch).map(|(_, serial, _)| *serial);
        Some((numbers.clone().min()?, numbers.max()?))
    }

    pub(super) fn look(&self, event: Numbered) -> Look {
        let Numbered { serial, print, .. } = event;
        if self.seen.contains_key(&(serial, print)) {
            return Look::Known;
        }
        if self.place.last == 0 || serial == self.place.last + 1 {
            return Look::Next;
        }
        if serial > self.place.last {
            return Look::Ahead;
        }
        let is_missing = self.place.gaps.iter().any(|gap| (gap.first..=gap.last).contains(&serial));
        if is_missing { Look::Missing } else { Look::Behind }
    }

    /// Whether a number that fell is the beginning of a new count: it comes later than the last one, and it fell far.
    pub(super) fn begins_anew(&self, event: Numbered) -> bool {
        let is_later = match (event.at, self.place.tail) {
            (Some(at), Some(tail)) => at.as_second() >= tail,
            _ => false,
        };
        is_later && (event.serial <= 1 || event.serial.saturating_add(FALL) < self.place.last)
    }

    /// From here on, numbers are of another count.
    pub(super) fn begin_anew(&mut self) {
        self.place.epoch = self.place.epoch.saturating_add(1);
        self.place.last = 0;
        self.place.gaps.clear();
    }

    /// Remembers an event as delivered and says what it is called for ever.
    pub(super) fn take(&mut self, event: Numbered) -> String {
        let Numbered { serial, print, at } = event;
        let at = at.map(Timestamp::as_second);
        let place = &mut self.place;
        if serial > place.last {
            if place.last > 0 && serial > place.last + 1 && place.gaps.len() < MOST_GAPS {
                let (first, last) = (place.last + 1, serial - 1);
                place.gaps.push(Gap { first, last, after: place.tail, before: at, tries: 0 });
            }
            place.last = serial;
            place.tail = at.or(place.tail);
        } else {
            self.fill(serial);
        }
        let epoch = self.place.epoch;
        self.remember(epoch, serial, print);
        format!("{epoch}:{serial}")
    }

    /// What an event that moves nothing is called: one that is told again.
    pub(super) fn name(&self, event: Numbered) -> String {
        let known = self.seen.get(&(event.serial, event.print));
        // A number that this count has not reached yet is of the one before.
        let other = if event.serial > self.place.last && self.place.epoch > 1 {
            self.place.epoch - 1
        } else {
            self.place.epoch
        };
        format!("{}:{}", known.unwrap_or(&other), event.serial)
    }

    /// Remembers an event that was delivered out of its turn, without moving on.
    pub(super) fn note(&mut self, event: Numbered) -> String {
        let epoch = self.place.epoch;
        self.fill(event.serial);
        format!("{epoch}:{}", event.serial)
    }

    fn fill(&mut self, serial: u64) {
        let Some(index) = self.place.gaps.iter().position(|gap| (gap.first..=gap.last).contains(&serial)) else {
            return;
        };
        let gap = self.place.gaps.remove(index);
        let below = Gap { last: serial.saturating_sub(1), ..gap.clone() };
        let above = Gap { first: serial + 1, ..gap };
        let rest = [above, below].into_iter().filter(|gap| gap.first <= gap.last);
        rest.for_each(|gap| self.place.gaps.insert(index, gap));
    }

    fn remember(&mut self, epoch: u32, serial: u64, print: u32) {
        self.place.recent.push_back((epoch, serial, print));
        if self.place.recent.len() > RECENT {
            self.place.recent.pop_front();
        }
        if self.seen.insert((serial, print), epoch).is_none() {
            self.order.push_back((serial, print));
        }
        if self.order.len() > SEEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
    }
}

/// What a look through the whole log found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    count: u64,
    highest: u64,
    recognised: bool,
    conflict: bool,
}

impl Survey {
    pub(super) fn add(&mut self, book: &Book, event: Numbered) {
        self.count += 1;
        self.highest = self.highest.max(event.serial);
        if book.look(event) == Look::Known {
            self.recognised = true;
        } else if book
            .place
            .recent
            .iter()
            .any(|&(epoch, serial, _)| epoch == book.place.epoch && serial == event.serial)
        {
            self.conflict = true;
        }
    }

    pub(super) fn is_recognised(&self) -> bool {
        self.recognised
    }

    /// Whether its numbers are another count than the one we know: a number of ours stands for something else, or its
    /// counter is behind ours. An empty log says nothing.
    pub(super) fn is_new(&self, book: &Book) -> bool {
        !self.recognised && self.count > 0 && (self.conflict || self.highest < book.place.last)
    }
}

/// Brings a page into the order in which things happened. One that goes on in time, with a counter that falls once at most,
/// is in it; any other is sorted by number, and where the counter began anew in it, what came before that stands first.
pub(super) fn order<T>(items: &mut [T], number: impl Fn(&T) -> Numbered) {
    let pairs = || items.windows(2).map(|pair| (number(&pair[0]), number(&pair[1])));
    let goes_on = pairs().all(|(one, next)| matches!((one.at, next.at), (Some(one), Some(next)) if one <= next));
    let begins = |next: Numbered, one: Numbered| next.serial <= 1 || next.serial.saturating_add(FALL) < one.serial;
    let mut falls = pairs().filter(|(one, next)| next.serial < one.serial);
    let is_plain = falls.next().is_none_or(|(one, next)| begins(next, one)) && falls.next().is_none();
    if goes_on && is_plain {
        return;
    }
    items.sort_by_key(|item| number(item).serial);
    let fell = items.windows(2).position(|pair| {
        let (low, high) = (number(&pair[0]), number(&pair[1]));
        let jumps = high.serial.saturating_sub(low.serial) >= FALL;
        jumps && matches!((low.at, high.at), (Some(low), Some(high)) if low > high)
    });
    if let Some(index) = fell {
        items.rotate_left(index + 1);
    }
}

#[cfg(test)]
mod tests;
