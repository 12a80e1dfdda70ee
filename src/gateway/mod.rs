//! Gateway mode: the box of a branch. Agents of the branch send to it, it answers when their events are on its disk, and
//! sends everything on to the appliance, also after a week without a line.
//!
//! Owns `DATA/gateway`: who this box is, who has joined it, what may be collected, the buffer, screenshots that wait. Knows the appliance only by
//! what it was given when it joined.

mod agents;
mod beat;
mod devices;
mod export;
mod identity;
mod orders;
mod page;
mod policy;
mod routes;
mod seal;
mod shots;

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::agents::Agents;
use self::beat::Beats;
use self::devices::Devices;
pub use self::devices::{Ground, Ways, search};
pub use self::export::{Exported, export};
use self::identity::Identity;
use self::identity::Member;
pub use self::identity::{Joined, is_instead, join, join_instead};
use self::seal::Seal;
use crate::adapters;
use crate::adapters::process::Programs;
use crate::edge;
use crate::edge::Edge;
use crate::edge::Policies;
use crate::edge::PoliciesConfig;
use crate::edge::Process;
use crate::ingest::Entry;
use crate::ingest::activitywatch;
use crate::ingest::activitywatch::ActivityWatch;
use crate::ingest::by_key;
use crate::kernel::Clock;
use crate::kernel::OrganizationId;
use crate::kernel::Zone;
use crate::runtime::Lifecycle;
use crate::runtime::machine;
use crate::runtime::telemetry::Telemetry;
use crate::uplink::Carrier;
use crate::uplink::Chance;
use crate::uplink::Hop;
use crate::uplink::HopConfig;
use crate::uplink::Parcels;
use crate::web::listen::bind;

/// Requests of agents are small; within so long their events leave together.
const LINGER: Duration = Duration::from_secs(1);

/// What a gateway needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder.
    pub data_dir: PathBuf,
    /// Where agents send to.
    pub listen: SocketAddr,
    /// Where terminals come to that can only push.
    pub devices: Option<SocketAddr>,
    /// Where programs of the customer's own are that serve devices.
    pub adapters: Option<PathBuf>,
    /// The appliance, for a gateway that sends with a plain API key; others know it since they have joined.
    pub hop: Option<HopConfig>,
    /// The most bytes of events that may wait, and as many of screenshots.
    pub buffer_bytes: u64,
    /// The longest that something waits before it is given up.
    pub buffer_age: Duration,
    /// The most bytes on the wire in a second.
    pub bytes_per_second: Option<u64>,
    /// The wall clock of the branch, for older agents.
    pub zone: Zone,
    /// Whether the ActivityWatch API is served to this machine.
    pub activitywatch: bool,
    /// How terminals are looked for when somebody asks for it.
    pub find: Ways,
}

/// What a started gateway tells whoever started it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Started {
    /// Where agents send to.
    pub plain: SocketAddr,
    /// Where terminals come to, if anywhere.
    pub devices: Option<SocketAddr>,
    /// Where everything goes.
    pub server: String,
    /// The file with the code that lets agents join.
    pub join_code: PathBuf,
    /// How this gateway is called, if it has joined.
    pub name: Option<String>,
}

/// All parts of the running gateway. Cheap to clone.
#[derive(Clone)]
pub(in crate::gateway) struct Gateway {
    pub(in crate::gateway) entry: Entry,
    pub(in crate::gateway) edge: Edge,
    pub(in crate::gateway) agents: Agents,
    pub(in crate::gateway) parcels: Parcels,
    pub(in crate::gateway) activitywatch: Option<ActivityWatch>,
    pub(in crate::gateway) zone: Zone,
    pub(in crate::gateway) member: Option<Member>,
    pub(in crate::gateway) seal: Seal,
    /// An agent has told something of its policy.
    pub(in crate::gateway) news: Arc<Notify>,
    /// The terminals of the branch; a gateway that has not joined serves none.
    pub(in crate::gateway) devices: Option<Devices>,
    /// Where those come to that come by themselves.
    pub(in crate::gateway) pushes: Option<SocketAddr>,
    /// Ends what waits.
    pub(in crate::gateway) stop: CancellationToken,
}

