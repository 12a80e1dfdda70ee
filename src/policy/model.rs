//! The nouns: a rule, what it is about, what it says.

use crate::kernel::ResourceGroupId;
use crate::kernel::RuleId;
use crate::kernel::Timestamp;
use crate::policy::collection::AppliesTo;

/// Longest name of an application or a site.
const LONGEST: usize = 200;

/// What a use counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rating {
    /// For the work.
    Useful,
    /// Neither.
    Neutral,
    /// Not for the work.
    Distracting,
}

impl Rating {
    /// All ratings, in the order of the pages.
    pub const ALL: [Rating; 3] = [Rating::Useful, Rating::Neutral, Rating::Distracting];

    /// The word in forms and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Rating::Useful => "useful",
            Rating::Neutral => "neutral",
            Rating::Distracting => "distracting",
        }
    }

    /// Reads the word.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rating| rating.name() == name)
    }
}

/// What a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An application by its name; a `*` at the end stands for anything.
    Application(String),
    /// A site with everything below it.
    Site(String),
    /// Everything in a group, by the group's name.
    Group(String),
}

impl Target {
    /// The word of its kind in forms and in the store.
    pub const fn kind(&self) -> &'static str {
        match self {
            Target::Application(_) => "application",
            Target::Site(_) => "site",
            Target::Group(_) => "group",
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Target::Application(name) | Target::Site(name) | Target::Group(name) => name,
        }
    }

    /// Reads what was typed. Of an address only the host is kept.
    pub fn parse(kind: &str, name: &str) -> Result<Self, RuleError> {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(RuleError::Empty);
        }
        if name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            return Err(RuleError::Long);
        }
        if kind == "group" {
            return Ok(Self::Group(name));
        }
        if kind != "site" {
            return if name == "*" { Err(RuleError::Everything) } else { Ok(Self::Application(name)) };
        }
        let host = host_of(&name).to_lowercase();
        let is_host =
            host.contains('.') && host.chars().all(|letter| letter.is_alphanumeric() || "-.".contains(letter));
        if is_host && !host.starts_with('.') && !host.ends_with('.') {
            Ok(Self::Site(host))
        } else {
            Err(RuleError::Site)
        }
    }

    /// True when both are about the same thing.
    pub fn is_same(&self, other: &Self) -> bool {
        self.kind() == other.kind() && self.name().to_lowercase() == other.name().to_lowercase()
    }
}

fn host_of(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or(rest);
    host.strip_prefix("www.").unwrap_or(host)
}

/// A name that cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Nothing was typed.
    #[error("name is empty")]
    Empty,
    /// Too much was typed.
    #[error("name has more than 200 characters")]
    Long,
    /// No host.
    #[error("site must be a domain such as example.com")]
    Site,
    /// A rule for everything.
    #[error("a rule for every application says nothing")]
    Everything,
}

/// Several sites and applications that a rule can name together, such as banks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceGroup {
    /// Its number.
    pub id: ResourceGroupId,
    /// Its name, unique in the organization without regard to letter case.
    pub name: String,
    /// What belongs to it; never another group.
    pub members: Vec<Target>,
}

/// A group to be made, or what an old one becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewResourceGroup {
    /// Its name.
    pub name: String,
    /// What belongs to it.
    pub members: Vec<Target>,
}

impl NewResourceGroup {
    /// The most that one group holds.
    pub const MOST: usize = 200;

    /// Reads what was typed; of members that are the same the first is kept.
    pub fn parse<'a>(name: &str, members: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, GroupError> {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            return Err(GroupError::Name);
        }
        let mut found: Vec<Target> = Vec::new();
        for (kind, text) in members.into_iter().filter(|(_, text)| !text.trim().is_empty()) {
            let wrong = |problem| GroupError::Member { text: text.trim().to_owned(), problem };
            let member = Target::parse(kind, text).map_err(wrong)?;
            if !found.iter().any(|one| one.is_same(&member)) {
                found.push(member);
            }
        }
        match found.len() {
            0 => Err(GroupError::Empty),
            1..=Self::MOST => Ok(Self { name, members: found }),
            _ => Err(GroupError::TooMany),
        }
    }
}

/// A group that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// No name.
    #[error("a group needs a name of 1 to 200 characters")]
    Name,
    /// Nothing in it.
    #[error("a group needs at least one site or application")]
    Empty,
    /// Too much in it.
    #[error("a group holds at most {} sites and applications", NewResourceGroup::MOST)]
    TooMany,
    /// A member that cannot be one.
    #[error("{text:?}: {problem}")]
    Member {
        /// As it was typed.
        text: String,
        /// Why not.
        problem: RuleError,
    },
}

/// A rule to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRule {
    /// For whom.
    pub applies_to: AppliesTo,
    /// What it is about.
    pub target: Target,
    /// What that counts as.
    pub rating: Rating,
}

/// A rule of an organization, a department or a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its number.
    pub id: RuleId,
    /// For whom. Where several fit, the nearest wins.
    pub applies_to: AppliesTo,
    /// What it is about.
    pub target: Target,
    /// What that counts as.
    pub rating: Rating,
    /// When it was last set.
    pub set_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::GroupError;
    use super::NewResourceGroup;
    use super::RuleError;
    use super::Target;

    #[test]
    fn a_group_holds_each_member_once_and_says_which_cannot_be_one() {
        let typed = [("site", "https://Ibank.uz/login"), ("site", "ibank.uz"), ("application", "1C"), ("site", " ")];
        let group = NewResourceGroup::parse(" Banks  and books ", typed).unwrap();
        assert_eq!(group.name, "Banks and books");
        assert_eq!(group.members, [Target::Site("ibank.uz".to_owned()), Target::Application("1C".to_owned())]);
        let wrong = NewResourceGroup::parse("Banks", [("site", "bank")]).unwrap_err();
        assert_eq!(wrong, GroupError::Member { text: "bank".to_owned(), problem: RuleError::Site });
        assert_eq!(NewResourceGroup::parse("Banks", []), Err(GroupError::Empty));
        assert_eq!(NewResourceGroup::parse(" ", typed), Err(GroupError::Name));
    }

    #[test]
    fn of_an_address_the_host_is_kept() {
        let site = |text| Target::parse("site", text).map(|target| target.name().to_owned());
        assert_eq!(site("https://www.YouTube.com/watch?v=1"), Ok("youtube.com".to_owned()));
        assert_eq!(site("mail.google.com:443"), Ok("mail.google.com".to_owned()));
        assert_eq!(site("youtube"), Err(RuleError::Site));
        assert_eq!(site("  "), Err(RuleError::Empty));
        assert_eq!(Target::parse("application", " * "), Err(RuleError::Everything));
        assert_eq!(Target::parse("application", "1C  Korxona"), Ok(Target::Application("1C Korxona".to_owned())));
    }
}
