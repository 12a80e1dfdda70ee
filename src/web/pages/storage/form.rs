//! The form of how long events are kept.

use nazorat_timeseries::Dataset;

use crate::retention::Action;
use crate::retention::Keep;
use crate::retention::Settings;
use crate::retention::SettingsError;
use crate::web::Texts;
use crate::web::encode;
use crate::web::pages::storage::kind_word;

const GIGABYTE: f64 = 1e9;

/// What is in the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RetentionForm {
    pub(super) rows: Vec<KeepRow>,
    /// In gigabytes; empty is none.
    pub(super) cap: String,
}

/// One kind of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeepRow {
    pub(super) dataset: &'static str,
    pub(super) kind: String,
    /// Empty is for ever.
    pub(super) days: String,
    pub(super) archive: bool,
    pub(super) wrong: String,
}

/// A field that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) field: String,
    pub(super) text: String,
}

/// The pairs of a form or an address.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Typed(Vec<(String, String)>);

impl Typed {
    fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }
}

impl RetentionForm {
    pub(super) fn of(texts: Texts, settings: &Settings) -> Self {
        let row = |dataset: Dataset| {
            let keep = settings.of(dataset);
            KeepRow {
                dataset: dataset.name(),
                kind: kind_word(texts, dataset),
                days: keep.days.map(|days| days.to_string()).unwrap_or_default(),
                archive: keep.action == Action::Archive,
                wrong: String::new(),
            }
        };
        let cap = settings.cap_bytes().map(|bytes| (bytes as f64 / GIGABYTE).to_string());
        Self { rows: Dataset::ALL.into_iter().map(row).collect(), cap: cap.unwrap_or_default() }
    }

    pub(super) fn typed(texts: Texts, typed: &Typed) -> Self {
        let row = |dataset: Dataset| KeepRow {
            dataset: dataset.name(),
            kind: kind_word(texts, dataset),
            days: typed.text(&format!("days-{}", dataset.name())).to_owned(),
            archive: typed.text(&format!("action-{}", dataset.name())) == Action::Archive.name(),
            wrong: String::new(),
        };
        Self { rows: Dataset::ALL.into_iter().map(row).collect(), cap: typed.text("cap").to_owned() }
    }

    /// The settings, or the same form with what is wrong with it.
    pub(super) fn settings(mut self, texts: Texts) -> Result<Settings, (Self, Vec<Problem>)> {
        let mut settings = Settings::default();
        let mut problems = Vec::new();
        for (row, dataset) in self.rows.iter_mut().zip(Dataset::ALL) {
            let action = if row.archive { Action::Archive } else { Action::Delete };
            let kept = days_of(&row.days).and_then(|days| settings.clone().keep(dataset, Keep { days, action }));
            match kept {
                Ok(kept) => settings = kept,
                Err(_) => {
                    row.wrong = texts.t("storage-wrong-days");
                    let text = format!("{}: {}", row.kind, row.wrong);
                    problems.push(Problem { field: format!("days-{}", row.dataset), text });
                }
            }
        }
        match cap_of(&self.cap).and_then(|cap| settings.cap(cap)) {
            Ok(settings) if problems.is_empty() => return Ok(settings),
            Ok(_) => {}
            Err(_) => problems.push(Problem { field: "cap".to_owned(), text: texts.t("storage-wrong-cap") }),
        }
        Err((self, problems))
    }

    /// The fields as pairs, to be carried on.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = vec![("cap".to_owned(), self.cap.clone())];
        for row in &self.rows {
            let action = if row.archive { Action::Archive } else { Action::Delete };
            pairs.push((format!("days-{}", row.dataset), row.days.clone()));
            pairs.push((format!("action-{}", row.dataset), action.name().to_owned()));
        }
        pairs
    }

    /// The same as an address of the question.
    pub(super) fn href(&self) -> String {
        let pairs: Vec<String> = self.pairs().iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        format!("/storage/retention?{}", pairs.join("&"))
    }
}

fn days_of(text: &str) -> Result<Option<u32>, SettingsError> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| SettingsError::Days) }
}

fn cap_of(text: &str) -> Result<Option<u64>, SettingsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let gigabytes: f64 = text.replace(',', ".").parse().map_err(|_| SettingsError::Cap)?;
    if !(0.0..=1_000_000.0).contains(&gigabytes) {
        return Err(SettingsError::Cap);
    }
    Ok(Some((gigabytes * GIGABYTE) as u64))
}

#[cfg(test)]
mod tests {
    use super::RetentionForm;
    use crate::kernel::Language;
    use crate::retention::Settings;
    use crate::web::Texts;

    #[test]
    fn the_form_gives_back_the_settings_that_it_shows() {
        let texts = Texts::of(Language::En);
        let settings = Settings::default().cap(Some(2_500_000_000)).unwrap();
        let form = RetentionForm::of(texts, &settings);
        let again = form.clone().settings(texts).unwrap();
        assert_eq!(RetentionForm::of(texts, &again), form);
    }

    #[test]
    fn nonsense_is_told_at_its_field() {
        let texts = Texts::of(Language::En);
        let mut form = RetentionForm::of(texts, &Settings::default());
        form.rows[0].days = "soon".to_owned();
        form.cap = "0.001".to_owned();
        let (form, problems) = form.settings(texts).unwrap_err();
        let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["days-active_windows", "cap"]);
        assert!(!form.rows[0].wrong.is_empty());
    }
}
