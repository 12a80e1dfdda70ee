//! People, cards and faces on a terminal.
//!
//! To a device, an empty condition means everybody. So what names somebody here cannot be empty by its type, and there is no
//! way to write a condition without a name.

use serde_json::Value;
use serde_json::json;

use super::Unreadable;
use super::log;
use super::tolerant;

/// Items of one page at most, whatever the device claims.
const MOST_ITEMS: usize = 1000;

/// A number of a person or of a card, which is never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named(String);

impl Named {
    /// Reads it: 1 to 32 letters of ASCII without blanks or control characters.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A person as a device has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// As the device writes it.
    pub number: String,
    /// What it shows.
    pub name: String,
    /// From when on, as its wall clock shows it.
    pub from: String,
    /// Until when.
    pub until: String,
    /// Whether these two count.
    pub is_limited: bool,
    /// `1,3`
    pub doors: String,
    /// Whether they administer the device.
    pub is_admin: bool,
    /// Faces that it keeps of them, where it tells.
    pub faces: Option<u64>,
    /// Their rights, as written, to be written back.
    pub plan: Value,
}

/// A card as a device has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// Whose.
    pub person: String,
    /// With its zeros.
    pub number: String,
}

/// A page of people or cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// In all pages.
    pub total: u64,
    /// Whether the device says that more follows.
    pub more: bool,
    /// The items.
    pub items: Vec<T>,
}

impl<T> Page<T> {
    /// Where the next page begins.
    pub fn next(&self, position: u64) -> Option<u64> {
        let next = position.saturating_add(self.items.len() as u64);
        let goes_on = if self.total > 0 { next < self.total } else { self.more };
        (goes_on && !self.items.is_empty()).then_some(next)
    }
}

/// Asks for people, or for one.
pub fn find_users((id, position, most): (&str, u64, u32), only: Option<&Named>) -> String {
    json!({ "UserInfoSearchCond": condition(id, position, most, only) }).to_string()
}

/// Asks for cards, or for those of one person.
pub fn find_cards((id, position, most): (&str, u64, u32), only: Option<&Named>) -> String {
    json!({ "CardInfoSearchCond": condition(id, position, most, only) }).to_string()
}

fn condition(id: &str, position: u64, most: u32, only: Option<&Named>) -> Value {
    let mut condition = json!({ "searchID": id, "searchResultPosition": position, "maxResults": most });
    if let Some(only) = only {
        condition["EmployeeNoList"] = json!([{ "employeeNo": only.as_str() }]);
    }
    condition
}

/// Reads found people.
pub fn users(bytes: &[u8]) -> Result<Page<User>, Unreadable> {
    let value = tolerant::json(bytes)?;
    let answer = tolerant::member(&value, "UserInfoSearch").ok_or(Unreadable::Without("UserInfoSearch"))?;
    let (total, more, _) = log::counts(answer);
    let items = tolerant::items(answer, "UserInfo").into_iter().take(MOST_ITEMS).map(User::read).collect();
    Ok(Page { total, more, items })
}

/// Reads found cards.
pub fn cards(bytes: &[u8]) -> Result<Page<Card>, Unreadable> {
    let value = tolerant::json(bytes)?;
    let answer = tolerant::member(&value, "CardInfoSearch").ok_or(Unreadable::Without("CardInfoSearch"))?;
    let (total, more, _) = log::counts(answer);
    let items = tolerant::items(answer, "CardInfo").into_iter().take(MOST_ITEMS);
    let items = items
        .map(|item| Card { person: tolerant::text(item, "employeeNo"), number: tolerant::text(item, "cardNo") })
        .collect();
    Ok(Page { total, more, items })
}

impl User {
    /// Reads a `UserInfo`.
    pub fn read(value: &Value) -> Self {
        let valid = tolerant::member(value, "Valid").cloned().unwrap_or_default();
        Self {
            number: tolerant::text(value, "employeeNo"),
            name: tolerant::text(value, "name"),
            from: tolerant::text(&valid, "beginTime"),
            until: tolerant::text(&valid, "endTime"),
            is_limited: tolerant::flag(&valid, "enable").unwrap_or(false),
            doors: tolerant::text(value, "doorRight"),
            is_admin: tolerant::flag(value, "localUIRight").unwrap_or(false),
            faces: tolerant::number(value, "numOfFace"),
            plan: tolerant::member(value, "RightPlan").cloned().unwrap_or_default(),
        }
    }

