//! How cards and faces are stored. Private to the folder.

use serde::Deserialize;
use serde::Serialize;

use crate::credentials::Card;
use crate::credentials::CardNumber;
use crate::credentials::CredentialsError;
use crate::credentials::Face;
use crate::kernel::EmployeeId;
use crate::kernel::Timestamp;
use crate::store::FileKey;
use crate::store::Read;
use crate::store::Record;
use crate::store::StoreError;
use crate::store::Table;
use crate::store::WriteTx;

pub(super) const CARDS: Table<(EmployeeId, String), CardRecord> = Table::new("cards_v1");
/// Whose a number is.
pub(super) const HOLDERS: Table<String, HolderRecord> = Table::new("card_holders_v1");
pub(super) const FACES: Table<EmployeeId, FaceRecord> = Table::new("faces_v1");
/// Whose a picture is, by its hash.
pub(super) const DIGESTS: Table<([u8; 32], EmployeeId), HolderRecord> = Table::new("face_digests_v1");
/// Files that no record names: not yet, or not any more.
pub(super) const UNUSED: Table<String, UnusedRecord> = Table::new("face_files_unused_v1");

/// Version 1.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CardRecord {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    blocked: bool,
    added_at: Timestamp,
}

/// Version 1.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HolderRecord {
    employee: EmployeeId,
}

/// Version 1.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FaceRecord {
    file: FileKey,
    sha256: String,
    bytes: u64,
    width: u32,
    height: u32,
    added_at: Timestamp,
    by: String,
}

/// Version 1.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnusedRecord {
    pub(super) since: Timestamp,
}

impl Record for CardRecord {}
impl Record for HolderRecord {}
impl Record for FaceRecord {}
impl Record for UnusedRecord {}

impl CardRecord {
    pub(super) fn into_model(self, (employee, number): (EmployeeId, String)) -> Card {
        let Self { label, blocked, added_at } = self;
        Card { number: CardNumber::stored(number), employee, label, blocked, added_at }
    }
}

impl FaceRecord {
    pub(super) fn into_model(self, employee: EmployeeId) -> (Face, FileKey) {
        let Self { file, sha256, bytes, width, height, added_at, by } = self;
        let mut hash = [0; 32];
        // Only `put_face` writes it. A hash that is none opens nothing.
        if hex::decode_to_slice(&sha256, &mut hash).is_err() {
            hash = [0; 32];
        }
        (Face { employee, sha256: hash, bytes, width, height, added_at, by }, file)
    }
}

pub(super) fn cards(tx: &impl Read) -> Result<Vec<Card>, StoreError> {
    Ok(tx.list(&CARDS)?.into_iter().map(|(key, record)| record.into_model(key)).collect())
}

/// The cards of one person, in the order in which they were added.
pub(super) fn cards_of(tx: &impl Read, employee: EmployeeId) -> Result<Vec<Card>, StoreError> {
    let found = tx.list_below(&CARDS, &employee)?.into_iter();
    let mut cards: Vec<_> = found.map(|(key, record)| record.into_model(key)).collect();
    cards.sort_by(|a, b| (a.added_at, &a.number).cmp(&(b.added_at, &b.number)));
    Ok(cards)
}

pub(super) fn card(tx: &impl Read, employee: EmployeeId, number: &CardNumber) -> Result<Option<Card>, StoreError> {
    let key = (employee, number.as_str().to_owned());
    Ok(tx.find(&CARDS, &key)?.map(|record| record.into_model(key)))
}

pub(super) fn put_card(tx: &WriteTx<'_>, card: &Card) -> Result<(), StoreError> {
    let number = card.number.as_str().to_owned();
    let record = CardRecord { label: card.label.clone(), blocked: card.blocked, added_at: card.added_at };
    tx.put(&HOLDERS, &number, &HolderRecord { employee: card.employee })?;
    tx.put(&CARDS, &(card.employee, number), &record)
}

pub(super) fn remove_card(tx: &WriteTx<'_>, card: &Card) -> Result<(), StoreError> {
    let number = card.number.as_str().to_owned();
    tx.remove(&HOLDERS, &number)?;
    tx.remove(&CARDS, &(card.employee, number)).map(drop)
}

pub(super) fn holder(tx: &impl Read, number: &CardNumber) -> Result<Option<EmployeeId>, StoreError> {
    Ok(tx.find(&HOLDERS, &number.as_str().to_owned())?.map(|found| found.employee))
}

pub(super) fn faces(tx: &impl Read) -> Result<Vec<Face>, StoreError> {
    Ok(tx.list(&FACES)?.into_iter().map(|(employee, record)| record.into_model(employee).0).collect())
}

pub(super) fn face(tx: &impl Read, employee: EmployeeId) -> Result<Option<(Face, FileKey)>, StoreError> {
    Ok(tx.find(&FACES, &employee)?.map(|record| record.into_model(employee)))
}

/// The file of a picture with this hash, and somebody whose face it is.
pub(super) fn face_of(tx: &impl Read, sha256: [u8; 32]) -> Result<Option<(Face, FileKey)>, StoreError> {
    match tx.list_below(&DIGESTS, &sha256)?.first() {
        Some(((_, employee), _)) => face(tx, *employee),
        None => Ok(None),
    }
}

/// Puts a face in the place of the one before, whose file is not used from now on.
pub(super) fn put_face(tx: &WriteTx<'_>, face: &Face, file: &FileKey) -> Result<Option<FileKey>, CredentialsError> {
    if !tx.remove(&UNUSED, &file.as_str().to_owned())? {
        // It took so long that the file was taken for a leftover.
        return Err(CredentialsError::FaceLost(face.employee));
    }
    let before = remove_face(tx, face.employee, face.added_at)?;
    let Face { employee, sha256, bytes, width, height, added_at, .. } = *face;
    let (file, by) = (file.clone(), face.by.clone());
    tx.put(&DIGESTS, &(sha256, employee), &HolderRecord { employee })?;
    let record = FaceRecord { file, sha256: hex::encode(sha256), bytes, width, height, added_at, by };
    tx.put(&FACES, &employee, &record)?;
    Ok(before.map(|(_, file)| file))
}

/// Takes a face away; its file is not used from now on.
pub(super) fn remove_face(
    tx: &WriteTx<'_>,
    employee: EmployeeId,
    since: Timestamp,
) -> Result<Option<(Face, FileKey)>, StoreError> {
    let Some((face, file)) = face(tx, employee)? else {
        return Ok(None);
    };
    tx.remove(&DIGESTS, &(face.sha256, employee))?;
    tx.remove(&FACES, &employee)?;
    tx.put(&UNUSED, &file.as_str().to_owned(), &UnusedRecord { since })?;
    Ok(Some((face, file)))
}
