//! A connection from its beginning to its end: who it is, what was missed, then what happens as it happens.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use nazorat_terminals::hikvision::codes;
use nazorat_terminals::hikvision::device;
use nazorat_terminals::hikvision::device::Flags;
use nazorat_terminals::hikvision::device::Info;
use nazorat_terminals::hikvision::event::Happening;
use nazorat_terminals::hikvision::log;
use nazorat_terminals::hikvision::person;
use nazorat_terminals::hikvision::status::Verdict;
use nazorat_wire::AccessEvent;
use nazorat_wire::AccessKind;
use nazorat_wire::PasserMeta;
use reqwest::Response;
use tokio::sync::mpsc;
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

use super::Known;
use super::Terminal;
use super::line::INFO;
use super::line::Request;
use super::listen::Ears;
use super::listen::Shown;
use super::place::Book;
use super::place::Look;
use super::place::Place;
use super::reading;
use crate::adapters::DeviceError;
use crate::adapters::Room;

/// Events of the stream that wait while the log is read.
const HELD: usize = 4096;

/// Pictures that wait; they may be large.
const PICTURES_HELD: usize = 8;

/// Events that are handed over at once.
const AT_ONCE: usize = 100;

/// Between two looks at a clock that nobody moved.
const CLOCK_EVERY: Duration = Duration::from_secs(60);

/// Between two looks at how many people are there.
const ROOM_EVERY: Duration = Duration::from_secs(3_600);

/// So many looks at the log in a row that found what the stream did not tell.
const DEAF: u32 = 2;

/// What the stream told.
struct Heard {
    events: Receiver<Happening>,
    pictures: Receiver<Shown>,
}

/// Why the loop over events ended without an error.
enum Turn {
    /// Time to ask for the stream again.
    TryStream,
}

impl Terminal {
    /// Serves the terminal until the connection is of no use any more.
    pub(super) async fn serve(&self) -> Result<(), DeviceError> {
        self.is_live.store(false, SeqCst);
        let known = self.known().await?;
        self.measure().await?;
        self.warn_of_storage(&known).await?;
        if let Some(warning) = self.keep_host().await? {
            tracing::warn!(device.id = self.device, "device {}: {warning}", self.device);
        }
        self.tell_room(&known).await?;
        {
            let mut held = self.book.lock().await;
            *held = Some(Book::open(self.feed.cursor::<Place>(), &known.info.serial));
        }
        loop {
            let (events, events_rx) = mpsc::channel(HELD);
            let (pictures, pictures_rx) = mpsc::channel(PICTURES_HELD);
            let (ears, mut heard) = (Ears::new(events, pictures), Heard { events: events_rx, pictures: pictures_rx });
            let stream: Option<Response> = self.open_stream(&known).await?;
            let turn = match stream {
                Some(stream) => {
                    tokio::select! {
                        broken = self.listen(stream, ears, known.log.is_some()) => return Err(broken),
                        outcome = self.work(&known, &mut heard, None) => outcome?,
                    }
                }
                None => {
                    let again = Instant::now() + self.pace.stream_again;
                    self.work(&known, &mut heard, Some(again)).await?
                }
            };
            match turn {
                Turn::TryStream => {}
            }
        }
    }

