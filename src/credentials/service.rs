//! The verbs of people at a desk: look, give a card, block it, take it, and the same for a face.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::sync::watch;

use crate::audit::Audit;
use crate::audit::Entry;
use crate::credentials::Card;
use crate::credentials::CardNumber;
use crate::credentials::Carried;
use crate::credentials::CredentialsError;
use crate::credentials::Face;
use crate::credentials::Holder;
use crate::credentials::NewCard;
use crate::credentials::records;
use crate::credentials::rules;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::Denied;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Portrait;
use crate::kernel::Tenant;
use crate::people::EmployeeView;
use crate::people::People;
use crate::people::View;
use crate::runtime::blocking;
use crate::store::FileError;
use crate::store::FileKey;
use crate::store::FileKind;
use crate::store::FileStore;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::WriteTx;
use crate::tenancy::Tenancy;

/// So many pictures are decoded at once; each may take 256 MB and a whole processor.
const DECODED_AT_ONCE: usize = 2;
/// The longest picture that is taken.
const MOST_UPLOADED: usize = 5_000_000;

/// Where credentials find everything.
pub struct Sources {
    /// Cards and faces.
    pub store: Store,
    /// Pictures of the faces.
    pub files: FileStore,
    /// Whose they are.
    pub people: People,
    /// Which organizations there are.
    pub tenancy: Tenancy,
    /// What was done.
    pub audit: Audit,
    /// The time.
    pub clock: Clock,
}

/// Cards and faces of all organizations. Cheap to clone.
#[derive(Clone)]
pub struct Credentials(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) from: Sources,
    changed: watch::Sender<u64>,
    decoding: Semaphore,
}

impl Credentials {
    /// The longest picture of a face that is taken.
    pub const MOST_UPLOADED: usize = MOST_UPLOADED;

    /// Put together from its parts.
    pub fn new(from: Sources) -> Self {
        let (changed, decoding) = (watch::Sender::new(0), Semaphore::new(DECODED_AT_ONCE));
        Self(Arc::new(Inner { from, changed, decoding }))
    }

    /// Tells when a card or a face of any organization was changed.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// What a person has.
    pub async fn list(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
    ) -> Result<Carried, CredentialsError> {
        let tenant = self.reading(actor, organization, employee).await?;
        let store = self.0.from.store.tenant(tenant);
        let found = store.read(move |tx| {
            let face = records::face(tx, employee)?.map(|(face, _)| face);
            Ok::<_, StoreError>(Carried { cards: records::cards_of(tx, employee)?, face })
        });
        Ok(found.await?)
    }

    /// Gives a person a card.
    pub async fn add_card(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
        new: NewCard,
    ) -> Result<Card, CredentialsError> {
        let (tenant, view) = self.writing(actor, organization).await?;
        let person = view.employee(employee)?;
        let (number, label) = (CardNumber::parse(&new.number)?, rules::label(&new.label)?);
        let card = Card { number, employee, label, blocked: false, added_at: self.0.from.clock.now() };
        let mut holder = self.give(tenant, card.clone()).await?;
        if let Some(gone) = holder
            && self.0.from.people.directory(tenant).await?.employee(gone).is_none()
        {
            // Deleted a moment ago; the card is free as soon as that is noticed here.
            self.forget_deleted(tenant).await?;
            holder = self.give(tenant, card.clone()).await?;
        }
        if let Some(holder) = holder {
            let seen = view.employee(holder).ok();
            return Err(CredentialsError::Taken(
                seen.map(|seen| Holder { employee: holder, name: seen.surname_first() }),
            ));
        }
        self.note(actor, "card.add", (tenant, &person), Some(&card.number)).await;
        Ok(card)
    }

    /// Stores a new card, unless somebody has it.
    async fn give(&self, tenant: Tenant, card: Card) -> Result<Option<EmployeeId>, CredentialsError> {
        self.change(tenant, move |tx| {
            let holder = records::holder(tx, &card.number)?;
            if holder.is_none() {
                if records::cards_of(tx, card.employee)?.len() >= rules::MOST_CARDS {
                    return Err(CredentialsError::TooMany(rules::MOST_CARDS));
                }
                records::put_card(tx, &card)?;
            }
            Ok(holder)
        })
        .await
    }

    /// Blocks a card, or lets it open doors again.
    pub async fn set_blocked(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        (employee, number): (EmployeeId, &CardNumber),
        blocked: bool,
    ) -> Result<Card, CredentialsError> {
        let (tenant, view) = self.writing(actor, organization).await?;
        let person = view.employee(employee)?;
        let number = number.clone();
        let (card, was) = self
            .change(tenant, move |tx| {
                let before = records::card(tx, employee, &number)?.ok_or(CredentialsError::UnknownCard(employee))?;
                let was = before.blocked;
                let card = Card { blocked, ..before };
                records::put_card(tx, &card)?;
                Ok((card, was))
            })
            .await?;
        if was != blocked {
            let action = if blocked { "card.block" } else { "card.unblock" };
            self.note(actor, action, (tenant, &person), Some(&card.number)).await;
        }
        Ok(card)
    }

