//! The pages of the first run.

use askama::Template;
use http::HeaderMap;
use http::Uri;

use super::answers::Answers;
use super::answers::Step;
use super::estimate;
use super::estimate::Part;
use crate::kernel::Zone;
use crate::runtime::disk::Room;
use crate::web::About;
use crate::web::App;
use crate::web::Choice;
use crate::web::PlainLayout;
use crate::web::Problems;
use crate::web::Texts;
use crate::web::http::Channel;
use crate::web::language_of;
use crate::web::visitor::host_of;

/// What is known of the box and of the visitor.
pub(super) struct Facts {
    pub(super) texts: Texts,
    pub(super) room: Option<Room>,
    headers: HeaderMap,
    fingerprint: String,
    time: String,
    port: Option<String>,
    can_join: bool,
}

impl Facts {
    pub(super) async fn gather(app: &App, (uri, headers): (&Uri, &HeaderMap), channel: Channel) -> Self {
        let texts = Texts::of(language_of(headers).unwrap_or_default());
        let port = host_of(uri, headers).rsplit_once(':').map(|(_, port)| port.to_owned());
        Self {
            texts,
            room: app.about.room().await,
            headers: headers.clone(),
            fingerprint: app.about.fingerprint().unwrap_or_default().to_owned(),
            time: texts.time(&Zone::default(), app.clock.now()),
            can_join: app.setup.can_become_gateway(),
            // Whoever sees this page on the main listener has proved that its port is open.
            port: port.filter(|_| channel == Channel::Https),
        }
    }
}

/// One line of the panel.
pub(super) struct StepLine {
    number: usize,
    word: String,
    done: bool,
    current: bool,
}

/// One fact in the footer.
pub(super) struct Check {
    light: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "setup/page.html")]
pub(super) struct SetupPage {
    l: PlainLayout,
    step: &'static str,
    title: String,
    lead: String,
    steps: Vec<StepLine>,
    checks: Vec<Check>,
    version: &'static str,
    fingerprint: String,
    hidden: Vec<(&'static str, String)>,
    next: &'static str,
    back: String,
    here: String,
    pub(super) problems: Problems,
    kind: String,
    can_join: bool,
    /// What was said of a token that was not taken.
    pub(super) join_detail: String,
    not_yet: String,
    organization: String,
    zone: String,
    zones: Vec<String>,
    languages: Vec<Choice>,
    computers: String,
    shots: Vec<Choice>,
    estimate: Part,
    pub(super) display_name: String,
    pub(super) login: String,
}

impl SetupPage {
    pub(super) fn new(facts: &Facts, answers: &Answers, step: Step, problems: Problems) -> Self {
        let texts = facts.texts;
        let mut answers = answers.clone();
        for (answer, usual) in
            [(&mut answers.zone, Zone::DEFAULT), (&mut answers.computers, "50"), (&mut answers.shots, "0")]
        {
            if answer.is_empty() && problems.is_empty() {
                *answer = usual.to_owned();
            }
        }
        let kind = if answers.kind.is_empty() { "new".to_owned() } else { answers.kind.clone() };
        let title = texts.t(&format!("setup-{}-title", step.name()));
        let language = if answers.language.is_empty() { texts.language().tag() } else { answers.language.as_str() };
        Self {
            l: PlainLayout::new(texts, &facts.headers, &answers.address(step), &title),
            title,
            lead: texts.t(&format!("setup-{}-lead", step.name())),
            step: step.name(),
            steps: steps(texts, &kind, step),
            checks: checks(facts),
            version: About::version(),
            fingerprint: facts.fingerprint.clone(),
            hidden: hidden(&answers, step),
            next: neighbour(&kind, step, 1).name(),
            back: answers.address(neighbour(&kind, step, -1)),
            here: answers.address(step),
            problems,
            can_join: facts.can_join,
            join_detail: String::new(),
            not_yet: not_yet(texts, &kind),
            kind,
            organization: answers.name.clone(),
            zone: answers.zone.clone(),
            zones: if step == Step::Organization { Zone::names() } else { Vec::new() },
            languages: Choice::languages(language),
            computers: answers.computers.clone(),
            shots: estimate::shots(texts, &answers.shots),
            estimate: Part::new(&answers, texts, facts.room),
            display_name: String::new(),
            login: String::new(),
        }
    }
}

/// The page for who comes without the link.
#[derive(Template)]
#[template(path = "setup/locked.html")]
pub(super) struct LockedPage {
    l: PlainLayout,
    title: String,
}

impl LockedPage {
    pub(super) fn new(texts: Texts, headers: &HeaderMap) -> Self {
        let title = texts.t("setup-locked-title");
        Self { l: PlainLayout::new(texts, headers, "/setup", &title), title }
    }
}

fn steps(texts: Texts, kind: &str, current: Step) -> Vec<StepLine> {
    let line = |(index, step): (usize, &Step)| StepLine {
        number: index + 1,
        word: match (step, kind) {
            (Step::Kind, "gateway") => texts.t("setup-gateway"),
            _ => texts.t(&format!("setup-{}-step", step.name())),
        },
        done: *step < current,
        current: *step == current,
    };
    Step::way(kind).iter().enumerate().map(line).collect()
}

fn checks(facts: &Facts) -> Vec<Check> {
    let texts = facts.texts;
    let disk = facts.room.map(|room| Check {
        light: if room.is_full() {
            "bad"
        } else if room.percent() < 10 {
            "look"
        } else {
            "ok"
        },
        text: texts.with("setup-check-disk", [("free", texts.bytes(room.free).into())]),
    });
    let port = facts
        .port
        .as_ref()
        .map(|port| Check { light: "ok", text: texts.with("setup-check-port", [("port", port.into())]) });
    let clock = texts.with("setup-check-clock", [("time", facts.time.as_str().into()), ("zone", Zone::DEFAULT.into())]);
    // The box cannot know whether its clock is right; the person can.
    disk.into_iter().chain(port).chain([Check { light: "off", text: clock }]).collect()
}

/// The answers of the other steps, which the form of this one carries along.
fn hidden(answers: &Answers, step: Step) -> Vec<(&'static str, String)> {
    let asked: &[&str] = match step {
        Step::Kind => &["kind"],
        Step::Organization => &["name", "zone", "language"],
        Step::Size => &["computers", "shots", "keep_windows", "keep_sites", "keep_sessions", "keep_screenshots"],
        Step::Login | Step::Gateway => &[],
    };
    let others = answers.all().into_iter().filter(|(name, value)| !asked.contains(name) && !value.is_empty());
    others.map(|(name, value)| (name, value.to_owned())).collect()
}

fn neighbour(kind: &str, step: Step, by: isize) -> Step {
    let way = Step::way(kind);
    let at = way.iter().position(|other| *other == step).unwrap_or(0);
    at.checked_add_signed(by).and_then(|at| way.get(at)).copied().unwrap_or(step)
}

fn not_yet(texts: Texts, kind: &str) -> String {
    match kind {
        "restore" => texts.t("setup-restore-not-yet"),
        _ => String::new(),
    }
}
