//! Operators, keys, tokens and sessions as they are stored. API keys stand among their organization's records,
//! everything else in the system's own space.

use std::net::IpAddr;

use serde_json::Map;
use serde_json::Value;

use crate::identity::model::ApiKey;
use crate::identity::model::Assignment;
use crate::identity::model::DisplayName;
use crate::identity::model::KeyState;
use crate::identity::model::LoginName;
use crate::identity::model::Operator;
use crate::identity::model::Session;
use crate::identity::model::SessionKey;
use crate::identity::model::Token;
use crate::kernel::Access;
use crate::kernel::ApiKeyId;
use crate::kernel::DepartmentId;
use crate::kernel::Fingerprint;
use crate::kernel::Language;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::Role;
use crate::kernel::Timestamp;
use crate::kernel::TokenId;
use crate::store::Record;
use crate::store::StoreError;
use crate::store::Table;

pub(super) const OPERATORS: Table<OperatorId, OperatorRecord> = Table::new("operators_v1");
pub(super) const API_KEYS: Table<ApiKeyId, ApiKeyRecord> = Table::new("api_keys_v1");
pub(super) const TOKENS: Table<TokenId, TokenRecord> = Table::new("tokens_v1");
pub(super) const SESSIONS: Table<[u8; 32], SessionRecord> = Table::new("sessions_v1");
pub(super) const SESSIONS_BY_EXPIRY: Table<(Timestamp, [u8; 32]), Mark> = Table::new("sessions_by_expiry_v1");
pub(super) const SESSIONS_BY_OPERATOR: Table<(OperatorId, [u8; 32]), Mark> = Table::new("sessions_by_operator_v1");

/// A place in an index.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Mark {}

impl Record for Mark {}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct OperatorRecord {
    pub(super) login: String,
    pub(super) display_name: String,
    role: Role,
    organization: Option<OrganizationId>,
    department: Option<DepartmentId>,
    pub(super) language: Language,
    pub(super) active: bool,
    pub(super) password_hash: String,
    created_at: Timestamp,
    pub(super) password_set_at: Timestamp,
    pub(super) last_login_at: Option<Timestamp>,
}

impl Record for OperatorRecord {}

impl OperatorRecord {
    pub(super) fn new(operator: &Operator, password_hash: String) -> Self {
        Self {
            login: operator.login.to_string(),
            display_name: operator.display_name.to_string(),
            role: operator.assignment.role(),
            organization: operator.assignment.organization(),
            department: operator.assignment.department(),
            language: operator.language,
            active: operator.active,
            password_hash,
            created_at: operator.created_at,
            password_set_at: operator.password_set_at,
            last_login_at: operator.last_login_at,
        }
    }

    pub(super) fn to_model(&self, id: OperatorId) -> Result<Operator, StoreError> {
        let assignment = Assignment::new(self.role, self.organization, self.department).map_err(|problem| {
            StoreError::Decode { table: OPERATORS.name(), source: serde::de::Error::custom(problem) }
        })?;
        Ok(Operator {
            id,
            login: LoginName::stored(self.login.clone()),
            display_name: DisplayName::stored(self.display_name.clone()),
            assignment,
            language: self.language,
            active: self.active,
            created_at: self.created_at,
            password_set_at: self.password_set_at,
            last_login_at: self.last_login_at,
        })
    }
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct ApiKeyRecord {
    pub(super) name: String,
    pub(super) hint: String,
    pub(super) created_at: Timestamp,
    pub(super) last_used_at: Option<Timestamp>,
    /// Fingerprint of the secret, 64 hexadecimal digits; none when the key is revoked.
    pub(super) secret: Option<String>,
    /// The secret before it, and until when it works.
    pub(super) old_secret: Option<OldSecret>,
    pub(super) revoked_at: Option<Timestamp>,
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct OldSecret {
    pub(super) secret: String,
    pub(super) until: Timestamp,
}

impl Record for ApiKeyRecord {}

impl ApiKeyRecord {
    pub(super) fn to_model(&self, organization: OrganizationId, id: ApiKeyId, now: Timestamp) -> ApiKey {
        let state = match (self.revoked_at, &self.old_secret) {
            (Some(at), _) => KeyState::Revoked { at },
            (None, Some(old)) if old.until > now => KeyState::Rotating { old_until: old.until },
            (None, _) => KeyState::Active,
        };
        ApiKey {
            id,
            organization,
            name: DisplayName::stored(self.name.clone()),
            hint: self.hint.clone(),
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            state,
        }
    }

    /// The fingerprints that open, each with the moment at which it ends.
    pub(super) fn fingerprints(&self) -> impl Iterator<Item = (Fingerprint, Option<Timestamp>)> {
        let current = self.secret.as_deref().and_then(Fingerprint::parse).map(|print| (print, None));
        let old = self.old_secret.as_ref().and_then(|old| Some((Fingerprint::parse(&old.secret)?, Some(old.until))));
        current.into_iter().chain(old)
    }
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct TokenRecord {
    pub(super) operator: OperatorId,
    pub(super) name: String,
    pub(super) hint: String,
    /// Fingerprint of the secret, 64 hexadecimal digits.
    pub(super) secret: String,
    pub(super) access: Access,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) last_used_at: Option<Timestamp>,
}

impl Record for TokenRecord {}

impl TokenRecord {
    pub(super) fn to_model(&self, id: TokenId) -> Token {
        Token {
            id,
            operator: self.operator,
            name: DisplayName::stored(self.name.clone()),
            hint: self.hint.clone(),
            access: self.access,
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
        }
    }
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct SessionRecord {
    pub(super) operator: OperatorId,
    pub(super) created_at: Timestamp,
    pub(super) last_seen_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) address: Option<IpAddr>,
    pub(super) agent: String,
    #[serde(default)]
    pub(super) data: Map<String, Value>,
}

impl Record for SessionRecord {}

impl SessionRecord {
    pub(super) fn to_model(&self, key: [u8; 32]) -> Session {
        Session {
            key: SessionKey(key),
            operator: self.operator,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            expires_at: self.expires_at,
            address: self.address,
            agent: self.agent.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::API_KEYS;
    use super::OPERATORS;
    use super::SESSIONS;
    use super::SESSIONS_BY_EXPIRY;
    use super::SESSIONS_BY_OPERATOR;
    use super::TOKENS;
    use crate::identity::model::Assignment;
    use crate::kernel::Access;
    use crate::kernel::DepartmentId;
    use crate::kernel::OperatorId;
    use crate::kernel::OrganizationId;

    #[test]
    fn version_1_is_still_readable() {
        let operator = OPERATORS.fixture(1).to_model(OperatorId::new(7)).unwrap();
        assert_eq!(operator.login.as_str(), "malika");
        let lead = Assignment::DepartmentLead(OrganizationId::new(1), DepartmentId::new(4));
        assert_eq!(operator.assignment, lead);
        assert_eq!(API_KEYS.fixture(1).fingerprints().count(), 2);
        assert_eq!(TOKENS.fixture(1).access, Access::ReadOnly);
        assert_eq!(SESSIONS.fixture(1).operator, OperatorId::new(7));
        let _: super::Mark = SESSIONS_BY_EXPIRY.fixture(1);
        let _: super::Mark = SESSIONS_BY_OPERATOR.fixture(1);
    }
}
