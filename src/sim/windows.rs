//! What stands in front while a person works: bouts of one application or site, quick looks elsewhere, the odd pastime.

use std::sync::Arc;

use crate::sim::catalogue::App;
use crate::sim::catalogue::Site;
use crate::sim::chance::Chance;
use crate::sim::office::Office;
use crate::sim::office::Person;

const MINUTE: i64 = 60_000;

/// What one window shows.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) app: &'static str,
    pub(super) title: Arc<str>,
    pub(super) site: Option<Visit>,
}

/// The site behind a browser window.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub(super) url: Arc<str>,
    pub(super) title: Arc<str>,
}

/// One person's hands for one day.
pub(super) struct Hands<'office> {
    office: &'office Office,
    person: &'office Person,
    month: usize,
    chance: Chance,
    habits: Vec<Habit>,
    bout: Bout,
    last: usize,
}

struct Habit {
    what: What,
    kind: Kind,
    weight: u32,
    /// Today's documents or pages, rendered when the habit is first followed.
    pages: Vec<Page>,
}

#[derive(Clone, Copy)]
enum What {
    App(&'static App),
    Site(&'static Site),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Work,
    Pastime,
}

#[derive(Clone, Copy)]
struct Bout {
    habit: usize,
    ends: i64,
}

impl<'office> Hands<'office> {
    pub(super) fn new(office: &'office Office, person: &'office Person, month: usize, chance: Chance) -> Self {
        let (job, pastimes) = (person.job, &office.catalogue.pastimes);
        let mut habits = Vec::with_capacity(24);
        for (kind, apps, sites) in
            [(Kind::Work, &job.apps, &job.sites), (Kind::Pastime, &pastimes.apps, &pastimes.sites)]
        {
            let apps =
                apps.iter().filter_map(|(name, weight)| Some((What::App(office.catalogue.find_app(name)?), *weight)));
            let sites = sites
                .iter()
                .filter_map(|(host, weight)| Some((What::Site(office.catalogue.find_site(host)?), *weight)));
            habits.extend(apps.chain(sites).map(|(what, weight)| Habit { what, kind, weight, pages: Vec::new() }));
        }
        Self { office, person, month, chance, habits, bout: Bout { habit: 0, ends: i64::MIN }, last: usize::MAX }
    }

    /// The window that comes to the front at `now` (milliseconds after midnight), and for how long it stays.
    pub(super) fn next(&mut self, now: i64) -> (Page, i64) {
        if now >= self.bout.ends {
            self.bout = self.begin(now);
        }
        let glimpse = self.chance.happens(130);
        let habit = if glimpse { self.choose(Kind::Work) } else { self.bout.habit };
        let lasts = if glimpse { self.chance.between(2_500, 16_000) } else { self.lasts() };
        (self.page(habit), lasts)
    }

    fn begin(&mut self, now: i64) -> Bout {
        let lunch = self.person.lunch * 1000;
        let tired = (lunch - 40 * MINUTE..lunch).contains(&now) || now > (self.person.starts + 7 * 3600) * 1000;
        let wandering = if tired { self.person.wandering * 2 } else { self.person.wandering };
        if self.chance.happens(wandering) {
            let ends = now + self.chance.between(MINUTE, 10 * MINUTE);
            return Bout { habit: self.choose(Kind::Pastime), ends };
        }
        let ends = now + self.chance.around(7 * MINUTE, 390_000);
        Bout { habit: self.choose(Kind::Work), ends }
    }

    fn choose(&mut self, kind: Kind) -> usize {
        let weights = self.habits.iter().map(move |habit| if habit.kind == kind { habit.weight } else { 0 });
        self.chance.weighted(weights)
    }

    fn lasts(&mut self) -> i64 {
        let usual = match self.chance.below(100) {
            0..58 => self.chance.between(2_000, 12_000),
            58..92 => self.chance.between(12_000, 48_000),
            _ => self.chance.between(48_000, 200_000),
        };
        usual * self.person.pace / 100
    }

    fn page(&mut self, habit: usize) -> Page {
        if self.habits[habit].pages.is_empty() {
            self.habits[habit].pages = self.render(self.habits[habit].what);
        }
        let pages = self.habits[habit].pages.len();
        // People stay with a few documents: the earlier ones of the day come up most.
        let mut at = self.chance.below(pages).min(self.chance.below(pages));
        if habit * 64 + at == self.last {
            at = (at + 1) % pages;
        }
        self.last = habit * 64 + at;
        self.habits[habit].pages[at].clone()
    }

    fn render(&mut self, what: What) -> Vec<Page> {
        let count = 3 + self.chance.below(5);
        (0..count)
            .map(|_| match what {
                What::App(app) => {
                    let title = &app.titles[self.chance.below(app.titles.len())];
                    Page { app: &app.name, title: self.fill(title).into(), site: None }
                }
                What::Site(site) => {
                    let page = &site.pages[self.chance.below(site.pages.len())];
                    let (path, title) = page.split_once('|').unwrap_or((page, &site.host));
                    let (number, title) = (self.chance.clone(), self.fill(title));
                    // Path and title speak of the same number.
                    let path = path.replace("{n}", &number_of(number).to_string());
                    let browser = self.person.browser;
                    let visit =
                        Visit { url: format!("https://{}{path}", site.host).into(), title: title.as_str().into() };
                    Page { app: &browser.name, title: format!("{title}{}", browser.suffix).into(), site: Some(visit) }
                }
            })
            .collect()
    }

    fn fill(&mut self, template: &'static str) -> String {
        let number = number_of(self.chance.clone());
        self.chance.next();
        if !template.contains('{') {
            return template.to_owned();
        }
        let catalogue = self.office.catalogue;
        let client = &catalogue.clients[self.chance.below(catalogue.clients.len())];
        let file = &catalogue.files[self.chance.below(catalogue.files.len())];
        let month = &catalogue.months[(self.month + 12 - self.chance.below(3)) % 12];
        let colleague = &self.office.people[self.chance.below(self.office.people.len())].employee;
        let words = [
            ("{n}", number.to_string()),
            ("{client}", client.clone()),
            ("{file}", file.clone()),
            ("{month}", month.clone()),
            ("{colleague}", colleague.full_name()),
        ];
        words.iter().fold(template.to_owned(), |text, (mark, word)| text.replace(mark, word))
    }
}

fn number_of(mut chance: Chance) -> i64 {
    chance.between(12, 4980)
}
