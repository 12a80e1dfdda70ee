//! What the status page of a gateway shows, gathered from its parts.

use axum::response::IntoResponse as _;
use axum::response::Response;
use http::HeaderMap;

use super::Gateway;
use super::identity::Member;
use crate::edge::Policies;
use crate::edge::Standing;
use crate::intake::counted;
use crate::kernel::Timestamp;
use crate::uplink::Link;
use crate::web::BranchLink;
use crate::web::BranchMember;
use crate::web::BranchPage;
use crate::web::BranchPolicy;

/// An agent that was heard within so long is there.
const HEARD_WITHIN_SECS: i64 = 300;

/// Names of computers are told only to the box itself; everybody in the branch may know whether the line is up.
pub(super) fn show(gateway: &Gateway, with_names: bool, headers: &HeaderMap) -> Response {
    let (status, stats) = (gateway.edge.status.borrow().clone(), gateway.edge.outbox.stats());
    let (parcels, agents, now) = (gateway.parcels.count(), gateway.agents.list(), gateway.entry.clock.now());
    let heard = |at: &Timestamp| now.as_second() - at.as_second() < HEARD_WITHIN_SECS;
    let member = gateway.member.as_ref().map(Member::get);
    let page = BranchPage {
        member: member.map(|own| BranchMember {
            name: own.name,
            organization: own.organization,
            certificate_until: own.valid_to,
        }),
        server: status.server,
        link: match status.link {
            Link::Unknown => BranchLink::Unknown,
            Link::Up => BranchLink::Up,
            Link::Down { reason } => BranchLink::Down(reason),
            Link::Locked { reason } => BranchLink::Locked(reason),
        },
        since: status.since,
        last_upload: status.last_upload,
        next_try: status.next_try,
        batches: stats.records,
        screenshots: parcels.waiting as u64,
        oldest: stats.oldest_age.filter(|_| stats.records > 0),
        catching_up: status.catching_up,
        used: stats.bytes.saturating_sub(stats.grace_bytes) + parcels.bytes,
        room: stats.max_bytes,
        refusing: stats.full || stats.failed,
        given_up: stats.evicted + parcels.evicted,
        refused: status.dead_letters.kept as u64 + parcels.refused,
        agents: agents.len() as u64,
        heard: agents.iter().filter(|agent| agent.last_seen.as_ref().is_some_and(heard)).count() as u64,
        names: match with_names {
            true => agents.into_iter().map(|agent| (agent.name, agent.last_seen)).collect(),
            false => Vec::new(),
        },
        policy: gateway.edge.policies.as_ref().map(policy),
        zone: gateway.zone.clone(),
    };
    page.render(headers).into_response()
}

fn policy(policies: &Policies) -> BranchPolicy {
    let counted = counted();
    match policies.standing() {
        Standing::Undecided => BranchPolicy::Undecided,
        Standing::Held { checksum, since, damage } => {
            BranchPolicy::Held { checksum, since, dropped: counted.dropped, reduced: counted.reduced, damage }
        }
        Standing::Unreadable(reason) => BranchPolicy::Unreadable(reason),
    }
}
