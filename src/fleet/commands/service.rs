//! The verbs of commands: those of operators, and those of the channel to the gateways.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use nazorat_wire::Order;
use nazorat_wire::OrderError;
use nazorat_wire::frame::Outcome;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::audit::Audit;
use crate::audit::Entry;
use crate::fleet::Peer;
use crate::fleet::alerts::AlertKind;
use crate::fleet::alerts::Alerts;
use crate::fleet::commands::beside::Beside;
use crate::fleet::commands::beside::Forget;
use crate::fleet::commands::beside::list_in as list;
use crate::fleet::commands::model::Command;
use crate::fleet::commands::model::NewCommand;
use crate::fleet::commands::model::Over;
use crate::fleet::commands::model::State;
use crate::fleet::commands::model::Target;
use crate::fleet::commands::records::BODIES;
use crate::fleet::commands::records::BodyRecord;
use crate::fleet::commands::records::COMMANDS;
use crate::fleet::commands::records::CommandRecord;
use crate::fleet::commands::rules;
use crate::fleet::commands::rules::Step;
use crate::fleet::commands::rules::Tries;
use crate::kernel::Actor;
use crate::kernel::Classify;
use crate::kernel::Clock;
use crate::kernel::CommandId;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::Denied;
use crate::kernel::GatewayId;
use crate::kernel::Kind;
use crate::kernel::OrganizationId;
use crate::kernel::Page;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::every;
use crate::store::Key as _;
use crate::store::Read;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::WriteTx;
use crate::tenancy::Tenancy;

/// How often it is looked what is too late.
const LOOK: Duration = Duration::from_secs(30);

/// Whether a gateway exists and may be connected just now.
pub type Standing = Arc<dyn Fn(Peer) -> bool + Send + Sync>;

/// The most bytes that a command may bring back.
pub const MAX_BODY: usize = 256 << 10;

