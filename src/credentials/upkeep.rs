//! What goes by itself: credentials of people who were deleted, and files that no record names.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use tracing::error;
use tracing::warn;

use crate::credentials::Credentials;
use crate::credentials::CredentialsError;
use crate::credentials::records;
use crate::credentials::records::UNUSED;
use crate::credentials::records::UnusedRecord;
use crate::kernel::Actor;
use crate::kernel::EmployeeId;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::kernel::with_causes;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::every;
use crate::store::FileKey;
use crate::store::Read;
use crate::store::StoreError;

/// How often it is looked without being told.
const LOOK: Duration = Duration::from_secs(600);
/// A file that was noted earlier is not on its way any more.
const UPLOADED_WITHIN: Duration = Duration::from_secs(600);

impl Credentials {
    /// Starts the task that follows people.
    pub fn start(&self, life: &Lifecycle) {
        let (credentials, stop, nudge) = (self.clone(), life.soft(), Nudge::default());
        let (told, mut changes, ends) = (nudge.clone(), self.0.from.people.watch(), life.soft());
        life.spawn("credentials of deleted people", async move {
            let pass_on = async {
                while changes.changed().await.is_ok() {
                    told.now();
                }
                ends.cancelled().await;
            };
            tokio::select! {
                () = pass_on => {}
                () = every(LOOK, nudge, stop, || credentials.look()) => {}
            }
            Ok::<_, Infallible>(())
        });
    }

    async fn look(&self) {
        for organization in self.0.from.tenancy.list_all() {
            let done = async {
                let tenant = Actor::system().tenant(organization.id)?;
                self.forget_deleted(tenant).await?;
                self.remove_leftovers(tenant).await
            };
            if let Err(problem) = done.await {
                error!(organization.id = %organization.id, "credentials could not be tidied up: {}", with_causes(&problem));
            }
        }
    }

    /// Removes cards and faces of people who are no more.
    pub(super) async fn forget_deleted(&self, tenant: Tenant) -> Result<(), CredentialsError> {
        let store = self.0.from.store.tenant(tenant);
        let holders = store.read(|tx| {
            let cards = records::cards(tx)?.into_iter().map(|card| card.employee);
            let faces = records::faces(tx)?.into_iter().map(|face| face.employee);
            Ok::<_, StoreError>(cards.chain(faces).collect())
        });
        let holders: BTreeSet<EmployeeId> = holders.await?;
        // Asked after the credentials were read: whoever got one was in the directory before.
        let directory = self.0.from.people.directory(tenant).await?;
        let gone: Vec<EmployeeId> = holders.into_iter().filter(|id| directory.employee(*id).is_none()).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let now = self.0.from.clock.now();
        let files = self.change(tenant, move |tx| {
            let mut files = Vec::new();
            for employee in gone {
                for card in records::cards_of(tx, employee)? {
                    records::remove_card(tx, &card)?;
                }
                files.extend(records::remove_face(tx, employee, now)?.map(|(_, file)| file));
            }
            Ok(files)
        });
        for file in files.await? {
            self.remove_file(tenant, file).await;
        }
        Ok(())
    }

    /// Removes files that were left over by a crash or by a store that did not answer.
    pub(super) async fn remove_leftovers(&self, tenant: Tenant) -> Result<(), CredentialsError> {
        let noted = self.0.from.store.tenant(tenant).read(|tx| tx.list(&UNUSED)).await?;
        let now = self.0.from.clock.now();
        let old = |since: Timestamp| now.duration_since(since).unsigned_abs() > UPLOADED_WITHIN;
        for (name, _) in noted.into_iter().filter(|(_, record)| old(record.since)) {
            if let Some(file) = FileKey::parse(&name) {
                self.remove_file(tenant, file).await;
            }
        }
        Ok(())
    }

    /// Notes a file that no record names yet.
    pub(super) async fn note_unused(&self, tenant: Tenant, file: &FileKey) -> Result<(), CredentialsError> {
        let (name, record) = (file.as_str().to_owned(), UnusedRecord { since: self.0.from.clock.now() });
        Ok(self.0.from.store.tenant(tenant).write(move |tx| tx.put(&UNUSED, &name, &record)).await?)
    }

    /// Removes a file that no record names any more. When that fails the note stays, and it is tried again later.
    pub(super) async fn remove_file(&self, tenant: Tenant, file: FileKey) {
        let done = async {
            self.0.from.files.delete(tenant, &file).await?;
            let name = file.as_str().to_owned();
            self.0.from.store.tenant(tenant).write(move |tx| tx.remove(&UNUSED, &name)).await?;
            Ok::<_, CredentialsError>(())
        };
        if let Err(problem) = done.await {
            warn!("file {file} has no record and could not be removed yet: {}", with_causes(&problem));
        }
    }
}
