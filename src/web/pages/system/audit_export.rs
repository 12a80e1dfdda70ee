//! The audit log as a file for spreadsheets and inspectors, as it is filtered, newest first.

use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::header;

use super::audit::Asked;
use super::audit::filter;
use crate::audit::ActorKind;
use crate::audit::Entry;
use crate::audit::Record;
use crate::kernel::PageRequest;
use crate::kernel::Scope;
use crate::kernel::spreadsheet_safe;
use crate::web::App;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Visitor;

/// The most rows of a file; whoever needs more narrows the days.
const MOST: usize = 20_000;

/// `GET /audit/export.csv`.
pub(super) async fn csv(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let text = sheet(&app, &visitor, &asked).await.map_err(|problem| visitor.failure(problem))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, text).into_response())
}

async fn sheet(app: &App, visitor: &Visitor, asked: &Asked) -> Result<String, Failure> {
    let actor = visitor.actor();
    let system = asked.log == "system" && actor.scope() == Scope::All;
    let log = (!system).then(|| visitor.organization_id());
    let mut text = String::from("\u{feff}number,at,actor,actor_kind,action,object,object_id,detail,address\r\n");
    let (mut rows, mut after) = (0, None);
    loop {
        let request = PageRequest { limit: PageRequest::MAX.min(MOST - rows), after };
        let found = app.audit.list(actor, log, filter(visitor, asked), request).await?;
        rows += found.items.len();
        found.items.iter().for_each(|record| line(&mut text, record));
        after = found.next;
        if after.is_none() || rows >= MOST {
            break;
        }
    }
    let mut entry = Entry::new("audit.export").with("rows", rows as u64);
    if let Some(organization) = log {
        entry = entry.of(organization);
    }
    app.audit.record(actor, entry).await;
    Ok(text)
}

fn line(text: &mut String, record: &Record) {
    let kind = match record.actor.kind {
        ActorKind::System => "system",
        ActorKind::Operator => "operator",
        ActorKind::Agent => "agent",
    };
    let (object, id) = record
        .object
        .as_ref()
        .map_or((String::new(), String::new()), |object| (object.kind.to_string(), object.id.to_string()));
    let cells = [
        record.number.to_string(),
        record.at.to_string(),
        record.actor.name.clone(),
        kind.to_owned(),
        record.action.clone(),
        object,
        id,
        serde_json::to_string(&record.detail).unwrap_or_default(),
        record.address.map(|address| address.to_string()).unwrap_or_default(),
    ];
    let cells = cells.map(|cell| format!("\"{}\"", spreadsheet_safe(&cell).replace('"', "\"\"")));
    text.push_str(&cells.join(","));
    text.push_str("\r\n");
}
