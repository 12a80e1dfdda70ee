//! What is in force: a sheet that is ready to judge, found on the shelf at start.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use nazorat_wire::Identity;
use nazorat_wire::account_of;
use nazorat_wire::policy::Filter;
use nazorat_wire::policy::Filters;
use nazorat_wire::policy::Sheet;

use super::Policies;
use super::shelf::Held;
use super::shelf::Shelf;
use crate::intake::Holding;
use crate::intake::Mark;
use crate::intake::Rules;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;

/// What is in force.
pub(super) enum Force {
    /// Nothing was ever decided.
    Undecided,
    /// A sheet.
    Held {
        /// The newest that can be read.
        now: Arc<InForce>,
        /// Those before it, the newest first.
        earlier: Vec<Arc<dyn Holding>>,
        /// Why it is not the newest that there was.
        damage: Option<String>,
    },
    /// There were sheets and none can be read.
    Unreadable(String),
}

/// A sheet that judges.
pub(super) struct InForce {
    pub(super) sheet: Arc<Sheet>,
    filters: Arc<Filters>,
    pub(super) checksum: String,
    mark: Mark,
    pub(super) issued_at: Timestamp,
    pub(super) since: Timestamp,
}

impl InForce {
    pub(super) fn new(
        (sheet, filters): (Sheet, Filters),
        checksum: String,
        issued_at: Timestamp,
        since: Timestamp,
    ) -> Self {
        // The checksum of a sheet is always of hexadecimal digits.
        let digits = hex::decode(checksum.get(..16).unwrap_or_default()).unwrap_or_default();
        let mark = digits.try_into().unwrap_or_default();
        Self { sheet: Arc::new(sheet), filters: Arc::new(filters), checksum, mark, issued_at, since }
    }

    /// A sheet of the shelf, verified. Blocks.
    pub(super) fn read(
        shelf: &Shelf,
        held: &Held,
        keys: &[Vec<u8>],
        computer_uid: Option<&str>,
    ) -> Result<Self, String> {
        let damaged = |problem: &dyn std::fmt::Display| {
            let name = held.checksum.get(..12).unwrap_or(&held.checksum);
            format!("policy {name} is damaged on the disk, or of another appliance: {problem}")
        };
        let signed = shelf.read(&held.checksum).map_err(|problem| damaged(&problem))?;
        let sheet = signed.open(keys).map_err(|problem| damaged(&problem))?;
        if signed.checksum() != held.checksum || sheet.computer_uid.as_deref() != computer_uid {
            return Err(damaged(&"it is not what its name says"));
        }
        let filters = Filters::new(&sheet).map_err(|problem| damaged(&problem))?;
        Ok(Self::new((sheet, filters), held.checksum.clone(), signed.issued_at, held.since))
    }

    /// The beginning of its checksum, for people.
    pub(super) fn short(&self) -> &str {
        self.checksum.get(..12).unwrap_or(&self.checksum)
    }
}

impl Holding for InForce {
    fn filter(&self, account: Identity<'_>, _at_us: i64) -> Result<Option<Arc<Filter>>, String> {
        Ok(self.filters.of(account_of(account)).cloned())
    }

    fn mark(&self) -> Option<Mark> {
        Some(self.mark)
    }
}

impl Force {
    /// What the shelf holds. Blocks.
    pub(super) fn read(shelf: &mut Shelf, keys: &[Vec<u8>], computer_uid: Option<&str>) -> Self {
        let mut damage = None;
        if shelf.lost {
            let (found, unreadable) = Self::look(shelf, keys, computer_uid);
            if found.is_empty() && unreadable == 0 && !shelf.damaged {
                return Self::Undecided;
            }
            damage = Some("the note of the sheets was lost".to_owned());
            shelf.found(found);
        } else if shelf.held(super::OWN).is_none() {
            return Self::Undecided;
        }
        let mut own = shelf.own().into_iter();
        let now = loop {
            let Some(held) = own.next() else {
                let problem = damage.unwrap_or_else(|| "no sheet is left".to_owned());
                shelf.distrust();
                return Self::Unreadable(problem);
            };
            match InForce::read(shelf, &held, keys, computer_uid) {
                Ok(now) => break now,
                Err(problem) => damage = damage.or(Some(problem)),
            }
        };
        if damage.is_some() {
            shelf.distrust();
        }
        let earlier = shelf.earlier(keys, computer_uid);
        Self::Held { now: Arc::new(now), earlier, damage }
    }

    /// Every sheet of the edge itself that can be read, the newest first, and how many there are that cannot.
    fn look(shelf: &Shelf, keys: &[Vec<u8>], computer_uid: Option<&str>) -> (Vec<Held>, usize) {
        let (mut found, mut unreadable) = (Vec::new(), 0);
        for checksum in shelf.names().unwrap_or_default() {
            let Some(signed) = shelf.read(&checksum).ok().filter(|signed| signed.open(keys).is_ok()) else {
                unreadable += 1;
                continue;
            };
            let held = Held { checksum, issued_at: signed.issued_at, since: signed.issued_at };
            if InForce::read(shelf, &held, keys, computer_uid).is_ok() {
                found.push(held);
            }
        }
        found.sort_by_key(|held| std::cmp::Reverse(held.issued_at));
        (found, unreadable)
    }
}

impl Rules for Policies {
    fn holding(&self, _: OrganizationId) -> BoxFuture<'_, Result<Option<Box<dyn Holding>>, String>> {
        let holding = match &*self.force() {
            Force::Undecided => Ok(None),
            Force::Held { now, .. } => Ok(Some(Box::new(Shared(Arc::clone(now))) as Box<dyn Holding>)),
            Force::Unreadable(problem) => Err(problem.clone()),
        };
        Box::pin(std::future::ready(holding))
    }

    fn earlier(&self) -> Vec<Arc<dyn Holding>> {
        match &*self.force() {
            Force::Held { earlier, .. } => earlier.clone(),
            Force::Undecided | Force::Unreadable(_) => Vec::new(),
        }
    }
}

struct Shared(Arc<InForce>);

impl Holding for Shared {
    fn filter(&self, account: Identity<'_>, at_us: i64) -> Result<Option<Arc<Filter>>, String> {
        self.0.filter(account, at_us)
    }

    fn mark(&self) -> Option<Mark> {
        self.0.mark()
    }
}
