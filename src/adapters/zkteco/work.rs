//! What is done while a device at port 4370 is connected: its log, its events, and what is asked of it.

use std::collections::HashMap;
use std::time::Instant;

use nazorat_terminals::zkteco::answer;
use nazorat_terminals::zkteco::answer::Sizes;
use nazorat_terminals::zkteco::attendance::Layout;
use nazorat_terminals::zkteco::attendance::Punch;
use nazorat_terminals::zkteco::attendance::Who;
use nazorat_terminals::zkteco::code::event;
use nazorat_terminals::zkteco::code::reply;
use nazorat_terminals::zkteco::realtime;
use nazorat_terminals::zkteco::realtime::Named;
use nazorat_terminals::zkteco::realtime::Told;
use nazorat_terminals::zkteco::request::Request;
use nazorat_terminals::zkteco::time::Stamp;
use serde_json::Value;

use super::book::Book;
use super::book::Log;
use super::book::Place;
use super::events::Frame;
use super::events::Sign;
use super::events::drift;
use super::line::Line;
use super::line::Long;
use super::people;
use super::session::Standalone;
use crate::adapters::DeviceError;
use crate::adapters::Room;
use crate::kernel::Timestamp;

/// So many events are made durable at once.
const PAGE: usize = 500;

/// A device that is connected.
pub(super) struct Work<'a> {
    pub(super) of: &'a Standalone,
    pub(super) line: Line,
    pub(super) sizes: Sizes,
    pub(super) drift_ms: Option<i64>,
    /// Numbers of people by their index; only for logs that name no numbers.
    numbers: HashMap<u16, String>,
    layout: Option<Layout>,
    /// How many records the log had when it was read, and how many were told since.
    counted: u32,
    told: u32,
    /// Something was told that only the log can explain.
    must_read: bool,
    read_at: Option<Instant>,
    last_sign: i64,
}

impl<'a> Work<'a> {
    /// Connects and looks how much the device has.
    pub(super) async fn open(of: &'a Standalone) -> Result<Self, DeviceError> {
        let mut line = of.connect().await?;
        let sizes = sizes(&mut line).await;
        let sizes = match sizes {
            Ok(sizes) => sizes,
            Err(problem) => {
                line.leave().await;
                return Err(problem);
            }
        };
        of.feed.room(room(&sizes));
        Ok(Self {
            of,
            line,
            sizes,
            drift_ms: None,
            numbers: HashMap::new(),
            layout: None,
            counted: 0,
            told: 0,
            must_read: true,
            read_at: None,
            last_sign: 0,
        })
    }

