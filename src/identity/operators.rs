//! The verbs about people who sign in.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use crate::audit::Entry;
use crate::identity::error::IdentityError;
use crate::identity::model::Assignment;
use crate::identity::model::NewOperator;
use crate::identity::model::Operator;
use crate::identity::model::OperatorChange;
use crate::identity::model::SessionKey;
use crate::identity::password;
use crate::identity::records::OPERATORS;
use crate::identity::records::OperatorRecord;
use crate::identity::records::TOKENS;
use crate::identity::rules;
use crate::identity::service::Context;
use crate::identity::sessions;
use crate::kernel::Actor;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::Language;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::Page;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;
use crate::runtime::blocking;
use crate::store::Key as _;
use crate::store::Mirror;
use crate::store::Read;
use crate::store::StoreError;
use crate::store::WriteTx;
use crate::tenancy::TenancyError;

/// People who sign in. Cheap to clone.
#[derive(Clone)]
pub struct Operators {
    context: Context,
    known: Mirror<Known>,
}

#[derive(Default)]
struct Known {
    by_id: BTreeMap<OperatorId, Arc<Operator>>,
    by_login: HashMap<String, OperatorId>,
}

/// An operator's wish for another password.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// The one that holds now.
    pub current: SecretText,
    /// The one that shall hold.
    pub new: SecretText,
    /// The session in which the wish was made; all others end.
    pub keep: Option<SessionKey>,
}

impl Operators {
    pub(super) fn open(context: Context) -> Result<Self, StoreError> {
        let operators = Self { context, known: Mirror::new(Known::default()) };
        operators.reload()?;
        Ok(operators)
    }

    /// An operator from memory, whether active or not. For those who already know that they may.
    pub fn find(&self, id: OperatorId) -> Option<Arc<Operator>> {
        self.known.get().by_id.get(&id).cloned()
    }

    /// An operator by what they type, whether active or not. For the command line.
    pub fn find_by_login(&self, login: &str) -> Option<Arc<Operator>> {
        let known = self.known.get();
        known.by_login.get(&login.trim().to_ascii_lowercase()).and_then(|id| known.by_id.get(id)).cloned()
    }

    /// An operator who may come in now: active, and so is their organization.
    pub fn find_active(&self, id: OperatorId) -> Option<Arc<Operator>> {
        self.find(id).filter(|operator| self.may_come_in(operator))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.known.get().by_id.len()
    }

    /// One operator that the actor may see.
    pub fn get(&self, actor: &Actor, id: OperatorId) -> Result<Arc<Operator>, IdentityError> {
        if actor.operator_id() != Some(id) {
            actor.require(Permission::ReadOrganization)?;
        }
        self.find(id).filter(|operator| rules::sees(actor, operator)).ok_or(IdentityError::UnknownOperator(id))
    }

    /// The operators that the actor may see, in the order in which they were made; of one organization or of all.
    pub fn list(
        &self,
        actor: &Actor,
        organization: Option<OrganizationId>,
        page: &PageRequest,
    ) -> Result<Page<Arc<Operator>>, IdentityError> {
        actor.require(Permission::ReadOrganization)?;
        let after = match &page.after {
            Some(cursor) => OperatorId::decode(&mut cursor.as_bytes()).ok_or(CursorError)?,
            None => OperatorId::new(0),
        };
        let wanted = |operator: &Operator| {
            operator.id > after
                && rules::sees(actor, operator)
                && organization.is_none_or(|own| operator.assignment.organization() == Some(own))
        };
        let known = self.known.get();
        let mut items: Vec<_> =
            known.by_id.values().filter(|operator| wanted(operator)).take(page.limit + 1).cloned().collect();
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let next = items.last().filter(|_| more).map(|last| Cursor::new(last.id.bytes()));
        Ok(Page { items, next })
    }

