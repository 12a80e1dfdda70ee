//! How the people of a device are, in one word: the first thing that stands in the way.

use crate::devices::DeviceState;
use crate::devices::PeopleOn;

/// What is to be said of a device, the most fundamental first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// It is not served.
    Disabled,
    /// It tells who passed and takes no orders.
    OnlyTells,
    /// Its people are kept at the device.
    NotKept,
    /// Nobody has said yet who may pass it.
    NoGroup,
    /// It cannot keep people, or not in a way that we know.
    Cannot,
    /// Its gateway tells nothing.
    Silent,
    /// It does not answer, or refuses.
    NoContact,
    /// It answered, and its people could not be compared.
    Failed,
    /// So many would be taken off that a person is asked first.
    Held,
    /// Somebody has said so, and it is being done.
    Asked,
    /// It has not been compared since it is kept.
    NotCompared,
    /// Somebody is not as they should be.
    Problems,
    /// It is being brought in order.
    OnItsWay,
    /// All are as they should be.
    InOrder,
}

impl How {
    pub(super) fn of(people: &PeopleOn, state: DeviceState) -> Self {
        let report = people.report.as_ref();
        let failed = report.and_then(|report| report.failed.as_ref()).map(|failed| failed.code.as_str());
        let (right, wanted) = counts(people).unwrap_or_default();
        match state {
            _ if !people.device.enabled => Self::Disabled,
            _ if !people.device.obeys() => Self::OnlyTells,
            _ if !people.device.manages_people => Self::NotKept,
            _ if !people.has_group => Self::NoGroup,
            _ if failed == Some("device_cannot") => Self::Cannot,
            DeviceState::Unknown | DeviceState::Disabled => Self::Silent,
            DeviceState::Offline | DeviceState::Error => Self::NoContact,
            DeviceState::Online | DeviceState::Connecting => match report {
                None => Self::NotCompared,
                Some(_) if failed.is_some() => Self::Failed,
                Some(report) if report.held > 0 => Self::Held,
                Some(report) if !report.problems.is_empty() => Self::Problems,
                Some(_) if right < wanted => Self::OnItsWay,
                Some(_) => Self::InOrder,
            },
        }
    }

    pub(super) const fn light(self) -> &'static str {
        match self {
            Self::Disabled | Self::OnlyTells | Self::NotKept | Self::NoGroup => "off",
            Self::Cannot | Self::Failed | Self::NoContact => "bad",
            Self::Silent | Self::Held | Self::Problems => "look",
            Self::Asked | Self::NotCompared | Self::OnItsWay => "way",
            Self::InOrder => "ok",
        }
    }

    /// The word in the keys of its texts.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::OnlyTells => "only-tells",
            Self::NotKept => "not-kept",
            Self::NoGroup => "no-group",
            Self::Cannot => "cannot",
            Self::Silent => "silent",
            Self::NoContact => "no-contact",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Asked => "asked",
            Self::NotCompared => "not-compared",
            Self::Problems => "problems",
            Self::OnItsWay => "on-its-way",
            Self::InOrder => "in-order",
        }
    }

    /// Whether its people follow from the groups, so that numbers and lists mean something.
    pub(super) const fn is_kept(self) -> bool {
        !matches!(self, Self::Disabled | Self::OnlyTells | Self::NotKept | Self::NoGroup)
    }
}

/// How many are as they should be and how many there should be, the newest that is known.
pub(super) fn counts(people: &PeopleOn) -> Option<(u32, u32)> {
    people.live.or_else(|| people.report.as_ref().map(|report| (report.right, report.wanted)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use nazorat_wire::DeviceFault;
    use nazorat_wire::PeopleReport;
    use nazorat_wire::PersonProblem;

    use super::How;
    use crate::devices::Device;
    use crate::devices::DeviceState;
    use crate::devices::PeopleOn;
    use crate::identity::DisplayName;
    use crate::kernel::DeviceId;
    use crate::kernel::GatewayId;
    use crate::kernel::Timestamp;

    fn people(report: Option<PeopleReport>) -> PeopleOn {
        let device = Device {
            id: DeviceId::new(1),
            name: DisplayName::parse("Kirish").unwrap(),
            kind: "hikvision".to_owned(),
            gateway: GatewayId::random(),
            host: String::new(),
            settings: serde_json::Map::new(),
            secrets: BTreeSet::new(),
            doors: Vec::new(),
            enabled: true,
            manages_people: true,
            created_at: Timestamp::UNIX_EPOCH,
        };
        PeopleOn { device, has_group: true, live: None, report, unnumbered: Vec::new(), may_pass: 0 }
    }

    fn failed(code: &str) -> Option<PeopleReport> {
        let failed = Some(DeviceFault { code: code.to_owned(), detail: String::new() });
        Some(PeopleReport { failed, held: 4, ..PeopleReport::default() })
    }

    #[test]
    fn the_first_thing_in_the_way_is_said() {
        let online = DeviceState::Online;
        let problem = PersonProblem {
            number: "1".to_owned(),
            why: DeviceFault { code: "number".to_owned(), detail: String::new() },
            tries: 1,
            next: Timestamp::UNIX_EPOCH,
        };
        let report = PeopleReport { right: 7, wanted: 8, ..PeopleReport::default() };
        let held = PeopleReport { held: 12, problems: vec![problem.clone()], ..report.clone() };
        let problems = PeopleReport { problems: vec![problem], ..report.clone() };
        for (report, state, how) in [
            (None, online, How::NotCompared),
            (Some(PeopleReport::default()), online, How::InOrder),
            (Some(report), online, How::OnItsWay),
            (Some(problems), online, How::Problems),
            (Some(held.clone()), online, How::Held),
            (Some(held), DeviceState::Unknown, How::Silent),
            (failed("device_busy"), online, How::Failed),
            (failed("device_busy"), DeviceState::Offline, How::NoContact),
            (failed("device_cannot"), DeviceState::Unknown, How::Cannot),
        ] {
            assert_eq!(How::of(&people(report), state), how);
        }
        let mut left = people(failed("device_busy"));
        left.has_group = false;
        assert_eq!(How::of(&left, online), How::NoGroup);
        left.device.manages_people = false;
        assert_eq!(How::of(&left, online), How::NotKept);
        left.device.kind = "webhook".to_owned();
        assert_eq!(How::of(&left, online), How::OnlyTells);
        left.device.enabled = false;
        assert_eq!(How::of(&left, online), How::Disabled);
    }
}
