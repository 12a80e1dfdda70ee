//! Facts as sentences for the person whom they concern, in that person's language.

use nazorat_timeseries::Dataset;
use nazorat_wire::policy::Action;
use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Exclusion;
use nazorat_wire::policy::Part;
use nazorat_wire::policy::Screenshots;
use nazorat_wire::policy::SiteDetail;
use nazorat_wire::policy::WindowDetail;

use crate::kernel::Zone;
use crate::notices::Facts;
use crate::notices::Notice;
use crate::web::Texts;
use crate::web::pages::directory::notices::week;

/// Exclusions of one kind that are named; how many more there are is told.
const MOST_NAMED: usize = 12;

/// A notice as it is read and signed.
pub(super) struct Sheet {
    pub(super) lang: &'static str,
    pub(super) title: String,
    pub(super) name: String,
    pub(super) position: String,
    pub(super) version: String,
    pub(super) intro: String,
    /// Said first while nobody has decided anything.
    pub(super) open: String,
    pub(super) caption: String,
    pub(super) heads: [String; 3],
    pub(super) rows: Vec<Row>,
    pub(super) after: String,
    pub(super) parts: Vec<Paragraph>,
    pub(super) read: String,
    pub(super) signs: [String; 3],
}

/// One kind of data.
pub(super) struct Row {
    pub(super) what: String,
    pub(super) detail: String,
    pub(super) kept: String,
}

pub(super) struct Paragraph {
    pub(super) title: String,
    pub(super) lines: Vec<String>,
}

/// Whose notice it is.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) position: String,
}

impl Sheet {
    pub(super) fn new(texts: Texts, zone: &Zone, person: Person, notice: &Notice) -> Self {
        let (facts, version) = (&notice.facts, &notice.version);
        let limits = facts.limits.as_ref();
        let made = [
            ("number", version.number.into()),
            ("day", texts.day_year(zone.day_of(version.since)).into()),
            ("checksum", version.checksum.get(..12).unwrap_or_default().into()),
        ];
        Self {
            lang: texts.language().tag(),
            title: texts.t("notice-title"),
            name: person.name,
            position: person.position,
            version: texts.with("notice-version-line", made),
            intro: texts.with("notice-intro", [("organization", (&version.organization).into())]),
            open: if limits.is_none() { texts.t("notice-open") } else { String::new() },
            caption: texts.t("notice-caption"),
            heads: ["notice-head-what", "notice-head-detail", "notice-head-kept"].map(|key| texts.t(key)),
            rows: rows(texts, facts),
            after: after(texts, facts),
            parts: [
                Some(part(texts, "notice-when", when(texts, limits))),
                Some(part(texts, "notice-left-out", left_out(texts, limits))),
                doors(texts, facts).map(|lines| part(texts, "notice-doors", lines)),
                Some(part(texts, "notice-never", never(texts, limits))),
                Some(part(texts, "notice-readers", readers(texts, facts))),
                Some(part(texts, "notice-ask", vec![whom_to_ask(texts, notice)])),
            ]
            .into_iter()
            .flatten()
            .collect(),
            read: texts.t("notice-read"),
            signs: ["notice-sign-day", "notice-sign-name", "notice-sign-signature"].map(|key| texts.t(key)),
        }
    }
}

fn part(texts: Texts, title: &str, lines: Vec<String>) -> Paragraph {
    Paragraph { title: texts.t(title), lines }
}

fn rows(texts: Texts, facts: &Facts) -> Vec<Row> {
    let limits = facts.limits.as_ref();
    let kept = |dataset| kept(texts, facts, dataset);
    let row = |dataset, what: &str, detail: Option<String>| Row {
        what: texts.t(what),
        kept: if detail.is_some() { kept(dataset) } else { "\u{2013}".to_owned() },
        detail: detail.unwrap_or_else(|| texts.t("notice-not-collected")),
    };
    vec![
        row(Dataset::ActiveWindows, "notice-windows", windows(texts, limits)),
        row(Dataset::VisitedSites, "notice-sites", sites(texts, limits)),
        row(Dataset::InputActivity, "notice-input", input(texts, limits)),
        row(Dataset::UserSessions, "notice-sessions", sessions(texts, limits)),
        row(Dataset::Screenshots, "notice-screenshots", screenshots(texts, limits)),
    ]
}

/// For how long events of a kind are kept.
fn kept(texts: Texts, facts: &Facts, dataset: Dataset) -> String {
    let Some(kept) = facts.kept(dataset) else { return String::new() };
    let days = |key: &str, days: u32| texts.with(key, [("days", texts.count("days-count", days).into())]);
    match (kept.days, kept.archived) {
        (None, _) => texts.t("notice-kept-ever"),
        (Some(number), false) => days("notice-kept-deleted", number),
        (Some(number), true) => days("notice-kept-archived", number),
    }
}

/// What doors keep, where there are any.
fn doors(texts: Texts, facts: &Facts) -> Option<Vec<String>> {
    facts.kept(Dataset::AccessEvents)?;
    let kept = [("kept", kept(texts, facts, Dataset::AccessEvents).into())];
    let pictures = facts.door_pictures.then(|| texts.t("notice-doors-pictures"));
    let lines = [texts.with("notice-doors-passes", kept), texts.t("notice-doors-terminals")];
    Some(lines.into_iter().chain(pictures).chain([texts.t("notice-doors-readers")]).collect())
}

