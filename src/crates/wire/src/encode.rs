//! From an event to the text that [`crate::decode_logs`] reads.

use jiff::Timestamp;

use crate::event::Event;
use crate::event::Fact;

#[derive(serde::Serialize)]
struct Written<'a> {
    kind: &'static str,
    ts: String,
    computer_uid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u32>,
    #[serde(flatten)]
    more: More<'a>,
}

#[derive(serde::Serialize, Default)]
struct More<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    browser: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
}

/// Writes an event as one object of the array `events`. The same event is always the same text.
pub fn encode_event(event: &Event<'_>) -> String {
    let more = match &event.fact {
        Fact::ActiveWindow { app, title, .. } => {
            More { app: Some(app.as_ref()), title: title.as_deref(), ..More::default() }
        }
        Fact::VisitedSite { url, title, browser, private, .. } => More {
            url: Some(url.as_ref()),
            title: title.as_deref(),
            browser: browser.as_deref(),
            private: Some(*private),
            ..More::default()
        },
        Fact::InputActivity { state, .. } => More { state: Some(state.word()), ..More::default() },
        Fact::UserSession { action } => More { action: Some(action.word()), ..More::default() },
    };
    let written = Written {
        kind: event.fact.kind(),
        ts: Timestamp::from_microsecond(event.ts).unwrap_or(Timestamp::UNIX_EPOCH).to_string(),
        computer_uid: &event.computer_uid,
        user_sid: event.user_sid.as_deref(),
        user_name: event.user_name.as_deref(),
        duration_ms: (!matches!(event.fact, Fact::UserSession { .. })).then(|| event.fact.duration_ms()),
        more,
    };
    serde_json::to_string(&written).expect("texts and numbers always turn into JSON")
}

#[cfg(test)]
mod tests {
    use super::encode_event;
    use crate::decode::decode_logs;
    use crate::event::Event;
    use crate::event::Fact;
    use crate::event::InputState;
    use crate::event::SessionAction;

    fn comes_back(fact: Fact<'_>) {
        let event = Event {
            ts: 1_795_334_399_000_123,
            computer_uid: "pc-1".into(),
            user_sid: None,
            user_name: Some("OFIS\\dilnoza".into()),
            fact,
        };
        let body = format!("{{\"events\":[{}]}}", encode_event(&event));
        let decoded = decode_logs(body.as_bytes()).unwrap();
        assert_eq!((decoded.rejected.len(), decoded.unknown_fields), (0, 0), "{body}");
        assert_eq!(decoded.events[0].event, event, "{body}");
    }

    #[test]
    fn every_event_is_read_as_it_was_written() {
        comes_back(Fact::ActiveWindow { duration_ms: 7, app: "\"a\"\\".into(), title: Some("\u{436}".into()) });
        comes_back(Fact::ActiveWindow { duration_ms: 0, app: "a".into(), title: None });
        comes_back(Fact::VisitedSite {
            duration_ms: 9,
            url: "https://didox.uz/a".into(),
            domain: "didox.uz".into(),
            title: None,
            browser: Some("firefox".into()),
            private: true,
        });
        // What a policy has left of one.
        for (url, domain) in [("", ""), ("#0123456789abcdef", ""), ("didox.uz", "didox.uz")] {
            let (url, domain) = (url.into(), domain.into());
            comes_back(Fact::VisitedSite { duration_ms: 9, url, domain, title: None, browser: None, private: false });
        }
        comes_back(Fact::InputActivity { duration_ms: 1, state: InputState::Idle });
        comes_back(Fact::UserSession { action: SessionAction::Unlock });
    }
}
