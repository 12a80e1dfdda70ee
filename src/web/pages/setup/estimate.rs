//! How much disk the plan of an office needs. The numbers of a day were measured; `setup-estimate-how` says them.

use askama::Template;
use nazorat_timeseries::Dataset;

use super::answers::Answers;
use crate::runtime::disk::Room;
use crate::web::Choice;
use crate::web::Texts;

/// Bytes of a computer's day: 1,100 windows of 20 bytes, 300 sites of 40, 60 session marks of 12.
const WINDOWS: u64 = 1_100 * 20;
const SITES: u64 = 300 * 40;
const SESSIONS: u64 = 60 * 12;
/// Bytes of one screenshot.
const SCREENSHOT: u64 = 60_000;
/// Minutes of a day at the computer.
const MINUTES: u64 = 8 * 60;
const YEAR: u64 = 365;
/// What can be chosen, in days; 0 is for ever.
const TERMS: [u64; 6] = [30, 90, 180, 365, 730, 0];
/// Minutes between screenshots; 0 is never.
const SHOTS: [u64; 5] = [0, 5, 10, 15, 30];

/// One kind of data.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) field: &'static str,
    pub(super) terms: Vec<Choice>,
    pub(super) percent: u64,
    pub(super) takes: String,
}

/// The table with its verdict.
#[derive(Template)]
#[template(path = "setup/estimate.html")]
pub(super) struct Part {
    texts: Texts,
    pub(super) rows: Vec<Row>,
    pub(super) light: &'static str,
    pub(super) title: String,
    pub(super) text: String,
}

impl Part {
    pub(super) fn new(answers: &Answers, texts: Texts, room: Option<Room>) -> Self {
        let computers = u64::from(answers.computers().unwrap_or(0));
        let shots = shots_per_day(&answers.shots);
        let kinds = [
            ("setup-kind-windows", "keep_windows", &answers.keep_windows, 90, WINDOWS),
            ("setup-kind-sites", "keep_sites", &answers.keep_sites, 90, SITES),
            ("setup-kind-sessions", "keep_sessions", &answers.keep_sessions, 365, SESSIONS),
            ("setup-kind-screenshots", "keep_screenshots", &answers.keep_screenshots, 30, shots * SCREENSHOT),
        ];
        let free = room.map(|room| room.free);
        let mut total = 0;
        let rows = kinds.map(|(key, field, sent, usual, day)| {
            let days = sent.parse().unwrap_or(usual);
            let bytes = computers * day * kept_in_a_year(days);
            total += bytes;
            Row {
                label: texts.t(key),
                field,
                terms: terms(texts, days),
                percent: share(bytes, free),
                takes: if bytes == 0 { "\u{2013}".to_owned() } else { texts.bytes(bytes) },
            }
        });
        let (light, title, text) = verdict(texts, total, free);
        Self { texts, rows: rows.into(), light, title, text }
    }

    fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

/// For how many days each dataset is to be kept; `None` is for ever.
pub(super) fn chosen(answers: &Answers) -> Vec<(Dataset, Option<u32>)> {
    let datasets = [
        (Dataset::ActiveWindows, &answers.keep_windows),
        (Dataset::VisitedSites, &answers.keep_sites),
        (Dataset::UserSessions, &answers.keep_sessions),
        (Dataset::Screenshots, &answers.keep_screenshots),
    ];
    let days = |sent: &String| sent.parse::<u32>().ok().filter(|days| TERMS.contains(&u64::from(*days)));
    let known = datasets.into_iter().filter_map(|(dataset, sent)| days(sent).map(|days| (dataset, days)));
    known.map(|(dataset, days)| (dataset, (days > 0).then_some(days))).collect()
}

/// The choices of how often a picture is taken.
pub(super) fn shots(texts: Texts, sent: &str) -> Vec<Choice> {
    let label = |minutes| match minutes {
        0 => texts.t("setup-shots-never"),
        minutes => texts.with("setup-shots-every", [("minutes", minutes.into())]),
    };
    SHOTS.into_iter().map(|minutes| Choice::new(&minutes.to_string(), label(minutes), sent)).collect()
}

fn shots_per_day(sent: &str) -> u64 {
    match sent.parse::<u64>() {
        Ok(minutes) if SHOTS.contains(&minutes) && minutes > 0 => MINUTES / minutes,
        _ => 0,
    }
}

fn terms(texts: Texts, days: u64) -> Vec<Choice> {
    let label = |days| match days {
        0 => texts.t("setup-term-ever"),
        days if days % YEAR == 0 => texts.count("setup-term-years", days / YEAR),
        days => texts.count("days-count", days),
    };
    TERMS.into_iter().map(|term| Choice::new(&term.to_string(), label(term), &days.to_string())).collect()
}

/// What is there after a year: no more than that year, whatever the term.
fn kept_in_a_year(days: u64) -> u64 {
    if days == 0 { YEAR } else { days.min(YEAR) }
}

/// In percent of the free room; what is there but small is seen.
fn share(bytes: u64, free: Option<u64>) -> u64 {
    match free {
        Some(free) if free > 0 && bytes > 0 => (bytes.saturating_mul(100) / free).clamp(1, 100),
        _ => 0,
    }
}

fn verdict(texts: Texts, total: u64, free: Option<u64>) -> (&'static str, String, String) {
    let Some(free) = free else {
        let text = texts.with("setup-needs", [("size", texts.bytes(total).into())]);
        return ("off", String::new(), text);
    };
    let (light, key) = match share(total, Some(free)) {
        _ if total > free => ("bad", "setup-fits-not"),
        0..=70 => ("ok", "setup-fits"),
        _ => ("look", "setup-fits-hardly"),
    };
    let sizes = [("size", texts.bytes(total).into()), ("free", texts.bytes(free).into())];
    (light, texts.t(key), texts.with("setup-needs-of", sizes))
}

#[cfg(test)]
mod tests {
    use super::Part;
    use super::kept_in_a_year;
    use super::share;
    use crate::kernel::Language;
    use crate::runtime::disk::Room;
    use crate::web::Texts;
    use crate::web::pages::setup::answers::Answers;

    #[test]
    fn pictures_need_more_than_all_the_rest() {
        let texts = Texts::of(Language::En);
        let room = Some(Room { free: 10_000_000_000, all: 20_000_000_000 });
        let mut answers = Answers { computers: "170".to_owned(), ..Answers::default() };
        assert_eq!(Part::new(&answers, texts, room).light, "ok");
        answers.shots = "5".to_owned();
        assert_eq!(Part::new(&answers, texts, room).light, "bad");
    }

    #[test]
    fn small_is_not_nothing() {
        assert_eq!((share(1, Some(1_000_000)), share(0, Some(1)), share(5, None)), (1, 0, 0));
        assert_eq!((kept_in_a_year(0), kept_in_a_year(730), kept_in_a_year(30)), (365, 365, 30));
    }
}
