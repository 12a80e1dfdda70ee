//! A device at port 4370 that is served. While it is connected, everything is asked over that one connection: such
//! devices let few in, often one.

use std::net::SocketAddr;
use std::sync::Mutex as StdMutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::Pace;
use super::book::Book;
use super::book::Place;
use super::line::Line;
use super::people;
use super::settings;
use super::work::Work;
use crate::adapters::Action;
use crate::adapters::Device;
use crate::adapters::DeviceError;
use crate::adapters::Feed;
use crate::adapters::Number;
use crate::adapters::Person;
use crate::adapters::Probe;
use crate::adapters::Reply;
use crate::adapters::Session;
use crate::adapters::TerminalPerson;

/// How many calls wait for the connection.
const MOST_CALLS: usize = 16;

/// A device and what is known of it.
pub(super) struct Standalone {
    pub(super) device: Device,
    pub(super) feed: Feed,
    pub(super) pace: Pace,
    pub(super) book: Mutex<Book>,
    pub(super) settings: settings::Standalone,
    address: SocketAddr,
    /// The key was not taken. It is not shown again.
    is_refused: AtomicBool,
    /// The way to whoever holds the connection.
    calls: StdMutex<Option<mpsc::Sender<Call>>>,
    /// Held by whoever is connected.
    turn: Mutex<()>,
}

/// Something to do over the connection that stands.
struct Call {
    job: Job,
    done: oneshot::Sender<Result<Done, DeviceError>>,
}

enum Job {
    Act(Action),
    Probe,
    People,
    Put(Person),
    Remove(Number),
}

enum Done {
    Reply(Reply),
    Probe(Box<Probe>),
    People(Vec<TerminalPerson>),
    Nothing,
}

impl Standalone {
    /// Reads the settings.
    pub(super) fn open(device: &Device, feed: Feed, pace: Pace) -> Result<Self, DeviceError> {
        let settings = settings::Standalone::read(&device.settings)?;
        let ip = device.address.ok_or_else(|| DeviceError::Settings("the device has no address".to_owned()))?;
        Ok(Self {
            address: SocketAddr::new(ip, settings.port),
            book: Mutex::new(Book::of(feed.cursor())),
            device: device.clone(),
            settings,
            feed,
            pace,
            is_refused: AtomicBool::new(false),
            calls: StdMutex::new(None),
            turn: Mutex::new(()),
        })
    }

    /// Connects. Wrong credentials are remembered and not tried again.
    pub(super) async fn connect(&self) -> Result<Line, DeviceError> {
        if self.is_refused.load(Ordering::SeqCst) {
            return Err(DeviceError::Credentials("the device did not take the communication key".to_owned()));
        }
        let settings::Standalone { transport, key, .. } = self.settings;
        let opened = Line::open(self.address, transport, key, (self.feed.clone(), self.pace)).await;
        if let Err(DeviceError::Credentials(_)) = opened {
            self.is_refused.store(true, Ordering::SeqCst);
        }
        opened
    }

    async fn serve(&self, stop: &CancellationToken) -> Result<(), DeviceError> {
        let mut work = Work::open(self).await?;
        let (tx, rx) = mpsc::channel(MOST_CALLS);
        self.set_calls(Some(tx));
        let _open = OpenForCalls(self);
        let outcome = work_until(&mut work, rx, stop).await;
        self.set_calls(None);
        work.line.leave().await;
        outcome
    }

    fn set_calls(&self, calls: Option<mpsc::Sender<Call>>) {
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner) = calls;
    }

    /// Has something done: over the connection that stands, or over one of its own.
    async fn call(&self, job: Job) -> Result<Done, DeviceError> {
        let open = self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(calls) = open {
            // A door is opened now, or not at all.
            let waits = !matches!(job, Job::Act(Action::Open { .. }));
            let (done, answer) = oneshot::channel();
            let gone = || DeviceError::Unreachable("the connection to the device broke".to_owned());
            calls.try_send(Call { job, done }).map_err(|problem| match problem {
                mpsc::error::TrySendError::Full(_) => DeviceError::Busy("too much is asked of the device".to_owned()),
                mpsc::error::TrySendError::Closed(_) => gone(),
            })?;
            let limit = if waits { self.pace.long } else { self.pace.answer };
            // Whoever does not wait any more does not want it any more: it is not begun.
            let late = || DeviceError::Busy("the device is busy; it may still do what it was asked".to_owned());
            return tokio::time::timeout(limit, answer).await.map_err(|_| late())?.map_err(|_| gone())?;
        }
        let turn = tokio::time::timeout(self.pace.answer, self.turn.lock()).await;
        let _turn = turn.map_err(|_| DeviceError::Busy("the device is being connected to".to_owned()))?;
        let mut work = Work::open(self).await?;
        let outcome = work.perform(&job).await;
        work.line.leave().await;
        outcome
    }
}

