//! Boxes come in: with an invitation, with a new certificate, with every request.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use crate::audit::Entry;
use crate::fleet::error::FleetError;
use crate::fleet::model::Certified;
use crate::fleet::model::Gateway;
use crate::fleet::model::GatewayState;
use crate::fleet::model::Issued;
use crate::fleet::model::Peer;
use crate::fleet::model::Refused;
use crate::fleet::model::Sealing;
use crate::fleet::model::Shown;
use crate::fleet::nonces::Seen;
use crate::fleet::records::CredentialRecord;
use crate::fleet::records::GATEWAYS;
use crate::fleet::records::key_id;
use crate::fleet::rules;
use crate::fleet::service::Fleet;
use crate::fleet::service::described;
use crate::kernel::Actor;
use crate::kernel::Fingerprint;
use crate::kernel::SecretText;
use crate::store::Read as _;

/// What every key of a gateway begins with.
const PREFIX: &str = "nzgw_";

/// What a box says of itself when it joins or renews.
#[derive(Debug, Clone)]
pub struct Joining<'a> {
    /// A signed PKCS#10, DER.
    pub request: &'a [u8],
    /// What it calls itself.
    pub host: &'a str,
    /// Its version.
    pub version: &'a str,
    /// From where it asks.
    pub address: Option<IpAddr>,
}

impl Fleet {
    /// True when a secret claims to be a gateway's.
    pub fn is_key(secret: &str) -> bool {
        secret.starts_with(PREFIX)
    }

    /// Who is asking. Reads memory only: it is asked for every request of every gateway.
    pub fn authenticate(&self, shown: &Shown<'_>) -> Result<Peer, (Option<Peer>, Refused)> {
        let unknown = (None, Refused::UnknownKey);
        if shown.secret.len() > 128 || !Self::is_key(shown.secret) {
            return Err(unknown);
        }
        let live = self.live.get();
        let Some(pass) = live.by_secret.get(&Fingerprint::of(shown.secret.as_bytes())) else { return Err(unknown) };
        if !self.is_open(pass.peer.organization) {
            return Err(unknown);
        }
        let now = self.clock.now();
        let refused = |why| (Some(pass.peer), why);
        rules::judge(&pass.door, shown, self.started, now).map_err(refused)?;
        if let Some(Ok(signature)) = shown.request.signature {
            let params = &signature.params;
            match self.nonces.note(&params.key_id, &params.nonce, now.as_second()) {
                Seen::First => {}
                Seen::Again => return Err(refused(Refused::Replayed)),
                Seen::NoRoom => return Err(refused(Refused::Busy)),
            }
        }
        pass.used.store(true, Ordering::Relaxed);
        Ok(pass.peer)
    }

    /// Whose box has a key with this id (`nazorat_wire::carry::key_id`), or had it before, and what that key seals with.
    pub fn find_seal(&self, id: &str) -> Option<Sealing> {
        let live = self.live.get();
        let (peer, secret) = *live.by_seal.get(id)?;
        let state = *live.standing.get(&(peer.organization, peer.gateway))?;
        Some(Sealing { peer, secret, state })
    }

    /// Remembers that somebody was not let in; a flood of it is cut. The peer is whose key was shown, if it is known.
    pub async fn note_refusal(&self, peer: Option<Peer>, address: Option<IpAddr>, code: &str, detail: &str) {
        let actor = peer.map_or_else(Actor::system, Peer::actor).at(address);
        let mut entry = Entry::new("gateway.refused").with("code", code).with("detail", detail);
        if let Some(peer) = peer {
            entry = entry.of(peer.organization).on("gateway", peer.gateway);
        }
        metrics::counter!("nazorat_gateway_refusals_total", "code" => code.to_owned()).increment(1);
        self.audit.record_rarely(&actor, entry).await;
    }

