//! `nazorat gateway export-buffer`: what waits, as a file that a person carries to the appliance.
//!
//! While the gateway runs, the command gets the bytes from its `POST /export`; while it does not, the command opens the
//! buffer itself. Either way the file appears whole or not at all.

use std::fs::File;
use std::io::BufReader;
use std::io::Write as _;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use nazorat_wire::carry::Frames;
use nazorat_wire::carry::Totals;
use serde::Deserialize;

use super::Config;
use super::appliance;
use super::open_parcels;
use super::open_policies;
use super::seal::Export;
use super::seal::Seal;
use super::shots;
use super::way_out;
use crate::edge;
use crate::edge::Edge;
use crate::kernel::Clock;
use crate::runtime::blocking;
use crate::store::DataFolder;
use crate::store::FolderError;

/// How long a gateway that runs may be silent.
const SILENCE: Duration = Duration::from_secs(120);

/// What was written.
#[derive(Debug)]
pub struct Exported {
    /// For whom.
    pub server: String,
    /// What it holds.
    pub totals: Totals,
    /// Size of the file.
    pub bytes: u64,
}

/// Where the bytes come from.
enum Origin {
    /// The buffer of a gateway that does not run.
    Still(Box<Export>),
    /// A gateway that runs.
    Running(reqwest::Response),
}

/// Writes everything that waits into a file; nothing when nothing waits. `tell` hears how many bytes are written.
pub async fn export(config: Config, file: &Path, tell: impl Fn(u64)) -> anyhow::Result<Option<Exported>> {
    let data_dir = config.data_dir.clone();
    let known = data_dir.join("gateway").is_dir();
    anyhow::ensure!(known, "{} is no data folder of a gateway; name it with --data-dir", data_dir.display());
    anyhow::ensure!(!file.exists(), "{} exists already; choose another name", file.display());
    // Held while the file is made, so that no gateway starts meanwhile.
    let (_folder, origin) = match DataFolder::lock(&data_dir) {
        Ok(folder) => {
            let origin = open_still(config, &folder.path().join("gateway")).await?;
            (Some(folder), origin)
        }
        Err(FolderError::InUse(_)) => (None, ask_running(&data_dir).await?),
        Err(problem) => return Err(problem.into()),
    };
    let part = part_of(file);
    let outcome = match write(&part, origin, tell).await {
        Ok(exported) if exported.totals.batches + exported.totals.screenshots > 0 => {
            put_in_place(&part, file).map(|()| Some(exported)).map_err(anyhow::Error::from)
        }
        other => {
            // A leftover is overwritten by the next try.
            drop(std::fs::remove_file(&part));
            other.map(|_| None)
        }
    };
    outcome.with_context(|| format!("{} was not written", file.display()))
}

async fn open_still(mut config: Config, own: &Path) -> anyhow::Result<Origin> {
    belongs_to_us(own)?;
    edge::apply_tuning(edge::read_tuning(own), &mut config.bytes_per_second, &mut config.buffer_bytes);
    let clock = Clock::system();
    let (member, hop) = appliance(&config, own, &clock)?;
    let seal = Seal::new(&config, own, member.as_ref())?;
    let policies = open_policies(own, member.as_ref(), &clock)?;
    let (out, time) = (way_out(&config, own, (&seal, policies), &hop), clock.clone());
    let edge = blocking(move || Edge::open_still(out, &time)).await?;
    let inspect = shots::inspect(edge.outbox.clone(), config.zone.clone());
    let backlog = edge.orders.backlog().await?.with(open_parcels(&config, own)?, Some(inspect));
    Ok(Origin::Still(Box::new(Export::begin(backlog, &seal, &edge.server(), clock.now()))))
}

/// What root writes into the buffer of a service, the service cannot change any more.
fn belongs_to_us(own: &Path) -> anyhow::Result<()> {
    let owner = std::fs::metadata(own).with_context(|| format!("{} cannot be read", own.display()))?.uid();
    anyhow::ensure!(
        owner == rustix::process::geteuid().as_raw(),
        "this gateway does not run, and its folder belongs to another user (number {owner}); start the gateway, or do this \
         as that user (`runuser -u nazorat -- nazorat gateway export-buffer ...`)"
    );
    Ok(())
}

async fn ask_running(data_dir: &Path) -> anyhow::Result<Origin> {
    #[derive(Deserialize)]
    struct Note {
        plain: SocketAddr,
    }
    let note = data_dir.join("listen.json");
    let read = std::fs::read(&note).map_err(anyhow::Error::from);
    let note: Note = read
        .and_then(|bytes| Ok(serde_json::from_slice(&bytes)?))
        .with_context(|| format!("the gateway is just starting or stopping: {} cannot be read", note.display()))?;
    let address = match note.plain.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), note.plain.port()),
        _ => note.plain,
    };
    let client = reqwest::Client::builder().no_proxy().read_timeout(SILENCE).build()?;
    let asked = client.post(format!("http://{address}/export")).send().await;
    let answer = asked.with_context(|| format!("the running gateway does not answer at {address}"))?;
    match answer.status() {
        http::StatusCode::OK => Ok(Origin::Running(answer)),
        http::StatusCode::NOT_FOUND => anyhow::bail!(
            "the running gateway at {address} gives this to nobody but the machine itself; stop it and try again, or let \
             [gateway] listen be 0.0.0.0"
        ),
        status => {
            let problem: Result<nazorat_wire::Problem, _> = answer.json().await;
            let said = problem.map_or_else(|_| String::new(), |problem| problem.detail);
            anyhow::bail!("the running gateway answered {status} {said}")
        }
    }
}

impl Origin {
    async fn next(&mut self) -> anyhow::Result<Option<Bytes>> {
        match self {
            Self::Still(export) => Ok(export.next().await?),
            Self::Running(answer) => answer.chunk().await.context("the gateway broke off"),
        }
    }
}

async fn write(part: &Path, mut origin: Origin, tell: impl Fn(u64)) -> anyhow::Result<Exported> {
    let options = File::options().create(true).truncate(true).read(true).write(true).mode(0o600).clone();
    let mut file = options.open(part)?;
    let mut written = 0;
    while let Some(bytes) = origin.next().await? {
        written += bytes.len() as u64;
        file = blocking(move || file.write_all(&bytes).map(|()| file)).await?;
        tell(written);
    }
    let part = part.to_owned();
    blocking(move || {
        file.sync_all()?;
        look_through(&part, written)
    })
    .await
}

/// The file is read once more from its beginning to its end; only then it is one.
fn look_through(part: &Path, bytes: u64) -> anyhow::Result<Exported> {
    let mut frames = Frames::open(BufReader::new(File::open(part)?))?;
    let mut totals = None;
    while let Some(frame) = frames.read_next()? {
        totals = frame.told().or(totals);
    }
    let totals = totals.context("it has no end")?;
    Ok(Exported { server: frames.head().server.clone(), totals, bytes })
}

fn part_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn put_in_place(part: &Path, file: &Path) -> std::io::Result<()> {
    std::fs::rename(part, file)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
