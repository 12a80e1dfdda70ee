//! Alerts as they are stored.

use crate::fleet::alerts::model::Alert;
use crate::fleet::alerts::model::AlertKind;
use crate::fleet::alerts::model::Facts;
use crate::fleet::alerts::model::Subject;
use crate::kernel::AlertId;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::store::Record;
use crate::store::Table;

pub(super) const ALERTS: Table<AlertId, AlertRecord> = Table::new("alerts_v1");

#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct AlertRecord {
    pub(super) kind: AlertKind,
    pub(super) gateway: GatewayId,
    pub(super) agent: Option<u32>,
    #[serde(default)]
    pub(super) device: Option<DeviceId>,
    #[serde(default)]
    pub(super) facts: Facts,
    pub(super) opened_at: Timestamp,
    pub(super) resolved_at: Option<Timestamp>,
}

impl Record for AlertRecord {}

impl AlertRecord {
    pub(super) fn new(kind: AlertKind, subject: Subject, facts: Facts, opened_at: Timestamp) -> Self {
        let Subject { gateway, agent, device } = subject;
        Self { kind, gateway, agent, device, facts, opened_at, resolved_at: None }
    }

    pub(super) fn is_open_about(&self, kind: AlertKind, subject: Subject) -> bool {
        self.resolved_at.is_none() && self.kind == kind && self.subject() == subject
    }

    pub(super) fn is_open_of(&self, device: DeviceId) -> bool {
        self.resolved_at.is_none() && self.device == Some(device)
    }

    fn subject(&self) -> Subject {
        Subject { gateway: self.gateway, agent: self.agent, device: self.device }
    }

    pub(super) fn into_model(self, organization: OrganizationId, id: AlertId) -> Alert {
        let subject = self.subject();
        let Self { kind, facts, opened_at, resolved_at, .. } = self;
        Alert { id, organization, kind, subject, facts, opened_at, resolved_at }
    }
}

#[cfg(test)]
mod tests {
    use super::ALERTS;
    use crate::fleet::alerts::AlertKind;
    use crate::fleet::alerts::Fact;
    use crate::kernel::AlertId;
    use crate::kernel::OrganizationId;

    #[test]
    fn version_1_is_still_readable() {
        let alert = ALERTS.fixture(1).into_model(OrganizationId::new(1), AlertId::new(3));
        assert_eq!((alert.kind, alert.is_open()), (AlertKind::BufferHigh, true));
        assert_eq!((alert.subject.agent, alert.subject.device), (None, None));
        assert_eq!(alert.facts["percent"], Fact::Number(83));
        assert_eq!(alert.facts["since"], Fact::Word("2026-11-23T04:00:00Z".to_owned()));
    }
}
