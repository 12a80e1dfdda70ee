//! The one page of a gateway: whether the line is up, what waits, who has joined. It works while the branch is cut off.

use std::time::Duration;

use askama::Template;
use http::HeaderMap;

use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::web::About;
use crate::web::PlainLayout;
use crate::web::Rendered;
use crate::web::Texts;
use crate::web::language_of;
use crate::web::page;

const DASH: &str = "\u{2013}";

/// The line to the appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BranchLink {
    /// Nothing was sent since the start.
    Unknown,
    /// The last batch was taken.
    Up,
    /// Nothing is taken just now, with the reason.
    Down(String),
    /// The key is refused, with the reason.
    Locked(String),
}

/// Who the box is since it has joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchMember {
    pub name: String,
    pub organization: String,
    pub certificate_until: Timestamp,
}

/// What may be collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BranchPolicy {
    /// Nothing was decided.
    Undecided,
    /// A policy holds.
    Held {
        checksum: String,
        since: Timestamp,
        dropped: u64,
        reduced: u64,
        /// The newest is damaged, and this is the one before.
        damage: Option<String>,
    },
    /// Nobody knows; nothing is taken in.
    Unreadable(String),
}

/// What the page shows.
#[derive(Debug, Clone)]
pub struct BranchPage {
    /// None for a gateway that sends with a plain key.
    pub member: Option<BranchMember>,
    pub server: String,
    pub link: BranchLink,
    pub since: Option<Timestamp>,
    pub last_upload: Option<Timestamp>,
    pub next_try: Option<Timestamp>,
    pub batches: u64,
    pub screenshots: u64,
    pub oldest: Option<Duration>,
    /// What is fresh goes before a backlog.
    pub catching_up: bool,
    pub used: u64,
    pub room: u64,
    pub refusing: bool,
    pub given_up: u64,
    pub refused: u64,
    pub agents: u64,
    pub heard: u64,
    /// Names of agents and when each was last heard; none for those who may not see them.
    pub names: Vec<(String, Option<Timestamp>)>,
    /// None for a gateway that is told of no policies.
    pub policy: Option<BranchPolicy>,
    pub zone: Zone,
}

struct Fact {
    name: String,
    value: String,
}

#[derive(Template)]
#[template(path = "branch/status.html")]
struct View {
    l: PlainLayout,
    version: &'static str,
    light: &'static str,
    word: String,
    reason: String,
    line: Vec<Fact>,
    buffer: Vec<Fact>,
    agents_meta: String,
    agents: Vec<Fact>,
}

impl BranchPage {
    /// Renders it in the language of the browser.
    pub fn render(&self, headers: &HeaderMap) -> Rendered {
        let texts = Texts::of(language_of(headers).unwrap_or_default());
        let (light, word, reason) = match &self.link {
            BranchLink::Unknown => ("off", "branch-link-unknown", ""),
            BranchLink::Up => ("ok", "branch-link-up", ""),
            BranchLink::Down(reason) => ("look", "branch-link-down", reason.as_str()),
            BranchLink::Locked(reason) => ("bad", "branch-link-locked", reason.as_str()),
        };
        page(&View {
            l: PlainLayout::new(texts, headers, "/", &texts.t("branch-title")),
            version: About::version(),
            light,
            word: texts.t(word),
            reason: reason.to_owned(),
            line: self.line(texts),
            buffer: self.buffer(texts),
            agents_meta: texts
                .with("branch-agents-heard", [("heard", self.heard.into()), ("agents", self.agents.into())]),
            agents: self
                .names
                .iter()
                .map(|(name, at)| Fact { name: name.clone(), value: self.moment(texts, *at) })
                .collect(),
        })
    }

    fn moment(&self, texts: Texts, at: Option<Timestamp>) -> String {
        at.map_or_else(|| DASH.to_owned(), |at| texts.moment(&self.zone, at))
    }

    fn line(&self, texts: Texts) -> Vec<Fact> {
        let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
        let mut facts = Vec::new();
        if let Some(own) = &self.member {
            facts.push(fact("branch-name", format!("{} \u{b7} {}", own.name, own.organization)));
            let until = texts.moment(&self.zone, own.certificate_until);
            facts.push(fact("branch-certificate", texts.with("branch-certificate-until", [("time", until.into())])));
        }
        facts.extend([
            fact("branch-server", self.server.clone()),
            fact("branch-since", self.moment(texts, self.since)),
            fact("branch-last-upload", self.moment(texts, self.last_upload)),
        ]);
        if self.next_try.is_some() {
            facts.push(fact("branch-next-try", self.moment(texts, self.next_try)));
        }
        facts
    }

    fn buffer(&self, texts: Texts) -> Vec<Fact> {
        let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
        let sizes = [("used", texts.bytes(self.used).into()), ("room", texts.bytes(self.room).into())];
        let oldest = self.oldest.map_or_else(
            || DASH.to_owned(),
            |age| texts.duration_ms(i64::try_from(age.as_millis()).unwrap_or(i64::MAX)),
        );
        let takes = match (&self.policy, self.refusing) {
            (Some(BranchPolicy::Unreadable(_)), _) => "branch-takes-no-policy",
            (_, true) => "branch-takes-no",
            (_, false) => "branch-takes-yes",
        };
        let mut facts = vec![
            fact("branch-takes", texts.t(takes)),
            fact("branch-batches", texts.number(self.batches)),
            fact("branch-screenshots", texts.number(self.screenshots)),
            fact("branch-oldest", oldest),
            fact("branch-used", texts.with("branch-used-of", sizes)),
            fact("branch-given-up", texts.number(self.given_up)),
            fact("branch-refused", texts.number(self.refused)),
        ];
        if let Some(policy) = &self.policy {
            facts.push(fact("branch-policy", self.shown(texts, policy)));
        }
        if let Some(BranchPolicy::Held { dropped, reduced, .. }) = &self.policy {
            let counts = [("dropped", texts.number(*dropped).into()), ("reduced", texts.number(*reduced).into())];
            facts.push(fact("branch-policy-left-out", texts.with("branch-policy-counts", counts)));
        }
        if self.catching_up {
            facts.push(fact("branch-order", texts.t("branch-order-fresh-first")));
        }
        facts
    }

    /// Which policy holds since when.
    fn shown(&self, texts: Texts, policy: &BranchPolicy) -> String {
        match policy {
            BranchPolicy::Undecided => texts.t("branch-policy-none"),
            BranchPolicy::Unreadable(_) => texts.t("branch-policy-unreadable"),
            BranchPolicy::Held { checksum, since, damage, .. } => {
                let key = if damage.is_some() { "branch-policy-earlier" } else { "branch-policy-held" };
                let policy = checksum.chars().take(8).collect::<String>();
                texts.with(key, [("policy", policy.into()), ("time", texts.moment(&self.zone, *since).into())])
            }
        }
    }
}