    /// Lets a box in that shows an invitation. The key that used one may use it again while it lasts, should the answer
    /// have been lost.
    pub async fn enroll(&self, secret: &str, joining: &Joining<'_>) -> Result<Certified, FleetError> {
        let now = self.clock.now();
        let print = Fingerprint::of(secret.trim().as_bytes());
        let name = self.live.get().invitations.get(&print).copied().ok_or(FleetError::NoInvitation)?;
        let (organization, id) = name;
        let tenant = Actor::system().tenant(organization)?;
        let home = self.tenancy.find(tenant).filter(|found| found.is_active()).ok_or(FleetError::NoInvitation)?;
        let key = SecretText::random(PREFIX);
        let issued = self.issuer.issue(joining.request, id, now)?;
        let (user, credential) = (key_id(&issued.key), CredentialRecord::new(&issued, key.fingerprint()));
        let (host, version) = (shortened(joining.host), shortened(joining.version));
        let gateway = self
            .write(tenant, move |tx| {
                let mut record = tx.find(&GATEWAYS, &id)?.ok_or(FleetError::NoInvitation)?;
                let invitation = record.invitation.as_mut().ok_or(FleetError::NoInvitation)?;
                let own = invitation.used_by.as_ref().is_none_or(|before| *before == user);
                if invitation.secret != print.to_string() || invitation.until <= now || !own {
                    return Err(FleetError::NoInvitation);
                }
                invitation.used_by = Some(user);
                let ended = [record.previous.take(), record.current.take(), record.next.take()];
                if record.state == GatewayState::Revoked {
                    // Whoever has the box that was revoked must not be believed because another one has joined.
                    record.former.clear();
                } else {
                    ended.into_iter().for_each(|ended| record.retire(ended));
                }
                record.state = GatewayState::Active;
                record.enrolled_at = Some(now);
                (record.host, record.version) = (host, version);
                record.current = Some(credential);
                tx.put(&GATEWAYS, &id, &record)?;
                Ok(record.to_model(organization, id))
            })
            .await?;
        let peer = Peer { organization, gateway: id };
        let entry = described("gateway.enroll", &gateway).with("host", joining.host);
        self.audit.record(&peer.actor().at(joining.address), entry).await;
        self.certified(&gateway, home.name(), issued, key)
    }

    /// A new certificate and key for a gateway that is in. The old ones work until a day after the new ones are used.
    pub async fn renew(&self, peer: Peer, joining: &Joining<'_>) -> Result<Certified, FleetError> {
        let (organization, id, now) = (peer.organization, peer.gateway, self.clock.now());
        let tenant = Actor::system().tenant(organization)?;
        let home = self.tenancy.find(tenant).ok_or(FleetError::NoOrganization(organization))?;
        let key = SecretText::random(PREFIX);
        let issued = self.issuer.issue(joining.request, id, now)?;
        let credential = CredentialRecord::new(&issued, key.fingerprint());
        let (host, version) = (shortened(joining.host), shortened(joining.version));
        let gateway = self
            .write(tenant, move |tx| {
                let mut record = tx.find(&GATEWAYS, &id)?.ok_or(FleetError::Unknown(id))?;
                if record.state != GatewayState::Active {
                    return Err(FleetError::WrongState { state: record.state.name() });
                }
                (record.host, record.version) = (host, version);
                // It may have been told after all, and its owner may have sealed something with it.
                let unused = record.next.replace(credential);
                record.retire(unused);
                tx.put(&GATEWAYS, &id, &record)?;
                Ok(record.to_model(organization, id))
            })
            .await?;
        let entry = described("gateway.renew", &gateway).with("until", issued.to.to_string());
        self.audit.record(&peer.actor().at(joining.address), entry).await;
        self.certified(&gateway, home.name(), issued, key)
    }

    /// The roots that a gateway is to believe.
    pub fn authorities(&self) -> Result<String, FleetError> {
        Ok(self.issuer.authorities()?)
    }

    fn certified(
        &self,
        gateway: &Gateway,
        organization: &str,
        issued: Issued,
        key: SecretText,
    ) -> Result<Certified, FleetError> {
        Ok(Certified {
            gateway: gateway.id,
            name: gateway.name.to_string(),
            organization: organization.to_owned(),
            certificate: issued.pem,
            from: issued.from,
            to: issued.to,
            authorities: self.issuer.authorities()?,
            key,
        })
    }
}

/// What a box says of itself is shown to people, so it is kept short and on one line.
fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(64).collect()
}