    /// Makes an operator.
    pub async fn create(&self, actor: &Actor, new: NewOperator) -> Result<Arc<Operator>, IdentityError> {
        actor.require(Permission::EditOperators)?;
        self.require_organization(actor, new.assignment)?;
        let hash = self.hash_new(&new).await?;
        let made = self.put_new(new, hash, |_| Ok(())).await?;
        let entry = described(Entry::new("operator.create"), &made).with("login", made.login.as_str());
        self.context.audit.record(actor, entry).await;
        Ok(made)
    }

    /// Changes name, role and language. A changed role holds from the operator's next request on.
    pub async fn update(
        &self,
        actor: &Actor,
        id: OperatorId,
        change: OperatorChange,
    ) -> Result<Arc<Operator>, IdentityError> {
        actor.require(Permission::EditOperators)?;
        self.get(actor, id)?;
        self.require_organization(actor, change.assignment)?;
        let OperatorChange { display_name, assignment, language } = change;
        let changed = self
            .change(id, move |_, record, operator| {
                let after = Operator { display_name, assignment, language, ..operator };
                *record = OperatorRecord::new(&after, record.password_hash.clone());
                Ok(())
            })
            .await?;
        self.context.audit.record(actor, described(Entry::new("operator.update"), &changed)).await;
        Ok(changed)
    }

    /// Lets the operator sign in again.
    pub async fn activate(&self, actor: &Actor, id: OperatorId) -> Result<Arc<Operator>, IdentityError> {
        actor.require(Permission::EditOperators)?;
        self.get(actor, id)?;
        let changed = self
            .change(id, |_, record, _| {
                record.active = true;
                Ok(())
            })
            .await?;
        self.context.audit.record(actor, described(Entry::new("operator.activate"), &changed)).await;
        Ok(changed)
    }

    /// Ends all sessions and lets the operator sign in no more. Holds from the next request on.
    pub async fn deactivate(&self, actor: &Actor, id: OperatorId) -> Result<Arc<Operator>, IdentityError> {
        actor.require(Permission::EditOperators)?;
        self.get(actor, id)?;
        let changed = self
            .change(id, move |tx, record, _| {
                record.active = false;
                sessions::remove_of(tx, id, None)?;
                Ok(())
            })
            .await?;
        self.context.audit.record(actor, described(Entry::new("operator.deactivate"), &changed)).await;
        Ok(changed)
    }

    /// Removes the operator with all sessions and tokens. What they did stays in the audit log.
    pub async fn remove(&self, actor: &Actor, id: OperatorId) -> Result<(), IdentityError> {
        actor.require(Permission::EditOperators)?;
        let gone = self.get(actor, id)?;
        self.write(move |tx| {
            let all = models(&stored(tx)?)?;
            if rules::leaves_nobody(&all, id, None) {
                return Err(IdentityError::LastAdmin(id));
            }
            remove_one(tx, id)?;
            Ok(())
        })
        .await?;
        self.context.audit.record(actor, described(Entry::new("operator.remove"), &gone)).await;
        Ok(())
    }

    /// Sets a new password for somebody who lost theirs, and ends all their sessions.
    pub async fn reset_password(
        &self,
        actor: &Actor,
        id: OperatorId,
        password: SecretText,
    ) -> Result<(), IdentityError> {
        actor.require(Permission::EditOperators)?;
        let operator = self.get(actor, id)?;
        password::check(&password, operator.login.as_str())?;
        let hash = self.context.hasher.hash(&password).await?;
        self.set_password(id, hash, None).await?;
        self.context.audit.record(actor, described(Entry::new("operator.reset_password"), &operator)).await;
        Ok(())
    }

