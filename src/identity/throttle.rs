//! Slowing down those who try out passwords, without letting them lock anybody else out.
//!
//! Three counts, all in memory and bounded:
//! - a login from one address: five tries, then locked for 1 minute, doubling up to 15;
//! - one address with any logins: 20 tries in 5 minutes;
//! - a login from many addresses: 30 tries in 15 minutes, except from where the operator has signed in before.
//!
//! A try counts before the password is looked at, so that many at the same time do not slip through, and logins that
//! do not exist are counted like the others.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::kernel::Fingerprint;
use crate::kernel::Timestamp;

/// Tries of one login from one address before it is locked.
const FREE_TRIES: u32 = 5;
/// The first lock and the longest, in seconds.
const LOCK_SECS: (i64, i64) = (60, 15 * 60);
/// A pair without tries for this long is forgotten.
const FORGET_SECS: i64 = 3600;
/// Tries from one address, and in how many seconds.
const ADDRESS: (u32, i64) = (20, 5 * 60);
/// Tries of one login from addresses that are not known to it, and in how many seconds.
const LOGIN: (u32, i64) = (30, 15 * 60);
/// How long a successful address stays known.
const KNOWN_SECS: i64 = 30 * 24 * 3600;
/// Entries in each of the tables.
const MOST: usize = 10_000;

/// Shared counts. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Throttle(Arc<Mutex<Counts>>);

type LoginPrint = Fingerprint;
type Pair = (LoginPrint, Option<IpAddr>);

#[derive(Debug, Default)]
struct Counts {
    pairs: HashMap<Pair, Tries>,
    addresses: HashMap<IpAddr, Window>,
    logins: HashMap<LoginPrint, Window>,
    known: HashMap<Pair, i64>,
}

/// Tries without a success since they began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tries {
    count: u32,
    locked_until: i64,
    last: i64,
}

/// Tries in a time that begins with the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    count: u32,
    from: i64,
}

impl Throttle {
    /// Lets a try through and counts it, or says how many seconds to wait.
    pub(super) fn admit(&self, login: &str, address: Option<IpAddr>, now: Timestamp) -> Result<(), u64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.admit(pair(login, address), now.as_second())
    }

    /// A try that was let through but never looked at does not count.
    pub(super) fn take_back(&self, login: &str, address: Option<IpAddr>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = pair(login, address);
        if let Some(tries) = counts.pairs.get_mut(&pair) {
            *tries = Tries { count: tries.count.saturating_sub(1), locked_until: 0, ..*tries };
        }
        counts.take_back_windows(&pair);
    }

    /// A right password: the pair begins anew, and the address is known from now on.
    pub(super) fn succeeded(&self, login: &str, address: Option<IpAddr>, now: Timestamp) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.succeeded(pair(login, address), now.as_second());
    }
}

impl Counts {
    fn admit(&mut self, pair: Pair, now: i64) -> Result<(), u64> {
        let known = self.known.get(&pair).is_some_and(|at| now - at < KNOWN_SECS);
        let wait = [
            self.pairs.get(&pair).map_or(0, |tries| tries.locked_until - now),
            pair.1.and_then(|address| self.addresses.get(&address)).map_or(0, |window| window.wait(ADDRESS, now)),
            self.logins.get(&pair.0).filter(|_| !known).map_or(0, |window| window.wait(LOGIN, now)),
        ];
        let wait = wait.into_iter().max().unwrap_or(0);
        if wait > 0 {
            return Err(wait.unsigned_abs());
        }
        let fresh = Tries { count: 0, locked_until: 0, last: now };
        let tries = entry(&mut self.pairs, pair, fresh, |tries| tries.last);
        *tries = tries.failed(now);
        if let Some(address) = pair.1 {
            entry(&mut self.addresses, address, Window { count: 0, from: now }, |window| window.from).add(ADDRESS, now);
        }
        if !known {
            entry(&mut self.logins, pair.0, Window { count: 0, from: now }, |window| window.from).add(LOGIN, now);
        }
        Ok(())
    }

    fn succeeded(&mut self, pair: Pair, now: i64) {
        self.pairs.remove(&pair);
        self.take_back_windows(&pair);
        *entry(&mut self.known, pair, now, |at| *at) = now;
    }

    fn take_back_windows(&mut self, pair: &Pair) {
        if let Some(window) = pair.1.and_then(|address| self.addresses.get_mut(&address)) {
            window.count = window.count.saturating_sub(1);
        }
        if let Some(window) = self.logins.get_mut(&pair.0) {
            window.count = window.count.saturating_sub(1);
        }
    }
}

impl Tries {
    /// One more wrong password.
    fn failed(self, now: i64) -> Self {
        let count = if now - self.last >= FORGET_SECS { 1 } else { self.count + 1 };
        let doublings = count.saturating_sub(FREE_TRIES).min(8);
        let lock = (LOCK_SECS.0 << doublings).min(LOCK_SECS.1);
        let locked_until = if count < FREE_TRIES { 0 } else { now + lock };
        Self { count, locked_until, last: now }
    }
}

impl Window {
    fn wait(self, (most, secs): (u32, i64), now: i64) -> i64 {
        if self.count >= most { self.from + secs - now } else { 0 }
    }

