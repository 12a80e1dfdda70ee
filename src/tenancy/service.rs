//! The verbs of tenancy.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::audit::Audit;
use crate::audit::Entry;
use crate::kernel::Actor;
use crate::kernel::Classify;
use crate::kernel::Clock;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::OrganizationId;
use crate::kernel::Page;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Tenant;
use crate::kernel::Zone;
use crate::runtime::blocking;
use crate::store::Key;
use crate::store::Mirror;
use crate::store::Read;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::WriteTx;
use crate::tenancy::model::Organization;
use crate::tenancy::model::Settings;
use crate::tenancy::model::State;
use crate::tenancy::records::ORGANIZATIONS;
use crate::tenancy::records::OrganizationRecord;
use crate::tenancy::rules;

type Known = BTreeMap<OrganizationId, Arc<Organization>>;

/// The organizations. Cheap to clone.
#[derive(Clone)]
pub struct Tenancy {
    store: Store,
    clock: Clock,
    audit: Audit,
    known: Mirror<Known>,
}

/// A verb of tenancy failed.
#[derive(Debug, thiserror::Error)]
pub enum TenancyError {
    /// There is no such organization.
    #[error("organization {0} does not exist")]
    Unknown(OrganizationId),
    /// Another one has the name.
    #[error("organization {0:?} already exists")]
    NameTaken(String),
    /// Without any organization there would be nothing to look at and nowhere to send to.
    #[error("organization {0} is the only one and stays")]
    Last(OrganizationId),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The cursor is of another list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The log of the organization could not be removed.
    #[error("audit log of the organization could not be removed")]
    Audit(#[from] crate::audit::AuditError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for TenancyError {
    fn kind(&self) -> Kind {
        match self {
            TenancyError::Unknown(_) => Kind::NotFound,
            TenancyError::NameTaken(_) | TenancyError::Last(_) => Kind::Conflict,
            TenancyError::Denied(denied) => denied.kind(),
            TenancyError::Cursor(_) => Kind::Invalid,
            TenancyError::Audit(_) | TenancyError::Store(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            TenancyError::Unknown(_) => "not_found",
            TenancyError::NameTaken(_) => "organization_name_taken",
            TenancyError::Last(_) => "organization_last",
            TenancyError::Denied(denied) => denied.code(),
            TenancyError::Cursor(_) => "invalid_cursor",
            TenancyError::Audit(audit) => audit.code(),
            TenancyError::Store(store) => store.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        matches!(self, TenancyError::NameTaken(_)).then_some("name")
    }
}

impl Tenancy {
    /// Reads the organizations. Blocks shortly; called once at start.
    pub fn open(store: Store, clock: Clock, audit: Audit) -> Result<Self, StoreError> {
        let known = Mirror::new(Known::new());
        let tenancy = Self { store, clock, audit, known };
        tenancy.reload()?;
        Ok(tenancy)
    }

    /// The organization of a tenant, from memory. None when it was never there or is on its way out.
    pub fn find(&self, tenant: Tenant) -> Option<Arc<Organization>> {
        let found = self.known.get().get(&tenant.organization()).cloned();
        found.filter(|organization| organization.state != State::Removing)
    }

    /// The time zone of a tenant, from memory.
    pub fn zone(&self, tenant: Tenant) -> Zone {
        self.find(tenant).map(|organization| organization.settings.zone.clone()).unwrap_or_default()
    }

    /// One organization that the actor may see.
    pub fn get(&self, actor: &Actor, id: OrganizationId) -> Result<Arc<Organization>, TenancyError> {
        actor.require(Permission::ReadOrganization)?;
        self.find(actor.tenant(id)?).ok_or(TenancyError::Unknown(id))
    }

    /// The organizations that the actor may see, in the order in which they were made.
    pub fn list(&self, actor: &Actor, page: &PageRequest) -> Result<Page<Arc<Organization>>, TenancyError> {
        actor.require(Permission::ReadOrganization)?;
        let after = match &page.after {
            Some(cursor) => OrganizationId::decode(&mut cursor.as_bytes()).ok_or(CursorError)?,
            None => OrganizationId::new(0),
        };
        let mut items: Vec<_> = self
            .list_all()
            .into_iter()
            .filter(|organization| organization.id > after && actor.tenant(organization.id).is_ok())
            .take(page.limit + 1)
            .collect();
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let next = items.last().filter(|_| more).map(|last| Cursor::new(last.id.bytes()));
        Ok(Page { items, next })
    }

    /// Every organization that is not on its way out, for background work.
    pub fn list_all(&self) -> Vec<Arc<Organization>> {
        self.known.get().values().filter(|organization| organization.state != State::Removing).cloned().collect()
    }

    /// The organizations whose removal was begun and not finished.
    pub fn list_removing(&self) -> Vec<OrganizationId> {
        let known = self.known.get();
        known.values().filter(|organization| organization.state == State::Removing).map(|found| found.id).collect()
    }

    /// Makes an organization.
    pub async fn create(&self, actor: &Actor, settings: Settings) -> Result<Arc<Organization>, TenancyError> {
        actor.require(Permission::EditOrganizations)?;
        let now = self.clock.now();
        let made = self
            .change(move |tx, all| {
                if rules::is_taken(&settings.name, None, all) {
                    return Err(TenancyError::NameTaken(settings.name.to_string()));
                }
                let id = OrganizationId::new(tx.next_number(&ORGANIZATIONS)?);
                Ok(Organization { id, settings, state: State::Active, created_at: now })
            })
            .await?;
        let entry = Entry::new("organization.create").of(made.id).on("organization", made.id);
        self.audit.record(actor, described(entry, &made)).await;
        Ok(made)
    }

    /// Changes what the administrator may set.
    pub async fn update(
        &self,
        actor: &Actor,
        id: OrganizationId,
        settings: Settings,
    ) -> Result<Arc<Organization>, TenancyError> {
        actor.require(Permission::EditOrganizations)?;
        let changed = self
            .change(move |_, all| {
                if rules::is_taken(&settings.name, Some(id), all) {
                    return Err(TenancyError::NameTaken(settings.name.to_string()));
                }
                Ok(Organization { settings, ..present(id, all)? })
            })
            .await?;
        let entry = Entry::new("organization.update").of(id).on("organization", id);
        self.audit.record(actor, described(entry, &changed)).await;
        Ok(changed)
    }

    /// Lets its agents send and its operators sign in again.
    pub async fn activate(&self, actor: &Actor, id: OrganizationId) -> Result<Arc<Organization>, TenancyError> {
        self.set_state(actor, id, State::Active, "organization.activate").await
    }

    /// Stops its agents and operators; the data stay.
    pub async fn deactivate(&self, actor: &Actor, id: OrganizationId) -> Result<Arc<Organization>, TenancyError> {
        self.set_state(actor, id, State::Inactive, "organization.deactivate").await
    }

    /// First stage of removing: from now on the organization does not exist for anybody. Those who keep data of it
    /// elsewhere remove them, then comes [`Tenancy::finish_removal`].
    pub async fn begin_removal(&self, actor: &Actor, id: OrganizationId) -> Result<(), TenancyError> {
        actor.require(Permission::EditOrganizations)?;
        if self.list_all().iter().all(|other| other.id == id) {
            return Err(TenancyError::Last(id));
        }
        self.set_state(actor, id, State::Removing, "organization.remove").await.map(drop)
    }

    /// Last stage of removing: every record of the tenant goes, then its place in the list. Repeating it is harmless.
    pub async fn finish_removal(&self, id: OrganizationId) -> Result<(), TenancyError> {
        if !self.list_removing().contains(&id) {
            return Ok(());
        }
        let system = Actor::system();
        self.store.tenant(system.tenant(id)?).write(|tx| tx.remove_tenant()).await?;
        self.audit.remove(id).await?;
        let tenancy = self.clone();
        blocking(move || {
            tenancy.store.system().write_now(|tx| tx.remove(&ORGANIZATIONS, &id))?;
            tenancy.reload()
        })
        .await?;
        self.audit.record(&system, Entry::new("organization.removed").on("organization", id)).await;
        Ok(())
    }

    async fn set_state(
        &self,
        actor: &Actor,
        id: OrganizationId,
        state: State,
        action: &'static str,
    ) -> Result<Arc<Organization>, TenancyError> {
        actor.require(Permission::EditOrganizations)?;
        let changed = self.change(move |_, all| Ok(Organization { state, ..present(id, all)? })).await?;
        // The log of an organization that goes would go with it.
        let log = (state != State::Removing).then_some(id);
        let entry = Entry::new(action).of(log).on("organization", id).with("name", changed.name());
        self.audit.record(actor, entry).await;
        Ok(changed)
    }

    async fn change(
        &self,
        work: impl FnOnce(&WriteTx<'_>, &[Organization]) -> Result<Organization, TenancyError> + Send + 'static,
    ) -> Result<Arc<Organization>, TenancyError> {
        let tenancy = self.clone();
        blocking(move || {
            let changed = tenancy.store.system().write_now(|tx| {
                let changed = work(tx, &read_all(tx)?)?;
                tx.put(&ORGANIZATIONS, &changed.id, &OrganizationRecord::from(&changed))?;
                Ok::<_, TenancyError>(changed)
            })?;
            tenancy.reload()?;
            Ok(Arc::new(changed))
        })
        .await
    }

    fn reload(&self) -> Result<(), StoreError> {
        self.known.reload(|_| {
            let all = self.store.system().read_now(|tx| read_all(tx))?;
            Ok(all.into_iter().map(|organization| (organization.id, Arc::new(organization))).collect())
        })
    }
}

fn read_all(tx: &impl Read) -> Result<Vec<Organization>, StoreError> {
    Ok(tx.list(&ORGANIZATIONS)?.into_iter().map(|(id, record)| record.into_model(id)).collect())
}

fn present(id: OrganizationId, all: &[Organization]) -> Result<Organization, TenancyError> {
    let found = all.iter().find(|organization| organization.id == id && organization.state != State::Removing);
    found.cloned().ok_or(TenancyError::Unknown(id))
}

fn described(entry: Entry, organization: &Organization) -> Entry {
    entry
        .with("name", organization.name())
        .with("time_zone", organization.settings.zone.name())
        .with("language", organization.settings.language.tag())
}
