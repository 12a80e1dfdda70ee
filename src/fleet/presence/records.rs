//! What was last heard of a gateway, as it is stored.

use nazorat_wire::frame;
use nazorat_wire::frame::Heartbeat;

use crate::fleet::Peer;
use crate::fleet::presence::model::AgentSeen;
use crate::fleet::presence::model::Liveness;
use crate::fleet::presence::model::Seen;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::store::Record;
use crate::store::Table;

pub(super) const PRESENCE: Table<GatewayId, PresenceRecord> = Table::new("gateway_presence_v1");

/// Heartbeats and what they tell of agents are frames, whose old texts stay readable.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct PresenceRecord {
    liveness: Liveness,
    since: Timestamp,
    last_contact: Timestamp,
    version: String,
    config: Option<String>,
    beat_at: Option<Timestamp>,
    beat: Option<Heartbeat>,
    #[serde(default)]
    agents: Vec<AgentRecord>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct AgentRecord {
    liveness: Liveness,
    since: Timestamp,
    told: frame::AgentSeen,
}

impl Record for PresenceRecord {}

impl From<&Seen> for PresenceRecord {
    fn from(seen: &Seen) -> Self {
        let agents = seen.agents.values();
        Self {
            liveness: seen.liveness,
            since: seen.since,
            last_contact: seen.last_contact,
            version: seen.version.clone(),
            config: seen.config.clone(),
            beat_at: seen.beat.as_ref().map(|(at, _)| *at),
            beat: seen.beat.as_ref().map(|(_, beat)| beat.clone()),
            agents: agents
                .map(|one| AgentRecord { liveness: one.liveness, since: one.since, told: one.told.clone() })
                .collect(),
        }
    }
}

impl PresenceRecord {
    pub(super) fn into_model(self, organization: OrganizationId, gateway: GatewayId) -> Seen {
        let agents = self.agents.into_iter();
        Seen {
            peer: Peer { organization, gateway },
            liveness: self.liveness,
            since: self.since,
            last_contact: self.last_contact,
            connected: false,
            version: self.version,
            config: self.config,
            told: None,
            beat: self.beat_at.zip(self.beat),
            ahead_secs: 0,
            agents: agents
                .map(|one| (one.told.id, AgentSeen { liveness: one.liveness, since: one.since, told: one.told }))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PRESENCE;
    use crate::fleet::presence::model::Liveness;
    use crate::kernel::GatewayId;
    use crate::kernel::OrganizationId;

    #[test]
    fn version_1_is_still_readable() {
        let gateway = GatewayId::new(uuid::Uuid::nil());
        let seen = PRESENCE.fixture(1).into_model(OrganizationId::new(1), gateway);
        assert_eq!((seen.liveness, seen.agents_online()), (Liveness::Offline, 1));
        assert_eq!(seen.beat.unwrap().1.spool.batches, 3);
        assert_eq!(seen.agents[&7].told.name, "KASSA-7");
    }
}
