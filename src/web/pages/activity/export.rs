//! The same events as a file for spreadsheets, at most ten thousand.

use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::header;
use nazorat_timeseries::Event;
use nazorat_wire::InputState;
use nazorat_wire::SessionAction;

use crate::audit::Entry;
use crate::kernel::PageRequest;
use crate::kernel::spreadsheet_safe;
use crate::monitoring::EventView;
use crate::web::App;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Visitor;
use crate::web::pages::activity::asked::Asked;
use crate::web::pages::activity::asked::EventsQuery;
use crate::web::pages::activity::trail;

/// The most rows of a file.
const MOST: usize = 10_000;

pub(super) async fn csv(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<EventsQuery>,
) -> Result<Response, PageFailure> {
    let asked = Asked::new(&visitor, &app, query);
    let text = sheet(&app, &visitor, &asked).await.map_err(|problem| visitor.failure(problem))?;
    let name = format!("attachment; filename=\"{}.csv\"", asked.dataset.name());
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

async fn sheet(app: &App, visitor: &Visitor, asked: &Asked) -> Result<String, Failure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let mut text = String::from("\u{feff}at,received_at,person,computer,user,name,detail,address,category,seconds\r\n");
    let (mut rows, mut after) = (0, None);
    loop {
        let request = PageRequest { limit: PageRequest::MAX.min(MOST - rows), after };
        let found = app.monitoring.events(actor, organization, asked.filter(), request).await?;
        rows += found.items.len();
        found.items.iter().for_each(|one| line(&mut text, one));
        after = found.next;
        if after.is_none() || rows >= MOST {
            break;
        }
    }
    let entry = trail("monitoring.export_events", asked)
        .unwrap_or_else(|| Entry::new("monitoring.export_events").with("dataset", asked.dataset.name()));
    app.audit.record(actor, entry.of(organization).with("rows", rows as u64)).await;
    Ok(text)
}

fn line(text: &mut String, one: &EventView) {
    let app = one.app.clone().unwrap_or_default();
    let seconds = |millis: u32| format!("{}.{:03}", millis / 1000, millis % 1000);
    let (name, detail, address, lasted) = match &one.event {
        Event::ActiveWindow(window) => (app, window.title.clone(), String::new(), seconds(window.duration_ms)),
        Event::VisitedSite(site) => {
            (site.domain.clone(), site.title.clone(), site.url.clone(), seconds(site.duration_ms))
        }
        Event::Screenshot(shot) => (app, shot.title.clone(), String::new(), String::new()),
        Event::UserSession(session) => {
            let word = SessionAction::from_number(session.action).map_or("", SessionAction::word);
            (word.to_owned(), String::new(), String::new(), String::new())
        }
        Event::InputActivity(input) => {
            let word = InputState::from_number(input.state).map_or("", InputState::word);
            (word.to_owned(), String::new(), String::new(), seconds(input.duration_ms))
        }
        Event::Access(_) | Event::GatewayStatus(_) | Event::DeviceStatus(_) | Event::RejectedEvent(_) => return,
    };
    let cells = [
        one.at.to_string(),
        one.received_at.to_string(),
        one.employee.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
        one.place.computer_name.clone(),
        one.place.user_name.clone(),
        name,
        detail,
        address,
        one.category.map(|category| category.name().to_owned()).unwrap_or_default(),
        lasted,
    ];
    let quoted = cells.iter().map(|cell| format!("\"{}\"", spreadsheet_safe(cell).replace('"', "\"\"")));
    text.push_str(&quoted.collect::<Vec<_>>().join(","));
    text.push_str("\r\n");
}
