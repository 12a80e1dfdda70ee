//! How a version gets to the computers: its stages, how many have it, and what each of them says.

use std::cmp::Reverse;

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::Head;
use super::Known;
use super::Tab;
use super::may_edit;
use super::require_editor;
use crate::kernel::PolicyId;
use crate::policy::collection::Rollout;
use crate::policy::distribution::AgentState;
use crate::policy::distribution::ComputerStanding;
use crate::policy::distribution::Standing;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::question;
use crate::web::pages::question::Question;

/// Computers in the table; more of them are told as a number.
const SHOWN: usize = 300;

#[derive(Template)]
#[template(path = "policies/rollout.html")]
struct RolloutPage {
    l: Layout,
    head: Head,
    href: String,
    /// The same page with what was chosen on it.
    own: String,
    /// How many have it, how many there are.
    have: String,
    of: String,
    published: String,
    banner: Option<[String; 3]>,
    stages: Vec<Stage>,
    states: Vec<StateCount>,
    filters: Vec<super::TabLink>,
    rows: Vec<Row>,
    more: String,
    /// What can be done, empty when it cannot.
    pause: bool,
    resume: bool,
    everyone: bool,
    back_href: String,
    back: String,
    /// Whether something may still change by itself.
    moves: bool,
}

struct Stage {
    light: &'static str,
    title: String,
    text: String,
    percent: u64,
}

struct StateCount {
    light: &'static str,
    name: String,
    count: String,
}

struct Row {
    light: &'static str,
    computer: String,
    people: Vec<Crumb>,
    wanted: String,
    has: String,
    state: String,
    error: String,
    since: String,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    show: String,
}

/// `GET /policies/{id}/rollout`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let standing = app.distribution.standing(visitor.actor(), visitor.organization_id(), id).await;
    let standing = standing.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&RolloutPage::new(&visitor, &known, &standing, asked.show == "waiting")).into_response())
}

/// `POST /policies/{id}/rollout/pause`.
pub(super) async fn pause(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    let turned = app.policies.pause(visitor.actor(), visitor.organization_id(), id).await;
    turned.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/policies/{id}/rollout"), "done-rollout-paused", ""))
}

/// `POST /policies/{id}/rollout/resume`.
pub(super) async fn resume(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    let turned = app.policies.resume(visitor.actor(), visitor.organization_id(), id).await;
    turned.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/policies/{id}/rollout"), "done-rollout-resumed", ""))
}

/// `GET /policies/{id}/rollout/everyone`.
pub(super) async fn ask_everyone(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor).map_err(|problem| visitor.failure(problem))?;
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    if known.policy.rolling_out().is_none() {
        return Err(visitor.failure(Failure::not_found()));
    }
    let texts = visitor.texts;
    let version = || [("version", texts.number(known.policy.version.into()).into())];
    let question = Question {
        title: texts.with("rollout-everyone-title", version()),
        consequences: vec![texts.count("rollout-everyone-text", known.people), texts.t("rollout-everyone-next")],
        action: format!("{}/rollout/everyone", known.href()),
        danger: texts.with("rollout-everyone-do", version()),
        safe_href: format!("{}/rollout", known.href()),
    };
    Ok(question::ask(&visitor, Section::Policies, question))
}

/// `POST /policies/{id}/rollout/everyone`.
pub(super) async fn everyone(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    let turned = app.policies.give_to_everyone(visitor.actor(), visitor.organization_id(), id).await;
    turned.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&format!("/policies/{id}/rollout"), "done-rollout-everyone", ""))
}

