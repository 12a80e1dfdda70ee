//! The verbs that change something: make, draft, release, bring back.

use std::collections::HashMap;
use std::sync::Arc;

use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Settings;
use tokio::sync::watch;
use tracing::error;

use crate::audit::Audit;
use crate::audit::Entry;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::PolicyId;
use crate::kernel::random_bytes;
use crate::people::People;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::CollectionPolicy;
use crate::policy::collection::PoliciesError;
use crate::policy::collection::Seen;
use crate::policy::collection::live::Released;
use crate::policy::collection::records;
use crate::policy::collection::records::DraftRecord;
use crate::policy::collection::records::POLICIES;
use crate::policy::collection::records::PolicyRecord;
use crate::policy::collection::records::SALTS;
use crate::policy::collection::records::SaltRecord;
use crate::policy::collection::records::VERSIONS;
use crate::policy::collection::records::VersionRecord;
use crate::store::Mirror;
use crate::store::Read;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::WriteTx;

/// Policies of all organizations. Cheap to clone.
#[derive(Clone)]
pub struct Policies {
    pub(super) store: Store,
    pub(super) people: People,
    audit: Audit,
    pub(super) clock: Clock,
    pub(super) live: Mirror<HashMap<OrganizationId, Arc<Released>>>,
    changed: Arc<watch::Sender<()>>,
}

impl Policies {
    /// Reads what is in force. Blocks.
    pub fn open(
        store: Store,
        people: People,
        audit: Audit,
        clock: Clock,
        organizations: impl IntoIterator<Item = OrganizationId>,
    ) -> Result<Self, PoliciesError> {
        let changed = Arc::new(watch::Sender::new(()));
        let policies = Self { store, people, audit, clock, live: Mirror::new(HashMap::new()), changed };
        for organization in organizations {
            policies.reload(organization)?;
        }
        Ok(policies)
    }

    /// Reads anew what is in force in an organization. Blocks.
    pub fn reload(&self, organization: OrganizationId) -> Result<(), PoliciesError> {
        let tenant = Actor::system().tenant(organization)?;
        self.live.reload(|live| {
            let (settings, salt) = self.store.tenant(tenant).read_now(|tx| {
                let salt = tx.find(&SALTS, &())?.map(|record| record.salt).unwrap_or_default();
                Ok::<_, StoreError>((records::released(tx)?, salt))
            })?;
            let mut live = live.clone();
            live.insert(organization, Arc::new(Released::new(settings, salt)));
            Ok::<_, PoliciesError>(live)
        })?;
        self.changed.send_replace(());
        Ok(())
    }

    /// Told when something else is in force somewhere.
    pub fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Makes a policy, with an empty draft: nothing holds before it is released.
    pub async fn create(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        applies_to: AppliesTo,
    ) -> Result<CollectionPolicy, PoliciesError> {
        actor.require(Permission::EditPolicies)?;
        let view = self.people.view(actor, organization).await?;
        match applies_to {
            AppliesTo::Organization => {}
            AppliesTo::Department(id) => drop(view.department(id)?),
            AppliesTo::Employee(id) => drop(view.employee(id)?),
        }
        let draft = self.draft_of(actor, Settings::default());
        let store = self.store.tenant(actor.tenant(organization)?);
        let policy = store.write(move |tx| {
            let same = tx.list(&POLICIES)?.into_iter().find(|(_, record)| AppliesTo::from(record.of) == applies_to);
            if let Some((id, _)) = same {
                return Err(PoliciesError::Exists(id));
            }
            let id = PolicyId::new(tx.next_number(&POLICIES)?);
            let record =
                PolicyRecord { of: applies_to.into(), version: 0, since: None, draft: Some(draft), rollout: None };
            tx.put(&POLICIES, &id, &record)?;
            Ok(record.into_model(id))
        });
        let policy = policy.await?;
        self.note(actor, organization, policy.id, Entry::new("policy.create")).await;
        Ok(policy)
    }

    /// Keeps what is being worked on. `version` is the one in force that its author has seen.
    pub async fn save_draft(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
        (settings, version): (Settings, u32),
    ) -> Result<CollectionPolicy, PoliciesError> {
        settings.check()?;
        let draft = self.draft_of(actor, settings);
        let changed = self.change(actor, organization, id, move |_, record| {
            if record.version != version {
                return Err(PoliciesError::Stale(record.version));
            }
            record.draft = Some(draft);
            Ok(())
        });
        let policy = changed.await?;
        self.note(actor, organization, id, Entry::new("policy.draft")).await;
        Ok(policy)
    }

    /// The same for who has seen a draft, or that there was none: one that somebody else has changed meanwhile stays.
    pub async fn save_seen_draft(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
        (settings, seen): (Settings, Seen),
    ) -> Result<CollectionPolicy, PoliciesError> {
        settings.check()?;
        let draft = self.draft_of(actor, settings);
        let changed = self.change(actor, organization, id, move |_, record| {
            if record.version != seen.version {
                return Err(PoliciesError::Stale(record.version));
            }
            match &record.draft {
                // Who writes the same wants the same.
                Some(now) if Some(now.changed_at) != seen.draft && now.settings != draft.settings => {
                    Err(PoliciesError::DraftChanged { by: now.changed_by.clone(), at: now.changed_at })
                }
                _ => {
                    record.draft = Some(draft);
                    Ok(())
                }
            }
        });
        let policy = changed.await?;
        self.note(actor, organization, id, Entry::new("policy.draft")).await;
        Ok(policy)
    }

