//! A draft held against the last week: what it would have kept, cut down and left out.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;

use super::Known;
use super::words;
use super::words::action_key;
use crate::kernel::PolicyId;
use crate::monitoring::Examples;
use crate::monitoring::Preview;
use crate::monitoring::PreviewExample;
use crate::monitoring::PreviewKind;
use crate::monitoring::PreviewReason;
use crate::monitoring::Why;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;

/// Reasons that are shown; the rest are told as a number.
const REASONS: usize = 40;

#[derive(Template)]
#[template(path = "policies/preview.html")]
struct PreviewPage {
    l: Layout,
    title: String,
    href: String,
    /// Reading was asked for already, so that no second request is needed.
    result: Option<ResultView>,
}

#[derive(Template)]
#[template(path = "policies/preview_result.html")]
struct ResultPart {
    l: Layout,
    href: String,
    r: ResultView,
}

/// What came out.
struct ResultView {
    sentence: String,
    stats: Vec<Stat>,
    notes: Vec<Note>,
    kinds: Vec<KindRow>,
    reasons: Vec<ReasonRow>,
    reasons_more: String,
    nothing: bool,
    examples: bool,
}

struct Stat {
    label: String,
    value: String,
    note: String,
}

struct Note {
    light: &'static str,
    text: String,
}

struct KindRow {
    name: String,
    looked: String,
    of: String,
    kept: String,
    reduced: String,
    dropped: String,
    /// Where the parts of the bar end, in percent.
    kept_to: String,
    reduced_percent: String,
    dropped_from: String,
    dropped_percent: String,
}

struct ReasonRow {
    name: String,
    kind: String,
    what: String,
    events: String,
    already: String,
    examples: Vec<ExampleRow>,
}

struct ExampleRow {
    at: String,
    who: String,
    href: String,
    before: String,
    after: String,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    examples: String,
}

/// `GET /policies/{id}/preview`: the frame, into which the result comes when it is there.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    if known.policy.draft.is_none() {
        return Ok(Redirect::to(&known.href()).into_response());
    }
    Ok(page(&PreviewPage::new(&visitor, &known, None)).into_response())
}

/// `GET /policies/{id}/preview/result`: the same with its result, or the result alone.
pub(super) async fn result(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let examples = if asked.examples == "shown" { Examples::Shown } else { Examples::Hidden };
    let trial = app.policies.trial(actor, organization, id).await.map_err(|problem| visitor.failure(problem))?;
    let found = app.monitoring.preview(actor, organization, trial, examples).await;
    let found = found.map_err(|problem| visitor.failure(problem))?;
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let r = ResultView::new(&visitor, &known, &found, examples);
    if visitor.wants_fragment() {
        let part = ResultPart { l: known.layout(&visitor), href: known.href(), r };
        return Ok(page(&part).into_response());
    }
    Ok(page(&PreviewPage::new(&visitor, &known, Some(r))).into_response())
}

impl PreviewPage {
    fn new(visitor: &Visitor, known: &Known, result: Option<ResultView>) -> Self {
        let texts = visitor.texts;
        let title = texts.with("policies-preview-title", [("name", known.name().into())]);
        let crumb = Crumb { href: known.href(), label: known.name() };
        let layout = Layout::new(&visitor.viewer(), Section::Policies, &title);
        Self { l: layout.through([crumb]), title, href: known.href(), result }
    }
}

impl ResultView {
    fn new(visitor: &Visitor, known: &Known, found: &Preview, examples: Examples) -> Self {
        let texts = visitor.texts;
        let day = |at| texts.day(visitor.zone.day_of(at));
        let days = [("from", day(found.span.from).into()), ("to", day(found.span.to).into())];
        let stored = found.stored();
        let stat = |key: &str, of: fn(&PreviewKind) -> u64| {
            let events = found.kinds.iter().map(|kind| whole(kind, of(kind))).sum::<u64>();
            Stat {
                label: texts.t(&format!("policies-preview-{key}")),
                value: number(visitor, found, (events, found.is_sample())),
                note: texts.percent(signed(events), signed(stored)),
            }
        };
        let hidden = found.reasons.len().saturating_sub(REASONS);
        Self {
            sentence: texts.with("policies-preview-sentence", days),
            stats: vec![
                stat("kept", |kind| kind.kept),
                stat("reduced", |kind| kind.reduced),
                stat("dropped", |kind| kind.dropped),
            ],
            notes: notes(visitor, known, found),
            kinds: found.kinds.iter().map(|kind| kind_row(visitor, kind)).collect(),
            reasons: found.reasons.iter().take(REASONS).map(|reason| reason_row(visitor, found, reason)).collect(),
            reasons_more: if hidden > 0 { texts.count("policies-preview-more-reasons", hidden) } else { String::new() },
            nothing: stored == 0,
            examples: examples == Examples::Shown,
        }
    }
}

/// What was found in a sample, as of the whole week.
fn whole(kind: &PreviewKind, events: u64) -> u64 {
    let whole = u128::from(events) * u128::from(kind.stored) / u128::from(kind.looked.max(1));
    u64::try_from(whole).unwrap_or(u64::MAX)
}

