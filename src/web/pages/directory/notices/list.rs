//! Who has accepted what they are told: the list, and the same list as a file.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::kernel::EmployeeId;
use crate::kernel::PageRequest;
use crate::kernel::initials;
use crate::kernel::spreadsheet_safe;
use crate::notices::Standing;
use crate::people::Delimiter;
use crate::people::EmployeeFilter;
use crate::people::EmployeeView;
use crate::people::State as Used;
use crate::web::App;
use crate::web::Choice;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::href;
use crate::web::pages::directory::people;
use crate::web::pages::directory::shown::Foot;
use crate::web::pages::directory::shown::STEP;
use crate::web::pages::directory::shown::Tab;
use crate::web::pages::directory::shown::departments;

const PATH: &str = "/people/notices";

/// Which people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Missing,
    Accepted,
    All,
}

impl Which {
    const ALL: [Which; 3] = [Which::Missing, Which::Accepted, Which::All];

    /// The word in the address and the key of its tab.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Which::Missing => ("", "notice-tab-missing"),
            Which::Accepted => ("accepted", "notice-tab-accepted"),
            Which::All => ("all", "notice-tab-all"),
        }
    }

    const fn holds(self, standing: &Standing) -> bool {
        match self {
            Which::Missing => standing.accepted_on.is_none(),
            Which::Accepted => standing.accepted_on.is_some(),
            Which::All => true,
        }
    }
}

#[derive(Template)]
#[template(path = "notices/list.html")]
struct NoticesPage {
    l: Layout,
    title: String,
    meta: String,
    light: &'static str,
    tabs: Vec<Tab>,
    q: String,
    which: &'static str,
    departments: Vec<Choice>,
    rows: Vec<Row>,
    nobody: String,
    foot: Foot,
    export: String,
}

struct Row {
    initials: String,
    name: String,
    position: String,
    href: String,
    department: String,
    notice: String,
    light: &'static str,
    standing: String,
}

/// People at work whom the visitor may see, with how it stands with each.
struct Found {
    people: Vec<EmployeeView>,
    standings: HashMap<EmployeeId, Standing>,
}

impl Found {
    async fn of(app: &App, visitor: &Visitor, query: &Fields) -> Result<Self, Failure> {
        let (actor, organization) = (visitor.actor(), visitor.organization_id());
        let view = app.people.view(actor, organization).await?;
        let filter = EmployeeFilter {
            text: query.owned("q"),
            department: query.parsed("department"),
            state: Some(Used::Active),
            ..EmployeeFilter::default()
        };
        let (mut people, mut after) = (Vec::new(), None);
        loop {
            let page = view.employees(&filter, &PageRequest { limit: PageRequest::MAX, after })?;
            people.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let ids = people.iter().map(|one| one.id).collect();
        let standings = app.notices.standings(actor, organization, ids).await?;
        Ok(Self { people, standings: standings.into_iter().map(|one| (one.employee, one)).collect() })
    }

    fn of_which(&self, which: Which) -> impl Iterator<Item = (&EmployeeView, &Standing)> {
        let with = |person: &EmployeeView| self.standings.get(&person.id);
        let all = self.people.iter().filter_map(move |person| Some((person, with(person)?)));
        all.filter(move |(_, standing)| which.holds(standing))
    }

    fn count(&self, which: Which) -> usize {
        self.of_which(which).count()
    }
}

fn which_of(query: &Fields) -> Which {
    let asked = Which::ALL.into_iter().find(|which| which.words().0 == query.text("state"));
    asked.unwrap_or(Which::Missing)
}

/// The same list with other people of it.
fn address(path: &str, query: &Fields, which: Which) -> String {
    href(path, &[("state", which.words().0), ("q", query.text("q")), ("department", query.text("department"))])
}

/// `GET /people/notices`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let found = Found::of(&app, &visitor, &query).await.map_err(|problem| visitor.failure(problem))?;
    let view = app.people.view(visitor.actor(), visitor.organization_id()).await;
    let view = view.map_err(|problem| visitor.failure(problem))?;
    let texts = visitor.texts;
    let which = which_of(&query);
    let show = query.parsed("show").unwrap_or(STEP).clamp(STEP, PageRequest::MAX);
    let (accepted, all) = (found.count(Which::Accepted), found.count(Which::All));
    let rows: Vec<Row> = found.of_which(which).take(show).map(|one| row(&visitor, one)).collect();
    let tab = |one: Which| Tab {
        href: address(PATH, &query, one),
        label: texts.t(one.words().1),
        count: texts.number(found.count(one) as u64),
        mark: "",
        current: one == which,
    };
    let more = |show: usize| href(&address(PATH, &query, which), &[("show", &show.to_string())]);
    let title = texts.t("notice-list-title");
    Ok(page(&NoticesPage {
        l: Layout::new(&visitor.viewer(), Section::People, &title),
        meta: texts.with("notice-list-meta", [("accepted", accepted.into()), ("count", all.into())]),
        light: if accepted == all { "ok" } else { "look" },
        tabs: Which::ALL.into_iter().map(tab).collect(),
        q: query.owned("q"),
        which: which.words().0,
        departments: departments(&view, query.parsed("department")),
        nobody: if rows.is_empty() { texts.t(nobody_key(which, all)) } else { String::new() },
        foot: Foot::new(texts, rows.len(), found.count(which) as u64, more),
        rows,
        export: address("/people/notices/export.csv", &query, which),
        title,
    })
    .into_response())
}

