//! Who could not be written, and when it is tried again.

use std::collections::BTreeMap;
use std::time::Duration;

use nazorat_wire::DeviceFault;
use nazorat_wire::PersonProblem;

use crate::adapters::DeviceError;
use crate::kernel::Timestamp;

/// How long it takes until somebody is tried again, by the times it was tried.
const WAITS: [Duration; 5] = [
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
    Duration::from_secs(1800),
    Duration::from_secs(3600),
];

/// Of one device, since it was last connected.
#[derive(Debug, Default)]
pub(super) struct Memory {
    failed: BTreeMap<String, Failed>,
}

#[derive(Debug)]
struct Failed {
    /// What was wanted then; anything else is tried at once.
    wanted: String,
    problem: PersonProblem,
}

impl Memory {
    pub(super) fn may_try(&self, number: &str, wanted: &str, now: Timestamp) -> bool {
        self.failed.get(number).is_none_or(|failed| failed.wanted != wanted || failed.problem.next <= now)
    }

    pub(super) fn failed(&mut self, number: &str, wanted: &str, why: &DeviceError, now: Timestamp) {
        let same = self.failed.get(number).filter(|failed| failed.wanted == wanted);
        let tries = same.map_or(0, |failed| failed.problem.tries).saturating_add(1);
        let wait = WAITS[usize::try_from(tries - 1).unwrap_or(usize::MAX).min(WAITS.len() - 1)];
        let why = DeviceFault { code: why.code().to_owned(), detail: why.to_string() };
        let next = now.checked_add(wait).unwrap_or(now);
        let problem = PersonProblem { number: number.to_owned(), why, tries, next };
        self.failed.insert(number.to_owned(), Failed { wanted: wanted.to_owned(), problem });
    }

    /// Forgets who is as they should be, or need not be any more.
    pub(super) fn keep_only(&mut self, still: impl Fn(&str) -> bool) {
        self.failed.retain(|number, _| still(number));
    }

    pub(super) fn forget(&mut self, number: &str) {
        self.failed.remove(number);
    }

    pub(super) fn problems(&self) -> impl Iterator<Item = &PersonProblem> {
        self.failed.values().map(|failed| &failed.problem)
    }

    pub(super) fn of(&self, number: &str) -> Option<&PersonProblem> {
        self.failed.get(number).map(|failed| &failed.problem)
    }

    /// When somebody is tried next.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.problems().map(|problem| problem.next).min()
    }
}
