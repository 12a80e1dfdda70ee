//! Which kinds of devices there are.

use std::sync::Arc;

use super::Adapter;
use super::Kind;

/// All adapters, in the order in which they are offered.
pub fn all() -> Vec<Arc<dyn Adapter>> {
    Vec::new()
}

/// The adapter of a kind.
pub fn find(word: &str) -> Option<Arc<dyn Adapter>> {
    all().into_iter().find(|adapter| adapter.kind().word == word)
}

/// The kinds, for those who let somebody choose.
pub fn kinds() -> Vec<Kind> {
    all().iter().map(|adapter| adapter.kind()).collect()
}
