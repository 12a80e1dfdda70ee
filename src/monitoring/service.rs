//! The one handle of this domain, and what every verb begins with.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use nazorat_timeseries::Dataset;
use nazorat_timeseries::Hub;
use nazorat_timeseries::PartitionProblem;
use nazorat_timeseries::State as FileState;

use crate::audit::Audit;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Span;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::monitoring::Catalogue;
use crate::monitoring::Completeness;
use crate::monitoring::MonitoringError;
use crate::monitoring::Place;
use crate::monitoring::Ratings;
use crate::monitoring::Rule;
use crate::monitoring::Subject;
use crate::monitoring::Unread;
use crate::monitoring::presence::Recent;
use crate::monitoring::today::Today;
use crate::people::Directory;
use crate::people::EmployeeFilter;
use crate::people::People;
use crate::people::View;
use crate::policy::collection::AppliesTo;
use crate::runtime::blocking;
use crate::tenancy::Tenancy;

/// Until when everything that was received can be read.
pub type AppliedThrough = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What this domain reads from.
#[derive(Clone)]
pub struct Sources {
    /// The events.
    pub hub: Hub,
    /// Whose they are.
    pub people: People,
    /// Whose days they fall on.
    pub tenancy: Tenancy,
    /// Who looked.
    pub audit: Audit,
    /// The time.
    pub clock: Clock,
    /// How far the events have come.
    pub applied_through: AppliedThrough,
}

/// What people see of events. Cheap to clone.
#[derive(Clone)]
pub struct Monitoring {
    pub(super) from: Sources,
    pub(super) shared: Arc<Shared>,
}

/// What all clones have in common.
pub(super) struct Shared {
    ratings: Mutex<HashMap<OrganizationId, Arc<Ratings>>>,
    pub(super) today: Mutex<HashMap<OrganizationId, Today>>,
    pub(super) rolled: Mutex<HashMap<OrganizationId, Timestamp>>,
    /// The directory with whose links the stored sums were last compared.
    pub(super) compared: Mutex<HashMap<OrganizationId, Arc<Directory>>>,
    pub(super) recent: Mutex<HashMap<OrganizationId, Recent>>,
    pub(super) started: Timestamp,
}

/// Who asks about what, at one moment.
pub(super) struct Question {
    pub(super) organization: OrganizationId,
    pub(super) view: View,
    pub(super) directory: Arc<Directory>,
    pub(super) zone: Zone,
    /// The organization's: names, browsers and lock screens are the same for everybody.
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) ratings: Arc<Ratings>,
    pub(super) now: Timestamp,
}

impl Monitoring {
    /// Reads from these sources.
    pub fn new(from: Sources) -> Self {
        let shared = Shared {
            ratings: Mutex::default(),
            today: Mutex::default(),
            rolled: Mutex::default(),
            compared: Mutex::default(),
            recent: Mutex::default(),
            started: from.clock.now(),
        };
        Self { from, shared: Arc::new(shared) }
    }

    /// Takes over the own rules of an organization, its departments and people; from now on the past is rated by them
    /// as well.
    pub fn use_rules(&self, organization: OrganizationId, rules: &[(AppliesTo, Rule)]) {
        lock(&self.shared.ratings).insert(organization, Arc::new(Ratings::new(rules)));
    }

    /// The rules by which time is rated.
    pub fn ratings(&self, organization: OrganizationId) -> Arc<Ratings> {
        Arc::clone(lock(&self.shared.ratings).entry(organization).or_default())
    }

    /// The rules of everybody of whom nobody nearer decides.
    pub fn catalogue(&self, organization: OrganizationId) -> Arc<Catalogue> {
        Arc::clone(self.ratings(organization).organization())
    }

    /// Drops what is in memory of an organization that was deleted or restored.
    pub fn forget(&self, organization: OrganizationId) {
        lock(&self.shared.ratings).remove(&organization);
        lock(&self.shared.today).remove(&organization);
        lock(&self.shared.rolled).remove(&organization);
        lock(&self.shared.compared).remove(&organization);
        lock(&self.shared.recent).remove(&organization);
    }

