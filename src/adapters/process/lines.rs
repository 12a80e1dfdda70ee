//! Lines of a program that nobody trusts: none longer than allowed.

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt as _;

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

#[cfg(test)]
mod tests {
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
}
