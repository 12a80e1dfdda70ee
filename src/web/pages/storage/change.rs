//! Changing how long events are kept, and removing what is too old now. Both show first what would go.

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use nazorat_timeseries::Dataset;

use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::retention::Preview;
use crate::retention::RetentionError;
use crate::retention::Settings;
use crate::web::App;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::storage::build;
use crate::web::pages::storage::form::RetentionForm;
use crate::web::pages::storage::form::Typed;
use crate::web::pages::storage::kind_word;
use crate::web::refused;

/// A question before something that cannot be undone.
struct Question {
    title: String,
    consequences: Vec<String>,
    action: String,
    hidden: Vec<(String, String)>,
    danger: String,
    safe: String,
    safe_href: String,
}

#[derive(Template)]
#[template(path = "directory/question_page.html")]
struct QuestionPage {
    l: Layout,
    question: Question,
}

/// `POST /storage/retention`: saves what removes nothing; everything else is asked first.
pub(super) async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let texts = visitor.texts;
    let form = RetentionForm::typed(texts, &typed);
    let settings = match form.clone().settings(texts) {
        Ok(settings) => settings,
        Err(wrong) => {
            let shown = build(&app, &visitor, Some(wrong)).await.map_err(|problem| visitor.failure(problem))?;
            return Ok(refused(&shown).into_response());
        }
    };
    let going = going(&app, &visitor, &settings).await.map_err(|problem| visitor.failure(problem))?;
    if going.is_empty() {
        save(&app, &visitor, &settings).await
    } else {
        Ok(Redirect::to(&form.href()).into_response())
    }
}

/// `GET /storage/retention`: what would go.
pub(super) async fn question(
    State(app): State<App>,
    visitor: Visitor,
    Query(typed): Query<Typed>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let texts = visitor.texts;
    let form = RetentionForm::typed(texts, &typed);
    let Ok(settings) = form.clone().settings(texts) else { return Ok(Redirect::to("/storage").into_response()) };
    let before = app.retention.settings(visitor.actor(), visitor.organization_id()).await;
    let before = before.map_err(|problem| visitor.failure(problem))?;
    let going = going(&app, &visitor, &settings).await.map_err(|problem| visitor.failure(problem))?;
    let rows: u64 = going.iter().map(|one| one.rows).sum();
    let mut consequences: Vec<String> = going.iter().map(|one| said(&visitor, one, "storage-consequence")).collect();
    consequences.push(texts.t("storage-totals-stay"));
    Ok(ask(
        &visitor,
        Question {
            title: title(texts, &before, &settings),
            consequences,
            action: "/storage/retention/confirm".to_owned(),
            hidden: form.pairs(),
            danger: danger(texts, rows),
            safe: safe(texts, &before, &settings),
            safe_href: "/storage".to_owned(),
        },
    ))
}