impl RolloutPage {
    fn new(visitor: &Visitor, known: &Known, standing: &Standing, waiting_only: bool) -> Self {
        let texts = visitor.texts;
        let href = format!("{}/rollout", known.href());
        let version = known.policy.version;
        let computers = &standing.computers;
        let has = |one: &&ComputerStanding| one.has == Some(version) && one.wanted == version;
        let have = computers.iter().filter(has).count();
        let open = standing.policy.rolling_out();
        let newest = known.versions.first();
        let published = newest.map(|newest| {
            let at = texts.moment(&visitor.zone, newest.released_at);
            let key = if newest.requires_restart { "rollout-published-restart" } else { "rollout-published" };
            texts.with(key, [("at", at.into()), ("who", newest.author.as_str().into())])
        });
        let is_waiting = |one: &&ComputerStanding| !has(one);
        let mut shown: Vec<&ComputerStanding> =
            if waiting_only { computers.iter().filter(is_waiting).collect() } else { computers.iter().collect() };
        shown.sort_by_key(|one| (Reverse(urgency(&one.agent.state)), one.agent.name.clone()));
        let hidden = shown.len().saturating_sub(SHOWN);
        let can_edit = may_edit(visitor);
        let stopped = open.is_some_and(|rollout| rollout.paused_by.is_some() || rollout.halted.is_some());
        let back = match open.map(|rollout| rollout.before) {
            Some(before) if before > 0 && can_edit => before,
            _ => 0,
        };
        let filter = |label: &str, query: &str, count: usize, current: bool| super::TabLink {
            href: format!("{href}{query}"),
            label: format!("{} {}", texts.t(label), texts.number(count as u64)),
            count: String::new(),
            current,
        };
        Self {
            l: known.layout(visitor),
            head: known.head(visitor, Tab::Rollout),
            own: visitor.path().to_owned(),
            have: texts.number(have as u64),
            of: texts.with(
                "rollout-of",
                [
                    ("total", texts.number(computers.len() as u64).into()),
                    ("version", texts.number(version.into()).into()),
                ],
            ),
            published: published.unwrap_or_default(),
            banner: open.and_then(|rollout| banner(texts, rollout, computers)),
            stages: standing.policy.rollout.as_ref().map(|one| stages(visitor, one, computers)).unwrap_or_default(),
            states: states(texts, computers),
            filters: vec![
                filter("rollout-not-yet", "?show=waiting", computers.len() - have, waiting_only),
                filter("rollout-all", "", computers.len(), !waiting_only),
            ],
            rows: shown.iter().take(SHOWN).map(|one| row(visitor, known, one)).collect(),
            more: if hidden > 0 { texts.count("storage-files-more", hidden) } else { String::new() },
            pause: can_edit && open.is_some() && !stopped,
            resume: can_edit && stopped,
            everyone: can_edit && open.is_some(),
            back_href: if back > 0 { format!("{}/versions/{back}/bring-back", known.href()) } else { String::new() },
            back: texts.with("rollout-back", [("version", texts.number(back.into()).into())]),
            moves: open.is_some() || computers.iter().any(|one| !has(&one)),
            href,
        }
    }
}

/// What stops it, and what to do.
fn banner(texts: Texts, rollout: &Rollout, computers: &[ComputerStanding]) -> Option<[String; 3]> {
    if let Some(why) = &rollout.halted {
        let text = texts.with("rollout-halted-text", [("why", why.as_str().into())]);
        return Some(["bad".to_owned(), texts.t("rollout-halted"), text]);
    }
    if let Some(by) = &rollout.paused_by {
        let title = texts.with("rollout-paused", [("who", by.as_str().into())]);
        return Some(["look".to_owned(), title, texts.t("rollout-paused-text")]);
    }
    let mut first = computers.iter().filter(|one| rollout.early.contains(&one.agent.computer_uid));
    let says_nothing = first.all(|one| matches!(one.agent.state, AgentState::Silent | AgentState::Away));
    let stands = says_nothing && rollout.first_done_at.is_none();
    stands.then(|| ["look".to_owned(), texts.t("rollout-stands"), texts.t("rollout-stands-text")])
}