    /// Sets the actor's own password, and ends all their other sessions.
    pub async fn change_password(&self, actor: &Actor, change: PasswordChange) -> Result<(), IdentityError> {
        actor.require_change()?;
        let id = actor.operator_id().ok_or(IdentityError::NotAnOperator)?;
        let operator = self.find_active(id).ok_or(IdentityError::UnknownOperator(id))?;
        password::check(&change.new, operator.login.as_str())?;
        let now = self.context.clock.now();
        let throttle = &self.context.throttle;
        throttle
            .admit(operator.login.as_str(), actor.address(), now)
            .map_err(|retry_after_secs| IdentityError::TooManyAttempts { retry_after_secs })?;
        let stored = self.password_hash(id).await?;
        let verified = self.context.hasher.verify(&change.current, stored).await;
        if verified.is_err() {
            throttle.take_back(operator.login.as_str(), actor.address());
        }
        if !verified? {
            return Err(IdentityError::WrongPassword);
        }
        throttle.succeeded(operator.login.as_str(), actor.address(), now);
        let hash = self.context.hasher.hash(&change.new).await?;
        self.set_password(id, hash, change.keep).await?;
        self.context.audit.record(actor, described(Entry::new("operator.change_password"), &operator)).await;
        Ok(())
    }

    /// Sets the language of the actor's own pages.
    pub async fn set_language(&self, actor: &Actor, language: Language) -> Result<Arc<Operator>, IdentityError> {
        actor.require_change()?;
        let id = actor.operator_id().ok_or(IdentityError::NotAnOperator)?;
        self.change(id, move |_, record, _| {
            record.language = language;
            Ok(())
        })
        .await
    }

    pub(super) fn may_come_in(&self, operator: &Operator) -> bool {
        let at_work = |own| {
            let tenant = Actor::system().tenant(own).ok();
            tenant.and_then(|tenant| self.context.tenancy.find(tenant)).is_some_and(|found| found.is_active())
        };
        operator.active && operator.assignment.organization().is_none_or(at_work)
    }

    pub(super) fn count_of(&self, organization: OrganizationId) -> usize {
        let known = self.known.get();
        known.by_id.values().filter(|operator| operator.assignment.organization() == Some(organization)).count()
    }

    pub(super) async fn password_hash(&self, id: OperatorId) -> Result<Option<String>, IdentityError> {
        let found = self.context.store.system().read(move |tx| tx.find(&OPERATORS, &id)).await?;
        Ok(found.map(|record| record.password_hash))
    }

    pub(super) async fn hash_new(&self, new: &NewOperator) -> Result<String, IdentityError> {
        password::check(&new.password, new.login.as_str())?;
        Ok(self.context.hasher.hash(&new.password).await?)
    }

    pub(super) async fn create_first(&self, new: NewOperator, hash: String) -> Result<Arc<Operator>, IdentityError> {
        let nobody = |all: &[Operator]| if all.is_empty() { Ok(()) } else { Err(IdentityError::AlreadySetUp) };
        self.put_new(new, hash, nobody).await
    }

    pub(super) async fn remove_of(&self, organization: OrganizationId) -> Result<usize, IdentityError> {
        self.write(move |tx| {
            let all = models(&stored(tx)?)?;
            let gone: Vec<_> =
                all.iter().filter(|operator| operator.assignment.organization() == Some(organization)).collect();
            for operator in &gone {
                remove_one(tx, operator.id)?;
            }
            Ok(gone.len())
        })
        .await
    }

    /// Remembers the time; it may be forgotten at a power cut.
    pub(super) async fn note_login(&self, id: OperatorId, now: Timestamp) -> Result<(), IdentityError> {
        let operators = self.clone();
        blocking(move || {
            operators.context.store.system().touch_now(|tx| {
                if let Some(mut record) = tx.find(&OPERATORS, &id)? {
                    record.last_login_at = Some(now);
                    tx.put(&OPERATORS, &id, &record)?;
                }
                Ok::<_, IdentityError>(())
            })?;
            Ok(operators.reload()?)
        })
        .await
    }

    fn require_organization(&self, actor: &Actor, assignment: Assignment) -> Result<(), IdentityError> {
        let Some(own) = assignment.organization() else { return Ok(()) };
        match self.context.tenancy.find(actor.tenant(own)?) {
            Some(_) => Ok(()),
            None => Err(TenancyError::Unknown(own).into()),
        }
    }