    /// Forgets what was being worked on.
    pub async fn discard_draft(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
    ) -> Result<CollectionPolicy, PoliciesError> {
        let changed = self
            .change(actor, organization, id, |_, record| record.draft.take().map(drop).ok_or(PoliciesError::NoDraft));
        let policy = changed.await?;
        self.note(actor, organization, id, Entry::new("policy.discard")).await;
        Ok(policy)
    }

    /// Makes the draft the next version. It holds for everything that comes in from now on.
    pub async fn release(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
        (version, reason): (u32, &str),
    ) -> Result<CollectionPolicy, PoliciesError> {
        let next = self.next_of(actor, reason)?;
        let changed = self.change(actor, organization, id, move |tx, record| {
            if record.version != version {
                return Err(PoliciesError::Stale(record.version));
            }
            let draft = record.draft.take().ok_or(PoliciesError::NoDraft)?;
            record.rollout = None;
            add_version(tx, (id, record), draft.settings, next)
        });
        let policy = changed.await?;
        self.put_in_force(actor, organization, &policy, Entry::new("policy.release")).await?;
        Ok(policy)
    }

    /// Makes a new version that says what an old one said. A draft stays.
    pub async fn bring_back(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
        (number, reason): (u32, &str),
    ) -> Result<CollectionPolicy, PoliciesError> {
        let next = Next { brought_back: Some(number), ..self.next_of(actor, reason)? };
        let changed = self.change(actor, organization, id, move |tx, record| {
            let old = tx.find(&VERSIONS, &(id, number))?.ok_or(PoliciesError::NoVersion(id, number))?;
            record.rollout = None;
            add_version(tx, (id, record), old.settings, next)
        });
        let policy = changed.await?;
        let entry = Entry::new("policy.bring_back").with("brought_back", number.to_string());
        self.put_in_force(actor, organization, &policy, entry).await?;
        Ok(policy)
    }

    fn draft_of(&self, actor: &Actor, settings: Settings) -> DraftRecord {
        DraftRecord { settings, changed_at: self.clock.now(), changed_by: actor.name().to_owned() }
    }

    pub(super) fn next_of(&self, actor: &Actor, reason: &str) -> Result<Next, PoliciesError> {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        if !(3..=500).contains(&reason.chars().count()) {
            return Err(PoliciesError::Reason);
        }
        Ok(Next { author: actor.name().to_owned(), reason, at: self.clock.now(), brought_back: None })
    }

    pub(super) async fn change(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: PolicyId,
        work: impl FnOnce(&WriteTx<'_>, &mut PolicyRecord) -> Result<(), PoliciesError> + Send + 'static,
    ) -> Result<CollectionPolicy, PoliciesError> {
        actor.require(Permission::EditPolicies)?;
        let store = self.store.tenant(actor.tenant(organization)?);
        store
            .write(move |tx| {
                let mut record = find(tx, id)?;
                work(tx, &mut record)?;
                tx.put(&POLICIES, &id, &record)?;
                Ok(record.into_model(id))
            })
            .await
    }

    pub(super) async fn put_in_force(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        policy: &CollectionPolicy,
        entry: Entry,
    ) -> Result<(), PoliciesError> {
        let policies = self.clone();
        let reloaded = crate::runtime::blocking(move || policies.reload(organization)).await;
        if let Err(problem) = &reloaded {
            error!("version {} of policy {} is not in force yet: {problem:?}", policy.version, policy.id);
        }
        self.note(actor, organization, policy.id, entry.with("version", policy.version.to_string())).await;
        reloaded
    }

    pub(super) async fn note(&self, actor: &Actor, organization: OrganizationId, id: PolicyId, entry: Entry) {
        self.audit.record(actor, entry.of(organization).on("policy", id)).await;
    }
}

/// The next version without its settings.
pub(super) struct Next {
    author: String,
    reason: String,
    pub(super) at: crate::kernel::Timestamp,
    brought_back: Option<u32>,
}

pub(super) fn find(tx: &impl Read, id: PolicyId) -> Result<PolicyRecord, PoliciesError> {
    tx.find(&POLICIES, &id)?.ok_or(PoliciesError::Unknown(id))
}

pub(super) fn add_version(
    tx: &WriteTx<'_>,
    (id, policy): (PolicyId, &mut PolicyRecord),
    settings: Settings,
    next: Next,
) -> Result<(), PoliciesError> {
    settings.check()?;
    let before = tx.find(&VERSIONS, &(id, policy.version))?.map(|version| version.settings);
    if before.as_ref().is_some_and(|before| *before == settings) {
        return Err(PoliciesError::NothingNew(policy.version));
    }
    if tx.find(&SALTS, &())?.is_none() {
        tx.put(&SALTS, &(), &SaltRecord { salt: hex::encode(random_bytes::<16>()) })?;
    }
    let checksum = Effective::of([(Layer::Organization, &settings)]).0.checksum();
    policy.version += 1;
    policy.since = Some(next.at);
    let Next { author, reason, at: released_at, brought_back } = next;
    let record = VersionRecord { settings, checksum, author, reason, released_at, brought_back };
    tx.put(&VERSIONS, &(id, policy.version), &record)?;
    Ok(())
}
