//! Facts held against a policy: kept, changed or dropped.

use std::borrow::Cow;

use regex::Regex;
use sha2::Digest as _;
use sha2::Sha256;

use super::effective::Effective;
use super::exclusions::Action;
use super::exclusions::Exclusion;
use super::exclusions::Part;
use super::hours::Schedule;
use super::settings::SettingsError;
use super::settings::SiteDetail;
use super::settings::WindowDetail;
use crate::event::Fact;
use crate::text::domain_of;

/// Why less was kept. Never what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// This kind of fact is not collected.
    Kind,
    /// It happened outside of the hours.
    Hours,
    /// It was in a private window.
    PrivateWindow,
    /// Less detail is kept of this kind.
    Detail,
    /// An exclusion, by its place in the policy.
    Exclusion(u32),
}

/// What is done with a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Ruling<'a> {
    /// It may be kept as it is.
    Keep(Fact<'a>),
    /// This much of it may be kept.
    Less(Fact<'a>, Cause),
    /// It may not be kept.
    Drop(Cause),
}

/// A policy that is ready to judge.
#[derive(Debug)]
pub struct Filter {
    windows: WindowDetail,
    sites: SiteDetail,
    screenshots: bool,
    input: bool,
    sessions: bool,
    private_windows: bool,
    hours: Option<Schedule>,
    exclusions: Vec<(Exclusion, Regex)>,
    salt: Vec<u8>,
}

impl Filter {
    /// `salt` makes fingerprints of one organization worth nothing to another.
    pub fn new(policy: &Effective, salt: &[u8]) -> Result<Self, SettingsError> {
        let hours = match &policy.hours {
            None => None,
            Some(hours) => {
                hours.check().map_err(SettingsError::Hours)?;
                hours.ready()
            }
        };
        let compiled = policy.exclusions.iter().enumerate().map(|(place, exclusion)| {
            let regex = exclusion.pattern.compile().map_err(|problem| SettingsError::Pattern {
                number: place + 1,
                pattern: exclusion.pattern.text.chars().take(40).collect(),
                problem,
            })?;
            Ok((exclusion.clone(), regex))
        });
        Ok(Self {
            windows: policy.windows,
            sites: policy.sites,
            screenshots: policy.screenshots.every_minutes > 0,
            input: policy.input,
            sessions: policy.sessions,
            private_windows: policy.private_windows,
            hours,
            exclusions: compiled.collect::<Result<_, _>>()?,
            salt: salt.to_vec(),
        })
    }

    /// What may be kept of a fact that happened at a moment, in microseconds since 1970.
    pub fn judge<'a>(&self, fact: Fact<'a>, at_us: i64) -> Ruling<'a> {
        let collected = match &fact {
            Fact::ActiveWindow { .. } => self.windows != WindowDetail::Off,
            Fact::VisitedSite { .. } => self.sites != SiteDetail::Off,
            Fact::InputActivity { .. } => self.input,
            Fact::UserSession { .. } => self.sessions,
        };
        if !collected {
            return Ruling::Drop(Cause::Kind);
        }
        if self.hours.as_ref().is_some_and(|hours| !hours.covers(at_us)) {
            return Ruling::Drop(Cause::Hours);
        }
        if matches!(fact, Fact::VisitedSite { private: true, .. }) && !self.private_windows {
            return Ruling::Drop(Cause::PrivateWindow);
        }
        let found: Vec<(u32, Action)> = (0_u32..)
            .zip(&self.exclusions)
            .filter(|(_, (exclusion, regex))| recognises(exclusion.part, regex, &fact))
            .map(|(place, (exclusion, _))| (place, exclusion.action))
            .collect();
        if let Some((place, _)) = found.iter().find(|(_, action)| *action == Action::Drop) {
            return Ruling::Drop(Cause::Exclusion(*place));
        }
        let mut fact = fact;
        let mut cause = None;
        for (place, action) in found {
            let before = fact.clone();
            fact = self.reduced(fact, action);
            // Another hop has done it already.
            if fact != before {
                cause.get_or_insert(Cause::Exclusion(place));
            }
        }
        let (fact, detail) = self.detailed(fact);
        match cause.or(detail.then_some(Cause::Detail)) {
            Some(cause) => Ruling::Less(fact, cause),
            None => Ruling::Keep(fact),
        }
    }

    /// Why a picture of the screen may not be kept, if it may not. Of a picture nothing can be left out, so everything
    /// that would make a window less makes its picture nothing.
    pub fn judge_screenshot(&self, app: Option<&str>, title: Option<&str>, at_us: i64) -> Option<Cause> {
        if !self.screenshots {
            return Some(Cause::Kind);
        }
        if self.hours.as_ref().is_some_and(|hours| !hours.covers(at_us)) {
            return Some(Cause::Hours);
        }
        let (app, title) = (app.unwrap_or_default().into(), title.map(Cow::from));
        let window = Fact::ActiveWindow { duration_ms: 0, app, title };
        let found = self.exclusions.iter().position(|(exclusion, regex)| recognises(exclusion.part, regex, &window));
        found.map(|place| Cause::Exclusion(u32::try_from(place).unwrap_or(u32::MAX)))
    }

    fn reduced<'a>(&self, fact: Fact<'a>, action: Action) -> Fact<'a> {
        match (fact, action) {
            (Fact::ActiveWindow { duration_ms, app, title: Some(title) }, Action::Hash) => {
                Fact::ActiveWindow { duration_ms, app, title: Some(self.fingerprint(&title).into()) }
            }
            (Fact::ActiveWindow { duration_ms, app, .. }, _) => Fact::ActiveWindow { duration_ms, app, title: None },
            (Fact::VisitedSite { duration_ms, url, domain: _, title, browser, private }, Action::Hash) => {
                let title = title.map(|title| self.fingerprint(&title).into());
                let print = self.fingerprint(&url);
                Fact::VisitedSite { duration_ms, url: print.into(), domain: "".into(), title, browser, private }
            }
            (Fact::VisitedSite { duration_ms, domain, browser, private, .. }, Action::DomainOnly) => {
                Fact::VisitedSite { duration_ms, url: domain.clone(), domain, title: None, browser, private }
            }
            (Fact::VisitedSite { duration_ms, browser, private, .. }, _) => {
                let (url, domain) = ("".into(), "".into());
                Fact::VisitedSite { duration_ms, url, domain, title: None, browser, private }
            }
            (other, _) => other,
        }
    }

    /// As much as the policy says; true when that is less.
    fn detailed<'a>(&self, fact: Fact<'a>) -> (Fact<'a>, bool) {
        match fact {
            Fact::ActiveWindow { duration_ms, app, title: Some(_) } if self.windows < WindowDetail::Title => {
                (Fact::ActiveWindow { duration_ms, app, title: None }, true)
            }
            Fact::VisitedSite { duration_ms, url, domain, title, browser, private } => {
                let (kept, title, less) = match self.sites {
                    SiteDetail::Full => (url, title, false),
                    SiteDetail::Path if is_fingerprint(&url) => (url, title, false),
                    SiteDetail::Path => {
                        let path = without_query(url.clone());
                        let less = path.len() < url.len();
                        (path, title, less)
                    }
                    SiteDetail::Domain | SiteDetail::Off => {
                        let less = title.is_some() || url != domain;
                        (domain.clone(), None, less)
                    }
                };
                (Fact::VisitedSite { duration_ms, url: kept, domain, title, browser, private }, less)
            }
            other => (other, false),
        }
    }

    /// The same text gives the same one within an organization.
    fn fingerprint(&self, text: &str) -> String {
        if text.is_empty() || is_fingerprint(text) {
            return text.to_owned();
        }
        let digest = Sha256::new().chain_update(&self.salt).chain_update(text).finalize();
        let digits: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("#{digits}")
    }
}

