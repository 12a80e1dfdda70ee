//! The form of a draft, field by field: what can be chosen, who decides when nothing is, and what was changed.

use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Origins;
use nazorat_wire::policy::Settings;

use super::names::Names;
use super::typed::ACTIONS;
use super::typed::PARTS;
use super::typed::SITES;
use super::typed::Typed;
use super::typed::TypedExclusion;
use super::typed::WINDOWS;
use super::typed::Wrong;
use super::typed::hours::TypedSpan;
use super::words;
use super::words::action_key;
use super::words::part_key;
use super::words::sites_key;
use super::words::windows_key;
use crate::web::Choice;
use crate::web::Texts;

/// The whole form.
pub(super) struct Form {
    pub(super) windows: Row,
    pub(super) sites: Row,
    pub(super) screenshots: Row,
    pub(super) input: Row,
    pub(super) sessions: Row,
    pub(super) hours: Row,
    pub(super) private_windows: Row,
    pub(super) idle_minutes: Row,
    pub(super) upload_seconds: Row,
    pub(super) buffer_megabytes: Row,
    /// Times of the weekly schedule.
    pub(super) days: Vec<DayRow>,
    pub(super) exclusions: Vec<ExclusionRow>,
    /// Exclusions of those above, which hold in any case.
    pub(super) above: Vec<AboveRow>,
}

/// A field.
pub(super) struct Row {
    pub(super) field: &'static str,
    pub(super) name: String,
    pub(super) hint: String,
    pub(super) choices: Vec<Choice>,
    pub(super) value: String,
    /// What holds when it is empty.
    pub(super) instead: String,
    pub(super) changed: bool,
    pub(super) origin: String,
    pub(super) wrong: String,
}

pub(super) struct DayRow {
    pub(super) name: String,
    pub(super) spans: Vec<SpanField>,
    pub(super) wrong: String,
}

pub(super) struct SpanField {
    pub(super) id: String,
    pub(super) from: String,
    pub(super) to: String,
}

pub(super) struct ExclusionRow {
    pub(super) place: usize,
    pub(super) number: String,
    pub(super) parts: Vec<Choice>,
    pub(super) kinds: Vec<Choice>,
    pub(super) text: String,
    pub(super) actions: Vec<Choice>,
    pub(super) changed: bool,
    pub(super) wrong: String,
    /// It was just added, and waits for its text.
    pub(super) fresh: bool,
}

pub(super) struct AboveRow {
    pub(super) name: String,
    pub(super) action: String,
    pub(super) origin: String,
}

/// What the form is compared with.
pub(super) struct Against<'a> {
    pub(super) texts: Texts,
    pub(super) names: &'a Names,
    pub(super) above: &'a Effective,
    pub(super) origins: &'a Origins,
    /// What is in force.
    pub(super) released: &'a Settings,
    /// What was typed.
    pub(super) settings: &'a Settings,
    pub(super) wrong: &'a [Wrong],
}

impl Form {
    pub(super) fn new(typed: &Typed, against: &Against<'_>, fresh: Option<usize>) -> Self {
        let texts = against.texts;
        let switch = |chosen: &str| {
            let words = [("", "policies-not-set"), ("off", "policies-off"), ("on", "policies-on")];
            words.map(|(value, key)| Choice::new(value, texts.t(key), chosen)).to_vec()
        };
        let unset = |chosen: &str| vec![Choice::new("", texts.t("policies-not-set"), chosen)];
        let mut windows = unset(&typed.windows);
        windows.extend(WINDOWS.map(|(value, one)| Choice::new(value, texts.t(windows_key(one)), &typed.windows)));
        let mut sites = unset(&typed.sites);
        sites.extend(SITES.map(|(value, one)| Choice::new(value, texts.t(sites_key(one)), &typed.sites)));
        let mut shots = unset(&typed.screenshots);
        let kinds = [("off", "policies-off"), ("regular", "policies-shots-regular")];
        shots.extend(kinds.map(|(value, key)| Choice::new(value, texts.t(key), &typed.screenshots)));
        let mut private = unset(&typed.private_windows);
        let kinds = [("off", "policies-private-never"), ("on", "policies-private-kept")];
        private.extend(kinds.map(|(value, key)| Choice::new(value, texts.t(key), &typed.private_windows)));
        let mut hours = unset(&typed.hours.way);
        let kinds = [("always", "policies-hours-always"), ("week", "policies-hours-week")];
        hours.extend(kinds.map(|(value, key)| Choice::new(value, texts.t(key), &typed.hours.way)));
        let origins = against.origins;
        Self {
            windows: against.row("windows", origins.windows, windows, ""),
            sites: against.row("sites", origins.sites, sites, ""),
            screenshots: against.row("screenshots", origins.screenshots, shots, ""),
            input: against.row("input", origins.input, switch(&typed.input), ""),
            sessions: against.row("sessions", origins.sessions, switch(&typed.sessions), ""),
            hours: against.row("hours", origins.hours, hours, ""),
            private_windows: against.row("private_windows", origins.private_windows, private, ""),
            idle_minutes: against.row("idle_minutes", origins.idle_minutes, Vec::new(), &typed.idle_minutes),
            upload_seconds: against.row("upload_seconds", origins.upload_seconds, Vec::new(), &typed.upload_seconds),
            buffer_megabytes: against.row(
                "buffer_megabytes",
                origins.buffer_megabytes,
                Vec::new(),
                &typed.buffer_megabytes,
            ),
            days: days(typed, against),
            exclusions: typed.exclusions.iter().enumerate().map(|one| against.exclusion(one, fresh)).collect(),
            above: against.exclusions_above(),
        }
    }
}

