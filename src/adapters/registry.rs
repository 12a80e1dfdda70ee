//! Which kinds of devices there are.

use std::sync::Arc;

use super::Adapter;
use super::Kind;
use super::hikvision;
use super::zkteco;

/// All adapters, in the order in which they are offered.
pub fn all() -> Vec<Arc<dyn Adapter>> {
    std::iter::once(hikvision::adapter()).chain(zkteco::adapters()).collect()
}

/// The adapter of a kind.
pub fn find(word: &str) -> Option<Arc<dyn Adapter>> {
    all().into_iter().find(|adapter| adapter.kind().word == word)
}

/// The kinds, for those who let somebody choose.
pub fn kinds() -> Vec<Kind> {
    all().iter().map(|adapter| adapter.kind()).collect()
}
