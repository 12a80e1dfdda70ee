//! What holds on one computer, or behind one gateway, as the appliance hands it out.
//!
//! A sheet names accounts by [`account_of`](crate::account_of), so it tells nobody who works where. It says what holds
//! and not when it was made: the same decisions give the same checksum, and nobody is disturbed by a change that is not
//! about him.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1;
use aws_lc_rs::signature::UnparsedPublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;

use super::effective::Effective;
use super::filter::Filter;
use super::settings::SettingsError;

/// What a signature of a sheet begins with, so that it can never be taken for one of anything else.
const CONTEXT: &str = "nazorat policy sheet 1";
/// More bytes are no sheet.
pub const MAX_SHEET: usize = 8 << 20;

/// What holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// In which organization.
    pub organization: u32,
    /// On which computer; `None` behind a whole gateway.
    pub computer_uid: Option<String>,
    /// The policies that are named below.
    pub policies: Vec<Effective>,
    /// The place of the policy for whoever is not listed; `None` while nothing was decided.
    pub otherwise: Option<u32>,
    /// The accounts for which something else holds, with the place of their policy.
    pub accounts: BTreeMap<i64, Option<u32>>,
    /// Makes fingerprints of this organization worth nothing to another; hexadecimal digits.
    pub salt: String,
}

/// A sheet with the word of the appliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedSheet {
    /// The text of the sheet.
    pub sheet: String,
    /// When the appliance gave it out; an older one never replaces a newer one.
    pub issued_at: Timestamp,
    /// ECDSA over P-256 with SHA-256, DER, base64.
    pub signature: String,
}

/// What a gateway has to hold to: its own sheet, and one for each of its agents to pass on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyList {
    /// Of the sheets, in their order.
    pub items: Vec<PolicyItem>,
    /// The SHA-256 over all of them.
    pub checksum: String,
}

/// A sheet that is to be had.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PolicyItem {
    /// The number of an agent at its gateway; 0 is the gateway itself.
    pub subject: u32,
    /// The SHA-256 of its sheet.
    pub checksum: String,
}

impl PolicyList {
    /// The list of sheets.
    pub fn of(mut items: Vec<PolicyItem>) -> Self {
        items.sort();
        let text: String = items.iter().map(|item| format!("{} {}\n", item.subject, item.checksum)).collect();
        Self { items, checksum: checksum(&text) }
    }
}

/// A sheet that cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// It has too many bytes.
    #[error("a policy of {0} bytes is too large, at most {MAX_SHEET} are taken")]
    TooLarge(usize),
    /// Nobody who may has signed it.
    #[error("the policy is not signed by this appliance; join again if the appliance was set up anew")]
    Signature,
    /// It is of another shape.
    #[error("the policy cannot be read, this program may be older than the appliance; update it: {0}")]
    Shape(String),
    /// It says what cannot be done.
    #[error("the policy cannot be followed: {0}")]
    Settings(#[from] SettingsError),
}

impl Sheet {
    /// A sheet that decides nothing.
    pub fn undecided(organization: u32, computer_uid: Option<String>) -> Self {
        let (policies, accounts, salt) = (Vec::new(), BTreeMap::new(), String::new());
        Self { organization, computer_uid, policies, otherwise: None, accounts, salt }
    }

    /// The one text of it.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The SHA-256 of its text, in hexadecimal digits.
    pub fn checksum(&self) -> String {
        checksum(&self.text())
    }

    /// Which policy holds for an account.
    pub fn policy_of(&self, account: i64) -> Option<&Effective> {
        let place = self.accounts.get(&account).copied().unwrap_or(self.otherwise)?;
        self.policies.get(place as usize)
    }

    /// Whether a program that follows the other one has to start again to follow this one.
    pub fn requires_restart(&self, other: &Self) -> bool {
        let all = |sheet: &Self| {
            let places = sheet.accounts.values().copied().chain([sheet.otherwise]);
            let used = places.filter_map(|place| sheet.policies.get(place? as usize).cloned());
            used.collect::<Vec<_>>()
        };
        let (before, after) = (all(other), all(self));
        after.iter().any(|policy| before.iter().all(|old| policy.requires_restart(old)))
    }
}