/// Takes the way to the connection back, however serving ended.
struct OpenForCalls<'a>(&'a Standalone);

impl Drop for OpenForCalls<'_> {
    fn drop(&mut self) {
        self.0.set_calls(None);
    }
}

/// Fetches what was missed, then hears, looks and does what is asked until there is no use in it.
async fn work_until(
    work: &mut Work<'_>,
    mut calls: mpsc::Receiver<Call>,
    stop: &CancellationToken,
) -> Result<(), DeviceError> {
    let begin = async {
        work.ask_time().await?;
        work.register().await?;
        work.read_log(None).await
    };
    match stop.run_until_cancelled(begin).await {
        Some(outcome) => outcome?,
        None => return Ok(()),
    };
    work.of.feed.is_live();
    let mut tick = tokio::time::interval(work.of.pace.look);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    tick.reset();
    loop {
        work.take_told().await?;
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            heard = work.line.listen() => heard?,
            _ = tick.tick() => work.look().await?,
            call = calls.recv() => if let Some(Call { job, done }) = call.filter(|call| !call.done.is_closed()) {
                let outcome = work.perform(&job).await;
                let lost = matches!(outcome, Err(DeviceError::Unreachable(_)));
                let restarts = matches!(job, Job::Act(Action::Reboot)) && outcome.is_ok();
                // Whoever asked may have gone.
                drop(done.send(outcome));
                if lost || restarts {
                    return Err(DeviceError::Unreachable("the device is starting again, or gone".to_owned()));
                }
            },
        }
    }
}

impl Work<'_> {
    async fn perform(&mut self, job: &Job) -> Result<Done, DeviceError> {
        match job {
            Job::Act(action) => self.act(action).await.map(Done::Reply),
            Job::Probe => self.probe().await.map(Box::new).map(Done::Probe),
            Job::People => people::list(&mut self.line).await.map(Done::People),
            Job::Put(person) => {
                people::put(&mut self.line, person, self.of.settings.transport).await.map(|()| Done::Nothing)
            }
            Job::Remove(number) => people::remove(&mut self.line, number).await.map(|()| Done::Nothing),
        }
    }
}

impl Session for Standalone {
    fn run(&self, stop: CancellationToken) -> BoxFuture<'_, Result<(), DeviceError>> {
        Box::pin(async move {
            let Some(_turn) = stop.run_until_cancelled(self.turn.lock()).await else { return Ok(()) };
            let kept: Option<Place> = self.feed.cursor();
            let mut book = self.book.lock().await;
            if kept.as_ref() != Some(book.place()) {
                *book = Book::of(kept);
            }
            drop(book);
            self.serve(&stop).await
        })
    }

    fn execute(&self, action: Action) -> BoxFuture<'_, Result<Reply, DeviceError>> {
        Box::pin(async move {
            match self.call(Job::Act(action)).await? {
                Done::Reply(reply) => Ok(reply),
                _ => Ok(Reply::new()),
            }
        })
    }

    fn probe(&self) -> BoxFuture<'_, Result<Probe, DeviceError>> {
        Box::pin(async move {
            match self.call(Job::Probe).await? {
                Done::Probe(probe) => Ok(*probe),
                _ => Ok(Probe::default()),
            }
        })
    }

    fn people(&self) -> BoxFuture<'_, Result<Vec<TerminalPerson>, DeviceError>> {
        Box::pin(async move {
            match self.call(Job::People).await? {
                Done::People(people) => Ok(people),
                _ => Ok(Vec::new()),
            }
        })
    }

    fn put_person<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, Result<(), DeviceError>> {
        Box::pin(async move { self.call(Job::Put(person.clone())).await.map(|_| ()) })
    }

    fn remove_person<'a>(&'a self, number: &'a Number) -> BoxFuture<'a, Result<(), DeviceError>> {
        Box::pin(async move { self.call(Job::Remove(number.clone())).await.map(|_| ()) })
    }
}
