//! The day as a table and as a file.

use askama::Template;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use http::header;

use crate::kernel::Day;
use crate::kernel::EmployeeId;
use crate::kernel::spreadsheet_safe;
use crate::monitoring::PersonDay;
use crate::monitoring::Segment;
use crate::web::App;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Rendered;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::person::ViewQuery;
use crate::web::pages::person::day_of;
use crate::web::pages::person::drawing::kind_of;

#[derive(Template)]
#[template(path = "person/table.html")]
struct TablePage {
    l: Layout,
    title: String,
    meta: String,
    back: String,
    back_href: String,
    export: String,
    export_href: String,
    caption: String,
    heads: [String; 6],
    rows: Vec<Row>,
    nothing: String,
}

struct Row {
    from: String,
    to: String,
    duration: String,
    kind: &'static str,
    kind_word: String,
    name: String,
    detail: String,
}

pub(super) async fn table(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<EmployeeId>,
    Query(query): Query<ViewQuery>,
) -> Result<Rendered, PageFailure> {
    let day = day_of(&visitor, &app, query.day.as_deref());
    let (name, found) = read(&app, &visitor, id, day).await?;
    let texts = visitor.texts;
    let person = Crumb { href: format!("/people/{id}?day={day}"), label: name.clone() };
    let title = texts.day_long(day);
    Ok(page(&TablePage {
        l: Layout::new(&visitor.viewer(), Section::People, &title).through([person]),
        meta: name,
        back: texts.t("person-as-drawing"),
        back_href: format!("/people/{id}?day={day}"),
        export: texts.t("action-export"),
        export_href: format!("/people/{id}/day.csv?day={day}"),
        caption: texts.t("person-table-caption"),
        heads: ["from", "to", "duration", "kind", "name", "detail"]
            .map(|head| texts.t(&format!("person-column-{head}"))),
        rows: found.timeline.applications.iter().map(|one| row(&visitor, one)).collect(),
        nothing: texts.t("person-empty"),
        title,
    }))
}

pub(super) async fn csv(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<EmployeeId>,
    Query(query): Query<ViewQuery>,
) -> Result<Response, PageFailure> {
    let day = day_of(&visitor, &app, query.day.as_deref());
    let (_, found) = read(&app, &visitor, id, day).await?;
    let name = format!("attachment; filename=\"employee-{id}-{day}.csv\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, sheet(&found)).into_response())
}

async fn read(app: &App, visitor: &Visitor, id: EmployeeId, day: Day) -> Result<(String, PersonDay), PageFailure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let view = app.people.view(actor, organization).await.map_err(|problem| visitor.failure(problem))?;
    let employee = view.employee(id).map_err(|problem| visitor.failure(problem))?;
    let found = app.monitoring.day(actor, organization, id, day).await;
    Ok((employee.given_first(), found.map_err(|problem| visitor.failure(problem))?))
}

fn row(visitor: &Visitor, one: &Segment) -> Row {
    let texts = visitor.texts;
    let kind = kind_of(one.category);
    Row {
        from: texts.time_seconds(&visitor.zone, one.span.from),
        to: texts.time_seconds(&visitor.zone, one.span.to),
        duration: texts.duration_ms(one.ms),
        kind,
        kind_word: texts.t(&format!("state-{kind}")),
        name: match &one.site {
            Some(site) => format!("{} \u{b7} {site}", one.app),
            None if one.app.is_empty() => texts.t("person-app-unknown"),
            None => one.app.clone(),
        },
        detail: one.title.clone(),
    }
}

/// The same rows for other programs: times in UTC, durations in seconds. Cells that a spreadsheet would take for
/// formulas are quoted with an apostrophe.
fn sheet(day: &PersonDay) -> String {
    let mut text = String::from("\u{feff}from,to,seconds,category,application,site,title\r\n");
    for one in &day.timeline.applications {
        let cells = [
            one.span.from.to_string(),
            one.span.to.to_string(),
            (one.ms / 1000).to_string(),
            one.category.name().to_owned(),
            one.app.clone(),
            one.site.clone().unwrap_or_default(),
            one.title.clone(),
        ];
        let line: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&line.join(","));
        text.push_str("\r\n");
    }
    text
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", spreadsheet_safe(cell).replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn formulas_become_text() {
        assert_eq!(quoted("=cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\"");
        assert_eq!(quoted("say \"hi\""), "\"say \"\"hi\"\"\"");
    }
}
