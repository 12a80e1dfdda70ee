//! The log of a terminal: `AcsEvent`, the only complete source of what happened.

use serde_json::Value;
use serde_json::json;

use super::Unreadable;
use super::event::Happening;
use super::tolerant;

/// Items of one page at most, whatever the device claims.
const MOST_ITEMS: usize = 1000;

/// What devices take at once when they do not say.
pub const USUAL_PAGE: u32 = 30;

/// One page of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The same for all pages of a search, and no other search.
    pub id: String,
    /// Items before this page.
    pub position: u64,
    /// Items in it.
    pub most: u32,
    /// The first moment, as the device writes times; without one from the beginning.
    pub from: Option<String>,
    /// The last moment.
    pub to: Option<String>,
    /// The first number, for devices that search by number.
    pub first_serial: Option<u64>,
    /// The last one.
    pub last_serial: Option<u64>,
}

impl Search {
    /// The body of the request. Pictures are never asked for.
    pub fn body(&self) -> String {
        let mut condition = json!({
            "searchID": self.id,
            "searchResultPosition": self.position,
            "maxResults": self.most,
            "major": 0,
            "minor": 0,
            "picEnable": false,
        });
        let texts = [("startTime", &self.from), ("endTime", &self.to)];
        for (name, text) in texts {
            if let Some(text) = text {
                condition[name] = json!(text);
            }
        }
        for (name, serial) in [("beginSerialNo", self.first_serial), ("endSerialNo", self.last_serial)] {
            if let Some(serial) = serial {
                condition[name] = json!(serial);
            }
        }
        json!({ "AcsEventCond": condition }).to_string()
    }

    /// Reads what a client asks for; the simulator's side.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let value = tolerant::json(bytes)?;
        let condition = tolerant::member(&value, "AcsEventCond").ok_or(Unreadable::Without("AcsEventCond"))?;
        let text = |name: &str| Some(tolerant::text(condition, name)).filter(|text| !text.is_empty());
        Ok(Self {
            id: text("searchID").ok_or(Unreadable::Without("searchID"))?,
            position: tolerant::number(condition, "searchResultPosition").unwrap_or(0),
            most: tolerant::number(condition, "maxResults")
                .and_then(|most| u32::try_from(most).ok())
                .ok_or(Unreadable::Without("maxResults"))?,
            from: text("startTime"),
            to: text("endTime"),
            first_serial: tolerant::number(condition, "beginSerialNo"),
            last_serial: tolerant::number(condition, "endSerialNo"),
        })
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// In all pages.
    pub total: u64,
    /// Whether the device says that more follows.
    pub more: bool,
    /// Items in this page as the device counts them.
    pub matches: u64,
    /// The items.
    pub items: Vec<Happening>,
}

impl Found {
    /// Reads an answer.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let value = tolerant::json(bytes)?;
        let answer = tolerant::member(&value, "AcsEvent").ok_or(Unreadable::Without("AcsEvent"))?;
        let (total, more, matches) = counts(answer);
        let items = tolerant::items(answer, "InfoList");
        let items: Vec<Happening> = items
            .into_iter()
            .take(MOST_ITEMS)
            .map(|item| Happening { is_live: false, ..Happening::of(item, tolerant::text(item, "time")) })
            .collect();
        let matches = matches.unwrap_or(items.len() as u64);
        Ok(Self { total, more, matches, items })
    }

    /// Where the next page begins, after `position`; `None` behind the last one.
    pub fn next(&self, position: u64) -> Option<u64> {
        let step = if self.matches == 0 { self.items.len() as u64 } else { self.matches };
        let next = position.saturating_add(step);
        // Some devices say MORE for ever, others never.
        let goes_on = if self.total > 0 { next < self.total } else { self.more };
        (goes_on && step > 0 && !self.items.is_empty()).then_some(next)
    }
}

/// `totalMatches`, whether there is more, and `numOfMatches`, as all searches of the maker have them.
pub(super) fn counts(answer: &Value) -> (u64, bool, Option<u64>) {
    let total = tolerant::number(answer, "totalMatches").unwrap_or(0);
    let more = tolerant::text(answer, "responseStatusStrg").eq_ignore_ascii_case("MORE");
    (total, more, tolerant::number(answer, "numOfMatches"))
}

/// What a device can do in a search, from `AcsEvent/capabilities`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Items of one page.
    pub page: u32,
    /// Whether it searches by number.
    pub by_serial: bool,
    /// The most events that it keeps, where it says so.
    pub most_events: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { page: USUAL_PAGE, by_serial: false, most_events: None }
    }
}

