//! `nazorat import-buffer`: a backlog that a person has carried here from a gateway.
//!
//! The command reads the file, because it may lie where the service must not look, and hands its frames to the appliance,
//! which has the keys: over the control socket while it runs, else in this process on the locked data folder. Each piece goes
//! through the doors of senders, so what came over the line before or comes after is a repeat.

mod desk;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::SinkExt as _;
use futures_util::StreamExt as _;
use nazorat_wire::carry;
use nazorat_wire::carry::CarryError;
use nazorat_wire::carry::Frame;
use nazorat_wire::carry::Head;
use serde::Deserialize;
use serde::Serialize;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;

use super::Config;
use super::control::Frames;
use super::control::STARTING;
use super::control::connect;
use super::control::framed;
use super::orders::Order;
use super::services::Services;
use crate::runtime::blocking;
use crate::store::DataFolder;
use crate::store::FolderError;

pub(super) use self::desk::converse;

/// How long either side waits for the other: a stick may be slow, and so may a full disk.
const PATIENCE: Duration = Duration::from_secs(600);

/// What became of the pieces so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Batches that were not here.
    pub batches: u64,
    /// Events of them that are stored.
    pub events: u64,
    /// Events of them that were set aside, for an operator to look at.
    pub set_aside: u64,
    /// Events of them that the rules of their organization keep out.
    pub withheld: u64,
    /// Batches that were here already.
    pub known: u64,
    /// Screenshots that were not here.
    pub screenshots: u64,
    /// Screenshots that were here already.
    pub known_screenshots: u64,
    /// Batches and screenshots that will never be taken.
    pub refused: u64,
    /// Why the first of them was not.
    pub reason: Option<String>,
}

/// What was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Whose file it is.
    pub head: Head,
    /// How people call who made it.
    pub name: String,
    /// Whose data it is.
    pub organization: String,
    /// What became of its pieces.
    pub tally: Tally,
}

/// A file was not taken in, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Nothing of it was.
    #[error(transparent)]
    Refused(#[from] anyhow::Error),
    /// What stands before some place was.
    #[error("{reason}")]
    Stopped {
        /// What was taken in.
        before: Box<Imported>,
        /// Why not the rest, and what to do.
        reason: String,
    },
}

/// What the appliance says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
enum Reply {
    /// This file is not taken.
    Refused { reason: String },
    /// Its frames may come.
    Ready { name: String, organization: String },
    /// The frame is being tried again.
    Waiting { reason: String },
    /// The frame was taken.
    Taken { tally: Tally },
    /// The frame does not open.
    Damaged,
    /// It is not tried any longer.
    GaveUp { reason: String },
}

/// Takes in a file. `tell` hears how far it was read, how large it is, and what became of it so far.
pub async fn import(config: &Config, file: &Path, tell: impl Fn(u64, u64, &Tally)) -> Result<Imported, ImportError> {
    let shown = file.display();
    let opened = File::open(file).with_context(|| format!("{shown} cannot be opened"))?;
    let size = opened.metadata().with_context(|| format!("{shown} cannot be read"))?.len();
    let frames = carry::Frames::open(BufReader::new(opened)).with_context(|| format!("{shown} cannot be used"))?;
    let reading = Reading { frames, size, shown: shown.to_string() };
    let deadline = tokio::time::Instant::now() + STARTING;
    loop {
        if let Ok(stream) = connect(&config.data_dir).await {
            return hand_over(framed(stream), reading, &tell).await;
        }
        match DataFolder::lock(&config.data_dir) {
            Ok(folder) => return directly(config, folder, reading, &tell).await,
            Err(FolderError::InUse(_)) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(problem) => return Err(ImportError::Refused(problem.into())),
        }
    }
}

