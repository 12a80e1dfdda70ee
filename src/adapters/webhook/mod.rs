//! Any system that can send its events by HTTP: kind `webhook`.
//!
//! ```text
//! other system --POST /push/SECRET, signed--> listener of the host --> Webhook::pushed --> Feed::deliver --> answer
//! ```
//! Owns how such a request is believed (`signature`), how its JSON is read (`schema` and `settings` describe it, the crate `terminals`
//! reads it), and what is answered (`take`). It must never say that an event is kept before it is, never believe a request
//! without a signature, and never let one bad event hold up others.
//!
//! ## Design notes
//! - It cannot be asked to do anything. A system that opens doors is better served by a program (`process`), which knows
//!   whether the door opened.
//! - A system that is quiet may have nothing to tell. Until it has come once it is awaited; afterwards it is live until
//!   it was quiet for longer than its settings allow. It is served all the time.

mod schema;
mod settings;
mod signature;
mod take;

use std::sync::Arc;
use std::sync::Mutex as StdMutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::settings::Settings;
use self::take::Recent;
use self::take::SAID;
use super::Action;
use super::Adapter;
use super::Capabilities;
use super::Device;
use super::DeviceError;
use super::Feed;
use super::Identity;
use super::Kind;
use super::Number;
use super::Person;
use super::Probe;
use super::PushAnswer;
use super::PushRequest;
use super::Reply;
use super::Session;
use super::SettingError;
use super::TerminalPerson;
use super::budget::Budget;

/// So many requests may wait for the disk.
const MOST_WAITING: usize = 32;
/// How often it is looked whether a system has become quiet.
const LOOK: Duration = Duration::from_secs(1);

/// The adapter.
pub fn adapter() -> Arc<dyn Adapter> {
    Arc::new(Webhooks)
}

struct Webhooks;

impl Adapter for Webhooks {
    fn kind(&self) -> Kind {
        let schema = schema::schema();
        Kind { word: "webhook", vendor: "Webhook", version: "1.0", has_address: false, obeys: false, schema }
    }

    fn check(&self, settings: &Map<String, Value>) -> Vec<SettingError> {
        Settings::read(settings).err().unwrap_or_default()
    }

    fn open(&self, device: &Device, feed: Feed) -> Result<Box<dyn Session>, DeviceError> {
        let settings = Settings::read(&device.settings).map_err(|wrong| {
            let told: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            DeviceError::Settings(told.join("; "))
        })?;
        let state = State {
            has_come: feed.cursor::<Place>().is_some_and(|place| place.has_come),
            heard: Instant::now(),
            recent: Recent::default(),
            said: Budget::new(SAID.0, SAID.1),
        };
        Ok(Box::new(Webhook {
            device: device.clone(),
            settings,
            feed,
            state: StdMutex::new(state),
            turn: Mutex::new(()),
            room: Semaphore::new(MOST_WAITING),
        }))
    }
}

/// The place that the host keeps: not where anything goes on, only that the system has found us.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    has_come: bool,
}

/// A system that sends.
struct Webhook {
    device: Device,
    settings: Settings,
    feed: Feed,
    state: StdMutex<State>,
    /// Events are handed over one request after the other.
    turn: Mutex<()>,
    room: Semaphore,
}

struct State {
    has_come: bool,
    /// When it came last, or when we began.
    heard: Instant,
    recent: Recent,
    /// How much may be said of what is wrong.
    said: Budget,
}

impl Webhook {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says when the system has become quiet. It never ends by itself: whoever comes is always answered.
    async fn watch(&self) {
        if self.state().has_come {
            self.feed.is_live();
        }
        let Some(most) = self.settings.silence else { return std::future::pending().await };
        let mut look = tokio::time::interval(LOOK);
        let mut is_away = false;
        loop {
            look.tick().await;
            let was_away = std::mem::replace(&mut is_away, self.state().heard.elapsed() > most);
            if is_away && !was_away {
                let told = format!("nothing has come from the other system for {} min", most.as_secs() / 60);
                self.feed.is_away(&DeviceError::Unreachable(told));
            }
        }
    }

    fn cannot<T>() -> Result<T, DeviceError> {
        Err(DeviceError::Unsupported("a webhook only tells; it cannot be asked to do anything".to_owned()))
    }
}

impl Session for Webhook {
    fn run(&self, stop: CancellationToken) -> BoxFuture<'_, Result<(), DeviceError>> {
        Box::pin(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.watch() => {}
            }
            Ok(())
        })
    }

    fn execute(&self, _: Action) -> BoxFuture<'_, Result<Reply, DeviceError>> {
        Box::pin(std::future::ready(Self::cannot()))
    }

    fn probe(&self) -> BoxFuture<'_, Result<Probe, DeviceError>> {
        // It cannot be asked; what is known is whether it has come.
        let warning = "nothing has come from the other system yet".to_owned();
        let warnings = if self.state().has_come { Vec::new() } else { vec![warning] };
        let (identity, capabilities) = (Identity::default(), Capabilities::default());
        Box::pin(std::future::ready(Ok(Probe { identity, capabilities, drift_ms: None, warnings })))
    }

    fn people(&self) -> BoxFuture<'_, Result<Vec<TerminalPerson>, DeviceError>> {
        Box::pin(std::future::ready(Self::cannot()))
    }

    fn put_person<'a>(&'a self, _: &'a Person) -> BoxFuture<'a, Result<(), DeviceError>> {
        Box::pin(std::future::ready(Self::cannot()))
    }

    fn pushed(&self, request: PushRequest) -> BoxFuture<'_, PushAnswer> {
        Box::pin(self.take(request))
    }

    fn remove_person<'a>(&'a self, _: &'a Number) -> BoxFuture<'a, Result<(), DeviceError>> {
        Box::pin(std::future::ready(Self::cannot()))
    }
}