    /// The document that writes them. Their rights at the device are not ours to change.
    pub fn body(&self, number: &Named) -> String {
        let mut user = json!({
            "employeeNo": number.as_str(),
            "name": self.name,
            "userType": "normal",
            "Valid": {
                "enable": self.is_limited, "beginTime": self.from, "endTime": self.until, "timeType": "local"
            },
            "doorRight": self.doors,
        });
        if self.plan.is_array() {
            user["RightPlan"] = self.plan.clone();
        }
        json!({ "UserInfo": user }).to_string()
    }

    /// The plan of those who may pass these doors at any time.
    pub fn plan_for(doors: u16) -> Value {
        (1..=doors.max(1)).map(|door| json!({ "doorNo": door, "planTemplateNo": "1" })).collect()
    }
}

/// The document that adds a card.
pub fn add_card(person: &Named, card: &Named) -> String {
    let card = json!({ "employeeNo": person.as_str(), "cardNo": card.as_str(), "cardType": "normalCard" });
    json!({ "CardInfo": card }).to_string()
}

/// The condition that takes off cards: these, of which there is at least one.
pub fn remove_cards(first: &Named, rest: &[Named]) -> String {
    let list: Vec<Value> = std::iter::once(first).chain(rest).map(|card| json!({ "cardNo": card.as_str() })).collect();
    json!({ "CardInfoDelCond": { "CardNoList": list } }).to_string()
}

/// The condition that takes off a person, with cards, fingers and faces.
pub fn remove_user(person: &Named) -> String {
    let list = json!([{ "employeeNo": person.as_str() }]);
    json!({ "UserInfoDetail": { "mode": "byEmployeeNo", "EmployeeNoList": list } }).to_string()
}

/// How far a removal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Still at it.
    Runs,
    /// Over.
    Done,
    /// It did not work.
    Failed,
}

/// Reads `UserInfoDetail/DeleteProcess`.
pub fn removal(bytes: &[u8]) -> Result<Removal, Unreadable> {
    let value = tolerant::json(bytes)?;
    let told = tolerant::member(&value, "UserInfoDetailDeleteProcess");
    let told = told.ok_or(Unreadable::Without("UserInfoDetailDeleteProcess"))?;
    match tolerant::text(told, "status").to_ascii_lowercase().as_str() {
        "processing" => Ok(Removal::Runs),
        "success" => Ok(Removal::Done),
        "failed" => Ok(Removal::Failed),
        _ => Err(Unreadable::Without("status")),
    }
}

/// The part `faceURL` of a face's upload.
pub fn face(person: &Named) -> String {
    json!({ "faceLibType": "blackFD", "FDID": "1", "FPID": person.as_str() }).to_string()
}

/// The condition that takes off a face.
pub fn remove_face(person: &Named) -> String {
    json!({ "FPID": [{ "value": person.as_str() }] }).to_string()
}

/// How many people are on a device, from `UserInfo/Count`.
pub fn count(bytes: &[u8]) -> Result<u32, Unreadable> {
    let value = tolerant::json(bytes)?;
    let whole = tolerant::member(&value, "UserInfoCount").ok_or(Unreadable::Without("UserInfoCount"))?;
    let count = tolerant::number(whole, "userNumber").and_then(|count| u32::try_from(count).ok());
    count.ok_or(Unreadable::Without("userNumber"))
}

/// How a device takes people, from `UserInfo/capabilities`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Items of one page.
    pub page: u32,
    /// Whether adding and changing is one request.
    pub set_up: bool,
    /// The most people.
    pub most: Option<u32>,
    /// The longest name, in bytes.
    pub name: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { page: log::USUAL_PAGE, set_up: false, most: None, name: 64 }
    }
}

impl Limits {
    /// Reads the document; what is missing is what most devices do.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let value = tolerant::json(bytes)?;
        let whole = tolerant::member(&value, "UserInfo").ok_or(Unreadable::Without("UserInfo"))?;
        let most_of = |value: &Value, name: &str| {
            let most = tolerant::member(value, name).and_then(|most| tolerant::number(most, "@max"));
            most.and_then(|most| u32::try_from(most).ok()).filter(|&most| most > 0)
        };
        let search = tolerant::member(whole, "UserInfoSearchCond").unwrap_or(whole);
        let functions = tolerant::member(whole, "supportFunction");
        let functions = functions.and_then(|functions| tolerant::member(functions, "@opt")).map(Value::to_string);
        let has_set_up = |list: String| list.to_ascii_lowercase().contains("setup");
        let usual = Self::default();
        Ok(Self {
            page: most_of(search, "maxResults").unwrap_or(usual.page).min(MOST_ITEMS as u32),
            set_up: functions.is_some_and(has_set_up),
            most: most_of(whole, "maxRecordNum"),
            name: most_of(whole, "name").map_or(usual.name, |most| most as usize).clamp(16, 128),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::Limits;
    use super::Named;
    use super::Removal;
    use super::User;
    use super::add_card;
    use super::cards;
    use super::count;
    use super::find_users;
    use super::removal;
    use super::remove_cards;
    use super::remove_face;
    use super::remove_user;
    use super::users;

    const USERS: &str = r#"{"UserInfoSearch":{"searchID":"u-1","responseStatusStrg":"OK","numOfMatches":1,"totalMatches":1,
        "UserInfo":[{"employeeNo":"1001","name":"Anna Petrova","userType":"normal","Valid":{"enable":true,
        "beginTime":"2026-01-01T00:00:00","endTime":"2037-12-31T23:59:59","timeType":"local"},"doorRight":"1",
        "RightPlan":[{"doorNo":1,"planTemplateNo":"7"}],"localUIRight":false,"numOfCard":1,"numOfFace":1}]}}"#;

