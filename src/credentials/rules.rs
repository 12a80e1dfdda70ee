//! Pure decisions about cards and faces.

use std::collections::BTreeMap;

use crate::credentials::Card;
use crate::credentials::CredentialsError;
use crate::credentials::Face;
use crate::credentials::Held;
use crate::kernel::EmployeeId;

/// Cards of one person.
pub(super) const MOST_CARDS: usize = 10;
/// Letters of what a card is called.
const MOST_LABEL: usize = 60;

/// What a card is called: one line, or nothing.
pub(super) fn label(typed: &str) -> Result<String, CredentialsError> {
    let line = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = line.chars().count() <= MOST_LABEL && !line.chars().any(char::is_control);
    if fits { Ok(line) } else { Err(CredentialsError::Label) }
}

/// What terminals should know of those who are at work. Who has nothing that opens a door is not in it.
pub(super) fn held(
    cards: Vec<Card>,
    faces: Vec<Face>,
    is_at_work: impl Fn(EmployeeId) -> bool,
) -> BTreeMap<EmployeeId, Held> {
    let mut held: BTreeMap<EmployeeId, Held> = BTreeMap::new();
    for card in cards.into_iter().filter(|card| !card.blocked && is_at_work(card.employee)) {
        held.entry(card.employee).or_default().cards.push(card.number.as_str().to_owned());
    }
    for face in faces.into_iter().filter(|face| is_at_work(face.employee)) {
        held.entry(face.employee).or_default().face = Some(hex::encode(face.sha256));
    }
    for of_one in held.values_mut() {
        of_one.cards.sort_unstable();
    }
    held
}

#[cfg(test)]
mod tests {
    use super::held;
    use super::label;
    use crate::credentials::Card;
    use crate::credentials::CardNumber;
    use crate::credentials::Face;
    use crate::kernel::EmployeeId;
    use crate::kernel::Timestamp;

    fn card(employee: u32, number: &str, blocked: bool) -> Card {
        Card {
            number: CardNumber::parse(number).unwrap(),
            employee: EmployeeId::new(employee),
            label: String::new(),
            blocked,
            added_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn face(employee: u32) -> Face {
        let employee = EmployeeId::new(employee);
        let by = "malika".to_owned();
        Face { employee, sha256: [7; 32], bytes: 1, width: 480, height: 640, added_at: Timestamp::UNIX_EPOCH, by }
    }

    #[test]
    fn terminals_hold_what_is_not_blocked_of_those_at_work() {
        let cards = vec![card(1, "9", false), card(1, "10", false), card(1, "11", true), card(2, "12", true)];
        let cards = [cards, vec![card(3, "13", false)]].concat();
        let found = held(cards, vec![face(1), face(3), face(4)], |id| id.get() != 3);
        assert_eq!(found.keys().map(|id| id.get()).collect::<Vec<_>>(), [1, 4]);
        let first = &found[&EmployeeId::new(1)];
        assert_eq!(
            (first.cards.as_slice(), first.face.as_deref()),
            (&["10".to_owned(), "9".to_owned()][..], Some(&*"07".repeat(32)))
        );
        assert!(found[&EmployeeId::new(4)].cards.is_empty());
    }

    #[test]
    fn a_label_is_one_line() {
        assert_eq!(label("  spare \n card ").unwrap(), "spare card");
        assert_eq!(label("").unwrap(), "");
        assert!(label(&"x".repeat(61)).is_err());
        assert!(label("a\u{7}b").is_err());
    }
}
