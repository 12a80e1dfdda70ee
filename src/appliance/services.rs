//! Everything that is built once and shared: constructed here, in order, and nowhere else.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::middleware::from_fn_with_state;
use nazorat_timeseries::Hub;
use nazorat_timeseries::Probe;

use super::Config;
use super::Started;
use super::disk;
use super::pki::Pki;
use super::policies::InForce;
use super::removal;
use super::statuses;
use crate::audit::Audit;
use crate::credentials;
use crate::credentials::Credentials;
use crate::devices::Devices;
use crate::devices::watch;
use crate::doors;
use crate::doors::EntryLog;
use crate::doors::Pictures;
use crate::fleet::Fleet;
use crate::fleet::alerts::Alerts;
use crate::fleet::commands::Commands;
use crate::fleet::commands::Standing;
use crate::fleet::presence::History;
use crate::fleet::presence::Presence;
use crate::fleet::presence::PresenceConfig;
use crate::identity;
use crate::identity::Identity;
use crate::ingest;
use crate::ingest::Channel;
use crate::ingest::ChannelConfig;
use crate::ingest::Darkroom;
use crate::ingest::Doors;
use crate::ingest::Entry;
use crate::ingest::GatewayDoors;
use crate::ingest::activitywatch;
use crate::ingest::activitywatch::ActivityWatch;
use crate::intake;
use crate::intake::Applier;
use crate::intake::Intake;
use crate::intake::TimeWindow;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::SecretText;
use crate::monitoring::Monitoring;
use crate::monitoring::Sources;
use crate::notices;
use crate::notices::Notices;
use crate::people::People;
use crate::policy::Policy;
use crate::policy::collection::Policies;
use crate::policy::distribution::Distribution;
use crate::retention::Retention;
use crate::runtime::Lifecycle;
use crate::runtime::blocking;
use crate::runtime::machine;
use crate::runtime::telemetry::Telemetry;
use crate::store::DataFolder;
use crate::store::FileStore;
use crate::store::MasterKey;
use crate::store::Store;
use crate::store::write_durably;
use crate::tenancy::Tenancy;
use crate::web;
use crate::web::About;
use crate::web::App;
use crate::web::Opened;
use crate::web::api;
use crate::web::health;
use crate::web::health::Health;
use crate::web::setup;
use crate::web::setup::Setup;

/// The most that may wait between acknowledgement and partition.
const SPOOL_BYTES: u64 = 16 << 30;

/// How long people stay signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without a click.
    pub idle: Duration,
    /// In any case.
    pub absolute: Duration,
}

/// What the orders of the machine's owner need: the tenant store and the domains on it. Cheap to clone.
#[derive(Clone)]
pub(super) struct Core {
    pub(super) clock: Clock,
    pub(super) folder: PathBuf,
    pub(super) store: Store,
    pub(super) audit: Audit,
    pub(super) tenancy: Tenancy,
    pub(super) identity: Identity,
    pub(super) fleet: Fleet,
    pub(super) alerts: Alerts,
    pub(super) commands: Commands,
    pub(super) presence: Presence,
    pub(super) devices: Devices,
    pub(super) people: People,
    pub(super) files: FileStore,
    pub(super) credentials: Credentials,
    pub(super) pki: Pki,
    pub(super) setup: Setup,
}

impl Core {
    /// Opens the tenant store and builds the domains on it. Blocks.
    pub(super) fn open(config: &Config, folder: &DataFolder) -> anyhow::Result<Self> {
        let clock = Clock::system();
        // The master key first: in a new folder it must exist before anything can be sealed with it, and in a used
        // one its loss must be noticed before anything is written.
        let master = MasterKey::open(folder)?;
        let store = Store::open(folder)?;
        let audit = Audit::new(folder.path(), store.clone(), clock.clone());
        let tenancy = Tenancy::open(store.clone(), clock.clone(), audit.clone())?;
        let people = People::new(store.clone(), clock.clone());
        let files = FileStore::open(&config.files, folder, master.clone())?;
        let credentials = Credentials::new(credentials::Sources {
            store: store.clone(),
            files: files.clone(),
            people: people.clone(),
            tenancy: tenancy.clone(),
            audit: audit.clone(),
            clock: clock.clone(),
        });
        let sessions =
            identity::Config { session_lifetime: config.sessions.absolute, session_idle: config.sessions.idle };
        let identity = Identity::open(store.clone(), clock.clone(), audit.clone(), tenancy.clone(), sessions)?;
        let pki = Pki::open(folder.path(), clock.now())?;
        let fleet = Fleet::open(store.clone(), clock.clone(), audit.clone(), tenancy.clone(), Arc::new(pki.clone()))?;
        let alerts = Alerts::new(store.clone(), clock.clone(), audit.clone());
        let (known, mine) = (fleet.clone(), alerts.clone());
        let standing: Standing = Arc::new(move |peer| known.standing(peer));
        let commands = Commands::new(store.clone(), clock.clone(), audit.clone(), mine.clone(), standing.clone());
        let presence =
            Presence::open(store.clone(), clock.clone(), tenancy.clone(), (mine, standing), PresenceConfig::default())?;
        let devices = Devices::new(
            (store.clone(), master.clone()),
            (clock.clone(), audit.clone()),
            tenancy.clone(),
            (fleet.clone(), presence.clone(), commands.clone()),
            (people.clone(), credentials.clone()),
        );
        let setup = match identity.needs_first_run() {
            true => Setup::waiting(&setup_token(folder.path())?, config.become_gateway.clone()),
            false => Setup::finished(),
        };
        let folder = folder.path().to_owned();
        Ok(Self {
            clock,
            folder,
            store,
            audit,
            tenancy,
            identity,
            fleet,
            alerts,
            commands,
            presence,
            devices,
            people,
            files,
            credentials,
            pki,
            setup,
        })
    }

