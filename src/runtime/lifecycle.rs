//! Two-stage stop. The soft token asks every task to finish what it holds; the hard token cuts. A task that ends by
//! itself with an error stops the process: no half-alive appliance.

use std::future::Future;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::error;
use tracing::info;
use tracing::warn;

/// Owner of all tasks of the process.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tracker: TaskTracker,
    failed: Arc<Mutex<Option<String>>>,
    again: Arc<AtomicBool>,
}

/// The signals that ask the process to stop. From their installation on none is lost, also not during the start.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes them over from the system, which would end the process at once.
    pub fn install() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the first of them; for commands that have nothing to drain.
    pub async fn either(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// How the process came to its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Asked to stop, and everything finished in time.
    Clean,
    /// A task failed; its name and error.
    Failed(String),
    /// Tasks had to be cut off.
    Cut,
}

impl Lifecycle {
    /// How long tasks may take to finish after the first signal.
    pub const LIMIT: Duration = Duration::from_secs(9);

    /// Nothing runs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when tasks should finish.
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when tasks must end at once.
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Starts a tracked task. It should end soon after the soft token is cancelled, and is dropped at the hard one.
    #[expect(clippy::disallowed_methods, reason = "this is the one door to spawning")]
    pub fn spawn<E: std::fmt::Display + Send + 'static>(
        &self,
        name: &'static str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        let life = self.clone();
        let guarded = async move {
            let outcome = tokio::select! {
                outcome = tokio::spawn(task) => outcome,
                () = life.hard.cancelled() => return,
            };
            let problem = match outcome {
                Ok(Ok(())) => return,
                Ok(Err(problem)) => problem.to_string(),
                Err(panic) => panic.to_string(),
            };
            error!(task.name = name, "task {name} failed: {problem}");
            life.fail(format!("{name}: {problem}"));
        };
        self.tracker.spawn(guarded);
    }

    /// Stops the process because something that it cannot do without has failed.
    pub fn fail(&self, problem: String) {
        if let Ok(mut failed) = self.failed.lock() {
            failed.get_or_insert(problem);
        }
        self.soft.cancel();
    }

    /// Asks everything to stop.
    pub fn stop(&self) {
        self.soft.cancel();
    }

    /// Asks everything to stop because the process starts itself again. To whoever watches it, it goes on.
    pub fn start_again(&self) {
        self.again.store(true, Ordering::SeqCst);
        self.soft.cancel();
    }

    /// Whether the process starts itself again when all has stopped.
    pub fn starts_again(&self) -> bool {
        self.again.load(Ordering::SeqCst)
    }

    /// Waits for SIGTERM or SIGINT (or for a failure), then drains. A second signal cuts at once.
    pub async fn run(self, signals: Signals) -> Stopped {
        let Signals { mut terminate, mut interrupt } = signals;
        tokio::select! {
            _ = terminate.recv() => info!("stopping on SIGTERM"),
            _ = interrupt.recv() => info!("stopping on SIGINT"),
            () = self.soft.cancelled() => {}
        }
        self.soft.cancel();
        self.tracker.close();
        let cut = tokio::select! {
            () = self.tracker.wait() => false,
            () = tokio::time::sleep(Self::LIMIT) => true,
            _ = terminate.recv() => true,
            _ = interrupt.recv() => true,
        };
        if cut {
            warn!("tasks did not finish within {} s and are cut off", Self::LIMIT.as_secs());
            self.hard.cancel();
        }
        let failed = self.failed.lock().ok().and_then(|mut failed| failed.take());
        match failed {
            Some(problem) => Stopped::Failed(problem),
            None if cut => Stopped::Cut,
            None => Stopped::Clean,
        }
    }
}
