//! How rules are stored.

use serde::Deserialize;
use serde::Serialize;

use crate::kernel::ResourceGroupId;
use crate::kernel::RuleId;
use crate::kernel::Timestamp;
use crate::policy::NewResourceGroup;
use crate::policy::Rating;
use crate::policy::ResourceGroup;
use crate::policy::Rule;
use crate::policy::Target;
use crate::policy::collection::records::StoredTarget;
use crate::store::Record;
use crate::store::Table;

pub(super) const RULES: Table<RuleId, RuleRecord> = Table::new("productivity_rules_v1");
pub(super) const GROUPS: Table<ResourceGroupId, GroupRecord> = Table::new("resource_groups_v1");

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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GroupRecord {
    name: String,
    members: Vec<MemberRecord>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct MemberRecord {
    kind: String,
    name: String,
}

impl Record for RuleRecord {}
impl Record for GroupRecord {}

impl RuleRecord {
    /// A rule about a group keeps the group's number, so that it follows when the group is renamed.
    pub(super) fn new(rule: &Rule, group: Option<ResourceGroupId>) -> Self {
        Self {
            of: rule.applies_to.into(),
            kind: rule.target.kind().to_owned(),
            name: group.map_or_else(|| rule.target.name().to_owned(), |id| id.to_string()),
            rating: rule.rating.name().to_owned(),
            set_at: rule.set_at,
        }
    }

    /// The group that it names.
    pub(super) fn group(&self) -> Option<ResourceGroupId> {
        (self.kind == "group").then(|| self.name.parse().ok()).flatten()
    }

    /// `None` when it names a group that is gone.
    pub(super) fn into_model(self, id: RuleId, groups: &[ResourceGroup]) -> Option<Rule> {
        let target = match self.kind.as_str() {
            "site" => Target::Site(self.name),
            "group" => {
                let group = self.group()?;
                Target::Group(groups.iter().find(|one| one.id == group)?.name.clone())
            }
            _ => Target::Application(self.name),
        };
        let rating = Rating::parse(&self.rating).unwrap_or(Rating::Neutral);
        Some(Rule { id, applies_to: self.of.into(), target, rating, set_at: self.set_at })
    }
}

impl From<&NewResourceGroup> for GroupRecord {
    fn from(group: &NewResourceGroup) -> Self {
        let member = |one: &Target| MemberRecord { kind: one.kind().to_owned(), name: one.name().to_owned() };
        Self { name: group.name.clone(), members: group.members.iter().map(member).collect() }
    }
}

impl GroupRecord {
    pub(super) fn into_model(self, id: ResourceGroupId) -> ResourceGroup {
        let member = |one: MemberRecord| match one.kind.as_str() {
            "site" => Target::Site(one.name),
            _ => Target::Application(one.name),
        };
        ResourceGroup { id, name: self.name, members: self.members.into_iter().map(member).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::GROUPS;
    use super::RULES;
    use crate::kernel::ResourceGroupId;
    use crate::kernel::RuleId;
    use crate::policy::Rating;
    use crate::policy::Target;
    use crate::policy::collection::AppliesTo;

    #[test]
    fn version_1_is_still_readable() {
        let rule = RULES.fixture(1).into_model(RuleId::new(1), &[]).unwrap();
        assert_eq!((rule.target.kind(), rule.target.name(), rule.rating), ("site", "youtube.com", Rating::Useful));
        assert_eq!(rule.applies_to, AppliesTo::Organization, "it was made before others could have any");
    }

    #[test]
    fn version_1_of_groups_is_still_readable() {
        let group = GROUPS.fixture(1).into_model(ResourceGroupId::new(2));
        assert_eq!((group.name.as_str(), group.members.len()), ("Banklar", 2));
        assert_eq!(group.members[1], Target::Application("iBank client".to_owned()));
    }
}
