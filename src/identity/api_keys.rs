//! The verbs about keys with which programs send.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use nazorat_wire::carry::key_id;

use crate::audit::Entry;
use crate::identity::error::IdentityError;
use crate::identity::model::ApiKey;
use crate::identity::model::DisplayName;
use crate::identity::model::IngestKey;
use crate::identity::model::IssuedKey;
use crate::identity::records::API_KEYS;
use crate::identity::records::ApiKeyRecord;
use crate::identity::records::OldSecret;
use crate::identity::service::Context;
use crate::kernel::Actor;
use crate::kernel::ApiKeyId;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::Fingerprint;
use crate::kernel::OrganizationId;
use crate::kernel::Page;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::SecretText;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::runtime::blocking;
use crate::store::Key as _;
use crate::store::Mirror;
use crate::store::Read as _;
use crate::store::StoreError;
use crate::tenancy::TenancyError;

const PREFIX: &str = "nzk_";
/// How much of a secret is kept to recognize it.
pub(super) const HINT: usize = 8;
/// Use is written down no more often than this.
pub(super) const NOTE_AFTER: Duration = Duration::from_secs(60);
/// Keys that one organization may have, revoked ones included.
const MOST: usize = 500;

/// Keys of programs. Cheap to clone.
#[derive(Clone)]
pub struct ApiKeys {
    context: Context,
    live: Mirror<Live>,
}

type Name = (OrganizationId, ApiKeyId);

/// What the hot path needs: no store, no lock but a read lock.
#[derive(Default)]
struct Live {
    by_secret: HashMap<Fingerprint, Door>,
    uses: HashMap<Name, Arc<Use>>,
}

struct Door {
    key: Arc<IngestKey>,
    until: Option<Timestamp>,
    last: Arc<Use>,
}

/// When a key was used, in microseconds: as written down, and as seen.
#[derive(Default)]
struct Use {
    noted: AtomicI64,
    seen: AtomicI64,
}

impl ApiKeys {
    /// For how long the old secret works beside the new one.
    pub const OVERLAP: Duration = Duration::from_secs(24 * 3600);

    pub(super) fn open(context: Context) -> Result<Self, StoreError> {
        let keys = Self { context, live: Mirror::new(Live::default()) };
        keys.reload_now()?;
        Ok(keys)
    }

    /// What a secret proves, if anything. Reads memory only: it is asked for every batch.
    pub fn authenticate(&self, secret: &str, now: Timestamp) -> Option<Arc<IngestKey>> {
        if secret.len() > 128 || !secret.starts_with(PREFIX) {
            return None;
        }
        let live = self.live.get();
        let door = live.by_secret.get(&Fingerprint::of(secret.as_bytes()))?;
        if door.until.is_some_and(|until| until <= now) {
            return None;
        }
        let tenant = Actor::system().tenant(door.key.organization).ok()?;
        self.context.tenancy.find(tenant).filter(|organization| organization.is_active())?;
        door.last.seen.fetch_max(now.as_microsecond(), Ordering::Relaxed);
        Some(Arc::clone(&door.key))
    }

    /// The key with this id (`nazorat_wire::carry::key_id`), while it is worth anything, and what it seals with.
    pub fn find_seal(&self, id: &str, now: Timestamp) -> Option<(Arc<IngestKey>, Fingerprint)> {
        let live = self.live.get();
        let open = |door: &Door| door.until.is_none_or(|until| until > now);
        let mut all = live.by_secret.iter().filter(|(_, door)| open(door));
        let (secret, door) = all.find(|(secret, _)| key_id(secret.as_bytes()) == id)?;
        Some((Arc::clone(&door.key), *secret))
    }

