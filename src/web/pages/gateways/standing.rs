//! How a gateway stands: a light, a word, and a sentence that says what that means.

use crate::fleet::Gateway;
use crate::fleet::GatewayState;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::web::Texts;

/// What is known of a gateway without asking its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its token waits for a box.
    Invited,
    /// Its token became too old before a box came.
    Missed,
    /// Its box is let in.
    Active,
    /// Its box was let in and did not renew its certificate in time.
    Over,
    /// It is kept out for a while.
    Suspended,
    /// It is kept out for good.
    Revoked,
}

impl Standing {
    pub(super) fn of(gateway: &Gateway, now: Timestamp) -> Self {
        let over = gateway.enrolled.as_ref().is_some_and(|enrolled| enrolled.to <= now);
        match gateway.state {
            GatewayState::Invited if waits(gateway, now).is_some() => Self::Invited,
            GatewayState::Invited => Self::Missed,
            GatewayState::Active if over => Self::Over,
            GatewayState::Active => Self::Active,
            GatewayState::Suspended => Self::Suspended,
            GatewayState::Revoked => Self::Revoked,
        }
    }

    pub(super) const fn light(self) -> &'static str {
        match self {
            Self::Invited => "way",
            Self::Missed | Self::Suspended => "look",
            Self::Active => "ok",
            Self::Over => "bad",
            Self::Revoked => "off",
        }
    }

    pub(super) fn word(self, texts: Texts) -> String {
        texts.t(&format!("gateways-state-{}", self.name()))
    }

    /// What it means, and what comes next.
    pub(super) fn sentence(self, texts: Texts, zone: &Zone, gateway: &Gateway) -> String {
        let at = match self {
            Self::Invited | Self::Missed => gateway.invited_until,
            _ => gateway.enrolled.as_ref().map(|enrolled| enrolled.to),
        };
        let time = at.map(|at| texts.moment(zone, at)).unwrap_or_default();
        texts.with(&format!("gateways-text-{}", self.name()), [("time", time.into())])
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Missed => "missed",
            Self::Active => "active",
            Self::Over => "over",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }
}

/// Until when its token can be used, while it can be.
pub(super) fn waits(gateway: &Gateway, now: Timestamp) -> Option<Timestamp> {
    gateway.invited_until.filter(|until| *until > now)
}

#[cfg(test)]
mod tests {
    use super::Standing;
    use crate::fleet::Enrolled;
    use crate::fleet::Gateway;
    use crate::fleet::GatewayState;
    use crate::identity::DisplayName;
    use crate::kernel::GatewayId;
    use crate::kernel::OrganizationId;
    use crate::kernel::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_is_over_is_told_from_what_works() {
        let enrolled = Enrolled { at: at(0), host: String::new(), version: String::new(), from: at(0), to: at(90) };
        let gateway = |state, invited_until, enrolled| Gateway {
            id: GatewayId::random(),
            organization: OrganizationId::new(1),
            name: DisplayName::parse("Chilonzor").unwrap(),
            state,
            created_at: at(0),
            invited_until,
            enrolled,
        };
        let invited = gateway(GatewayState::Invited, Some(at(10)), None);
        assert_eq!([at(9), at(10)].map(|now| Standing::of(&invited, now)), [Standing::Invited, Standing::Missed]);
        let joined = gateway(GatewayState::Active, None, Some(enrolled));
        assert_eq!([at(89), at(90)].map(|now| Standing::of(&joined, now)), [Standing::Active, Standing::Over]);
    }
}
