//! What holds for whoever an event is of: the person that the account belonged to then, and the policies on the way from
//! the person to the organization.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use nazorat_wire::Identity;
use nazorat_wire::account_of;
use nazorat_wire::policy::Filter;

use crate::intake::Holding;
use crate::intake::Rules;
use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::people::Directory;
use crate::people::People;
use crate::policy::collection::Policies;
use crate::policy::collection::Released;

/// What is in force.
pub(super) struct InForce {
    pub(super) policies: Policies,
    pub(super) people: People,
}

struct Now {
    released: Arc<Released>,
    directory: Arc<Directory>,
}

impl Rules for InForce {
    fn holding(&self, organization: OrganizationId) -> BoxFuture<'_, Result<Option<Box<dyn Holding>>, String>> {
        Box::pin(async move {
            let Some(released) = self.policies.in_force(organization) else { return Ok(None) };
            let tenant = Actor::system().tenant(organization).map_err(|problem| problem.to_string())?;
            let directory = self.people.directory(tenant).await.map_err(|problem| problem.to_string())?;
            Ok(Some(Box::new(Now { released, directory }) as Box<dyn Holding>))
        })
    }
}

impl Holding for Now {
    fn filter(&self, account: Identity<'_>, at_us: i64) -> Result<Option<Arc<Filter>>, String> {
        let at = Timestamp::from_microsecond(at_us).map_err(|problem| problem.to_string())?;
        let employee = self.directory.person_of(account_of(account), at);
        self.released.filter_for(&self.directory, employee, account.computer_uid)
    }
}
