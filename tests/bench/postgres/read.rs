//! The questions of people, as SQL over the table of the v1 schema.

use std::fmt::Write as _;
use std::thread;

use anyhow::Result;

use super::Cluster;
use super::store;
use crate::query::Options;
use crate::query::Question;
use crate::query::day;

/// Rows of one COPY.
const PIECE: u64 = 100_000;

/// The same events, copied in before there is an index: the fastest way that PostgreSQL has.
pub(crate) fn fill(cluster: &Cluster, options: &Options) -> Result<()> {
    let mut session = cluster.connect()?;
    session.ask(store::TABLE)?;
    let pieces = options.events().div_ceil(PIECE);
    thread::scope(|scope| -> Result<()> {
        let client = |first: usize| -> Result<()> {
            let mut session = cluster.connect()?;
            for piece in (first as u64..pieces).step_by(options.connections()) {
                let events = piece * PIECE..((piece + 1) * PIECE).min(options.events());
                let mut sql = String::with_capacity(16 << 20);
                store::copy(&mut sql, events.map(|event| options.window(event)));
                session.ask(&sql)?;
            }
            Ok(())
        };
        let clients: Vec<_> = (0..options.connections()).map(|first| scope.spawn(move || client(first))).collect();
        clients.into_iter().try_for_each(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    session.ask(store::INDEXES)?;
    let mut people = "CREATE TABLE people (computer_user_id integer PRIMARY KEY, department_id integer NOT NULL);\n\
                      INSERT INTO people VALUES"
        .to_owned();
    for user in 0..options.people() {
        let comma = if user == 0 { "" } else { "," };
        write!(people, "{comma}({user},{})", options.department_of(user))?;
    }
    session.ask(&format!("{people};\nVACUUM (ANALYZE) people;"))?;
    session.ask("VACUUM (ANALYZE) active_windows;")?;
    Ok(())
}

pub(crate) fn sql(question: Question) -> String {
    let within = |from: u64, days: u64| {
        let (from, to) = (day(from), day(from + days));
        format!("organization_id = 1 AND datetime >= '{from}T00:00:00+05' AND datetime < '{to}T00:00:00+05'")
    };
    let by_time = |bucket: &str| format!("date_trunc('{bucket}', datetime AT TIME ZONE 'Asia/Tashkent')");
    match question {
        Question::Day(person, day) => format!(
            "SELECT datetime, process_name, title, active_time FROM active_windows \
             WHERE computer_user_id = {person} AND {} ORDER BY datetime;",
            within(day, 1)
        ),
        Question::Week(department, from) => format!(
            "SELECT {} AS day, process_name, sum(active_time) FROM active_windows JOIN people USING (computer_user_id) \
             WHERE department_id = {department} AND {} GROUP BY 1, 2;",
            by_time("day"),
            within(from, 7)
        ),
        Question::Month(from) => format!(
            "SELECT {} AS day, process_name, sum(active_time) FROM active_windows WHERE {} GROUP BY 1, 2;",
            by_time("day"),
            within(from, 31)
        ),
        Question::Year => format!(
            "SELECT {} AS month, process_name, sum(active_time) FROM active_windows WHERE {} GROUP BY 1, 2;",
            by_time("month"),
            within(0, 366)
        ),
    }
}
