//! The versions of a policy, and what is different between two.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use nazorat_wire::policy::Settings;

use super::Head;
use super::Known;
use super::Tab;
use super::may_edit;
use super::words;
use super::words::DiffRow;
use crate::kernel::PolicyId;
use crate::policy::collection::PoliciesError;
use crate::policy::collection::Version;
use crate::web::App;
use crate::web::At;
use crate::web::Choice;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;

#[derive(Template)]
#[template(path = "policies/versions.html")]
struct VersionsPage {
    l: Layout,
    head: Head,
    rows: Vec<Row>,
    from: Vec<Choice>,
    to: Vec<Choice>,
}

struct Row {
    name: String,
    reason: String,
    author: String,
    at: String,
    state: String,
    in_force: bool,
    changes: String,
    changes_href: String,
    restart: String,
    checksum: String,
    checksum_short: String,
    back_href: String,
}

#[derive(Template)]
#[template(path = "policies/compare.html")]
struct ComparePage {
    l: Layout,
    title: String,
    href: String,
    count: String,
    rows: Vec<DiffRow>,
    from: Vec<Choice>,
    to: Vec<Choice>,
}

/// Which two.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(super) struct Between {
    from: String,
    to: String,
}

/// `GET /policies/{id}/versions`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let (from, to) = usual(&known);
    let shown = VersionsPage {
        l: known.layout(&visitor),
        head: known.head(&visitor, Tab::Versions),
        rows: known.versions.iter().map(|version| row(&visitor, &known, version)).collect(),
        from: choices(visitor.texts, &known, &from),
        to: choices(visitor.texts, &known, &to),
    };
    Ok(page(&shown).into_response())
}

/// `GET /policies/{id}/compare`.
pub(super) async fn compare(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
    Query(between): Query<Between>,
) -> Result<Response, PageFailure> {
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let texts = visitor.texts;
    let (from, to) = match (between.from.as_str(), between.to.as_str()) {
        ("", "") => usual(&known),
        (from, to) => (from.to_owned(), to.to_owned()),
    };
    let of = |which: &str| settings_of(&known, which).map_err(|problem| visitor.failure(problem));
    let rows = words::diff(texts, &of(&from)?, &of(&to)?, &known.decided_above());
    let values = [("from", word(texts, &from).into()), ("to", word(texts, &to).into())];
    let title = texts.with("policies-compare-title", values);
    let crumbs = [
        Crumb { href: known.href(), label: known.name() },
        Crumb { href: format!("{}/versions", known.href()), label: texts.t("policies-tab-versions") },
    ];
    let shown = ComparePage {
        l: Layout::new(&visitor.viewer(), Section::Policies, &title).through(crumbs),
        title,
        href: known.href(),
        count: if rows.is_empty() { String::new() } else { texts.count("policies-changes-count", rows.len()) },
        rows,
        from: choices(texts, &known, &from),
        to: choices(texts, &known, &to),
    };
    Ok(page(&shown).into_response())
}

/// The last step that was taken or is about to be.
fn usual(known: &Known) -> (String, String) {
    let version = known.policy.version;
    match known.policy.draft {
        Some(_) => (version.to_string(), "draft".to_owned()),
        None => (version.saturating_sub(1).to_string(), version.to_string()),
    }
}

/// A version, what was before the first, or the draft.
fn settings_of(known: &Known, which: &str) -> Result<Settings, PoliciesError> {
    if which == "draft" {
        return known.policy.draft.as_ref().map(|draft| draft.settings.clone()).ok_or(PoliciesError::NoDraft);
    }
    let number = which.parse().unwrap_or(u32::MAX);
    if number == 0 {
        return Ok(Settings::default());
    }
    let found = known.versions.iter().find(|version| version.number == number);
    found.map(|version| version.settings.clone()).ok_or(PoliciesError::NoVersion(known.policy.id, number))
}

fn word(texts: Texts, which: &str) -> String {
    match which {
        "draft" => texts.t("policies-the-draft"),
        "0" => texts.t("policies-before-first"),
        number => texts.with("policies-version", [("version", number.into())]),
    }
}

fn choices(texts: Texts, known: &Known, chosen: &str) -> Vec<Choice> {
    let draft = known.policy.draft.iter().map(|_| "draft".to_owned());
    let versions = known.versions.iter().map(|version| version.number.to_string());
    let all = draft.chain(versions).chain(["0".to_owned()]);
    all.map(|which| Choice::new(&which, word(texts, &which), chosen)).collect()
}

fn row(visitor: &Visitor, known: &Known, version: &Version) -> Row {
    let texts = visitor.texts;
    let in_force = version.number == known.policy.version;
    let number = version.number;
    let state = match version.brought_back {
        Some(old) => texts.with("policies-brought-back", [("version", texts.number(old.into()).into())]),
        None => String::new(),
    };
    Row {
        name: format!("v{number}"),
        reason: version.reason.clone(),
        author: version.author.clone(),
        at: texts.moment(&visitor.zone, version.released_at),
        state,
        in_force,
        changes: texts.count("policies-changes-count", version.changes.len()),
        changes_href: format!("{}/compare?from={}&to={number}", known.href(), number.saturating_sub(1)),
        restart: if version.requires_restart { texts.t("policies-needed-restart") } else { String::new() },
        checksum_short: version.checksum.chars().take(12).collect(),
        checksum: version.checksum.clone(),
        back_href: if in_force || !may_edit(visitor) {
            String::new()
        } else {
            format!("{}/versions/{number}/bring-back", known.href())
        },
    }
}
