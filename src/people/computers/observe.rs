//! Noticing accounts: cheap for the known ones, one transaction for the new ones.
//!
//! ## Design notes
//! When an account was last seen changes with every batch. Writing it each time would cost the store more than the
//! events themselves, so it lives here, in atomics, and goes to the store once a minute without a sync of its own.
//! A power cut forgets at most that minute; the next event corrects it.
//!
//! What is remembered changes inside of the transaction that makes or removes an account. The store has one writer, so
//! that both always happen in the same order; after a failure too little is remembered, which only costs a lookup.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use nazorat_wire::Identity;
use nazorat_wire::account_of;

use crate::kernel::Actor;
use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::people::People;
use crate::people::PeopleError;
use crate::people::State;
use crate::people::computers::Computer;
use crate::people::computers::ComputerUser;
use crate::people::records;
use crate::store::StoreError;
use crate::store::TenantStore;
use crate::store::WriteTx;

/// How long "last seen" may stay in memory only.
const FLUSH_SECONDS: i64 = 60;

/// An account was seen in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed<'a> {
    /// Its number, as [`account_of`] gives it.
    pub account: i64,
    /// What the event says of it.
    pub identity: Identity<'a>,
    /// The time of the event.
    pub at: Timestamp,
}

impl<'a> Observed<'a> {
    /// Names an account by what an event says.
    pub fn new(identity: Identity<'a>, at: Timestamp) -> Self {
        Self { account: account_of(identity), identity, at }
    }
}

/// Who stands behind an account number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The number in the events.
    pub account: i64,
    /// Which computer.
    pub computer: ComputerId,
    /// Which user on it.
    pub computer_user: ComputerUserId,
}

/// When the accounts of one organization were seen.
#[derive(Debug, Default)]
pub(in crate::people) struct Sightings {
    accounts: RwLock<HashMap<i64, Sighting>>,
    adding: Mutex<()>,
    flushed_at: AtomicI64,
}

#[derive(Debug)]
struct Sighting {
    known: Known,
    named: bool,
    first: AtomicI64,
    last: AtomicI64,
    dirty: AtomicBool,
}

impl Sighting {
    fn new(user: &ComputerUser) -> Self {
        let micros = |at: Option<Timestamp>, never| at.map_or(never, Timestamp::as_microsecond);
        Self {
            known: Known { account: user.account, computer: user.computer, computer_user: user.id },
            named: user.user_name.is_some(),
            first: AtomicI64::new(micros(user.first_seen, i64::MAX)),
            last: AtomicI64::new(micros(user.last_seen, i64::MIN)),
            dirty: AtomicBool::new(false),
        }
    }

    fn touch(&self, at: i64) {
        let first = self.first.fetch_min(at, Ordering::Relaxed);
        let last = self.last.fetch_max(at, Ordering::Relaxed);
        if at < first || at > last {
            self.dirty.store(true, Ordering::Relaxed);
        }
    }

    fn seen(&self) -> Option<(Timestamp, Timestamp)> {
        let read = |at: &AtomicI64| Timestamp::from_microsecond(at.load(Ordering::Relaxed)).ok();
        Some((read(&self.first)?, read(&self.last)?))
    }
}

impl Sightings {
    fn load(store: &TenantStore) -> Result<Self, StoreError> {
        let users = store.read_now(|tx| records::computer_users(tx))?;
        let accounts = users.iter().map(|user| (user.account, Sighting::new(user))).collect();
        Ok(Self { accounts: RwLock::new(accounts), ..Self::default() })
    }

    /// Notes a sighting; `None` when the account is new, or has a name now that it had not.
    fn touch(&self, observed: &Observed<'_>) -> Option<Known> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let sighting = accounts.get(&observed.account)?;
        sighting.touch(observed.at.as_microsecond());
        let says_nothing_new = sighting.named || observed.identity.user_name.is_none_or(str::is_empty);
        says_nothing_new.then_some(sighting.known)
    }

    /// The first and the last event of an account.
    pub(in crate::people) fn seen(&self, account: i64) -> Option<(Timestamp, Timestamp)> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        accounts.get(&account)?.seen()
    }

    pub(in crate::people) fn forget(&self, account: i64) {
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        accounts.remove(&account);
    }

    fn remember(&self, user: &ComputerUser) {
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = Sighting::new(user);
        if let Some((first, last)) = accounts.get(&user.account).and_then(Sighting::seen) {
            fresh.touch(first.as_microsecond());
            fresh.touch(last.as_microsecond());
        }
        accounts.insert(user.account, fresh);
    }

    fn take_dirty(&self) -> Vec<(ComputerUserId, Timestamp, Timestamp)> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let dirty = accounts.values().filter(|one| one.dirty.swap(false, Ordering::Relaxed));
        dirty.filter_map(|one| one.seen().map(|(first, last)| (one.known.computer_user, first, last))).collect()
    }
}