    fn named(text: &str) -> Named {
        Named::parse(text).unwrap()
    }

    #[test]
    fn people_are_counted_or_the_answer_is_none() {
        assert_eq!(count(br#"{"UserInfoCount":{"userNumber":17}}"#), Ok(17));
        assert_eq!(count(br#"{"UserInfoCount":{"UserNumber":"17"}}"#), Ok(17));
        for none in [br#"{"UserInfoCount":{}}"#.as_slice(), br#"{"userNumber":-1}"#, b"<html>"] {
            assert!(count(none).is_err());
        }
    }

    #[test]
    fn nothing_that_names_somebody_is_empty() {
        for text in ["", " ", "\t", "a b", "\u{0}", &"9".repeat(33), "\u{441}"] {
            assert_eq!(Named::parse(text), None, "{text:?}");
        }
        // There is no other way to a condition than through a name.
        let parse = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        assert_eq!(parse(remove_user(&named("1001")))["UserInfoDetail"]["EmployeeNoList"][0]["employeeNo"], "1001");
        assert_eq!(parse(remove_user(&named("1001")))["UserInfoDetail"]["mode"], "byEmployeeNo");
        let list = parse(remove_cards(&named("0001"), &[named("2")]))["CardInfoDelCond"]["CardNoList"].clone();
        assert_eq!(list.as_array().map(Vec::len), Some(2));
        assert_eq!(parse(remove_face(&named("1001")))["FPID"][0]["value"], "1001");
    }

    #[test]
    fn people_come_back_with_the_rights_they_had() {
        let page = users(USERS.as_bytes()).unwrap();
        assert_eq!((page.total, page.next(0)), (1, None));
        let user = &page.items[0];
        assert_eq!((user.name.as_str(), user.faces, user.is_admin), ("Anna Petrova", Some(1), false));
        let written: Value = serde_json::from_str(&user.body(&named("1001"))).unwrap();
        assert_eq!(User { faces: None, ..user.clone() }, User::read(&written["UserInfo"]));
        assert_eq!(users(br#"{"UserInfoSearch":{"responseStatusStrg":"NO MATCH"}}"#).unwrap().items, []);
    }

    #[test]
    fn cards_keep_their_zeros() {
        let text = br#"{"CardInfoSearch":{"totalMatches":1,"CardInfo":[{"employeeNo":"1001","cardNo":"0004567890"}]}}"#;
        assert_eq!(cards(text).unwrap().items[0].number, "0004567890");
        assert!(add_card(&named("1001"), &named("0004567890")).contains("\"0004567890\""));
        assert!(!find_users(("u", 0, 30), None).contains("EmployeeNoList"));
    }

    #[test]
    fn removals_and_limits_are_read() {
        let told =
            |status| removal(format!("{{\"UserInfoDetailDeleteProcess\":{{\"status\":\"{status}\"}}}}").as_bytes());
        assert_eq!(
            (told("processing"), told("success"), told("failed")),
            (Ok(Removal::Runs), Ok(Removal::Done), Ok(Removal::Failed))
        );
        assert!(told("?").is_err());
        let text =
            br#"{"UserInfo":{"supportFunction":{"@opt":"post,delete,put,get,setUp"},"maxRecordNum":{"@max":3000},
            "UserInfoSearchCond":{"maxResults":{"@max":10}},"name":{"@max":32}}}"#;
        assert_eq!(Limits::read(text), Ok(Limits { page: 10, set_up: true, most: Some(3000), name: 32 }));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..600, flip in any::<u8>()) {
            let mut document = USERS.as_bytes().to_vec();
            let at = cut % document.len();
            document[at] ^= flip;
            for bytes in [bytes.as_slice(), &document] {
                drop((users(bytes), cards(bytes), removal(bytes), Limits::read(bytes)));
            }
        }
    }
}
