//! People as devices keep them, in records of 28 or 72 bytes.

use super::text;
use super::u16_at;
use super::u32_at;

/// How a device writes people down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 28 bytes, numbers only.
    Short,
    /// 72 bytes.
    Long,
}

impl Size {
    /// In bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Short => 28,
            Self::Long => 72,
        }
    }

    /// What the records of so many people are made of.
    pub fn detect(total: usize, users: u32) -> Option<Self> {
        let users = users as usize;
        let exact = [Self::Short, Self::Long].into_iter().find(|size| users > 0 && size.bytes() * users == total);
        // Somebody may have been added between the two questions.
        let fits = |size: &Self| total > 0 && total.is_multiple_of(size.bytes());
        exact.or_else(|| match (fits(&Self::Short), fits(&Self::Long)) {
            (true, false) => Some(Self::Short),
            (false, true) => Some(Self::Long),
            _ => None,
        })
    }
}

/// One person, byte by byte, so that what nobody understands is written back as it was.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    bytes: Vec<u8>,
    size: Size,
}

impl std::fmt::Debug for Record {
    // It holds names, cards and passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("uid", &self.uid()).finish_non_exhaustive()
    }
}

/// Why somebody cannot be written down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Only digits.
    #[error("this device knows people by numbers of up to 9 digits only")]
    Number,
    /// Too long.
    #[error("this device takes numbers of up to 24 letters and digits")]
    Long,
    /// No such card.
    #[error("this device takes card numbers from 1 to 4294967295")]
    Card,
}

/// The bit of the privilege that means disabled.
const DISABLED: u8 = 1;

impl Record {
    /// Reads as many as there are.
    pub fn read_all(bytes: &[u8], size: Size) -> Vec<Self> {
        bytes.chunks_exact(size.bytes()).map(|one| Self { bytes: one.to_vec(), size }).collect()
    }

    /// Reads one by its length.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let size = [Size::Short, Size::Long].into_iter().find(|size| size.bytes() == bytes.len())?;
        Some(Self { bytes: bytes.to_vec(), size })
    }

    /// Somebody new, without rights.
    pub fn new(size: Size, uid: u16, number: &str) -> Result<Self, RecordError> {
        let mut record = Self { bytes: vec![0; size.bytes()], size };
        record.put(0, &uid.to_le_bytes(), 2);
        match size {
            Size::Short => {
                let digits = number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit());
                // 007 would come back as 7, and so be somebody else.
                let number = number.parse::<u32>().ok().filter(|parsed| digits && parsed.to_string() == number);
                record.put(24, &number.ok_or(RecordError::Number)?.to_le_bytes(), 4);
                record.put(21, &[1], 1);
            }
            Size::Long if number.len() > 24 => return Err(RecordError::Long),
            Size::Long => {
                record.put(48, number.as_bytes(), 24);
                record.put(40, b"1", 7);
            }
        }
        Ok(record)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Index in the device. It is not the number of the person.
    pub fn uid(&self) -> u16 {
        u16_at(&self.bytes, 0).unwrap_or(0)
    }

    /// The number that the person types, and that records bear.
    pub fn number(&self) -> String {
        match self.size {
            Size::Short => u32_at(&self.bytes, 24).unwrap_or(0).to_string(),
            Size::Long => text(self.bytes.get(48..72).unwrap_or_default()),
        }
    }

    /// The name.
    pub fn name(&self) -> String {
        let (from, to) = self.name_range();
        text(self.bytes.get(from..to).unwrap_or_default())
    }

    /// The card; 0 is none.
    pub fn card(&self) -> u32 {
        u32_at(&self.bytes, self.card_at()).unwrap_or(0)
    }

    /// Whether they have rights at the device.
    pub fn is_admin(&self) -> bool {
        self.privilege() & !DISABLED != 0
    }

    fn privilege(&self) -> u8 {
        self.bytes.get(2).copied().unwrap_or(0)
    }

    /// Gives rights; simulators do.
    pub fn set_privilege(&mut self, privilege: u8) {
        self.put(2, &[privilege], 1);
    }

    /// Gives a password; simulators do.
    pub fn set_password(&mut self, password: &str) {
        let most = if self.size == Size::Short { 5 } else { 8 };
        self.put(3, password.as_bytes(), most);
    }

    /// Gives another name, cut to what fits.
    pub fn set_name(&mut self, name: &str) {
        let (from, to) = self.name_range();
        // The last byte stays 0 for devices that look for it.
        let mut end = name.len().min(to - from - 1);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        self.put(from, name.get(..end).unwrap_or_default().as_bytes(), to - from);
    }

    /// Gives a card, or takes it.
    pub fn set_card(&mut self, card: Option<&str>) -> Result<(), RecordError> {
        let card = card.map_or(Ok(0), |card| match card.parse::<u32>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(RecordError::Card),
        })?;
        self.put(self.card_at(), &card.to_le_bytes(), 4);
        Ok(())
    }

    const fn name_range(&self) -> (usize, usize) {
        match self.size {
            Size::Short => (8, 16),
            Size::Long => (11, 35),
        }
    }

    const fn card_at(&self) -> usize {
        match self.size {
            Size::Short => 16,
            Size::Long => 35,
        }
    }

    /// Writes into a field, and zeros behind.
    fn put(&mut self, at: usize, bytes: &[u8], width: usize) {
        if let Some(field) = self.bytes.get_mut(at..at + width) {
            for (place, byte) in field.iter_mut().enumerate() {
                *byte = bytes.get(place).copied().unwrap_or(0);
            }
        }
    }
}
