//! The control channel as a whole: who is connected, who may come, what is polled.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use nazorat_wire::frame;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::bucket::Bucket;
use crate::fleet::Fleet;
use crate::fleet::Peer;
use crate::fleet::commands::Command;
use crate::fleet::commands::CommandError;
use crate::fleet::commands::Commands;
use crate::fleet::commands::Step;
use crate::fleet::commands::Target;
use crate::fleet::commands::Tries;
use crate::fleet::commands::step;
use crate::fleet::presence::Presence;
use crate::ingest::Refusal;
use crate::kernel::Clock;
use crate::kernel::CommandId;
use crate::kernel::Timestamp;
use crate::kernel::random_bytes;
use crate::runtime::Lifecycle;

/// Requests of one gateway to the routes of commands.
const POLLS_PER_SECOND: u32 = 2;
const POLLS_BURST: u32 = 80;
/// Gateways of whose polls is known; more than any appliance has.
const MOST_POLLED: usize = 10_000;

/// Times and limits of the channel.
#[derive(Debug, Clone, Copy)]
pub struct ChannelConfig {
    /// How often the other side is asked whether it is there.
    pub ping: Duration,
    /// A connection on which nothing comes for so long is dead.
    pub silent: Duration,
    /// Connections at once.
    pub sockets: usize,
    /// New connections in a second, when many come at once.
    pub per_second: u32,
    /// New connections at once after a quiet time.
    pub burst: u32,
}

impl Default for ChannelConfig {
    fn default() -> Self {
        Self {
            ping: Duration::from_secs(15),
            silent: Duration::from_secs(45),
            sockets: 2_500,
            per_second: 40,
            burst: 80,
        }
    }
}

/// The control channel. Cheap to clone.
#[derive(Clone)]
pub struct Channel(Arc<Inner>);

struct Inner {
    fleet: Fleet,
    commands: Commands,
    presence: Presence,
    clock: Clock,
    life: Lifecycle,
    config: ChannelConfig,
    places: Arc<Semaphore>,
    door: Mutex<Bucket>,
    live: Mutex<HashMap<Peer, (u64, CancellationToken)>>,
    numbers: AtomicU64,
    polled: Mutex<HashMap<Peer, Polled>>,
}

struct Polled {
    bucket: Bucket,
    tries: HashMap<CommandId, Tries>,
}

/// A connection in the list of those that live; it leaves the list when it is dropped.
pub(super) struct Entered {
    channel: Channel,
    peer: Peer,
    number: u64,
    /// Cancelled when the gateway has connected anew.
    pub(super) replaced: CancellationToken,
}

impl Channel {
    /// Put together from its parts.
    pub fn new(
        fleet: Fleet,
        (commands, presence): (Commands, Presence),
        clock: Clock,
        life: Lifecycle,
        config: ChannelConfig,
    ) -> Self {
        Self(Arc::new(Inner {
            fleet,
            commands,
            presence,
            clock,
            life,
            config,
            places: Arc::new(Semaphore::new(config.sockets)),
            door: Mutex::new(Bucket::new(config.per_second, config.burst, Instant::now())),
            live: Mutex::default(),
            numbers: AtomicU64::new(0),
            polled: Mutex::default(),
        }))
    }

    pub(super) fn fleet(&self) -> &Fleet {
        &self.0.fleet
    }

    pub(super) fn commands(&self) -> &Commands {
        &self.0.commands
    }

    pub(super) fn presence(&self) -> &Presence {
        &self.0.presence
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(super) fn life(&self) -> &Lifecycle {
        &self.0.life
    }

    pub(super) fn config(&self) -> ChannelConfig {
        self.0.config
    }

    /// A place for one more connection, or when to come again. Whoever is sent away is told another moment than the
    /// next one, so that they do not all come back together.
    pub(super) fn admit(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let shed = |wait: Duration| {
            metrics::counter!("nazorat_control_shed_total").increment(1);
            let wait = wait + Duration::from_secs(1 + u64::from(random_bytes::<1>()[0]) % 15);
            Refusal::unavailable("too_many_at_once", "too many gateways connect at once; come again after Retry-After")
                .retry_after(wait)
        };
        lock(&self.0.door).take(1.0, Instant::now()).map_err(shed)?;
        Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| shed(Duration::from_secs(30)))
    }

