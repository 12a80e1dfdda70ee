//! Any device that somebody writes a program for: kind `process`, in whatever language.
//!
//! ```text
//! Process::run --> child (own group, limits) --stdout, JSON lines--> Feed::deliver --> "ack" --stdin--> child
//!   execute, people ... --stdin, by a number--> child --"result"--> answer
//! ```
//! Owns the programs while they run: how they are started, limited, spoken to (`protocol`), watched and ended (`child`).
//! It must never run anything but a file of the folder that the gateway's own configuration names, never hand it anything
//! but by its standard input, never say that an event is kept before it is, and never leave a program behind.
//!
//! ## Design notes
//! - The limits protect the gateway from defects of a program, not from malice: it runs under the gateway's account.
//! - A flood is slowed down, not punished: nothing is read from a program that has said too much until its time has come,
//!   so that it waits at its own pipe. What is told is bounded by what is not durable yet.
//! - The kernel would end a child with its parent (`PR_SET_PDEATHSIG`), but asking for it takes unsafe code between fork
//!   and exec. A program ends when its standard input does; service managers end all of a unit.

mod child;
mod lines;
mod protocol;
mod run;
mod settings;
mod talk;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Map;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use self::protocol::Answer;
use self::protocol::Hello;
pub use self::settings::Programs;
use self::settings::Settings;
use super::Action;
use super::Adapter;
use super::Device;
use super::DeviceError;
use super::Feed;
use super::Kind;
use super::Number;
use super::Person;
use super::Probe;
use super::Reply;
use super::Session;
use super::SettingError;
use super::TerminalPerson;

/// How long things may take. Tests are less patient.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Until a program has said its first words.
    pub hello: Duration,
    /// How long it may be silent.
    pub silence: Duration,
    /// How often it is asked to say that it is there.
    pub heartbeat: Duration,
    /// Until it has taken a line.
    pub write: Duration,
    /// Until something is done; a door that has not answered by then will not.
    pub answer: Duration,
    /// Until lists of people and logs are read.
    pub long: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let secs = Duration::from_secs;
        Self {
            hello: secs(10),
            silence: secs(90),
            heartbeat: secs(30),
            write: secs(10),
            answer: secs(10),
            long: secs(100),
        }
    }
}

/// The adapter. Without a folder it runs nothing, and says so.
pub fn adapter(programs: Option<Programs>) -> Arc<dyn Adapter> {
    with_pace(programs, Pace::default())
}

/// The same for those who are in a hurry.
pub fn with_pace(programs: Option<Programs>, pace: Pace) -> Arc<dyn Adapter> {
    Arc::new(Processes { programs, pace })
}

struct Processes {
    programs: Option<Programs>,
    pace: Pace,
}

impl Adapter for Processes {
    fn kind(&self) -> Kind {
        let schema = settings::schema();
        Kind { word: "process", vendor: "Program", version: "1.0", has_address: false, obeys: true, schema }
    }

    fn check(&self, settings: &Map<String, Value>) -> Vec<SettingError> {
        Settings::read(settings).err().into_iter().collect()
    }

    fn open(&self, device: &Device, feed: Feed) -> Result<Box<dyn Session>, DeviceError> {
        let Some(programs) = self.programs.clone() else {
            let told = "this gateway runs no programs; name their folder in its configuration, as [gateway] adapters";
            return Err(DeviceError::Settings(told.to_owned()));
        };
        let settings = Settings::read(&device.settings).map_err(|wrong| DeviceError::Settings(wrong.to_string()))?;
        let (device, line) = (device.clone(), Mutex::new(None));
        Ok(Box::new(Process { device, settings, programs, feed, pace: self.pace, line }))
    }
}

/// A device and its program.
struct Process {
    device: Device,
    settings: Settings,
    programs: Programs,
    feed: Feed,
    pace: Pace,
    /// The way to the program while it runs.
    line: Mutex<Option<Line>>,
}

/// The way to a running program.
#[derive(Clone)]
struct Line {
    asks: mpsc::Sender<Ask>,
    about: Arc<Hello>,
}

/// Something that a program is asked; its number is given when it is sent.
struct Ask {
    message: Value,
    done: oneshot::Sender<Answer>,
}