impl Limits {
    /// Reads the document; what is missing is what most devices do.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let value = tolerant::json(bytes)?;
        let whole = tolerant::member(&value, "AcsEvent").ok_or(Unreadable::Without("AcsEvent"))?;
        let condition = tolerant::member(whole, "AcsEventCond").unwrap_or(whole);
        let page = tolerant::member(condition, "maxResults").and_then(|most| tolerant::number(most, "@max"));
        let page = page.and_then(|page| u32::try_from(page).ok()).filter(|&page| page > 0).unwrap_or(USUAL_PAGE);
        let most = tolerant::member(whole, "totalMatches").and_then(|total| tolerant::number(total, "@max"));
        Ok(Self {
            page: page.min(MOST_ITEMS as u32),
            by_serial: tolerant::member(condition, "beginSerialNo").is_some(),
            most_events: most.and_then(|most| u32::try_from(most).ok()),
        })
    }
}

/// What the device does when its log is full, from `AcsEvent/StorageCfg`: `cycle`, `regular`, `time`.
pub fn storage_mode(bytes: &[u8]) -> Result<String, Unreadable> {
    let value = tolerant::json(bytes)?;
    let config = tolerant::member(&value, "EventStorageCfg").ok_or(Unreadable::Without("EventStorageCfg"))?;
    Ok(tolerant::text(config, "mode").to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Found;
    use super::Limits;
    use super::Search;
    use super::storage_mode;

    const PAGE: &str = r#"{"AcsEvent":{"searchID":"3f6c","totalMatches":41,"responseStatusStrg":"MORE","numOfMatches":2,
      "InfoList":[{"major":5,"minor":75,"time":"2026-11-23T08:30:15+05:00","cardType":1,"name":"Anna Petrova",
      "cardReaderNo":1,"doorNo":1,"employeeNoString":"1001","type":0,"serialNo":4711,"userType":"normal",
      "currentVerifyMode":"cardOrFaceOrFp","attendanceStatus":"checkIn","mask":"no",
      "pictureURL":"http://192.0.2.20/LOCALS/pic/a.jpeg@WEB000000000120"},
      {"major":5,"minor":21,"time":"2026-11-23T08:30:16+05:00","doorNo":1,"type":0,"serialNo":4712}]}}"#;

    #[test]
    fn pages_are_read_and_followed_by_what_they_hold() {
        let page = Found::read(PAGE.as_bytes()).unwrap();
        let serials: Vec<_> = page.items.iter().map(|item| (item.serial, item.minor, item.is_live)).collect();
        assert_eq!(serials, [(Some(4711), 75, false), (Some(4712), 21, false)]);
        assert_eq!(page.items[0].person, "1001");
        assert_eq!((page.next(0), page.next(38), page.next(39), page.next(40)), (Some(2), Some(40), None, None));
    }

    #[test]
    fn a_search_without_end_ends() {
        let nothing = r#"{"AcsEvent":{"responseStatusStrg":"NO MATCH","numOfMatches":0,"totalMatches":0}}"#;
        assert_eq!(Found::read(nothing.as_bytes()).unwrap().next(0), None);
        let liar = r#"{"AcsEvent":{"responseStatusStrg":"MORE","numOfMatches":30,"totalMatches":"60"}}"#;
        assert_eq!(Found::read(liar.as_bytes()).unwrap().next(0), None);
        assert!(Found::read(b"{}").is_err());
    }

    #[test]
    fn a_search_is_read_as_it_was_written() {
        let search = Search {
            id: "s-1".to_owned(),
            position: 30,
            most: 30,
            from: Some("2026-11-23T00:00:00+05:00".to_owned()),
            to: None,
            first_serial: Some(7),
            last_serial: None,
        };
        assert_eq!(Search::read(search.body().as_bytes()), Ok(search.clone()));
        assert!(search.body().contains("\"picEnable\":false") && !search.body().contains("endTime"));
    }

    #[test]
    fn limits_and_storage_are_read() {
        let text = r#"{"AcsEvent":{"AcsEventCond":{"maxResults":{"@min":1,"@max":10},"beginSerialNo":{"@min":1}},
            "totalMatches":{"@max":100000}}}"#;
        let limits = Limits { page: 10, by_serial: true, most_events: Some(100_000) };
        assert_eq!(Limits::read(text.as_bytes()), Ok(limits));
        assert_eq!(
            Limits::read(br#"{"AcsEvent":{"AcsEventCond":{"maxResults":{"@max":"0"}}}}"#),
            Ok(Limits::default())
        );
        assert_eq!(storage_mode(br#"{"EventStorageCfg":{"mode":"Cycle"}}"#).as_deref(), Ok("cycle"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..900, flip in any::<u8>()) {
            let mut page = PAGE.as_bytes().to_vec();
            let at = cut % page.len();
            page[at] ^= flip;
            for bytes in [bytes.as_slice(), &page] {
                if let Ok(found) = Found::read(bytes) {
                    assert!(found.next(0).is_none_or(|next| next > 0) && found.next(u64::MAX).is_none_or(|next| next == u64::MAX));
                }
                drop((Search::read(bytes), Limits::read(bytes), storage_mode(bytes)));
            }
        }
    }
}
