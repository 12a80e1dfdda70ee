//! The verbs about where people are signed in, and the keeping of sessions for the layer in `web`.
//!
//! The cookie holds the id, the store its SHA-256: who reads the store cannot come in with it. Only signed-in sessions
//! are kept; nobody fills the store without a password.

use std::collections::HashMap;
use std::net::IpAddr;

use async_trait::async_trait;
use serde_json::Map;
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::Id;
use tower_sessions::session::Record as Tower;
use tower_sessions::session_store;

use crate::audit::Entry;
use crate::identity::error::IdentityError;
use crate::identity::model::Operator;
use crate::identity::model::Session;
use crate::identity::model::SessionKey;
use crate::identity::model::SignedIn;
use crate::identity::model::Visit;
use crate::identity::operators::Operators;
use crate::identity::records::Mark;
use crate::identity::records::SESSIONS;
use crate::identity::records::SESSIONS_BY_EXPIRY;
use crate::identity::records::SESSIONS_BY_OPERATOR;
use crate::identity::records::SessionRecord;
use crate::identity::rules;
use crate::identity::service::Context;
use crate::kernel::Actor;
use crate::kernel::Fingerprint;
use crate::kernel::OperatorId;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::runtime::blocking;
use crate::store::Read;
use crate::store::StoreError;
use crate::store::TenantStore;
use crate::store::WriteTx;

/// Under this name the layer's data say who signed in.
const WHO: &str = "nazorat.who";
/// A session's last use is written down no more often than this.
const SEEN_AFTER_SECS: i64 = 60;
/// Places where one operator may be signed in; the oldest makes room.
const MOST: usize = 50;
/// Sessions that one turn of the upkeep removes.
const REMOVED_AT_ONCE: usize = 1000;

/// Where people are signed in; also the store of the session layer. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    context: Context,
    operators: Operators,
}

/// From where somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The address.
    pub address: Option<IpAddr>,
    /// The browser's `User-Agent`.
    pub user_agent: String,
}

/// What stands under [`WHO`] in the layer's data.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Who {
    operator: OperatorId,
    last_seen_at: Timestamp,
    address: Option<IpAddr>,
    agent: String,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

impl Sessions {
    pub(super) fn new(context: Context, operators: Operators) -> Self {
        Self { context, operators }
    }

    /// Begins a session for an operator whom `Login::sign_in` returned. The id is always a new one.
    pub async fn begin(
        &self,
        session: &tower_sessions::Session,
        operator: &Operator,
        origin: Origin,
    ) -> Result<(), IdentityError> {
        let who = Who {
            operator: operator.id,
            last_seen_at: self.context.clock.now(),
            address: origin.address,
            agent: rules::browser(&origin.user_agent),
        };
        session.cycle_id().await.map_err(IdentityError::Session)?;
        session.clear().await;
        session.insert(WHO, who).await.map_err(IdentityError::Session)
    }

    /// Who is behind a request, as they are now; nobody when the session ended or the operator may not come in.
    pub async fn resume(
        &self,
        session: &tower_sessions::Session,
        visit: Visit,
    ) -> Result<Option<SignedIn>, IdentityError> {
        let who: Option<Who> = session.get(WHO).await.map_err(IdentityError::Session)?;
        let (Some(who), Some(id)) = (who, session.id()) else { return Ok(None) };
        let Some(operator) = self.operators.find_active(who.operator) else { return Ok(None) };
        let key = key_of(&id);
        let now = self.context.clock.now();
        if visit == Visit::Person && now.as_second() - who.last_seen_at.as_second() >= SEEN_AFTER_SECS {
            self.note_seen(key, now).await?;
        }
        let actor = operator.actor();
        Ok(Some(SignedIn { operator, actor, session: Some(key) }))
    }

    /// Signs out.
    pub async fn end(&self, actor: &Actor, session: &tower_sessions::Session) -> Result<(), IdentityError> {
        session.flush().await.map_err(IdentityError::Session)?;
        let own = actor.organization();
        self.context.audit.record(actor, Entry::new("login.ended").of(own)).await;
        Ok(())
    }

    /// Where an operator is signed in, the last used first: one's own, or another's for who may edit operators.
    pub async fn list(&self, actor: &Actor, operator: OperatorId) -> Result<Vec<Session>, IdentityError> {
        self.require_about(actor, operator)?;
        let idle = self.idle_before();
        let now = self.context.clock.now();
        let found = self.store().read(move |tx| of(tx, operator)).await?;
        let mut sessions: Vec<_> = found
            .into_iter()
            .filter(|(_, record)| record.last_seen_at > idle && record.expires_at > now)
            .map(|(key, record)| record.to_model(key))
            .collect();
        sessions.sort_unstable_by_key(|session| std::cmp::Reverse(session.last_seen_at));
        Ok(sessions)
    }