    /// The token of the first run, while that is still to come.
    pub(super) fn setup_token(&self) -> anyhow::Result<Option<SecretText>> {
        if self.setup.is_done() { Ok(None) } else { Ok(Some(setup_token(&self.folder)?)) }
    }
}

/// All parts of the running appliance. Cheap to clone.
#[derive(Clone)]
pub(super) struct Services {
    pub(super) core: Core,
    pub(super) darkroom: Darkroom,
    pub(super) hub: Hub,
    pub(super) intake: Intake,
    pub(super) activitywatch: Option<ActivityWatch>,
    pub(super) monitoring: Monitoring,
    pub(super) entry_log: EntryLog,
    pub(super) pictures: Pictures,
    pub(super) policy: Policy,
    pub(super) policies: Policies,
    pub(super) distribution: Distribution,
    pub(super) retention: Retention,
    pub(super) notices: Notices,
}

impl Services {
    /// Opens the other engines beside the core. Blocks.
    pub(super) fn open(config: &Config, folder: &DataFolder) -> anyhow::Result<Self> {
        let core = Core::open(config, folder)?;
        let hub = open_hub(config, folder.path(), &core.clock)?;
        for finding in hub.findings() {
            tracing::warn!(what = finding.what, "event file {} is not as it was left", finding.path.display());
        }
        let organizations: Vec<_> = core.tenancy.list_all().iter().map(|organization| organization.id).collect();
        let policies = Policies::open(
            core.store.clone(),
            core.people.clone(),
            core.audit.clone(),
            core.clock.clone(),
            organizations,
        )?;
        let intake = Intake::open(
            intake::Config {
                spool_dir: folder.path().join("spool"),
                max_bytes: SPOOL_BYTES,
                times: TimeWindow { accept_days: config.accept_days },
            },
            hub.clone(),
            core.audit.clone(),
            core.clock.clone(),
        )?
        .holding_to(Arc::new(InForce { policies: policies.clone(), people: core.people.clone() }));
        let backlog = intake.clone();
        let monitoring = Monitoring::new(Sources {
            hub: hub.clone(),
            people: core.people.clone(),
            tenancy: core.tenancy.clone(),
            audit: core.audit.clone(),
            clock: core.clock.clone(),
            applied_through: Arc::new(move || backlog.backlog().applied_through),
        });
        let (backlog, seen) = (intake.clone(), intake.clone());
        let entry_log = EntryLog::new(doors::Sources {
            hub: hub.clone(),
            people: core.people.clone(),
            devices: core.devices.clone(),
            audit: core.audit.clone(),
            tenancy: core.tenancy.clone(),
            clock: core.clock.clone(),
            applied_through: Arc::new(move || backlog.backlog().applied_through),
            seen: Arc::new(move || seen.seen()),
        });
        let pictures = Pictures::new(core.files.clone(), entry_log.clone());
        let policy = Policy::new(core.store.clone(), core.people.clone(), core.audit.clone(), core.clock.clone());
        use_own_rules(&core, &policy, &monitoring)?;
        let retention = Retention::new(
            core.store.clone(),
            (hub.clone(), core.files.clone()),
            (core.tenancy.clone(), core.audit.clone()),
            core.clock.clone(),
            core.folder.clone(),
        );
        let notices = Notices::new(notices::Sources {
            store: core.store.clone(),
            people: core.people.clone(),
            devices: core.devices.clone(),
            policies: policies.clone(),
            retention: retention.clone(),
            tenancy: core.tenancy.clone(),
            operators: core.identity.operators.clone(),
            audit: core.audit.clone(),
            clock: core.clock.clone(),
        });
        let activitywatch = match config.activitywatch {
            true => Some(open_activitywatch(config, &core, &intake)?),
            false => None,
        };
        let distribution = Distribution::new(
            (policies.clone(), core.people.clone()),
            (core.presence.clone(), core.commands.clone(), core.alerts.clone()),
            core.tenancy.clone(),
            Arc::new(core.pki.clone()),
            core.clock.clone(),
        );
        let darkroom = Darkroom::default();
        Ok(Self {
            core,
            darkroom,
            hub,
            intake,
            activitywatch,
            monitoring,
            pictures,
            entry_log,
            policy,
            policies,
            distribution,
            retention,
            notices,
        })
    }

