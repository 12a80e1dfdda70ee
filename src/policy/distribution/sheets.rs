//! Sheets made of what is in force.

use std::collections::BTreeMap;
use std::collections::HashMap;

use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Sheet;

use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::people::ComputerUser;
use crate::people::Directory;
use crate::policy::collection::Chain;
use crate::policy::collection::Released;

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
        self.sheet(Some(uid), users.iter().copied())
    }

    /// For everything that comes through a gateway: nobody knows beforehand what that is.
    pub(super) fn of_gateway(&self) -> Sheet {
        self.sheet(None, self.directory.computer_users())
    }

    fn sheet<'b>(&self, computer: Option<&str>, users: impl Iterator<Item = &'b ComputerUser>) -> Sheet {
        let mut places = Places { released: self.released, policies: Vec::new(), known: HashMap::new() };
        let otherwise = places.of(Released::chain_of(self.directory, None));
        // In the order of their numbers, so that the same decisions make the same text.
        let accounts: BTreeMap<i64, ()> = users.map(|user| (user.account, ())).collect();
        let accounts = accounts.into_keys().map(|account| {
            let employee = self.directory.person_of(account, self.now);
            (account, places.of(Released::chain_of(self.directory, employee)))
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
    known: HashMap<Chain, Option<u32>>,
}

impl Places<'_> {
    fn of(&mut self, chain: Chain) -> Option<u32> {
        if let Some(place) = self.known.get(&chain) {
            return *place;
        }
        let place = self.released.effective(&chain).map(|(effective, _)| {
            let place = self.policies.iter().position(|known| *known == effective).unwrap_or_else(|| {
                self.policies.push(effective);
                self.policies.len() - 1
            });
            u32::try_from(place).unwrap_or(u32::MAX)
        });
        self.known.insert(chain, place);
        place
    }
}