/// Runs the gateway until it is asked to stop. `announce` is called once, when everything answers.
pub async fn run(mut config: Config, telemetry: Telemetry, announce: impl FnOnce(&Started)) -> anyhow::Result<()> {
    let process = Process::begin(&config.data_dir, "gateway")?;
    machine::raise_file_limit();
    let own = process.own.clone();
    // What the appliance has set goes before what stands in the configuration.
    edge::apply_tuning(edge::read_tuning(&own), &mut config.bytes_per_second, &mut config.buffer_bytes);
    let listener = bind(config.listen, "[gateway] listen")?;
    let plain = listener.local_addr()?;
    let pushes = config.devices.map(|address| bind(address, "[gateway] devices")).transpose()?;
    let devices = pushes.as_ref().map(tokio::net::TcpListener::local_addr).transpose()?;
    config.devices = devices;
    let clock = Clock::system();
    let (member, hop) = appliance(&config, &own, &clock)?;
    let gateway = Gateway::open(&config, &own, (member.clone(), hop.clone()), &process.life)?;
    process.serve("agents", listener, routes::router(&gateway, telemetry.clone()));
    let name = member.as_ref().map(|member| member.get().name);
    if let Some(served) = gateway.devices.clone() {
        if let Some(pushes) = pushes {
            process.serve("terminals", pushes, devices::router(served.clone()));
        }
        let keeping_up = served.keep_up(process.life.soft());
        process.life.spawn("devices", async move {
            keeping_up.await;
            Ok::<_, std::convert::Infallible>(())
        });
    }
    if let Some(policies) = gateway.edge.policies.clone() {
        let keeping_up = policies.keep_up(hop.clone(), process.life.soft());
        process.life.spawn("policies", async move {
            keeping_up.await;
            Ok::<_, std::convert::Infallible>(())
        });
    }
    if let Some(member) = member {
        edge::control(channel(&config, &gateway, &process, (hop.clone(), telemetry)), &process.life)?;
        let fresh = member.keep_fresh(own.clone(), hop.clone(), clock, process.life.soft());
        process.life.spawn("certificate", async move {
            fresh.await;
            Ok::<_, std::convert::Infallible>(())
        });
    }
    let started = Started { plain, devices, server: hop.shown(), join_code: own.join("join-code"), name };
    announce(&started);
    process.live(&started).await
}

/// The control channel of a gateway that has joined.
fn channel(
    config: &Config,
    gateway: &Gateway,
    process: &Process,
    (hop, telemetry): (Hop, Telemetry),
) -> edge::ControlConfig {
    let beats = Arc::new(Beats::new(gateway, process.own.clone()));
    let (begun, told) = (Arc::clone(&beats), Arc::clone(&beats));
    let news = edge::News {
        came: Arc::clone(&gateway.news),
        begin: Arc::new(move || begun.begin()),
        gather: Arc::new(move || told.gather_news()),
    };
    let settings = serde_json::json!({
        "listen": config.listen,
        "buffer_bytes": config.buffer_bytes,
        "bytes_per_second": config.bytes_per_second,
        "time_zone": config.zone.name(),
        "activitywatch": config.activitywatch,
    });
    edge::ControlConfig {
        hop,
        folder: process.own.clone(),
        clock: gateway.entry.clock.clone(),
        telemetry,
        gather: Arc::new(move || beats.gather()),
        settings: settings.as_object().cloned().unwrap_or_default(),
        news: Some(news),
        policies: gateway.edge.policies.clone(),
        devices: gateway.devices.clone().map(|devices| Arc::new(devices) as Arc<dyn edge::Serves>),
    }
}

/// The appliance, and who we are to it.
fn appliance(config: &Config, own: &Path, clock: &Clock) -> anyhow::Result<(Option<Member>, Hop)> {
    if let Some(hop) = &config.hop {
        return Ok((None, Hop::open(hop, clock.clone())?));
    }
    let identity = Identity::open(own)?.context(
        "this gateway has not joined an appliance yet; add it there on the page Gateways and run `nazorat gateway \
         --join TOKEN` here",
    )?;
    let hop = Hop::open(&identity.hop(), clock.clone())?;
    Ok((Some(Member::new(identity)), hop))
}

