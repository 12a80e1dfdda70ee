//! Reading reports: a year of windows of a thousand people, asked for as the pages ask, at the API. PostgreSQL answers
//! the same questions about the same rows in the same run, each as one would write it in SQL.

use std::time::Duration;
use std::time::Instant;

use anyhow::Result;
use anyhow::ensure;

use crate::appliance::Appliance;
use crate::appliance::BELIEVES_THE_PAST;
use crate::hardware;
use crate::table;
use crate::table::Table;

mod load;
mod office;
mod pages;
mod question;
mod sealed;
mod theirs;
mod year;

use office::Office;
use question::Kind;
use question::Question;
use year::Year;

#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Options {
    /// How many events, about: every person has equally many on every working day of a year
    #[arg(long, default_value_t = 100_000_000)]
    events: u64,
    /// Connections that load at the same time
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// People
    #[arg(long, default_value_t = 1_000)]
    people: u64,
    /// Departments the people are spread over
    #[arg(long, default_value_t = 20)]
    departments: u64,
    /// Events that PostgreSQL stores, the first days of the year; all when it is left out
    #[arg(long)]
    postgres_events: Option<u64>,
    /// Leaves PostgreSQL out
    #[arg(long)]
    alone: bool,
}

#[expect(clippy::disallowed_methods, reason = "the appliance lives in real time, and the year before it is loaded")]
pub(crate) fn run(options: &Options) -> Result<()> {
    let today = jiff::Zoned::now().date();
    let year = Year::before(today, options.events, options.people);
    let mut appliance = Appliance::start(&[BELIEVES_THE_PAST])?;
    let office = Office::found(&appliance, options.departments, year.people)?;
    let started = Instant::now();
    let midnights: Vec<i64> = year.days.iter().copied().map(year::midnight).collect();
    let (first, rest) = midnights.split_at(1);
    // The accounts appear with their first events and are linked before the sums of the year are computed.
    load::send(&appliance, &office, &year, first, options.connections)?;
    appliance.settle(Duration::from_secs(60))?;
    office.link(&appliance)?;
    load::send(&appliance, &office, &year, rest, options.connections)?;
    appliance.settle(Duration::from_secs(600))?;
    eprintln!("{} events are stored after {:.0?}", table::grouped(year.events()), started.elapsed());
    office.wait_for_sums(&appliance, &year)?;
    eprintln!("their sums are computed after {:.0?}", started.elapsed());
    // The keeper has not looked at this organization yet; it looks at every start.
    appliance.restart()?;
    let sealed = sealed::wait(&appliance, office.organization, today)?;
    eprintln!("all months that are over are sealed after {:.0?}", started.elapsed());
    office.wait_for_sums(&appliance, &year)?;
    let ours = ask(&year, year.days.len(), |question| office.ask(&appliance, question))?;
    // The first pages are about today: people are at work now.
    let today = jiff::Timestamp::now().as_microsecond() - year::DAYS_END_MICROS;
    load::send(&appliance, &office, &year, &[today], options.connections)?;
    appliance.settle(Duration::from_secs(60))?;
    let opened = pages::open(&appliance, &office, &year)?;
    drop(appliance);
    // Shown at once: PostgreSQL takes its time.
    eprintln!("{}", table_of(&opened));
    let theirs = if options.alone { None } else { Some(theirs::measure(options, &year)?) };
    show(&year, &sealed, &ours, theirs.as_ref());
    Ok(())
}

/// What was measured of one kind of question.
struct Answered {
    kind: Kind,
    times: Vec<Duration>,
}

/// Asks questions of each kind, over one connection that stays open. The first of each kind warms up and is not counted.
fn ask(year: &Year, days: usize, connect: impl Fn(Vec<Question>) -> Result<Vec<Duration>>) -> Result<Vec<Answered>> {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let questions = question::of(kind, year, days);
        if questions.is_empty() {
            continue;
        }
        let mut times = connect(questions)?;
        ensure!(times.len() > 1, "too few questions");
        times.remove(0);
        all.push(Answered { kind, times });
    }
    Ok(all)
}

fn table_of(pages: &[pages::Page]) -> Table {
    let mut shown = Table::new(&["page", "opened", "p50", "p95", "bar"]);
    for page in pages {
        let mut times = page.times.clone();
        shown.row(&[
            &page.name,
            &times.len(),
            &table::millis(table::percentile(&mut times, 50)),
            &table::millis(table::p95(&mut times)),
            &table::millis(pages::BAR),
        ]);
    }
    shown
}

fn show(year: &Year, sealed: &sealed::Sealed, ours: &[Answered], theirs: Option<&theirs::Measured>) {
    let mut shown = Table::new(&["what", "asked", "p50", "p95", "bar", "PostgreSQL p50", "PostgreSQL p95"]);
    for answered in ours {
        let mut times = answered.times.clone();
        let beside = theirs.and_then(|theirs| theirs.answered.iter().find(|one| one.kind == answered.kind));
        let of_theirs = |percent| {
            beside.map_or_else(String::new, |one| table::millis(table::percentile(&mut one.times.clone(), percent)))
        };
        shown.row(&[
            &answered.kind.name(),
            &times.len(),
            &table::millis(table::percentile(&mut times, 50)),
            &table::millis(table::p95(&mut times)),
            &table::millis(answered.kind.bar()),
            &of_theirs(50),
            &of_theirs(95),
        ]);
    }
    let mut sizes = Table::new(&["what", "events", "bytes/event", "bar"]);
    sizes.row(&[&"Nazorat, sealed months", &table::grouped(sealed.rows), &sealed.bytes_per_event(), &"20"]);
    if let Some(theirs) = theirs {
        let each = theirs.bytes / theirs.events.max(1);
        sizes.row(&[&"PostgreSQL 15, v1 schema", &table::grouped(theirs.events), &each, &""]);
    }
    let events = table::grouped(year.events());
    eprintln!("{}\n{events} events of {} people\n\n{shown}\n{sizes}", hardware::line(), year.people);
}