    fn add(&mut self, (_, secs): (u32, i64), now: i64) {
        if now - self.from >= secs {
            *self = Self { count: 0, from: now };
        }
        self.count += 1;
    }
}

/// The entry of a bounded table; the oldest makes room for a new one.
fn entry<K: Eq + Hash + Copy, V: Copy>(table: &mut HashMap<K, V>, key: K, fresh: V, age: impl Fn(&V) -> i64) -> &mut V {
    if table.len() >= MOST && !table.contains_key(&key) {
        let oldest = table.iter().min_by_key(|(_, value)| age(value)).map(|(key, _)| *key);
        if let Some(oldest) = oldest {
            table.remove(&oldest);
        }
    }
    table.entry(key).or_insert(fresh)
}

fn pair(login: &str, address: Option<IpAddr>) -> Pair {
    let login = login.trim().to_ascii_lowercase();
    (Fingerprint::of(login.as_bytes()), address.map(neighbourhood))
}

/// One customer of an IPv6 provider has a whole /64.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(four) => IpAddr::V4(four),
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::net::Ipv4Addr;

    use proptest::prelude::proptest;

    use super::MOST;
    use super::Throttle;
    use crate::kernel::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn from(number: u32) -> Option<IpAddr> {
        Some(IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number)))
    }

    #[test]
    fn five_wrong_passwords_lock_the_login_for_this_address_only() {
        let throttle = Throttle::default();
        for second in 0..5 {
            assert_eq!(throttle.admit("malika", from(1), at(second)), Ok(()));
        }
        assert_eq!(throttle.admit("MALIKA ", from(1), at(5)), Err(59));
        assert_eq!(throttle.admit("malika", from(2), at(5)), Ok(()));
        assert_eq!(throttle.admit("aziz", from(1), at(5)), Ok(()));
        assert_eq!(throttle.admit("malika", from(1), at(64)), Ok(()));
    }

    #[test]
    fn the_lock_doubles_up_to_fifteen_minutes() {
        let throttle = Throttle::default();
        let mut second = 0;
        for _ in 0..4 {
            throttle.admit("malika", from(1), at(second)).unwrap();
        }
        for lock in [60, 120, 240, 480, 900, 900] {
            throttle.admit("malika", from(1), at(second)).unwrap();
            assert_eq!(throttle.admit("malika", from(1), at(second)), Err(lock));
            second += i64::try_from(lock).unwrap();
        }
    }

    #[test]
    fn a_success_begins_anew() {
        let throttle = Throttle::default();
        for round in 0..20 {
            for _ in 0..4 {
                assert_eq!(throttle.admit("malika", from(1), at(round * 400)), Ok(()));
            }
            throttle.succeeded("malika", from(1), at(round * 400));
        }
    }

    #[test]
    fn one_address_tries_twenty_logins_in_five_minutes() {
        let throttle = Throttle::default();
        let admitted = (0..100).filter(|turn| throttle.admit(&format!("op{turn}"), from(1), at(0)).is_ok()).count();
        assert_eq!(admitted, 20);
        assert_eq!(throttle.admit("malika", from(1), at(299)), Err(1));
        assert_eq!(throttle.admit("malika", from(1), at(300)), Ok(()));
        assert_eq!(throttle.admit("malika", from(2), at(0)), Ok(()));
    }

    #[test]
    fn many_addresses_cannot_lock_an_operator_out_of_their_own_office() {
        let throttle = Throttle::default();
        throttle.admit("malika", from(1), at(0)).unwrap();
        throttle.succeeded("malika", from(1), at(0));
        let admitted = (2..1000).filter(|number| throttle.admit("malika", from(*number), at(1)).is_ok()).count();
        assert_eq!(admitted, 30);
        assert_eq!(throttle.admit("malika", from(1), at(2)), Ok(()));
    }

    #[test]
    fn neighbours_in_ipv6_count_as_one() {
        let throttle = Throttle::default();
        for number in 0..5 {
            throttle.admit("malika", format!("2001:db8::{number}").parse().ok(), at(0)).unwrap();
        }
        assert!(throttle.admit("malika", "2001:db8::ffff".parse().ok(), at(0)).is_err());
    }

    #[test]
    fn a_flood_does_not_grow_the_tables() {
        let throttle = Throttle::default();
        let many = u32::try_from(MOST).unwrap() + 50;
        for number in 0..many {
            throttle.admit(&format!("op{number}"), from(number), at(0)).unwrap();
        }
        let counts = throttle.0.lock().unwrap();
        assert_eq!((counts.pairs.len(), counts.addresses.len(), counts.logins.len()), (MOST, MOST, MOST));
    }

    proptest! {
        #[test]
        fn nobody_waits_longer_than_a_quarter_of_an_hour(steps in proptest::collection::vec(0_i64..400, 1..60)) {
            let throttle = Throttle::default();
            let mut second = 0;
            for step in steps {
                second += step;
                if let Err(wait) = throttle.admit("malika", from(1), at(second)) {
                    assert!((1..=900).contains(&wait));
                }
            }
        }
    }
}