impl Gateway {
    fn open(
        config: &Config,
        own: &Path,
        (member, hop): (Option<Member>, Hop),
        life: &Lifecycle,
    ) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let agents = Agents::open(own).context("the list of agents cannot be read")?;
        let seal = Seal::new(config, own, member.as_ref())?;
        let policies = open_policies(own, member.as_ref(), &clock)?;
        let edge = Edge::open(way_out(config, own, (&seal, policies), &hop), &clock, life)?;
        let parcels = open_parcels(config, own)?;
        let inspect = shots::inspect(edge.outbox.clone(), config.zone.clone());
        let news: Arc<Notify> = Arc::default();
        let devices = match member {
            Some(_) => Some(open_devices(config, own, (&edge, &hop, &parcels), (&clock, &news, life))?),
            None => None,
        };
        let carrier = Carrier::new(hop, parcels.clone(), Chance::system()).inspected_by(inspect);
        life.spawn("screenshots", carrier.run(life.soft()));
        let (senders, zone) = (agents.clone(), config.zone.clone());
        let entry = Entry {
            sink: Arc::new(edge.outbox.clone()),
            senders: by_key(move |secret, now| senders.authenticate(secret, now)),
            clock: clock.clone(),
            zones: Arc::new(move |_| zone.clone()),
        };
        let activitywatch = match config.activitywatch {
            true => Some(open_activitywatch(own, &edge, clock, life)?),
            false => None,
        };
        Ok(Self {
            entry,
            edge,
            agents,
            parcels,
            activitywatch,
            zone: config.zone.clone(),
            member,
            seal,
            news,
            devices,
            pushes: config.devices,
            stop: life.soft(),
        })
    }
}

/// The way out of a gateway.
fn way_out(config: &Config, own: &Path, (seal, policies): (&Seal, Option<Policies>), hop: &Hop) -> edge::Config {
    edge::Config {
        hop: hop.clone(),
        folder: own.join("outbox"),
        source: seal.source().to_owned(),
        buffer_bytes: config.buffer_bytes,
        buffer_age: config.buffer_age,
        linger: LINGER,
        bytes_per_second: config.bytes_per_second,
        policies,
    }
}

/// What may be collected here; a gateway that has not joined is told by nobody. Blocks.
fn open_policies(own: &Path, member: Option<&Member>, clock: &Clock) -> anyhow::Result<Option<Policies>> {
    let Some(member) = member.cloned() else { return Ok(None) };
    let keys: edge::Keys = Arc::new(move || edge::points(&member.get().authorities));
    let config = PoliciesConfig { folder: own.join("policies"), keys, computer_uid: None };
    let policies = Policies::open(config, clock.clone()).context("the policies that hold here cannot be read")?;
    Ok(Some(policies))
}

/// The terminals of the branch. Blocks.
fn open_devices(
    config: &Config,
    own: &Path,
    (edge, hop, parcels): (&Edge, &Hop, &Parcels),
    (clock, news, life): (&Clock, &Arc<Notify>, &Lifecycle),
) -> anyhow::Result<Devices> {
    let folder = own.join("devices");
    let programs = config.adapters.clone().map(|programs| Programs::new(programs, folder.clone()));
    Devices::open(devices::Config {
        folder,
        outbox: edge.outbox.clone(),
        parcels: Some(parcels.clone()),
        clock: clock.clone(),
        hop: hop.clone(),
        listener: config.devices.map(|address| address.port()),
        adapters: adapters::with_programs(programs),
        news: Arc::clone(news),
        patience: devices::Patience::default(),
        ways: config.find,
        stop: life.soft(),
    })
}

fn open_parcels(config: &Config, own: &Path) -> anyhow::Result<Parcels> {
    Parcels::open(&own.join("screenshots"), config.buffer_bytes).context("screenshots that wait cannot be read")
}

fn open_activitywatch(own: &Path, edge: &Edge, clock: Clock, life: &Lifecycle) -> anyhow::Result<ActivityWatch> {
    let config = activitywatch::Config {
        folder: own.join("activitywatch"),
        host: machine::host_name().unwrap_or_else(|| "localhost".to_owned()),
        home: Arc::new(|| Some(OrganizationId::new(1))),
        stamp: None,
    };
    let watch = ActivityWatch::open(config, Arc::new(edge.outbox.clone()), clock)?;
    life.spawn("activitywatch", watch.clone().run(life.soft()));
    Ok(watch)
}

/// The name of this gateway in the names of its batches, made once.
fn source(own: &Path) -> anyhow::Result<String> {
    edge::kept_id(&own.join("id"), uuid::Uuid::now_v7()).context("the id of this gateway cannot be kept")
}