fn stages(visitor: &Visitor, rollout: &Rollout, computers: &[ComputerStanding]) -> Vec<Stage> {
    let texts = visitor.texts;
    let time = |at| texts.moment(&visitor.zone, at);
    let in_force = |early: bool| {
        let of = computers.iter().filter(|one| rollout.early.contains(&one.agent.computer_uid) == early);
        let (all, have) = of.fold((0_u64, 0_u64), |(all, have), one| {
            (all + 1, have + u64::from(one.agent.state == AgentState::InForce))
        });
        (all, have)
    };
    let share = |(all, have): (u64, u64)| (have * 100).checked_div(all).unwrap_or(100);
    let counted = |(all, have): (u64, u64)| {
        texts.with("rollout-counted", [("have", texts.number(have).into()), ("total", texts.number(all).into())])
    };
    let over = rollout.is_over();
    let first = in_force(true);
    let first_done = over || rollout.first_done_at.is_some();
    let light = |done: bool, begun: bool| match (done, begun) {
        (true, _) => "ok",
        (false, true) if rollout.halted.is_some() => "bad",
        (false, true) => "way",
        (false, false) => "off",
    };
    let watch = match (over, rollout.everyone_from()) {
        (true, _) => texts.t("rollout-over"),
        (false, Some(until)) => texts.with("rollout-watch-until", [("at", time(until).into())]),
        (false, None) => texts.t("rollout-watch-later"),
    };
    let percent = texts.number(rollout.percent.into());
    let minutes = texts.number(rollout.watch_minutes.into());
    let everyone = in_force(false);
    vec![
        Stage {
            light: light(first_done, true),
            title: texts.with("rollout-first", [("percent", percent.into())]),
            text: counted(first),
            percent: if first_done { 100 } else { share(first) },
        },
        Stage {
            light: light(over, first_done),
            title: texts.with("rollout-watch", [("minutes", minutes.into())]),
            text: watch,
            percent: if over { 100 } else { 0 },
        },
        Stage {
            light: light(over && share(everyone) == 100, over),
            title: texts.t("rollout-everyone"),
            text: if over { counted(everyone) } else { texts.t("rollout-everyone-later") },
            percent: if over { share(everyone) } else { 0 },
        },
    ]
}

fn states(texts: Texts, computers: &[ComputerStanding]) -> Vec<StateCount> {
    let all = ["in_force", "waiting", "behind", "away", "failed", "silent"];
    let count = |name: &str| computers.iter().filter(|one| one.agent.state.name() == name).count();
    let shown =
        all.into_iter().map(|name| (name, count(name))).filter(|(name, count)| *count > 0 || *name == "in_force");
    shown
        .map(|(name, count)| StateCount {
            light: light_of(name),
            name: texts.t(&state_key(name)),
            count: texts.number(count as u64),
        })
        .collect()
}

fn row(visitor: &Visitor, known: &Known, one: &ComputerStanding) -> Row {
    let texts = visitor.texts;
    let version = |number: u32| if number == 0 { "\u{2013}".to_owned() } else { format!("v{number}") };
    let people = one.people.iter().filter_map(|id| known.names.view.employee(*id).ok());
    let state = one.agent.state.name();
    let early = one.wanted < known.policy.version && one.agent.state == AgentState::InForce;
    Row {
        light: if early { "off" } else { light_of(state) },
        computer: one.agent.name.clone(),
        people: people
            .map(|person| Crumb { href: format!("/people/{}", person.id), label: person.surname_first() })
            .collect(),
        wanted: version(one.wanted),
        has: one.has.map(version).unwrap_or_else(|| texts.t("unknown")),
        state: texts.t(&if early { "rollout-state-later".to_owned() } else { state_key(state) }),
        error: match &one.agent.state {
            AgentState::Failed(error) => error.clone(),
            _ => String::new(),
        },
        since: texts.moment(&visitor.zone, one.agent.since),
    }
}

fn state_key(name: &str) -> String {
    format!("rollout-state-{}", name.replace('_', "-"))
}

fn light_of(name: &str) -> &'static str {
    match name {
        "in_force" => "ok",
        "waiting" | "behind" => "way",
        "failed" => "bad",
        "silent" => "look",
        _ => "off",
    }
}

/// What needs somebody comes first.
const fn urgency(state: &AgentState) -> u8 {
    match state {
        AgentState::Failed(_) => 5,
        AgentState::Waiting => 4,
        AgentState::Behind => 3,
        AgentState::Silent => 2,
        AgentState::Away => 1,
        AgentState::InForce => 0,
    }
}
