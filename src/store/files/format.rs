//! The form of an encrypted file: a header, then chunks.
//!
//! Header, 32 bytes:
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 4 | `NZF1` |
//! | 4 | 4 | key id: which master key |
//! | 8 | 16 | salt: the file's own key is derived from master key, organization and this |
//! | 24 | 7 | nonce prefix, random |
//! | 31 | 1 | size of a chunk as a power of two: 16 |
//!
//! Then chunks of 65,536 bytes of content (the last one 0 to 65,536), each sealed with AES-256-GCM and followed by
//! its 16-byte tag. The nonce of a chunk is the prefix, the number of the chunk (4 bytes, big endian, from 0) and one
//! byte that is 1 for the last chunk and 0 for all others. The header and the key of the file are authenticated with
//! every chunk, so chunks cannot be cut off, moved, repeated or put into another file.

use aws_lc_rs::aead::Aad;
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::aead::Nonce;

use super::FileKey;
use crate::kernel::Tenant;
use crate::kernel::random_bytes;
use crate::store::MasterKey;
use crate::store::seal::NONCE;
use crate::store::seal::TAG;

/// Content of a chunk.
pub(super) const CHUNK: usize = 1 << 16;
/// A chunk as it is stored.
pub(super) const SEALED: usize = CHUNK + TAG;
/// Length of the header.
pub(super) const HEADER: usize = 32;
const MAGIC: &[u8; 4] = b"NZF1";
const CHUNK_POWER: u8 = 16;

/// The bytes are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    OtherKey,
    Damaged,
}

/// Where a chunk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Inside,
    Last,
}

/// Seals and opens the chunks of one file.
pub(super) struct Cipher {
    key: LessSafeKey,
    header: [u8; HEADER],
    authenticated: Vec<u8>,
}

impl Cipher {
    /// For a new file.
    pub(super) fn new(master: &MasterKey, tenant: Tenant, key: &FileKey) -> Self {
        let mut header = [0; HEADER];
        let chance: [u8; 23] = random_bytes();
        header[..4].copy_from_slice(MAGIC);
        header[4..8].copy_from_slice(&master.id());
        header[8..31].copy_from_slice(&chance);
        header[31] = CHUNK_POWER;
        Self::with_header(master, tenant, key, header)
    }

    /// For a file that begins with these bytes.
    pub(super) fn open(master: &MasterKey, tenant: Tenant, key: &FileKey, header: &[u8]) -> Result<Self, Broken> {
        let header: [u8; HEADER] = header.try_into().map_err(|_| Broken::Damaged)?;
        if header[..4] != *MAGIC || header[31] != CHUNK_POWER {
            return Err(Broken::Damaged);
        }
        if header[4..8] != master.id() {
            return Err(Broken::OtherKey);
        }
        Ok(Self::with_header(master, tenant, key, header))
    }

    fn with_header(master: &MasterKey, tenant: Tenant, key: &FileKey, header: [u8; HEADER]) -> Self {
        let mut salt = [0; 16];
        salt.copy_from_slice(&header[8..24]);
        let mut authenticated = header.to_vec();
        authenticated.extend_from_slice(key.as_str().as_bytes());
        Self { key: master.file_cipher(tenant, &salt), header, authenticated }
    }

    /// The first bytes of the file.
    pub(super) const fn header(&self) -> &[u8; HEADER] {
        &self.header
    }

    /// Appends a sealed chunk.
    pub(super) fn seal(&self, number: u32, place: Place, content: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(content);
        let body = out.get_mut(start..).unwrap_or_default();
        let tag = self
            .key
            .seal_in_place_separate_tag(self.nonce(number, place), Aad::from(&self.authenticated), body)
            .expect("a chunk is far below the limit of AES-GCM");
        out.extend_from_slice(tag.as_ref());
    }

    /// Opens a chunk in its own bytes.
    pub(super) fn unseal(&self, number: u32, place: Place, mut sealed: Vec<u8>) -> Result<Vec<u8>, Broken> {
        let length = self
            .key
            .open_in_place(self.nonce(number, place), Aad::from(&self.authenticated), &mut sealed)
            .map_err(|_| Broken::Damaged)?
            .len();
        sealed.truncate(length);
        Ok(sealed)
    }

    fn nonce(&self, number: u32, place: Place) -> Nonce {
        let mut nonce = [0; NONCE];
        nonce[..7].copy_from_slice(&self.header[24..31]);
        nonce[7..11].copy_from_slice(&number.to_be_bytes());
        nonce[11] = u8::from(place == Place::Last);
        Nonce::assume_unique_for_key(nonce)
    }
}

/// How much content a file of this stored length holds; `None` when no file can have it.
pub(super) fn content_length(stored: u64) -> Option<u64> {
    let body = stored.checked_sub(HEADER as u64)?;
    let chunks = body.div_ceil(SEALED as u64);
    let tags = chunks.checked_mul(TAG as u64)?;
    let content = body.checked_sub(tags)?;
    // An empty file is one empty chunk; any other last chunk holds something.
    let last = body - chunks.checked_sub(1)? * SEALED as u64;
    (chunks == 1 && last >= TAG as u64 || last > TAG as u64).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::CHUNK;
    use super::HEADER;
    use super::SEALED;
    use super::TAG;
    use super::content_length;

    #[test]
    fn stored_length_tells_the_length_of_the_content() {
        for content in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let chunks = content.div_ceil(CHUNK).max(1);
            assert_eq!(content_length((HEADER + content + chunks * TAG) as u64), Some(content as u64));
        }
        for stored in [0, HEADER, HEADER + TAG - 1, HEADER + SEALED + TAG] {
            assert_eq!(content_length(stored as u64), None, "{stored}");
        }
    }
}