    /// Starts what works by itself.
    pub(super) fn start(&self, life: &Lifecycle) {
        self.core.identity.start(life);
        self.core.fleet.start(life);
        self.core.presence.start(life);
        self.core.commands.start(&self.core.tenancy, life);
        self.distribution.start(life);
        self.core.credentials.start(life);
        self.core.devices.start(life);
        self.pictures.start(life);
        let (watch, notes) = watch::Watch::new(
            self.core.devices.clone(),
            self.core.alerts.clone(),
            watch::History::new(self.hub.clone()),
        );
        watch.start(life);
        statuses::keep(&self.core.presence, notes, &self.intake, life);
        statuses::forget_removed(&self.core, life);
        self.retention.start(life);
        self.notices.start(life);
        removal::start(self, life);
        let applier = Applier::new(self.intake.clone(), self.core.people.clone());
        life.spawn("applier", applier.run(life.soft()));
        watch_spool(&self.intake, life);
        if let Some(watch) = &self.activitywatch {
            life.spawn("activitywatch", watch.clone().run(life.soft()));
        }
        disk::watch(&self.core.folder, &self.intake, life);
        life.spawn("day totals", self.monitoring.clone().keep_rolled_up(life.soft()));
        life.spawn("presence", self.monitoring.clone().follow(self.intake.changes(), life.soft()));
    }

    fn app(&self, started: &Started) -> App {
        let core = &self.core;
        App {
            tenancy: core.tenancy.clone(),
            identity: core.identity.clone(),
            fleet: core.fleet.clone(),
            alerts: core.alerts.clone(),
            commands: core.commands.clone(),
            presence: core.presence.clone(),
            gateway_history: History::new(self.hub.clone()),
            device_history: watch::History::new(self.hub.clone()),
            people: core.people.clone(),
            policy: self.policy.clone(),
            policies: self.policies.clone(),
            distribution: self.distribution.clone(),
            credentials: core.credentials.clone(),
            devices: core.devices.clone(),
            entry_log: self.entry_log.clone(),
            pictures: self.pictures.clone(),
            monitoring: self.monitoring.clone(),
            retention: self.retention.clone(),
            notices: self.notices.clone(),
            intake: self.intake.clone(),
            files: core.files.clone(),
            audit: core.audit.clone(),
            clock: core.clock.clone(),
            setup: core.setup.clone(),
            about: About::new(&core.folder, core.clock.now(), started.fingerprint.clone(), Some(started.url.clone())),
            opened: Opened::default(),
        }
    }

    pub(super) fn doors(&self) -> Doors {
        let core = &self.core;
        let (keys, fleet, tenancy) = (core.identity.api_keys.clone(), core.fleet.clone(), core.tenancy.clone());
        Doors {
            entry: Entry::of_appliance(Arc::new(self.intake.clone()), keys, fleet, tenancy, core.clock.clone()),
            files: core.files.clone(),
            darkroom: self.darkroom.clone(),
        }
    }

    /// All routes of the appliance.
    pub(super) fn router(&self, telemetry: Telemetry, started: &Started, life: &Lifecycle) -> Router {
        let core = &self.core;
        let app = self.app(started);
        let (api, dashboard) = api::router(app.clone());
        let told = (core.commands.clone(), core.presence.clone());
        let (clock, life) = (core.clock.clone(), life.clone());
        let channel = Channel::new(core.fleet.clone(), told, clock.clone(), life, ChannelConfig::default());
        let (distribution, devices) = (self.distribution.clone(), core.devices.clone());
        let gateways = GatewayDoors { fleet: core.fleet.clone(), clock, channel, distribution, devices };
        let (doors, agents) = ingest::router(self.doors()).merge(ingest::gateways::router(gateways)).split_for_parts();
        Router::new()
            .merge(health::router(
                self.health(),
                telemetry,
                core.identity.clone(),
                self.intake.clone(),
                core.clock.clone(),
            ))
            .merge(web::router(&app, api))
            .merge(doors)
            .merge(api::documented("/dashboard/docs", dashboard))
            .merge(api::documented("/agent/docs", agents))
            .layer(from_fn_with_state(core.setup.clone(), setup::until_done))
    }

