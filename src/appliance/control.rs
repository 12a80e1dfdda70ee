//! Orders of the machine's owner: `nazorat operator`, `api-key`, `doctor`, `init`.
//!
//! While the appliance runs they go through `DATA/control.sock`, which only its user may open; while it does not, the
//! same order is carried out directly on the locked data folder. On the socket an order and its answer are one frame
//! each: four bytes of length (big endian), then JSON.

use std::fs::File;
use std::fs::Permissions;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::SinkExt as _;
use futures_util::StreamExt as _;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::UnixListener;
use tokio::net::UnixStream;
use tokio_util::codec::Framed;
use tokio_util::codec::LengthDelimitedCodec;

use super::Config;
use super::doctor;
use super::import;
use super::orders;
use super::orders::Answer;
use super::orders::Order;
use super::services::Core;
use super::services::Services;
use crate::kernel::Clock;
use crate::kernel::with_causes;
use crate::runtime::Lifecycle;
use crate::runtime::blocking;
use crate::store::DataFolder;
use crate::store::FolderError;

const NAME: &str = "control.sock";
/// A piece of a carried backlog is the largest.
const LONGEST_FRAME: usize = nazorat_wire::carry::MAX_FRAME + 16;
/// How long an order or its answer may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);
/// An appliance that has the folder but no socket yet is just starting.
pub(super) const STARTING: Duration = Duration::from_secs(5);

/// Carries out an order: in the running appliance, or here when none runs.
pub async fn carry_out(config: &Config, order: Order) -> anyhow::Result<Answer> {
    let deadline = tokio::time::Instant::now() + STARTING;
    loop {
        if let Ok(stream) = connect(&config.data_dir).await {
            return ask(stream, &order).await.context("the running appliance did not answer");
        }
        match DataFolder::lock(&config.data_dir) {
            Ok(folder) => return Ok(directly(config.clone(), folder, order).await),
            Err(FolderError::InUse(_)) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(problem) => return Err(problem.into()),
        }
    }
}

async fn directly(config: Config, folder: DataFolder, order: Order) -> Answer {
    blocking(move || {
        let core = Core::open(&config, &folder);
        match (order, core) {
            (Order::Doctor, core) => {
                let hub = super::services::open_hub(&config, folder.path(), &Clock::system());
                doctor::examine(&config, folder.path(), core.as_ref(), hub.as_ref())
            }
            (_, Err(problem)) => Answer::Refused { reason: with_causes(problem.as_ref()) },
            (order, Ok(core)) => tokio::runtime::Handle::current().block_on(orders::carry_out(&core, order)),
        }
    })
    .await
}

/// What an order waits for inside of the running appliance.
struct Desk {
    config: Config,
    services: Services,
}

impl Desk {
    async fn carry_out(self: Arc<Self>, order: Order) -> Answer {
        match order {
            Order::Doctor => {
                blocking(move || {
                    let services = &self.services;
                    doctor::examine(&self.config, &services.core.folder, Ok(&services.core), Ok(&services.hub))
                })
                .await
            }
            order => orders::carry_out(&self.services.core, order).await,
        }
    }
}

/// Opens the socket and answers orders until the soft stop.
pub(super) fn listen(config: &Config, services: &Services, life: &Lifecycle) -> std::io::Result<()> {
    let path = services.core.folder.join(NAME);
    remove(&services.core.folder);
    let listener = {
        let (_folder, short) = short_path(&services.core.folder)?;
        UnixListener::bind(short)?
    };
    std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    let desk = Arc::new(Desk { config: config.clone(), services: services.clone() });
    let (tasks, stop) = (life.clone(), life.soft());
    life.spawn("control", async move {
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => accepted?.0,
                () = stop.cancelled() => return Ok::<_, std::io::Error>(()),
            };
            let desk = Arc::clone(&desk);
            tasks.spawn("order", async move {
                if let Err(problem) = answer(stream, desk).await {
                    tracing::warn!("an order could not be answered: {problem:#}");
                }
                Ok::<_, std::convert::Infallible>(())
            });
        }
    });
    Ok(())
}

/// Takes the socket away; a leftover of a process that was killed is in nobody's way.
pub(super) fn remove(folder: &Path) {
    drop(std::fs::remove_file(folder.join(NAME)));
}

async fn answer(stream: UnixStream, desk: Arc<Desk>) -> anyhow::Result<()> {
    let mut frames = framed(stream);
    let Some(bytes) = tokio::time::timeout(PATIENCE, frames.next()).await? else { return Ok(()) };
    let answer = match serde_json::from_slice(&bytes?) {
        Ok(Order::ImportBuffer { head }) => {
            let services = &desk.services;
            return import::converse(&mut frames, &head, &services.core, services.doors()).await;
        }
        Ok(order) => desk.carry_out(order).await,
        Err(problem) => Answer::Refused { reason: format!("this order is not known here: {problem}") },
    };
    let bytes = serde_json::to_vec(&answer)?;
    Ok(tokio::time::timeout(PATIENCE, frames.send(Bytes::from(bytes))).await??)
}

async fn ask(stream: UnixStream, order: &Order) -> anyhow::Result<Answer> {
    let mut frames = framed(stream);
    frames.send(Bytes::from(serde_json::to_vec(order)?)).await?;
    let bytes = tokio::time::timeout(PATIENCE, frames.next()).await?.context("it closed the connection")??;
    Ok(serde_json::from_slice(&bytes)?)
}

pub(super) async fn connect(folder: &Path) -> std::io::Result<UnixStream> {
    let (_folder, short) = short_path(folder)?;
    UnixStream::connect(short).await
}

/// Frames on a stream.
pub(super) type Frames<S> = Framed<S, LengthDelimitedCodec>;

pub(super) fn framed<S: AsyncRead + AsyncWrite>(stream: S) -> Frames<S> {
    LengthDelimitedCodec::builder().max_frame_length(LONGEST_FRAME).new_framed(stream)
}

/// A socket's path has at most 107 bytes; through the open folder it is always short enough.
fn short_path(folder: &Path) -> std::io::Result<(File, PathBuf)> {
    let open = File::open(folder)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}/{NAME}", open.as_raw_fd()));
    Ok((open, short))
}
