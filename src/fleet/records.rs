//! Gateways as they are stored, among their organization's records.

use crate::fleet::model::Enrolled;
use crate::fleet::model::Gateway;
use crate::fleet::model::GatewayState;
use crate::fleet::model::Issued;
use crate::identity::DisplayName;
use crate::kernel::Fingerprint;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::store::Record;
use crate::store::Table;

pub(super) const GATEWAYS: Table<GatewayId, GatewayRecord> = Table::new("gateways_v1");
pub(super) const SETTINGS: Table<(), SettingsRecord> = Table::new("fleet_settings_v1");

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct GatewayRecord {
    pub(super) name: String,
    pub(super) state: GatewayState,
    pub(super) created_at: Timestamp,
    pub(super) invitation: Option<InvitationRecord>,
    pub(super) enrolled_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) host: String,
    #[serde(default)]
    pub(super) version: String,
    /// What it uses.
    pub(super) current: Option<CredentialRecord>,
    /// What it was given and has not used yet.
    pub(super) next: Option<CredentialRecord>,
    /// What it used before, while that still works.
    pub(super) previous: Option<CredentialRecord>,
    /// Fingerprints of API keys that are worth nothing any more but may have sealed a backlog that is still carried here,
    /// newest first.
    #[serde(default)]
    pub(super) former: Vec<String>,
}

impl Record for GatewayRecord {}

/// How many former keys of a gateway are known: more than a year of renewals.
const MOST_FORMER: usize = 12;

impl GatewayRecord {
    /// A credential ends.
    pub(super) fn retire(&mut self, ended: Option<CredentialRecord>) {
        self.former.splice(0..0, ended.map(|ended| ended.secret));
        self.former.truncate(MOST_FORMER);
    }
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct InvitationRecord {
    /// Fingerprint of the secret, 64 hexadecimal digits.
    pub(super) secret: String,
    pub(super) until: Timestamp,
    /// The key that has used it and may use it again.
    pub(super) used_by: Option<String>,
}

/// Everything of one key of a box. Fingerprints are 64 hexadecimal digits.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct CredentialRecord {
    /// The public key, as an uncompressed point in hexadecimal digits.
    pub(super) key: String,
    /// Fingerprint of the certificate.
    pub(super) certificate: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// Fingerprint of the API key.
    pub(super) secret: String,
    /// When it ends because another one is in use.
    pub(super) until: Option<Timestamp>,
}

impl CredentialRecord {
    pub(super) fn new(issued: &Issued, secret: Fingerprint) -> Self {
        Self {
            key: hex::encode(&issued.key),
            certificate: issued.certificate.to_string(),
            from: issued.from,
            to: issued.to,
            secret: secret.to_string(),
            until: None,
        }
    }
}

/// The id by which a signature names a public key.
pub(super) fn key_id(key: &[u8]) -> String {
    Fingerprint::of(key).to_string()
}

/// What an organization decided for all of its gateways.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct SettingsRecord {
    /// Whether they may come without a certificate.
    pub(super) without_certificate: bool,
}

impl Record for SettingsRecord {}

impl GatewayRecord {
    pub(super) fn to_model(&self, organization: OrganizationId, id: GatewayId) -> Gateway {
        let certificate = self.current.as_ref();
        let enrolled = self.enrolled_at.zip(certificate).map(|(at, certificate)| {
            let newest = self.next.as_ref().unwrap_or(certificate);
            Enrolled { at, host: self.host.clone(), version: self.version.clone(), from: newest.from, to: newest.to }
        });
        Gateway {
            id,
            organization,
            name: DisplayName::stored(self.name.clone()),
            state: self.state,
            created_at: self.created_at,
            invited_until: self.invitation.as_ref().filter(|one| one.used_by.is_none()).map(|one| one.until),
            enrolled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GATEWAYS;
    use super::SETTINGS;
    use crate::fleet::GatewayState;
    use crate::kernel::GatewayId;
    use crate::kernel::OrganizationId;

    #[test]
    fn version_1_is_still_readable() {
        let gateway = GATEWAYS.fixture(1).to_model(OrganizationId::new(1), GatewayId::random());
        assert_eq!((gateway.name.as_str(), gateway.state), ("Chilonzor", GatewayState::Active));
        assert_eq!(gateway.enrolled.map(|enrolled| enrolled.host), Some("box-1".to_owned()));
        assert!(SETTINGS.fixture(1).without_certificate);
    }
}
