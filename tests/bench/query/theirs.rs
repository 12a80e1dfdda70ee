//! The same rows and questions in PostgreSQL 15: the table of the v1 server, filled by COPY, then indexed.

use std::fmt::Write as _;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::ensure;
use jiff::civil::Date;

use super::Answered;
use super::Options;
use super::question::Kind;
use super::question::Question;
use super::year::Year;
use super::year::midnight;
use crate::postgres::Cluster;
use crate::postgres::Setup;
use crate::postgres::store;
use crate::rows;

pub(super) struct Measured {
    pub(super) answered: Vec<Answered>,
    pub(super) events: u64,
    pub(super) bytes: u64,
}

pub(super) fn measure(options: &Options, year: &Year) -> Result<Measured> {
    let cluster = Cluster::start(Setup::Tuned)?;
    let wanted = options.postgres_events.unwrap_or(u64::MAX) / year.events_of(1);
    let days = year.days.len().min(usize::try_from(wanted).unwrap_or(usize::MAX)).max(1);
    let mut session = cluster.connect()?;
    session.ask(store::TABLE)?;
    session.ask("CREATE TABLE people (computer_user_id integer PRIMARY KEY, department_id integer NOT NULL);")?;
    let (people, departments) = (year.people, options.departments.max(1));
    session.ask(&format!("INSERT INTO people SELECT n, n % {departments} FROM generate_series(0, {people} - 1) n;"))?;
    for &day in year.days.iter().take(days) {
        session.ask(&copy(day, year).context("a String takes all that is written")?)?;
    }
    session.ask(store::INDEXES)?;
    session.ask("VACUUM (ANALYZE) active_windows; ANALYZE people;")?;
    let answered = super::ask(year, days, |questions| ask(&cluster, options, questions))?;
    Ok(Measured { answered, events: year.events_of(days), bytes: cluster.bytes_of("active_windows")? })
}

/// Everybody's windows of a day.
fn copy(day: Date, year: &Year) -> Result<String, std::fmt::Error> {
    let midnight = midnight(day);
    let mut sql = format!("COPY {} FROM STDIN;\n", store::COLUMNS);
    for number in 0..year.windows {
        for user in 0..year.people {
            let row = rows::of_day(midnight, user, number, year.windows);
            let time = store::time(&row);
            writeln!(sql, "1\t{user}\t{time}\t{}\t{}\t{}", row.app, row.title, row.duration_ms)?;
        }
    }
    sql.push_str("\\.");
    Ok(sql)
}

fn ask(cluster: &Cluster, options: &Options, questions: Vec<Question>) -> Result<Vec<Duration>> {
    let mut session = cluster.connect()?;
    let mut times = Vec::new();
    for question in questions {
        let sql = sql(options, &question);
        let asked = Instant::now();
        let answer = session.ask(&sql)?;
        times.push(asked.elapsed());
        ensure!(!answer.trim().is_empty(), "PostgreSQL knows of no time: {sql}");
    }
    Ok(times)
}

fn sql(options: &Options, question: &Question) -> String {
    let Question { kind, whom, from, to } = question;
    let user = whom % options.people.max(1);
    let department = whom % options.departments.max(1);
    let range = format!(
        "organization_id = 1 AND datetime >= '{from} 00:00+05' AND datetime < timestamptz '{to} 00:00+05' + interval '1 day'"
    );
    let piece = |unit: &str| format!("date_trunc('{unit}', datetime AT TIME ZONE 'Asia/Tashkent')");
    match kind {
        Kind::PersonDay => format!(
            "SELECT datetime, process_name, title, active_time FROM active_windows \
             WHERE computer_user_id = {user} AND {range} ORDER BY datetime;"
        ),
        Kind::DepartmentWeek => format!(
            "SELECT {}, sum(active_time) FROM active_windows JOIN people USING (computer_user_id) \
             WHERE department_id = {department} AND {range} GROUP BY 1;",
            piece("day")
        ),
        Kind::OrganizationMonth => format!("{}{}", sums(&piece("day"), &range), applications(&range)),
        Kind::OrganizationYear => format!("{}{}", sums(&piece("month"), &range), applications(&range)),
    }
}

fn sums(piece: &str, range: &str) -> String {
    format!("SELECT {piece}, sum(active_time) FROM active_windows WHERE {range} GROUP BY 1;\n")
}

fn applications(range: &str) -> String {
    format!(
        "SELECT process_name, sum(active_time) FROM active_windows WHERE {range} GROUP BY 1 ORDER BY 2 DESC LIMIT 20;"
    )
}
