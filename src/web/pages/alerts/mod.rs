//! Alerts: what somebody should look at, each with its next step, and what is over.
//!
//! Most end by themselves as soon as their cause is gone; those that tell of something that has happened are ended by
//! whoever has seen to it.

mod words;

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;

pub(in crate::web::pages) use self::words::{Names, Told, light, tell};
use crate::fleet::alerts::Alert;
use crate::kernel::AlertId;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::At;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::gateways::health::when;

/// Alerts on a page of those that are over.
const STEP: usize = 50;

pub(in crate::web) fn routes() -> Router<App> {
    Router::new().route("/alerts", get(show)).route("/alerts/{id}/dismiss", post(dismiss))
}

/// What the address says of the list.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    show: String,
    /// How many are passed over.
    skip: usize,
}

/// A view of the list.
struct Tab {
    href: String,
    label: String,
    count: String,
    current: bool,
}

struct Item {
    told: Told,
    /// `since 09:05`, or from when to when.
    period: String,
    /// Where it is ended by hand; empty when it is not.
    dismiss: String,
}

#[derive(Template)]
#[template(path = "alerts/page.html")]
struct AlertsPage {
    l: Layout,
    tabs: Vec<Tab>,
    here: String,
    over: bool,
    items: Vec<Item>,
    more_href: String,
}

async fn show(State(app): State<App>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, PageFailure> {
    let over = asked.show == "over";
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let found = match over {
        true => app.alerts.list_over(actor, organization).await,
        false => open(&app, &visitor).await,
    };
    let found = found.map_err(|problem| visitor.failure(problem))?;
    let names = Names::read(&app, &visitor).await.map_err(|problem| visitor.failure(problem))?;
    let now = app.clock.now();
    let skip = if over { asked.skip } else { 0 };
    let most = if over { STEP } else { usize::MAX };
    let shown = found.iter().skip(skip).take(most).map(|alert| item(&visitor, &names, alert, now)).collect();
    let more = over && found.len() > skip.saturating_add(STEP);
    Ok(page(&AlertsPage {
        l: Layout::new(&visitor.viewer(), Section::Alerts, ""),
        tabs: tabs(&visitor, over),
        here: visitor.path().to_owned(),
        over,
        items: shown,
        more_href: if more { format!("/alerts?show=over&skip={}", skip + STEP) } else { String::new() },
    })
    .into_response())
}

/// The worst first, and of those the one that lasts longest.
async fn open(app: &App, visitor: &Visitor) -> Result<Vec<Alert>, crate::fleet::alerts::AlertError> {
    let mut found = app.alerts.list_open(visitor.actor(), visitor.organization_id()).await?;
    found.sort_by_key(|alert| (light(alert.kind) != "bad", alert.opened_at));
    Ok(found)
}

/// The open alerts in words, for the first page; nothing for those who may not see them.
pub(in crate::web::pages) async fn told(app: &App, visitor: &Visitor) -> Result<Vec<Told>, Failure> {
    if !visitor.actor().may(Permission::ReadGateways) {
        return Ok(Vec::new());
    }
    let found = open(app, visitor).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let names = Names::read(app, visitor).await?;
    Ok(found.iter().map(|alert| tell(visitor, &names, alert)).collect())
}

fn tabs(visitor: &Visitor, over: bool) -> Vec<Tab> {
    let texts = visitor.texts;
    let open = visitor.open_alerts();
    let tab = |href: &str, key: &str, count: String, current| Tab {
        href: href.to_owned(),
        label: texts.t(key),
        count,
        current,
    };
    vec![
        tab("/alerts", "alerts-open", texts.number(open as u64), !over),
        tab("/alerts?show=over", "alerts-over", String::new(), over),
    ]
}

fn item(visitor: &Visitor, names: &Names, alert: &Alert, now: Timestamp) -> Item {
    let texts = visitor.texts;
    let told = tell(visitor, names, alert);
    let from = when(visitor, alert.opened_at, now);
    let period = match alert.resolved_at {
        None => texts.with("since-time", [("time", from.into())]),
        Some(to) => texts.with("from-to", [("from", from.into()), ("to", when(visitor, to, now).into())]),
    };
    let by_hand = alert.is_open() && !alert.kind.ends_by_itself() && visitor.actor().may(Permission::EditGateways);
    Item {
        told: if alert.is_open() { told } else { Told { light: "off", next: String::new(), ..told } },
        period,
        dismiss: if by_hand { format!("/alerts/{}/dismiss", alert.id) } else { String::new() },
    }
}

/// `POST /alerts/ID/dismiss`.
async fn dismiss(State(app): State<App>, visitor: Visitor, At(id): At<AlertId>) -> Result<Response, PageFailure> {
    let ended = app.alerts.dismiss(visitor.actor(), visitor.organization_id(), id).await;
    ended.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/alerts", "done-alert-ended", ""))
}
