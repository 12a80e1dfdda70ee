//! What the events of the known kinds of buckets say.

use nazorat_wire::Fact;
use nazorat_wire::InputState;
use nazorat_wire::Limit;
use nazorat_wire::domain_of;
use nazorat_wire::shorten;
use serde_json::Value;

/// A kind of bucket, by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Window,
    Input,
    Site,
    /// Accepted and answered, but nothing of it is kept.
    Other,
}

impl Kind {
    pub(super) fn of(bucket_type: &str) -> Self {
        match bucket_type {
            "currentwindow" => Kind::Window,
            "afkstatus" => Kind::Input,
            "web.tab.current" => Kind::Site,
            _ => Kind::Other,
        }
    }
}

/// The fact of a part; `None` when the data are not what that kind of bucket holds.
pub(super) fn fact(kind: Kind, bucket: &str, data: &Value, duration_ms: u32) -> Option<Fact<'static>> {
    let text = |name: &str, limit: Limit| {
        let text = data.get(name)?.as_str()?;
        Some(shorten(text.to_owned().into(), limit)).filter(|text| !text.is_empty())
    };
    match kind {
        Kind::Window => {
            Some(Fact::ActiveWindow { duration_ms, app: text("app", Limit::NAME)?, title: text("title", Limit::TITLE) })
        }
        Kind::Input => {
            let state = match data.get("status")?.as_str()? {
                "afk" => InputState::Idle,
                "not-afk" => InputState::Active,
                _ => return None,
            };
            // A moment without a duration says nothing about input.
            (duration_ms > 0).then_some(Fact::InputActivity { duration_ms, state })
        }
        Kind::Site => {
            // A policy may have left nothing of it but that there was a site.
            let url = match data.get("url")?.as_str()? {
                "" if data.get("title").is_none() => "".into(),
                _ => text("url", Limit::URL)?,
            };
            Some(Fact::VisitedSite {
                duration_ms,
                domain: domain_of(&url).into_owned().into(),
                url,
                title: text("title", Limit::TITLE),
                browser: browser(bucket),
                private: data.get("incognito").and_then(Value::as_bool).unwrap_or(false),
            })
        }
        Kind::Other => None,
    }
}

/// `aw-watcher-web-firefox_pc-1` was written by firefox.
fn browser(bucket: &str) -> Option<std::borrow::Cow<'static, str>> {
    let name = bucket.strip_prefix("aw-watcher-web-")?;
    let name = name.split_once('_').map_or(name, |(name, _)| name);
    Some(shorten(name.to_owned().into(), Limit::NAME)).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use nazorat_wire::Fact;
    use nazorat_wire::InputState;
    use serde_json::json;

    use super::Kind;
    use super::fact;

    #[test]
    fn the_three_known_kinds_become_facts() {
        let window = fact(Kind::Window, "b", &json!({ "app": "EXCEL.EXE", "title": "Hisobot" }), 5).unwrap();
        assert!(matches!(window, Fact::ActiveWindow { duration_ms: 5, app, .. } if app == "EXCEL.EXE"));
        let idle = fact(Kind::Input, "b", &json!({ "status": "afk" }), 5).unwrap();
        assert_eq!(idle, Fact::InputActivity { duration_ms: 5, state: InputState::Idle });
        let data = json!({ "url": "https://didox.uz/a", "title": "", "incognito": true, "audible": false });
        let site = fact(Kind::Site, "aw-watcher-web-firefox_pc-1", &data, 5).unwrap();
        let Fact::VisitedSite { domain, browser, private, title, .. } = site else { panic!() };
        assert_eq!((&*domain, browser.as_deref(), private, title), ("didox.uz", Some("firefox"), true, None));
    }

    #[test]
    fn other_data_say_nothing() {
        assert_eq!(Kind::of("app.editor.activity"), Kind::Other);
        assert_eq!(fact(Kind::Window, "b", &json!({ "title": "no app" }), 5), None);
        assert_eq!(fact(Kind::Input, "b", &json!({ "status": "asleep" }), 5), None);
        assert_eq!(fact(Kind::Site, "b", &json!({ "url": 7 }), 5), None);
        assert_eq!(fact(Kind::Site, "b", &json!({ "url": "", "title": "New tab" }), 5), None);
    }
}
