//! One stored event before two judges.

use std::borrow::Cow;

use nazorat_timeseries::Event;
use nazorat_wire::Fact;
use nazorat_wire::InputState;
use nazorat_wire::SessionAction;
use nazorat_wire::policy::Cause;
use nazorat_wire::policy::Ruling;

use crate::policy::collection::Judges;

/// What a draft would do with an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Kept,
    /// With what would be left.
    Less(Cause, String),
    Dropped(Cause),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) outcome: Outcome,
    /// What is in force does the same.
    pub(super) already: bool,
    /// What is in force would keep less of it.
    pub(super) more: bool,
}

/// Holds an event against what is in force and what would be.
pub(super) fn judge(judges: &Judges, event: &Event, at_us: i64) -> Judged {
    if let Event::Screenshot(shot) = event {
        let (app, title) = (some(&shot.app), some(&shot.title));
        let before = judges.before.as_ref().and_then(|filter| filter.judge_screenshot(app, title, at_us));
        let after = judges.after.judge_screenshot(app, title, at_us);
        return Judged {
            outcome: after.map_or(Outcome::Kept, Outcome::Dropped),
            already: after.is_some() && before.is_some(),
            more: after.is_none() && before.is_some(),
        };
    }
    let Some(fact) = fact_of(event) else {
        return Judged { outcome: Outcome::Kept, already: false, more: false };
    };
    let before = match &judges.before {
        Some(filter) => filter.judge(fact.clone(), at_us),
        None => Ruling::Keep(fact.clone()),
    };
    let after = judges.after.judge(fact, at_us);
    let already = match (&before, &after) {
        (Ruling::Drop(_), Ruling::Drop(_)) => true,
        (Ruling::Less(old, _), Ruling::Less(new, _)) => old == new,
        _ => false,
    };
    let more = match (&before, &after) {
        (Ruling::Drop(_), Ruling::Keep(_) | Ruling::Less(..)) | (Ruling::Less(..), Ruling::Keep(_)) => true,
        (Ruling::Less(old, _), Ruling::Less(new, _)) => said(new) > said(old),
        _ => false,
    };
    let outcome = match after {
        Ruling::Keep(_) => Outcome::Kept,
        Ruling::Less(fact, cause) => Outcome::Less(cause, words(&fact)),
        Ruling::Drop(cause) => Outcome::Dropped(cause),
    };
    Judged { outcome, already, more }
}

/// What is stored, in one line.
pub(super) fn told(event: &Event) -> String {
    match event {
        Event::Screenshot(shot) => line([shot.app.as_str(), shot.title.as_str()]),
        other => fact_of(other).map(|fact| words(&fact)).unwrap_or_default(),
    }
}

fn fact_of(event: &Event) -> Option<Fact<'_>> {
    Some(match event {
        Event::ActiveWindow(window) => Fact::ActiveWindow {
            duration_ms: window.duration_ms,
            app: Cow::Borrowed(&window.app),
            title: some(&window.title).map(Cow::Borrowed),
        },
        Event::VisitedSite(site) => Fact::VisitedSite {
            duration_ms: site.duration_ms,
            url: Cow::Borrowed(&site.url),
            domain: Cow::Borrowed(&site.domain),
            title: some(&site.title).map(Cow::Borrowed),
            browser: some(&site.browser).map(Cow::Borrowed),
            private: site.private,
        },
        Event::InputActivity(input) => {
            Fact::InputActivity { duration_ms: input.duration_ms, state: InputState::from_number(input.state)? }
        }
        Event::UserSession(session) => Fact::UserSession { action: SessionAction::from_number(session.action)? },
        Event::Screenshot(_)
        | Event::Access(_)
        | Event::GatewayStatus(_)
        | Event::DeviceStatus(_)
        | Event::RejectedEvent(_) => return None,
    })
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// How much a fact says, in bytes of its texts.
fn said(fact: &Fact<'_>) -> usize {
    match fact {
        Fact::ActiveWindow { app, title, .. } => app.len() + title.as_deref().map_or(0, str::len),
        Fact::VisitedSite { url, title, .. } => url.len() + title.as_deref().map_or(0, str::len),
        Fact::InputActivity { .. } | Fact::UserSession { .. } => 0,
    }
}

fn words(fact: &Fact<'_>) -> String {
    match fact {
        Fact::ActiveWindow { app, title, .. } => line([app, title.as_deref().unwrap_or_default()]),
        Fact::VisitedSite { url, title, .. } => line([url, title.as_deref().unwrap_or_default()]),
        Fact::InputActivity { state, .. } => state.word().to_owned(),
        Fact::UserSession { action } => action.word().to_owned(),
    }
}

fn line(parts: [&str; 2]) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" \u{b7} ")
}
