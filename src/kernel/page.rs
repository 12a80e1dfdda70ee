//! Lists come in pages with an opaque cursor.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Turns every item into another shape.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// Where a list goes on: bytes that only the list itself understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(Vec<u8>);

/// The cursor was not made by this list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cursor was not made by this list; start without one")]
pub struct CursorError;

impl Cursor {
    /// Wraps the position of the last item.
    pub fn new(position: impl Into<Vec<u8>>) -> Self {
        Self(position.into())
    }

    /// The position.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Result<Self, CursorError> {
        URL_SAFE_NO_PAD.decode(text).map(Self).map_err(|_| CursorError)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

/// What the caller asked for: how many, from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// At most this many items.
    pub limit: usize,
    /// After this position.
    pub after: Option<Cursor>,
}

impl PageRequest {
    /// The most items that one page can hold.
    pub const MAX: usize = 500;

    /// Reads `limit` and `cursor` as they came in; the limit is brought into 1 to 500.
    pub fn parse(limit: Option<usize>, cursor: Option<&str>) -> Result<Self, CursorError> {
        let after = cursor.filter(|text| !text.is_empty()).map(Cursor::parse).transpose()?;
        Ok(Self { limit: limit.unwrap_or(50).clamp(1, Self::MAX), after })
    }
}
