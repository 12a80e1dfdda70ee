//! How far something is, on one line that is written over and over; nothing where nobody watches.

use std::io::IsTerminal as _;
use std::io::Write as _;

use crate::kernel::Timestamp;

const WIDTH: u64 = 30;

/// The line.
pub(super) struct Bar {
    watched: bool,
}

impl Bar {
    pub(super) fn new() -> Self {
        Self { watched: std::io::stderr().is_terminal() }
    }

    /// Shows a text in the place of the one before.
    pub(super) fn show(&self, text: &str) {
        if self.watched {
            let mut out = std::io::stderr().lock();
            drop(write!(out, "\r\x1b[K{text}").and_then(|()| out.flush()));
        }
    }

    /// Shows a bar, and a text behind it.
    pub(super) fn fill(&self, part: u64, whole: u64, text: &str) {
        self.show(&drawn(part, whole, text));
    }

    /// Takes it away.
    pub(super) fn clear(&self) {
        self.show("");
    }
}

fn drawn(part: u64, whole: u64, text: &str) -> String {
    let share =
        |of: u64| u64::try_from(u128::from(part.min(whole)) * u128::from(of) / u128::from(whole.max(1))).unwrap_or(of);
    let full = share(WIDTH);
    let bar: String = (0..WIDTH).map(|at| if at < full { '#' } else { '.' }).collect();
    format!("[{bar}] {:>3} % {text}", share(100))
}

/// Bytes for people.
pub(super) fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let count_f = count as f64;
    match count {
        0..1_000 => format!("{count} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", count_f / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count_f / 1e6),
        _ => format!("{:.1} GB", count_f / 1e9),
    }
}

/// A moment without its fractions.
pub(super) fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::bytes;
    use super::drawn;

    #[test]
    fn a_bar_tells_how_far_it_is() {
        assert_eq!(drawn(0, 10, "x"), format!("[{}]   0 % x", ".".repeat(30)));
        assert_eq!(drawn(5, 10, "x"), format!("[{}{}]  50 % x", "#".repeat(15), ".".repeat(15)));
        assert_eq!(drawn(20, 10, ""), format!("[{}] 100 % ", "#".repeat(30)));
        assert_eq!(drawn(0, 0, ""), format!("[{}]   0 % ", ".".repeat(30)));
        assert_eq!([bytes(12), bytes(1_500), bytes(2_345_678)], ["12 bytes", "1.5 kB", "2.3 MB"]);
    }
}
