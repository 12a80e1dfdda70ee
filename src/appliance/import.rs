//! `nazorat import-buffer`: a backlog that a person has carried here from a gateway.
//!
//! The command reads the file, because it may lie where the service must not look, and hands its frames to the appliance,
//! which has the keys: over the control socket while it runs, else in this process on the locked data folder. Each piece goes
//! through the doors of senders, so what came over the line before or comes after is a repeat.

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
use nazorat_wire::carry::Label;
use nazorat_wire::carry::Opened;
use nazorat_wire::carry::Opener;
use nazorat_wire::carry::Piece;
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
use super::services::Core;
use super::services::Services;
use crate::audit::Entry;
use crate::fleet::GatewayState;
use crate::ingest::Carried;
use crate::ingest::Doors;
use crate::ingest::Outcome;
use crate::ingest::Sender;
use crate::intake::Source;
use crate::kernel::Actor;
use crate::kernel::Fingerprint;
use crate::kernel::OrganizationId;
use crate::runtime::blocking;
use crate::store::DataFolder;
use crate::store::FolderError;

/// How long either side waits for the other: a stick may be slow, and so may a full disk.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often a piece is tried for which there is no room just now.
const TRIES: u32 = 20;
/// Between two tries never more than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What became of the pieces so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Batches that were not here.
    pub batches: u64,
    /// Events of them that are stored.
    pub events: u64,
    /// Events of them that were set aside, for an operator to look at.
    pub set_aside: u64,
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
            let next = self.frames.next();
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

/// Who has sealed a file.
struct Owner {
    organization: OrganizationId,
    organization_name: String,
    source: String,
    name: String,
    secret: Fingerprint,
}

/// The side of the appliance: takes in what follows on the connection, and notes it in the audit log.
pub(super) async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut Frames<S>,
    head: &str,
    core: &Core,
    doors: Doors,
) -> anyhow::Result<()> {
    let read: Head = serde_json::from_str(head)?;
    let owner = match find_owner(core, &read).await {
        Ok(owner) => owner,
        Err(problem) => return reply(socket, &Reply::Refused { reason: format!("{problem:#}") }).await,
    };
    let opener = Opener::new(head.as_bytes(), owner.secret.as_bytes())?;
    let sender = Sender { organization: owner.organization, source: Source::new(&*owner.source) };
    let ready = Reply::Ready { name: owner.name.clone(), organization: owner.organization_name.clone() };
    reply(socket, &ready).await?;
    let mut import = Import { opener, carried: Carried::new(doors, sender), tally: Tally::default(), whole: false };
    let outcome = import.take_all(socket).await;
    let tally = &import.tally;
    let entry = Entry::new("gateway.import")
        .of(owner.organization)
        .on("gateway", &owner.source)
        .with("name", owner.name)
        .with("made_at", read.made_at.to_string())
        .with("batches", tally.batches)
        .with("events", tally.events)
        .with("screenshots", tally.screenshots)
        .with("known", tally.known + tally.known_screenshots)
        .with("set_aside", tally.set_aside)
        .with("refused", tally.refused)
        .with("whole", import.whole);
    core.audit.record(&Actor::system(), entry).await;
    tracing::info!(
        "a backlog was carried here: {} batches and {} screenshots were new, {} were here already, {} were refused",
        tally.batches,
        tally.screenshots,
        tally.known + tally.known_screenshots,
        tally.refused
    );
    match outcome {
        // The last answer goes when everything is noted.
        Ok(Some(last)) => reply(socket, &last).await,
        Ok(None) => Ok(()),
        Err(problem) => Err(problem),
    }
}

struct Import {
    opener: Opener,
    carried: Carried,
    tally: Tally,
    whole: bool,
}