    /// Ends one session at once.
    pub async fn revoke(&self, actor: &Actor, operator: OperatorId, key: SessionKey) -> Result<(), IdentityError> {
        actor.require_change()?;
        self.require_about(actor, operator)?;
        self.store()
            .write(move |tx| {
                let found = tx.find(&SESSIONS, &key.0)?.filter(|record| record.operator == operator);
                let record = found.ok_or(IdentityError::UnknownSession)?;
                Ok::<_, IdentityError>(remove(tx, key.0, &record)?)
            })
            .await?;
        self.note(actor, "session.revoke", operator).await;
        Ok(())
    }

    /// Ends all sessions of an operator but one, at once. Says how many ended.
    pub async fn revoke_all(
        &self,
        actor: &Actor,
        operator: OperatorId,
        keep: Option<SessionKey>,
    ) -> Result<usize, IdentityError> {
        actor.require_change()?;
        self.require_about(actor, operator)?;
        let ended = self.store().write(move |tx| Ok::<_, IdentityError>(remove_of(tx, operator, keep)?)).await?;
        self.note(actor, "session.revoke_all", operator).await;
        Ok(ended)
    }

    pub(super) async fn remove_expired(&self) -> Result<(), IdentityError> {
        let now = self.context.clock.now();
        let first = self.store().read(|tx| tx.list_after(&SESSIONS_BY_EXPIRY, None, REMOVED_AT_ONCE)).await;
        let first = first.map_err(|problem: StoreError| problem)?;
        let expired: Vec<_> = first.into_iter().map(|(key, _)| key).take_while(|(at, _)| *at <= now).collect();
        if expired.is_empty() {
            return Ok(());
        }
        self.store()
            .write(move |tx| {
                for (at, key) in expired {
                    match tx.find(&SESSIONS, &key)? {
                        Some(record) => remove(tx, key, &record)?,
                        None => {
                            tx.remove(&SESSIONS_BY_EXPIRY, &(at, key))?;
                        }
                    }
                }
                Ok(())
            })
            .await
    }

    fn store(&self) -> TenantStore {
        self.context.store.system()
    }

    fn idle_before(&self) -> Timestamp {
        self.context.clock.now().saturating_sub(self.context.config.session_idle).unwrap_or(Timestamp::MIN)
    }

    fn require_about(&self, actor: &Actor, operator: OperatorId) -> Result<(), IdentityError> {
        if actor.operator_id() != Some(operator) {
            actor.require(Permission::EditOperators)?;
        }
        self.operators.get(actor, operator).map(drop)
    }

    async fn note(&self, actor: &Actor, action: &'static str, operator: OperatorId) {
        let own = self.operators.find(operator).and_then(|operator| operator.assignment.organization());
        self.context.audit.record(actor, Entry::new(action).of(own).on("operator", operator)).await;
    }

