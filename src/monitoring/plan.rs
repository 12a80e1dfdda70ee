//! Whose account-days belong into an answer, and which of them have to be computed on the spot.
//!
//! Totals are stored by account and day. A person with several computers has them resolved together, so each account's
//! total says with which others it was computed; where that is not what the links say now, or a link begins or ends
//! within the day, the stored total is not used.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::hash::Hasher as _;

use nazorat_timeseries::AccountDays;

use crate::kernel::EmployeeId;
use crate::kernel::Span;
use crate::monitoring::calendar::Calendar;
use crate::people::AccountSpan;
use crate::people::Directory;

/// An account that is an employee's for whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Assigned {
    pub(super) employee: EmployeeId,
    pub(super) account: i64,
    pub(super) from_day: i32,
    pub(super) to_day: i32,
}

impl Assigned {
    /// The account in some of these days.
    pub(super) fn days(&self, from_day: i32, to_day: i32) -> AccountDays {
        AccountDays { account: self.account, from_day, to_day, owner: i64::from(self.employee.get()), class: 0 }
    }
}

/// What to read.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) assigned: Vec<Assigned>,
    /// With which others an account-day must have been computed. Missing means alone.
    beside: HashMap<(i64, i32), String>,
    /// Person-days that stored totals cannot answer.
    pub(super) rest: BTreeSet<(EmployeeId, i32)>,
}

/// The accounts that are one person's on one day.
pub(super) struct Group {
    pub(super) accounts: Vec<i64>,
    /// False when a link begins or ends within the day.
    pub(super) whole: bool,
}

impl Group {
    pub(super) fn of(spans: &[AccountSpan], day: Span) -> Self {
        let inside = spans.iter().filter(|span| span.from < day.to && day.from < span.to);
        let mut group = Self { accounts: Vec::new(), whole: true };
        for span in inside {
            group.whole &= span.from <= day.from && day.to <= span.to;
            group.accounts.push(span.account);
        }
        group.accounts.sort_unstable();
        group.accounts.dedup();
        group
    }

    /// The name under which it is noted that these were computed together; nothing for one alone.
    pub(super) fn mark(&self) -> Option<String> {
        (self.accounts.len() > 1).then(|| mark_of(&self.accounts))
    }
}

/// FNV-1a: the mark is stored, so it must not change with the library.
fn mark_of(accounts: &[i64]) -> String {
    struct Fnv(u64);
    impl std::hash::Hasher for Fnv {
        fn finish(&self) -> u64 {
            self.0
        }
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    for account in accounts {
        hash.write(&account.to_be_bytes());
    }
    format!("{:016x}", hash.finish())
}

impl Plan {
    pub(super) fn new(directory: &Directory, employees: &[EmployeeId], calendar: &Calendar) -> Self {
        let mut plan = Self::default();
        let span = calendar.span();
        for employee in employees {
            let spans = directory.accounts_of(*employee, span);
            match spans.as_slice() {
                [] => {}
                [only] if only.from <= span.from && span.to <= only.to => plan.assigned.push(Assigned {
                    employee: *employee,
                    account: only.account,
                    from_day: calendar.first_day(),
                    to_day: calendar.end_day(),
                }),
                _ => plan.add_by_days(*employee, &spans, calendar),
            }
        }
        plan
    }

    fn add_by_days(&mut self, employee: EmployeeId, spans: &[AccountSpan], calendar: &Calendar) {
        for day in calendar.days() {
            let group = Group::of(spans, calendar.span_of(day));
            if !group.whole {
                self.rest.insert((employee, day));
                continue;
            }
            let mark = group.mark();
            for account in group.accounts {
                if let Some(mark) = &mark {
                    self.beside.insert((account, day), mark.clone());
                }
                self.add_day(employee, account, day);
            }
        }
    }

    fn add_day(&mut self, employee: EmployeeId, account: i64, day: i32) {
        let own = self.assigned.iter_mut().rev().take_while(|one| one.employee == employee);
        let before = own.into_iter().find(|one| one.account == account && one.to_day == day);
        match before {
            Some(before) => before.to_day = day + 1,
            None => self.assigned.push(Assigned { employee, account, from_day: day, to_day: day + 1 }),
        }
    }

    /// With which others an account-day must have been computed.
    pub(super) fn mark(&self, account: i64, day: i32) -> Option<&str> {
        self.beside.get(&(account, day)).map(String::as_str)
    }

    /// The marks that must be there.
    pub(super) fn marked(&self) -> impl Iterator<Item = (i64, i32)> {
        self.beside.keys().copied()
    }

    /// Whose an account is on a day.
    pub(super) fn owners(&self) -> Owners {
        let mut owners: BTreeMap<i64, Vec<Assigned>> = BTreeMap::new();
        for one in &self.assigned {
            owners.entry(one.account).or_default().push(*one);
        }
        Owners(owners)
    }

    /// The accounts' days without those of the rest.
    pub(super) fn stored(&self) -> Vec<AccountDays> {
        let mut wanted = Vec::with_capacity(self.assigned.len());
        for one in &self.assigned {
            let mut from = one.from_day;
            let skipped = self.rest.range((one.employee, one.from_day)..(one.employee, one.to_day));
            for (_, day) in skipped {
                if from < *day {
                    wanted.push(one.days(from, *day));
                }
                from = day + 1;
            }
            if from < one.to_day {
                wanted.push(one.days(from, one.to_day));
            }
        }
        wanted
    }
}

/// Whose accounts are when.
pub(super) struct Owners(BTreeMap<i64, Vec<Assigned>>);

impl Owners {
    pub(super) fn on(&self, account: i64, day: i32) -> Option<EmployeeId> {
        let all = self.0.get(&account)?;
        all.iter().find(|one| one.from_day <= day && day < one.to_day).map(|one| one.employee)
    }
}
