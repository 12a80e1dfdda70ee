//! The verbs of retention.

use std::path::PathBuf;
use std::sync::Arc;

use nazorat_timeseries::Dataset;
use nazorat_timeseries::DropPlan;
use nazorat_timeseries::Hub;
use nazorat_timeseries::HubError;
use nazorat_timeseries::State;
use tracing::warn;

use crate::audit::Audit;
use crate::audit::Entry;
use crate::kernel::Actor;
use crate::kernel::Classify;
use crate::kernel::Clock;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::retention::Action;
use crate::retention::DatasetUsage;
use crate::retention::Preview;
use crate::retention::Removed;
use crate::retention::Settings;
use crate::retention::Usage;
use crate::retention::records::RUNS;
use crate::retention::records::RunRecord;
use crate::retention::records::SETTINGS;
use crate::retention::records::SettingsRecord;
use crate::retention::rules;
use crate::retention::rules::ClockJumped;
use crate::runtime::blocking;
use crate::store::FileError;
use crate::store::FileKey;
use crate::store::FileKind;
use crate::store::FileStore;
use crate::store::Read as _;
use crate::store::Store;
use crate::store::StoreError;
use crate::tenancy::Tenancy;
use crate::tenancy::TenancyError;

/// A verb of retention failed.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The clock cannot be trusted.
    #[error(transparent)]
    Clock(#[from] ClockJumped),
    /// The organization is at fault.
    #[error(transparent)]
    Tenancy(#[from] TenancyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Partitions failed.
    #[error("partitions failed")]
    Hub(#[from] HubError),
    /// The file store failed.
    #[error("file store failed")]
    Files(#[from] FileError),
    /// The disk could not be asked.
    #[error("disk could not be asked")]
    Disk(#[source] std::io::Error),
}

impl Classify for RetentionError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::Tenancy(tenancy) => tenancy.kind(),
            Self::Clock(_) => Kind::Conflict,
            Self::Store(_) | Self::Hub(_) | Self::Files(_) | Self::Disk(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Tenancy(tenancy) => tenancy.code(),
            Self::Clock(_) => "clock_jumped",
            Self::Store(_) | Self::Hub(_) | Self::Files(_) | Self::Disk(_) => "storage_failed",
        }
    }
}

/// Retention. Cheap to clone.
#[derive(Clone)]
pub struct Retention {
    pub(super) store: Store,
    pub(super) hub: Hub,
    pub(super) files: FileStore,
    pub(super) tenancy: Tenancy,
    pub(super) audit: Audit,
    pub(super) clock: Clock,
    folder: Arc<PathBuf>,
}

impl Retention {
    /// Put together from its parts; `folder` is the data folder whose disk is measured.
    pub fn new(
        store: Store,
        (hub, files): (Hub, FileStore),
        (tenancy, audit): (Tenancy, Audit),
        clock: Clock,
        folder: PathBuf,
    ) -> Self {
        Self { store, hub, files, tenancy, audit, clock, folder: Arc::new(folder) }
    }

    /// How long an organization keeps what.
    pub async fn settings(&self, actor: &Actor, organization: OrganizationId) -> Result<Settings, RetentionError> {
        actor.require(Permission::ReadPolicies)?;
        self.settings_of(actor.tenant(organization)?).await
    }

    /// What the next run would remove if the settings were these.
    pub async fn preview(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        settings: &Settings,
    ) -> Result<Vec<Preview>, RetentionError> {
        actor.require(Permission::ReadPolicies)?;
        let plans = self.plans(actor.tenant(organization)?, settings).await?;
        Ok(plans.into_iter().map(|(dataset, plan)| preview(dataset, &plan)).collect())
    }

    /// Stores new settings; what they make too old goes with the next nightly run.
    pub async fn change(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        settings: &Settings,
    ) -> Result<(), RetentionError> {
        actor.require(Permission::EditPolicies)?;
        let tenant = actor.tenant(organization)?;
        let record = SettingsRecord::from(settings);
        self.store.tenant(tenant).write(move |tx| tx.put(&SETTINGS, &(), &record)).await?;
        let mut entry = Entry::new("retention.changed").of(organization);
        for dataset in Dataset::ALL {
            let days = settings.of(dataset).days.map_or_else(|| "for ever".to_owned(), |days| days.to_string());
            entry = entry.with(dataset.name(), days);
        }
        self.audit.record(actor, entry).await;
        Ok(())
    }

    /// What the organization takes on the disk.
    pub async fn usage(&self, actor: &Actor, organization: OrganizationId) -> Result<Usage, RetentionError> {
        actor.require(Permission::ReadSystem)?;
        actor.tenant(organization)?;
        let (hub, folder, now) = (self.hub.clone(), Arc::clone(&self.folder), self.clock.now());
        blocking(move || {
            let disk = rustix::fs::statvfs(folder.as_path()).map_err(|problem| RetentionError::Disk(problem.into()))?;
            let datasets = datasets(&hub, organization);
            let growth_per_day = growth(&datasets, now);
            let free_bytes = disk.f_bavail * disk.f_frsize;
            Ok(Usage {
                datasets,
                disk_bytes: disk.f_blocks * disk.f_frsize,
                free_bytes,
                growth_per_day,
                full_in_days: rules::full_in_days(free_bytes, growth_per_day),
            })
        })
        .await
    }

    /// Removes what is too old now. Who runs it by hand vouches for the clock.
    pub async fn run(&self, actor: &Actor, organization: OrganizationId) -> Result<Removed, RetentionError> {
        actor.require(Permission::EditPolicies)?;
        let tenant = actor.tenant(organization)?;
        let settings = self.settings_of(tenant).await?;
        let mut removed = Removed::default();
        for (dataset, plan) in self.plans(tenant, &settings).await? {
            if plan.rows == 0 && plan.files.is_empty() {
                continue;
            }
            let action = settings.of(dataset).action;
            self.remove(tenant, plan, action, &mut removed).await?;
        }
        if let Some(cap) = settings.cap_bytes() {
            let hub = self.hub.clone();
            let plan = blocking(move || hub.plan_cap(organization.get(), cap)).await;
            self.remove(tenant, plan, Action::Delete, &mut removed).await?;
        }
        let now = self.clock.now();
        let seen = RunRecord { last_seen: Some(now), last_run: Some(now) };
        self.store.tenant(tenant).write(move |tx| tx.put(&RUNS, &(), &seen)).await?;
        if removed.rows > 0 {
            let entry = Entry::new("retention.run").of(organization).with("rows", removed.rows);
            self.audit.record(actor, entry.with("files", removed.files)).await;
        }
        Ok(removed)
    }

    /// Removes all events and files of an organization that is on its way out. Repeating it is harmless.
    pub async fn forget(&self, tenant: Tenant) -> Result<(), RetentionError> {
        let hub = self.hub.clone();
        blocking(move || hub.forget(tenant.organization().get())).await?;
        Ok(self.files.delete_all(tenant).await?)
    }

    pub(super) async fn settings_of(&self, tenant: Tenant) -> Result<Settings, RetentionError> {
        let found = self.store.tenant(tenant).read(|tx| tx.find(&SETTINGS, &())).await?;
        Ok(found.map(Settings::from).unwrap_or_default())
    }

    pub(super) async fn last_run(&self, tenant: Tenant) -> Result<RunRecord, RetentionError> {
        Ok(self.store.tenant(tenant).read(|tx| tx.find(&RUNS, &())).await?.unwrap_or_default())
    }

    async fn plans(&self, tenant: Tenant, settings: &Settings) -> Result<Vec<(Dataset, DropPlan)>, RetentionError> {
        let (hub, settings, now) = (self.hub.clone(), settings.clone(), self.clock.now());
        let zone = self.tenancy.zone(tenant);
        blocking(move || {
            let mut plans = Vec::new();
            for dataset in Dataset::ALL {
                let plan = match rules::cutoff(settings.of(dataset), &zone, now) {
                    Some(cut) => hub.plan_drop(tenant.organization().get(), dataset, cut.as_microsecond())?,
                    None => DropPlan::default(),
                };
                plans.push((dataset, plan));
            }
            Ok(plans)
        })
        .await
    }

    /// Archives if asked, then the rows, then the files of screenshots: a crash between leaves files, never dangling rows.
    async fn remove(
        &self,
        tenant: Tenant,
        plan: DropPlan,
        action: Action,
        removed: &mut Removed,
    ) -> Result<(), RetentionError> {
        if action == Action::Archive {
            self.archive(tenant, &plan).await?;
        }
        let hub = self.hub.clone();
        let (dropped, keys) = blocking(move || {
            let mut keys = Vec::new();
            let mut take = |file: &str, thumb: &str| keys.extend([file.to_owned(), thumb.to_owned()]);
            hub.planned_file_keys(&plan, &mut take)?;
            Ok::<_, RetentionError>((hub.drop_planned(&plan), keys))
        })
        .await?;
        for (partition, problem) in &dropped.failed {
            warn!("old events of {partition} stay for now: {problem}");
        }
        removed.rows += dropped.rows;
        removed.failed += dropped.failed.len() as u64;
        if dropped.failed.is_empty() {
            for key in keys.iter().filter_map(|key| FileKey::parse(key)) {
                self.files.delete(tenant, &key).await?;
                removed.files += 1;
            }
        }
        Ok(())
    }

    async fn archive(&self, tenant: Tenant, plan: &DropPlan) -> Result<(), RetentionError> {
        for file in plan.files.clone() {
            let hub = self.hub.clone();
            let (path, content) = blocking(move || {
                let path = hub.archive(&file)?;
                let content = std::fs::read(&path).map_err(RetentionError::Disk)?;
                Ok::<_, RetentionError>((path, content))
            })
            .await?;
            self.files.put(tenant, FileKind::Archive, self.clock.now(), &content).await?;
            drop(std::fs::remove_file(path));
        }
        Ok(())
    }
}

fn preview(dataset: Dataset, plan: &DropPlan) -> Preview {
    let time = |us: Option<i64>| us.and_then(|us| Timestamp::from_microsecond(us).ok());
    Preview { dataset, rows: plan.rows, bytes: plan.bytes, oldest: time(plan.oldest_us), newest: time(plan.newest_us) }
}

fn datasets(hub: &Hub, organization: OrganizationId) -> Vec<DatasetUsage> {
    let time = |us: Option<i64>| us.and_then(|us| Timestamp::from_microsecond(us).ok());
    let found = hub.partitions(organization.get());
    let of = |dataset: Dataset| {
        let own: Vec<_> = found.iter().filter(|one| one.partition.key.dataset == dataset).collect();
        DatasetUsage {
            dataset,
            rows: own.iter().map(|one| one.rows).sum(),
            bytes: own.iter().map(|one| one.bytes).sum(),
            oldest: time(own.iter().filter_map(|one| one.oldest_us).min()),
            newest: time(own.iter().filter_map(|one| one.newest_us).max()),
            partitions: own.len() as u64,
            set_aside: own.iter().filter(|one| one.state == State::Quarantined).count() as u64,
        }
    };
    Dataset::ALL.into_iter().map(of).collect()
}

/// Bytes in a day, over what is there.
fn growth(datasets: &[DatasetUsage], now: Timestamp) -> u64 {
    let per_day = |one: &DatasetUsage| {
        let days = (now.as_second() - one.oldest?.as_second()) / 86_400;
        Some(one.bytes / u64::try_from(days.max(1)).unwrap_or(1))
    };
    datasets.iter().filter_map(per_day).sum()
}