    /// Catches up, then takes events as they come and looks at the log from time to time.
    async fn work(&self, known: &Arc<Known>, heard: &mut Heard, until: Option<Instant>) -> Result<Turn, DeviceError> {
        let has_stream = until.is_none();
        let every = if has_stream { self.pace.beside } else { self.pace.alone };
        self.catch_up(known).await?;
        if !self.is_live.swap(true, SeqCst) {
            self.feed.is_live();
        }
        let mut next = Instant::now() + every;
        let (mut clock_at, mut room_at) = (Instant::now() + CLOCK_EVERY, Instant::now() + ROOM_EVERY);
        let (mut told, mut deaf) = (false, 0);
        loop {
            tokio::select! {
                biased;
                happening = heard.events.recv(), if has_stream => {
                    let Some(happening) = happening else {
                        return Err(DeviceError::Unreachable("the event stream ended".to_owned()));
                    };
                    told = true;
                    let mut batch = vec![happening];
                    while batch.len() < AT_ONCE && let Ok(more) = heard.events.try_recv() {
                        batch.push(more);
                    }
                    if batch.iter().any(|event| codes::wants_reading(event.major, event.minor)) {
                        next = Instant::now();
                    }
                    if batch.iter().any(|event| codes::moves_clock(event.major, event.minor)) {
                        self.measure().await?;
                    }
                    self.hear(known, batch).await?;
                    continue;
                }
                Some(shown) = heard.pictures.recv(), if has_stream => {
                    self.show(shown).await?;
                    continue;
                }
                () = self.poke.notified() => {}
                () = tokio::time::sleep_until(next) => {}
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(Turn::TryStream);
            }
            if Instant::now() >= clock_at || known.log.is_none() {
                self.measure().await?;
                clock_at = Instant::now() + CLOCK_EVERY;
            }
            if Instant::now() >= room_at {
                self.tell_room(known).await?;
                room_at = Instant::now() + ROOM_EVERY;
            }
            let caught = self.catch_up(known).await?;
            let is_deaf =
                has_stream && !told && caught.count > 0 && caught.oldest_secs > self.pace.deaf.as_secs() as i64;
            deaf = if is_deaf { deaf + 1 } else { 0 };
            if deaf >= DEAF {
                return Err(DeviceError::Unreachable("its log grows and its event stream tells nothing".to_owned()));
            }
            told = false;
            next = Instant::now() + every;
        }
    }

    /// Hands a picture over. Its event was delivered a moment ago, so that it is called as that one is; should the count have
    /// begun anew between both, nobody will find it, and it goes with its day.
    async fn show(&self, (happening, image): Shown) -> Result<(), DeviceError> {
        let held = self.book.lock().await;
        let serial = match (happening.serial, held.as_ref()) {
            (Some(number), Some(book)) => format!("{}:{number}", book.place.epoch),
            _ => self.name_of(&happening),
        };
        drop(held);
        let event = self.event(&happening, serial);
        if !matches!(event.outcome, AccessKind::Granted | AccessKind::Denied) {
            return Ok(());
        }
        let meta = PasserMeta { device: event.device, serial: event.serial, ts: event.ts };
        if let Err(problem) = self.feed.picture(meta, image).await {
            tracing::debug!(device.id = self.device, "a picture of device {} is not kept: {problem}", self.device);
        }
        Ok(())
    }

    async fn catch_up(&self, known: &Known) -> Result<reading::Caught, DeviceError> {
        let Some(limits) = known.log else { return Ok(reading::Caught::default()) };
        let mut held = self.book.lock().await;
        let book = self.book_in(&mut held, Some(&known.info.serial))?;
        let caught = self.read_log(book, limits).await;
        if caught.is_err() {
            // What we noted may be ahead of what is durable.
            *held = None;
        }
        caught
    }

    /// Delivers what the stream told, each event once and in its place.
    pub(super) async fn hear(&self, known: &Known, batch: Vec<Happening>) -> Result<(), DeviceError> {
        let mut held = self.book.lock().await;
        let book = self.book_in(&mut held, Some(&known.info.serial))?;
        let outcome = self.place(book, known.log, batch).await;
        if outcome.is_err() {
            *held = None;
        }
        outcome
    }

    async fn place(&self, book: &mut Book, log: Option<log::Limits>, batch: Vec<Happening>) -> Result<(), DeviceError> {
        let mut events: Vec<AccessEvent> = Vec::new();
        for happening in batch {
            let Some(number) = self.numbered(&happening) else {
                events.push(self.event(&happening, self.name_of(&happening)));
                continue;
            };
            let mut look = book.look(number);
            let is_odd = look == Look::Ahead || (look == Look::Behind && book.begins_anew(number));
            if let Some(limits) = log.filter(|_| is_odd) {
                // The log decides: it has what is missing, and shows whether the counter began anew.
                self.hand_over(book, std::mem::take(&mut events)).await?;
                self.read_log(book, limits).await?;
                look = book.look(number);
            }
            match look {
                Look::Known => {}
                Look::Next | Look::Ahead | Look::Missing => events.push(self.event(&happening, book.take(number))),
                // With a log, only its reading begins a new count: in the second of the last event, a repetition of the
                // first one looks just the same.
                Look::Behind if log.is_none() && book.begins_anew(number) => {
                    book.begin_anew();
                    events.push(self.event(&happening, book.take(number)));
                }
                // Told again from a store. Where the log is read, it was delivered; where there is none, once more does
                // no harm.
                Look::Behind if log.is_some() => {}
                Look::Behind => events.push(self.event(&happening, book.note(number))),
            }
        }
        self.hand_over(book, events).await.map(|_| ())
    }

