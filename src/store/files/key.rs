//! Names of stored files. They are made here and never come from input.

use jiff::tz::TimeZone;
use sha2::Digest as _;
use sha2::Sha256;

use crate::kernel::OrganizationId;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::kernel::random_bytes;

/// What a file is; the third part of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A picture of a screen.
    Screenshot,
    /// A small picture of a screenshot.
    Thumbnail,
    /// Old events, written down before they were deleted.
    Archive,
    /// A picture of somebody's face.
    Face,
    /// A picture that a terminal took of somebody who passed.
    Passer,
}

impl FileKind {
    /// All of them.
    pub const ALL: [FileKind; 5] =
        [FileKind::Screenshot, FileKind::Thumbnail, FileKind::Archive, FileKind::Face, FileKind::Passer];

    const fn folder(self) -> &'static str {
        match self {
            FileKind::Screenshot => "screenshot",
            FileKind::Thumbnail => "thumbnail",
            FileKind::Archive => "archive",
            FileKind::Face => "face",
            FileKind::Passer => "passer",
        }
    }
}

/// `org/<organization>/<kind>/<yyyy>/<mm>/<dd>/<ulid>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct FileKey(String);

impl FileKey {
    /// A new name for a file of that moment.
    pub fn new(tenant: Tenant, kind: FileKind, at: Timestamp) -> Self {
        Self(format!("{}/{}", folder(tenant, kind, at), ulid(at)))
    }

    /// The name of the only file of something that has a name of its own: whoever asks again gets the same.
    pub fn only(tenant: Tenant, kind: FileKind, at: Timestamp, name: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(name.as_bytes()).into();
        let mut own = [0; 10];
        own.copy_from_slice(&digest[..10]);
        Self(format!("{}/{}", folder(tenant, kind, at), ulid_of(at, own)))
    }

    /// Reads a name that `new` made; anything else is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        let good = parts.next()? == "org"
            && parts.next()?.parse::<u32>().is_ok_and(|number| text.starts_with(&format!("org/{number}/")))
            && parts.next().is_some_and(|name| FileKind::ALL.iter().any(|kind| kind.folder() == name))
            && digits(parts.next()?, 4)
            && digits(parts.next()?, 2)
            && digits(parts.next()?, 2)
            && is_ulid(parts.next()?)
            && parts.next().is_none();
        good.then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whose file it is.
    pub fn organization(&self) -> OrganizationId {
        let number = self.0.split('/').nth(1).and_then(|number| number.parse().ok());
        OrganizationId::new(number.unwrap_or_default())
    }
}

impl std::fmt::Display for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for FileKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not the key of a stored file"))
    }
}

/// The folder of a kind and a UTC day.
pub(super) fn folder(tenant: Tenant, kind: FileKind, day: Timestamp) -> String {
    let date = day.to_zoned(TimeZone::UTC).date();
    let kind = kind.folder();
    format!("org/{}/{kind}/{:04}/{:02}/{:02}", tenant.organization(), date.year(), date.month(), date.day())
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 48 bits of milliseconds and 80 bits of chance in Crockford's base 32, lower case.
fn ulid(at: Timestamp) -> String {
    ulid_of(at, random_bytes())
}

fn ulid_of(at: Timestamp, chance: [u8; 10]) -> String {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0) & 0xffff_ffff_ffff;
    let chance = chance.iter().fold(0_u128, |value, byte| (value << 8) | u128::from(*byte));
    let value = (u128::from(millis) << 80) | chance;
    (0..26).rev().map(|place| char::from(ALPHABET[((value >> (place * 5)) & 31) as usize])).collect()
}

fn is_ulid(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::FileKey;
    use super::FileKind;
    use crate::kernel::Actor;
    use crate::kernel::OrganizationId;

    #[test]
    fn a_key_names_its_organization_kind_and_day() {
        let tenant = Actor::system().tenant(OrganizationId::new(42)).unwrap();
        let key = FileKey::new(tenant, FileKind::Screenshot, "2026-11-23T08:49:21Z".parse().unwrap());
        assert!(key.as_str().starts_with("org/42/screenshot/2026/11/23/01m83sgwk8"), "{key}");
        assert_eq!(FileKey::parse(key.as_str()), Some(key.clone()));
        assert_eq!(key.organization(), OrganizationId::new(42));
    }

    #[test]
    fn what_has_a_name_of_its_own_has_one_key() {
        let tenant = Actor::system().tenant(OrganizationId::new(42)).unwrap();
        let at = "2026-11-23T08:49:21Z".parse().unwrap();
        let key = |name: &str| FileKey::only(tenant, FileKind::Passer, at, name);
        assert_eq!(
            (key("7 1:4711"), FileKey::parse(key("7 1:4711").as_str())),
            (key("7 1:4711"), Some(key("7 1:4711")))
        );
        assert_ne!(key("7 1:4711"), key("7 1:4712"));
    }

    #[test]
    fn nothing_else_is_a_key() {
        let tail = "2026/11/23/01kar5f2m8q4tza7g0cxv3n9pd";
        for text in [
            "".to_owned(),
            format!("org/1/screenshot/{tail}/x"),
            format!("org/01/screenshot/{tail}"),
            format!("org/+1/screenshot/{tail}"),
            format!("org/1/secrets/{tail}"),
            format!("../org/1/screenshot/{tail}"),
            "org/1/screenshot/2026/11/../01kar5f2m8q4tza7g0cxv3n9pd".to_owned(),
            "org/1/screenshot/2026/11/23/../../../../../master.key".to_owned(),
        ] {
            assert_eq!(FileKey::parse(&text), None, "{text}");
        }
        assert!(FileKey::parse(&format!("org/1/screenshot/{tail}")).is_some());
    }
}
