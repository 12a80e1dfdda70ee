//! Serve mode: the appliance. Builds everything in order, announces itself, stops in reverse.
//!
//! Owns the data folder, the listeners, the certificate, the control socket and the nightly export. Knows no rule of
//! a domain: `services.rs` is the one place where domains are constructed, and `web` and `ingest` make their routes.

mod control;
mod disk;
mod doctor;
mod exports;
mod furnish;
mod import;
mod listen;
mod names;
mod orders;
mod pki;
mod policies;
mod removal;
mod services;
mod statuses;
mod tls;

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use axum::Extension;

pub use self::control::carry_out;
pub use self::doctor::{Finding, State, restore_export};
pub use self::furnish::{Account, Computer, Furnished, Office, Person, Terminal, furnish};
pub use self::import::{ImportError, Imported, Tally, import};
pub use self::listen::ListenConfig;
use self::listen::Listeners;
pub use self::orders::{Answer, Init, OperatorAdd, Order};
use self::pki::Pki;
use self::services::Services;
pub use self::services::SessionLimits;
use self::tls::Source;
use self::tls::Tls;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::Signals;
use crate::runtime::Stopped;
use crate::runtime::machine;
use crate::runtime::supervise;
use crate::runtime::telemetry::Telemetry;
use crate::store::DataFolder;
use crate::store::FilesConfig;
use crate::store::write_durably;
use crate::web::Stopping;
use crate::web::setup::BecomeGateway;

/// How long a box that has become a gateway still answers as what it was.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the appliance needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder.
    pub data_dir: PathBuf,
    /// Where to listen.
    pub listeners: ListenConfig,
    /// Where screenshots go.
    pub files: FilesConfig,
    /// Memory for events and reports, in bytes.
    pub memory_limit: u64,
    /// Whether the ActivityWatch API is served on the plain listener.
    pub activitywatch: bool,
    /// How old an event may be.
    pub accept_days: u32,
    /// How long people stay signed in.
    pub sessions: SessionLimits,
    /// How this box becomes a gateway of another appliance in its first run, where it may.
    pub become_gateway: Option<BecomeGateway>,
}

/// Why it does not run any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to stop.
    Stopped,
    /// This box has become a gateway; whoever started the process goes on as one.
    BecameGateway,
}

/// What a started appliance tells whoever started it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Started {
    /// Where HTTPS is served.
    pub main: SocketAddr,
    /// Where plain HTTP is served.
    pub plain: Option<SocketAddr>,
    /// The address to open in a browser.
    pub url: String,
    /// The roots that clients should trust; nothing when the administrator brought a certificate.
    pub ca: Option<PathBuf>,
    /// SHA-256 of the signing root.
    pub fingerprint: Option<String>,
    /// The link for the first run while that is still to come. It is a secret, so it is not written to files.
    #[serde(skip)]
    pub setup: Option<String>,
}

/// Runs the appliance until it is asked to stop. `announce` is called once, when everything answers.
pub async fn serve(config: Config, telemetry: Telemetry, announce: impl FnOnce(&Started)) -> anyhow::Result<Ended> {
    supervise::log_panics();
    machine::raise_file_limit();
    let signals = Signals::install()?;
    let life = Lifecycle::new();
    let folder = DataFolder::lock(&config.data_dir)?;
    let services = Services::open(&config, &folder)?;
    let (tls, ca) = certificate(&config, &services)?;
    let listeners = Listeners::bind(&config.listeners)?;
    let started = describe(&listeners, &services, ca.as_ref())?;
    start_tasks(&services, &life);
    tls.keep_fresh(&life);
    control::listen(&config, &services, &life).context("control socket cannot be opened")?;
    let router = services.router(telemetry, &started, &life);
    let router = router.layer(Extension(Stopping(life.soft())));
    listeners.serve(&life, (&router, services.local_router()), &tls, &services.core.fleet);
    // The note comes last: whoever waits for it finds everything else done.
    announce(&started);
    note(folder.path(), &started)?;
    supervise::ready(&life);
    let setup = services.core.setup.clone();
    let stopped = life.run(signals).await;
    // From here on nothing runs any more; what is left goes in the reverse order of its making.
    control::remove(folder.path());
    forget(folder.path());
    drop(services);
    drop(folder);
    match stopped {
        Stopped::Failed(problem) => anyhow::bail!("stopped because {problem}"),
        Stopped::Clean | Stopped::Cut if setup.gateway().is_some() => Ok(Ended::BecameGateway),
        Stopped::Clean | Stopped::Cut => Ok(Ended::Stopped),
    }
}

fn certificate(config: &Config, services: &Services) -> anyhow::Result<(Tls, Option<Pki>)> {
    let pki = services.core.pki.clone();
    let (source, ca) = match &config.listeners.own_certificate {
        Some((certificate, key)) => (Source::Own(certificate.clone(), key.clone()), None),
        None => (Source::BuiltIn(pki.clone(), config.listeners.names.clone()), Some(pki.clone())),
    };
    Ok((Tls::open(source, &pki, services.core.clock.clone())?, ca))
}

fn start_tasks(services: &Services, life: &Lifecycle) {
    services.start(life);
    let export = Nudge::default();
    exports::keep_making(&services.core, life, export.clone());
    if !services.core.setup.is_done() {
        let (setup, folder, stop) = (services.core.setup.clone(), services.core.folder.clone(), life.soft());
        let again = life.clone();
        life.spawn("first run", async move {
            tokio::select! {
                () = setup.wait() => {
                    services::forget_setup_token(&folder);
                    export.now();
                }
                () = setup.wait_for_gateway() => {
                    services::forget_setup_token(&folder);
                    // Whoever has asked for it reads the answer first.
                    tokio::time::sleep(FAREWELL).await;
                    again.start_again();
                }
                () = stop.cancelled() => {}
            }
            Ok::<_, std::convert::Infallible>(())
        });
    }
}

fn describe(listeners: &Listeners, services: &Services, ca: Option<&Pki>) -> anyhow::Result<Started> {
    let (main, plain) = listeners.addresses()?;
    let url = format!("https://{}:{}", names::host_for_people(main), main.port());
    let setup = services.core.setup_token()?.map(|token| format!("{url}/setup?token={}", token.expose()));
    Ok(Started { main, plain, url, ca: ca.map(Pki::bundle), fingerprint: ca.map(Pki::fingerprint).transpose()?, setup })
}

/// `DATA/listen.json`, for tools that have to find a running appliance.
fn note(folder: &Path, started: &Started) -> anyhow::Result<()> {
    write_durably(&folder.join("listen.json"), &serde_json::to_vec_pretty(started)?)
        .context("listen.json cannot be written")
}

fn forget(folder: &Path) {
    // A leftover only misleads until the next start writes it anew.
    drop(std::fs::remove_file(folder.join("listen.json")));
}