    async fn put_new(
        &self,
        new: NewOperator,
        hash: String,
        condition: impl FnOnce(&[Operator]) -> Result<(), IdentityError> + Send + 'static,
    ) -> Result<Arc<Operator>, IdentityError> {
        let now = self.context.clock.now();
        let id = self
            .write(move |tx| {
                let all = models(&stored(tx)?)?;
                condition(&all)?;
                if all.iter().any(|other| other.login == new.login) {
                    return Err(IdentityError::LoginTaken(new.login.to_string()));
                }
                let id = OperatorId::new(tx.next_number(&OPERATORS)?);
                let operator = Operator {
                    id,
                    login: new.login,
                    display_name: new.display_name,
                    assignment: new.assignment,
                    language: new.language,
                    active: true,
                    created_at: now,
                    password_set_at: now,
                    last_login_at: None,
                };
                tx.put(&OPERATORS, &id, &OperatorRecord::new(&operator, hash))?;
                Ok(id)
            })
            .await?;
        self.find(id).ok_or(IdentityError::UnknownOperator(id))
    }

    async fn set_password(&self, id: OperatorId, hash: String, keep: Option<SessionKey>) -> Result<(), IdentityError> {
        let now = self.context.clock.now();
        self.change(id, move |tx, record, _| {
            record.password_hash = hash;
            record.password_set_at = now;
            sessions::remove_of(tx, id, keep)?;
            Ok(())
        })
        .await
        .map(drop)
    }

    async fn change(
        &self,
        id: OperatorId,
        work: impl FnOnce(&WriteTx<'_>, &mut OperatorRecord, Operator) -> Result<(), IdentityError> + Send + 'static,
    ) -> Result<Arc<Operator>, IdentityError> {
        self.write(move |tx| {
            let all = models(&stored(tx)?)?;
            let mut record = tx.find(&OPERATORS, &id)?.ok_or(IdentityError::UnknownOperator(id))?;
            let before = record.to_model(id)?;
            work(tx, &mut record, before)?;
            if rules::leaves_nobody(&all, id, Some(&record.to_model(id)?)) {
                return Err(IdentityError::LastAdmin(id));
            }
            Ok(tx.put(&OPERATORS, &id, &record)?)
        })
        .await?;
        self.find(id).ok_or(IdentityError::UnknownOperator(id))
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let operators = self.clone();
        blocking(move || {
            let value = operators.context.store.system().write_now(work)?;
            operators.reload()?;
            Ok(value)
        })
        .await
    }

    fn reload(&self) -> Result<(), StoreError> {
        self.known.reload(|_| {
            let all = self.context.store.system().read_now(|tx| models(&stored(tx)?))?;
            let by_login = all.iter().map(|operator| (operator.login.to_string(), operator.id)).collect();
            let by_id = all.into_iter().map(|operator| (operator.id, Arc::new(operator))).collect();
            Ok(Known { by_id, by_login })
        })
    }
}

fn stored(tx: &impl Read) -> Result<Vec<(OperatorId, OperatorRecord)>, StoreError> {
    tx.list(&OPERATORS)
}

fn models(stored: &[(OperatorId, OperatorRecord)]) -> Result<Vec<Operator>, StoreError> {
    stored.iter().map(|(id, record)| record.to_model(*id)).collect()
}

fn remove_one(tx: &WriteTx<'_>, id: OperatorId) -> Result<(), StoreError> {
    sessions::remove_of(tx, id, None)?;
    for (token, record) in tx.list(&TOKENS)? {
        if record.operator == id {
            tx.remove(&TOKENS, &token)?;
        }
    }
    tx.remove(&OPERATORS, &id).map(drop)
}

fn described(entry: Entry, operator: &Operator) -> Entry {
    entry
        .of(operator.assignment.organization())
        .on("operator", operator.id)
        .with("name", operator.display_name.as_str())
        .with("role", operator.assignment.role().name())
}
