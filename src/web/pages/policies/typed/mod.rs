//! The form of a draft as it was typed, and the settings that it means.

pub(super) mod hours;
#[cfg(test)]
mod tests;

use nazorat_wire::policy::Action;
use nazorat_wire::policy::Exclusion;
use nazorat_wire::policy::Part;
use nazorat_wire::policy::Pattern;
use nazorat_wire::policy::Screenshots;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::SettingsError;
use nazorat_wire::policy::SiteDetail;
use nazorat_wire::policy::WindowDetail;

use self::hours::TypedHours;
use crate::web::Texts;

pub(super) const WINDOWS: [(&str, WindowDetail); 3] =
    [("off", WindowDetail::Off), ("application", WindowDetail::Application), ("title", WindowDetail::Title)];
pub(super) const SITES: [(&str, SiteDetail); 4] =
    [("off", SiteDetail::Off), ("domain", SiteDetail::Domain), ("path", SiteDetail::Path), ("full", SiteDetail::Full)];
pub(super) const PARTS: [(&str, Part); 4] =
    [("site", Part::Site), ("application", Part::Application), ("title", Part::Title), ("address", Part::Address)];
pub(super) const ACTIONS: [(&str, Action); 4] =
    [("drop", Action::Drop), ("redact", Action::Redact), ("hash", Action::Hash), ("domain_only", Action::DomainOnly)];
/// What screenshots begin with when they are switched on.
const USUAL_EVERY: &str = "30";
/// The longest pattern.
const LONGEST: usize = 500;

/// The pairs of a form, in their order.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Pairs(Vec<(String, String)>);

/// What is wrong with a field.
pub(super) struct Wrong {
    pub(super) field: String,
    pub(super) text: String,
}

/// Everything that stands in the form. What is not set is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) windows: String,
    pub(super) sites: String,
    pub(super) screenshots: String,
    pub(super) every: String,
    pub(super) grayscale: bool,
    pub(super) blur: bool,
    pub(super) all_monitors: bool,
    pub(super) skip_unchanged: bool,
    pub(super) input: String,
    pub(super) sessions: String,
    pub(super) private_windows: String,
    pub(super) hours: TypedHours,
    pub(super) idle_minutes: String,
    pub(super) upload_seconds: String,
    pub(super) buffer_megabytes: String,
    pub(super) exclusions: Vec<TypedExclusion>,
}

/// An exclusion as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TypedExclusion {
    pub(super) part: String,
    pub(super) kind: String,
    pub(super) text: String,
    pub(super) action: String,
}

impl Pairs {
    /// What was typed, without spaces around it.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    fn owned(&self, name: &str) -> String {
        self.text(name).to_owned()
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned()).collect()
    }
}

impl Typed {
    /// The form of settings. `zone` is the one of the organization.
    pub(super) fn of(settings: &Settings, zone: &str) -> Self {
        let shots = settings.screenshots;
        let usual = Screenshots { blur: true, ..Screenshots::OFF };
        let shown = shots.filter(|shots| shots.every_minutes > 0).unwrap_or(usual);
        let every = match shown.every_minutes {
            0 => USUAL_EVERY.to_owned(),
            minutes => minutes.to_string(),
        };
        let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
        Self {
            windows: word(&WINDOWS, settings.windows),
            sites: word(&SITES, settings.sites),
            screenshots: match shots.map(|shots| shots.every_minutes) {
                None => String::new(),
                Some(0) => "off".to_owned(),
                Some(_) => "regular".to_owned(),
            },
            every,
            grayscale: shown.grayscale,
            blur: shown.blur,
            all_monitors: shown.all_monitors,
            skip_unchanged: shown.skip_unchanged,
            input: switch(settings.input),
            sessions: switch(settings.sessions),
            private_windows: switch(settings.private_windows),
            hours: TypedHours::of(settings.hours.as_ref(), zone),
            idle_minutes: number(settings.idle_minutes.map(u32::from)),
            upload_seconds: number(settings.upload_seconds.map(u32::from)),
            buffer_megabytes: number(settings.buffer_megabytes),
            exclusions: settings.exclusions.iter().map(TypedExclusion::of).collect(),
        }
    }

    /// What a browser sent.
    pub(super) fn read(pairs: &Pairs) -> Self {
        let [parts, kinds, texts, actions] = ["part", "kind", "text", "action"].map(|name| pairs.all(name));
        let exclusions = texts.into_iter().enumerate().map(|(place, text)| {
            let at = |all: &[String]| all.get(place).cloned().unwrap_or_default();
            TypedExclusion { part: at(&parts), kind: at(&kinds), text, action: at(&actions) }
        });
        Self {
            windows: pairs.owned("windows"),
            sites: pairs.owned("sites"),
            screenshots: pairs.owned("screenshots"),
            every: pairs.owned("every"),
            grayscale: pairs.has("grayscale"),
            blur: pairs.has("blur"),
            all_monitors: pairs.has("all_monitors"),
            skip_unchanged: pairs.has("skip_unchanged"),
            input: pairs.owned("input"),
            sessions: pairs.owned("sessions"),
            private_windows: pairs.owned("private_windows"),
            hours: TypedHours::read(pairs),
            idle_minutes: pairs.owned("idle_minutes"),
            upload_seconds: pairs.owned("upload_seconds"),
            buffer_megabytes: pairs.owned("buffer_megabytes"),
            exclusions: exclusions.collect(),
        }
    }

