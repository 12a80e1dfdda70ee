//! From the body of an older agent to events.

use std::borrow::Cow;
use std::collections::BTreeMap;

use nazorat_wire::Accepted;
use nazorat_wire::Event;
use nazorat_wire::EventError;
use nazorat_wire::Fact;
use nazorat_wire::Limit;
use nazorat_wire::SessionAction;
use nazorat_wire::domain_of;
use serde_json::value::RawValue;

use super::moment;
use crate::ingest::fields::Fields;
use crate::ingest::fields::Wrong;
use crate::ingest::fields::clip;
use crate::ingest::fields::needed;
use crate::kernel::Zone;

/// As many as in a batch of today's agents.
const MAX_EVENTS: usize = 50_000;
/// The longest stretch that one event may cover.
const MAX_SECONDS: f64 = 86_400.0;

/// What an endpoint takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    ActiveWindows,
    VisitedSites,
    UserSessions,
}

impl Endpoint {
    /// The last part of its path.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Endpoint::ActiveWindows => "active-windows",
            Endpoint::VisitedSites => "visited-sites",
            Endpoint::UserSessions => "user-sessions",
        }
    }
}

/// A body that was read: each item is either an event or a rejection.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    pub(super) events: Vec<Accepted<'a>>,
    pub(super) rejected: Vec<EventError<'a>>,
    pub(super) unknown_fields: u64,
}

/// Whose events a body holds.
struct Account {
    computer_uid: String,
    user_sid: Option<String>,
    user_name: Option<String>,
}

pub(super) fn decode<'a>(endpoint: Endpoint, body: &'a [u8], zone: &Zone) -> Result<Decoded<'a>, Wrong> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut top: BTreeMap<String, &'a RawValue> = serde_json::from_slice(body).map_err(|problem| {
        let data = problem.classify() == serde_json::error::Category::Data;
        let code = if data { "not_a_batch" } else { "not_json" };
        Wrong::new(code, format!("body must be an object with computerUid and data: {problem}"))
    })?;
    let items = needed("data", top.remove("data"))?;
    let items: Vec<&'a RawValue> = serde_json::from_str(items.get())
        .map_err(|problem| Wrong::new("not_a_batch", format!("data must be an array: {problem}")))?;
    if items.len() > MAX_EVENTS {
        let detail = format!("data has {} items, at most {MAX_EVENTS} are taken at once", items.len());
        return Err(Wrong::new("too_many_events", detail));
    }
    let account = account(&mut top)?;
    let mut decoded =
        Decoded { events: Vec::with_capacity(items.len()), rejected: Vec::new(), unknown_fields: top.len() as u64 };
    for (index, item) in (0_u32..).zip(items) {
        let raw = item.get();
        match event(endpoint, raw, &account, zone) {
            Ok((event, unknown)) => {
                decoded.unknown_fields += unknown;
                decoded.events.push(Accepted { index, event, raw });
            }
            Err(Wrong { code, detail }) => decoded.rejected.push(EventError { index, code, detail, raw }),
        }
    }
    Ok(decoded)
}

fn account(top: &mut BTreeMap<String, &RawValue>) -> Result<Account, Wrong> {
    let mut fields = Fields::default();
    for name in ["computerUid", "userSid", "userName"] {
        if let Some(raw) = top.remove(name) {
            let wrong = |_| Wrong::new("wrong_type", format!("{name} must be a string"));
            let text: Option<Cow<'_, str>> = serde_json::from_str(raw.get()).map_err(wrong)?;
            fields.put(name, text.as_deref().unwrap_or_default());
        }
    }
    Ok(Account {
        computer_uid: needed("computerUid", fields.name("computerUid")?)?,
        user_sid: fields.name("userSid")?,
        user_name: fields.name("userName")?,
    })
}

fn event(endpoint: Endpoint, raw: &str, account: &Account, zone: &Zone) -> Result<(Event<'static>, u64), Wrong> {
    let mut fields = Fields::read(raw.as_bytes())?;
    let ts = moment(&needed("datetime", fields.text("datetime")?)?, zone)?;
    let fact = match endpoint {
        Endpoint::ActiveWindows => Fact::ActiveWindow {
            duration_ms: active_time(&mut fields)?,
            app: needed("processName", fields.name("processName")?)?.into(),
            title: fields.short("title", Limit::TITLE)?.map(Cow::Owned),
        },
        Endpoint::VisitedSites => {
            let url = needed("url", fields.short("url", Limit::URL)?)?;
            Fact::VisitedSite {
                duration_ms: active_time(&mut fields)?,
                domain: domain_of(&url).into_owned().into(),
                url: url.into(),
                title: fields.short("title", Limit::TITLE)?.map(Cow::Owned),
                browser: fields.name("processName")?.map(Cow::Owned),
                private: false,
            }
        }
        Endpoint::UserSessions => Fact::UserSession { action: action(&mut fields)? },
    };
    // One agent fills the same item for all its reports; what another endpoint knows is not unknown.
    for name in ["title", "processName", "url", "activeTime"] {
        fields.skip(name);
    }
    let event = Event {
        ts: ts.as_microsecond(),
        computer_uid: account.computer_uid.clone().into(),
        user_sid: account.user_sid.clone().map(Cow::Owned),
        user_name: account.user_name.clone().map(Cow::Owned),
        fact,
    };
    Ok((event, fields.unknown()))
}

fn active_time(fields: &mut Fields) -> Result<u32, Wrong> {
    let seconds = needed("activeTime", fields.number("activeTime")?)?;
    if !(0.0..=MAX_SECONDS).contains(&seconds) {
        return Err(Wrong::new("out_of_range", format!("activeTime: {seconds} is not from 0 to {MAX_SECONDS}")));
    }
    Ok((seconds * 1_000.0).round() as u32)
}