/// What an earlier hop made stays what it is.
fn is_fingerprint(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn recognises(part: Part, regex: &Regex, fact: &Fact<'_>) -> bool {
    let looks = |text: &str| regex.is_match(text);
    match (part, fact) {
        (Part::Application, Fact::ActiveWindow { app, .. }) => looks(app),
        (Part::Application, Fact::VisitedSite { browser: Some(browser), .. }) => looks(browser),
        (Part::Title, Fact::ActiveWindow { title: Some(title), .. } | Fact::VisitedSite { title: Some(title), .. }) => {
            looks(title)
        }
        (Part::Address, Fact::VisitedSite { url, .. }) => looks(url),
        (Part::Site, Fact::VisitedSite { domain, .. }) => suffixes(domain).any(looks_whole(regex)),
        _ => false,
    }
}

/// A pattern for a site means the host as a whole: `bank.uz` is not `notabank.uz`, but everything below `bank.uz`.
fn looks_whole(regex: &Regex) -> impl Fn(&str) -> bool {
    |host| regex.find(host).is_some_and(|found| found.start() == 0 && found.end() == host.len())
}

/// The host and everything above it.
fn suffixes(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |host| host.split_once('.').map(|(_, above)| above))
}

/// Without query, fragment, and the name and password before the host.
fn without_query(url: Cow<'_, str>) -> Cow<'_, str> {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let kept = url.get(..end).unwrap_or_default();
    let (scheme, rest) = kept.split_once("://").map_or(("", kept), |(scheme, rest)| (scheme, rest));
    let authority = rest.split('/').next().unwrap_or_default();
    if !authority.contains('@') {
        return match url {
            Cow::Borrowed(url) => Cow::Borrowed(url.get(..end).unwrap_or_default()),
            Cow::Owned(mut url) => {
                url.truncate(end);
                Cow::Owned(url)
            }
        };
    }
    let path = rest.get(authority.len()..).unwrap_or_default();
    let host = domain_of(kept);
    Cow::Owned(if scheme.is_empty() { format!("{host}{path}") } else { format!("{scheme}://{host}{path}") })
}