    /// The book that is held, opened again from the cursor if what we knew was not to be trusted.
    pub(super) fn book_in<'a>(
        &self,
        held: &'a mut Option<Book>,
        device: Option<&str>,
    ) -> Result<&'a mut Book, DeviceError> {
        if held.is_none() {
            let device = device.ok_or_else(|| DeviceError::Unreachable("it is not connected yet".to_owned()))?;
            *held = Some(Book::open(self.feed.cursor::<Place>(), device));
        }
        held.as_mut().ok_or_else(|| DeviceError::Unreachable("it is not connected yet".to_owned()))
    }

    /// Who it is and what it can; asked for again only when it is another or its program changed.
    pub(super) async fn known(&self) -> Result<Arc<Known>, DeviceError> {
        let answer = self.line.ask(Request::get(INFO)).await?;
        let body = answer.data("it does not say who it is")?;
        let info = Info::read(&body);
        let info = info.map_err(|problem| DeviceError::Nonsense(format!("it does not say who it is: {problem}")))?;
        if let Some(known) = self.remembered().filter(|known| known.info == info) {
            return Ok(known);
        }
        let flags = self.ask_for("/ISAPI/AccessControl/capabilities").await?;
        let flags = flags.and_then(|body| Flags::read(&body).ok()).unwrap_or_default();
        let limits = self.ask_for("/ISAPI/AccessControl/AcsEvent/capabilities?format=json").await?;
        let limits = limits.map(|body| log::Limits::read(&body).unwrap_or_default());
        let log = limits.or_else(|| flags.log.then(log::Limits::default));
        let people = match flags.people {
            true => self.ask_for("/ISAPI/AccessControl/UserInfo/capabilities?format=json").await?,
            false => None,
        };
        let people = people.and_then(|body| person::Limits::read(&body).ok()).unwrap_or_default();
        let subscriptions = self.ask_for("/ISAPI/Event/notification/subscribeEventCap").await?;
        let can_subscribe = subscriptions.is_some_and(|body| device::can_subscribe(&body));
        let known = Arc::new(Known { info, flags, log, people, can_subscribe });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }

    pub(super) fn remembered(&self) -> Option<Arc<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A document that not every device has.
    pub(super) async fn ask_for(&self, path: &str) -> Result<Option<Vec<u8>>, DeviceError> {
        let answer = self.line.ask(Request::get(path)).await?;
        match answer.verdict().0 {
            Verdict::Fine => Ok(Some(answer.body)),
            Verdict::Credentials => Err(super::line::error(Verdict::Credentials, path, "it refuses the account")),
            _ => Ok(None),
        }
    }

    /// What is wrong with how it keeps its log, as a sentence.
    pub(super) async fn storage_warning(&self, known: &Known) -> Result<Option<String>, DeviceError> {
        if known.log.is_none() {
            return Ok(Some(
                "it has no log that can be read: what happens while it is not connected is lost".to_owned(),
            ));
        }
        let told = self.ask_for("/ISAPI/AccessControl/AcsEvent/StorageCfg?format=json").await?;
        let mode = told.and_then(|body| log::storage_mode(&body).ok()).filter(|mode| mode != "cycle");
        Ok(mode.map(|mode| {
            format!("its log is kept by \"{mode}\" and forgets events before it is full; set it to \"cycle\" there")
        }))
    }

    /// Its log is a ring, so only people can become too many.
    async fn tell_room(&self, known: &Known) -> Result<(), DeviceError> {
        let Some(most) = known.people.most.filter(|_| known.flags.people) else { return Ok(()) };
        let told = self.ask_for("/ISAPI/AccessControl/UserInfo/Count?format=json").await?;
        let people = told.and_then(|body| person::count(&body).ok()).map(|there| (there, most));
        self.feed.room(Room { people, log: None });
        Ok(())
    }

    async fn warn_of_storage(&self, known: &Known) -> Result<(), DeviceError> {
        if let Some(warning) = self.storage_warning(known).await? {
            tracing::warn!(device.id = self.device, "device {}: {warning}", self.device);
        }
        Ok(())
    }
}
