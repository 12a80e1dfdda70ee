//! The one handle of this domain: where verbs find the store, the clock and the directories in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tokio::sync::watch;

use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::Denied;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Tenant;
use crate::people::ComputerUser;
use crate::people::Directory;
use crate::people::PeopleError;
use crate::people::View;
use crate::people::computers::Sightings;
use crate::people::directory::Contents;
use crate::runtime::blocking;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::WriteTx;

/// Departments, employees, computers and links. Cheap to clone.
#[derive(Clone)]
pub struct People {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) shared: Arc<Shared>,
}

/// What all clones of the handle have in common.
#[derive(Default)]
pub(super) struct Shared {
    slots: Mutex<HashMap<OrganizationId, Slot>>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Slot {
    /// Counts the changes.
    changes: u64,
    /// The directory, and after how many changes it was read.
    directory: Option<(u64, Arc<Directory>)>,
    sightings: Option<Arc<Sightings>>,
}

impl Shared {
    fn slots(&self) -> MutexGuard<'_, HashMap<OrganizationId, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The directory if it is up to date, else how many changes the next one will at least hold.
    fn directory(&self, organization: OrganizationId) -> Result<Arc<Directory>, u64> {
        let mut slots = self.slots();
        let slot = slots.entry(organization).or_default();
        match &slot.directory {
            Some((changes, directory)) if *changes == slot.changes => Ok(Arc::clone(directory)),
            _ => Err(slot.changes),
        }
    }

    fn keep_directory(&self, organization: OrganizationId, changes: u64, directory: &Arc<Directory>) {
        let mut slots = self.slots();
        let slot = slots.entry(organization).or_default();
        if slot.directory.as_ref().is_none_or(|(older, _)| *older <= changes) {
            slot.directory = Some((changes, Arc::clone(directory)));
        }
    }

    pub(super) fn sightings(&self, organization: OrganizationId) -> Option<Arc<Sightings>> {
        self.slots().get(&organization)?.sightings.clone()
    }

    pub(super) fn observed_organizations(&self) -> Vec<OrganizationId> {
        let slots = self.slots();
        slots.iter().filter(|(_, slot)| slot.sightings.is_some()).map(|(organization, _)| *organization).collect()
    }

    pub(super) fn keep_sightings(&self, organization: OrganizationId, fresh: Sightings) -> Arc<Sightings> {
        let mut slots = self.slots();
        let slot = slots.entry(organization).or_default();
        Arc::clone(slot.sightings.get_or_insert_with(|| Arc::new(fresh)))
    }
}

impl People {
    /// The people in a store.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, shared: Arc::default() }
    }

    /// Tells when people, departments, computers or links of any organization were changed, or an organization is gone.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.shared.changed.subscribe()
    }

    /// What an actor may see of an organization's people, as of now.
    pub async fn view(&self, actor: &Actor, organization: OrganizationId) -> Result<View, PeopleError> {
        actor.require(Permission::ReadPeople)?;
        let tenant = actor.tenant(organization)?;
        let directory = self.directory(tenant).await?;
        let sightings = self.shared.sightings(organization);
        Ok(View::new(actor, directory, sightings, self.clock.now()))
    }

    /// Everything about an organization's people, for tasks that answer to nobody's view. Pages take [`Self::view`].
    pub async fn directory(&self, tenant: Tenant) -> Result<Arc<Directory>, PeopleError> {
        match self.shared.directory(tenant.organization()) {
            Ok(directory) => Ok(directory),
            Err(_) => {
                let people = self.clone();
                blocking(move || people.directory_now(tenant)).await
            }
        }
    }

    /// `directory` for code that already is on a blocking thread.
    pub fn directory_now(&self, tenant: Tenant) -> Result<Arc<Directory>, PeopleError> {
        let organization = tenant.organization();
        match self.shared.directory(organization) {
            Ok(directory) => Ok(directory),
            Err(changes) => {
                let contents = self.store.tenant(tenant).read_now(|tx| Contents::read(tx))?;
                let directory = Arc::new(Directory::new(contents));
                self.shared.keep_directory(organization, changes, &directory);
                Ok(directory)
            }
        }
    }

    /// Drops what is in memory of an organization that was deleted or restored.
    pub fn forget(&self, organization: OrganizationId) {
        self.shared.slots().remove(&organization);
        self.shared.changed.send_modify(|changes| *changes += 1);
    }

    /// Runs a change: who may, the transaction, and the directory that has to be made anew. Changes reach the whole
    /// organization, so that an actor with a view of a department only cannot make any.
    pub(super) async fn change<T, E>(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + From<Denied> + Send + 'static,
    {
        let tenant = self.store.tenant(Self::may_change(actor, organization)?);
        let people = self.clone();
        // Noted on the blocking thread: it goes on to the end even when nobody waits for the answer any more.
        blocking(move || {
            let done = tenant.write_now(work)?;
            people.has_changed(organization);
            Ok(done)
        })
        .await
    }

    pub(super) fn may_change(actor: &Actor, organization: OrganizationId) -> Result<Tenant, Denied> {
        actor.require(Permission::EditPeople)?;
        let tenant = actor.tenant(organization)?;
        match actor.department() {
            Some(_) => Err(Denied::NotAllowed(Permission::EditPeople)),
            None => Ok(tenant),
        }
    }

    pub(super) fn has_changed(&self, organization: OrganizationId) {
        self.shared.slots().entry(organization).or_default().changes += 1;
        // After the count: who is told finds the new directory.
        self.shared.changed.send_modify(|changes| *changes += 1);
    }

    /// Called inside of the transaction that removes the accounts.
    pub(super) fn forget_accounts(&self, organization: OrganizationId, users: &[ComputerUser]) {
        if let Some(sightings) = self.shared.sightings(organization) {
            for user in users {
                sightings.forget(user.account);
            }
        }
    }
}
