//! Secrets that do not show themselves, and the one source of chance.

use sha2::Digest as _;
use sha2::Sha256;

/// Text that `Debug` does not print and that is wiped when dropped.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// Takes over a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A new random secret of 160 bits: prefix, then lower-case base 32 without padding.
    pub fn random(prefix: &str) -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let bytes: [u8; 32] = random_bytes();
        let tail = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
        Self(prefix.chars().chain(tail).collect())
    }

    /// Shows the secret: call it only where it leaves for its owner or is checked.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored instead of the secret. Only for secrets with at least 128 random bits, never for passwords.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.0.as_bytes())
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// SHA-256 of a random secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Hashes bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Wraps stored bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = hex::decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("an operating system without randomness cannot run a server");
    bytes
}

#[cfg(test)]
mod tests {
    use super::SecretText;

    #[test]
    fn a_secret_does_not_print_itself() {
        let secret = SecretText::random("nz_");
        assert!(secret.expose().starts_with("nz_") && secret.expose().len() == 35);
        assert_eq!(format!("{secret:?}"), "SecretText(..)");
        assert_ne!(secret.fingerprint(), SecretText::random("nz_").fingerprint());
    }
}
