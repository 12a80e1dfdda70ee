//! Lines of a program that nobody trusts: none longer than allowed, and no more in a second than allowed.

use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt as _;
use tokio::time::Instant;

/// How much is read at once.
const PIECE: usize = 16 << 10;

/// Why there is no next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The program has closed it.
    Closed,
    /// A line was longer than allowed.
    TooLong,
}

/// Reads lines, up to so many bytes each.
pub(super) struct Lines<R> {
    from: R,
    most: usize,
    buffer: Vec<u8>,
    /// So much of the buffer holds no end of a line.
    seen: usize,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(from: R, most: usize) -> Self {
        Self { from, most, buffer: Vec::new(), seen: 0 }
    }

    /// The next line, without its end. What stands behind the last end is none.
    pub(super) async fn next(&mut self) -> Result<Vec<u8>, Ended> {
        loop {
            let fresh = self.buffer.get(self.seen..).unwrap_or_default();
            if let Some(at) = fresh.iter().position(|byte| *byte == b'\n') {
                let rest = self.buffer.split_off(self.seen + at + 1);
                let mut line = std::mem::replace(&mut self.buffer, rest);
                self.seen = 0;
                while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                    line.pop();
                }
                return Ok(line);
            }
            self.seen = self.buffer.len();
            if self.seen > self.most {
                return Err(Ended::TooLong);
            }
            self.buffer.reserve(PIECE);
            match self.from.read_buf(&mut self.buffer).await {
                Ok(0) | Err(_) => return Err(Ended::Closed),
                Ok(_) => {}
            }
        }
    }

    /// Goes on behind a line that was too long.
    pub(super) fn give_up_line(&mut self) {
        self.buffer.clear();
        self.seen = 0;
    }
}

/// How many things may happen: so many at once, and so many in a second for long.
#[derive(Debug)]
pub(super) struct Budget {
    most: f64,
    per_sec: f64,
    left: f64,
    at: Instant,
}

impl Budget {
    pub(super) fn new(most: u32, per_sec: f64) -> Self {
        let most = f64::from(most);
        Self { most, per_sec, left: most, at: Instant::now() }
    }

    /// Spends one; false when there is none.
    pub(super) fn spend(&mut self) -> bool {
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
    pub(super) async fn wait(&mut self) {
        while !self.spend() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Budget;
    use super::Ended;
    use super::Lines;

    #[tokio::test]
    async fn lines_are_cut_at_their_ends_and_never_grow() {
        let mut lines = Lines::new(&b"one\r\n\ntwo\nthree"[..], 8);
        assert_eq!(lines.next().await.unwrap(), b"one");
        assert_eq!(lines.next().await.unwrap(), b"");
        assert_eq!(lines.next().await.unwrap(), b"two");
        assert_eq!(lines.next().await, Err(Ended::Closed), "a line without an end was cut off");
        let long = [vec![b'x'; 200_000], b"\nnext\n".to_vec()].concat();
        let mut lines = Lines::new(&long[..], 1_000);
        assert_eq!(lines.next().await, Err(Ended::TooLong));
        assert!(lines.buffer.len() < 1_000 + 64_000, "{}", lines.buffer.len());
    }

    #[tokio::test]
    async fn a_flood_is_slowed_down() {
        let mut budget = Budget::new(3, 10.0);
        let begun = tokio::time::Instant::now();
        let at = |millis| begun + Duration::from_millis(millis);
        let spent =
            [0, 0, 0, 0, 50, 150, 190, 10_000, 10_000, 10_000, 10_000].map(|millis| budget.spend_at(at(millis)));
        assert_eq!(spent, [true, true, true, false, false, true, false, true, true, true, false]);
    }
}