fn action(fields: &mut Fields) -> Result<SessionAction, Wrong> {
    let (action, kind) = (fields.text("action")?, fields.text("type")?);
    let word = needed("action", action.or(kind))?;
    match word.trim().to_ascii_lowercase().as_str() {
        "login" | "logon" => Ok(SessionAction::Login),
        "logout" | "logoff" => Ok(SessionAction::Logout),
        "lock" => Ok(SessionAction::Lock),
        "unlock" => Ok(SessionAction::Unlock),
        _ => Err(Wrong::new("unknown_word", format!("action: {:?} is not known", clip(&word)))),
    }
}

#[cfg(test)]
mod tests {
    use nazorat_wire::Fact;
    use nazorat_wire::SessionAction;

    use super::Endpoint;
    use super::decode;
    use crate::kernel::Zone;

    fn body(items: &str) -> String {
        format!(r#"{{"computerUid":"pc-1","userSid":"S-1-5","userName":null,"version":"1.9","data":[{items}]}}"#)
    }

    fn code(endpoint: Endpoint, item: &str) -> &'static str {
        let body = body(item);
        let decoded = decode(endpoint, body.as_bytes(), &Zone::default()).unwrap();
        decoded.rejected.first().map_or("", |one| one.code)
    }

    const WINDOW: &str = r#"{"datetime":"2026-11-20 09:12:00","title":"Hisobot","processName":"EXCEL.EXE","url":"","activeTime":64.5,"id":7}"#;

    #[test]
    fn a_window_of_an_older_agent_is_an_event_like_any_other() {
        let body = body(WINDOW);
        let decoded = decode(Endpoint::ActiveWindows, body.as_bytes(), &Zone::default()).unwrap();
        let event = &decoded.events[0].event;
        assert_eq!((&*event.computer_uid, event.user_sid.as_deref(), &event.user_name), ("pc-1", Some("S-1-5"), &None));
        assert_eq!(event.ts, 1_795_147_920_000_000);
        assert!(matches!(&event.fact, Fact::ActiveWindow { duration_ms: 64_500, app, .. } if app == "EXCEL.EXE"));
        assert_eq!(decoded.unknown_fields, 2, "`version` and `id`");
    }

    #[test]
    fn a_site_keeps_its_browser_and_its_domain() {
        let body = body(&WINDOW.replace("\"url\":\"\"", "\"url\":\"https://www.Didox.uz/a\""));
        let decoded = decode(Endpoint::VisitedSites, body.as_bytes(), &Zone::default()).unwrap();
        let Fact::VisitedSite { domain, browser, .. } = &decoded.events[0].event.fact else { panic!() };
        assert_eq!((&**domain, browser.as_deref()), ("didox.uz", Some("EXCEL.EXE")));
    }

    #[test]
    fn sessions_are_understood_in_any_letter_case() {
        for (item, action) in [
            (r#"{"datetime":"2026-11-20T09:12:00Z","action":"LOGIN"}"#, SessionAction::Login),
            (r#"{"datetime":"2026-11-20T09:12:00Z","type":"Unlock"}"#, SessionAction::Unlock),
        ] {
            let body = body(item);
            let decoded = decode(Endpoint::UserSessions, body.as_bytes(), &Zone::default()).unwrap();
            assert_eq!(decoded.events[0].event.fact, Fact::UserSession { action });
        }
        assert_eq!(
            code(Endpoint::UserSessions, r#"{"datetime":"2026-11-20T09:12:00Z","action":"sleep"}"#),
            "unknown_word"
        );
        assert_eq!(code(Endpoint::UserSessions, r#"{"datetime":"2026-11-20T09:12:00Z"}"#), "missing_field");
    }

    #[test]
    fn one_bad_item_does_not_hold_up_its_neighbours() {
        let with = |from: &str, to: &str| {
            let body = body(&format!("{WINDOW},{},{WINDOW}", WINDOW.replace(from, to)));
            let decoded = decode(Endpoint::ActiveWindows, body.as_bytes(), &Zone::default()).unwrap();
            assert_eq!((decoded.events.len(), decoded.rejected[0].index), (2, 1));
            decoded.rejected[0].code
        };
        assert_eq!(with("2026-11-20 09", "soon"), "bad_time");
        assert_eq!(with("64.5", "-1"), "out_of_range");
        assert_eq!(with("64.5", "86401"), "out_of_range");
        assert_eq!(with("64.5", "\"64\""), "wrong_type");
        assert_eq!(with("processName", "process"), "missing_field");
        assert_eq!(with("EXCEL.EXE", &"x".repeat(300)), "too_long");
    }

    #[test]
    fn a_body_of_another_shape_is_refused_whole() {
        let refused = |text: &str| decode(Endpoint::ActiveWindows, text.as_bytes(), &Zone::default()).unwrap_err().code;
        assert_eq!(refused(""), "not_json");
        assert_eq!(refused("[]"), "not_a_batch");
        assert_eq!(refused("{}"), "missing_field");
        assert_eq!(refused(r#"{"computerUid":"a","data":{}}"#), "not_a_batch");
        assert_eq!(refused(r#"{"data":[]}"#), "missing_field");
        assert_eq!(refused(r#"{"computerUid":7,"data":[]}"#), "wrong_type");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(text in "\\PC{0,40}", item in "\\PC{0,40}") {
            drop(decode(Endpoint::VisitedSites, text.as_bytes(), &Zone::default()));
            drop(decode(Endpoint::VisitedSites, body(&item).as_bytes(), &Zone::default()));
        }
    }
}
