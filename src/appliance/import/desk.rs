//! The side of the appliance: opens what comes, hands it to the doors, and notes what became of it.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::StreamExt as _;
use nazorat_wire::carry::Head;
use nazorat_wire::carry::Label;
use nazorat_wire::carry::Opened;
use nazorat_wire::carry::Opener;
use nazorat_wire::carry::Piece;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;

use super::PATIENCE;
use super::Reply;
use super::Tally;
use super::say;
use crate::appliance::control::Frames;
use crate::appliance::services::Core;
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

/// Between two tries never more than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How often a piece is tried for which there is no room just now.
const TRIES: u32 = 20;

/// Who has sealed a file.
struct Owner {
    organization: OrganizationId,
    organization_name: String,
    source: String,
    name: String,
    /// For the audit log.
    object: (&'static str, String),
    secret: Fingerprint,
}

/// The side of the appliance: takes in what follows on the connection, and notes it in the audit log.
pub(in crate::appliance) async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
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
        .on(owner.object.0, &owner.object.1)
        .with("name", owner.name)
        .with("made_at", read.made_at.to_string())
        .with("batches", tally.batches)
        .with("events", tally.events)
        .with("screenshots", tally.screenshots)
        .with("known", tally.known + tally.known_screenshots)
        .with("set_aside", tally.set_aside)
        .with("withheld", tally.withheld)
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
                self.withheld += u64::from(answer.withheld);
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
    let (organization, source, name, object, secret) = if let Some(found) = core.fleet.find_seal(&head.key) {
        let peer = found.peer;
        let gateway = core.fleet.get(&Actor::system(), peer.organization, peer.gateway).await?;
        let (name, standing) = (gateway.name.to_string(), found.state);
        anyhow::ensure!(
            standing != GatewayState::Suspended,
            "its gateway {name} is suspended; let it go on first, on the page Gateways"
        );
        anyhow::ensure!(standing != GatewayState::Revoked, "its gateway {name} was revoked, so it is not believed");
        (peer.organization, peer.source(), name, ("gateway", peer.gateway.to_string()), found.secret)
    } else {
        let (key, secret) = core.identity.api_keys.find_seal(&head.key, now).with_context(unknown)?;
        (key.organization, key.source.to_string(), head.source.clone(), ("api_key", key.id.to_string()), secret)
    };
    let home = core.tenancy.find(Actor::system().tenant(organization)?).filter(|home| home.is_active());
    let home = home.context("its organization is closed")?;
    Ok(Owner { organization, organization_name: home.name().to_owned(), source, name, object, secret })
}