fn windows(texts: Texts, limits: Option<&Effective>) -> Option<String> {
    match limits.map(|limits| limits.windows) {
        None => Some(texts.t("notice-windows-open")),
        Some(WindowDetail::Off) => None,
        Some(WindowDetail::Application) => Some(texts.t("notice-windows-application")),
        Some(WindowDetail::Title) => Some(texts.t("notice-windows-title")),
    }
}

fn sites(texts: Texts, limits: Option<&Effective>) -> Option<String> {
    let Some(limits) = limits else { return Some(texts.t("notice-sites-open")) };
    let detail = match limits.sites {
        SiteDetail::Off => return None,
        SiteDetail::Domain => texts.t("notice-sites-domain"),
        SiteDetail::Path => texts.t("notice-sites-path"),
        SiteDetail::Full => texts.t("notice-sites-full"),
    };
    let private = if limits.private_windows { "notice-private-too" } else { "notice-private-never" };
    Some(format!("{detail} {}", texts.t(private)))
}

fn input(texts: Texts, limits: Option<&Effective>) -> Option<String> {
    match limits {
        None => Some(texts.t("notice-input-open")),
        Some(limits) => limits.input.then(|| texts.count("notice-input-on", u32::from(limits.idle_minutes))),
    }
}

fn sessions(texts: Texts, limits: Option<&Effective>) -> Option<String> {
    limits.is_none_or(|limits| limits.sessions).then(|| texts.t("notice-sessions-on"))
}

fn screenshots(texts: Texts, limits: Option<&Effective>) -> Option<String> {
    let Some(limits) = limits else { return Some(texts.t("notice-screenshots-open")) };
    let Screenshots { every_minutes, grayscale, blur, all_monitors, skip_unchanged } = limits.screenshots;
    if every_minutes == 0 {
        return None;
    }
    let monitors = if all_monitors { "notice-screenshots-all" } else { "notice-screenshots-one" };
    let more = [
        (blur, "notice-screenshots-blur"),
        (grayscale, "notice-screenshots-grayscale"),
        (skip_unchanged, "notice-screenshots-unchanged"),
    ];
    let more = more.into_iter().filter(|(set, _)| *set).map(|(_, key)| texts.t(key));
    let sentences: Vec<String> = std::iter::once(texts.count(monitors, u32::from(every_minutes))).chain(more).collect();
    Some(sentences.join(" "))
}

/// What stays beyond the table.
fn after(texts: Texts, facts: &Facts) -> String {
    let refused = facts.kept(Dataset::RejectedEvents).map(|kept| match kept.days {
        Some(days) => texts.with("notice-refused-days", [("days", texts.count("days-count", days).into())]),
        None => texts.t("notice-refused-ever"),
    });
    let sentences = [Some(texts.t("notice-sums")), Some(texts.t("notice-before")), refused];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn when(texts: Texts, limits: Option<&Effective>) -> Vec<String> {
    match limits.and_then(|limits| limits.hours.as_ref()) {
        None => vec![texts.t("notice-always")],
        Some(hours) => {
            let week = [("week", week::words(texts, hours).into()), ("zone", (&hours.zone).into())];
            vec![texts.with("notice-hours", week), texts.t("notice-outside")]
        }
    }
}

fn left_out(texts: Texts, limits: Option<&Effective>) -> Vec<String> {
    let Some(limits) = limits else { return vec![texts.t("notice-left-out-open")] };
    let actions = [
        (Action::Drop, "notice-action-drop"),
        (Action::Redact, "notice-action-redact"),
        (Action::Hash, "notice-action-hash"),
        (Action::DomainOnly, "notice-action-domain"),
    ];
    let line = |(action, key): (Action, &str)| {
        let all: Vec<&Exclusion> = limits.exclusions.iter().filter(|one| one.action == action).collect();
        (!all.is_empty()).then(|| texts.with(key, [("list", named(texts, &all).into())]))
    };
    let lines: Vec<String> = actions.into_iter().filter_map(line).collect();
    if lines.is_empty() { vec![texts.t("notice-left-out-nothing")] } else { lines }
}

fn named(texts: Texts, all: &[&Exclusion]) -> String {
    let name = |one: &&Exclusion| {
        let key = match one.part {
            Part::Application => "notice-part-application",
            Part::Title => "notice-part-title",
            Part::Address => "notice-part-address",
            Part::Site => "notice-part-site",
        };
        texts.with(key, [("text", one.pattern.text.trim().into())])
    };
    let mut names: Vec<String> = all.iter().take(MOST_NAMED).map(name).collect();
    let hidden = all.len().saturating_sub(MOST_NAMED);
    if hidden > 0 {
        names.push(texts.count("notice-part-more", hidden));
    }
    names.join(", ")
}

fn never(texts: Texts, limits: Option<&Effective>) -> Vec<String> {
    let pictures = limits.is_none_or(|limits| limits.screenshots.every_minutes > 0);
    let contents = if pictures { "notice-contents-pictures" } else { "notice-contents" };
    vec![texts.t("notice-never-at-all"), texts.t(contents)]
}

fn readers(texts: Texts, facts: &Facts) -> Vec<String> {
    let reader = |role: &crate::kernel::Role| {
        texts.t(&format!("notice-reader-{}", role.name().to_lowercase().replace('_', "-")))
    };
    facts.readers.iter().map(reader).chain([texts.t("notice-recorded")]).collect()
}

fn whom_to_ask(texts: Texts, notice: &Notice) -> String {
    let organization = &notice.version.organization;
    match notice.version.contacts.join(", ") {
        nobody if nobody.is_empty() => texts.with("notice-ask-nobody", [("organization", organization.into())]),
        names => texts.with("notice-ask-names", [("organization", organization.into()), ("names", names.into())]),
    }
}
