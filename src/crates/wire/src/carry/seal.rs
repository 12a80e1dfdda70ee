//! Sealing pieces and opening them again.

use aws_lc_rs::aead::AES_256_GCM;
use aws_lc_rs::aead::Aad;
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::aead::Nonce;
use aws_lc_rs::aead::UnboundKey;
use aws_lc_rs::hkdf::HKDF_SHA256;
use aws_lc_rs::hkdf::Salt;
use sha2::Digest as _;
use sha2::Sha256;

use crate::carry::CarryError;
use crate::carry::END;
use crate::carry::Head;
use crate::carry::Label;
use crate::carry::MAGIC;
use crate::carry::MAX_FRAME;
use crate::carry::PIECE;
use crate::carry::Piece;
use crate::carry::Totals;

const TAG: usize = 16;

/// Tells which secret seals a file and says nothing about it: 16 hexadecimal digits.
pub fn key_id(secret: &[u8; 32]) -> String {
    let digest = Sha256::new().chain_update(b"nazorat carry key\0").chain_update(secret).finalize();
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The key of one file, and the number of the next frame.
struct Cipher {
    key: LessSafeKey,
    head: [u8; 32],
    number: u64,
}

impl Cipher {
    fn new(head: &[u8], salt: &str, secret: &[u8; 32]) -> Self {
        let mut key = [0; 32];
        Salt::new(HKDF_SHA256, salt.as_bytes())
            .extract(secret)
            .expand(&[b"nazorat carry 1"], HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut key))
            .expect("HKDF gives 32 bytes for any information");
        let key = UnboundKey::new(&AES_256_GCM, &key).expect("a key of 32 bytes is what AES-256 takes");
        Self { key: LessSafeKey::new(key), head: Sha256::digest(head).into(), number: 0 }
    }

    fn nonce(&self) -> Nonce {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.number.to_le_bytes());
        Nonce::assume_unique_for_key(nonce)
    }

    fn beside(&self, letter: u8, told: &[u8]) -> Vec<u8> {
        [&self.head[..], &[letter], told].concat()
    }
}

/// Makes the bytes of a file, one after the other.
pub struct Sealer(Cipher);

impl Sealer {
    /// Begins a file: the bytes at its start.
    pub fn begin(head: &Head, secret: &[u8; 32]) -> (Self, Vec<u8>) {
        let text = serde_json::to_vec(head).expect("texts always turn into JSON");
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes();
        let bytes = [&MAGIC[..], &length, &text].concat();
        (Self(Cipher::new(&text, &head.salt, secret)), bytes)
    }

    /// The bytes of a piece.
    pub fn seal(&mut self, piece: &Piece) -> Result<Vec<u8>, CarryError> {
        let label = serde_json::to_vec(&piece.label).expect("texts always turn into JSON");
        let length = 4 + label.len() + piece.body.len() + TAG;
        if length > MAX_FRAME {
            return Err(CarryError::TooLarge(piece.body.len()));
        }
        let mut sealed = Vec::with_capacity(length);
        sealed.extend_from_slice(&u32::try_from(label.len()).unwrap_or(u32::MAX).to_le_bytes());
        sealed.extend_from_slice(&label);
        sealed.extend_from_slice(&piece.body);
        self.close(PIECE, &mut sealed, &[]);
        Ok(frame(PIECE, &sealed))
    }

    /// The bytes at the end.
    pub fn end(mut self, totals: &Totals) -> Vec<u8> {
        let text = serde_json::to_vec(totals).expect("numbers and times always turn into JSON");
        let mut tag = Vec::new();
        self.close(END, &mut tag, &text);
        frame(END, &[text, tag].concat())
    }

    fn close(&mut self, letter: u8, text: &mut Vec<u8>, told: &[u8]) {
        let beside = self.0.beside(letter, told);
        self.0
            .key
            .seal_in_place_append_tag(self.0.nonce(), Aad::from(&beside), text)
            .expect("AES-GCM seals anything of this size");
        self.0.number += 1;
    }
}

fn frame(letter: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&[letter][..], &length, body].concat()
}

/// What a frame holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Something that waited.
    Piece(Piece),
    /// There is nothing more.
    End(Totals),
}

/// Opens the frames of a file in their order.
pub struct Opener(Cipher);

impl Opener {
    /// Takes the head as it stands in the file.
    pub fn new(head: &[u8], secret: &[u8; 32]) -> Result<Self, CarryError> {
        let read: Head = serde_json::from_slice(head).map_err(|_| CarryError::Foreign)?;
        Ok(Self(Cipher::new(head, &read.salt, secret)))
    }

    /// Opens the next frame: its letter and its bytes.
    pub fn open(&mut self, letter: u8, body: &[u8]) -> Result<Opened, CarryError> {
        let opened = match letter {
            PIECE => {
                let mut text = body.to_vec();
                self.check(PIECE, &mut text, &[])?;
                text.truncate(text.len().saturating_sub(TAG));
                Opened::Piece(piece(&text).ok_or(CarryError::Sealed)?)
            }
            END => {
                let at = body.len().checked_sub(TAG).ok_or(CarryError::Sealed)?;
                let (told, tag) = body.split_at(at);
                self.check(END, &mut tag.to_vec(), told)?;
                Opened::End(serde_json::from_slice(told).map_err(|_| CarryError::Sealed)?)
            }
            _ => return Err(CarryError::Sealed),
        };
        self.0.number += 1;
        Ok(opened)
    }

    fn check(&self, letter: u8, text: &mut [u8], told: &[u8]) -> Result<(), CarryError> {
        let beside = self.0.beside(letter, told);
        let opened = self.0.key.open_in_place(self.0.nonce(), Aad::from(&beside), text);
        opened.map(drop).map_err(|_| CarryError::Sealed)
    }
}

fn piece(text: &[u8]) -> Option<Piece> {
    let (length, rest) = text.split_first_chunk::<4>()?;
    let (label, body) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let label: Label = serde_json::from_slice(label).ok()?;
    Some(Piece { label, body: body.to_vec() })
}
