//! Passwords: which are good enough, and the slow hash of them.

use std::sync::Arc;
use std::sync::LazyLock;

use argon2::Algorithm;
use argon2::Argon2;
use argon2::Params;
use argon2::Version;
use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use tokio::sync::Semaphore;

use crate::kernel::Classify;
use crate::kernel::Kind;
use crate::kernel::SecretText;
use crate::runtime::blocking;

/// Shortest password, in letters.
pub(super) const SHORTEST: usize = 10;
/// Letters that a password needs beside the login in it.
const BESIDE_LOGIN: usize = 6;
/// Longest password, in bytes: more than any sentence, less than what would make hashing an attack.
const LONGEST: usize = 1024;
/// Memory in KiB, passes and lanes: the first choice of OWASP for argon2id.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Hashes at the same time; each holds 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Hashes that may wait for their turn.
const IN_LINE: usize = 32;

/// The most common passwords of ten letters and more, lower case.
const COMMON: &str = include_str!("common_passwords.txt");

/// The password is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too easy to try out.
    #[error("password needs at least {SHORTEST} letters")]
    TooShort,
    /// Nobody types that.
    #[error("password is longer than {LONGEST} bytes")]
    TooLong,
    /// The first guess.
    #[error("password is the login or contains it")]
    IsLogin,
    /// The second guess.
    #[error("password is one of the most common ones")]
    Common,
    /// Too many are being hashed.
    #[error("too many logins at the same time")]
    Busy,
}

impl Classify for PasswordError {
    fn kind(&self) -> Kind {
        match self {
            Self::Busy => Kind::Unavailable,
            Self::TooShort | Self::TooLong | Self::IsLogin | Self::Common => Kind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::IsLogin => "password_is_login",
            Self::Common => "password_common",
            Self::Busy => "busy",
        }
    }

    fn field(&self) -> Option<&'static str> {
        (*self != Self::Busy).then_some("password")
    }
}

/// Whether a new password is good enough for this login.
pub(super) fn check(password: &SecretText, login: &str) -> Result<(), PasswordError> {
    let text = password.expose();
    if text.chars().count() < SHORTEST {
        return Err(PasswordError::TooShort);
    }
    if text.len() > LONGEST {
        return Err(PasswordError::TooLong);
    }
    let lower = text.to_lowercase();
    let login = login.to_lowercase();
    // "malika-malika" is the login as well; a login inside of a long sentence is not.
    if lower.contains(&login) && lower.replace(&login, "").chars().count() < BESIDE_LOGIN {
        return Err(PasswordError::IsLogin);
    }
    let mut letters = lower.chars();
    let first = letters.next();
    if letters.all(|letter| Some(letter) == first) || COMMON.lines().any(|common| common == lower) {
        return Err(PasswordError::Common);
    }
    Ok(())
}

/// Hashes passwords, a few at a time.
#[derive(Debug, Clone)]
pub(super) struct Hasher {
    turns: Arc<Semaphore>,
    line: Arc<Semaphore>,
}

impl Hasher {
    pub(super) fn new() -> Self {
        // Made now, so that the first unknown login does not take longer than the others.
        LazyLock::force(&NOBODY);
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), line: Arc::new(Semaphore::new(AT_ONCE + IN_LINE)) }
    }

    /// The hash to be stored.
    pub(super) async fn hash(&self, password: &SecretText) -> Result<String, PasswordError> {
        let password = password.clone();
        self.in_turn(move || hash(&password)).await
    }

    /// Whether the password belongs to the stored hash. Without a hash it takes as long and answers no.
    pub(super) async fn verify(&self, password: &SecretText, stored: Option<String>) -> Result<bool, PasswordError> {
        if password.expose().len() > LONGEST {
            return Ok(false);
        }
        let password = password.clone();
        self.in_turn(move || match stored {
            Some(stored) => verify(&password, &stored),
            None => {
                verify(&password, &NOBODY);
                false
            }
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
        let _place = self.line.try_acquire().map_err(|_| PasswordError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        // The turn goes along: when the caller gives up, the work still holds its core.
        Ok(blocking(move || {
            let _turn = turn;
            work()
        })
        .await)
    }
}

/// A hash that belongs to nobody, for logins that do not exist.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash(&SecretText::random("")));

fn argon2() -> Argon2<'static> {
    let params = Params::new(COST.0, COST.1, COST.2, None).expect("the constants above are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &SecretText) -> String {
    let hashed = argon2().hash_password(password.expose().as_bytes());
    hashed.expect("a password of bounded length and a salt from the system can be hashed").to_string()
}

fn verify(password: &SecretText, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|stored| argon2().verify_password(password.expose().as_bytes(), &stored).is_ok())
}

#[cfg(test)]
mod tests {
    use super::PasswordError;
    use super::check;
    use super::hash;
    use super::verify;
    use crate::kernel::SecretText;

    #[test]
    fn a_password_is_long_and_not_the_first_guess() {
        let checked = |text: &str| check(&SecretText::new(text), "malika");
        assert_eq!(checked("short1234"), Err(PasswordError::TooShort));
        assert_eq!(checked("Malika2026"), Err(PasswordError::IsLogin));
        assert_eq!(checked("malika-malika"), Err(PasswordError::IsLogin));
        assert_eq!(checked("Password123"), Err(PasswordError::Common));
        assert_eq!(checked("1234567890"), Err(PasswordError::Common));
        assert_eq!(checked("aaaaaaaaaaaa"), Err(PasswordError::Common));
        assert_eq!(checked(&"x1".repeat(600)), Err(PasswordError::TooLong));
        assert_eq!(checked("malika went to Samarkand by train"), Ok(()));
        assert_eq!(checked("\u{43a}\u{43e}\u{448}\u{43a}\u{430}-\u{434}\u{43e}\u{43c}\u{430}"), Ok(()));
    }

    #[test]
    fn only_the_same_password_is_verified() {
        let stored = hash(&SecretText::new("correct horse"));
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify(&SecretText::new("correct horse"), &stored));
        assert!(!verify(&SecretText::new("correct hors"), &stored));
        assert!(!verify(&SecretText::new("correct horse"), "not a hash"));
    }
}
