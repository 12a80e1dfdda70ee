//! A week, a month or a year of the organization or of one department.

use askama::Template;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;

use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::monitoring::Bucket;
use crate::monitoring::Summary;
use crate::web::App;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Rendered;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::overview::Period;
use crate::web::pages::overview::Words;
use crate::web::pages::overview::drawing::HoursChart;
use crate::web::pages::overview::incomplete;
use crate::web::pages::overview::sums;
use crate::web::pages::overview::sums::PartRow;
use crate::web::pages::overview::sums::RankedRow;
use crate::web::pages::overview::sums::Stat;

#[derive(Template)]
#[template(path = "overview/summary.html")]
struct SummaryPage {
    l: Layout,
    words: Words,
    title: String,
    meta: String,
    periods: Vec<Period>,
    previous: String,
    next: String,
    incomplete: Option<String>,
    stats: Vec<Stat>,
    unit: String,
    chart: Option<HoursChart>,
    table: Vec<PartRow>,
    other_view: [String; 2],
    departments: Vec<PartRow>,
    applications: Vec<RankedRow>,
    sites: Vec<RankedRow>,
    empty: bool,
}

/// What the address says of the view.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct RangeQuery {
    range: String,
    day: Option<String>,
    view: String,
}

/// How much is shown at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    Week,
    Month,
    Year,
}

impl Range {
    fn parse(text: &str) -> Self {
        [Range::Month, Range::Year].into_iter().find(|range| range.name() == text).unwrap_or(Range::Week)
    }

    const fn name(self) -> &'static str {
        match self {
            Range::Week => "week",
            Range::Month => "month",
            Range::Year => "year",
        }
    }

    /// First and last day of the range that holds a day.
    fn days(self, day: Day) -> (Day, Day) {
        let week = || {
            let monday = Bucket::Week.begin(day);
            (monday, monday.checked_add(jiff::Span::new().days(6)).unwrap_or(monday))
        };
        match self {
            Range::Week => week(),
            Range::Month => (day.first_of_month(), day.last_of_month()),
            Range::Year => (day.first_of_year(), day.last_of_year()),
        }
    }

    /// How the days are put together.
    const fn bucket(self) -> Bucket {
        match self {
            Range::Week | Range::Month => Bucket::Day,
            Range::Year => Bucket::Month,
        }
    }
}

/// Of whom the page is.
struct Subject {
    name: String,
    path: String,
    section: Section,
    department: Option<DepartmentId>,
}

pub(super) async fn organization(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<RangeQuery>,
) -> Result<Rendered, PageFailure> {
    let subject = Subject {
        name: visitor.organization.name().to_owned(),
        path: "/summary".to_owned(),
        section: Section::Overview,
        department: None,
    };
    show(&app, &visitor, subject, &query).await
}

pub(super) async fn department(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<DepartmentId>,
    Query(query): Query<RangeQuery>,
) -> Result<Rendered, PageFailure> {
    let view = app.people.view(visitor.actor(), visitor.organization_id()).await;
    let view = view.map_err(|problem| visitor.failure(problem))?;
    let found = view.department(id).map_err(|problem| visitor.failure(problem))?;
    let subject = Subject {
        name: found.name.clone(),
        path: format!("/departments/{id}/summary"),
        section: Section::Departments,
        department: Some(id),
    };
    show(&app, &visitor, subject, &query).await
}

async fn show(app: &App, visitor: &Visitor, subject: Subject, query: &RangeQuery) -> Result<Rendered, PageFailure> {
    let today = visitor.zone.day_of(app.clock.now());
    let asked = query.day.as_deref().and_then(|text| text.parse().ok()).unwrap_or(today);
    let range = Range::parse(&query.range);
    let days = range.days(asked);
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let found = match subject.department {
        None => app.monitoring.organization_summary(actor, organization, days, range.bucket()).await,
        Some(id) => app.monitoring.department_summary(actor, organization, id, days).await,
    };
    let found = found.map_err(|problem| visitor.failure(problem))?;
    let view = View { visitor, subject, range, today, table: query.view == "table" };
    Ok(page(&view.build(found)))
}

