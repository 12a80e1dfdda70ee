//! Settings in words: what a field says, and what is different between two of them.

use nazorat_wire::policy::Action;
use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Exclusion;
use nazorat_wire::policy::Hours;
use nazorat_wire::policy::Part;
use nazorat_wire::policy::Screenshots;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::SiteDetail;
use nazorat_wire::policy::Span;
use nazorat_wire::policy::WindowDetail;

use crate::policy::collection::Change;
use crate::policy::collection::changes;
use crate::web::Texts;

/// The fields in the order of the form.
pub(super) const FIELDS: [&str; 10] = [
    "windows",
    "sites",
    "screenshots",
    "input",
    "sessions",
    "hours",
    "private_windows",
    "idle_minutes",
    "upload_seconds",
    "buffer_megabytes",
];

const DAY: u16 = 24 * 60;

/// A line of a comparison.
pub(super) struct DiffRow {
    pub(super) sign: &'static str,
    /// What the sign means, for those who hear it.
    pub(super) sign_word: String,
    pub(super) name: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// What a field is called.
pub(super) fn name(texts: Texts, field: &str) -> String {
    texts.t(&format!("policies-field-{}", field.replace('_', "-")))
}

/// What a field says; `None` where it is not set.
pub(super) fn value(texts: Texts, settings: &Settings, field: &str) -> Option<String> {
    let switch = |on: Option<bool>| Some(texts.t(if on? { "policies-on" } else { "policies-off" }));
    match field {
        "windows" => settings.windows.map(|detail| texts.t(windows_key(detail))),
        "sites" => settings.sites.map(|detail| texts.t(sites_key(detail))),
        "screenshots" => settings.screenshots.map(|shots| screenshots(texts, shots)),
        "input" => switch(settings.input),
        "sessions" => switch(settings.sessions),
        "hours" => settings.hours.as_ref().map(|week| hours(texts, week)),
        "private_windows" => settings
            .private_windows
            .map(|kept| texts.t(if kept { "policies-private-kept" } else { "policies-private-never" })),
        "idle_minutes" => Some(texts.with("unit-minutes", [("minutes", settings.idle_minutes?.into())])),
        "upload_seconds" => Some(texts.with("unit-seconds", [("seconds", settings.upload_seconds?.into())])),
        "buffer_megabytes" => {
            let value = texts.number(settings.buffer_megabytes?.into());
            Some(texts.with("unit-megabytes", [("value", value.into())]))
        }
        _ => None,
    }
}

/// What those above have decided, in words.
pub(super) fn inherited(texts: Texts, above: &Effective, field: &str) -> String {
    value(texts, &settings_of(above), field).unwrap_or_else(|| texts.t("policies-hours-always"))
}

pub(super) const fn windows_key(detail: WindowDetail) -> &'static str {
    match detail {
        WindowDetail::Off => "policies-off",
        WindowDetail::Application => "policies-windows-application",
        WindowDetail::Title => "policies-windows-title",
    }
}

pub(super) const fn sites_key(detail: SiteDetail) -> &'static str {
    match detail {
        SiteDetail::Off => "policies-off",
        SiteDetail::Domain => "policies-sites-domain",
        SiteDetail::Path => "policies-sites-path",
        SiteDetail::Full => "policies-sites-full",
    }
}

pub(super) const fn part_key(part: Part) -> &'static str {
    match part {
        Part::Application => "policies-part-application",
        Part::Title => "policies-part-title",
        Part::Address => "policies-part-address",
        Part::Site => "policies-part-site",
    }
}

pub(super) const fn action_key(action: Action) -> &'static str {
    match action {
        Action::Drop => "policies-action-drop",
        Action::Redact => "policies-action-redact",
        Action::Hash => "policies-action-hash",
        Action::DomainOnly => "policies-action-domain",
    }
}

fn screenshots(texts: Texts, shots: Screenshots) -> String {
    if shots.every_minutes == 0 {
        return texts.t("policies-off");
    }
    let mut parts = vec![texts.count("policies-every", shots.every_minutes)];
    let more = [
        (shots.blur, "policies-shots-blur"),
        (shots.grayscale, "policies-shots-grayscale"),
        (shots.all_monitors, "policies-shots-all"),
        (!shots.skip_unchanged, "policies-shots-unchanged"),
    ];
    parts.extend(more.into_iter().filter(|(said, _)| *said).map(|(_, key)| texts.t(&format!("{key}-said"))));
    parts.join(", ")
}

/// "Mon-Fri 09:00-18:00, Asia/Tashkent": days that are alike stand together.
fn hours(texts: Texts, hours: &Hours) -> String {
    if is_always(hours) {
        return texts.t("policies-hours-always");
    }
    let day = |number: usize| texts.t(&format!("weekday-short-{}", number + 1));
    let mut said = Vec::new();
    let mut from = 0;
    while let Some(spans) = hours.week.get(from) {
        let same = hours.week.iter().skip(from).take_while(|other| *other == spans).count();
        if !spans.is_empty() {
            let days = if same == 1 { day(from) } else { format!("{}\u{2013}{}", day(from), day(from + same - 1)) };
            let times: Vec<String> = spans.iter().map(span).collect();
            said.push(format!("{days} {}", times.join(", ")));
        }
        from += same.max(1);
    }
    format!("{} ({})", said.join("; "), hours.zone)
}

