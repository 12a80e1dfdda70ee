//! Refused events: why, how many, and the way back into the line for those who may.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::Query;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;

use crate::audit::Entry;
use crate::intake::Letter;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::web::App;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Rendered;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::encode;
use crate::web::page;

/// How many letters are shown at a time.
const SHOWN: usize = 50;
/// Fields of an event that are shown, and letters of each.
const FIELDS: usize = 10;
const LONGEST: usize = 120;

/// Fields of events that have words of ours, in the order in which they are shown.
const KNOWN: [(&str, &str); 7] = [
    ("computer_uid", "activity-head-computer"),
    ("user_name", "letters-user"),
    ("kind", "storage-kind"),
    ("app", "activity-head-application"),
    ("domain", "activity-head-site"),
    ("title", "activity-head-title"),
    ("ts", "activity-head-time"),
];

/// Routes of this page.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new().route("/dead-letters", get(list)).route("/dead-letters/put-back", post(put_back))
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct LettersQuery {
    code: String,
    cursor: String,
}

#[derive(Template)]
#[template(path = "letters/list.html")]
struct LettersPage {
    l: Layout,
    meta: String,
    can_put_back: bool,
    tabs: Vec<Tab>,
    code: String,
    sentence: String,
    rows: Vec<Row>,
    more: String,
    more_href: String,
}

struct Tab {
    href: String,
    label: String,
    count: String,
    mark: &'static str,
    current: bool,
}

struct Row {
    place: String,
    pick: String,
    time: String,
    source: String,
    reason: String,
    detail: String,
    /// What people understand of the event.
    facts: Vec<Fact>,
    /// What only its sender understands, as it was sent.
    raw: Vec<Fact>,
}

struct Fact {
    name: String,
    content: String,
}

async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<LettersQuery>,
) -> Result<Rendered, PageFailure> {
    let shown = show(&app, &visitor, query).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown))
}

async fn show(app: &App, visitor: &Visitor, query: LettersQuery) -> Result<LettersPage, Failure> {
    let texts = visitor.texts;
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let request = PageRequest::parse(Some(SHOWN), Some(&query.cursor));
    let request = request.map_err(crate::intake::LettersError::from)?;
    let code = (!query.code.is_empty()).then(|| query.code.clone());
    let found = app.intake.letters(actor, organization, code, request).await?;
    let codes = app.intake.letter_codes(actor, organization).await?;
    let all: u64 = codes.iter().map(|(_, count)| count).sum();
    let next = found.next.map(|next| href(&query.code, &next.to_string()));
    Ok(LettersPage {
        l: Layout::new(&visitor.viewer(), Section::DeadLetters, ""),
        meta: texts.count("letters-count", all),
        can_put_back: actor.may(Permission::EditMonitoring),
        tabs: tabs(texts, &codes, all, &query.code),
        sentence: if query.code.is_empty() { texts.t("letters-text") } else { reason(texts, &query.code) },
        rows: found.items.iter().map(|letter| row(visitor, letter)).collect(),
        more: texts.count("action-show-more", SHOWN),
        more_href: next.unwrap_or_default(),
        code: query.code,
    })
}

/// What was picked, and the list to go back to.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(transparent)]
struct Picks(Vec<(String, String)>);

async fn put_back(State(app): State<App>, visitor: Visitor, Form(form): Form<Picks>) -> Result<Response, PageFailure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let all = |wanted: &'static str| form.0.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| value);
    let places: Vec<String> = all("pick").cloned().collect();
    let code = all("code").next().cloned().unwrap_or_default();
    let back = app.intake.put_back(actor, organization, &places).await;
    let back = back.map_err(|problem| visitor.failure(problem))?;
    let entry = Entry::new("intake.put_back").of(organization).with("picked", places.len() as u64);
    app.audit.record(actor, entry.with("stored", back.stored as u64).with("refused", back.refused as u64)).await;
    let texts = visitor.texts;
    let parts = [("letters-stored", back.stored), ("letters-known", back.known), ("letters-refused", back.refused)];
    let said = parts.into_iter().filter(|(_, count)| *count > 0).map(|(key, count)| texts.count(key, count));
    let said: Vec<String> = said.collect();
    let said = if said.is_empty() { texts.t("letters-nothing-picked") } else { said.join(", ") };
    Ok(done(&href(&code, ""), "done-put-back", &said))
}

