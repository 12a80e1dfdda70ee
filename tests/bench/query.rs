//! What people ask of a year of events: a person's day, a department's week, an organization's month and year. Asked at
//! the API over one open connection, beside PostgreSQL answering the same questions about the same events.
//!
//! Nazorat's events come in over HTTP as any others do, and everything is asked while the months are still open files:
//! sealed ones are smaller and no slower.

use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::ensure;
use serde_json::Value;
use serde_json::json;

use crate::appliance::Appliance;
use crate::appliance::Connection;
use crate::batches;
use crate::hardware;
use crate::ingest;
use crate::postgres::Cluster;
use crate::postgres::read;
use crate::rows;
use crate::table;
use crate::table::Table;

/// The made-up events lie in the past; the appliance is told to believe them.
const ACCEPT_DAYS: u32 = 3_650;
const BATCH: u64 = 500;

#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Options {
    /// How many events
    #[arg(long, default_value_t = 100_000_000)]
    events: u64,
    /// People the events belong to
    #[arg(long, default_value_t = 1_000)]
    people: u64,
    /// Departments the people belong to
    #[arg(long, default_value_t = 20)]
    departments: u64,
    /// Days the events are spread over, from 5 January 2026 on
    #[arg(long, default_value_t = 320)]
    days: u64,
    /// Connections that send at the same time
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Leaves PostgreSQL out
    #[arg(long)]
    alone: bool,
}

impl Options {
    pub(crate) fn per_day(&self) -> u64 {
        (self.events / self.people.max(1) / self.days.max(1)).clamp(1, 2_400)
    }

    /// As many as fill all days of all people.
    pub(crate) fn events(&self) -> u64 {
        self.per_day() * self.people * self.days
    }

    pub(crate) fn window(&self, number: u64) -> rows::ActiveWindow {
        rows::spread(number, self.people, self.per_day())
    }

    pub(crate) fn people(&self) -> u64 {
        self.people
    }

    pub(crate) fn department_of(&self, user: u64) -> u64 {
        user % self.departments
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections
    }
}

/// A question, as one and the same for both.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question {
    /// Of which person, on which day.
    Day(u64, u64),
    /// Of which department, from which day on.
    Week(u64, u64),
    /// From which day on.
    Month(u64),
    /// All of it.
    Year,
}

/// A kind of question, what has to be reached, and the questions.
struct Asked {
    what: &'static str,
    bar_ms: u64,
    questions: Vec<Question>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let asked = questions(options);
    let begun = Instant::now();
    let mut appliance = Appliance::start(ACCEPT_DAYS)?;
    let office = Office::found(&appliance, options)?;
    let batches = options.events().div_ceil(BATCH);
    batches::send_all(&appliance, options.connections, 0..batches, |number| {
        let events = number * BATCH..((number + 1) * BATCH).min(options.events());
        batches::body(&format!("bench-{number}"), events.map(|event| options.window(event)))
    })?;
    appliance.settle(Duration::from_secs(600))?;
    eprintln!("{} events are stored after {:.0} s", table::grouped(options.events()), begun.elapsed().as_secs_f64());
    office.link(&appliance, options)?;
    office.wait_for_sums(&appliance, options)?;
    eprintln!("sums are up to date after {:.0} s", begun.elapsed().as_secs_f64());

    let mut ours = Vec::new();
    let mut connection = appliance.connect()?;
    for kind in &asked {
        ours.push(time(&kind.questions, |question| office.ask(&mut connection, &appliance.token, question).map(drop))?);
    }
    let resident = ingest::resident(appliance.id())? / 1024;
    appliance.stop()?;
    let bytes = ingest::size(&appliance.data().join("events"))? / options.events();
    drop(appliance);

    let mut theirs = vec![None; asked.len()];
    if !options.alone {
        let cluster = Cluster::start()?;
        read::fill(&cluster, options)?;
        let mut session = cluster.connect()?;
        for (kind, theirs) in asked.iter().zip(&mut theirs) {
            *theirs = Some(time(&kind.questions, |question| session.ask(&read::sql(question)).map(drop))?);
        }
    }
    let mut shown = Table::new(&["what", "bar", "p50", "p95", "PostgreSQL p50", "PostgreSQL p95"]);
    for ((kind, ours), theirs) in asked.iter().zip(&mut ours).zip(&mut theirs) {
        let (median, p95) = match theirs {
            Some(times) => (table::millis(table::median(times)), table::millis(table::p95(times))),
            None => (String::new(), String::new()),
        };
        let bar = format!("{} ms", kind.bar_ms);
        shown.row(&[
            &kind.what,
            &bar,
            &table::millis(table::median(ours)),
            &table::millis(table::p95(ours)),
            &median,
            &p95,
        ]);
    }
    eprintln!(
        "{}\n{} events of {} people on {} days, {bytes} bytes/event, not sealed; resident after the questions: {resident} MB\n\n{shown}",
        hardware::line(),
        table::grouped(options.events()),
        options.people,
        options.days
    );
    Ok(())
}

