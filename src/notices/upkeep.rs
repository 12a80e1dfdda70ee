//! New versions for those of whom something else holds by now.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tracing::error;

use crate::kernel::Actor;
use crate::kernel::EmployeeId;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::notices::Notices;
use crate::notices::NoticesError;
use crate::notices::gather::Present;
use crate::notices::gather::Told;
use crate::notices::records::ACCEPTANCES;
use crate::notices::records::FACTS;
use crate::notices::records::VERSIONS;
use crate::notices::records::VersionRecord;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::every;
use crate::store::Read;
use crate::store::StoreError;
use crate::store::WriteTx;

/// How often it is looked whether something has changed for somebody whose page nobody opens.
const LOOK: Duration = Duration::from_secs(300);
/// What is younger is never taken for a leftover: its person may have been added a moment ago.
const YOUNG: Duration = Duration::from_secs(86_400);

/// The number and the checksum of the newest version of each person.
type Newest = BTreeMap<EmployeeId, (u32, VersionRecord)>;

impl Notices {
    /// Starts the task that notices what has changed.
    pub fn start(&self, life: &Lifecycle) {
        let (notices, stop) = (self.clone(), life.soft());
        life.spawn("notices", async move {
            every(LOOK, Nudge::default(), stop, || notices.look()).await;
            Ok::<_, Infallible>(())
        });
    }

    async fn look(&self) {
        for organization in self.0.tenancy.list_all() {
            let caught_up = async {
                let tenant = Actor::system().tenant(organization.id)?;
                self.catch_up(tenant, None).await
            };
            if let Err(problem) = caught_up.await {
                error!(organization.id = %organization.id, "notices could not be brought up to date: {problem}");
            }
        }
    }

    /// Makes a new version for everybody, or for one person, of whom something else holds by now; of everybody, those
    /// who were deleted are forgotten. Writes nothing while nothing has changed.
    pub(super) async fn catch_up(&self, tenant: Tenant, only: Option<EmployeeId>) -> Result<(), NoticesError> {
        let mut present = Present::of(&self.0, tenant).await?;
        let everybody: Vec<EmployeeId> = match only {
            Some(employee) => vec![employee],
            None => present.directory.employees().map(|employee| employee.id).collect(),
        };
        let mut told: Vec<(EmployeeId, Arc<Told>)> = Vec::with_capacity(everybody.len());
        for employee in everybody {
            told.push((employee, present.told(employee)));
        }
        let store = self.0.store.tenant(tenant);
        let newest = store.read(move |tx| newest(tx, only)).await?;
        told.retain(|(employee, told)| {
            newest.get(employee).is_none_or(|(_, version)| version.checksum != told.checksum)
        });
        let gone = match only {
            Some(_) => Vec::new(),
            None => gone(&newest, &present, self.0.clock.now()),
        };
        if told.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let (organization, contacts, since) = (present.organization, present.contacts, self.0.clock.now());
        let written = store.write(move |tx| {
            for employee in gone {
                forget(tx, employee)?;
            }
            for (employee, told) in told {
                let before = tx.list_below(&VERSIONS, &employee)?.pop();
                // Somebody else may have looked at the same moment.
                if before.as_ref().is_some_and(|(_, version)| version.checksum == told.checksum) {
                    continue;
                }
                let number = before.map_or(0, |((_, number), _)| number) + 1;
                let checksum = told.checksum.clone();
                if tx.find(&FACTS, &checksum)?.is_none() {
                    tx.put(&FACTS, &checksum, &told.facts)?;
                }
                let (organization, contacts) = (organization.clone(), contacts.clone());
                let version = VersionRecord { since, checksum, organization, contacts };
                tx.put(&VERSIONS, &(employee, number), &version)?;
            }
            Ok::<_, StoreError>(())
        });
        Ok(written.await?)
    }
}

fn newest(tx: &impl Read, only: Option<EmployeeId>) -> Result<Newest, StoreError> {
    let all = match only {
        Some(employee) => tx.list_below(&VERSIONS, &employee)?,
        None => tx.list(&VERSIONS)?,
    };
    // Later numbers come later, so that the last one of a person stays.
    Ok(all.into_iter().map(|((employee, number), version)| (employee, (number, version))).collect())
}

fn gone(newest: &Newest, present: &Present, now: Timestamp) -> Vec<EmployeeId> {
    let is_gone = |(employee, (_, version)): (&EmployeeId, &(u32, VersionRecord))| {
        let old = now.duration_since(version.since).as_secs() > i64::try_from(YOUNG.as_secs()).unwrap_or(i64::MAX);
        (old && present.directory.employee(*employee).is_none()).then_some(*employee)
    };
    newest.iter().filter_map(is_gone).collect()
}

fn forget(tx: &WriteTx<'_>, employee: EmployeeId) -> Result<(), StoreError> {
    for (key, _) in tx.list_below(&VERSIONS, &employee)? {
        tx.remove(&VERSIONS, &key)?;
        tx.remove(&ACCEPTANCES, &key)?;
    }
    Ok(())
}
