//! The entry log as a file for spreadsheets, at most ten thousand passes.

use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::header;

use super::asked::Asked;
use super::asked::DoorsQuery;
use crate::audit::Entry;
use crate::doors::Pass;
use crate::doors::Person;
use crate::kernel::PageRequest;
use crate::kernel::spreadsheet_safe;
use crate::web::App;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Visitor;

/// The most rows of a file.
const MOST: usize = 10_000;
/// The most pages that are asked for: a question that finds little goes on with the next one.
const PAGES: usize = 200;

/// `GET /doors/export.csv`.
pub(super) async fn csv(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<DoorsQuery>,
) -> Result<Response, PageFailure> {
    let asked = Asked::new(&visitor, &app, query);
    let text = sheet(&app, &visitor, &asked).await.map_err(|problem| visitor.failure(problem))?;
    let name = format!("attachment; filename=\"doors-{}-{}.csv\"", asked.first, asked.last);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

async fn sheet(app: &App, visitor: &Visitor, asked: &Asked) -> Result<String, Failure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let mut text = String::from(
        "\u{feff}at,received_at,gate,device,door,person,number,known_by,card,credential,direction,outcome,reason,direction_pending,repeated\r\n",
    );
    let (mut rows, mut after) = (0, None);
    for _ in 0..PAGES {
        let request = PageRequest { limit: PageRequest::MAX.min(MOST - rows), after };
        let log = app.entry_log.log(actor, organization, asked.filter(), request).await?;
        rows += log.items.len();
        log.items.iter().for_each(|pass| line(&mut text, pass));
        after = log.next;
        if after.is_none() || rows >= MOST {
            break;
        }
    }
    let entry = Entry::new("doors.export").of(organization).with("rows", rows as u64);
    let entry = entry.with("from", asked.from.to_string()).with("to", asked.to.to_string());
    let entry = match asked.person {
        Some(person) => entry.on("employee", person),
        None => entry,
    };
    app.audit.record(actor, entry).await;
    Ok(text)
}

fn line(text: &mut String, pass: &Pass) {
    let (person, number, known) = match &pass.person {
        Person::Employee { name, .. } => (name.clone(), String::new(), "organization"),
        Person::Stranger { number, name } => (name.clone(), number.clone(), "device"),
        Person::Nobody => (String::new(), String::new(), ""),
    };
    let cells = [
        pass.at.to_string(),
        pass.received_at.to_string(),
        pass.gate.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
        pass.device_name.clone().unwrap_or_else(|| pass.device.to_string()),
        pass.door.to_string(),
        person,
        number,
        known.to_owned(),
        pass.card.clone(),
        pass.credential.word().to_owned(),
        pass.direction.word().to_owned(),
        pass.outcome.word().to_owned(),
        pass.reason.clone(),
        pass.pending.to_string(),
        pass.repeated.to_string(),
    ];
    let quoted = cells.iter().map(|cell| format!("\"{}\"", spreadsheet_safe(cell).replace('"', "\"\"")));
    text.push_str(&quoted.collect::<Vec<_>>().join(","));
    text.push_str("\r\n");
}
