//! The dice of the simulation: splitmix64, seeded by what is thrown for.
//!
//! Every use has dice of its own (`Chance::of(&[seed, person, day])`), so a new throw in one place never moves the others.

#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn of(parts: &[u64]) -> Self {
        let mut state = 0x6e61_7a6f_7261_7431;
        for part in parts {
            state = mix(state ^ mix(part.wrapping_add(0x9e37_79b9_7f4a_7c15)));
        }
        Self(state)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `bound`; 0 when the bound is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let scaled = (u128::from(self.next()) * bound as u128) >> 64;
        usize::try_from(scaled).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = usize::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(width)).unwrap_or(0)
    }

    pub(super) fn happens(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille as usize
    }

    /// Bell-shaped around `middle`, never further away than `spread`.
    pub(super) fn around(&mut self, middle: i64, spread: i64) -> i64 {
        let sum: i64 = (0..4).map(|_| self.between(-spread, spread)).sum();
        middle + sum / 4
    }

    /// An index into `weights`, chosen by weight; 0 when all are zero.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total: usize = weights.clone().map(|weight| weight as usize).sum();
        let mut left = self.below(total);
        for (index, weight) in weights.enumerate() {
            if left < weight as usize {
                return index;
            }
            left -= weight as usize;
        }
        0
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn the_same_seed_throws_the_same_numbers_and_another_seed_does_not() {
        let throw = |seed| {
            let mut chance = Chance::of(&[seed, 7]);
            (0..8).map(|_| chance.next()).collect::<Vec<_>>()
        };
        assert_eq!(throw(1), throw(1));
        assert_ne!(throw(1), throw(2));
    }

    #[test]
    fn every_throw_stays_within_its_bounds() {
        let mut chance = Chance::of(&[3]);
        for _ in 0..10_000 {
            assert!((-5..=9).contains(&chance.between(-5, 9)));
            assert!((40..=60).contains(&chance.around(50, 10)));
            assert!(chance.weighted([0, 3, 0, 1].into_iter()) % 2 == 1);
            assert_eq!(chance.below(0), 0);
        }
    }
}
