//! Which application or site is what: display names, browsers, and the category of time.
//!
//! The starter catalogue is part of the program. Own rules come before it, those that are nearest to a person first. Names are compared without
//! their path, ending and letter case, so that `EXCEL.EXE`, `excel` and `Microsoft Excel` are one application.
//!
//! Classification happens when something is shown, never when it is stored: a changed rule re-rates the past.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::LazyLock;

use crate::monitoring::Category;

/// What a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// An application, by its display name or as agents call it; a `*` at the end stands for anything.
    Application(String),
    /// A site and everything below it: `google.com` is also `docs.google.com`.
    Site(String),
}

/// A rule of an organization, a department or a person. Where several fit, the nearest comes first and any of them before
/// the starter catalogue; among those of the same people a longer domain before a shorter one, and a later rule before an
/// earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it is about.
    pub target: Target,
    /// What that is.
    pub category: Category,
}

/// An entry of the starter catalogue, to be listed beside own rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What it is about.
    pub target: Target,
    /// What that is when no own rule says otherwise.
    pub category: Category,
    /// The word of its group, such as `office` or `games`.
    pub group: String,
}

/// Fast look-up of names and categories. Immutable; make a new one when rules change.
#[derive(Debug, Clone)]
pub struct Catalogue {
    starter: Arc<Starter>,
    /// The nearest first.
    own: Vec<Own>,
}

/// The rules of an organization, a department or a person.
#[derive(Debug, Clone, Default)]
struct Own {
    apps: HashMap<String, Category>,
    prefixes: Vec<(String, Category)>,
    sites: HashMap<String, Category>,
}

#[derive(Debug, Default)]
struct Starter {
    apps: HashMap<String, App>,
    prefixes: Vec<(String, App)>,
    sites: HashMap<String, Category>,
    known: Vec<Known>,
}

#[derive(Debug, Clone)]
struct App {
    name: String,
    category: Category,
    kind: AppKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum AppKind {
    #[default]
    Plain,
    Browser,
    LockScreen,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    groups: Vec<Group>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    category: String,
    #[serde(default)]
    kind: AppKind,
    #[serde(default)]
    apps: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    sites: Vec<String>,
}

static STARTER: LazyLock<Arc<Starter>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("catalogue.toml"))
        .expect("catalogue.toml is part of the program and read by a test of this module");
    Arc::new(Starter::new(file))
});

impl Starter {
    fn new(file: File) -> Self {
        let mut starter = Self::default();
        for group in file.groups {
            let category = Category::parse(&group.category).unwrap_or(Category::Neutral);
            for (name, aliases) in group.apps {
                let app = App { name: name.clone(), category, kind: group.kind };
                for alias in aliases.iter().chain([&name]) {
                    match alias.strip_suffix('*') {
                        Some(prefix) => starter.prefixes.push((key(prefix).into_owned(), app.clone())),
                        None => drop(starter.apps.insert(key(alias).into_owned(), app.clone())),
                    }
                }
                starter.known.push(Known { target: Target::Application(name), category, group: group.name.clone() });
            }
            for site in group.sites {
                starter.sites.insert(site.clone(), category);
                starter.known.push(Known { target: Target::Site(site), category, group: group.name.clone() });
            }
        }
        starter
    }

    fn app(&self, key: &str) -> Option<&App> {
        let prefixed = || self.prefixes.iter().find(|(prefix, _)| key.starts_with(prefix)).map(|(_, app)| app);
        self.apps.get(key).or_else(prefixed)
    }
}

impl Own {
    /// What an application is, by any of its names.
    fn app(&self, names: [Option<&str>; 2]) -> Option<Category> {
        names.into_iter().flatten().find_map(|name| {
            let prefixed = || self.prefixes.iter().find(|(prefix, _)| name.starts_with(prefix));
            self.apps.get(name).or_else(|| prefixed().map(|(_, category)| category)).copied()
        })
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Self::with_rules(&[])
    }
}

impl Catalogue {
    /// The starter catalogue under the own rules of one.
    pub fn with_rules(rules: &[Rule]) -> Self {
        Self::layered([rules])
    }