impl Process {
    fn line(&self) -> MutexGuard<'_, Option<Line>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> Result<Line, DeviceError> {
        self.line().clone().ok_or_else(|| DeviceError::Unreachable("the program does not run just now".to_owned()))
    }

    /// Asks the program, and waits for what came of it.
    async fn ask(&self, line: &Line, message: Value, limit: Duration) -> Result<Answer, DeviceError> {
        let (done, answer) = oneshot::channel();
        let busy = |_| DeviceError::Busy("the program has too much to do already".to_owned());
        line.asks.try_send(Ask { message, done }).map_err(busy)?;
        let answer = match tokio::time::timeout(limit, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => {
                let told = "the program ended before it answered; whether it was done is not known";
                return Err(DeviceError::Unreachable(told.to_owned()));
            }
            Err(_) => {
                let secs = limit.as_secs_f32();
                let told = format!("the program did not answer within {secs} s; whether it was done is not known");
                return Err(DeviceError::Unreachable(told));
            }
        };
        match &answer.error {
            Some(problem) => Err(problem.to_error()),
            None => Ok(answer),
        }
    }

    async fn act(&self, action: Action) -> Result<Reply, DeviceError> {
        let line = self.running()?;
        let can = &line.about.capabilities;
        let is_able = match action {
            Action::Open { door } => (1..=can.doors).contains(&door),
            Action::Close { door } | Action::HoldOpen { door } | Action::Lock { door } => {
                can.hold && (1..=can.doors).contains(&door)
            }
            Action::Reboot => can.reboot,
            Action::SetClock => can.set_clock,
            Action::ReadLog { .. } => true,
        };
        if !is_able {
            return Err(DeviceError::Unsupported("the program says that this device cannot do this".to_owned()));
        }
        let limit = if matches!(action, Action::ReadLog { .. }) { self.pace.long } else { self.pace.answer };
        Ok(self.ask(&line, protocol::execute(action, self.feed.now()), limit).await?.reply)
    }

    async fn look(&self) -> Result<Probe, DeviceError> {
        let line = self.running()?;
        let answer = self.ask(&line, serde_json::json!({ "type": "probe" }), self.pace.answer).await?;
        Ok(Probe {
            identity: line.about.identity(),
            capabilities: line.about.capabilities.clone(),
            drift_ms: answer.drift_ms,
            warnings: answer.warnings,
        })
    }

    /// The line to a program whose device keeps people.
    fn keeper(&self) -> Result<Line, DeviceError> {
        let line = self.running()?;
        match line.about.capabilities.people {
            true => Ok(line),
            false => Err(DeviceError::Unsupported("the program says that this device keeps no people".to_owned())),
        }
    }

    async fn list(&self) -> Result<Vec<TerminalPerson>, DeviceError> {
        let answer = self.ask(&self.keeper()?, serde_json::json!({ "type": "people" }), self.pace.long).await?;
        let none = || DeviceError::Nonsense("the program answered without a list of people".to_owned());
        Ok(answer.people.ok_or_else(none)?.into_iter().map(TerminalPerson::from).collect())
    }
}

impl Session for Process {
    fn run(&self, stop: CancellationToken) -> BoxFuture<'_, Result<(), DeviceError>> {
        Box::pin(self.serve(stop))
    }

    fn execute(&self, action: Action) -> BoxFuture<'_, Result<Reply, DeviceError>> {
        Box::pin(self.act(action))
    }

    fn probe(&self) -> BoxFuture<'_, Result<Probe, DeviceError>> {
        Box::pin(self.look())
    }

    fn people(&self) -> BoxFuture<'_, Result<Vec<TerminalPerson>, DeviceError>> {
        Box::pin(self.list())
    }

    fn put_person<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, Result<(), DeviceError>> {
        Box::pin(
            async move { self.ask(&self.keeper()?, protocol::put_person(person), self.pace.answer).await.map(drop) },
        )
    }

    fn remove_person<'a>(&'a self, number: &'a Number) -> BoxFuture<'a, Result<(), DeviceError>> {
        let message = serde_json::json!({ "type": "remove_person", "number": number.as_str() });
        Box::pin(async move { self.ask(&self.keeper()?, message, self.pace.answer).await.map(drop) })
    }
}
