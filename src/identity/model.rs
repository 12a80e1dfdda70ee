//! The nouns of identity.

use std::net::IpAddr;
use std::sync::Arc;

use crate::kernel::Access;
use crate::kernel::Actor;
use crate::kernel::ApiKeyId;
use crate::kernel::DepartmentId;
use crate::kernel::Language;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;
use crate::kernel::TokenId;

/// A name that is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a login.
    #[error("login needs 2 to 64 of the letters a-z, digits, dot, dash, underscore or @")]
    Login,
    /// Not a display name, or not a name of a key or token.
    #[error("name needs 1 to 100 letters on one line")]
    Display,
}

/// What an operator types to sign in: lower case, ASCII, so that two logins never look alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoginName(String);

impl LoginName {
    /// Reads a login; letter case and spaces around it do not matter.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let login = text.trim().to_ascii_lowercase();
        let fits = (2..=64).contains(&login.len())
            && login.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_@".contains(&byte));
        if fits { Ok(Self(login)) } else { Err(NameError::Login) }
    }

    pub(super) const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The login.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for LoginName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a person, a key or a token is called: 1 to 100 letters on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Reads a name; spaces around it are dropped.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = text.trim();
        let fits = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if fits { Ok(Self(name.to_owned())) } else { Err(NameError::Display) }
    }

    /// Takes a name that was read before it was stored.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DisplayName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The role of an operator and where it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Assignment {
    /// Everything.
    Admin,
    /// HR of an organization.
    Hr(OrganizationId),
    /// Leads a department and what is below it.
    DepartmentLead(OrganizationId, DepartmentId),
    /// Guards the doors of an organization.
    Guard(OrganizationId),
}

/// Role and place do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// ADMIN stands above organizations.
    #[error("ADMIN has no organization and no department")]
    AdminIsEverywhere,
    /// Other roles hold in one organization.
    #[error("role {} needs an organization", .0.name())]
    NeedsOrganization(Role),
    /// A lead leads something.
    #[error("DEPARTMENT_LEAD needs a department")]
    NeedsDepartment,
    /// Other roles see the whole organization.
    #[error("role {} has no department", .0.name())]
    NoDepartment(Role),
}

impl Assignment {
    /// Puts together what a form or a file says.
    pub fn new(
        role: Role,
        organization: Option<OrganizationId>,
        department: Option<DepartmentId>,
    ) -> Result<Self, AssignmentError> {
        match (role, organization, department) {
            (Role::Admin, None, None) => Ok(Self::Admin),
            (Role::Admin, _, _) => Err(AssignmentError::AdminIsEverywhere),
            (role, None, _) => Err(AssignmentError::NeedsOrganization(role)),
            (Role::DepartmentLead, Some(own), Some(department)) => Ok(Self::DepartmentLead(own, department)),
            (Role::DepartmentLead, Some(_), None) => Err(AssignmentError::NeedsDepartment),
            (role, Some(_), Some(_)) => Err(AssignmentError::NoDepartment(role)),
            (Role::Hr, Some(own), None) => Ok(Self::Hr(own)),
            (Role::Guard, Some(own), None) => Ok(Self::Guard(own)),
        }
    }

    /// The role alone.
    pub const fn role(self) -> Role {
        match self {
            Self::Admin => Role::Admin,
            Self::Hr(_) => Role::Hr,
            Self::DepartmentLead(..) => Role::DepartmentLead,
            Self::Guard(_) => Role::Guard,
        }
    }

    /// How far the view reaches.
    pub const fn scope(self) -> Scope {
        match self {
            Self::Admin => Scope::All,
            Self::Hr(own) | Self::Guard(own) => Scope::Organization(own),
            Self::DepartmentLead(own, department) => Scope::Department(own, department),
        }
    }

    /// The organization, if there is one.
    pub const fn organization(self) -> Option<OrganizationId> {
        match self {
            Self::Admin => None,
            Self::Hr(own) | Self::DepartmentLead(own, _) | Self::Guard(own) => Some(own),
        }
    }

