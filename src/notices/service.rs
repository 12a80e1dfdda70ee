//! The verbs: look, note that somebody has accepted, withdraw that.

use std::collections::BTreeMap;

use crate::audit::Entry;
use crate::kernel::Actor;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Tenant;
use crate::notices::Acceptance;
use crate::notices::NewAcceptance;
use crate::notices::Notice;
use crate::notices::NoticesError;
use crate::notices::Sources;
use crate::notices::Standing;
use crate::notices::Version;
use crate::notices::Withdrawal;
use crate::notices::records::ACCEPTANCES;
use crate::notices::records::AcceptanceRecord;
use crate::notices::records::AcceptancesRecord;
use crate::notices::records::FACTS;
use crate::notices::records::VERSIONS;
use crate::notices::records::VersionRecord;
use crate::store::Read;
use crate::store::StoreError;

/// How often one version can be accepted and withdrawn.
const MOST_ACCEPTANCES: usize = 20;

/// Notices of all organizations. Cheap to clone.
#[derive(Clone)]
pub struct Notices(pub(super) Sources);

impl Notices {
    /// Put together from its parts.
    pub const fn new(sources: Sources) -> Self {
        Self(sources)
    }

    /// What a person is told now.
    pub async fn current(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
    ) -> Result<Notice, NoticesError> {
        let versions = self.versions(actor, organization, employee).await?;
        let version = versions.into_iter().next().ok_or(NoticesError::NoVersion(employee, 0))?;
        self.notice(actor.tenant(organization)?, employee, (version, true)).await
    }

    /// What a person was told once.
    pub async fn find(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        (employee, number): (EmployeeId, u32),
    ) -> Result<Notice, NoticesError> {
        let versions = self.versions(actor, organization, employee).await?;
        let newest = versions.first().map(|one| one.number);
        let version = versions.into_iter().find(|one| one.number == number);
        let version = version.ok_or(NoticesError::NoVersion(employee, number))?;
        self.notice(actor.tenant(organization)?, employee, (version, newest == Some(number))).await
    }

    /// All versions of a person, the newest first.
    pub async fn versions(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employee: EmployeeId,
    ) -> Result<Vec<Version>, NoticesError> {
        actor.require(Permission::ReadMonitoring)?;
        self.0.people.view(actor, organization).await?.employee(employee)?;
        let tenant = actor.tenant(organization)?;
        self.catch_up(tenant, Some(employee)).await?;
        let store = self.0.store.tenant(tenant);
        let found = store.read(move |tx| {
            let mut accepted: BTreeMap<_, _> = tx.list_below(&ACCEPTANCES, &employee)?.into_iter().collect();
            let versions = tx.list_below(&VERSIONS, &employee)?.into_iter().rev();
            let with = |(key, record): ((EmployeeId, u32), VersionRecord)| {
                record.into_model(key.1, accepted.remove(&key).unwrap_or_default())
            };
            Ok::<_, StoreError>(versions.map(with).collect())
        });
        Ok(found.await?)
    }

    /// How it stands with people whom the caller has found in the directory. Those who are gone are left out.
    pub async fn standings(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        employees: Vec<EmployeeId>,
    ) -> Result<Vec<Standing>, NoticesError> {
        actor.require(Permission::ReadMonitoring)?;
        let tenant = actor.tenant(organization)?;
        self.catch_up(tenant, None).await?;
        let store = self.0.store.tenant(tenant);
        let found = store.read(|tx| {
            let mut accepted: BTreeMap<_, _> = tx.list(&ACCEPTANCES)?.into_iter().collect();
            let mut standings: BTreeMap<EmployeeId, Standing> = BTreeMap::new();
            for (key, record) in tx.list(&VERSIONS)? {
                let version = record.into_model(key.1, accepted.remove(&key).unwrap_or_default());
                let before = standings.get(&key.0).and_then(|before| before.last_accepted);
                standings.insert(key.0, standing(key.0, &version, before));
            }
            Ok::<_, StoreError>(standings)
        });
        let mut found = found.await?;
        let view = self.0.people.view(actor, organization).await?;
        let visible = employees.into_iter().filter(|id| view.employee(*id).is_ok());
        Ok(visible.filter_map(|id| found.remove(&id)).collect())
    }