async fn directly(
    config: &Config,
    folder: DataFolder,
    reading: Reading,
    tell: &impl Fn(u64, u64, &Tally),
) -> Result<Imported, ImportError> {
    let known = folder.sentinel().map_err(anyhow::Error::from)?.is_some();
    if !known {
        let told =
            anyhow::anyhow!("{} is no data folder of an appliance; name it with --data-dir", folder.path().display());
        return Err(ImportError::Refused(told));
    }
    let (own, locked) = (config.clone(), folder);
    let (services, _folder) =
        blocking(move || Services::open(&own, &locked).map(|services| (services, locked))).await?;
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let serve = async {
        let mut frames = framed(theirs);
        if let Some(Ok(bytes)) = frames.next().await
            && let Ok(Order::ImportBuffer { head }) = serde_json::from_slice(&bytes)
        {
            // Whoever speaks to it hears what is wrong.
            drop(converse(&mut frames, &head, &services.core, services.doors()).await);
        }
    };
    tokio::join!(hand_over(framed(ours), reading, tell), serve).0
}

/// A file on its way.
struct Reading {
    frames: carry::Frames<BufReader<File>>,
    size: u64,
    shown: String,
}

impl Reading {
    async fn next(mut self) -> (Self, Result<Option<Frame>, CarryError>) {
        blocking(move || {
            let next = self.frames.read_next();
            (self, next)
        })
        .await
    }
}

async fn hand_over<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: Frames<S>,
    mut reading: Reading,
    tell: &impl Fn(u64, u64, &Tally),
) -> Result<Imported, ImportError> {
    let raw = String::from_utf8_lossy(reading.frames.raw_head()).into_owned();
    let order = serde_json::to_vec(&Order::ImportBuffer { head: raw }).map_err(anyhow::Error::from)?;
    say(&mut socket, order).await?;
    let head = reading.frames.head().clone();
    let (name, organization) = match hear(&mut socket).await? {
        Reply::Ready { name, organization } => (name, organization),
        Reply::Refused { reason } => {
            return Err(ImportError::Refused(anyhow::anyhow!("{} was not taken in: {reason}", reading.shown)));
        }
        other => return Err(ImportError::Refused(anyhow::anyhow!("the appliance said {other:?}"))),
    };
    let mut imported = Imported { head, name, organization, tally: Tally::default() };
    loop {
        let (read, next) = reading.next().await;
        reading = read;
        let frame = match next {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(imported),
            Err(problem) => return Err(stopped(imported, spoiled(&reading.shown, &problem.to_string()))),
        };
        let at = frame.at;
        let sent = say(&mut socket, [&[frame.letter][..], &frame.body].concat()).await;
        let mut heard = match sent {
            Ok(()) => hear(&mut socket).await,
            Err(problem) => Err(problem),
        };
        while let Ok(Reply::Waiting { reason }) = &heard {
            tracing::warn!("the appliance takes nothing just now, it is tried again: {reason}");
            heard = hear(&mut socket).await;
        }
        match heard {
            Ok(Reply::Taken { tally }) => imported.tally = tally,
            Ok(Reply::Damaged) => {
                let what = format!("it is damaged at byte {at}, or was changed");
                return Err(stopped(imported, spoiled(&reading.shown, &what)));
            }
            Ok(Reply::GaveUp { reason }) => {
                let told = format!("{} was taken in up to byte {at}: {reason}; try again later", reading.shown);
                return Err(stopped(imported, told));
            }
            Ok(other) => return Err(stopped(imported, format!("the appliance said {other:?}"))),
            Err(problem) => {
                let told = format!("{} was taken in up to byte {at}: {problem:#}; try again", reading.shown);
                return Err(stopped(imported, told));
            }
        }
        tell(reading.frames.at(), reading.size, &imported.tally);
    }
}

fn stopped(before: Imported, reason: String) -> ImportError {
    ImportError::Stopped { before: Box::new(before), reason }
}

fn spoiled(shown: &str, what: &str) -> String {
    format!(
        "{shown} cannot be used to its end: {what}. What stands before that place was taken in; copy the file once more, or \
         make it anew on the gateway. Taking it in again does no harm"
    )
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut Frames<S>, bytes: Vec<u8>) -> anyhow::Result<()> {
    Ok(tokio::time::timeout(PATIENCE, socket.send(Bytes::from(bytes))).await??)
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut Frames<S>) -> anyhow::Result<Reply> {
    let heard = tokio::time::timeout(PATIENCE, socket.next()).await.context("the appliance does not answer")?;
    let bytes = heard.context("the appliance closed the connection")??;
    Ok(serde_json::from_slice(&bytes)?)
}