/// "about" for what was made of a sample, "at least" where an earlier policy has left something out already.
fn number(visitor: &Visitor, found: &Preview, (events, sampled): (u64, bool)) -> String {
    let texts = visitor.texts;
    let number = texts.number(events);
    let partial = found.cut_before || !found.completeness.incomplete.is_empty();
    let said = match (sampled, partial) {
        _ if events == 0 => return number,
        (true, _) => "policies-preview-about",
        (false, true) => "at-least",
        (false, false) => return number,
    };
    format!("{} {number}", texts.t(said))
}

fn notes(visitor: &Visitor, known: &Known, found: &Preview) -> Vec<Note> {
    let texts = visitor.texts;
    let mut notes = Vec::new();
    if found.is_sample() {
        let values = [("looked", texts.number(found.looked()).into()), ("stored", texts.number(found.stored()).into())];
        let key = if found.out_of_time { "policies-preview-out-of-time" } else { "policies-preview-sample" };
        notes.push(Note { light: "look", text: texts.with(key, values) });
    }
    if found.cut_before {
        notes.push(Note { light: "look", text: texts.t("policies-preview-cut-before") });
    }
    if !found.completeness.incomplete.is_empty() {
        notes.push(Note { light: "look", text: texts.t("error-incomplete") });
    }
    if found.more > 0 {
        let count = texts.number(found.more);
        notes.push(Note { light: "look", text: texts.with("policies-preview-more", [("count", count.into())]) });
    }
    let timing = ["idle_minutes", "upload_seconds", "buffer_megabytes"];
    let (released, draft) = (known.released(), known.worked_on());
    let changed = timing
        .into_iter()
        .filter(|field| words::value(texts, &released, field) != words::value(texts, &draft, field))
        .map(|field| words::name(texts, field))
        .collect::<Vec<_>>();
    if !changed.is_empty() {
        let fields = changed.join(", ");
        let text = texts.with("policies-preview-not-tried", [("fields", fields.into())]);
        notes.push(Note { light: "off", text });
    }
    notes
}

fn kind_row(visitor: &Visitor, kind: &PreviewKind) -> KindRow {
    let texts = visitor.texts;
    let share = |events: u64| format!("{:.1}", events as f64 * 100.0 / kind.looked.max(1) as f64);
    KindRow {
        name: texts.t(&format!("dataset-{}", kind.dataset.replace('_', "-"))),
        looked: texts.number(kind.looked),
        of: if kind.looked < kind.stored {
            texts.with("of-total", [("total", texts.number(kind.stored).into())])
        } else {
            String::new()
        },
        kept: texts.number(whole(kind, kind.kept)),
        reduced: texts.number(whole(kind, kind.reduced)),
        dropped: texts.number(whole(kind, kind.dropped)),
        kept_to: share(kind.kept),
        reduced_percent: share(kind.reduced),
        dropped_from: share(kind.kept + kind.reduced),
        dropped_percent: share(kind.dropped),
    }
}

fn reason_row(visitor: &Visitor, found: &Preview, reason: &PreviewReason) -> ReasonRow {
    let texts = visitor.texts;
    let (name, action) = match &reason.why {
        Why::Kind => (texts.t("policies-why-kind"), None),
        Why::Hours => (texts.t("policies-why-hours"), None),
        Why::PrivateWindow => (texts.t("policies-why-private"), None),
        Why::Detail => (texts.t("policies-why-detail"), None),
        Why::Exclusion(one) => (words::exclusion(texts, one), Some(texts.t(action_key(one.action)))),
    };
    let kind = found.kinds.iter().find(|kind| kind.dataset == reason.dataset).cloned().unwrap_or_default();
    let sampled = kind.looked < kind.stored;
    let what = texts.t(if reason.dropped { "policies-preview-dropped" } else { "policies-preview-reduced" });
    let already = match reason.already {
        0 => String::new(),
        all if all == reason.events => texts.t("policies-preview-already-all"),
        some => {
            let some = texts.number(whole(&kind, some));
            texts.with("policies-preview-already", [("count", some.into())])
        }
    };
    ReasonRow {
        name,
        kind: texts.t(&format!("dataset-{}", reason.dataset.replace('_', "-"))),
        what: action.unwrap_or(what),
        events: number(visitor, found, (whole(&kind, reason.events), sampled)),
        already,
        examples: reason.examples.iter().map(|example| example_row(visitor, example)).collect(),
    }
}

fn example_row(visitor: &Visitor, example: &PreviewExample) -> ExampleRow {
    let texts = visitor.texts;
    let day = visitor.zone.day_of(example.at);
    let (who, href) = match &example.employee {
        Some((id, name)) => (name.clone(), format!("/people/{id}?day={day}")),
        None => (texts.t("policies-preview-nobody"), String::new()),
    };
    let at = texts.with(
        "date-time",
        [("date", texts.day_short(day).into()), ("time", texts.time(&visitor.zone, example.at).into())],
    );
    let after = if example.after.is_empty() { texts.t("policies-preview-gone") } else { example.after.clone() };
    ExampleRow { at, who, href, before: example.before.clone(), after }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
