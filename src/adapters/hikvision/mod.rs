//! Terminals, controllers and gate cameras of Hikvision, over ISAPI on the local network.
//!
//! ```text
//! stream --> held --+
//! push -------------+--> Book (which numbers are delivered) --> Feed::deliver --> cursor
//! log, in pages ----+
//! ```
//! The log is the authority: the stream and pushes only make it quick. An event whose number is not the next one is looked
//! up in the log before anything is decided about it; only there can be seen whether the counter began anew. Must never
//! ask a terminal to forget, take a picture, repeat a command, try a refused login again, or take a place to push to (`hosts`)
//! that somebody else uses.

mod act;
mod clock;
mod hosts;
mod line;
mod listen;
mod pin;
mod place;
mod push;
mod reading;
mod serve;
mod settings;
mod staff;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use nazorat_terminals::hikvision::device::Flags;
use nazorat_terminals::hikvision::device::Info;
use nazorat_terminals::hikvision::log;
use nazorat_terminals::hikvision::person;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::clock::DeviceClock;
use self::line::Line;
use self::place::Book;
use self::settings::Settings;
use crate::adapters::Action;
use crate::adapters::Adapter;
use crate::adapters::Device;
use crate::adapters::DeviceError;
use crate::adapters::Feed;
use crate::adapters::Kind;
use crate::adapters::Number;
use crate::adapters::Person;
use crate::adapters::Probe;
use crate::adapters::PushAnswer;
use crate::adapters::PushRequest;
use crate::adapters::Reply;
use crate::adapters::Session;
use crate::adapters::TerminalPerson;

/// How long things take; tests are in a hurry.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between two looks at the log beside a stream that works.
    pub beside: Duration,
    /// The same without a stream.
    pub alone: Duration,
    /// Until a stream that was refused is tried again.
    pub stream_again: Duration,
    /// The silence after which a stream without heartbeats is opened anew.
    pub mute: Duration,
    /// The least silence after which a stream with heartbeats is given up.
    pub least_silence: Duration,
    /// The most.
    pub most_silence: Duration,
    /// How old an event must be before it counts as one that the stream did not tell.
    pub deaf: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            beside: Duration::from_secs(45),
            alone: Duration::from_secs(3),
            stream_again: Duration::from_secs(60),
            mute: Duration::from_secs(1200),
            least_silence: Duration::from_secs(30),
            most_silence: Duration::from_secs(100),
            deaf: Duration::from_secs(15),
        }
    }
}

/// The adapter, for the list of those that there are.
pub fn adapter() -> Arc<dyn Adapter> {
    adapter_at(Pace::default())
}

/// The same at another pace.
pub fn adapter_at(pace: Pace) -> Arc<dyn Adapter> {
    Arc::new(Hikvision { pace })
}

struct Hikvision {
    pace: Pace,
}

impl Adapter for Hikvision {
    fn kind(&self) -> Kind {
        let schema = settings::schema();
        Kind { word: "hikvision", vendor: "Hikvision", version: "1.0", has_address: true, obeys: true, schema }
    }

    fn open(&self, device: &Device, feed: Feed) -> Result<Box<dyn Session>, DeviceError> {
        let settings = Settings::read(device)?;
        let line = Line::new(device, &settings, feed.clone())?;
        let zone = TimeZone::get(device.zone.name()).unwrap_or(TimeZone::UTC);
        Ok(Box::new(Terminal {
            device: device.id,
            address: device.address,
            listener: device.listener,
            pace: self.pace,
            settings,
            line,
            feed,
            known: Mutex::new(None),
            clock: Mutex::new(DeviceClock::at(zone)),
            book: tokio::sync::Mutex::new(None),
            is_live: AtomicBool::new(false),
            poke: Notify::new(),
        }))
    }
}

/// A terminal that is served.
struct Terminal {
    device: u32,
    address: Option<IpAddr>,
    /// The port at which it may push to us.
    listener: Option<u16>,
    pace: Pace,
    settings: Settings,
    line: Line,
    feed: Feed,
    known: Mutex<Option<Arc<Known>>>,
    clock: Mutex<DeviceClock>,
    /// Held while events are handed over, so that they stay in order, whichever way they came.
    book: tokio::sync::Mutex<Option<Book>>,
    is_live: AtomicBool,
    /// Asks for a look at the log now.
    poke: Notify,
}

/// What is known of a terminal as long as it is the same with the same program.
struct Known {
    info: Info,
    flags: Flags,
    /// None where there is no log to search.
    log: Option<log::Limits>,
    people: person::Limits,
    can_subscribe: bool,
}

impl Session for Terminal {
    fn run(&self, stop: CancellationToken) -> BoxFuture<'_, Result<(), DeviceError>> {
        Box::pin(async move {
            let outcome = stop.run_until_cancelled(self.serve()).await;
            self.is_live.store(false, std::sync::atomic::Ordering::SeqCst);
            outcome.unwrap_or(Ok(()))
        })
    }

    fn execute(&self, action: Action) -> BoxFuture<'_, Result<Reply, DeviceError>> {
        Box::pin(self.act(action))
    }

    fn probe(&self) -> BoxFuture<'_, Result<Probe, DeviceError>> {
        Box::pin(self.look())
    }

    fn people(&self) -> BoxFuture<'_, Result<Vec<TerminalPerson>, DeviceError>> {
        Box::pin(self.list_people())
    }

    fn put_person<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, Result<(), DeviceError>> {
        Box::pin(self.put(person))
    }

    fn leave(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.give_up_host())
    }

    fn pushed(&self, request: PushRequest) -> BoxFuture<'_, PushAnswer> {
        Box::pin(self.take_push(request))
    }

    fn remove_person<'a>(&'a self, number: &'a Number) -> BoxFuture<'a, Result<(), DeviceError>> {
        Box::pin(self.remove(number))
    }
}
