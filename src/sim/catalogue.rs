//! `office.toml`, read once: departments, jobs, applications, sites and the words on their screens.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Time;
use serde::Deserialize;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    toml::from_str(include_str!("office.toml"))
        .expect("office.toml is part of the program and read by a test of this module")
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalogue {
    pub(super) domain: String,
    pub(super) months: Vec<String>,
    pub(super) clients: Vec<String>,
    pub(super) files: Vec<String>,
    pub(super) names: Names,
    pub(super) departments: Vec<Department>,
    pub(super) jobs: Vec<Job>,
    pub(super) pastimes: Pastimes,
    pub(super) browsers: Vec<Browser>,
    pub(super) apps: Vec<App>,
    pub(super) sites: Vec<Site>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    pub(super) families: Vec<String>,
    pub(super) men: Vec<String>,
    pub(super) women: Vec<String>,
    pub(super) russian_men: Vec<String>,
    pub(super) russian_women: Vec<String>,
    pub(super) russian_families: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Department {
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) share: u32,
    #[serde(default = "nine")]
    pub(super) starts: Time,
    #[serde(default)]
    pub(super) saturdays: bool,
    pub(super) positions: Vec<Position>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Position {
    pub(super) title: String,
    pub(super) job: String,
    #[serde(default)]
    pub(super) share: u32,
    #[serde(default)]
    pub(super) desk: DeskKind,
}

/// What a person of this position works at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeskKind {
    #[default]
    Own,
    /// A computer of the department that several people log in to.
    Shared,
    /// A computer and a laptop.
    Laptop,
    /// One computer, two accounts: the everyday one and the administrator's.
    SecondAccount,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    pub(super) key: String,
    /// Of a thousand half days, how many have a meeting.
    pub(super) meetings: u32,
    pub(super) apps: BTreeMap<String, u32>,
    pub(super) sites: BTreeMap<String, u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pastimes {
    pub(super) apps: BTreeMap<String, u32>,
    pub(super) sites: BTreeMap<String, u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Browser {
    pub(super) name: String,
    pub(super) suffix: String,
    pub(super) share: u32,
    pub(super) colour: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct App {
    pub(super) name: String,
    pub(super) colour: String,
    pub(super) looks: Looks,
    pub(super) titles: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Site {
    pub(super) host: String,
    pub(super) colour: String,
    pub(super) looks: Looks,
    /// `path|title`
    pub(super) pages: Vec<String>,
}

/// What fills a window on a screenshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Looks {
    Form,
    Table,
    Text,
    Slide,
    Mail,
    Chat,
    Files,
    Canvas,
    Code,
}

impl Catalogue {
    pub(super) fn get() -> &'static Self {
        &CATALOGUE
    }

    pub(super) fn find_app(&self, name: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.name == name)
    }

    pub(super) fn find_site(&self, host: &str) -> Option<&Site> {
        self.sites.iter().find(|site| site.host == host)
    }

    pub(super) fn find_browser(&self, name: &str) -> Option<&Browser> {
        self.browsers.iter().find(|browser| browser.name == name)
    }
}

fn nine() -> Time {
    Time::constant(9, 0, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::Catalogue;

    #[test]
    fn every_job_application_and_site_that_is_named_is_described() {
        let catalogue = Catalogue::get();
        for department in &catalogue.departments {
            for position in &department.positions {
                assert!(catalogue.jobs.iter().any(|job| job.key == position.job), "job {} is missing", position.job);
            }
        }
        let apps = catalogue.jobs.iter().flat_map(|job| job.apps.keys()).chain(catalogue.pastimes.apps.keys());
        for app in apps {
            assert!(catalogue.find_app(app).is_some_and(|app| !app.titles.is_empty()), "application {app} is missing");
        }
        let sites = catalogue.jobs.iter().flat_map(|job| job.sites.keys()).chain(catalogue.pastimes.sites.keys());
        for site in sites {
            assert!(catalogue.find_site(site).is_some_and(|site| !site.pages.is_empty()), "site {site} is missing");
        }
        for site in &catalogue.sites {
            assert!(
                site.pages.iter().all(|page| page.starts_with('/') && page.contains('|')),
                "pages of {}",
                site.host
            );
        }
    }

    #[test]
    fn uzbek_words_carry_their_own_letters_and_no_apostrophe() {
        let text = include_str!("office.toml");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            assert!(!line.contains(['\'', '\u{2018}', '\u{2019}', '`']), "wrong letter in: {line}");
        }
        assert!(text.contains('\u{02BB}') && text.contains('\u{02BC}'));
    }
}