    /// The department, if there is one.
    pub const fn department(self) -> Option<DepartmentId> {
        match self {
            Self::DepartmentLead(_, department) => Some(department),
            Self::Admin | Self::Hr(_) | Self::Guard(_) => None,
        }
    }
}

/// A person who signs in. Holds no proof of identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Which one.
    pub id: OperatorId,
    /// What they type.
    pub login: LoginName,
    /// How they are called.
    pub display_name: DisplayName,
    /// Role and place.
    pub assignment: Assignment,
    /// The language of their pages.
    pub language: Language,
    /// Whether they may sign in.
    pub active: bool,
    /// Since when they are here.
    pub created_at: Timestamp,
    /// When the password was last set.
    pub password_set_at: Timestamp,
    /// When they last signed in.
    pub last_login_at: Option<Timestamp>,
}

impl Operator {
    /// The operator as the one who asks.
    pub fn actor(&self) -> Actor {
        Actor::operator(self.id, self.login.as_str(), self.assignment.role(), self.assignment.scope())
    }
}

/// An operator to be made.
#[derive(Debug, Clone)]
pub struct NewOperator {
    /// What they type.
    pub login: LoginName,
    /// How they are called.
    pub display_name: DisplayName,
    /// Role and place. Whether the department exists is the caller's to check.
    pub assignment: Assignment,
    /// The language of their pages.
    pub language: Language,
    /// Their first password.
    pub password: SecretText,
}

/// What can be changed of an operator by an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorChange {
    /// How they are called.
    pub display_name: DisplayName,
    /// Role and place. Whether the department exists is the caller's to check.
    pub assignment: Assignment,
    /// The language of their pages.
    pub language: Language,
}

/// SHA-256 of a session id: names a session without being a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(pub(super) [u8; 32]);

impl SessionKey {
    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// A place where an operator is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which one.
    pub key: SessionKey,
    /// Who.
    pub operator: OperatorId,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// From where it was begun.
    pub address: Option<IpAddr>,
    /// The browser, in short.
    pub agent: String,
}

/// Who caused a request of a signed-in browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// A person; keeps the session from idling out.
    Person,
    /// The page itself: a live stream, a poll.
    Background,
}

/// An API key as it is listed; the secret is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Which one, in its organization.
    pub id: ApiKeyId,
    /// Whose data it sends.
    pub organization: OrganizationId,
    /// What it is for.
    pub name: DisplayName,
    /// The first letters of the secret, to recognize it.
    pub hint: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Whether it works.
    pub state: KeyState,
}

/// Whether an API key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It works.
    Active,
    /// It works, and so does the secret before it until this moment.
    Rotating {
        /// When the old secret ends.
        old_until: Timestamp,
    },
    /// It does not work any more.
    Revoked {
        /// Since when.
        at: Timestamp,
    },
}

/// A key that was just made or rotated, with its secret for the only time.
#[derive(Debug, Clone)]
pub struct IssuedKey {
    /// The key.
    pub key: ApiKey,
    /// Show it once.
    pub secret: SecretText,
}

/// What a valid API key proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestKey {
    /// Which key.
    pub id: ApiKeyId,
    /// Into whose data it may send.
    pub organization: OrganizationId,
    /// The source of its batches: `key:<id>`.
    pub source: Arc<str>,
}

impl IngestKey {
    /// The program as the one who asks.
    pub fn actor(&self) -> Actor {
        Actor::agent(&self.source, self.organization)
    }
}

/// A personal token as it is listed; the secret is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Which one.
    pub id: TokenId,
    /// Whose.
    pub operator: OperatorId,
    /// What it is for.
    pub name: DisplayName,
    /// The first letters of the secret, to recognize it.
    pub hint: String,
    /// What it may.
    pub access: Access,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A token that was just made, with its secret for the only time.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The token.
    pub token: Token,
    /// Show it once.
    pub secret: SecretText,
}

/// A request whose sender proved to be an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The operator as they are now.
    pub operator: Arc<Operator>,
    /// The operator as the one who asks. `Actor::at` adds the address.
    pub actor: Actor,
    /// The session; none when a token was shown.
    pub session: Option<SessionKey>,
}