const fn nobody_key(which: Which, all: usize) -> &'static str {
    match which {
        Which::Missing if all > 0 => "notice-list-all-accepted",
        Which::Missing | Which::Accepted | Which::All => "people-nobody",
    }
}

fn row(visitor: &Visitor, (person, standing): (&EmployeeView, &Standing)) -> Row {
    let texts = visitor.texts;
    let name = person.surname_first();
    let since = texts.day_year(visitor.zone.day_of(standing.since));
    let said = match (standing.accepted_on, standing.last_accepted) {
        (Some(on), _) => texts.with("notice-list-accepted", [("day", texts.day_year(on).into())]),
        (None, Some(older)) => texts.with("notice-list-older", [("number", older.into())]),
        (None, None) => texts.t("notice-list-never"),
    };
    Row {
        initials: initials(&name),
        position: person.position.clone(),
        href: format!("/people/{}/collected", person.id),
        department: person.department_name.clone().unwrap_or_default(),
        notice: texts.with("notice-list-version", [("number", standing.number.into()), ("day", since.into())]),
        light: if standing.accepted_on.is_some() { "ok" } else { "look" },
        standing: said,
        name,
    }
}

/// `GET /people/notices/export.csv`: the same people, for spreadsheets.
pub(super) async fn export(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, PageFailure> {
    let found = Found::of(&app, &visitor, &query).await.map_err(|problem| visitor.failure(problem))?;
    let texts = visitor.texts;
    let delimiter = people::delimiter(texts.language());
    let rows = found.of_which(which_of(&query)).map(|(person, standing)| {
        let number = person.details.as_ref().and_then(|details| details.personnel_number.clone());
        vec![
            person.surname_first(),
            number.unwrap_or_default(),
            person.department_name.clone().unwrap_or_default(),
            standing.number.to_string(),
            visitor.zone.day_of(standing.since).to_string(),
            standing.accepted_on.map(|on| on.to_string()).unwrap_or_default(),
            standing.last_accepted.map(|number| number.to_string()).unwrap_or_default(),
        ]
    });
    Ok(people::csv("notices.csv", sheet(headings(texts), rows, delimiter)))
}

fn headings(texts: Texts) -> Vec<String> {
    let keys = [
        "people-name",
        "people-number",
        "people-department",
        "notice-column-version",
        "notice-column-since",
        "notice-column-accepted",
        "notice-column-last",
    ];
    keys.into_iter().map(|key| texts.t(key)).collect()
}

fn sheet(headings: Vec<String>, rows: impl Iterator<Item = Vec<String>>, delimiter: Delimiter) -> String {
    let between = match delimiter {
        Delimiter::Comma => ",",
        Delimiter::Semicolon => ";",
    };
    // The mark in front tells spreadsheets that this is UTF-8.
    let mut text = String::from("\u{feff}");
    for row in std::iter::once(headings).chain(rows) {
        let cells = row.iter().map(|cell| format!("\"{}\"", spreadsheet_safe(cell).replace('"', "\"\"")));
        text.push_str(&cells.collect::<Vec<_>>().join(between));
        text.push_str("\r\n");
    }
    text
}