    /// The starter catalogue under the own rules of several, of whom the nearest is the first.
    pub fn layered<'a>(layers: impl IntoIterator<Item = &'a [Rule]>) -> Self {
        let mut catalogue = Self { starter: Arc::clone(&STARTER), own: Vec::new() };
        let own = layers.into_iter().filter(|rules| !rules.is_empty()).map(|rules| catalogue.own_of(rules)).collect();
        catalogue.own = own;
        catalogue
    }

    fn own_of(&self, rules: &[Rule]) -> Own {
        let mut own = Own::default();
        for Rule { target, category } in rules {
            match target {
                Target::Application(name) => match name.trim().strip_suffix('*') {
                    Some(prefix) => own.prefixes.insert(0, (key(prefix).into_owned(), *category)),
                    None => drop(own.apps.insert(self.same_app(name), *category)),
                },
                Target::Site(domain) => drop(own.sites.insert(site_key(domain), *category)),
            }
        }
        own
    }

    /// The starter catalogue, in its order.
    pub fn known() -> &'static [Known] {
        &STARTER.known
    }

    /// What an application is called; the name without path and ending when it is not known.
    pub fn app_name<'a>(&'a self, raw: &'a str) -> Cow<'a, str> {
        match self.starter.app(&key(raw)) {
            Some(app) => Cow::Borrowed(&app.name),
            None => Cow::Borrowed(bare(raw)),
        }
    }

    /// True when what counts is the site that the application shows.
    pub fn is_browser(&self, raw: &str) -> bool {
        self.starter.app(&key(raw)).is_some_and(|app| app.kind == AppKind::Browser)
    }

    /// True for what the system shows while the screen is locked.
    pub fn is_lock_screen(&self, raw: &str) -> bool {
        self.starter.app(&key(raw)).is_some_and(|app| app.kind == AppKind::LockScreen)
    }

    /// What time in an application is for, where a browser shows `site`; an empty site is none.
    pub fn classify(&self, app: &str, site: &str) -> Category {
        let by_site = (!site.is_empty()).then(|| self.site_category(site)).flatten();
        by_site.or_else(|| self.app_category(app)).unwrap_or(Category::Neutral)
    }

    /// What a site is, if any rule knows it.
    pub fn site_category(&self, domain: &str) -> Option<Category> {
        let domain = domain.strip_prefix("www.").unwrap_or(domain);
        let find = |sites: &HashMap<String, Category>| {
            std::iter::successors(Some(domain), |name| name.split_once('.').map(|(_, parent)| parent))
                .find_map(|name| sites.get(name).copied())
        };
        self.own.iter().find_map(|own| find(&own.sites)).or_else(|| find(&self.starter.sites))
    }

    fn app_category(&self, raw: &str) -> Option<Category> {
        let key = key(raw);
        let known = self.starter.app(&key);
        if !self.own.is_empty() {
            let named = known.map(|app| self::key(&app.name).into_owned());
            let names = [Some(key.as_ref()), named.as_deref()];
            if let Some(category) = self.own.iter().find_map(|own| own.app(names)) {
                return Some(category);
            }
        }
        known.map(|app| app.category)
    }

    /// The name under which an own rule is kept: that of the known application when it is one of its names.
    fn same_app(&self, name: &str) -> String {
        let key = key(name);
        self.starter.app(&key).map_or_else(|| key.to_string(), |app| self::key(&app.name).into_owned())
    }
}

/// The last part of a path without the ending of a program.
fn bare(raw: &str) -> &str {
    let raw = raw.trim();
    let name = raw.rsplit(['/', '\\']).next().unwrap_or(raw);
    let name = if name.is_empty() { raw } else { name };
    let ending = name.rsplit_once('.').filter(|(stem, ending)| {
        !stem.is_empty() && ["exe", "app", "lnk", "bin", "appimage"].iter().any(|one| ending.eq_ignore_ascii_case(one))
    });
    ending.map_or(name, |(stem, _)| stem)
}

/// How names are compared.
fn key(raw: &str) -> Cow<'_, str> {
    let name = bare(raw);
    if name.chars().any(char::is_uppercase) { Cow::Owned(name.to_lowercase()) } else { Cow::Borrowed(name) }
}