impl Import {
    /// Takes frames until the end, or until one cannot be taken; gives what is to be said at last.
    async fn take_all<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        socket: &mut Frames<S>,
    ) -> anyhow::Result<Option<Reply>> {
        loop {
            let Some(bytes) = tokio::time::timeout(PATIENCE, socket.next()).await? else { return Ok(None) };
            let bytes = bytes?;
            let Some((letter, body)) = bytes.split_first() else { return Ok(Some(Reply::Damaged)) };
            let piece = match self.opener.open(*letter, body) {
                Ok(Opened::Piece(piece)) => piece,
                Ok(Opened::End(_)) => {
                    self.whole = true;
                    return Ok(Some(Reply::Taken { tally: self.tally.clone() }));
                }
                Err(_) => return Ok(Some(Reply::Damaged)),
            };
            if let Err(reason) = self.take(socket, piece).await? {
                return Ok(Some(Reply::GaveUp { reason }));
            }
            reply(socket, &Reply::Taken { tally: self.tally.clone() }).await?;
        }
    }

    async fn take<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        socket: &mut Frames<S>,
        piece: Piece,
    ) -> anyhow::Result<Result<(), String>> {
        let mut tries = 0;
        loop {
            match self.carried.take(piece.clone()).await {
                Outcome::Later(after, reason) => {
                    tries += 1;
                    if tries >= TRIES {
                        return Ok(Err(reason));
                    }
                    reply(socket, &Reply::Waiting { reason }).await?;
                    tokio::time::sleep(after.min(LONGEST_PAUSE)).await;
                }
                outcome => {
                    self.tally.count(&piece.label, outcome);
                    return Ok(Ok(()));
                }
            }
        }
    }
}

impl Tally {
    fn count(&mut self, label: &Label, outcome: Outcome) {
        let batch = matches!(label, Label::Batch { .. });
        match outcome {
            Outcome::Taken(answer) if answer.duplicate && batch => self.known += 1,
            Outcome::Taken(answer) if answer.duplicate => self.known_screenshots += 1,
            Outcome::Taken(answer) => {
                if batch {
                    self.batches += 1;
                    self.events += u64::from(answer.accepted);
                } else {
                    self.screenshots += 1;
                }
                self.set_aside += answer.rejected.len() as u64;
            }
            Outcome::Refused(why) | Outcome::Later(_, why) => {
                self.refused += 1;
                let what = match label {
                    Label::Batch { name, .. } => format!("batch {name}"),
                    Label::Screenshot { .. } => "a screenshot".to_owned(),
                };
                self.reason.get_or_insert(format!("{what}: {why}"));
            }
        }
    }
}

async fn reply<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut Frames<S>, reply: &Reply) -> anyhow::Result<()> {
    say(socket, serde_json::to_vec(reply)?).await
}

async fn find_owner(core: &Core, head: &Head) -> anyhow::Result<Owner> {
    let now = core.clock.now();
    let unknown = || {
        format!(
            "it was made for {} by a gateway ({}) whose key is not known here; is this the right appliance? Where a gateway \
             was deleted or its data folder made anew, make the file once more on the box that has the backlog",
            head.server, head.source
        )
    };
    let (organization, source, name, secret) = if let Some(found) = core.fleet.find_seal(&head.key) {
        let peer = found.peer;
        let gateway = core.fleet.get(&Actor::system(), peer.organization, peer.gateway).await?;
        let (name, standing) = (gateway.name.to_string(), found.state);
        anyhow::ensure!(
            standing != GatewayState::Suspended,
            "its gateway {name} is suspended; let it go on first, on the page Gateways"
        );
        anyhow::ensure!(standing != GatewayState::Revoked, "its gateway {name} was revoked, so it is not believed");
        (peer.organization, peer.source(), name, found.secret)
    } else {
        let (key, secret) = core.identity.api_keys.find_seal(&head.key, now).with_context(unknown)?;
        (key.organization, key.source.to_string(), head.source.clone(), secret)
    };
    let home = core.tenancy.find(Actor::system().tenant(organization)?).filter(|home| home.is_active());
    let home = home.context("its organization is closed")?;
    Ok(Owner { organization, organization_name: home.name().to_owned(), source, name, secret })
}