    /// Notes that a person has accepted a version.
    pub async fn accept(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        (employee, number): (EmployeeId, u32),
        new: NewAcceptance,
    ) -> Result<Acceptance, NoticesError> {
        actor.require(Permission::EditPeople)?;
        let notice = self.find(actor, organization, (employee, number)).await?;
        let tenant = actor.tenant(organization)?;
        let (zone, now) = (self.0.tenancy.zone(tenant), self.0.clock.now());
        let today = zone.day_of(now);
        let on = new.on.unwrap_or(today);
        if on > today || on < zone.day_of(notice.version.since) {
            return Err(NoticesError::Day);
        }
        let noted_by = actor.name().to_owned();
        let acceptance = Acceptance { how: new.how, on, noted_at: now, noted_by, withdrawn: None };
        let noted = acceptance.clone();
        let changed = self.change(tenant, (employee, number), move |all| {
            if all.iter().any(|one| one.withdrawn.is_none()) {
                return Err(NoticesError::Accepted(number));
            }
            if all.len() >= MOST_ACCEPTANCES {
                return Err(NoticesError::TooMany(number));
            }
            all.push(noted);
            Ok(())
        });
        changed.await?;
        let entry = Entry::new("notice.accept").with("how", new.how.name()).with("on", on.to_string());
        self.note(actor, (organization, employee, number), entry).await;
        Ok(acceptance)
    }

    /// Notes that an acceptance does not count any more, and why.
    pub async fn withdraw(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        (employee, number): (EmployeeId, u32),
        reason: &str,
    ) -> Result<(), NoticesError> {
        actor.require(Permission::EditPeople)?;
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        if !(3..=500).contains(&reason.chars().count()) {
            return Err(NoticesError::Reason);
        }
        drop(self.find(actor, organization, (employee, number)).await?);
        let withdrawal = Withdrawal { at: self.0.clock.now(), by: actor.name().to_owned(), reason: reason.clone() };
        let tenant = actor.tenant(organization)?;
        let changed = self.change(tenant, (employee, number), move |all| {
            let standing = all.iter_mut().rfind(|one| one.withdrawn.is_none());
            standing.ok_or(NoticesError::NotAccepted(number))?.withdrawn = Some(withdrawal);
            Ok(())
        });
        changed.await?;
        let entry = Entry::new("notice.withdraw").with("reason", reason);
        self.note(actor, (organization, employee, number), entry).await;
        Ok(())
    }

    async fn change(
        &self,
        tenant: Tenant,
        key: (EmployeeId, u32),
        work: impl FnOnce(&mut Vec<Acceptance>) -> Result<(), NoticesError> + Send + 'static,
    ) -> Result<(), NoticesError> {
        let store = self.0.store.tenant(tenant);
        store
            .write(move |tx| {
                let before = tx.find(&ACCEPTANCES, &key)?.unwrap_or_default();
                let mut all = before.all.into_iter().map(Acceptance::from).collect();
                work(&mut all)?;
                let all = all.iter().map(AcceptanceRecord::from).collect();
                Ok(tx.put(&ACCEPTANCES, &key, &AcceptancesRecord { all })?)
            })
            .await
    }

    async fn notice(
        &self,
        tenant: Tenant,
        employee: EmployeeId,
        (version, current): (Version, bool),
    ) -> Result<Notice, NoticesError> {
        let checksum = version.checksum.clone();
        let store = self.0.store.tenant(tenant);
        let facts = store.read(move |tx| {
            let found = tx.find(&FACTS, &checksum)?.ok_or(NoticesError::NoFacts(checksum))?;
            Ok::<_, NoticesError>(found.into_model())
        });
        Ok(Notice { employee, version, current, facts: facts.await? })
    }

    async fn note(
        &self,
        actor: &Actor,
        (organization, employee, number): (OrganizationId, EmployeeId, u32),
        entry: Entry,
    ) {
        let entry = entry.of(organization).on("employee", employee).with("version", number.to_string());
        self.0.audit.record(actor, entry).await;
    }
}

fn standing(employee: EmployeeId, version: &Version, before: Option<u32>) -> Standing {
    let accepted = version.accepted();
    Standing {
        employee,
        number: version.number,
        since: version.since,
        accepted_on: accepted.map(|one| one.on),
        last_accepted: accepted.map(|_| version.number).or(before),
    }
}
