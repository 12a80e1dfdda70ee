//! Who this box is to the appliance, since it has joined: certificate, key, API key.
//!
//! `DATA/gateway/identity.json` holds all of it in one file, so that a crash leaves the old or the new, never a mixture;
//! `DATA/gateway/new-key.pem` is a key that has no certificate yet. Only the service may read them.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use anyhow::Context as _;
use metrics::gauge;
use nazorat_wire::JoinToken;
use serde::Deserialize;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tracing::info;
use tracing::warn;

use crate::kernel::Clock;
use crate::kernel::Fingerprint;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;
use crate::kernel::with_causes;
use crate::runtime::Nudge;
use crate::runtime::blocking;
use crate::runtime::every;
use crate::runtime::machine;
use crate::store::DataFolder;
use crate::store::write_durably;
use crate::uplink;
use crate::uplink::Authority;
use crate::uplink::ClientIdentity;
use crate::uplink::Granted;
use crate::uplink::Hop;
use crate::uplink::HopConfig;
use crate::uplink::NewKey;

/// How often it is looked whether the certificate should be another; after a failure as well.
const LOOK: Duration = Duration::from_secs(600);

/// Everything that the appliance gave, and the key that never left.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Identity {
    server: String,
    pub(super) gateway_id: String,
    pub(super) name: String,
    pub(super) organization: String,
    certificate: String,
    key: String,
    pub(super) valid_from: Timestamp,
    pub(super) valid_to: Timestamp,
    pub(super) authorities: String,
    api_key: String,
    /// SHA-256 of the secret with which this box joined: the same token again, as a service shows it at each start, is no
    /// reason to ask again.
    joined_with: String,
    /// Whether the certificate of the appliance is signed by these authorities, not by one that everybody believes.
    own_authorities: bool,
}