/// Many people, departments and times, so that nothing is answered from what was asked before.
fn questions(options: &Options) -> Vec<Asked> {
    let Options { people, departments, days, .. } = *options;
    let kind = |what, bar_ms, count, question: &dyn Fn(u64) -> Question| Asked {
        what,
        bar_ms,
        questions: (0..count).map(question).collect(),
    };
    vec![
        kind("a person's day", 50, 200, &|n| Question::Day(n * 7_919 % people, n * 104_729 % days)),
        kind("a department's week", 150, 100, &|n| {
            Question::Week(n * 7 % departments, n * 104_729 % (days.saturating_sub(7).max(1)) / 7 * 7)
        }),
        kind("an organization's month", 400, 20, &|n| Question::Month(n * 31 % (days.saturating_sub(31).max(1)))),
        kind("an organization's year", 1_500, 5, &|_| Question::Year),
    ]
}

fn time(questions: &[Question], mut ask: impl FnMut(Question) -> Result<()>) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for &question in questions {
        let begun = Instant::now();
        ask(question)?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

/// The day with that number of the made-up events.
pub(crate) fn day(number: u64) -> jiff::civil::Date {
    let start = jiff::Timestamp::from_microsecond(rows::START).unwrap_or_default();
    let start = start.to_zoned(jiff::tz::TimeZone::UTC).date();
    start.saturating_add(jiff::Span::new().days(i64::try_from(number).unwrap_or_default()))
}

/// The people and departments, by their number in the bench.
struct Office {
    employees: Vec<u64>,
    departments: Vec<u64>,
    last_day: u64,
}

impl Office {
    fn found(appliance: &Appliance, options: &Options) -> Result<Office> {
        let mut connection = appliance.connect()?;
        let token = &appliance.token;
        let mut make = |path: &str, what: &Value| id(&connection.make(path, token, what)?);
        let departments: Vec<u64> = (0..options.departments)
            .map(|number| make("/api/v1/departments", &json!({ "name": format!("Department {number}") })))
            .collect::<Result<_>>()?;
        let employee = |number: u64| {
            let department = departments.get(options.department_of(number) as usize);
            json!({ "surname": format!("Person {number}"), "given_name": "Bench", "department_id": department })
        };
        let employees = (0..options.people).map(|number| make("/api/v1/employees", &employee(number)));
        let employees = employees.collect::<Result<_>>()?;
        Ok(Office { employees, departments, last_day: options.days.saturating_sub(1) })
    }

    /// The accounts appeared by themselves; each belongs to one person.
    fn link(&self, appliance: &Appliance, options: &Options) -> Result<()> {
        let mut connection = appliance.connect()?;
        let mut accounts = std::collections::HashMap::new();
        let mut path = "/api/v1/computer-users?limit=200".to_owned();
        loop {
            let page: Value = serde_json::from_str(&connection.get(&path, &appliance.token)?)?;
            for account in page["items"].as_array().context("the list has no items")? {
                let name = account["user_name"].as_str().context("an account has no name")?;
                accounts.insert(name.to_lowercase(), id(account)?);
            }
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/api/v1/computer-users?limit=200&cursor={cursor}");
        }
        for (number, employee) in (0..options.people).zip(&self.employees) {
            let name = batches::account(number);
            let account = accounts.get(&name.to_lowercase()).with_context(|| format!("{name} did not appear"))?;
            let link = json!({ "computer_user_id": account, "employee_id": employee });
            connection.make("/api/v1/links", &appliance.token, &link)?;
        }
        Ok(())
    }

    /// The year says as much time as was sent: nothing is missing, and no day is waiting to be added up.
    #[expect(clippy::disallowed_methods, reason = "a bench waits for another process, with a deadline")]
    fn wait_for_sums(&self, appliance: &Appliance, options: &Options) -> Result<()> {
        let sent: u64 = (0..options.events()).map(|number| options.window(number).duration_ms).sum();
        let deadline = Instant::now() + Duration::from_secs(900);
        let mut connection = appliance.connect()?;
        loop {
            let year = self.ask(&mut connection, &appliance.token, Question::Year)?;
            let known = year["totals"]["active_ms"].as_u64().context("the year has no total")?;
            if known == sent {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "the year says {known} ms instead of {sent} ms");
            std::thread::sleep(Duration::from_secs(2));
        }
    }

    fn ask(&self, connection: &mut Connection, token: &str, question: Question) -> Result<Value> {
        let of = |ids: &[u64], number: u64| ids.get(number as usize).copied().context("nobody has that number");
        let path = match question {
            Question::Day(person, number) => {
                format!("/api/v1/employees/{}/timeline?day={}", of(&self.employees, person)?, day(number))
            }
            Question::Week(department, from) => {
                let department = of(&self.departments, department)?;
                format!("/api/v1/departments/{department}/summary?from={}&to={}", day(from), day(from + 6))
            }
            Question::Month(from) => {
                format!("/api/v1/organizations/1/summary?bucket=day&from={}&to={}", day(from), day(from + 30))
            }
            Question::Year => {
                format!("/api/v1/organizations/1/summary?bucket=month&from={}&to={}", day(0), day(self.last_day))
            }
        };
        serde_json::from_str(&connection.get(&path, token)?).with_context(|| format!("{path} is no JSON"))
    }
}

fn id(made: &Value) -> Result<u64> {
    made["id"].as_u64().context("there is no id")
}
