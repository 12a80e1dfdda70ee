//! How much of something may come in a while.

use std::time::Duration;

use tokio::time::Instant;

/// Fills by its rate up to what it holds; whoever takes more than there is has to wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    per_second: f64,
    holds: f64,
    left: f64,
    at: Instant,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(per_second: u32, holds: u32, now: Instant) -> Self {
        let holds = f64::from(holds);
        Self { per_second: f64::from(per_second.max(1)), holds, left: holds, at: now }
    }

    /// Takes some out, or says how long it takes until there is enough.
    pub(super) fn take(&mut self, amount: f64, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = passed.mul_add(self.per_second, self.left).min(self.holds);
        self.at = now;
        if self.left >= amount {
            self.left -= amount;
            return Ok(());
        }
        Err(Duration::from_secs_f64((amount - self.left) / self.per_second))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Bucket;

    #[test]
    fn a_bucket_gives_what_it_holds_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10, 3, start);
        let taken = (0..5).filter(|_| bucket.take(1.0, start).is_ok()).count();
        assert_eq!(taken, 3);
        assert!(bucket.take(1.0, start + Duration::from_millis(99)).is_err());
        assert!(bucket.take(1.0, start + Duration::from_millis(101)).is_ok());
    }
}