    async fn note_seen(&self, key: SessionKey, now: Timestamp) -> Result<(), IdentityError> {
        let store = self.store();
        blocking(move || {
            store.touch_now(|tx| {
                if let Some(mut record) = tx.find(&SESSIONS, &key.0)? {
                    record.last_seen_at = record.last_seen_at.max(now);
                    tx.put(&SESSIONS, &key.0, &record)?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Stores a session that was just begun, under an id that nobody has.
    fn create_now(&self, tower: &mut Tower) -> Result<(), StoreError> {
        let who = who_in(&tower.data).ok_or_else(nobody)?;
        let now = self.context.clock.now();
        let lifetime = self.context.config.session_lifetime;
        let record = SessionRecord {
            operator: who.operator,
            created_at: now,
            last_seen_at: now,
            expires_at: now.saturating_add(lifetime).unwrap_or(Timestamp::MAX),
            address: who.address,
            agent: who.agent,
            data: own_data(&tower.data),
        };
        self.store().write_now(|tx| {
            while tx.find(&SESSIONS, &key_of(&tower.id).0)?.is_some() {
                tower.id = Id::default();
            }
            let key = key_of(&tower.id).0;
            make_room(tx, record.operator)?;
            tx.put(&SESSIONS_BY_EXPIRY, &(record.expires_at, key), &Mark {})?;
            tx.put(&SESSIONS_BY_OPERATOR, &(record.operator, key), &Mark {})?;
            tx.put(&SESSIONS, &key, &record)
        })
    }

    /// Changes a session's data. One that ended in the meantime is not brought back.
    fn save_now(&self, tower: &Tower) -> Result<(), StoreError> {
        let key = key_of(&tower.id).0;
        self.store().write_now(|tx| {
            if let Some(mut record) = tx.find(&SESSIONS, &key)? {
                record.data = own_data(&tower.data);
                tx.put(&SESSIONS, &key, &record)?;
            }
            Ok(())
        })
    }

    fn load_now(&self, id: &Id) -> Result<Option<Tower>, StoreError> {
        let key = key_of(id).0;
        let now = self.context.clock.now();
        let idle = self.idle_before();
        let found = self.store().read_now(|tx| tx.find(&SESSIONS, &key))?;
        let alive = found.filter(|record| record.expires_at > now && record.last_seen_at > idle);
        let Some(record) = alive else { return Ok(None) };
        let who = Who {
            operator: record.operator,
            last_seen_at: record.last_seen_at,
            address: record.address,
            agent: record.agent,
        };
        let mut data: HashMap<String, Value> = record.data.into_iter().collect();
        data.insert(WHO.to_owned(), serde_json::to_value(who).map_err(StoreError::Encode)?);
        let expiry_date = OffsetDateTime::from_unix_timestamp(record.expires_at.as_second());
        let expiry_date = expiry_date.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Ok(Some(Tower { id: *id, data, expiry_date }))
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Tower) -> session_store::Result<()> {
        let (sessions, mut made) = (self.clone(), record.clone());
        let made = blocking(move || sessions.create_now(&mut made).map(|()| made)).await.map_err(failed)?;
        *record = made;
        Ok(())
    }

    async fn save(&self, record: &Tower) -> session_store::Result<()> {
        let (sessions, record) = (self.clone(), record.clone());
        blocking(move || sessions.save_now(&record)).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Tower>> {
        let (sessions, id) = (self.clone(), *id);
        blocking(move || sessions.load_now(&id)).await.map_err(failed)
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let key = key_of(id).0;
        let store = self.store();
        blocking(move || {
            // The layer also deletes ids that were never stored; they need no commit.
            let Some(record) = store.read_now(|tx| tx.find(&SESSIONS, &key))? else { return Ok(()) };
            store.write_now(|tx| remove(tx, key, &record))
        })
        .await
        .map_err(failed)
    }
}

/// Ends the sessions of an operator inside of a change that somebody else makes. Says how many ended.
pub(super) fn remove_of(tx: &WriteTx<'_>, operator: OperatorId, keep: Option<SessionKey>) -> Result<usize, StoreError> {
    let mut ended = 0;
    for (key, record) in of(tx, operator)? {
        if keep != Some(SessionKey(key)) {
            remove(tx, key, &record)?;
            ended += 1;
        }
    }
    Ok(ended)
}

fn of(tx: &impl Read, operator: OperatorId) -> Result<Vec<([u8; 32], SessionRecord)>, StoreError> {
    let mut found = Vec::new();
    for ((_, key), Mark {}) in tx.list_below(&SESSIONS_BY_OPERATOR, &operator)? {
        found.extend(tx.find(&SESSIONS, &key)?.map(|record| (key, record)));
    }
    Ok(found)
}

fn remove(tx: &WriteTx<'_>, key: [u8; 32], record: &SessionRecord) -> Result<(), StoreError> {
    tx.remove(&SESSIONS_BY_EXPIRY, &(record.expires_at, key))?;
    tx.remove(&SESSIONS_BY_OPERATOR, &(record.operator, key))?;
    tx.remove(&SESSIONS, &key).map(drop)
}

fn make_room(tx: &WriteTx<'_>, operator: OperatorId) -> Result<(), StoreError> {
    let mut present = of(tx, operator)?;
    present.sort_unstable_by_key(|(_, record)| record.last_seen_at);
    let over = (present.len() + 1).saturating_sub(MOST);
    present.iter().take(over).try_for_each(|(key, record)| remove(tx, *key, record))
}

fn key_of(id: &Id) -> SessionKey {
    SessionKey(*Fingerprint::of(&id.0.to_le_bytes()).as_bytes())
}

fn who_in(data: &HashMap<String, Value>) -> Option<Who> {
    data.get(WHO).and_then(|who| serde_json::from_value(who.clone()).ok())
}

fn own_data(data: &HashMap<String, Value>) -> Map<String, Value> {
    data.iter().filter(|(name, _)| *name != WHO).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn nobody() -> StoreError {
    StoreError::Encode(serde::ser::Error::custom("only sessions of operators who signed in are kept"))
}

fn failed(problem: StoreError) -> session_store::Error {
    session_store::Error::Backend(problem.to_string())
}
