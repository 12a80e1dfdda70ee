//! What is said of the people of a device: how they are, how far it is, and what to do next.

use nazorat_wire::DeviceFault;
use nazorat_wire::PersonProblem;

use super::how::How;
use super::how::counts;
use crate::devices::DeviceOrdered;
use crate::devices::DeviceState;
use crate::devices::PeopleOn;
use crate::fleet::commands::State;
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::Crumb;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::pages::devices::may_edit;
use crate::web::pages::devices::words;
use crate::web::pages::gateways::health;

/// How the people of a device are, as it is shown on the board and on their own page.
pub(super) struct Shown {
    pub(super) how: How,
    pub(super) light: &'static str,
    pub(super) word: String,
    /// What it means and what to do next.
    pub(super) text: String,
    /// What the device said, for those who mend it.
    pub(super) detail: String,
    pub(super) next: Option<Crumb>,
    /// A bar; none where nothing is known.
    pub(super) share: Option<u32>,
    pub(super) bar: &'static str,
    pub(super) progress: String,
    pub(super) compared: String,
    /// The button where a device waits for a word.
    pub(super) allow: String,
    pub(super) problems: usize,
    pub(super) unknown: usize,
    pub(super) unnumbered: usize,
    pub(super) device_light: &'static str,
    pub(super) device_state: String,
}

impl Shown {
    /// `asked`: what the device was asked to do, the newest first. Only where it waits for a word it must be known.
    pub(super) fn new(app: &App, visitor: &Visitor, people: &PeopleOn, asked: &[DeviceOrdered]) -> Self {
        let state = app.devices.standing(visitor.organization_id(), &people.device).state;
        let (texts, now) = (visitor.texts, app.clock.now());
        let how = match How::of(people, state) {
            How::Held if is_under_way(asked) => How::Asked,
            how => how,
        };
        // What was told before the device was left to itself means nothing any more.
        let report = people.report.as_ref().filter(|_| how.is_kept());
        let counts = counts(people).filter(|_| how.is_kept());
        let strangers = report.map(|report| report.strangers.iter().filter(|one| !one.is_known).count());
        Self {
            how,
            light: how.light(),
            word: texts.t(&format!("device-people-how-{}", how.word())),
            text: text(texts, how, people, state),
            detail: detail(texts, how, people),
            next: next(visitor, how, people),
            share: counts.map(|(right, wanted)| share(right, wanted)),
            bar: if how.light() == "ok" { "nz-bar-ok" } else { "nz-bar" },
            progress: progress(texts, counts),
            compared: match report {
                Some(report) if report.at > Timestamp::UNIX_EPOCH => health::when(visitor, report.at, now),
                _ => texts.t("devices-never"),
            },
            allow: texts.count("device-people-allow-open", report.map_or(0, |report| report.held)),
            problems: report.map_or(0, |report| report.problems.len()),
            unknown: strangers.unwrap_or(0),
            unnumbered: people.unnumbered.len(),
            device_light: words::light(state),
            device_state: words::state(texts, state),
        }
    }
}

/// Whether a comparison that somebody asked for is not over yet.
fn is_under_way(asked: &[DeviceOrdered]) -> bool {
    let newest = asked.iter().find(|ordered| ordered.action == "sync");
    newest.is_some_and(|ordered| matches!(ordered.command.state, State::Pending | State::Sent | State::Acked))
}

fn progress(texts: Texts, counts: Option<(u32, u32)>) -> String {
    match counts {
        Some((right, wanted)) => {
            let number = |count: u32| texts.number(u64::from(count));
            texts.with("device-people-progress", [("right", number(right).into()), ("wanted", number(wanted).into())])
        }
        None => texts.t("unknown"),
    }
}

/// So many of a hundred; all only when it is all.
fn share(right: u32, wanted: u32) -> u32 {
    if right >= wanted {
        return 100;
    }
    let share = u64::from(right) * 100 / u64::from(wanted.max(1));
    u32::try_from(share).unwrap_or(0)
}

fn text(texts: Texts, how: How, people: &PeopleOn, state: DeviceState) -> String {
    let report = people.report.as_ref();
    match how {
        How::Failed => {
            let failed = report.and_then(|report| report.failed.as_ref());
            failed.map(|failed| why_not(texts, failed)).unwrap_or_default()
        }
        How::Held => held(texts, people),
        How::NotKept => texts.count("device-people-text-not-kept", people.may_pass),
        How::NoContact => texts.with("device-people-text-no-contact", [("state", words::state(texts, state).into())]),
        How::Problems => texts.count("device-people-text-problems", report.map_or(0, |report| report.problems.len())),
        other => texts.t(&format!("device-people-text-{}", other.word())),
    }
}

/// What happened where a device waits for a word.
pub(super) fn held(texts: Texts, people: &PeopleOn) -> String {
    let report = people.report.as_ref();
    let (held, there) = report.map_or((0, 0), |report| (report.held, report.on_device));
    texts.with("device-people-text-held", [("held", held.into()), ("there", there.into())])
}

/// Why people could not be compared; what is not known here is said as it came.
fn why_not(texts: Texts, failed: &DeviceFault) -> String {
    let known = texts.maybe(&format!("device-people-failed-{}", failed.code.replace('_', "-")));
    known.unwrap_or_else(|| texts.with("device-people-failed-other", [("detail", failed.detail.as_str().into())]))
}

/// In the words of the device, where our own sentence does not repeat them.
fn detail(texts: Texts, how: How, people: &PeopleOn) -> String {
    let failed = people.report.as_ref().and_then(|report| report.failed.as_ref());
    let is_ours = |code: &str| texts.maybe(&format!("device-people-failed-{}", code.replace('_', "-"))).is_some();
    match (how, failed) {
        (How::Failed | How::Cannot, Some(failed)) if is_ours(&failed.code) => failed.detail.clone(),
        _ => String::new(),
    }
}

/// Why somebody is not as they should be, and what the device said of it.
pub(super) fn why(texts: Texts, problem: &PersonProblem) -> (String, String) {
    let detail = problem.why.detail.clone();
    match texts.maybe(&format!("device-people-why-{}", problem.why.code.replace('_', "-"))) {
        // These name somebody by a sentence of our own.
        Some(known) if matches!(problem.why.code.as_str(), "administers" | "number") => (known, String::new()),
        Some(known) => (known, detail),
        None if detail.is_empty() => (problem.why.code.clone(), String::new()),
        None => (detail, String::new()),
    }
}

fn next(visitor: &Visitor, how: How, people: &PeopleOn) -> Option<Crumb> {
    let id = people.device.id;
    let to = |href: String, key: &str| Some(Crumb { href, label: visitor.texts.t(key) });
    match how {
        How::NoGroup => to("/access-groups".to_owned(), "device-people-next-no-group"),
        How::Disabled | How::NoContact | How::Cannot => to(format!("/devices/{id}"), "device-people-next-device"),
        How::Silent => to(format!("/gateways/{}", people.device.gateway), "device-people-next-gateway"),
        How::NotKept if may_edit(visitor) => to(format!("/devices/{id}/people/keep"), "device-people-keep-open"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_bar_is_full_only_when_all_are_right() {
        assert_eq!([share(0, 0), share(0, 8), share(1_999, 2_000), share(8, 8)], [100, 0, 99, 100]);
    }
}
