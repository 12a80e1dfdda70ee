//! Sheets made of what is in force.

use std::collections::BTreeMap;
use std::collections::HashMap;

use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Sheet;

use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::people::ComputerUser;
use crate::people::Directory;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::Chain;
use crate::policy::collection::Released;
use crate::policy::collection::chain;

/// What holds in an organization at a moment.
pub(super) struct Making<'a> {
    organization: OrganizationId,
    released: &'a Released,
    directory: &'a Directory,
    now: Timestamp,
    /// Computers by the id that their agents tell.
    computers: HashMap<&'a str, Vec<&'a ComputerUser>>,
}

impl<'a> Making<'a> {
    pub(super) fn new(
        organization: OrganizationId,
        (released, directory): (&'a Released, &'a Directory),
        now: Timestamp,
    ) -> Self {
        let users = |computer| directory.users_of(computer).iter().filter_map(|id| directory.computer_user(*id));
        let computers = directory.computers().map(|one| (one.uid.as_str(), users(one.id).collect())).collect();
        Self { organization, released, directory, now, computers }
    }

    /// For one computer.
    pub(super) fn of_computer(&self, uid: &str) -> Sheet {
        let users = self.computers.get(uid).map_or(&[][..], Vec::as_slice);
        self.sheet(Some(uid), users.iter().map(|user| (user.account, uid)))
    }

    /// For everything that comes through a gateway: nobody knows beforehand what that is.
    pub(super) fn of_gateway(&self) -> Sheet {
        let uid = |user: &ComputerUser| self.directory.computer(user.computer).map_or("", |one| one.uid.as_str());
        self.sheet(None, self.directory.computer_users().map(|user| (user.account, uid(user))))
    }

    /// Whose accounts a computer has.
    pub(super) fn people_on(&self, uid: &str) -> Vec<EmployeeId> {
        let users = self.computers.get(uid).map_or(&[][..], Vec::as_slice);
        let mut people: Vec<_> =
            users.iter().filter_map(|user| self.directory.person_of(user.account, self.now)).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// Whether a policy has a say on a computer.
    pub(super) fn is_about(&self, applies_to: AppliesTo, uid: &str) -> bool {
        let among = |employee| chain(self.directory, Some(employee)).contains(&applies_to);
        applies_to == AppliesTo::Organization || self.people_on(uid).into_iter().any(among)
    }

    /// Of accounts with the ids of their computers.
    fn sheet<'b>(&self, computer: Option<&str>, accounts: impl Iterator<Item = (i64, &'b str)>) -> Sheet {
        let mut places = Places { released: self.released, policies: Vec::new(), known: HashMap::new() };
        let otherwise = places.of(chain(self.directory, None), computer.unwrap_or_default());
        // In the order of their numbers, so that the same decisions make the same text.
        let accounts: BTreeMap<i64, &str> = accounts.collect();
        let accounts = accounts.into_iter().map(|(account, uid)| {
            let employee = self.directory.person_of(account, self.now);
            (account, places.of(chain(self.directory, employee), uid))
        });
        let accounts = accounts.filter(|(_, place)| *place != otherwise).collect();
        Sheet {
            organization: self.organization.get(),
            computer_uid: computer.map(str::to_owned),
            policies: places.policies,
            otherwise,
            accounts,
            salt: self.released.salt().to_owned(),
        }
    }
}

/// The policies of a sheet as they come up.
struct Places<'a> {
    released: &'a Released,
    policies: Vec<Effective>,
    known: HashMap<(Chain, String), Option<u32>>,
}

impl Places<'_> {
    fn of(&mut self, chain: Chain, computer: &str) -> Option<u32> {
        // While nothing is on its way all computers are the same.
        let computer = if self.released.is_rolling_out() { computer } else { "" };
        let key = (chain, computer.to_owned());
        if let Some(place) = self.known.get(&key) {
            return *place;
        }
        let place = self.released.effective(&key.0, computer).map(|(effective, _)| {
            let place = self.policies.iter().position(|known| *known == effective).unwrap_or_else(|| {
                self.policies.push(effective);
                self.policies.len() - 1
            });
            u32::try_from(place).unwrap_or(u32::MAX)
        });
        self.known.insert(key, place);
        place
    }
}