    /// What only programs on this machine may ask.
    pub(super) fn local_router(&self) -> Router {
        let Some(watch) = &self.activitywatch else {
            return Router::new();
        };
        activitywatch::router(watch.clone()).layer(from_fn_with_state(self.core.setup.clone(), setup::until_done))
    }

    fn health(&self) -> Health {
        let store = self.core.store.clone();
        let folder = self.core.folder.clone();
        let hub = self.hub.clone();
        let audit = self.core.audit.clone();
        Health::new()
            .watch("store", move || {
                let store = store.clone();
                blocking(move || store.install_id().map(|_| ()).map_err(|problem| problem.to_string()))
            })
            .watch("disk", move || {
                let folder = folder.clone();
                blocking(move || super::disk::check(&folder))
            })
            .watch("events", move || {
                let hub = hub.clone();
                blocking(move || match hub.stats().quarantined {
                    0 => Ok(()),
                    count => Err(format!("{count} partitions are set aside; reports are incomplete")),
                })
            })
            .watch("audit", move || {
                let waiting = audit.waiting();
                std::future::ready(if waiting == 0 { Ok(()) } else { Err(format!("{waiting} records wait")) })
            })
    }
}

/// Time is rated by the organizations' own rules from the first question on.
fn use_own_rules(core: &Core, policy: &Policy, monitoring: &Monitoring) -> anyhow::Result<()> {
    for organization in core.tenancy.list_all() {
        let rules = policy.rules_now(&Actor::system(), organization.id)?;
        let groups = policy.groups_now(&Actor::system(), organization.id)?;
        monitoring.use_rules(organization.id, &web::rules_of(&rules, &groups));
    }
    Ok(())
}

/// Watchers have no keys, so nothing but the machine itself may reach them.
fn open_activitywatch(config: &Config, core: &Core, intake: &Intake) -> anyhow::Result<ActivityWatch> {
    let Some(address) = config.listeners.plain.filter(|address| address.ip().is_loopback()) else {
        anyhow::bail!("[ingest] activitywatch needs [http] plain on a loopback address, such as \"127.0.0.1:5600\"");
    };
    tracing::warn!(
        "the ActivityWatch API is served at http://{address}: every program on this machine can send events there \
         without a key"
    );
    let host = machine::host_name().unwrap_or_else(|| "localhost".to_owned());
    let tenancy = core.tenancy.clone();
    let first = move || tenancy.list_all().into_iter().find(|organization| organization.is_active()).map(|one| one.id);
    let folder = core.folder.join("activitywatch");
    let config = activitywatch::Config { folder, host, home: Arc::new(first), stamp: None };
    Ok(ActivityWatch::open(config, Arc::new(intake.clone()), core.clock.clone())?)
}

/// When the spool's disk fails nothing can be acknowledged any more: the process ends and opens it again.
fn watch_spool(intake: &Intake, life: &Lifecycle) {
    let (mut failure, stop) = (intake.failure(), life.soft());
    life.spawn("spool watch", async move {
        tokio::select! {
            failed = failure.wait_for(Option::is_some) => match failed {
                Ok(reason) => Err(reason.as_deref().unwrap_or("the disk failed").to_owned()),
                Err(_) => Ok(()),
            },
            () = stop.cancelled() => Ok(()),
        }
    });
}

/// The engine of events. Damaged files are first tried by a child of this very program.
pub(super) fn open_hub(config: &Config, folder: &Path, clock: &Clock) -> anyhow::Result<Hub> {
    let time = clock.clone();
    let now = Arc::new(move || time.now().as_microsecond());
    let mut hub = nazorat_timeseries::Config::new(folder.join("events"), folder.join("tmp"), now);
    hub.memory_limit = config.memory_limit;
    hub.threads = std::thread::available_parallelism().map_or(2, usize::from);
    let exe = std::env::current_exe().context("the path of this program is not known")?;
    hub.probe = Probe::Command { exe, args: vec!["probe-partition".to_owned()] };
    Ok(Hub::open(hub)?)
}

/// The token of the first run. It is kept in a file, so that a restart does not make a printed link worthless.
fn setup_token(folder: &Path) -> anyhow::Result<SecretText> {
    let path = folder.join("setup-token");
    if let Ok(text) = std::fs::read_to_string(&path)
        && text.trim().len() >= 32
    {
        return Ok(SecretText::new(text.trim()));
    }
    let token = SecretText::random("");
    write_durably(&path, token.expose().as_bytes()).context("the token of the first run cannot be kept")?;
    Ok(token)
}

/// The link is worth nothing any more, so it goes.
pub(super) fn forget_setup_token(folder: &Path) {
    if let Err(problem) = std::fs::remove_file(folder.join("setup-token"))
        && problem.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!("the token of the first run could not be removed: {problem}");
    }
}
