//! What monitoring sees of the gateways of all organizations.

use crate::fleet::presence::model::Liveness;
use crate::fleet::presence::model::Seen;

/// Tells how many are heard, and what waits on them.
pub(super) fn report<'a>(all: impl Iterator<Item = &'a Seen>) {
    let online: Vec<&Seen> = all.filter(|seen| seen.liveness == Liveness::Online).collect();
    let spools = || online.iter().filter_map(|seen| seen.beat.as_ref()).map(|(_, beat)| beat.spool);
    let oldest = spools().filter(|spool| spool.batches > 0).map(|spool| spool.oldest_secs).max();
    let agents: usize = online.iter().map(|seen| seen.agents_online()).sum();
    metrics::gauge!("nazorat_gateways_online").set(online.len() as f64);
    metrics::gauge!("nazorat_agents_online").set(agents as f64);
    metrics::gauge!("nazorat_gateway_spool_batches").set(spools().map(|spool| spool.batches).sum::<u64>() as f64);
    metrics::gauge!("nazorat_gateway_spool_bytes").set(spools().map(|spool| spool.bytes).sum::<u64>() as f64);
    metrics::gauge!("nazorat_gateway_spool_oldest_age_seconds").set(oldest.unwrap_or(0) as f64);
}
