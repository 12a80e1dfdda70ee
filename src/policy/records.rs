//! How rules are stored.

use serde::Deserialize;
use serde::Serialize;

use crate::kernel::RuleId;
use crate::kernel::Timestamp;
use crate::policy::Rating;
use crate::policy::Rule;
use crate::policy::Target;
use crate::policy::collection::records::StoredTarget;
use crate::store::Record;
use crate::store::Table;

pub(super) const RULES: Table<RuleId, RuleRecord> = Table::new("productivity_rules_v1");

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RuleRecord {
    /// Rules that were made before departments and people could have any are the organization's.
    #[serde(default)]
    of: StoredTarget,
    kind: String,
    name: String,
    rating: String,
    set_at: Timestamp,
}

impl Record for RuleRecord {}

impl From<&Rule> for RuleRecord {
    fn from(rule: &Rule) -> Self {
        Self {
            of: rule.applies_to.into(),
            kind: rule.target.kind().to_owned(),
            name: rule.target.name().to_owned(),
            rating: rule.rating.name().to_owned(),
            set_at: rule.set_at,
        }
    }
}

impl RuleRecord {
    pub(super) fn into_model(self, id: RuleId) -> Rule {
        let target = if self.kind == "site" { Target::Site(self.name) } else { Target::Application(self.name) };
        let rating = Rating::parse(&self.rating).unwrap_or(Rating::Neutral);
        Rule { id, applies_to: self.of.into(), target, rating, set_at: self.set_at }
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use crate::kernel::RuleId;
    use crate::policy::Rating;
    use crate::policy::collection::AppliesTo;

    #[test]
    fn version_1_is_still_readable() {
        let rule = RULES.fixture(1).into_model(RuleId::new(1));
        assert_eq!((rule.target.kind(), rule.target.name(), rule.rating), ("site", "youtube.com", Rating::Useful));
        assert_eq!(rule.applies_to, AppliesTo::Organization, "it was made before others could have any");
    }
}