fn span(span: &Span) -> String {
    format!("{}\u{2013}{}", clock(span.from), clock(span.to))
}

/// `09:00`; the end of a day is `24:00`.
pub(super) fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Every minute of every day.
pub(super) fn is_always(hours: &Hours) -> bool {
    hours.week.len() == 7 && hours.week.iter().all(|day| matches!(day.as_slice(), [Span { from: 0, to: DAY }]))
}

/// What is recognised, as it stands in a list: "Site: bank.uz".
pub(super) fn exclusion(texts: Texts, exclusion: &Exclusion) -> String {
    let part = texts.t(part_key(exclusion.part));
    let text = exclusion.pattern.text.trim();
    if exclusion.pattern.regex { format!("{part}: /{text}/") } else { format!("{part}: {text}") }
}

/// The decided fields as settings that set all of them.
pub(super) fn settings_of(effective: &Effective) -> Settings {
    Settings {
        windows: Some(effective.windows),
        sites: Some(effective.sites),
        screenshots: Some(effective.screenshots),
        input: Some(effective.input),
        sessions: Some(effective.sessions),
        hours: effective.hours.clone(),
        private_windows: Some(effective.private_windows),
        idle_minutes: Some(effective.idle_minutes),
        upload_seconds: Some(effective.upload_seconds),
        buffer_megabytes: Some(effective.buffer_megabytes),
        exclusions: effective.exclusions.clone(),
    }
}

/// What is different, in the order of the form.
pub(super) fn diff(texts: Texts, before: &Settings, after: &Settings, above: &Effective) -> Vec<DiffRow> {
    let mut changes = changes(before, after);
    changes.sort_by_key(|change| FIELDS.iter().position(|field| *field == change.field).unwrap_or(FIELDS.len()));
    changes.iter().map(|change| diff_row(texts, change, (before, after), above)).collect()
}

fn diff_row(texts: Texts, change: &Change, (old, new): (&Settings, &Settings), above: &Effective) -> DiffRow {
    let sign = match (change.before.is_null(), change.after.is_null()) {
        (true, _) => "+",
        (_, true) => "\u{2212}",
        _ => "~",
    };
    let sign_word = texts.t(match sign {
        "+" => "policies-sign-added",
        "~" => "policies-sign-changed",
        _ => "policies-sign-removed",
    });
    if change.field == "exclusions" {
        let read = |value: &serde_json::Value| serde_json::from_value::<Exclusion>(value.clone()).ok();
        let (gone, came) = (read(&change.before), read(&change.after));
        let action = |one: &Option<Exclusion>| match one {
            Some(one) => texts.t(action_key(one.action)),
            None => texts.t("policies-no-exclusion"),
        };
        let named = came.as_ref().or(gone.as_ref()).map(|one| exclusion(texts, one));
        let name = named.unwrap_or_else(|| name(texts, "exclusions"));
        return DiffRow { sign, sign_word, name, before: action(&gone), after: action(&came) };
    }
    let said = |settings: &Settings| {
        let own = value(texts, settings, &change.field);
        own.unwrap_or_else(|| {
            let value = inherited(texts, above, &change.field);
            texts.with("policies-not-set-value", [("value", value.into())])
        })
    };
    DiffRow { sign, sign_word, name: name(texts, &change.field), before: said(old), after: said(new) }
}

#[cfg(test)]
mod tests {
    use nazorat_wire::policy::Effective;
    use nazorat_wire::policy::Hours;
    use nazorat_wire::policy::Layer;
    use nazorat_wire::policy::Settings;
    use nazorat_wire::policy::Span;
    use nazorat_wire::policy::WindowDetail;

    use super::FIELDS;
    use super::diff;
    use super::hours;
    use super::settings_of;
    use super::value;
    use crate::kernel::Language;
    use crate::web::Texts;

    fn nothing() -> Effective {
        Effective::of(std::iter::empty::<(Layer, &Settings)>()).0
    }

    #[test]
    fn every_field_has_words_in_every_language() {
        let all = settings_of(&nothing());
        for language in Language::ALL {
            let texts = Texts::of(language);
            for field in FIELDS.into_iter().filter(|field| *field != "hours") {
                assert!(!value(texts, &all, field).unwrap().contains('\u{2753}'), "{field}");
            }
        }
    }

    #[test]
    fn days_that_are_alike_stand_together() {
        let work = vec![Span { from: 540, to: 1_080 }];
        let week = [vec![work; 5], vec![vec![Span { from: 540, to: 780 }], Vec::new()]].concat();
        let said = hours(Texts::of(Language::En), &Hours { zone: "Asia/Tashkent".to_owned(), week });
        assert_eq!(said, "Mon\u{2013}Fri 09:00\u{2013}18:00; Sat 09:00\u{2013}13:00 (Asia/Tashkent)");
    }

    #[test]
    fn what_is_not_set_says_what_holds_instead() {
        let texts = Texts::of(Language::En);
        let after = Settings { windows: Some(WindowDetail::Title), ..Settings::default() };
        let rows = diff(texts, &Settings::default(), &after, &nothing());
        let [row] = rows.as_slice() else { panic!("{} rows", rows.len()) };
        assert_eq!((row.sign, row.name.as_str(), row.after.as_str()), ("+", "Windows", "Full title"));
        assert!(row.before.contains("Application"), "{}", row.before);
    }
}
