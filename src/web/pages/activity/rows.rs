//! One event as a row of the table: who, where, what, for how long. Never as raw data.

use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_wire::InputState;
use nazorat_wire::SessionAction;

use crate::monitoring::Category;
use crate::monitoring::EventView;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::pages::activity::asked::Asked;

/// A row.
pub(super) struct Row {
    pub(super) time: String,
    pub(super) person: String,
    pub(super) person_href: String,
    pub(super) computer: String,
    pub(super) user: String,
    pub(super) what: String,
    pub(super) what_href: String,
    pub(super) detail: Option<[String; 2]>,
    pub(super) kind: Option<(&'static str, String)>,
    pub(super) duration: Option<String>,
}

/// The heads of the columns, in the order of the row.
pub(super) fn heads(texts: Texts, dataset: Dataset) -> Vec<String> {
    let own: &[&str] = match dataset {
        Dataset::ActiveWindows => &["application", "title", "category", "duration"],
        Dataset::VisitedSites => &["site", "page", "category", "duration"],
        Dataset::Screenshots => &["screenshot", "title"],
        Dataset::InputActivity => &["input", "duration"],
        Dataset::UserSessions
        | Dataset::AccessEvents
        | Dataset::GatewayStatus
        | Dataset::DeviceStatus
        | Dataset::RejectedEvents => &["session"],
    };
    let all = ["time", "person", "computer"].into_iter().chain(own.iter().copied());
    all.map(|head| texts.t(&format!("activity-head-{head}"))).collect()
}

pub(super) fn row(visitor: &Visitor, asked: &Asked, one: &EventView) -> Row {
    let (texts, zone) = (visitor.texts, &visitor.zone);
    let one_day = zone.day_of(asked.from) == zone.day_of(one.at) && asked.to <= zone.span_of(zone.day_of(one.at)).to;
    let clock = texts.time_seconds(zone, one.at);
    let (person, person_href) = match &one.employee {
        Some((id, name)) => (name.clone(), format!("/people/{id}?day={}", zone.day_of(one.at))),
        None => (texts.t("activity-nobody"), String::new()),
    };
    let mut row = Row {
        time: if one_day { clock } else { format!("{} {clock}", texts.day_short(zone.day_of(one.at))) },
        person,
        person_href,
        computer: one.place.computer_name.clone(),
        user: one.place.user_name.clone(),
        what: one.app.clone().unwrap_or_default(),
        what_href: String::new(),
        detail: None,
        kind: None,
        duration: None,
    };
    let category = one.category.map(|category| mark(texts, category));
    match &one.event {
        Event::ActiveWindow(window) => {
            row.detail = Some([window.title.clone(), String::new()]);
            row.kind = category;
            row.duration = Some(lasted(texts, window.duration_ms));
        }
        Event::VisitedSite(site) => {
            row.what = site.domain.clone();
            row.detail = Some([site.title.clone(), site.url.clone()]);
            row.kind = category;
            row.duration = Some(lasted(texts, site.duration_ms));
        }
        Event::Screenshot(shot) => {
            row.what_href = format!("/screenshots/{}", one.place_id);
            row.what = texts.t("activity-open-screenshot");
            row.detail = Some([one.app.clone().unwrap_or_default(), texts.bytes(shot.bytes)]);
        }
        Event::UserSession(session) => {
            let word = SessionAction::from_number(session.action).map_or("unknown", SessionAction::word);
            row.what = texts.t(&format!("session-{}", word.replace('_', "-")));
        }
        Event::InputActivity(input) => {
            row.what = texts.t(match InputState::from_number(input.state) {
                Some(InputState::Active) => "state-active",
                _ => "state-no-input",
            });
            row.duration = Some(lasted(texts, input.duration_ms));
        }
        Event::Access(_) | Event::GatewayStatus(_) | Event::DeviceStatus(_) | Event::RejectedEvent(_) => {}
    }
    row
}

fn lasted(texts: Texts, millis: u32) -> String {
    texts.duration_ms(i64::from(millis))
}

fn mark(texts: Texts, category: Category) -> (&'static str, String) {
    (category.name(), texts.t(&format!("state-{}", category.name())))
}
