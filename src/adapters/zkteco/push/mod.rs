//! A device that comes by itself (ADMS). It has no connection: each of its requests is answered as it comes, and what it
//! shall do waits until it asks.
//!
//! `answers` reads a request, makes durable what it brings, and then says so; `queue` holds commands until they are fetched
//! and until their result is told; `deeds` is what people ask for; `whole` looks whether anything is missing.

mod answers;
mod deeds;
mod queue;
mod whole;

use std::convert::Infallible;
use std::sync::Mutex as StdMutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use futures_util::future::BoxFuture;
use nazorat_terminals::zkteco::adms::Dialect;
use nazorat_terminals::zkteco::adms::Fields;
use nazorat_terminals::zkteco::adms::records::User;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use self::queue::Queue;
use self::whole::Known;
use super::Pace;
use super::events::Frame;
use super::settings;
use crate::adapters::Action;
use crate::adapters::Device;
use crate::adapters::DeviceError;
use crate::adapters::Feed;
use crate::adapters::Number;
use crate::adapters::Person;
use crate::adapters::Probe;
use crate::adapters::PushAnswer;
use crate::adapters::PushRequest;
use crate::adapters::Reply;
use crate::adapters::Session;
use crate::adapters::TerminalPerson;
use crate::kernel::random_bytes;

/// A device and what it said.
pub(super) struct Push {
    device: Device,
    settings: settings::Push,
    feed: Feed,
    pace: Pace,
    state: StdMutex<State>,
    /// Records are handed over one upload after the other.
    uploads: Mutex<()>,
    /// One question at a time.
    turn: Mutex<()>,
}

struct State {
    dialect: Option<Dialect>,
    /// What it said of itself.
    about: Fields,
    /// Of this start of ours.
    session: String,
    registry: String,
    is_registered: bool,
    queue: Queue,
    /// When it called last.
    heard: Option<Instant>,
    /// Whether whoever runs us knows that it is there.
    is_live: bool,
    /// People that it tells because we asked.
    people: Option<Vec<User>>,
    known: Known,
    drift_ms: Option<i64>,
    /// A count of its records is due.
    must_count: bool,
    counted: Option<Instant>,
}

impl Push {
    /// Reads the settings.
    pub(super) fn open(device: &Device, feed: Feed, pace: Pace) -> Result<Self, DeviceError> {
        let settings = settings::Push::read(&device.settings)?;
        let state = State {
            dialect: settings.dialect,
            about: Fields::default(),
            session: hex::encode_upper(random_bytes::<16>()),
            registry: hex::encode(random_bytes::<16>()),
            is_registered: false,
            queue: Queue::default(),
            heard: None,
            is_live: false,
            people: None,
            known: Known::of(feed.cursor()),
            drift_ms: None,
            must_count: true,
            counted: None,
        };
        Ok(Self {
            device: device.clone(),
            settings,
            feed,
            pace,
            state: StdMutex::new(state),
            uploads: Mutex::new(()),
            turn: Mutex::new(()),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dialect(&self) -> Dialect {
        self.state().dialect.unwrap_or(Dialect::Att)
    }

    fn frame(&self, replayed: bool) -> Frame<'_> {
        let drift_ms = self.state().drift_ms;
        Frame { device: self.device.id, zone: &self.device.zone, now: self.feed.now(), drift_ms, replayed }
    }

    /// Minutes that the device's wall clock is ahead of GMT now.
    fn zone_minutes(&self) -> i32 {
        let now = self.feed.now();
        let utc = now.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let ahead = self.device.zone.civil(now).duration_since(utc).as_mins();
        i32::try_from(ahead).unwrap_or(0)
    }

    fn never_called(&self) -> DeviceError {
        DeviceError::Unreachable(format!(
            "no device with the serial number {} has called; enter this gateway as its server (ADMS, cloud server)",
            self.settings.serial
        ))
    }

    /// Looks whether the device still calls, and beside that whether all that it has is here.
    async fn watch(&self, stop: CancellationToken) -> Result<(), DeviceError> {
        self.state().is_live = false;
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            problem = self.fall_silent() => Err(problem),
            never = self.keep_complete() => match never {},
        }
    }

    fn tick(&self) -> tokio::time::Interval {
        let step = (self.pace.silence / 10).clamp(Duration::from_millis(20), Duration::from_secs(1));
        tokio::time::interval(step)
    }

    async fn fall_silent(&self) -> DeviceError {
        let began = Instant::now();
        let mut tick = self.tick();
        loop {
            tick.tick().await;
            if began.elapsed() <= self.pace.silence {
                continue;
            }
            let heard = self.state().heard;
            let Some(silent) = heard.map(|at| at.elapsed()) else { return self.never_called() };
            if silent > self.pace.silence {
                let secs = silent.as_secs();
                return DeviceError::Unreachable(format!("the device has not called for {secs} s"));
            }
        }
    }

    async fn keep_complete(&self) -> Infallible {
        let mut tick = self.tick();
        loop {
            tick.tick().await;
            let due = {
                let mut state = self.state();
                let old = state.counted.is_none_or(|at| at.elapsed() >= self.pace.count);
                let due = state.is_live && (state.must_count || old);
                state.must_count = state.must_count && !due;
                due
            };
            if due {
                if let Err(problem) = self.complete().await {
                    tracing::warn!(device.id = self.device.id, "records of the device were not counted: {problem}");
                }
                self.state().counted = Some(Instant::now());
            }
        }
    }
}

impl Session for Push {
    fn run(&self, stop: CancellationToken) -> BoxFuture<'_, Result<(), DeviceError>> {
        Box::pin(self.watch(stop))
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

    fn pushed(&self, request: PushRequest) -> BoxFuture<'_, PushAnswer> {
        Box::pin(self.answer(request))
    }

    fn remove_person<'a>(&'a self, number: &'a Number) -> BoxFuture<'a, Result<(), DeviceError>> {
        Box::pin(self.remove(number))
    }
}
