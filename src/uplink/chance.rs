//! Chance is handed in, like time.

use crate::kernel::random_bytes;

/// Where numbers from 0 to 1 come from: the system, or a test.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chance(Option<f64>);

impl Chance {
    /// The system's.
    pub const fn system() -> Self {
        Self(None)
    }

    /// Always the same.
    pub const fn fixed(value: f64) -> Self {
        Self(Some(value))
    }

    /// A number from 0 to 1.
    pub fn draw(self) -> f64 {
        self.0.unwrap_or_else(|| f64::from(u32::from_le_bytes(random_bytes())) / f64::from(u32::MAX))
    }
}