fn href(code: &str, cursor: &str) -> String {
    let mut address = "/dead-letters".to_owned();
    for (name, value) in [("code", code), ("cursor", cursor)].into_iter().filter(|(_, value)| !value.is_empty()) {
        let sign = if address.contains('?') { '&' } else { '?' };
        address.push_str(&format!("{sign}{name}={}", encode(value)));
    }
    address
}

fn tabs(texts: Texts, codes: &[(String, u64)], all: u64, chosen: &str) -> Vec<Tab> {
    let first = Tab {
        href: href("", ""),
        label: texts.t("action-all"),
        count: texts.number(all),
        mark: "",
        current: chosen.is_empty(),
    };
    let rest = codes.iter().map(|(code, count)| Tab {
        href: href(code, ""),
        label: short(texts, code),
        count: texts.number(*count),
        mark: "",
        current: code == chosen,
    });
    std::iter::once(first).chain(rest).collect()
}

/// The sentence for a code.
fn reason(texts: Texts, code: &str) -> String {
    texts.maybe(&key("letter", code)).unwrap_or_else(|| texts.t("letter-other"))
}

/// The same in one or two words.
fn short(texts: Texts, code: &str) -> String {
    texts.maybe(&key("letter-short", code)).unwrap_or_else(|| code.replace('_', " "))
}

fn key(head: &str, code: &str) -> String {
    format!("{head}-{}", code.replace('_', "-"))
}

fn row(visitor: &Visitor, letter: &Letter) -> Row {
    let texts = visitor.texts;
    let time = texts.moment(&visitor.zone, letter.at);
    let (facts, raw) = facts(visitor, &letter.raw);
    Row {
        place: letter.place.clone(),
        pick: texts.with("letters-pick", [("time", (&time).into())]),
        time,
        source: match letter.source.strip_prefix("key:") {
            Some(number) => texts.with("letters-from-key", [("number", number.into())]),
            None => letter.source.clone(),
        },
        reason: reason(texts, &letter.code),
        detail: letter.detail.clone(),
        facts,
        raw,
    }
}

/// The fields of the event, as far as it has any: those with a word of ours, and the rest.
fn facts(visitor: &Visitor, raw: &str) -> (Vec<Fact>, Vec<Fact>) {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_str::<serde_json::Value>(raw) else {
        let text = Fact { name: visitor.texts.t("letters-unreadable"), content: cut(raw) };
        return (Vec::new(), vec![text]);
    };
    let said = KNOWN.iter().filter_map(|(name, word)| said(visitor, word, (name, fields.get(*name)?))).collect();
    let fact = |(name, value): (String, serde_json::Value)| Fact {
        name: cut(&name),
        content: match value {
            serde_json::Value::String(text) => cut(&text),
            other => cut(&other.to_string()),
        },
    };
    (said, fields.into_iter().take(FIELDS).map(fact).collect())
}

/// A field in the reader's words; nothing when its value is not what it should be.
fn said(visitor: &Visitor, word: &str, (name, value): (&str, &serde_json::Value)) -> Option<Fact> {
    let texts = visitor.texts;
    let content = match name {
        "kind" => texts.maybe(&format!("dataset-{}", plural(value.as_str()?)))?,
        "ts" => texts.moment(&visitor.zone, value.as_str()?.parse().ok()?),
        _ => cut(value.as_str().filter(|text| !text.is_empty())?),
    };
    Some(Fact { name: texts.t(word), content })
}

/// `active-windows` for `active_window`.
fn plural(kind: &str) -> String {
    let ending = if kind.ends_with('y') { "" } else { "s" };
    format!("{}{ending}", kind.replace('_', "-"))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}\u{2026}", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
