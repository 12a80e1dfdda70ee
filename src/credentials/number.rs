//! A card's number, however it was typed.
//!
//! Terminals report cards as decimal numbers, readers at a desk type them with zeros before them, people copy what is
//! printed on the card, and telephones show the bytes of the chip. One card has one number here:
//!
//! | typed | read as | because |
//! |---|---|---|
//! | `0008106606` | `8106606` | zeros before a decimal number say nothing |
//! | `123,45678` | `8106606` | the same card, as facility and card (Wiegand): facility times 65,536 and the card |
//! | `0x7BB26E` | `8106606` | a hexadecimal number says so |
//! | `04:A2:2F:B2` | `77737906` | 4, 7 or 10 bytes of a chip, the first byte being the highest |
//! | `12-34 56` | `123456` | blanks and hyphens divide digits for the eye only |
//! | `ab12` | `AB12` | letters stay, for terminals that take them |
//!
//! Some readers take a chip's bytes from the other end. The number is shown after it was read, and the entry log shows what
//! a terminal made of the card, so that the two can be compared.

/// The most letters and digits that a terminal takes.
const MOST: usize = 32;

/// A card's number: 1 to 32 letters A to Z and digits, without zeros before a decimal number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardNumber(String);

/// What was typed is no number of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing.
    #[error("card number is missing")]
    Missing,
    /// Something that no card has.
    #[error("card number holds something else than digits and the letters A to Z")]
    Letters,
    /// Terminals take no more.
    #[error("card number is longer than 32 letters and digits")]
    TooLong,
    /// Terminals write zero where there is no card.
    #[error("card number is zero, which stands for no card")]
    Zero,
    /// A comma that does not divide facility and card.
    #[error("facility and card are two numbers up to 65535, such as 123,45678")]
    Facility,
}

impl CardNumber {
    /// Reads what was typed.
    pub fn parse(typed: &str) -> Result<Self, NumberError> {
        let kept: String = typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
        if let Some((facility, card)) = kept.split_once(',') {
            return Self::of_facility(facility, card);
        }
        if let Some(bytes) = chip(&kept) {
            return Self::of_number(bytes);
        }
        let kept = kept.replace(':', "").to_ascii_uppercase();
        if let Some(digits) = kept.strip_prefix("0X") {
            // No number of 32 digits is longer in hexadecimal ones.
            return match u128::from_str_radix(digits, 16) {
                Ok(number) if !digits.starts_with('+') => Self::of_number(number),
                _ => Err(if digits.len() > MOST { NumberError::TooLong } else { NumberError::Letters }),
            };
        }
        Self::of_text(&kept)
    }

    fn of_facility(facility: &str, card: &str) -> Result<Self, NumberError> {
        let half = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse::<u16>().map_err(|_| NumberError::Facility),
            false => Err(NumberError::Facility),
        };
        Self::of_number((u128::from(half(facility)?) << 16) | u128::from(half(card)?))
    }

    fn of_number(number: u128) -> Result<Self, NumberError> {
        Self::of_text(&number.to_string())
    }

    fn of_text(text: &str) -> Result<Self, NumberError> {
        if text.is_empty() {
            return Err(NumberError::Missing);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(NumberError::Letters);
        }
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit());
        let text = if is_decimal { text.trim_start_matches('0') } else { text };
        match text.len() {
            0 => Err(NumberError::Zero),
            1..=MOST => Ok(Self(text.to_owned())),
            _ => Err(NumberError::TooLong),
        }
    }

    /// What was read once and stored.
    pub(super) const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its end, for the audit log: the last four, and never more than half of it.
    pub fn tail(&self) -> &str {
        let shown = 4.min(self.0.len() / 2);
        self.0.get(self.0.len() - shown..).unwrap_or_default()
    }
}

impl std::str::FromStr for CardNumber {
    type Err = NumberError;

    fn from_str(typed: &str) -> Result<Self, NumberError> {
        Self::parse(typed)
    }
}

impl std::fmt::Display for CardNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The bytes of a chip, when they are written in pairs with colons between them.
fn chip(text: &str) -> Option<u128> {
    let pairs: Vec<&str> = text.split(':').collect();
    let is_pair = |pair: &&str| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    (matches!(pairs.len(), 4 | 7 | 10) && pairs.iter().all(is_pair))
        .then(|| u128::from_str_radix(&pairs.concat(), 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::prop_assert;
    use proptest::prelude::prop_assert_eq;
    use proptest::prelude::proptest;

    use super::CardNumber;
    use super::NumberError;

    #[track_caller]
    fn check(typed: &str, read: Result<&str, NumberError>) {
        assert_eq!(CardNumber::parse(typed).as_ref().map(CardNumber::as_str), read.as_ref().copied(), "{typed}");
    }

    #[test]
    fn one_card_has_one_number_however_it_is_typed() {
        for typed in ["8106606", "0008106606", " 81 06-606\r\n", "81:06606", "123,45678", "00123, 45678", "0x7bb26e"] {
            check(typed, Ok("8106606"));
        }
        check("04:a2:2f:b2", Ok("77737906"));
        check("00:00:00:0a", Ok("10"));
        check("04:A2:2F:B2:01:02:03", Ok("1304225640415747"));
        check("12-34 56", Ok("123456"));
        check("ab:12", Ok("AB12"));
        check("00ab", Ok("00AB"));
        check("65535,65535", Ok("4294967295"));
        check(&"9".repeat(32), Ok(&"9".repeat(32)));
        check(&format!("{}1", "0".repeat(60)), Ok("1"));
    }

    #[test]
    fn what_is_no_number_says_why() {
        for typed in ["", "  ", "-", "::"] {
            check(typed, Err(NumberError::Missing));
        }
        for typed in ["0", "000", "0,0", "0x0", "00:00:00:00"] {
            check(typed, Err(NumberError::Zero));
        }
        for typed in ["\u{43a}\u{430}", "12/3", "\u{661}\u{662}", "0x", "0xG1", "0x+1", "a\u{0}b"] {
            check(typed, Err(NumberError::Letters));
        }
        for typed in ["65536,1", "1,65536", "1,2,3", ",1", "1,", "1,a", "+1,2"] {
            check(typed, Err(NumberError::Facility));
        }
        check(&"A".repeat(33), Err(NumberError::TooLong));
        check(&"9".repeat(33), Err(NumberError::TooLong));
        check(&format!("0x{}", "F".repeat(33)), Err(NumberError::TooLong));
    }

    #[test]
    fn the_end_never_gives_the_number_away() {
        let tail = |typed: &str| CardNumber::parse(typed).unwrap().tail().to_owned();
        assert_eq!(["8106606", "12345678901", "1234", "12", "7"].map(tail), ["606", "8901", "34", "2", ""]);
    }

    proptest! {
        #[test]
        fn a_number_is_read_as_itself(typed in "[0-9A-Fa-fxX:, -]{0,40}|\\PC{0,40}") {
            if let Ok(number) = CardNumber::parse(&typed) {
                prop_assert_eq!(&CardNumber::parse(number.as_str()), &Ok(number.clone()));
                prop_assert!((1..=32).contains(&number.as_str().len()));
                prop_assert!(number.as_str().bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()));
            }
        }

        #[test]
        fn facility_and_card_are_the_number_that_is_printed_beside_them(number in 1_u32..) {
            let typed = format!("{:03},{:05}", number >> 16, number & 0xffff);
            prop_assert_eq!(CardNumber::parse(&typed), CardNumber::parse(&format!("{number:010}")));
        }
    }
}