    /// Checks the actor and takes everything that an answer needs beside the events.
    pub(super) async fn ask(&self, actor: &Actor, organization: OrganizationId) -> Result<Question, MonitoringError> {
        actor.require(Permission::ReadMonitoring)?;
        let tenant = actor.tenant(organization)?;
        let zone = self.zone(tenant)?;
        let view = self.from.people.view(actor, organization).await?;
        let directory = self.from.people.directory(tenant).await?;
        let ratings = self.ratings(organization);
        let catalogue = Arc::clone(ratings.organization());
        Ok(Question { organization, view, directory, zone, catalogue, ratings, now: self.from.clock.now() })
    }

    fn zone(&self, tenant: Tenant) -> Result<Zone, MonitoringError> {
        let found = self.from.tenancy.find(tenant);
        let found = found.ok_or(MonitoringError::UnknownOrganization(tenant.organization()))?;
        Ok(found.settings.zone.clone())
    }

    /// Runs the reading part of a verb where blocking is allowed.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        question: Question,
        work: impl FnOnce(&Self, &Question) -> Result<T, MonitoringError> + Send + 'static,
    ) -> Result<T, MonitoringError> {
        let monitoring = self.clone();
        blocking(move || work(&monitoring, &question)).await
    }

    /// How far an answer made of these rows can be trusted. Taken before the rows are read.
    pub(super) fn completeness(&self) -> Completeness {
        Completeness { incomplete: Vec::new(), applied_through: (self.from.applied_through)(), as_of: None }
    }

    /// Files of a time that are set aside: what totals that are read instead of events cannot notice.
    pub(super) fn set_aside(&self, question: &Question, datasets: &[Dataset], within: Span) -> Vec<Unread> {
        let (from, to) = (within.from.as_microsecond(), within.to.as_microsecond());
        let partitions = self.from.hub.partitions(question.organization.get());
        let missing = partitions.into_iter().filter(|file| {
            let month = file.partition.key.month;
            file.state == FileState::Quarantined
                && datasets.contains(&file.partition.key.dataset)
                && month.start_us() < to
                && from < month.end_us()
        });
        let unread = missing.map(|file| Unread {
            dataset: file.partition.key.dataset,
            month: file.partition.key.month.to_string(),
            generation: file.partition.generation,
            problem: "quarantined",
        });
        unread.collect()
    }
}

impl Completeness {
    pub(super) fn lacking(mut self, problems: &[PartitionProblem]) -> Self {
        self.incomplete.extend(problems.iter().map(Unread::from));
        self.incomplete.sort();
        self.incomplete.dedup();
        self
    }
}

impl Question {
    /// The people of a subject whom the actor may see.
    pub(super) fn people_of(&self, subject: Subject) -> Result<Vec<EmployeeId>, MonitoringError> {
        match subject {
            Subject::Employee(employee) => Ok(vec![self.view.employee(employee)?.id]),
            Subject::Department(department) => {
                self.view.department(department)?;
                Ok(self.directory.employees_below(department).iter().map(|employee| employee.id).collect())
            }
            Subject::Organization => match self.view.root() {
                Some(root) => self.people_of(Subject::Department(root)),
                None => Ok(self.directory.employees().map(|employee| employee.id).collect()),
            },
        }
    }

    /// How many people of a subject are at work at all.
    pub(super) fn count_people(
        &self,
        department: Option<crate::kernel::DepartmentId>,
    ) -> Result<usize, MonitoringError> {
        let filter =
            EmployeeFilter { department, state: Some(crate::people::State::Active), ..EmployeeFilter::default() };
        Ok(usize::try_from(self.view.count_employees(&filter)?).unwrap_or(usize::MAX))
    }

    /// Where an account is.
    pub(super) fn place(&self, account: i64) -> Place {
        let user = self.directory.computer_user_of(account);
        let computer = user.and_then(|user| self.directory.computer(user.computer));
        Place {
            account,
            computer: computer.map(|computer| computer.id),
            computer_name: computer.map(|computer| computer.name.clone()).unwrap_or_default(),
            computer_user: user.map(|user| user.id),
            user_name: user.map(|user| user.name().to_owned()).unwrap_or_default(),
        }
    }

    pub(super) fn places(&self, accounts: impl IntoIterator<Item = i64>) -> Vec<Place> {
        let mut accounts: Vec<i64> = accounts.into_iter().collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts.into_iter().map(|account| self.place(account)).collect()
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
