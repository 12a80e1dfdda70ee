//! Who was observed: a computer and an operating system account on it.

use sha2::Digest as _;
use sha2::Sha256;

/// A computer and an account as they were observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity<'a> {
    /// The machine's stable id.
    pub computer_uid: &'a str,
    /// Security identifier of the account, where the system has one.
    pub user_sid: Option<&'a str>,
    /// Name of the account, `DOMAIN\name` or plain.
    pub user_name: Option<&'a str>,
}

/// The number under which rows of this account are stored: the first eight bytes of SHA-256 over the computer, the
/// byte 1F and the account (its SID, or else its name in lower case). It depends on nothing but what was observed, so
/// it survives any restore.
pub fn account_of(identity: Identity<'_>) -> i64 {
    let mut hash = Sha256::new();
    hash.update(identity.computer_uid.as_bytes());
    hash.update([0x1f]);
    match (identity.user_sid, identity.user_name) {
        (Some(sid), _) if !sid.is_empty() => hash.update(sid.as_bytes()),
        (_, Some(name)) => hash.update(name.to_lowercase().as_bytes()),
        _ => {}
    }
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk::<8>().map_or(0, |head| i64::from_be_bytes(*head))
}

#[cfg(test)]
mod tests {
    use super::Identity;
    use super::account_of;

    #[test]
    fn the_sid_decides_and_names_ignore_case() {
        let of = |user_sid, user_name| account_of(Identity { computer_uid: "pc-1", user_sid, user_name });
        assert_eq!(of(Some("S-1-5-21"), Some("a")), of(Some("S-1-5-21"), Some("b")));
        assert_eq!(of(None, Some("OFIS\\Dilnoza")), of(Some(""), Some("ofis\\dilnoza")));
        assert_ne!(of(None, Some("a")), of(None, Some("b")));
    }

    #[test]
    fn the_number_never_changes() {
        let identity = Identity { computer_uid: "pc-1", user_sid: None, user_name: Some("dilnoza") };
        assert_eq!(account_of(identity), 6_091_841_317_465_946_108);
    }
}