impl Against<'_> {
    fn row(&self, field: &'static str, origin: Layer, choices: Vec<Choice>, value: &str) -> Row {
        let texts = self.texts;
        let own = words::value(texts, self.settings, field);
        let changed = own != words::value(texts, self.released, field);
        let instead = words::inherited(texts, self.above, field);
        let origin = match (&own, changed) {
            (_, true) => texts.t("policies-changed-here"),
            (Some(_), false) => texts.t("policies-set-here"),
            (None, false) => {
                let values = [("value", instead.as_str().into()), ("layer", self.names.layer(origin).into())];
                texts.with("policies-from", values)
            }
        };
        let hint = texts.maybe(&format!("policies-hint-{}", field.replace('_', "-"))).unwrap_or_default();
        let wrong = self.wrong_at(field);
        Row {
            field,
            name: words::name(texts, field),
            hint,
            choices,
            value: value.to_owned(),
            instead,
            changed,
            origin,
            wrong,
        }
    }

    pub(super) fn wrong_at(&self, field: &str) -> String {
        self.wrong.iter().find(|one| one.field == field).map(|one| one.text.clone()).unwrap_or_default()
    }

    fn exclusion(&self, (place, typed): (usize, &TypedExclusion), fresh: Option<usize>) -> ExclusionRow {
        let texts = self.texts;
        let kinds = [("words", "policies-kind-words"), ("regex", "policies-kind-regex")];
        let own = self.settings.exclusions.get(place);
        ExclusionRow {
            place,
            number: texts.number(place as u64 + 1),
            parts: PARTS.map(|(value, one)| Choice::new(value, texts.t(part_key(one)), &typed.part)).to_vec(),
            kinds: kinds.map(|(value, key)| Choice::new(value, texts.t(key), &typed.kind)).to_vec(),
            text: typed.text.clone(),
            actions: ACTIONS.map(|(value, one)| Choice::new(value, texts.t(action_key(one)), &typed.action)).to_vec(),
            changed: own.is_none_or(|own| !self.released.exclusions.contains(own)),
            wrong: self.wrong_at(&format!("text-{place}")),
            fresh: fresh == Some(place),
        }
    }

    fn exclusions_above(&self) -> Vec<AboveRow> {
        let all = self.above.exclusions.iter().zip(&self.origins.exclusions);
        all.map(|(one, origin)| AboveRow {
            name: words::exclusion(self.texts, one),
            action: self.texts.t(action_key(one.action)),
            origin: self.names.layer(*origin),
        })
        .collect()
    }
}

fn days(typed: &Typed, against: &Against<'_>) -> Vec<DayRow> {
    let day = |(number, spans): (usize, &Vec<TypedSpan>)| {
        let field = |(place, span): (usize, &TypedSpan)| SpanField {
            id: format!("{number}-{place}"),
            from: span.from.clone(),
            to: span.to.clone(),
        };
        let wrong = (0..spans.len()).map(|place| against.wrong_at(&format!("from-{number}-{place}")));
        DayRow {
            name: against.texts.t(&format!("weekday-{}", number + 1)),
            spans: spans.iter().enumerate().map(field).collect(),
            wrong: wrong.into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
        }
    };
    typed.hours.week.iter().enumerate().map(day).collect()
}
