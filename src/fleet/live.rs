//! What the hot path needs of gateways, in memory: no store, no lock but a read lock.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use nazorat_wire::carry::key_id;

use crate::fleet::error::FleetError;
use crate::fleet::model::GatewayState;
use crate::fleet::model::Peer;
use crate::fleet::records::GATEWAYS;
use crate::fleet::records::GatewayRecord;
use crate::fleet::records::SETTINGS;
use crate::fleet::records::SettingsRecord;
use crate::fleet::rules;
use crate::fleet::rules::Door;
use crate::fleet::service::Fleet;
use crate::fleet::service::Name;
use crate::kernel::Actor;
use crate::kernel::Fingerprint;
use crate::store::Read as _;
use crate::store::StoreError;

/// All gateways, by what they show.
#[derive(Default)]
pub(super) struct Live {
    pub(super) by_secret: HashMap<Fingerprint, Arc<Pass>>,
    pub(super) standing: HashMap<Name, GatewayState>,
    pub(super) invitations: HashMap<Fingerprint, Name>,
    /// By the id of the key that seals, former keys too.
    pub(super) by_seal: HashMap<String, (Peer, Fingerprint)>,
}

pub(super) struct Pass {
    pub(super) peer: Peer,
    pub(super) door: Door,
    secret: String,
    /// Whether using it changes something.
    is_next: bool,
    pub(super) used: AtomicBool,
}

impl Fleet {
    /// Lets new credentials take over that were used since the last look.
    pub(super) fn note_use(&self) -> Result<(), FleetError> {
        let live = self.live.get();
        let used: Vec<_> =
            live.by_secret.values().filter(|pass| pass.is_next && pass.used.load(Ordering::Relaxed)).collect();
        let now = self.clock.now();
        for pass in &used {
            let tenant = Actor::system().tenant(pass.peer.organization)?;
            self.store.tenant(tenant).write_now(|tx| {
                if let Some(mut record) = tx.find(&GATEWAYS, &pass.peer.gateway)?
                    && rules::take_over(&mut record, &pass.secret, now)
                {
                    tx.put(&GATEWAYS, &pass.peer.gateway, &record)?;
                }
                Ok::<_, FleetError>(())
            })?;
        }
        if !used.is_empty() {
            self.reload()?;
        }
        Ok(())
    }

    pub(super) fn reload(&self) -> Result<(), StoreError> {
        self.live.reload(|_| {
            let mut live = Live::default();
            for organization in self.tenancy.list_all() {
                let Ok(tenant) = Actor::system().tenant(organization.id) else { continue };
                let (settings, all) = self.store.tenant(tenant).read_now(|tx| {
                    Ok::<_, StoreError>((tx.find(&SETTINGS, &())?.unwrap_or_default(), tx.list(&GATEWAYS)?))
                })?;
                for (id, record) in all {
                    live.insert((organization.id, id), &record, &settings);
                }
            }
            Ok::<_, StoreError>(live)
        })?;
        self.changed.send_modify(|number| *number += 1);
        Ok(())
    }
}

impl Live {
    fn insert(&mut self, name: Name, record: &GatewayRecord, settings: &SettingsRecord) {
        let peer = Peer { organization: name.0, gateway: name.1 };
        self.standing.insert(name, record.state);
        if let Some(print) = record.invitation.as_ref().and_then(|one| Fingerprint::parse(&one.secret)) {
            self.invitations.insert(print, name);
        }
        let kept = [&record.current, &record.next, &record.previous].into_iter().flatten().map(|one| &one.secret);
        for secret in kept.chain(&record.former).filter_map(|secret| Fingerprint::parse(secret)) {
            self.by_seal.insert(key_id(secret.as_bytes()), (peer, secret));
        }
        for (credential, is_next) in [(&record.current, false), (&record.next, true), (&record.previous, false)] {
            let Some(credential) = credential else { continue };
            let parts = (
                Fingerprint::parse(&credential.secret),
                Fingerprint::parse(&credential.certificate),
                hex::decode(&credential.key),
            );
            let (Some(secret), Some(certificate), Ok(key)) = parts else { continue };
            let door = Door {
                state: record.state,
                key,
                certificate,
                until: credential.until,
                without_certificate: settings.without_certificate,
            };
            let used = AtomicBool::new(false);
            let pass = Pass { peer, door, secret: credential.secret.clone(), is_next, used };
            self.by_secret.insert(secret, Arc::new(pass));
        }
    }
}
