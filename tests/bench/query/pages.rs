//! The pages that people open, asked for by a browser that is signed in.

use std::time::Duration;
use std::time::Instant;

use anyhow::Result;
use anyhow::ensure;

use super::office::Office;
use super::year::Year;
use crate::appliance::Appliance;

/// How often each page is asked for, besides the once that warms up.
const TIMES: usize = 40;

/// The bar of all pages: what at most one in twenty may exceed.
pub(super) const BAR: Duration = Duration::from_millis(100);

pub(super) struct Page {
    pub(super) name: &'static str,
    pub(super) times: Vec<Duration>,
}

/// Opens every page many times, each time about somebody else and another day where it is about somebody.
pub(super) fn open(appliance: &Appliance, office: &Office, year: &Year) -> Result<Vec<Page>> {
    let cookies = appliance.sign_in(office.organization)?;
    let mut browser = appliance.connect()?;
    let mut pages = Vec::new();
    for (name, path) in PAGES {
        let mut times = Vec::new();
        for number in 0..=TIMES {
            let path = path(&About { office, year, number });
            let asked = Instant::now();
            let page = browser.get_with(&path, &cookies)?;
            times.push(asked.elapsed());
            ensure!(page.contains("</html>"), "{path} is not a whole page");
        }
        times.remove(0);
        pages.push(Page { name, times });
    }
    Ok(pages)
}

/// Whom a page is about this time.
struct About<'a> {
    office: &'a Office,
    year: &'a Year,
    number: usize,
}

impl About<'_> {
    fn employee(&self) -> u64 {
        let all = &self.office.employees;
        all.get(self.number * 37 % all.len().max(1)).copied().unwrap_or_default()
    }

    fn department(&self) -> u64 {
        let all = &self.office.departments;
        all.get(self.number * 7 % all.len().max(1)).copied().unwrap_or_default()
    }

    fn day(&self) -> String {
        let all = &self.year.days;
        all.get(self.number * 61 % all.len().max(1)).map(ToString::to_string).unwrap_or_default()
    }
}

type Path = fn(&About<'_>) -> String;

const PAGES: [(&str, Path); 16] = [
    ("overview", |_| "/".to_owned()),
    ("people", |_| "/people".to_owned()),
    ("a person's day", |about| format!("/people/{}?day={}", about.employee(), about.day())),
    ("departments", |_| "/departments".to_owned()),
    ("a department's week", |about| {
        format!("/departments/{}/summary?range=week&day={}", about.department(), about.day())
    }),
    ("the organization's month", |about| format!("/summary?range=month&day={}", about.day())),
    ("the organization's year", |about| format!("/summary?range=year&day={}", about.day())),
    ("activity", |about| {
        let day = about.day();
        format!("/activity?dataset=active_windows&from={day}&to={day}")
    }),
    ("refused events", |_| "/dead-letters".to_owned()),
    ("computers", |_| "/computers".to_owned()),
    ("unassigned accounts", |_| "/unassigned".to_owned()),
    ("storage", |_| "/storage".to_owned()),
    ("rules", |_| "/categories".to_owned()),
    ("API keys", |_| "/api-keys".to_owned()),
    ("operators", |_| "/operators".to_owned()),
    ("audit log", |_| "/audit".to_owned()),
];