    /// Takes a card away. Somebody else may get it then.
    pub async fn remove_card(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        (employee, number): (EmployeeId, &CardNumber),
    ) -> Result<Card, CredentialsError> {
        let (tenant, view) = self.writing(actor, organization).await?;
        let person = view.employee(employee)?;
        let number = number.clone();
        let card = self
            .change(tenant, move |tx| {
                let card = records::card(tx, employee, &number)?.ok_or(CredentialsError::UnknownCard(employee))?;
                records::remove_card(tx, &card)?;
                Ok(card)
            })
            .await?;
        self.note(actor, "card.remove", (tenant, &person), Some(&card.number)).await;
        Ok(card)
    }

    /// Gives a person a face, in the place of the one before. Takes a JPEG or PNG picture.
    pub async fn set_face(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
        image: Vec<u8>,
    ) -> Result<Face, CredentialsError> {
        let (tenant, view) = self.writing(actor, organization).await?;
        let person = view.employee(employee)?;
        let portrait = self.develop(image).await?;
        let now = self.0.from.clock.now();
        let file = FileKey::new(tenant, FileKind::Face, now);
        self.note_unused(tenant, &file).await?;
        let stored = self.0.from.files.put_as(file, tenant, &portrait.jpeg).await?;
        let face = Face {
            employee,
            sha256: stored.sha256,
            bytes: stored.size,
            width: portrait.width,
            height: portrait.height,
            added_at: now,
            by: actor.name().to_owned(),
        };
        let record = face.clone();
        let before = self.change(tenant, move |tx| records::put_face(tx, &record, &stored.key)).await?;
        if let Some(before) = before {
            self.remove_file(tenant, before).await;
        }
        self.note(actor, "face.set", (tenant, &person), None).await;
        Ok(face)
    }

    async fn develop(&self, image: Vec<u8>) -> Result<Portrait, CredentialsError> {
        if image.len() > MOST_UPLOADED {
            return Err(CredentialsError::TooLarge(MOST_UPLOADED));
        }
        // The semaphore is never closed; without a permit the limit would merely not hold.
        let permit = self.0.decoding.acquire().await.ok();
        let portrait = blocking(move || Portrait::develop(&image)).await;
        drop(permit);
        Ok(portrait?)
    }

    /// Takes a face away, and its file with it.
    pub async fn remove_face(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
    ) -> Result<Face, CredentialsError> {
        let (tenant, view) = self.writing(actor, organization).await?;
        let person = view.employee(employee)?;
        let now = self.0.from.clock.now();
        let gone = self.change(tenant, move |tx| Ok(records::remove_face(tx, employee, now)?)).await?;
        let (face, file) = gone.ok_or(CredentialsError::NoFace(employee))?;
        self.remove_file(tenant, file).await;
        self.note(actor, "face.remove", (tenant, &person), None).await;
        Ok(face)
    }

    /// Shows a face, which is recorded.
    pub async fn face(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
    ) -> Result<(Face, Vec<u8>), CredentialsError> {
        let tenant = self.reading(actor, organization, employee).await?;
        let person = self.0.from.people.view(actor, organization).await?.employee(employee)?;
        let found = self.0.from.store.tenant(tenant).read(move |tx| records::face(tx, employee)).await?;
        let (face, file) = found.ok_or(CredentialsError::NoFace(employee))?;
        let jpeg = match self.0.from.files.read(tenant, &file).await {
            Ok(jpeg) => jpeg,
            Err(FileError::NotFound(_)) => return Err(CredentialsError::FaceLost(employee)),
            Err(problem) => return Err(problem.into()),
        };
        self.note(actor, "face.view", (tenant, &person), None).await;
        Ok((face, jpeg))
    }

    /// Somebody whom the actor may see, with what they have.
    async fn reading(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
    ) -> Result<Tenant, CredentialsError> {
        actor.require(Permission::ReadCredentials)?;
        let tenant = actor.tenant(organization)?;
        self.0.from.people.view(actor, organization).await?.employee(employee)?;
        Ok(tenant)
    }

    /// A number belongs to one person of the whole organization, so that a view of a part of it changes nothing.
    async fn writing(&self, actor: &Actor, organization: OrganizationId) -> Result<(Tenant, View), CredentialsError> {
        actor.require(Permission::EditCredentials)?;
        let tenant = actor.tenant(organization)?;
        if actor.department().is_some() {
            return Err(Denied::NotAllowed(Permission::EditCredentials).into());
        }
        Ok((tenant, self.0.from.people.view(actor, organization).await?))
    }

    /// Runs a change and tells of it.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        tenant: Tenant,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, CredentialsError> + Send + 'static,
    ) -> Result<T, CredentialsError> {
        let credentials = self.clone();
        // Told on the blocking thread: it goes on to the end even when nobody waits for the answer any more.
        blocking(move || {
            let done = credentials.0.from.store.tenant(tenant).write_now(work)?;
            credentials.0.changed.send_modify(|changes| *changes += 1);
            Ok(done)
        })
        .await
    }

    /// One line of the audit log. Of a card it holds the end of the number, of a face nothing at all.
    async fn note(
        &self,
        actor: &Actor,
        action: &'static str,
        (tenant, person): (Tenant, &EmployeeView),
        card: Option<&CardNumber>,
    ) {
        let entry = Entry::new(action).of(tenant.organization()).on("employee", person.id);
        let mut entry = entry.with("name", person.surname_first());
        if let Some(number) = card {
            entry = entry.with("card", number.tail());
        }
        self.0.from.audit.record(actor, entry).await;
    }
}
