//! Commands as they are stored, among the records of their organization.

use serde_json::Map;
use serde_json::Value;

use crate::fleet::commands::model::Command;
use crate::fleet::commands::model::State;
use crate::fleet::commands::model::Target;
use crate::kernel::CommandId;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::store::Record;
use crate::store::Table;

/// The key sorts the commands of a gateway by the time of their making.
pub(super) const COMMANDS: Table<(GatewayId, CommandId), CommandRecord> = Table::new("commands_v1");
/// What commands brought back.
pub(super) const BODIES: Table<(GatewayId, CommandId), BodyRecord> = Table::new("command_bodies_v1");

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct CommandRecord {
    /// Number of the agent at its gateway; none when it is for the gateway.
    agent: Option<u32>,
    kind: String,
    payload: Map<String, Value>,
    by: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    attempts: u32,
    state: StoredState,
    changed_at: Timestamp,
    checksum: Option<String>,
    #[serde(default)]
    has_body: bool,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredState {
    Pending,
    Sent,
    Acked,
    Succeeded,
    Failed { code: String, detail: String },
    Expired,
    Cancelled,
}

impl Record for CommandRecord {}

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct BodyRecord {
    pub(super) body: Value,
}

impl Record for BodyRecord {}

impl From<&Command> for CommandRecord {
    fn from(command: &Command) -> Self {
        Self {
            agent: match command.target {
                Target::Gateway => None,
                Target::Agent(number) => Some(number),
            },
            kind: command.kind.clone(),
            payload: command.payload.clone(),
            by: command.by.clone(),
            created_at: command.created_at,
            expires_at: command.expires_at,
            attempts: command.attempts,
            state: match &command.state {
                State::Pending => StoredState::Pending,
                State::Sent => StoredState::Sent,
                State::Acked => StoredState::Acked,
                State::Succeeded => StoredState::Succeeded,
                State::Failed { code, detail } => StoredState::Failed { code: code.clone(), detail: detail.clone() },
                State::Expired => StoredState::Expired,
                State::Cancelled => StoredState::Cancelled,
            },
            changed_at: command.changed_at,
            checksum: command.checksum.clone(),
            has_body: command.has_body,
        }
    }
}

impl CommandRecord {
    pub(super) fn into_model(self, (gateway, id): (GatewayId, CommandId)) -> Command {
        Command {
            id,
            gateway,
            target: self.agent.map_or(Target::Gateway, Target::Agent),
            kind: self.kind,
            payload: self.payload,
            by: self.by,
            created_at: self.created_at,
            expires_at: self.expires_at,
            attempts: self.attempts,
            state: match self.state {
                StoredState::Pending => State::Pending,
                StoredState::Sent => State::Sent,
                StoredState::Acked => State::Acked,
                StoredState::Succeeded => State::Succeeded,
                StoredState::Failed { code, detail } => State::Failed { code, detail },
                StoredState::Expired => State::Expired,
                StoredState::Cancelled => State::Cancelled,
            },
            changed_at: self.changed_at,
            checksum: self.checksum,
            has_body: self.has_body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BODIES;
    use super::COMMANDS;
    use crate::fleet::commands::State;
    use crate::fleet::commands::Target;
    use crate::kernel::CommandId;
    use crate::kernel::GatewayId;

    #[test]
    fn version_1_is_still_readable() {
        let key = (GatewayId::new(uuid::Uuid::nil()), CommandId::new(uuid::Uuid::nil()));
        let command = COMMANDS.fixture(1).into_model(key);
        assert_eq!((command.target, command.kind.as_str(), command.attempts), (Target::Agent(7), "set_log_level", 3));
        assert!(matches!(command.state, State::Failed { code, .. } if code == "interrupted"));
        assert_eq!(BODIES.fixture(1).body["version"], "0.1.0");
    }
}
