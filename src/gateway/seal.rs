//! What waits, sealed for the appliance: the bytes of a file that a person carries.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use nazorat_wire::carry::Head;
use nazorat_wire::carry::Label;
use nazorat_wire::carry::Piece;
use nazorat_wire::carry::Sealer;
use nazorat_wire::carry::Totals;
use nazorat_wire::carry::key_id;
use tracing::warn;

use super::Config;
use super::identity::Member;
use super::source;
use crate::kernel::Fingerprint;
use crate::kernel::Timestamp;
use crate::kernel::random_bytes;
use crate::uplink::Backlog;
use crate::uplink::UplinkError;
use crate::uplink::Waiting;

/// With what this box seals, and as whom. Cheap to clone.
#[derive(Clone)]
pub(super) struct Seal {
    source: Arc<str>,
    /// The key changes with the certificate.
    member: Option<Member>,
    plain: Fingerprint,
}

impl Seal {
    pub(super) fn new(config: &Config, own: &Path, member: Option<&Member>) -> anyhow::Result<Self> {
        let source = match member {
            Some(member) => member.get().gateway_id,
            None => source(own)?,
        };
        let plain = config.hop.as_ref().map_or(Fingerprint::from_bytes([0; 32]), |hop| hop.key.fingerprint());
        Ok(Self { source: source.into(), member: member.cloned(), plain })
    }

    /// Our name in the names of batches.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    fn secret(&self) -> Fingerprint {
        self.member.as_ref().map_or(self.plain, |member| member.get().secret())
    }
}

/// A file that is being made, piece by piece.
pub(super) struct Export {
    backlog: Backlog,
    start: Option<Bytes>,
    sealer: Option<Sealer>,
    totals: Totals,
}

impl Export {
    pub(super) fn begin(backlog: Backlog, seal: &Seal, server: &str, now: Timestamp) -> Self {
        let secret = seal.secret();
        let head = Head {
            source: seal.source().to_owned(),
            server: server.to_owned(),
            made_at: now,
            made_with: env!("CARGO_PKG_VERSION").to_owned(),
            key: key_id(secret.as_bytes()),
            salt: hex::encode(random_bytes::<32>()),
        };
        let (sealer, start) = Sealer::begin(&head, secret.as_bytes());
        Self { backlog, start: Some(start.into()), sealer: Some(sealer), totals: Totals::default() }
    }

    /// The next bytes of the file, if there are more.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, UplinkError> {
        if let Some(start) = self.start.take() {
            return Ok(Some(start));
        }
        loop {
            let Some(sealer) = &mut self.sealer else { return Ok(None) };
            match self.backlog.next().await? {
                Some(Waiting::Piece { piece, came }) => match sealer.seal(&piece) {
                    Ok(bytes) => {
                        count(&mut self.totals, &piece, came);
                        return Ok(Some(bytes.into()));
                    }
                    Err(problem) => {
                        warn!("something that waits cannot be exported: {problem}");
                        self.totals.missing += 1;
                    }
                },
                Some(Waiting::Missing) => self.totals.missing += 1,
                None => return Ok(self.sealer.take().map(|sealer| sealer.end(&self.totals).into())),
            }
        }
    }
}

fn count(totals: &mut Totals, piece: &Piece, came: Option<(i64, i64)>) {
    match &piece.label {
        Label::Batch { events, .. } => {
            totals.batches += 1;
            totals.events += events;
        }
        Label::Screenshot { .. } => totals.screenshots += 1,
    }
    totals.bytes += piece.body.len() as u64;
    let time = |us| Timestamp::from_microsecond(us).ok();
    if let Some((first, last)) = came.and_then(|(first, last)| time(first).zip(time(last))) {
        totals.from = Some(totals.from.map_or(first, |from| from.min(first)));
        totals.to = Some(totals.to.map_or(last, |to| to.max(last)));
    }
}
