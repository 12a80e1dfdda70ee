//! Organizations on their way out: what no one transaction spans goes step by step, and goes on after a crash.
//!
//! From the moment the removal begins the organization does not exist for anybody, so nothing new arrives. Batches that
//! were taken in before are applied first: otherwise they would make files for an organization that is gone.

use std::convert::Infallible;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::ensure;
use tracing::error;
use tracing::info;

use super::services::Services;
use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::every;

/// How often it is looked for organizations that are to go.
const LOOK: Duration = Duration::from_secs(2);
/// What was accepted before is in partitions by then, or the next look waits again.
const APPLIED_WITHIN: Duration = Duration::from_secs(60);

/// Removes what `Tenancy::begin_removal` has marked, now and after every start.
pub(super) fn start(services: &Services, life: &Lifecycle) {
    let (services, stop) = (services.clone(), life.soft());
    life.spawn("removal of organizations", async move {
        every(LOOK, Nudge::default(), stop, || look(&services)).await;
        Ok::<_, Infallible>(())
    });
}

async fn look(services: &Services) {
    for organization in services.core.tenancy.list_removing() {
        match remove(services, organization).await {
            Ok(()) => info!(organization.id = %organization, "organization {organization} is removed"),
            Err(problem) => error!(
                organization.id = %organization,
                "organization {organization} could not be removed yet: {problem:#}"
            ),
        }
    }
}

async fn remove(services: &Services, organization: OrganizationId) -> anyhow::Result<()> {
    let core = &services.core;
    ensure!(services.intake.settled(APPLIED_WITHIN).await, "events that came before are still being stored");
    core.identity.leave_organization(organization).await.context("its operators and keys")?;
    let tenant = Actor::system().tenant(organization)?;
    services.retention.forget(tenant).await.context("its events and files")?;
    core.tenancy.finish_removal(organization).await.context("its records")?;
    let policies = services.policies.clone();
    crate::runtime::blocking(move || policies.reload(organization)).await.context("its policies")
}
