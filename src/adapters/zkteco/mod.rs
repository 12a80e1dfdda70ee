//! ZKTeco: `zkteco` calls devices at port 4370, `zkteco_push` answers those that come by themselves (ADMS).
//!
//! ```text
//! zkteco:       Standalone::run -> Work (log, events, calls) -> Line -> TCP or UDP
//! zkteco_push:  listener of the host -> Push::pushed -> Feed::deliver -> answer
//! ```
//! Owns what is known of a device while it is served: its log as far as it was handed over (`book`), its commands that wait.
//! It must never say that records are kept before they are, never erase anything, and never lock people out while it reads.
//!
//! ## Design notes
//! A log at port 4370 can only be read as a whole. It is read after a start, whenever the device counts more records than
//! it told as events, and now and then when it is full, because a full one counts no further.

mod book;
mod deeds;
mod events;
mod line;
mod people;
mod push;
mod session;
mod settings;
mod wire;
mod work;

use std::sync::Arc;
use std::time::Duration;

use crate::adapters::Adapter;
use crate::adapters::Device;
use crate::adapters::DeviceError;
use crate::adapters::Feed;
use crate::adapters::Kind;
use crate::adapters::Session;

/// Version of the adapters.
const VERSION: &str = "1.0";

/// How long things may take, and how often they are done. Tests are less patient.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until an answer comes.
    pub answer: Duration,
    /// Until a long answer is whole.
    pub long: Duration,
    /// Between two looks whether the device is there, and whether its log grew.
    pub look: Duration,
    /// Between two readings of a log that is full, or that nobody counts.
    pub reread: Duration,
    /// How often a device that comes by itself looks for something to do.
    pub poll: Duration,
    /// How long a device that comes by itself may be silent.
    pub silence: Duration,
    /// Between two counts of the records of a device that comes by itself.
    pub count: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
            long: Duration::from_secs(300),
            look: Duration::from_secs(30),
            reread: Duration::from_secs(600),
            poll: Duration::from_secs(3),
            // Three looks and the wait after a failure.
            silence: Duration::from_secs(3 * 3 + 60),
            count: Duration::from_secs(24 * 3_600),
        }
    }
}

/// Both kinds.
pub fn adapters() -> Vec<Arc<dyn Adapter>> {
    with_pace(Pace::default())
}

/// Both kinds, for those who are in a hurry.
pub fn with_pace(pace: Pace) -> Vec<Arc<dyn Adapter>> {
    vec![Arc::new(Standalone(pace)), Arc::new(Push(pace))]
}

struct Standalone(Pace);

impl Adapter for Standalone {
    fn kind(&self) -> Kind {
        Kind {
            word: "zkteco",
            vendor: "ZKTeco",
            version: VERSION,
            has_address: true,
            obeys: true,
            schema: settings::standalone_schema(),
        }
    }

    fn open(&self, device: &Device, feed: Feed) -> Result<Box<dyn Session>, DeviceError> {
        Ok(Box::new(session::Standalone::open(device, feed, self.0)?))
    }
}

struct Push(Pace);

impl Adapter for Push {
    fn kind(&self) -> Kind {
        Kind {
            word: "zkteco_push",
            vendor: "ZKTeco",
            version: VERSION,
            has_address: false,
            obeys: true,
            schema: settings::push_schema(),
        }
    }

    fn open(&self, device: &Device, feed: Feed) -> Result<Box<dyn Session>, DeviceError> {
        Ok(Box::new(push::Push::open(device, feed, self.0)?))
    }
}