impl People {
    /// Notes which accounts a batch is from, and gives their identities in the same order. Accounts and computers
    /// that nobody knew are made. Blocks only when something is new or a minute has passed: call it where blocking is
    /// allowed.
    pub fn observe_now(
        &self,
        organization: OrganizationId,
        observed: &[Observed<'_>],
    ) -> Result<Vec<Known>, PeopleError> {
        let sightings = self.sightings_now(organization)?;
        let mut found: Vec<_> = observed.iter().map(|one| sightings.touch(one)).collect();
        if found.iter().any(Option::is_none) {
            let _one_at_a_time = sightings.adding.lock().unwrap_or_else(PoisonError::into_inner);
            let new: Vec<_> = observed.iter().filter(|one| sightings.touch(one).is_none()).collect();
            let added = self.tenant_of_system(organization)?.write_now(|tx| {
                for one in &new {
                    sightings.remember(&appear(tx, one)?);
                }
                Ok::<_, PeopleError>(())
            });
            if added.is_err() {
                new.iter().for_each(|one| sightings.forget(one.account));
            }
            added?;
            self.has_changed(organization);
            for (known, one) in found.iter_mut().zip(observed) {
                if known.is_none() {
                    *known = sightings.touch(one);
                }
            }
        }
        let now = self.clock.now().as_second();
        let since = now - sightings.flushed_at.load(Ordering::Relaxed);
        if !(0..FLUSH_SECONDS).contains(&since) {
            sightings.flushed_at.store(now, Ordering::Relaxed);
            self.flush_seen_now(organization)?;
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// `flush_seen_now` for every organization that was observed: call it when the process stops.
    pub fn flush_all_seen_now(&self) -> Result<(), PeopleError> {
        let organizations = self.shared.observed_organizations();
        organizations.into_iter().try_for_each(|organization| self.flush_seen_now(organization))
    }

    /// Writes down when accounts were last seen. `observe_now` does so once a minute.
    pub fn flush_seen_now(&self, organization: OrganizationId) -> Result<(), PeopleError> {
        let dirty = self.sightings_now(organization)?.take_dirty();
        if dirty.is_empty() {
            return Ok(());
        }
        self.tenant_of_system(organization)?.touch_now(|tx| {
            for (id, first, last) in dirty {
                if let Some(mut user) = records::find_computer_user(tx, id)? {
                    user.first_seen = Some(user.first_seen.map_or(first, |seen| seen.min(first)));
                    user.last_seen = Some(user.last_seen.map_or(last, |seen| seen.max(last)));
                    records::put_computer_user(tx, &user)?;
                }
            }
            Ok(())
        })
    }

    /// The sightings of an organization, read from the store the first time.
    pub(in crate::people) fn sightings_now(&self, organization: OrganizationId) -> Result<Arc<Sightings>, PeopleError> {
        if let Some(there) = self.shared.sightings(organization) {
            return Ok(there);
        }
        let fresh = Sightings::load(&self.tenant_of_system(organization)?)?;
        Ok(self.shared.keep_sightings(organization, fresh))
    }

    fn tenant_of_system(&self, organization: OrganizationId) -> Result<TenantStore, PeopleError> {
        Ok(self.store.tenant(Actor::system().tenant(organization)?))
    }
}

/// Finds or makes the computer user, and its computer, of an observed account.
fn appear(tx: &WriteTx<'_>, observed: &Observed<'_>) -> Result<ComputerUser, PeopleError> {
    let at = Some(observed.at);
    let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    if let Some(id) = records::find_account(tx, observed.account)?
        && let Some(mut user) = records::find_computer_user(tx, id)?
    {
        user.user_name = user.user_name.or_else(|| owned(observed.identity.user_name));
        user.first_seen = user.first_seen.min(at).or(at);
        user.last_seen = user.last_seen.max(at);
        records::put_computer_user(tx, &user)?;
        return Ok(user);
    }
    let computer = match records::find_computer_uid(tx, observed.identity.computer_uid)? {
        Some(id) => id,
        None => {
            let computer = Computer {
                id: ComputerId::new(tx.next_number(&records::COMPUTERS)?),
                uid: observed.identity.computer_uid.to_owned(),
                name: observed.identity.computer_uid.to_owned(),
                department: None,
                note: String::new(),
                state: State::Active,
            };
            records::put_computer(tx, &computer)?;
            computer.id
        }
    };
    let user = ComputerUser {
        id: ComputerUserId::new(tx.next_number(&records::COMPUTER_USERS)?),
        computer,
        account: observed.account,
        sid: owned(observed.identity.user_sid),
        user_name: owned(observed.identity.user_name),
        note: String::new(),
        state: State::Active,
        first_seen: at,
        last_seen: at,
    };
    records::put_computer_user(tx, &user)?;
    Ok(user)
}