    /// From now on this is the connection of the gateway; an older one ends.
    pub(super) fn enter(&self, peer: Peer) -> Entered {
        let number = self.0.numbers.fetch_add(1, Ordering::Relaxed);
        let replaced = CancellationToken::new();
        let older = lock(&self.0.live).insert(peer, (number, replaced.clone()));
        if let Some((_, older)) = older {
            older.cancel();
        }
        metrics::gauge!("nazorat_control_connections").increment(1.0);
        Entered { channel: self.clone(), peer, number, replaced }
    }

    /// Lets a request of a gateway pass, or tells it to slow down.
    pub(super) fn slow_down(&self, peer: Peer) -> Result<(), Refusal> {
        self.with_polled(peer, |polled| polled.bucket.take(1.0, Instant::now())).map_err(|wait| {
            Refusal::new(http::StatusCode::TOO_MANY_REQUESTS, "too_often", "ask less often").retry_after(wait)
        })
    }

    /// What a gateway that polls is to do now.
    pub(super) async fn poll(&self, peer: Peer) -> Result<Vec<frame::Command>, CommandError> {
        let mut tries = self.with_polled(peer, |polled| std::mem::take(&mut polled.tries));
        let sent = self.due(peer, &mut tries).await.map(|due| due.commands);
        self.with_polled(peer, |polled| polled.tries = tries);
        sent
    }

    fn with_polled<T>(&self, peer: Peer, work: impl FnOnce(&mut Polled) -> T) -> T {
        let mut all = lock(&self.0.polled);
        if all.len() >= MOST_POLLED && !all.contains_key(&peer) {
            all.clear();
        }
        let polled = all.entry(peer).or_insert_with(|| Polled {
            bucket: Bucket::new(POLLS_PER_SECOND, POLLS_BURST, Instant::now()),
            tries: HashMap::new(),
        });
        work(polled)
    }

    /// What goes out to a gateway now, and when to look again.
    pub(super) async fn due(&self, peer: Peer, tries: &mut HashMap<CommandId, Tries>) -> Result<Due, CommandError> {
        let open = self.0.commands.list_open(peer).await?;
        retain(tries, &open);
        let (mut commands, mut next) = (Vec::new(), None::<Timestamp>);
        for command in open {
            let now = self.now();
            let tried = tries.get(&command.id).copied().unwrap_or_default();
            let outcome = match step(&command, tried, now) {
                Step::Send => {
                    let sent = self.0.commands.sent(peer, command.id).await;
                    let tried = tried.more(now);
                    tries.insert(command.id, tried);
                    sent.map(|sent| {
                        if let Step::Wait(until) = step(&sent, tried, now) {
                            next = Some(next.map_or(until, |next| next.min(until)));
                        }
                        commands.push(framed(sent));
                    })
                }
                Step::Wait(until) => {
                    next = Some(next.map_or(until, |next| next.min(until)));
                    Ok(())
                }
                Step::GiveUp => self.0.commands.gave_up(peer, command.id).await.map(drop),
                Step::Expire => self.0.commands.end_late(peer).await,
                Step::Over => Ok(()),
            };
            match outcome {
                // Somebody else was faster: an answer, or its time.
                Ok(()) | Err(CommandError::Over(_) | CommandError::Unknown(_)) => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(Due { commands, next })
    }
}

/// What goes out, and when to look again.
pub(super) struct Due {
    pub(super) commands: Vec<frame::Command>,
    pub(super) next: Option<Timestamp>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        metrics::gauge!("nazorat_control_connections").decrement(1.0);
        let mut live = lock(&self.channel.0.live);
        if live.get(&self.peer).is_some_and(|(number, _)| *number == self.number) {
            live.remove(&self.peer);
            drop(live);
            self.channel.0.presence.gone(self.peer);
        }
    }
}

fn framed(command: Command) -> frame::Command {
    frame::Command {
        id: command.id.get(),
        kind: command.kind,
        payload: command.payload,
        agent: match command.target {
            Target::Gateway => None,
            Target::Agent(number) => Some(number),
        },
        expires_at: command.expires_at,
        attempt: command.attempts,
    }
}

fn retain<V>(tries: &mut HashMap<CommandId, V>, open: &[Command]) {
    tries.retain(|id, _| open.iter().any(|command| command.id == *id));
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