    /// The settings that are meant, together with everything that cannot be.
    pub(super) fn settings(&self, texts: Texts) -> (Settings, Vec<Wrong>) {
        let mut wrong = Vec::new();
        let screenshots = match self.screenshots.as_str() {
            "off" => Some(Screenshots::OFF),
            "regular" => {
                let every = number(texts, ("every", &self.every), (1, 480), &mut wrong);
                if self.every.is_empty() {
                    wrong.push(Wrong { field: "every".to_owned(), text: texts.t("error-required") });
                }
                Some(Screenshots {
                    every_minutes: every.and_then(|every| u16::try_from(every).ok()).unwrap_or(1),
                    grayscale: self.grayscale,
                    blur: self.blur,
                    all_monitors: self.all_monitors,
                    skip_unchanged: self.skip_unchanged,
                })
            }
            _ => None,
        };
        let hours = self.hours.hours(texts, &mut wrong);
        let idle = number(texts, ("idle_minutes", &self.idle_minutes), (1, 60), &mut wrong);
        let upload = number(texts, ("upload_seconds", &self.upload_seconds), (1, 3_600), &mut wrong);
        let buffer = number(texts, ("buffer_megabytes", &self.buffer_megabytes), (64, 100_000), &mut wrong);
        let short = |value: Option<u32>| value.and_then(|value| u16::try_from(value).ok());
        let exclusions = self.exclusions.iter().enumerate().map(|(place, one)| {
            let exclusion = one.exclusion();
            if let Some(problem) = problem_of(texts, &exclusion) {
                let number = texts.number(place as u64 + 1);
                let values = [("number", number.into()), ("problem", problem.into())];
                let text = texts.with("policies-wrong-exclusion", values);
                wrong.push(Wrong { field: format!("text-{place}"), text });
            }
            exclusion
        });
        let exclusions = exclusions.collect();
        let settings = Settings {
            windows: meant(&WINDOWS, &self.windows),
            sites: meant(&SITES, &self.sites),
            screenshots,
            input: is_on(&self.input),
            sessions: is_on(&self.sessions),
            hours,
            private_windows: is_on(&self.private_windows),
            idle_minutes: short(idle),
            upload_seconds: short(upload),
            buffer_megabytes: buffer,
            exclusions,
        };
        if wrong.is_empty()
            && let Err(problem) = settings.check()
        {
            let text = match problem {
                SettingsError::TooMany(count) => texts.count("policies-wrong-too-many", count),
                other => other.to_string(),
            };
            wrong.push(Wrong { field: "exclusions".to_owned(), text });
        }
        (settings, wrong)
    }
}

impl TypedExclusion {
    /// One that is written from scratch.
    pub(super) fn new() -> Self {
        let [part, kind, action] = ["site", "words", "drop"].map(str::to_owned);
        Self { part, kind, text: String::new(), action }
    }

    fn of(exclusion: &Exclusion) -> Self {
        Self {
            part: word(&PARTS, Some(exclusion.part)),
            kind: if exclusion.pattern.regex { "regex" } else { "words" }.to_owned(),
            text: exclusion.pattern.text.clone(),
            action: word(&ACTIONS, Some(exclusion.action)),
        }
    }

    fn exclusion(&self) -> Exclusion {
        Exclusion {
            part: meant(&PARTS, &self.part).unwrap_or(Part::Site),
            pattern: Pattern { text: self.text.clone(), regex: self.kind == "regex" },
            action: meant(&ACTIONS, &self.action).unwrap_or(Action::Drop),
        }
    }
}

fn problem_of(texts: Texts, exclusion: &Exclusion) -> Option<String> {
    let text = exclusion.pattern.text.trim();
    if text.is_empty() {
        return Some(texts.t("policies-wrong-empty"));
    }
    if text.len() > LONGEST {
        return Some(texts.count("policies-wrong-long", LONGEST));
    }
    if !exclusion.pattern.regex && text.chars().all(|letter| letter == '*') {
        return Some(texts.t("policies-wrong-everything"));
    }
    match (Settings { exclusions: vec![exclusion.clone()], ..Settings::default() }).check() {
        Err(SettingsError::Pattern { problem, .. }) => {
            Some(texts.with("policies-wrong-pattern", [("problem", problem.into())]))
        }
        _ => None,
    }
}

fn word<T: PartialEq + Copy>(words: &[(&str, T)], value: Option<T>) -> String {
    let found = value.and_then(|value| words.iter().find(|(_, one)| *one == value));
    found.map_or("", |(word, _)| word).to_owned()
}

fn meant<T: Copy>(words: &[(&str, T)], typed: &str) -> Option<T> {
    words.iter().find(|(word, _)| *word == typed).map(|(_, value)| *value)
}

fn switch(on: Option<bool>) -> String {
    on.map_or("", |on| if on { "on" } else { "off" }).to_owned()
}

fn is_on(typed: &str) -> Option<bool> {
    match typed {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// A number within its range; empty is not set.
fn number(texts: Texts, (field, typed): (&str, &str), (from, to): (u32, u32), wrong: &mut Vec<Wrong>) -> Option<u32> {
    if typed.is_empty() {
        return None;
    }
    let value = typed.parse::<u32>().ok().filter(|value| (from..=to).contains(value));
    if value.is_none() {
        let values = [("from", texts.number(from.into()).into()), ("to", texts.number(to.into()).into())];
        wrong.push(Wrong { field: field.to_owned(), text: texts.with("policies-wrong-number", values) });
    }
    value
}
