//! Which kinds of devices there are.

use std::sync::Arc;

use super::Adapter;
use super::Kind;
use super::hikvision;
use super::process;
use super::process::Programs;
use super::webhook;
use super::zkteco;

/// All adapters, in the order in which they are offered. No programs are run.
pub fn all() -> Vec<Arc<dyn Adapter>> {
    with_programs(None)
}

/// All adapters; those of the customer's own may be in a folder.
pub fn with_programs(programs: Option<Programs>) -> Vec<Arc<dyn Adapter>> {
    let makers = std::iter::once(hikvision::adapter()).chain(zkteco::adapters());
    makers.chain([webhook::adapter(), process::adapter(programs)]).collect()
}

/// The adapter of a kind.
pub fn find(word: &str) -> Option<Arc<dyn Adapter>> {
    all().into_iter().find(|adapter| adapter.kind().word == word)
}

/// The kinds, for those who let somebody choose.
pub fn kinds() -> Vec<Kind> {
    all().iter().map(|adapter| adapter.kind()).collect()
}