struct View<'a> {
    visitor: &'a Visitor,
    subject: Subject,
    range: Range,
    today: Day,
    table: bool,
}

impl View<'_> {
    fn build(&self, mut found: Summary) -> SummaryPage {
        let texts = self.visitor.texts;
        found.buckets = sums::joined(found.buckets, self.range.bucket());
        let title = self.title(found.from, found.to);
        let base = format!("{}?range={}&day={}", self.subject.path, self.range.name(), found.from);
        let other_view = match self.table {
            true => [texts.t("overview-as-chart"), base.clone()],
            false => [texts.t("action-as-table"), format!("{base}&view=table")],
        };
        let people = texts.count("summary-people", found.people);
        let as_of = found
            .completeness
            .as_of
            .map(|at| texts.with("summary-as-of", [("time", texts.time(&self.visitor.zone, at).into())]));
        let meta: Vec<String> = [Some(self.subject.name.clone()), Some(people), as_of].into_iter().flatten().collect();
        SummaryPage {
            l: self.layout(&title),
            words: Words(texts),
            title,
            meta: meta.join(" \u{b7} "),
            periods: self.periods(),
            previous: self.beside(found.from.yesterday().ok()),
            next: self.beside(found.to.tomorrow().ok().filter(|next| *next <= self.today)),
            incomplete: incomplete(texts, &found.completeness.incomplete),
            stats: sums::stats(texts, &found),
            unit: texts.t(match self.range.bucket() {
                Bucket::Month => "summary-unit-month",
                Bucket::Week => "summary-unit-week",
                Bucket::Day => "summary-unit-day",
            }),
            chart: (!self.table)
                .then(|| sums::chart(texts, &found, (self.range == Range::Year, |from| self.bar(from)))),
            table: if self.table { sums::table(texts, &found, self.range == Range::Year) } else { Vec::new() },
            other_view,
            departments: sums::departments(texts, &found, self.range.name()),
            applications: sums::ranked(texts, &found.applications, (&found, "active_windows")),
            sites: sums::ranked(texts, &found.sites, (&found, "visited_sites")),
            empty: found.totals.observed_ms() == 0,
        }
    }

    fn title(&self, from: Day, to: Day) -> String {
        let texts = self.visitor.texts;
        match self.range {
            Range::Week if from.first_of_month() == to.first_of_month() => texts.days_of_month(from, to),
            Range::Week => {
                texts.with("summary-week", [("from", texts.day(from).into()), ("to", texts.day_year(to).into())])
            }
            Range::Month => texts.month_year(from),
            Range::Year => from.year().to_string(),
        }
    }

    fn layout(&self, title: &str) -> Layout {
        let l = Layout::new(&self.visitor.viewer(), self.subject.section, title);
        match self.subject.department {
            Some(id) => l.through([Crumb { href: format!("/departments/{id}"), label: self.subject.name.clone() }]),
            None => l,
        }
    }

    fn periods(&self) -> Vec<Period> {
        match self.subject.department {
            Some(id) => super::department_periods(self.visitor.texts, id, self.range.name()),
            None => super::periods(self.visitor.texts, self.range.name()),
        }
    }

    /// Where a bar leads: a month to itself, a day to its events.
    fn bar(&self, from: Day) -> String {
        match (self.range, self.subject.department) {
            (Range::Year, _) => format!("{}?range=month&day={from}", self.subject.path),
            (_, None) => format!("/activity?from={from}&to={from}"),
            (_, Some(id)) => format!("/activity?department_id={id}&from={from}&to={from}"),
        }
    }

    fn beside(&self, day: Option<Day>) -> String {
        let href = |day| format!("{}?range={}&day={day}", self.subject.path, self.range.name());
        day.map(href).unwrap_or_default()
    }
}
