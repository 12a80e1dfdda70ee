//! The master key, the keys derived from it, and sealing of small secrets.
//!
//! `DATA/master.key` holds 32 random bytes as hexadecimal digits and is readable by its owner only. No key is used
//! for two purposes: each comes out of HKDF-SHA256 with its purpose and organization as the information.
//!
//! A sealed secret, byte by byte: `1` (the form), 4 bytes key id, 12 bytes random nonce, then the AES-256-GCM
//! ciphertext with its 16-byte tag. The context (where the secret belongs) is authenticated with it, so that a sealed
//! value moved to another record does not open.

use std::fs::File;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::aead::AES_256_GCM;
use aws_lc_rs::aead::Aad;
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::aead::Nonce;
use aws_lc_rs::aead::UnboundKey;
use aws_lc_rs::hkdf::HKDF_SHA256;
use aws_lc_rs::hkdf::Prk;
use aws_lc_rs::hkdf::Salt;
use zeroize::Zeroizing;

use crate::kernel::Tenant;
use crate::kernel::random_bytes;
use crate::store::DataFolder;
use crate::store::FolderError;
use crate::store::write_durably;

/// The form of a sealed secret.
const FORM: u8 = 1;
const KEY_ID: usize = 4;
pub(super) const NONCE: usize = 12;
pub(super) const TAG: usize = 16;

/// The master key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file cannot be read or written.
    #[error("master key {path} cannot be used")]
    Io {
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others may read it.
    #[error("master key {0} can be read by others; take the right away with `chmod 600`, and think about who had it")]
    Open(PathBuf),
    /// The file holds something else.
    #[error("master key {0} is damaged; put it back from a backup")]
    Damaged(PathBuf),
    /// A used folder without its key.
    #[error("master key {0} is missing, and without it the stored files cannot be read; put it back from a backup")]
    Missing(PathBuf),
    /// The folder around it is at fault.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// A secret does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Sealed with the key of another installation.
    #[error("secret was sealed with another master key")]
    OtherKey,
    /// Changed, cut, or of another context.
    #[error("sealed secret is damaged")]
    Damaged,
}

/// The master key of an installation. Cheap to clone; wiped when the last one is dropped.
#[derive(Clone)]
pub struct MasterKey(Arc<Prk>);

impl MasterKey {
    /// Reads the key, or makes one in a folder that was never initialised.
    pub fn open(folder: &DataFolder) -> Result<Self, MasterKeyError> {
        let path = folder.path().join("master.key");
        let io = |source| MasterKeyError::Io { path: path.clone(), source };
        match File::open(&path) {
            Ok(file) => {
                if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
                    return Err(MasterKeyError::Open(path));
                }
                let text = Zeroizing::new(std::io::read_to_string(file).map_err(io)?);
                let mut bytes = Zeroizing::new([0; 32]);
                match hex::decode_to_slice(text.trim(), &mut *bytes) {
                    Ok(()) => Ok(Self::from_bytes(&bytes)),
                    Err(_) => Err(MasterKeyError::Damaged(path)),
                }
            }
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
                if folder.sentinel()?.is_some() {
                    return Err(MasterKeyError::Missing(path));
                }
                let bytes = Zeroizing::new(random_bytes::<32>());
                let text = Zeroizing::new(hex::encode(*bytes) + "\n");
                write_durably(&path, text.as_bytes()).map_err(io)?;
                Ok(Self::from_bytes(&bytes))
            }
            Err(source) => Err(MasterKeyError::Io { path, source }),
        }
    }

    /// A key for tests and tools that have none.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Arc::new(Salt::new(HKDF_SHA256, b"nazorat master key v1").extract(bytes)))
    }

    /// Seals a small secret for one place, such as `device 12 password`.
    pub fn seal(&self, context: &str, secret: &[u8]) -> Vec<u8> {
        let nonce = random_bytes::<NONCE>();
        let mut sealed = vec![FORM];
        sealed.extend_from_slice(&self.id());
        sealed.extend_from_slice(&nonce);
        let mut body = Zeroizing::new(secret.to_vec());
        let tag = self
            .cipher(&["secret", context])
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut body)
            .expect("a secret is far below the limit of AES-GCM");
        sealed.extend_from_slice(&body);
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens what `seal` made for the same place.
    pub fn unseal(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (&form, rest) = sealed.split_first().ok_or(SealError::Damaged)?;
        let (id, rest) = rest.split_first_chunk::<KEY_ID>().ok_or(SealError::Damaged)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or(SealError::Damaged)?;
        if form != FORM {
            return Err(SealError::Damaged);
        }
        if *id != self.id() {
            return Err(SealError::OtherKey);
        }
        let mut body = Zeroizing::new(body.to_vec());
        let length = self
            .cipher(&["secret", context])
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut body)
            .map_err(|_| SealError::Damaged)?
            .len();
        body.truncate(length);
        Ok(body)
    }

    /// Tells one master key from another without saying anything about it.
    pub(super) fn id(&self) -> [u8; KEY_ID] {
        let mut id = [0; KEY_ID];
        let key = self.derive(&["id"]);
        id.copy_from_slice(key.get(..KEY_ID).unwrap_or_default());
        id
    }

    /// The key of one file of one organization.
    pub(super) fn file_cipher(&self, tenant: Tenant, salt: &[u8; 16]) -> LessSafeKey {
        self.cipher(&["file", &tenant.organization().to_string(), &hex::encode(salt)])
    }

    fn cipher(&self, purpose: &[&str]) -> LessSafeKey {
        let key = self.derive(purpose);
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*key).expect("a key of 32 bytes is what AES-256 takes"))
    }

    fn derive(&self, purpose: &[&str]) -> Zeroizing<[u8; 32]> {
        // The zero byte keeps ("ab", "c") and ("a", "bc") apart.
        let purpose: Vec<&[u8]> = purpose.iter().flat_map(|part| [part.as_bytes(), b"\0"]).collect();
        let mut key = Zeroizing::new([0; 32]);
        self.0
            .expand(&purpose, HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut *key))
            .expect("HKDF gives 32 bytes for any information");
        key
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::MasterKey;
    use super::MasterKeyError;
    use super::SealError;
    use crate::store::DataFolder;
    use crate::store::InstallId;

    #[test]
    fn a_secret_opens_only_where_it_was_sealed() {
        let key = MasterKey::from_bytes(&[7; 32]);
        let sealed = key.seal("device 12", b"1234");
        assert_eq!(key.unseal("device 12", &sealed).unwrap().as_slice(), b"1234");
        assert_eq!(key.unseal("device 13", &sealed), Err(SealError::Damaged));
        assert_eq!(MasterKey::from_bytes(&[8; 32]).unseal("device 12", &sealed), Err(SealError::OtherKey));
        for length in 0..sealed.len() {
            assert!(key.unseal("device 12", &sealed[..length]).is_err());
        }
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::lock(dir.path()).unwrap();
        MasterKey::open(&folder).unwrap();
        let path = dir.path().join("master.key");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(MasterKey::open(&folder), Err(MasterKeyError::Open(_))));
    }

    #[test]
    fn a_used_folder_never_gets_a_second_key() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::lock(dir.path()).unwrap();
        let id = MasterKey::open(&folder).unwrap().id();
        folder.initialise(InstallId::new()).unwrap();
        assert_eq!(MasterKey::open(&folder).unwrap().id(), id);
        std::fs::remove_file(dir.path().join("master.key")).unwrap();
        assert!(matches!(MasterKey::open(&folder), Err(MasterKeyError::Missing(_))));
    }
}