    /// The keys of an organization, in the order in which they were made.
    pub async fn list(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        page: PageRequest,
    ) -> Result<Page<ApiKey>, IdentityError> {
        let tenant = self.tenant(actor, organization)?;
        let after = match &page.after {
            Some(cursor) => Some(ApiKeyId::decode(&mut cursor.as_bytes()).ok_or(CursorError)?),
            None => None,
        };
        let limit = page.limit;
        let store = self.context.store.tenant(tenant);
        let found = store.read(move |tx| tx.list_after(&API_KEYS, after.as_ref(), limit + 1)).await;
        let mut found = found.map_err(|problem: StoreError| problem)?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(id, _)| Cursor::new(id.bytes()));
        let items = found.into_iter().map(|(id, record)| self.shown(organization, id, &record)).collect();
        Ok(Page { items, next })
    }

    /// Makes a key. The secret is in the answer and nowhere else.
    pub async fn create(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        name: DisplayName,
    ) -> Result<IssuedKey, IdentityError> {
        let tenant = self.tenant(actor, organization)?;
        let now = self.context.clock.now();
        let secret = SecretText::random(PREFIX);
        let record = ApiKeyRecord {
            name: name.to_string(),
            hint: hint(&secret),
            created_at: now,
            last_used_at: None,
            secret: Some(secret.fingerprint().to_string()),
            old_secret: None,
            revoked_at: None,
        };
        let stored = record.clone();
        let id = self
            .write(tenant, move |tx| {
                if tx.list(&API_KEYS)?.len() >= MOST {
                    return Err(IdentityError::TooMany(MOST));
                }
                let id = ApiKeyId::new(tx.next_number(&API_KEYS)?);
                tx.put(&API_KEYS, &id, &stored)?;
                Ok(id)
            })
            .await?;
        let key = self.shown(organization, id, &record);
        self.context.audit.record(actor, described("api_key.create", &key)).await;
        Ok(IssuedKey { key, secret })
    }

    /// Gives a key a new secret. The old one works on for [`ApiKeys::OVERLAP`]; one that was still working from an
    /// earlier rotation ends now.
    pub async fn rotate(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ApiKeyId,
    ) -> Result<IssuedKey, IdentityError> {
        let tenant = self.tenant(actor, organization)?;
        let until = self.context.clock.now().saturating_add(Self::OVERLAP).unwrap_or(Timestamp::MAX);
        let secret = SecretText::random(PREFIX);
        let (print, hint) = (secret.fingerprint().to_string(), hint(&secret));
        let record = self
            .change(tenant, id, move |record| {
                let old = record.secret.replace(print).ok_or(IdentityError::KeyRevoked(id))?;
                record.old_secret = Some(OldSecret { secret: old, until });
                record.hint = hint;
                Ok(())
            })
            .await?;
        let key = self.shown(organization, id, &record);
        self.context.audit.record(actor, described("api_key.rotate", &key)).await;
        Ok(IssuedKey { key, secret })
    }

    /// Ends a key at once, with all its secrets. Repeating it is harmless.
    pub async fn revoke(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ApiKeyId,
    ) -> Result<ApiKey, IdentityError> {
        let tenant = self.tenant(actor, organization)?;
        let now = self.context.clock.now();
        let record = self
            .change(tenant, id, move |record| {
                record.secret = None;
                record.old_secret = None;
                record.revoked_at.get_or_insert(now);
                Ok(())
            })
            .await?;
        let key = self.shown(organization, id, &record);
        self.context.audit.record(actor, described("api_key.revoke", &key)).await;
        Ok(key)
    }

    /// How many keys of an organization work.
    pub async fn count(&self, actor: &Actor, organization: OrganizationId) -> Result<usize, IdentityError> {
        let tenant = self.tenant(actor, organization)?;
        let all = self.context.store.tenant(tenant).read(|tx| tx.list(&API_KEYS)).await;
        let all = all.map_err(|problem: StoreError| problem)?;
        Ok(all.iter().filter(|(_, record)| record.secret.is_some()).count())
    }

    pub(super) async fn note_use(&self) -> Result<(), IdentityError> {
        let keys = self.clone();
        blocking(move || keys.note_use_now()).await
    }

    pub(super) async fn reload(&self) -> Result<(), IdentityError> {
        let keys = self.clone();
        blocking(move || Ok(keys.reload_now()?)).await
    }

    fn note_use_now(&self) -> Result<(), IdentityError> {
        let live = self.live.get();
        let mut used: HashMap<OrganizationId, Vec<(ApiKeyId, Timestamp)>> = HashMap::new();
        for ((organization, id), last) in &live.uses {
            let seen = last.seen.load(Ordering::Relaxed);
            if seen.saturating_sub(last.noted.load(Ordering::Relaxed)) >= micros(NOTE_AFTER) {
                last.noted.store(seen, Ordering::Relaxed);
                used.entry(*organization).or_default().extend(at(seen).map(|seen| (*id, seen)));
            }
        }
        for (organization, uses) in used {
            let tenant = Actor::system().tenant(organization)?;
            self.context.store.tenant(tenant).touch_now(|tx| {
                for (id, seen) in &uses {
                    if let Some(mut record) = tx.find(&API_KEYS, id)? {
                        record.last_used_at = Some(*seen);
                        tx.put(&API_KEYS, id, &record)?;
                    }
                }
                Ok::<_, IdentityError>(())
            })?;
        }
        Ok(())
    }

    /// Keys exist only in organizations that exist, also for the system.
    fn tenant(&self, actor: &Actor, organization: OrganizationId) -> Result<Tenant, IdentityError> {
        actor.require(Permission::EditApiKeys)?;
        let tenant = actor.tenant(organization)?;
        match self.context.tenancy.find(tenant) {
            Some(_) => Ok(tenant),
            None => Err(TenancyError::Unknown(organization).into()),
        }
    }

    fn shown(&self, organization: OrganizationId, id: ApiKeyId, record: &ApiKeyRecord) -> ApiKey {
        let mut key = record.to_model(organization, id, self.context.clock.now());
        let seen = self.live.get().uses.get(&(organization, id)).and_then(|last| at(last.seen.load(Ordering::Relaxed)));
        key.last_used_at = key.last_used_at.max(seen);
        key
    }

    async fn change(
        &self,
        tenant: Tenant,
        id: ApiKeyId,
        work: impl FnOnce(&mut ApiKeyRecord) -> Result<(), IdentityError> + Send + 'static,
    ) -> Result<ApiKeyRecord, IdentityError> {
        self.write(tenant, move |tx| {
            let mut record = tx.find(&API_KEYS, &id)?.ok_or(IdentityError::UnknownKey(id))?;
            work(&mut record)?;
            tx.put(&API_KEYS, &id, &record)?;
            Ok(record)
        })
        .await
    }

    async fn write<T: Send + 'static>(
        &self,
        tenant: Tenant,
        work: impl FnOnce(&crate::store::WriteTx<'_>) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let keys = self.clone();
        blocking(move || {
            let value = keys.context.store.tenant(tenant).write_now(work)?;
            keys.reload_now()?;
            Ok(value)
        })
        .await
    }

    fn reload_now(&self) -> Result<(), StoreError> {
        self.live.reload(|before| {
            let mut live = Live::default();
            for organization in self.context.tenancy.list_all() {
                let Ok(tenant) = Actor::system().tenant(organization.id) else { continue };
                for (id, record) in self.context.store.tenant(tenant).read_now(|tx| tx.list(&API_KEYS))? {
                    live.insert(before, (organization.id, id), &record);
                }
            }
            Ok(live)
        })
    }
}

impl Live {
    fn insert(&mut self, before: &Live, name: Name, record: &ApiKeyRecord) {
        let last = before.uses.get(&name).cloned().unwrap_or_else(|| Arc::new(Use::from_stored(record.last_used_at)));
        let key = Arc::new(IngestKey { id: name.1, organization: name.0, source: format!("key:{}", name.1).into() });
        for (print, until) in record.fingerprints() {
            self.by_secret.insert(print, Door { key: Arc::clone(&key), until, last: Arc::clone(&last) });
        }
        self.uses.insert(name, last);
    }
}

impl Use {
    fn from_stored(last: Option<Timestamp>) -> Self {
        let micros = last.map_or(0, Timestamp::as_microsecond);
        Self { noted: AtomicI64::new(micros), seen: AtomicI64::new(micros) }
    }
}

pub(super) fn hint(secret: &SecretText) -> String {
    secret.expose().chars().take(HINT).collect()
}

fn at(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok().filter(|_| micros > 0)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn described(action: &'static str, key: &ApiKey) -> Entry {
    Entry::new(action).of(key.organization).on("api_key", key.id).with("name", key.name.as_str())
}
