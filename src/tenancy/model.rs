//! The nouns of tenancy.

use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::kernel::fold;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Which one.
    pub id: OrganizationId,
    /// What its administrator may set.
    pub settings: Settings,
    /// Whether it is at work.
    pub state: State,
    /// Since when it is here.
    pub created_at: Timestamp,
}

impl Organization {
    /// The name as it is shown.
    pub fn name(&self) -> &str {
        self.settings.name.as_str()
    }

    /// True when its agents may send and its operators may sign in.
    pub fn is_active(&self) -> bool {
        self.state == State::Active
    }
}

/// What the administrator may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The name, unique without regard to letter case.
    pub name: OrganizationName,
    /// Days belong to this zone.
    pub zone: Zone,
    /// The language for new operators and for reports.
    pub language: Language,
}

/// Whether an organization is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Agents send, operators sign in.
    Active,
    /// Data are kept, nobody of it sends or signs in.
    Inactive,
    /// On its way out; it does not exist for anybody.
    Removing,
}

/// A name of 2 to 100 letters without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationName(String);

/// The text is no name of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("name of an organization needs 2 to 100 letters on one line")]
pub struct NameError;

impl OrganizationName {
    /// Reads a name; spaces around it are dropped.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = text.trim();
        let fits = (2..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if fits { Ok(Self(name.to_owned())) } else { Err(NameError) }
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it is compared.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl std::fmt::Display for OrganizationName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
