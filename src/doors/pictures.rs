//! Pictures of those who passed, where somebody has decided that they are kept: small, for a while, and never unseen.
//!
//! A picture is called by its event, so that nothing has to be kept about it and it can come before the event or after it.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use nazorat_wire::PasserMeta;

use crate::audit::Entry;
use crate::doors::DoorsError;
use crate::doors::EntryLog;
use crate::doors::LogFilter;
use crate::doors::Pass;
use crate::kernel::Actor;
use crate::kernel::DeviceId;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::every;
use crate::store::FileError;
use crate::store::FileKey;
use crate::store::FileKind;
use crate::store::FileStore;

/// How long pictures are kept.
const KEPT_DAYS: i64 = 30;
/// So far behind that it is looked for some that are left, should the appliance have been off.
const LOOKED_BACK_DAYS: i64 = 400;
/// How often it is looked.
const LOOK: Duration = Duration::from_secs(6 * 3_600);
const DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);
/// So many passes of one device may fall into one moment.
const MOST_AT_ONCE: usize = 200;

/// The pictures of all organizations. Cheap to clone.
#[derive(Clone)]
pub struct Pictures {
    files: FileStore,
    log: EntryLog,
}

/// Which pass is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassName {
    /// At which device.
    pub device: DeviceId,
    /// What tells it from all others there.
    pub serial: String,
    /// When it was.
    pub at: Timestamp,
}

impl From<&Pass> for PassName {
    fn from(pass: &Pass) -> Self {
        Self { device: pass.device, serial: pass.serial.clone(), at: pass.at }
    }
}

impl PassName {
    fn file(&self, tenant: Tenant) -> FileKey {
        let meta = PasserMeta { device: self.device.get(), serial: self.serial.clone(), ts: self.at };
        FileKey::only(tenant, FileKind::Passer, self.at, &meta.name())
    }
}

impl Pictures {
    /// Pictures in a store, of the passes of a log.
    pub const fn new(files: FileStore, log: EntryLog) -> Self {
        Self { files, log }
    }

    /// Whether there is a picture of each of these passes, in their order.
    pub async fn there(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        passes: &[Pass],
    ) -> Result<Vec<bool>, DoorsError> {
        let tenant = actor.tenant(organization)?;
        let names: Vec<FileKey> = passes.iter().map(|pass| PassName::from(pass).file(tenant)).collect();
        let days: BTreeSet<i64> = passes.iter().map(|pass| pass.at.as_second().div_euclid(86_400)).collect();
        let mut there = BTreeSet::new();
        for day in days {
            let moment = Timestamp::from_second(day * 86_400).unwrap_or(Timestamp::UNIX_EPOCH);
            there.extend(self.files.list(tenant, FileKind::Passer, moment).await?);
        }
        Ok(names.iter().map(|name| there.contains(name)).collect())
    }

    /// The JPEG of a pass that the actor may see. Looking at it is recorded.
    pub async fn see(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        name: &PassName,
    ) -> Result<Vec<u8>, DoorsError> {
        self.pass(actor, organization, name).await?;
        let file = name.file(actor.tenant(organization)?);
        let jpeg = match self.files.read(actor.tenant(organization)?, &file).await {
            Ok(jpeg) => jpeg,
            Err(FileError::NotFound(_)) => return Err(DoorsError::NoPicture),
            Err(problem) => return Err(problem.into()),
        };
        let entry = Entry::new("doors.picture").of(organization).on("device", name.device);
        let entry = entry.with("serial", name.serial.as_str()).with("at", name.at.to_string());
        self.log.from.audit.record(actor, entry).await;
        Ok(jpeg)
    }

    /// A pass that the actor may see, whether there is a picture of it or not.
    pub async fn pass(&self, actor: &Actor, organization: OrganizationId, name: &PassName) -> Result<Pass, DoorsError> {
        let filter = LogFilter {
            from: name.at,
            to: name.at.checked_add(jiff::SignedDuration::from_micros(1)).unwrap_or(Timestamp::MAX),
            device: Some(name.device),
            gate: None,
            employee: None,
            outcomes: Vec::new(),
            text: None,
            repeated: true,
        };
        let request = PageRequest { limit: MOST_AT_ONCE, after: None };
        let found = self.log.log(actor, organization, filter, request).await?;
        found.items.into_iter().find(|pass| pass.serial == name.serial).ok_or(DoorsError::NoPicture)
    }

    /// Starts the task that removes what has been kept for long enough.
    pub fn start(&self, life: &Lifecycle) {
        let (pictures, stop) = (self.clone(), life.soft());
        life.spawn("pictures of passers", async move {
            every(LOOK, Nudge::default(), stop, || pictures.tidy()).await;
            Ok::<_, Infallible>(())
        });
    }

    async fn tidy(&self) {
        for organization in self.log.from.tenancy.list_all() {
            let done = async {
                let tenant = Actor::system().tenant(organization.id)?;
                self.remove_old(tenant, self.log.from.clock.now()).await
            };
            if let Err(problem) = done.await {
                tracing::error!(organization.id = %organization.id, "old pictures of passers stay for now: {problem}");
            }
        }
    }

    /// Removes the pictures of days that are over for long enough.
    pub(super) async fn remove_old(&self, tenant: Tenant, now: Timestamp) -> Result<(), DoorsError> {
        for back in (KEPT_DAYS + 1)..=LOOKED_BACK_DAYS {
            let Ok(day) = now.checked_sub(DAY * i32::try_from(back).unwrap_or(i32::MAX)) else { break };
            for file in self.files.list(tenant, FileKind::Passer, day).await? {
                self.files.delete(tenant, &file).await?;
            }
        }
        Ok(())
    }
}
