//! The verbs about personal tokens: an operator's scripts come in with the operator's own role.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::audit::Entry;
use crate::identity::api_keys::NOTE_AFTER;
use crate::identity::api_keys::hint;
use crate::identity::error::IdentityError;
use crate::identity::model::DisplayName;
use crate::identity::model::IssuedToken;
use crate::identity::model::SignedIn;
use crate::identity::model::Token;
use crate::identity::operators::Operators;
use crate::identity::records::TOKENS;
use crate::identity::records::TokenRecord;
use crate::identity::service::Context;
use crate::kernel::Access;
use crate::kernel::Actor;
use crate::kernel::Denied;
use crate::kernel::Fingerprint;
use crate::kernel::OperatorId;
use crate::kernel::Permission;
use crate::kernel::Principal;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;
use crate::kernel::TokenId;
use crate::runtime::blocking;
use crate::store::Mirror;
use crate::store::Read as _;
use crate::store::StoreError;
use crate::store::WriteTx;

const PREFIX: &str = "nzt_";
/// Tokens that one operator may have.
const MOST: usize = 50;
/// The longest life, in days.
const LONGEST_DAYS: u16 = 365;

/// Personal tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    context: Context,
    operators: Operators,
    live: Mirror<Live>,
}

#[derive(Default)]
struct Live {
    by_secret: HashMap<Fingerprint, TokenId>,
    by_id: HashMap<TokenId, Arc<LiveToken>>,
}

struct LiveToken {
    record: TokenRecord,
    noted: AtomicI64,
    seen: AtomicI64,
}

impl Tokens {
    pub(super) fn open(context: Context, operators: Operators) -> Result<Self, StoreError> {
        let tokens = Self { context, operators, live: Mirror::new(Live::default()) };
        tokens.reload_now()?;
        Ok(tokens)
    }

    /// Who shows this token, if it is good now. The role is the operator's present one.
    pub fn authenticate(&self, secret: &str, now: Timestamp) -> Option<SignedIn> {
        if secret.len() > 128 || !secret.starts_with(PREFIX) {
            return None;
        }
        let live = self.live.get();
        let token = live.by_secret.get(&Fingerprint::of(secret.as_bytes())).and_then(|id| live.by_id.get(id))?;
        if token.record.expires_at <= now {
            return None;
        }
        let operator = self.operators.find_active(token.record.operator)?;
        token.seen.fetch_max(now.as_microsecond(), Ordering::Relaxed);
        let actor = operator.actor().with_access(token.record.access);
        Some(SignedIn { operator, actor, session: None })
    }

    /// The tokens of an operator, expired ones excluded: one's own, or another's for who may edit operators.
    pub fn list(&self, actor: &Actor, operator: OperatorId) -> Result<Vec<Token>, IdentityError> {
        self.require_about(actor, operator)?;
        let (live, now) = (self.live.get(), self.context.clock.now());
        let own =
            live.by_id.iter().filter(|(_, token)| token.record.operator == operator && token.record.expires_at > now);
        let mut tokens: Vec<_> = own.map(|(id, token)| token.shown(*id)).collect();
        tokens.sort_unstable_by_key(|token| token.id);
        Ok(tokens)
    }

    /// Makes a token for oneself; for somebody else only the owner of the machine can, or an ADMIN could act under
    /// another name. The secret is in the answer and nowhere else.
    pub async fn create(
        &self,
        actor: &Actor,
        operator: OperatorId,
        new: NewToken,
    ) -> Result<IssuedToken, IdentityError> {
        actor.require_change()?;
        if actor.operator_id() != Some(operator) && *actor.principal() != Principal::System {
            return Err(Denied::NotAllowed(Permission::EditOperators).into());
        }
        self.operators.get(actor, operator)?;
        if !(1..=LONGEST_DAYS).contains(&new.days) {
            return Err(IdentityError::TokenLife);
        }
        let now = self.context.clock.now();
        let life = Duration::from_secs(u64::from(new.days) * 24 * 3600);
        let secret = SecretText::random(PREFIX);
        let record = TokenRecord {
            operator,
            name: new.name.to_string(),
            hint: hint(&secret),
            secret: secret.fingerprint().to_string(),
            access: new.access,
            created_at: now,
            expires_at: now.saturating_add(life).unwrap_or(Timestamp::MAX),
            last_used_at: None,
        };
        let stored = record.clone();
        let id = self
            .write(move |tx| {
                if tx.list(&TOKENS)?.iter().filter(|(_, other)| other.operator == operator).count() >= MOST {
                    return Err(IdentityError::TooMany(MOST));
                }
                let id = TokenId::new(tx.next_number(&TOKENS)?);
                tx.put(&TOKENS, &id, &stored)?;
                Ok(id)
            })
            .await?;
        let token = record.to_model(id);
        self.note(actor, "token.create", &token).await;
        Ok(IssuedToken { token, secret })
    }