fn site_key(domain: &str) -> String {
    let domain = domain.trim().trim_start_matches("*.").trim_start_matches("www.").trim_end_matches('/');
    domain.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::Catalogue;
    use super::Rule;
    use super::Target;
    use crate::monitoring::Category;

    #[test]
    fn the_starter_catalogue_is_read_and_large_enough() {
        assert!(Catalogue::known().len() >= 150, "{}", Catalogue::known().len());
        for known in Catalogue::known() {
            let target = match &known.target {
                Target::Application(name) => name,
                Target::Site(domain) => domain,
            };
            assert!(!target.is_empty() && *target == target.trim(), "{target:?}");
        }
    }

    #[test]
    fn one_application_has_many_names() {
        let catalogue = Catalogue::default();
        for name in ["EXCEL.EXE", "excel", "Microsoft Excel", r"C:\Program Files\Office\EXCEL.EXE", " Excel "] {
            assert_eq!(catalogue.app_name(name), "Excel", "{name}");
            assert_eq!(catalogue.classify(name, ""), Category::Useful, "{name}");
        }
        assert_eq!(catalogue.app_name("1cv8c.exe"), "1C");
        assert_eq!(catalogue.app_name(r"D:\tools\Unknown Thing.exe"), "Unknown Thing");
        assert_eq!(catalogue.app_name("notes.v2"), "notes.v2");
        assert_eq!(catalogue.classify("unknown", ""), Category::Neutral);
    }

    #[test]
    fn in_a_browser_the_site_decides() {
        let catalogue = Catalogue::default();
        assert!(catalogue.is_browser("chrome.exe"));
        assert_eq!(catalogue.classify("chrome.exe", "my.soliq.uz"), Category::Useful);
        assert_eq!(catalogue.classify("chrome.exe", "m.youtube.com"), Category::Distracting);
        assert_eq!(catalogue.classify("chrome.exe", "business.facebook.com"), Category::Useful);
        assert_eq!(catalogue.classify("chrome.exe", "nobody.example"), Category::Neutral);
        assert_eq!(catalogue.classify("chrome.exe", ""), Category::Neutral);
    }

    #[test]
    fn own_rules_come_before_the_starter_catalogue() {
        let rule = |target, category| Rule { target, category };
        let catalogue = Catalogue::with_rules(&[
            rule(Target::Application("TELEGRAM.exe".to_owned()), Category::Useful),
            rule(Target::Site("www.YouTube.com".to_owned()), Category::Useful),
            rule(Target::Site("music.youtube.com".to_owned()), Category::Distracting),
            rule(Target::Application("ombor*".to_owned()), Category::Useful),
        ]);
        assert_eq!(catalogue.classify("Telegram Desktop", ""), Category::Useful);
        assert_eq!(catalogue.classify("chrome", "youtube.com"), Category::Useful);
        assert_eq!(catalogue.classify("chrome", "music.youtube.com"), Category::Distracting);
        assert_eq!(catalogue.classify("Ombor2.exe", ""), Category::Useful);
    }

    #[test]
    fn the_nearest_rule_wins_whatever_the_others_say() {
        let rule = |target, category| Rule { target, category };
        let site = |name: &str| Target::Site(name.to_owned());
        let person = [rule(site("google.com"), Category::Neutral)];
        let department = [rule(Target::Application("telegram".to_owned()), Category::Useful)];
        let organization = [
            rule(site("docs.google.com"), Category::Useful),
            rule(Target::Application("telegram".to_owned()), Category::Distracting),
            rule(Target::Application("ombor*".to_owned()), Category::Useful),
        ];
        let catalogue = Catalogue::layered([&person[..], &department, &organization]);
        assert_eq!(catalogue.classify("chrome", "docs.google.com"), Category::Neutral);
        assert_eq!(catalogue.classify("Telegram Desktop", ""), Category::Useful);
        assert_eq!(catalogue.classify("Ombor2.exe", ""), Category::Useful, "what nobody nearer says");
        assert_eq!(catalogue.classify("chrome", "m.youtube.com"), Category::Distracting);
    }

    #[test]
    fn everything_of_the_simulated_office_is_known() {
        #[derive(serde::Deserialize)]
        struct Office {
            browsers: Vec<Named>,
            apps: Vec<Named>,
            sites: Vec<Host>,
        }
        #[derive(serde::Deserialize)]
        struct Named {
            name: String,
        }
        #[derive(serde::Deserialize)]
        struct Host {
            host: String,
        }
        let office: Office = toml::from_str(include_str!("../sim/office.toml")).unwrap();
        let catalogue = Catalogue::default();
        for app in office.apps {
            assert!(catalogue.app_category(&app.name).is_some(), "{}", app.name);
        }
        for browser in office.browsers {
            assert!(catalogue.is_browser(&browser.name), "{}", browser.name);
        }
        for site in office.sites {
            let domain = site.host.split('/').next().unwrap();
            // The office's own sites are its own business: every customer has other ones.
            let known = catalogue.site_category(domain).is_some() || domain.ends_with("zarafshon.uz");
            assert!(known, "{domain}");
        }
    }
}