/// `POST /storage/retention/confirm`.
pub(super) async fn confirm(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, PageFailure> {
    let settings = RetentionForm::typed(visitor.texts, &typed).settings(visitor.texts);
    let Ok(settings) = settings else { return Ok(Redirect::to("/storage").into_response()) };
    save(&app, &visitor, &settings).await
}

/// `GET /storage/run`: what a run would remove now.
pub(super) async fn ask_run(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let texts = visitor.texts;
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let settings = app.retention.settings(actor, organization).await.map_err(|problem| visitor.failure(problem))?;
    let all = app.retention.preview(actor, organization, &settings).await;
    let all = all.map_err(|problem| visitor.failure(problem))?;
    let going: Vec<&Preview> = all.iter().filter(|one| one.rows > 0).collect();
    let rows: u64 = going.iter().map(|one| one.rows).sum();
    let mut consequences: Vec<String> =
        going.iter().map(|one| said(&visitor, one, "storage-run-consequence")).collect();
    if consequences.is_empty() {
        consequences.push(texts.t("storage-run-nothing"));
    }
    Ok(ask(
        &visitor,
        Question {
            title: texts.t("storage-run-question"),
            consequences,
            action: "/storage/run".to_owned(),
            hidden: Vec::new(),
            danger: if rows > 0 { danger(texts, rows) } else { String::new() },
            safe: texts.t(if rows > 0 { "storage-run-wait" } else { "action-back" }),
            safe_href: "/storage".to_owned(),
        },
    ))
}

/// `POST /storage/run`.
pub(super) async fn run(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    let removed = app.retention.run(visitor.actor(), visitor.organization_id()).await;
    let removed = removed.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/storage", "done-retention-run", &visitor.texts.number(removed.rows)))
}

async fn save(app: &App, visitor: &Visitor, settings: &Settings) -> Result<Response, PageFailure> {
    let saved = app.retention.change(visitor.actor(), visitor.organization_id(), settings).await;
    saved.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/storage", "done-retention-saved", ""))
}

fn require_editor(visitor: &Visitor) -> Result<(), PageFailure> {
    let allowed = visitor.actor().require(Permission::EditPolicies);
    allowed.map_err(|denied| visitor.failure(RetentionError::from(denied)))
}

fn ask(visitor: &Visitor, question: Question) -> Response {
    let l = Layout::new(&visitor.viewer(), Section::Storage, &question.title);
    page(&QuestionPage { l, question }).into_response()
}

/// What goes with the new settings and would have stayed with those of today.
async fn going(app: &App, visitor: &Visitor, settings: &Settings) -> Result<Vec<Preview>, Failure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let before = app.retention.settings(actor, organization).await?;
    let today = app.retention.preview(actor, organization, &before).await?;
    let new = app.retention.preview(actor, organization, settings).await?;
    let more = new.into_iter().zip(today).filter(|(new, today)| new.rows > today.rows);
    Ok(more.map(|(new, _)| new).collect())
}

/// The kinds whose time changes.
fn changed(before: &Settings, after: &Settings) -> Vec<Dataset> {
    Dataset::ALL.into_iter().filter(|dataset| before.of(*dataset).days != after.of(*dataset).days).collect()
}

/// The question with its values where only one of them changes.
fn title(texts: Texts, before: &Settings, after: &Settings) -> String {
    let changed = changed(before, after);
    let [dataset] = changed.as_slice() else { return texts.t("storage-question") };
    let kind = kind_word(texts, *dataset);
    let days = |days: u32| texts.count("days-count", days);
    match (before.of(*dataset).days, after.of(*dataset).days) {
        (Some(old), Some(new)) => texts.with(
            "storage-question-days",
            [("kind", kind.into()), ("new", days(new).into()), ("old", days(old).into())],
        ),
        (None, Some(new)) => texts.with("storage-question-ever", [("kind", kind.into()), ("new", days(new).into())]),
        (_, None) => texts.t("storage-question"),
    }
}

fn safe(texts: Texts, before: &Settings, after: &Settings) -> String {
    match changed(before, after).as_slice() {
        [dataset] => match before.of(*dataset).days {
            Some(days) => texts.with("storage-keep-days", [("days", texts.count("days-count", days).into())]),
            None => texts.t("storage-keep-ever"),
        },
        _ => texts.t("storage-keep"),
    }
}

fn danger(texts: Texts, rows: u64) -> String {
    texts.with("storage-delete", [("count", rows.into()), ("number", texts.number(rows).into())])
}

fn said(visitor: &Visitor, one: &Preview, key: &str) -> String {
    let texts = visitor.texts;
    let day = |at: Option<Timestamp>| at.map(|at| texts.day_year(visitor.zone.day_of(at))).unwrap_or_default();
    texts.with(
        key,
        [
            ("kind", kind_word(texts, one.dataset).into()),
            ("count", one.rows.into()),
            ("number", texts.number(one.rows).into()),
            ("from", day(one.oldest).into()),
            ("to", day(one.newest).into()),
            ("size", texts.bytes(one.bytes).into()),
        ],
    )
}
