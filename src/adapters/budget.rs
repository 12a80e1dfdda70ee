//! How much of something may happen, whoever is on the other end.

use std::time::Duration;

use tokio::time::Instant;

/// How many things may happen: so many at once, and so many in a second for long.
#[derive(Debug)]
pub(in crate::adapters) struct Budget {
    most: f64,
    per_sec: f64,
    left: f64,
    at: Instant,
}

impl Budget {
    pub(in crate::adapters) fn new(most: u32, per_sec: f64) -> Self {
        let most = f64::from(most);
        Self { most, per_sec, left: most, at: Instant::now() }
    }

    /// Spends one; false when there is none.
    pub(in crate::adapters) fn spend(&mut self) -> bool {
        self.spend_at(Instant::now())
    }

    fn spend_at(&mut self, now: Instant) -> bool {
        let grown = now.duration_since(self.at).as_secs_f64() * self.per_sec;
        (self.left, self.at) = ((self.left + grown).min(self.most), now);
        let has = self.left >= 1.0;
        if has {
            self.left -= 1.0;
        }
        has
    }

    /// Spends one, and waits for it where there is none.
    pub(in crate::adapters) async fn wait(&mut self) {
        while !self.spend() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Budget;

    #[test]
    fn a_flood_is_slowed_down() {
        let mut budget = Budget::new(3, 10.0);
        let begun = Instant::now();
        let at = |millis| begun + Duration::from_millis(millis);
        let spent =
            [0, 0, 0, 0, 50, 150, 190, 10_000, 10_000, 10_000, 10_000].map(|millis| budget.spend_at(at(millis)));
        assert_eq!(spent, [true, true, true, false, false, true, false, true, true, true, false]);
    }
}