impl Identity {
    /// Reads who this box is; nobody when it has not joined. Blocks.
    pub(super) fn open(own: &Path) -> anyhow::Result<Option<Self>> {
        let path = file(own);
        match std::fs::read(&path) {
            Ok(bytes) => {
                let read = serde_json::from_slice(&bytes);
                let way_out = || format!("{} is damaged; join again with a new token", path.display());
                Ok(Some(read.with_context(way_out)?))
            }
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(problem) => Err(problem).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    fn new(known: Known<'_>, granted: Granted, key: &NewKey) -> Self {
        Self {
            server: known.server.to_owned(),
            gateway_id: granted.gateway_id,
            name: granted.name,
            organization: granted.organization,
            certificate: granted.certificate,
            key: key.pem().expose().to_owned(),
            valid_from: granted.valid_from,
            valid_to: granted.valid_to,
            authorities: granted.authorities,
            api_key: granted.api_key,
            joined_with: known.joined_with.to_owned(),
            own_authorities: known.own_authorities,
        }
    }

    /// Durable on return; the key that was waiting for its certificate is none any more.
    fn keep(&self, own: &Path) -> anyhow::Result<()> {
        let path = file(own);
        write_durably(&path, &serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        // A leftover is used by the next renewal.
        drop(std::fs::remove_file(new_key_file(own)));
        Ok(())
    }

    /// What both sides know and nobody else.
    pub(super) fn secret(&self) -> Fingerprint {
        Fingerprint::of(self.api_key.as_bytes())
    }

    /// The appliance, as this box speaks to it.
    pub(super) fn hop(&self) -> HopConfig {
        HopConfig {
            url: self.server.clone(),
            key: SecretText::new(&*self.api_key),
            authority: self.own_authorities.then(|| Authority::Pem(self.authorities.as_str().into())),
            identity: Some(ClientIdentity {
                certificate: self.certificate.as_str().into(),
                key: SecretText::new(&*self.key),
            }),
        }
    }

    /// Two thirds of the certificate's life are over.
    fn should_renew(&self, now: Timestamp) -> bool {
        let (from, to) = (self.valid_from.as_second(), self.valid_to.as_second());
        now.as_second() >= from + (to - from) / 3 * 2
    }
}

/// What stays the same when a certificate is renewed.
struct Known<'a> {
    server: &'a str,
    joined_with: &'a str,
    own_authorities: bool,
}

fn file(own: &Path) -> PathBuf {
    own.join("identity.json")
}

fn new_key_file(own: &Path) -> PathBuf {
    own.join("new-key.pem")
}

/// The key for the next certificate, kept before anybody hears of it. Blocks.
fn new_key(own: &Path) -> anyhow::Result<NewKey> {
    let path = new_key_file(own);
    if let Ok(pem) = std::fs::read_to_string(&path)
        && let Ok(key) = NewKey::parse(&pem)
    {
        return Ok(key);
    }
    let key = NewKey::generate()?;
    write_durably(&path, key.pem().expose().as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(key)
}

fn host() -> String {
    machine::host_name().unwrap_or_else(|| "gateway".to_owned())
}

/// What a box says when it has joined.
#[derive(Debug, Clone)]
pub struct Joined {
    /// How people call this gateway.
    pub name: String,
    /// Whose it is.
    pub organization: String,
    /// The appliance.
    pub server: String,
}

impl Joined {
    fn new(identity: &Identity) -> Self {
        let (name, organization) = (identity.name.clone(), identity.organization.clone());
        Self { name, organization, server: identity.server.clone() }
    }
}

/// Joins an appliance with a token and writes down who this box is from now on.
pub async fn join(data_dir: &Path, token: &str) -> anyhow::Result<Joined> {
    // Also held so that no gateway goes on as somebody else.
    let folder = DataFolder::lock(data_dir)?;
    join_locked(folder.path(), token).await
}

/// The same for a box that was started as an appliance and has nothing yet; it is a gateway from its next start on.
/// Whoever calls this holds the folder.
pub async fn join_instead(folder: &Path, token: &str) -> anyhow::Result<Joined> {
    let joined = join_locked(folder, token).await?;
    let sign = instead_file(folder);
    write_durably(&sign, b"This box was set up as a gateway in its first run.\n")
        .with_context(|| format!("{} cannot be written", sign.display()))?;
    Ok(joined)
}

/// Whether the box with this data folder was started as an appliance and has become a gateway.
pub fn is_instead(data_dir: &Path) -> bool {
    instead_file(data_dir).exists()
}

fn instead_file(folder: &Path) -> PathBuf {
    folder.join("gateway").join("instead-of-appliance")
}

async fn join_locked(folder: &Path, token: &str) -> anyhow::Result<Joined> {
    let token = JoinToken::parse(token)?;
    let own = folder.join("gateway");
    std::fs::create_dir_all(&own).with_context(|| format!("folder {} cannot be made", own.display()))?;
    let joined_with = SecretText::new(&*token.secret).fingerprint().to_string();
    // One that is damaged is what joining again is for.
    let before = Identity::open(&own).unwrap_or_default();
    if let Some(before) = before.as_ref().filter(|before| before.joined_with == joined_with) {
        return Ok(Joined::new(before));
    }
    if let Some(before) = before.filter(|before| before.gateway_id != token.gateway) {
        anyhow::bail!(
            "this folder belongs to the gateway {} of {}, and what waits in it must not reach anybody else; use \
             another --data-dir, or make the token with \"Replace\" on the page of that gateway",
            before.name,
            before.organization
        );
    }
    let key = new_key(&own)?;
    let granted = uplink::enroll(&token, &key, &host()).await?;
    let known = Known { server: &token.server, joined_with: &joined_with, own_authorities: token.root.is_some() };
    let identity = Identity::new(known, granted, &key);
    identity.keep(&own)?;
    Ok(Joined::new(&identity))
}

/// Who this box is just now. Cheap to clone.
#[derive(Clone)]
pub(super) struct Member(Arc<Mutex<Identity>>);

impl Member {
    pub(super) fn new(identity: Identity) -> Self {
        Self(Arc::new(Mutex::new(identity)))
    }

    pub(super) fn get(&self) -> Identity {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps the certificate fresh for as long as the gateway runs.
    pub(super) async fn keep_fresh(self, own: PathBuf, hop: Hop, clock: Clock, stop: CancellationToken) {
        let look = || {
            let (own, member, hop, clock) = (own.clone(), self.clone(), hop.clone(), clock.clone());
            async move { member.look(&own, &hop, clock.now()).await }
        };
        every(LOOK, Nudge::default(), stop, look).await;
    }

    async fn look(&self, own: &Path, hop: &Hop, now: Timestamp) {
        let identity = self.get();
        let left = identity.valid_to.as_second() - now.as_second();
        #[expect(clippy::cast_precision_loss, reason = "some months have few seconds")]
        gauge!("nazorat_certificate_left_seconds").set(left as f64);
        if !identity.should_renew(now) {
            return;
        }
        match renew(own, &identity, hop).await {
            Ok(renewed) => {
                info!("the certificate of this gateway was renewed and holds until {}", renewed.valid_to);
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = renewed;
            }
            Err(problem) => {
                let causes = with_causes(problem.as_ref());
                warn!("the certificate of this gateway could not be renewed, it holds for {left} s: {causes}");
            }
        }
    }
}

async fn renew(own: &Path, before: &Identity, hop: &Hop) -> anyhow::Result<Identity> {
    let folder = own.to_owned();
    let key = blocking(move || new_key(&folder)).await?;
    let granted = uplink::renew(hop, &key, &host()).await?;
    let known =
        Known { server: &before.server, joined_with: &before.joined_with, own_authorities: before.own_authorities };
    let identity = Identity::new(known, granted, &key);
    let (folder, kept) = (own.to_owned(), identity.clone());
    blocking(move || kept.keep(&folder)).await?;
    hop.change(&identity.hop())?;
    Ok(identity)
}