/// The SHA-256 of the text of a sheet.
pub(super) fn checksum(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is signed: the context, when it was given out, the text.
pub fn signable(text: &str, issued_at: Timestamp) -> Vec<u8> {
    format!("{CONTEXT}\n{}\n{text}", issued_at.as_microsecond()).into_bytes()
}

impl SignedSheet {
    /// The sheet, when one of the keys has signed it. A key is an uncompressed point of P-256.
    pub fn open(&self, keys: &[Vec<u8>]) -> Result<Sheet, SheetError> {
        if self.sheet.len() > MAX_SHEET {
            return Err(SheetError::TooLarge(self.sheet.len()));
        }
        let signature = STANDARD.decode(&self.signature).map_err(|_| SheetError::Signature)?;
        let message = signable(&self.sheet, self.issued_at);
        let signed = |key: &Vec<u8>| UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(&message, &signature);
        if !keys.iter().any(|key| signed(key).is_ok()) {
            return Err(SheetError::Signature);
        }
        serde_json::from_str(&self.sheet).map_err(|problem| SheetError::Shape(problem.to_string()))
    }

    /// The SHA-256 of the sheet.
    pub fn checksum(&self) -> String {
        checksum(&self.sheet)
    }
}

/// A sheet that is ready to judge.
#[derive(Debug)]
pub struct Filters {
    policies: Vec<Arc<Filter>>,
    otherwise: Option<u32>,
    accounts: BTreeMap<i64, Option<u32>>,
}

impl Filters {
    /// Refuses a sheet that says what cannot be done.
    pub fn new(sheet: &Sheet) -> Result<Self, SheetError> {
        let salt = sheet.salt.as_bytes();
        let ready = |policy| Filter::new(policy, salt).map(Arc::new);
        let policies = sheet.policies.iter().map(ready).collect::<Result<Vec<_>, _>>()?;
        let places = sheet.accounts.values().copied().chain([sheet.otherwise]);
        if let Some(place) = places.flatten().find(|place| *place as usize >= policies.len()) {
            return Err(SheetError::Shape(format!("there is no policy {place}")));
        }
        Ok(Self { policies, otherwise: sheet.otherwise, accounts: sheet.accounts.clone() })
    }

    /// What judges an account; `None` where nothing was decided.
    pub fn of(&self, account: i64) -> Option<&Arc<Filter>> {
        let place = self.accounts.get(&account).copied().unwrap_or(self.otherwise)?;
        self.policies.get(place as usize)
    }

    /// Whether nothing was decided about anybody.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
    use aws_lc_rs::signature::EcdsaKeyPair;
    use aws_lc_rs::signature::KeyPair as _;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use jiff::Timestamp;

    use super::Filters;
    use super::Sheet;
    use super::SheetError;
    use super::SignedSheet;
    use super::signable;
    use crate::policy::Effective;
    use crate::policy::Layer;
    use crate::policy::Screenshots;
    use crate::policy::Settings;
    use crate::policy::WindowDetail;

    fn effective(settings: &Settings) -> Effective {
        Effective::of([(Layer::Organization, settings)]).0
    }

    fn sheet() -> Sheet {
        let strict = Settings { windows: Some(WindowDetail::Off), ..Settings::default() };
        let policies = vec![effective(&Settings::default()), effective(&strict)];
        let accounts = [(-7, Some(1)), (9, None)].into();
        Sheet { policies, otherwise: Some(0), accounts, salt: "ab".to_owned(), ..Sheet::undecided(1, None) }
    }

    fn signed(key: &EcdsaKeyPair, sheet: &Sheet) -> SignedSheet {
        let issued_at = Timestamp::from_second(1_795_334_400).unwrap();
        let signature = key.sign(&SystemRandom::new(), &signable(&sheet.text(), issued_at)).unwrap();
        SignedSheet { sheet: sheet.text(), issued_at, signature: STANDARD.encode(signature) }
    }

    #[test]
    fn only_what_the_appliance_has_signed_is_opened() {
        let keys = [(); 2].map(|()| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap());
        let points = keys.each_ref().map(|key| key.public_key().as_ref().to_vec());
        let sheet = sheet();
        let whole = signed(&keys[1], &sheet);
        assert_eq!(whole.open(&points).unwrap(), sheet);
        assert_eq!(whole.checksum(), sheet.checksum());
        let refused = |signed: SignedSheet, keys: &[Vec<u8>]| matches!(signed.open(keys), Err(SheetError::Signature));
        assert!(refused(whole.clone(), &points[..1]), "another appliance");
        let later = whole.issued_at + jiff::SignedDuration::from_secs(1);
        assert!(refused(SignedSheet { issued_at: later, ..whole.clone() }, &points));
        let other = whole.sheet.replace("application", "title");
        assert_ne!(other, whole.sheet);
        assert!(refused(SignedSheet { sheet: other, ..whole.clone() }, &points));
        assert!(refused(SignedSheet { signature: "?".to_owned(), ..whole }, &points));
    }

    #[test]
    fn each_account_has_its_policy() {
        let sheet = sheet();
        assert_eq!(sheet.policy_of(-7).unwrap().windows, WindowDetail::Off);
        assert_eq!(sheet.policy_of(8).unwrap().windows, WindowDetail::Application);
        assert_eq!(sheet.policy_of(9), None);
        let filters = Filters::new(&sheet).unwrap();
        assert!(filters.of(8).is_some() && filters.of(9).is_none() && !filters.is_empty());
        let wrong = Sheet { otherwise: Some(2), ..sheet };
        assert!(matches!(Filters::new(&wrong), Err(SheetError::Shape(_))));
    }

    #[test]
    fn the_same_decisions_have_the_same_checksum_for_ever() {
        assert_eq!(sheet().checksum(), "f56d4dbedc037ff03c2055189e1630d491824f8db38df3c1509f49ca1dda8cf8");
    }

    #[test]
    fn agents_start_again_only_for_what_is_set_at_a_start() {
        let before = sheet();
        let shots =
            Settings { screenshots: Some(Screenshots { every_minutes: 5, ..Screenshots::OFF }), ..Settings::default() };
        let after = Sheet { policies: vec![effective(&shots), before.policies[1].clone()], ..before.clone() };
        assert!(after.requires_restart(&before));
        let titles = Settings { windows: Some(WindowDetail::Title), ..Settings::default() };
        let titles = Sheet { policies: vec![effective(&titles), before.policies[1].clone()], ..before.clone() };
        assert!(!titles.requires_restart(&before));
        assert!(!before.requires_restart(&before));
        let nothing = Sheet::undecided(1, None);
        assert!(before.requires_restart(&nothing) && !nothing.requires_restart(&before));
    }
}