/// A verb of commands failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no such gateway, or it may not connect.
    #[error("gateway {0} does not exist or is not active")]
    UnknownGateway(GatewayId),
    /// There is no such command.
    #[error("command {0} does not exist")]
    Unknown(CommandId),
    /// It is too late for that.
    #[error(transparent)]
    Over(#[from] Over),
    /// It cannot be meant.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// It could live too short or too long.
    #[error("lifetime of a command must be from 10 seconds to 7 days")]
    Lifetime,
    /// It is for a device.
    #[error(
        "devices are asked through POST /api/v1/devices/{{id}}/orders, with a reason where a door is meant, and looked for \
         through POST /api/v1/gateways/{{id}}/find-devices"
    )]
    OfDevice,
    /// Every place is taken by one that was sent.
    #[error("too many commands are on their way to gateway {0}; wait until some are done")]
    Full(GatewayId),
    /// What it brought is too large.
    #[error("result has more than {MAX_BODY} bytes")]
    TooLarge,
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The cursor is of another list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for CommandError {
    fn kind(&self) -> Kind {
        match self {
            CommandError::UnknownGateway(_) | CommandError::Unknown(_) => Kind::NotFound,
            CommandError::Over(_) => Kind::Conflict,
            CommandError::Full(_) | CommandError::TooLarge => Kind::TooMany,
            CommandError::Denied(denied) => denied.kind(),
            CommandError::Order(_) | CommandError::OfDevice | CommandError::Lifetime | CommandError::Cursor(_) => {
                Kind::Invalid
            }
            CommandError::Store(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            CommandError::UnknownGateway(_) | CommandError::Unknown(_) => "not_found",
            CommandError::Over(_) => "command_over",
            CommandError::Order(_) | CommandError::OfDevice => "command_invalid",
            CommandError::Lifetime => "command_lifetime",
            CommandError::Full(_) => "too_many_commands",
            CommandError::TooLarge => "result_too_large",
            CommandError::Denied(denied) => denied.code(),
            CommandError::Cursor(_) => "invalid_cursor",
            CommandError::Store(store) => store.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            CommandError::Lifetime => Some("lifetime"),
            CommandError::Order(OrderError::Unknown(_)) | CommandError::OfDevice => Some("type"),
            CommandError::Order(_) => Some("payload"),
            _ => None,
        }
    }
}

/// The commands of all organizations. Cheap to clone.
#[derive(Clone)]
pub struct Commands {
    store: Store,
    clock: Clock,
    audit: Audit,
    alerts: Alerts,
    standing: Standing,
    changes: broadcast::Sender<Peer>,
    /// Gateways with commands that are not over.
    waiting: Arc<Mutex<HashSet<Peer>>>,
    beside: Beside,
}

impl Commands {
    /// Put together from its parts.
    pub fn new(store: Store, clock: Clock, audit: Audit, alerts: Alerts, standing: Standing) -> Self {
        let changes = broadcast::channel(256).0;
        Self { store, clock, audit, alerts, standing, changes, waiting: Arc::default(), beside: Beside::default() }
    }

    /// Whatever somebody keeps beside a command is forgotten with it.
    pub fn forget_with(&self, forget: Forget) {
        self.beside.add(forget);
    }

    /// Starts to end what is too late, also of gateways that are away.
    pub fn start(&self, tenancy: &Tenancy, life: &Lifecycle) {
        let (commands, tenancy, stop) = (self.clone(), tenancy.clone(), life.soft());
        life.spawn("commands", async move {
            if let Err(problem) = commands.learn(&tenancy).await {
                tracing::error!("commands that wait could not be read: {problem}");
            }
            every(LOOK, Nudge::default(), stop, || commands.end_all_late()).await;
            Ok::<_, Infallible>(())
        });
    }

    /// Finds out whose commands are not over.
    async fn learn(&self, tenancy: &Tenancy) -> Result<(), CommandError> {
        for organization in tenancy.list_all() {
            let store = self.store.tenant(Actor::system().tenant(organization.id)?);
            let all = store.read(|tx| tx.list(&COMMANDS)).await?;
            let open = all.into_iter().map(|(key, record)| record.into_model(key));
            let open = open.filter(|command| command.state.is_open()).map(|command| command.gateway);
            let peers = open.map(|gateway| Peer { organization: organization.id, gateway });
            self.waiting().extend(peers);
        }
        Ok(())
    }

    async fn end_all_late(&self) {
        // Whoever gets a command meanwhile is in the list again.
        let waiting = std::mem::take(&mut *self.waiting());
        for peer in waiting {
            match self.list_open(peer).await {
                Ok(open) if open.is_empty() => {}
                Ok(_) => drop(self.waiting().insert(peer)),
                Err(problem) => {
                    self.waiting().insert(peer);
                    tracing::error!("commands that are too late could not be ended: {problem}");
                }
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashSet<Peer>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks a gateway or an agent to do something.
    pub async fn create(&self, actor: &Actor, peer: Peer, new: NewCommand) -> Result<Command, CommandError> {
        actor.require(Permission::EditGateways)?;
        // Doors are asked for with a reason and live for seconds: there is one way to them, and it is not this one.
        if matches!(new.order, Order::Device(_) | Order::FindDevices { .. }) {
            return Err(CommandError::OfDevice);
        }
        self.create_for(actor, peer, new).await
    }

    /// The same for whoever has found out that the actor may: what devices do is decided by `devices`.
    pub async fn create_for(&self, actor: &Actor, peer: Peer, new: NewCommand) -> Result<Command, CommandError> {
        let tenant = self.known(actor, peer)?;
        if !NewCommand::LIFETIMES.contains(&new.lifetime) {
            return Err(CommandError::Lifetime);
        }
        let now = self.clock.now();
        let command = Command {
            id: CommandId::random(),
            gateway: peer.gateway,
            target: new.target,
            kind: new.order.kind().to_owned(),
            payload: new.order.payload(),
            by: actor.name().to_owned(),
            created_at: now,
            expires_at: now.checked_add(new.lifetime).unwrap_or(Timestamp::MAX),
            attempts: 0,
            state: State::Pending,
            changed_at: now,
            checksum: None,
            has_body: false,
        };
        let (made, beside) = (command.clone(), self.beside.clone());
        let made = self
            .store
            .tenant(tenant)
            .write(move |tx| {
                let all = list(tx, made.gateway)?;
                if let Some(oldest) = rules::overflow(&all).ok_or(CommandError::Full(made.gateway))? {
                    put(tx, &get(tx, made.gateway, oldest)?.expired(now)?)?;
                    count(&State::Expired);
                }
                for id in rules::forgotten(&all) {
                    beside.forget(tx, (made.gateway, id))?;
                }
                put(tx, &made)?;
                Ok::<_, CommandError>(made)
            })
            .await?;
        self.waiting().insert(peer);
        self.changed(peer);
        let mut entry = Entry::new("command.create").of(peer.organization).on("command", made.id);
        entry = entry.with("gateway", peer.gateway.to_string()).with("type", made.kind.as_str());
        if let Target::Agent(number) = made.target {
            entry = entry.with("agent", number);
        }
        self.audit.record(actor, entry).await;
        Ok(made)
    }

    /// Takes a command back that was not sent yet.
    pub async fn cancel(&self, actor: &Actor, peer: Peer, id: CommandId) -> Result<Command, CommandError> {
        actor.require(Permission::EditGateways)?;
        actor.tenant(peer.organization)?;
        let cancelled = self.turn(peer, id, Command::cancelled).await?;
        let entry = Entry::new("command.cancel").of(peer.organization).on("command", id);
        let entry = entry.with("gateway", peer.gateway.to_string()).with("type", cancelled.kind.as_str());
        self.audit.record(actor, entry).await;
        Ok(cancelled)
    }

    /// The commands of a gateway, newest first.
    pub async fn list(&self, actor: &Actor, peer: Peer, page: PageRequest) -> Result<Page<Command>, CommandError> {
        actor.require(Permission::ReadGateways)?;
        let before = match &page.after {
            Some(cursor) => Some(CommandId::decode(&mut cursor.as_bytes()).ok_or(CursorError)?),
            None => None,
        };
        let (gateway, limit) = (peer.gateway, page.limit);
        let store = self.store.tenant(actor.tenant(peer.organization)?);
        let mut items = store.read(move |tx| list(tx, gateway)).await?;
        items.reverse();
        items.retain(|command| before.is_none_or(|before| command.id < before));
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| Cursor::new(last.id.bytes()));
        Ok(Page { items, next })
    }

    /// One command.
    pub async fn get(&self, actor: &Actor, peer: Peer, id: CommandId) -> Result<Command, CommandError> {
        actor.require(Permission::ReadGateways)?;
        let store = self.store.tenant(actor.tenant(peer.organization)?);
        store.read(move |tx| get(tx, peer.gateway, id)).await
    }

    /// What a command brought back, while it is kept. It may hold lines of a log, so it is for those who may ask.
    pub async fn body(&self, actor: &Actor, peer: Peer, id: CommandId) -> Result<Option<Value>, CommandError> {
        actor.require(Permission::EditGateways)?;
        let store = self.store.tenant(actor.tenant(peer.organization)?);
        let found = store.read(move |tx| tx.find(&BODIES, &(peer.gateway, id))).await?;
        Ok(found.map(|record| record.body))
    }

    /// Told whose commands have changed. Whoever missed some looks at its own.
    pub fn changes(&self) -> broadcast::Receiver<Peer> {
        self.changes.subscribe()
    }

    /// What is to be sent to a gateway or waits for its answer, oldest first. What is too late is ended first.
    pub async fn list_open(&self, peer: Peer) -> Result<Vec<Command>, CommandError> {
        self.end_late(peer).await?;
        let tenant = Actor::system().tenant(peer.organization)?;
        let mut all = self.store.tenant(tenant).read(move |tx| list(tx, peer.gateway)).await?;
        all.retain(|command| command.state.is_open());
        Ok(all)
    }

    /// All commands of a kind to a gateway that are remembered, oldest first. What is too late is ended first.
    pub async fn of_kind(&self, peer: Peer, kind: &'static str) -> Result<Vec<Command>, CommandError> {
        self.end_late(peer).await?;
        let tenant = Actor::system().tenant(peer.organization)?;
        let mut all = self.store.tenant(tenant).read(move |tx| list(tx, peer.gateway)).await?;
        all.retain(|command| command.kind == kind);
        Ok(all)
    }

    /// It goes out now. Durable before it does, so that nothing is sent that nobody remembers.
    pub async fn sent(&self, peer: Peer, id: CommandId) -> Result<Command, CommandError> {
        let now = self.clock.now();
        self.turn_quietly(peer, id, move |command| {
            if command.state != State::Acked && now >= command.expires_at {
                return Err(Over("expired"));
            }
            command.sent(now)
        })
        .await
    }

    /// It has come.
    pub async fn acked(&self, peer: Peer, id: CommandId, checksum: Option<String>) -> Result<Command, CommandError> {
        let now = self.clock.now();
        self.turn_quietly(peer, id, move |command| command.acked(checksum, now)).await
    }

    /// It was sent often enough, or no result came.
    pub async fn gave_up(&self, peer: Peer, id: CommandId) -> Result<Command, CommandError> {
        self.turn(peer, id, Command::gave_up).await
    }

    /// The gateway says how it ended, and what it brought.
    pub async fn ended(&self, peer: Peer, mut outcome: Outcome) -> Result<Command, CommandError> {
        outcome.tidy();
        let id = CommandId::new(outcome.id);
        let body = outcome.body.take().filter(|body| !body.is_null());
        if body.as_ref().is_some_and(|body| body.to_string().len() > MAX_BODY) {
            return Err(CommandError::TooLarge);
        }
        let now = self.clock.now();
        let tenant = Actor::system().tenant(peer.organization)?;
        let ended = self
            .store
            .tenant(tenant)
            .write(move |tx| {
                let mut ended = get(tx, peer.gateway, id)?.ended(&outcome, now)?;
                if let Some(body) = body {
                    ended.has_body = true;
                    tx.put(&BODIES, &(peer.gateway, id), &BodyRecord { body })?;
                }
                put(tx, &ended)?;
                for id in rules::emptied(&list(tx, peer.gateway)?) {
                    tx.remove(&BODIES, &(peer.gateway, id))?;
                    put(tx, &Command { has_body: false, ..get(tx, peer.gateway, id)? })?;
                }
                Ok::<_, CommandError>(ended)
            })
            .await?;
        self.over(peer, &ended).await;
        Ok(ended)
    }

    /// Ends what is too late of a gateway, whether it is connected or not.
    pub async fn end_late(&self, peer: Peer) -> Result<(), CommandError> {
        let now = self.clock.now();
        let tenant = Actor::system().tenant(peer.organization)?;
        let found = self.store.tenant(tenant).read(move |tx| list(tx, peer.gateway)).await?;
        // Whoever is connected counts tries; here only time counts.
        let waited = Tries { count: 1, last: Some(now) };
        let late = |command: &Command| matches!(rules::step(command, waited, now), Step::Expire | Step::GiveUp);
        for command in found.into_iter().filter(late) {
            let ended = match command.state {
                State::Acked => self.gave_up(peer, command.id).await,
                _ => self.turn(peer, command.id, Command::expired).await,
            };
            match ended {
                // Somebody else was faster.
                Ok(_) | Err(CommandError::Over(_) | CommandError::Unknown(_)) => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(())
    }

    /// Forgets the commands to gateways of an organization that are not there any more.
    pub async fn forget_others(&self, organization: OrganizationId, there: Vec<GatewayId>) -> Result<(), CommandError> {
        let store = self.store.tenant(Actor::system().tenant(organization)?);
        let gone = store.read(move |tx| {
            let all = tx.list(&COMMANDS)?.into_iter().map(|(key, _)| key);
            Ok::<_, StoreError>(all.filter(|(gateway, _)| !there.contains(gateway)).collect::<Vec<_>>())
        });
        let gone = gone.await?;
        if gone.is_empty() {
            return Ok(());
        }
        let beside = self.beside.clone();
        let removed = store.write(move |tx| gone.into_iter().try_for_each(|key| beside.forget(tx, key)));
        Ok(removed.await?)
    }

    /// Whether a gateway exists and may be connected just now.
    pub fn may_connect(&self, peer: Peer) -> bool {
        (self.standing)(peer)
    }

    fn known(&self, actor: &Actor, peer: Peer) -> Result<Tenant, CommandError> {
        let tenant = actor.tenant(peer.organization)?;
        match self.may_connect(peer) {
            true => Ok(tenant),
            false => Err(CommandError::UnknownGateway(peer.gateway)),
        }
    }

    /// A change that others should hear of.
    async fn turn(
        &self,
        peer: Peer,
        id: CommandId,
        turn: fn(Command, Timestamp) -> Result<Command, Over>,
    ) -> Result<Command, CommandError> {
        let now = self.clock.now();
        let turned = self.turn_quietly(peer, id, move |command| turn(command, now)).await?;
        self.over(peer, &turned).await;
        Ok(turned)
    }

    async fn turn_quietly(
        &self,
        peer: Peer,
        id: CommandId,
        turn: impl FnOnce(Command) -> Result<Command, Over> + Send + 'static,
    ) -> Result<Command, CommandError> {
        let tenant = Actor::system().tenant(peer.organization)?;
        let store = self.store.tenant(tenant);
        store
            .write(move |tx| {
                let turned = turn(get(tx, peer.gateway, id)?)?;
                put(tx, &turned)?;
                Ok(turned)
            })
            .await
    }

    /// A command came to an end.
    async fn over(&self, peer: Peer, command: &Command) {
        self.changed(peer);
        count(&command.state);
        if let State::Failed { code, .. } = &command.state {
            tracing::warn!(command.id = %command.id, "command {} failed: {code}", command.kind);
            self.alert(peer, command).await;
        }
        let mut entry = Entry::new("command.end").of(peer.organization).on("command", command.id);
        entry = entry.with("gateway", peer.gateway.to_string());
        entry = entry.with("type", command.kind.as_str()).with("state", command.state.name());
        self.audit.record(&peer.actor(), entry).await;
    }

    async fn alert(&self, peer: Peer, command: &Command) {
        let State::Failed { code, .. } = &command.state else { return };
        let facts = [
            ("command".to_owned(), command.id.to_string().into()),
            ("type".to_owned(), command.kind.as_str().into()),
            ("code".to_owned(), code.as_str().into()),
        ];
        self.alerts.raise(peer.organization, AlertKind::CommandFailed, peer.gateway, facts.into()).await;
    }

    fn changed(&self, peer: Peer) {
        // Nobody may listen just now.
        drop(self.changes.send(peer));
    }
}

fn count(state: &State) {
    metrics::counter!("nazorat_command_results_total", "status" => state.name()).increment(1);
}

fn get(tx: &impl Read, gateway: GatewayId, id: CommandId) -> Result<Command, CommandError> {
    let key = (gateway, id);
    Ok(tx.find(&COMMANDS, &key)?.ok_or(CommandError::Unknown(id))?.into_model(key))
}

fn put(tx: &WriteTx<'_>, command: &Command) -> Result<(), StoreError> {
    tx.put(&COMMANDS, &(command.gateway, command.id), &CommandRecord::from(command))
}
