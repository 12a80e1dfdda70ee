//! The audit log, newest first.

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;

use super::audit_export;
use super::audit_words::Reader;
use super::audit_words::Whom;
use super::shown::Tab;
use crate::audit::ActorKind;
use crate::audit::Filter;
use crate::audit::Record;
use crate::kernel::Day;
use crate::kernel::PageRequest;
use crate::kernel::Scope;
use crate::web::App;
use crate::web::Choice;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::encode;
use crate::web::page;

/// Records on a page.
const STEP: usize = 50;
/// The beginnings of actions that can be filtered by.
const GROUPS: [&str; 27] = [
    "login.",
    "access.",
    "operator.",
    "session.",
    "token.",
    "api_key.",
    "gateway.",
    "command.",
    "device.",
    "gate.",
    "access_group.",
    "doors.",
    "alert.",
    "ca.",
    "organization.",
    "department.",
    "employee.",
    "card.",
    "face.",
    "computer",
    "link.",
    "people.",
    "monitoring.",
    "policy.",
    "notice.",
    "intake.",
    "retention.",
];

pub(super) fn routes() -> Router<App> {
    Router::new().route("/audit", get(list)).route("/audit/export.csv", get(audit_export::csv))
}

/// The filter as it stands in the address.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) log: String,
    action: String,
    actor: String,
    from: String,
    to: String,
    after: String,
}

struct Row {
    time: String,
    day: String,
    who: String,
    place: String,
    what: String,
    whom: Whom,
    detail: String,
}

#[derive(Template)]
#[template(path = "system/audit.html")]
struct AuditPage {
    l: Layout,
    tabs: Vec<Tab>,
    asked: Asked,
    groups: Vec<Choice>,
    rows: Vec<Row>,
    filtered: bool,
    more: String,
    more_href: String,
    export: String,
    plain: String,
}

async fn list(State(app): State<App>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, PageFailure> {
    let texts = visitor.texts;
    let fail = |problem: crate::web::Failure| visitor.failure(problem);
    let system = asked.log == "system" && visitor.actor().scope() == Scope::All;
    let log = (!system).then(|| visitor.organization_id());
    let request = PageRequest::parse(Some(STEP), Some(&asked.after)).map_err(crate::audit::AuditError::from);
    let request = request.map_err(|problem| fail(problem.into()))?;
    let found = app.audit.list(visitor.actor(), log, filter(&visitor, &asked), request).await;
    let found = found.map_err(|problem| fail(problem.into()))?;
    // Whoever may read the log but not the people sees their numbers.
    let view = match system {
        true => None,
        false => app.people.view(visitor.actor(), visitor.organization_id()).await.ok(),
    };
    let gateways = match system {
        true => Vec::new(),
        false => app.fleet.list(visitor.actor(), visitor.organization_id()).await.unwrap_or_default(),
    };
    let reader = Reader { visitor: &visitor, view: view.as_ref(), gateways: &gateways };
    let groups = GROUPS.iter().map(|group| Choice::new(group, texts.t(&group_key(group)), &asked.action)).collect();
    let more_href = found.next.map(|next| asked.address("/audit", Some(&next.to_string()))).unwrap_or_default();
    let shown = AuditPage {
        l: Layout::new(&visitor.viewer(), Section::Audit, ""),
        tabs: tabs(&visitor, system),
        groups,
        rows: found.items.iter().map(|record| row(&reader, record)).collect(),
        filtered: [&asked.action, &asked.actor, &asked.from, &asked.to].iter().any(|value| !value.is_empty()),
        more: texts.t("audit-older"),
        more_href,
        export: asked.address("/audit/export.csv", None),
        plain: if system { "/audit?log=system".to_owned() } else { "/audit".to_owned() },
        asked,
    };
    Ok(page(&shown).into_response())
}

impl Asked {
    fn address(&self, place: &str, after: Option<&str>) -> String {
        let all = [
            ("log", self.log.as_str()),
            ("action", self.action.as_str()),
            ("actor", self.actor.as_str()),
            ("from", self.from.as_str()),
            ("to", self.to.as_str()),
            ("after", after.unwrap_or_default()),
        ];
        let set: Vec<_> = all
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        if set.is_empty() { place.to_owned() } else { format!("{place}?{}", set.join("&")) }
    }
}

pub(super) fn filter(visitor: &Visitor, asked: &Asked) -> Filter {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let span = |text: &str| text.parse::<Day>().ok().map(|day| visitor.zone.span_of(day));
    Filter {
        action: some(&asked.action),
        actor: some(&asked.actor),
        from: span(&asked.from).map(|span| span.from),
        to: span(&asked.to).map(|span| span.to),
    }
}

fn tabs(visitor: &Visitor, system: bool) -> Vec<Tab> {
    if visitor.actor().scope() != Scope::All {
        return Vec::new();
    }
    let tab = |href: &str, label: String, current| Tab {
        href: href.to_owned(),
        label,
        count: String::new(),
        mark: "",
        current,
    };
    vec![
        tab("/audit", visitor.organization.name().to_owned(), !system),
        tab("/audit?log=system", visitor.texts.t("audit-system"), system),
    ]
}

fn row(reader: &Reader, record: &Record) -> Row {
    let visitor = reader.visitor;
    let texts = visitor.texts;
    let who = match record.actor.kind {
        ActorKind::System => texts.t("audit-by-system"),
        ActorKind::Operator | ActorKind::Agent => reader.who(&record.actor.name),
    };
    let sentence = texts.maybe(&format!("audit-{}", record.action.replace(['.', '_'], "-")));
    Row {
        time: texts.time_seconds(&visitor.zone, record.at),
        day: texts.day_year(visitor.zone.day_of(record.at)),
        who,
        place: record.address.map(|address| address.to_string()).unwrap_or_default(),
        what: sentence.unwrap_or_else(|| record.action.clone()),
        whom: reader.whom(record),
        detail: reader.detail(record),
    }
}

fn group_key(group: &str) -> String {
    format!("audit-group-{}", group.trim_end_matches('.').replace('_', "-"))
}