    pub(super) fn frame(&self, replayed: bool) -> Frame<'_> {
        let now = self.of.feed.now();
        Frame { device: self.of.device.id, zone: &self.of.device.zone, now, drift_ms: self.drift_ms, replayed }
    }

    /// Asks for events. A device that tells none is looked at all the same.
    pub(super) async fn register(&mut self) -> Result<(), DeviceError> {
        for mask in [event::WANTED, u32::from(event::ATTLOG)] {
            if self.line.ask(Request::Register(mask)).await?.command == reply::OK {
                return Ok(());
            }
        }
        tracing::warn!(device.id = self.of.device.id, "the device tells no events; its log is looked at instead");
        Ok(())
    }

    /// Asks for the time, which also shows whether anybody is there.
    pub(super) async fn ask_time(&mut self) -> Result<Option<i64>, DeviceError> {
        let before = self.of.feed.now();
        let answer = self.line.ask(Request::GetTime).await?;
        let after = self.of.feed.now();
        let middle = Timestamp::from_microsecond((before.as_microsecond() + after.as_microsecond()) / 2);
        let frame = Frame { now: middle.unwrap_or(after), ..self.frame(false) };
        let found =
            answer::clock(&answer).filter(|_| answer.command == reply::OK).and_then(|clock| drift(&frame, clock));
        if let Some(millis) = found {
            self.of.feed.drift(millis);
        }
        self.drift_ms = found;
        Ok(found)
    }

    /// Looks whether the device is there, and whether it has more than it told.
    pub(super) async fn look(&mut self) -> Result<(), DeviceError> {
        self.ask_time().await?;
        self.sizes = sizes(&mut self.line).await?;
        self.of.feed.room(room(&self.sizes));
        self.take_told().await?;
        let counts = self.sizes.records != self.counted.saturating_add(self.told);
        // A full log counts no further, and some count nothing at all.
        let blind = self.sizes.records == 0 || self.sizes.records >= self.sizes.most_records;
        let long_ago = self.read_at.is_none_or(|at| at.elapsed() >= self.of.pace.reread);
        let never_counts = self.sizes.records == 0 && self.counted > 0;
        if self.must_read || (counts && !never_counts) || (blind && long_ago) {
            self.read_log(None).await?;
        }
        Ok(())
    }

    /// Reads the log and hands over what is new in it; everything from a moment on, if somebody asked for that.
    pub(super) async fn read_log(&mut self, from: Option<Timestamp>) -> Result<usize, DeviceError> {
        let before = self.sizes.records;
        let records = self.line.read_long(Long::Log).await?;
        self.sizes = sizes(&mut self.line).await?;
        if records.is_empty() && before > 0 && self.sizes.records > 0 {
            return Err(DeviceError::Nonsense(format!("the device counts {before} records, and sent none")));
        }
        let mut book = self.of.book.lock().await;
        let known = self.layout.or_else(|| Layout::parse(&book.place().layout));
        let (punches, word) = if records.is_empty() {
            (Vec::new(), book.place().layout.clone())
        } else {
            let now = self.of.device.zone.civil(self.of.feed.now());
            let layout = Layout::detect(&records, &[before, self.sizes.records], known, now)
                .map_err(|problem| DeviceError::Nonsense(problem.to_string()))?;
            self.layout = Some(layout);
            (layout.read_all(&records).collect(), layout.word().to_owned())
        };
        let unknown = |who: &Who| matches!(who, Who::Uid(uid) if !self.numbers.contains_key(uid));
        if punches.iter().any(|punch| unknown(&punch.who)) {
            self.numbers = people::numbers(&mut self.line, self.sizes.users).await?;
        }
        let handed = self.hand_over(&mut book, &punches, &word, from).await?;
        drop(book);
        self.counted = u32::try_from(punches.len()).unwrap_or(u32::MAX);
        self.told = 0;
        self.must_read = false;
        self.read_at = Some(Instant::now());
        self.take_told().await?;
        Ok(handed)
    }

    async fn hand_over(
        &self,
        book: &mut Book,
        punches: &[Punch],
        layout: &str,
        from: Option<Timestamp>,
    ) -> Result<usize, DeviceError> {
        let log = Log::of(punches.iter().map(Punch::key).collect());
        let fresh = book.fresh(&log);
        if fresh.was_replaced {
            self.of.feed.missed(if punches.len() >= self.sizes.most_records as usize && !punches.is_empty() {
                "the device's log turned over before it was read: records in between are gone"
            } else {
                "the device's log was erased or exchanged: what was not read before is gone"
            });
        }
        let frame = self.frame(true);
        let asked = |at: usize| {
            let stamp = punches.get(at).and_then(|punch| punch.time.civil());
            // What has no time that exists is told rather than left out.
            from.is_some_and(|from| stamp.is_none_or(|civil| self.of.device.zone.at(civil) >= from))
        };
        let mut wanted: Vec<usize> = fresh.records;
        if from.is_some() {
            wanted.extend((0..punches.len()).filter(|at| asked(*at)));
            wanted.sort_unstable();
            wanted.dedup();
        }
        for page in wanted.chunks(PAGE) {
            let events = page.iter().filter_map(|at| punches.get(*at));
            let events = events.map(|punch| frame.punch(punch, |uid| self.numbers.get(&uid).cloned())).collect();
            let done = page.last().map_or(0, |at| at + 1);
            let place = book.place_at(&log, done, layout);
            // Who asked for old records must not set the place back.
            let cursor = from.is_none().then(|| value(&place)).flatten();
            self.of.feed.deliver(events, cursor).await?;
        }
        let before = book.place().clone();
        let place = book.take_over(&log, layout);
        if place != before {
            self.of.feed.deliver(Vec::new(), value(&place)).await?;
        }
        Ok(wanted.len())
    }

    /// Hands over what the device told by itself.
    pub(super) async fn take_told(&mut self) -> Result<(), DeviceError> {
        while let Some(packet) = self.line.told().await? {
            match realtime::read(&packet) {
                Told::Punches(punches, named) => self.take_punches(punches, named).await?,
                Told::Unreadable => self.must_read = true,
                Told::NotIdentified => self.take_sign(Sign::NotIdentified).await?,
                Told::Unlocked => self.take_sign(Sign::Unlocked).await?,
                Told::Alarm(alarm) => self.take_sign(Sign::Alarm(alarm)).await?,
                Told::Other => {}
            }
        }
        Ok(())
    }

    async fn take_punches(&mut self, punches: Vec<Punch>, named: Named) -> Result<(), DeviceError> {
        let mut book = self.of.book.lock().await;
        let mut fresh: Vec<Punch> = Vec::new();
        for punch in punches {
            match self.as_in_log(punch, named) {
                Some(punch) if !fresh.contains(&punch) && book.is_new(&punch) => fresh.push(punch),
                Some(_) => {}
                None => self.must_read = true,
            }
        }
        if fresh.is_empty() {
            return Ok(());
        }
        let place = book.place_with(&fresh);
        let frame = self.frame(false);
        let events = fresh.iter().map(|punch| frame.punch(punch, |uid| self.numbers.get(&uid).cloned())).collect();
        self.of.feed.deliver(events, value(&place)).await?;
        book.keep(place);
        self.told = self.told.saturating_add(u32::try_from(fresh.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    /// A record as the log will have it. Where that cannot be told, the log is read, so that nothing has two keys.
    fn as_in_log(&self, punch: Punch, named: Named) -> Option<Punch> {
        let uid_of = |number: &str| self.numbers.iter().find(|(_, known)| *known == number).map(|(uid, _)| *uid);
        let who = match (self.layout?, named, &punch.who) {
            (Layout::Text | Layout::Long, Named::Text, _) | (Layout::Numbers, Named::Number, _) => punch.who.clone(),
            (Layout::Numbers, Named::Text, Who::Number(number)) => {
                let parsed: u32 = number.parse().ok()?;
                Who::Number(parsed.to_string())
            }
            (Layout::Old | Layout::OldTimeLast, Named::Index, _) => punch.who.clone(),
            (Layout::Old | Layout::OldTimeLast, _, Who::Number(number)) => Who::Uid(uid_of(number)?),
            _ => return None,
        };
        Some(Punch { who, ..punch })
    }

    /// What only the stream tells has no number of its own; it gets one.
    async fn take_sign(&mut self, sign: Sign) -> Result<(), DeviceError> {
        let now = self.of.feed.now();
        self.last_sign = now.as_microsecond().max(self.last_sign + 1);
        let event = self.frame(false).sign(format!("s{}", self.last_sign), sign);
        self.of.feed.deliver(vec![event], None).await
    }

    /// The device's local time now.
    pub(super) fn local_now(&self) -> Stamp {
        Stamp::of(self.of.device.zone.civil(self.of.feed.now()))
    }
}

/// Asks how much a device has.
pub(super) async fn sizes(line: &mut Line) -> Result<Sizes, DeviceError> {
    let answer = line.ask(Request::FreeSizes).await?;
    // Some tell nothing; then the log is read now and then.
    Ok(Sizes::read(&answer).filter(|_| answer.command == reply::OK).unwrap_or_default())
}

/// What a device does not tell it counts as nothing.
const fn room(sizes: &Sizes) -> Room {
    const fn of(there: u32, most: u32) -> Option<(u32, u32)> {
        if most > 0 { Some((there, most)) } else { None }
    }
    Room { people: of(sizes.users, sizes.most_users), log: of(sizes.records, sizes.most_records) }
}

fn value(place: &Place) -> Option<Value> {
    serde_json::to_value(place).ok()
}