    /// Ends a token at once.
    pub async fn revoke(&self, actor: &Actor, operator: OperatorId, id: TokenId) -> Result<(), IdentityError> {
        actor.require_change()?;
        self.require_about(actor, operator)?;
        let gone = self
            .write(move |tx| {
                let record = tx.find(&TOKENS, &id)?.filter(|record| record.operator == operator);
                let record = record.ok_or(IdentityError::UnknownToken(id))?;
                tx.remove(&TOKENS, &id)?;
                Ok(record)
            })
            .await?;
        self.note(actor, "token.revoke", &gone.to_model(id)).await;
        Ok(())
    }

    pub(super) async fn note_use(&self) -> Result<(), IdentityError> {
        let tokens = self.clone();
        blocking(move || {
            let live = tokens.live.get();
            let gap = i64::try_from(NOTE_AFTER.as_micros()).unwrap_or(i64::MAX);
            let fresh =
                |token: &LiveToken| token.seen.load(Ordering::Relaxed) - token.noted.load(Ordering::Relaxed) >= gap;
            let used: Vec<_> = live.by_id.iter().filter(|(_, token)| fresh(token)).collect();
            if used.is_empty() {
                return Ok(());
            }
            tokens.context.store.system().touch_now(|tx| {
                for (id, token) in used {
                    let seen = token.seen.load(Ordering::Relaxed);
                    token.noted.store(seen, Ordering::Relaxed);
                    if let Some(mut record) = tx.find(&TOKENS, id)? {
                        record.last_used_at = Timestamp::from_microsecond(seen).ok();
                        tx.put(&TOKENS, id, &record)?;
                    }
                }
                Ok(())
            })
        })
        .await
    }

    pub(super) async fn remove_expired(&self) -> Result<(), IdentityError> {
        let now = self.context.clock.now();
        if self.live.get().by_id.values().all(|token| token.record.expires_at > now) {
            return Ok(());
        }
        self.write(move |tx| {
            for (id, record) in tx.list(&TOKENS)? {
                if record.expires_at <= now {
                    tx.remove(&TOKENS, &id)?;
                }
            }
            Ok(())
        })
        .await
    }

    pub(super) async fn reload(&self) -> Result<(), IdentityError> {
        let tokens = self.clone();
        blocking(move || Ok(tokens.reload_now()?)).await
    }

    fn require_about(&self, actor: &Actor, operator: OperatorId) -> Result<(), IdentityError> {
        if actor.operator_id() != Some(operator) {
            actor.require(Permission::EditOperators)?;
        }
        self.operators.get(actor, operator).map(drop)
    }

    async fn note(&self, actor: &Actor, action: &'static str, token: &Token) {
        let own = self.operators.find(token.operator).and_then(|operator| operator.assignment.organization());
        let entry = Entry::new(action).of(own).on("token", token.id).with("name", token.name.as_str());
        self.context.audit.record(actor, entry.with("operator", token.operator.get())).await;
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let tokens = self.clone();
        blocking(move || {
            let value = tokens.context.store.system().write_now(work)?;
            tokens.reload_now()?;
            Ok(value)
        })
        .await
    }

    fn reload_now(&self) -> Result<(), StoreError> {
        self.live.reload(|before| {
            let mut live = Live::default();
            for (id, record) in self.context.store.system().read_now(|tx| tx.list(&TOKENS))? {
                let token = before.by_id.get(&id).cloned().unwrap_or_else(|| Arc::new(LiveToken::new(record)));
                live.by_secret.extend(Fingerprint::parse(&token.record.secret).map(|print| (print, id)));
                live.by_id.insert(id, token);
            }
            Ok(live)
        })
    }
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for.
    pub name: DisplayName,
    /// What it may.
    pub access: Access,
    /// How long it lives: 1 to 365 days.
    pub days: u16,
}

impl LiveToken {
    fn new(record: TokenRecord) -> Self {
        let micros = record.last_used_at.map_or(0, Timestamp::as_microsecond);
        Self { record, noted: AtomicI64::new(micros), seen: AtomicI64::new(micros) }
    }

    fn shown(&self, id: TokenId) -> Token {
        let seen = self.seen.load(Ordering::Relaxed);
        let last_used_at = Timestamp::from_microsecond(seen).ok().filter(|_| seen > 0);
        Token { last_used_at, ..self.record.to_model(id) }
    }
}
