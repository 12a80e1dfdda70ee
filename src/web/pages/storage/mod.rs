//! What events take on the disk, for how long that goes on, and for how long they are kept.

mod change;
mod form;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use axum::routing::post;
use nazorat_timeseries::Dataset;

use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::retention::DatasetUsage;
use crate::retention::EventFile;
use crate::retention::Standing;
use crate::retention::Usage;
use crate::web::App;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Rendered;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::overview::room::forecast;
use crate::web::pages::storage::form::Problem;
use crate::web::pages::storage::form::RetentionForm;

/// Files in the list; more of them are told as a number.
const FILES: usize = 60;

/// Routes of this page.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/storage", get(show))
        .route("/storage/retention", get(change::question).post(change::submit))
        .route("/storage/retention/confirm", post(change::confirm))
        .route("/storage/run", get(change::ask_run).post(change::run))
}

#[derive(Template)]
#[template(path = "storage/page.html")]
struct StoragePage {
    l: Layout,
    stats: Vec<Stat>,
    disk_percent: u64,
    disk_class: &'static str,
    disk_text: String,
    sentence: String,
    set_aside: u64,
    kinds: Vec<KindRow>,
    can_edit: bool,
    form: RetentionForm,
    problems: Vec<Problem>,
    files: Vec<FileRow>,
    files_more: String,
}

struct Stat {
    name: String,
    figure: String,
    note: String,
}

/// A kind of events and what it takes.
struct KindRow {
    href: String,
    name: String,
    rows: String,
    size: String,
    oldest: String,
    newest: String,
    files: String,
}

struct FileRow {
    light: &'static str,
    state: String,
    month: String,
    kind: String,
    rows: String,
    size: String,
    next: String,
}

async fn show(State(app): State<App>, visitor: Visitor) -> Result<Rendered, PageFailure> {
    let shown = build(&app, &visitor, None).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown))
}

/// The page, with what was typed if that was refused.
async fn build(
    app: &App,
    visitor: &Visitor,
    typed: Option<(RetentionForm, Vec<Problem>)>,
) -> Result<StoragePage, Failure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let texts = visitor.texts;
    let usage = app.retention.usage(actor, organization).await?;
    let settings = app.retention.settings(actor, organization).await?;
    let files = app.retention.files(actor, organization).await?;
    let used = usage.disk_bytes.saturating_sub(usage.free_bytes);
    let disk_percent = used.saturating_mul(100) / usage.disk_bytes.max(1);
    let (form, problems) = typed.unwrap_or_else(|| (RetentionForm::of(texts, &settings), Vec::new()));
    let hidden = files.len().saturating_sub(FILES);
    Ok(StoragePage {
        l: Layout::new(&visitor.viewer(), Section::Storage, ""),
        stats: stats(texts, &usage),
        disk_percent,
        disk_class: match disk_percent {
            95.. => "nz-bar-bad",
            85.. => "nz-bar-look",
            _ => "nz-bar",
        },
        disk_text: texts.with(
            "storage-disk",
            [
                ("share", texts.percent(signed(used), signed(usage.disk_bytes)).into()),
                ("used", texts.bytes(used).into()),
                ("total", texts.bytes(usage.disk_bytes).into()),
            ],
        ),
        sentence: forecast(texts, &usage),
        set_aside: usage.datasets.iter().map(|one| one.set_aside).sum(),
        kinds: usage.datasets.iter().map(|one| kind_row(visitor, one)).collect(),
        can_edit: actor.may(Permission::EditPolicies),
        form,
        problems,
        files: files.iter().take(FILES).map(|file| file_row(texts, file)).collect(),
        files_more: if hidden > 0 { texts.count("storage-files-more", hidden) } else { String::new() },
    })
}

fn stats(texts: Texts, usage: &Usage) -> Vec<Stat> {
    let rows: u64 = usage.datasets.iter().map(|one| one.rows).sum();
    let bytes: u64 = usage.datasets.iter().map(|one| one.bytes).sum();
    let stat = |name: &str, figure: String, note: String| Stat { name: texts.t(name), figure, note };
    let total = texts.bytes(usage.disk_bytes);
    vec![
        stat("storage-events", texts.number(rows), texts.t("storage-events-note")),
        stat("storage-size", texts.bytes(bytes), texts.t("storage-size-note")),
        stat("storage-growth", texts.bytes(usage.growth_per_day), texts.t("storage-growth-note")),
        stat("storage-free", texts.bytes(usage.free_bytes), texts.with("of-total", [("total", total.into())])),
    ]
}

fn kind_row(visitor: &Visitor, one: &DatasetUsage) -> KindRow {
    let texts = visitor.texts;
    let day =
        |at: Option<Timestamp>| at.map_or_else(|| "\u{2013}".to_owned(), |at| texts.day_year(visitor.zone.day_of(at)));
    let files = texts.count("storage-files-count", one.partitions);
    KindRow {
        href: match one.dataset {
            Dataset::RejectedEvents => "/dead-letters".to_owned(),
            Dataset::GatewayStatus => "/gateways".to_owned(),
            Dataset::DeviceStatus => "/devices".to_owned(),
            Dataset::AccessEvents => "/doors".to_owned(),
            dataset => format!("/activity?dataset={}", dataset.name()),
        },
        name: kind_word(texts, one.dataset),
        rows: texts.number(one.rows),
        size: texts.bytes(one.bytes),
        oldest: day(one.oldest),
        newest: day(one.newest),
        files: match one.set_aside {
            0 => files,
            count => format!("{files}, {}", texts.count("storage-set-aside-count", count)),
        },
    }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What a kind of events is called.
fn kind_word(texts: Texts, dataset: Dataset) -> String {
    texts.t(&format!("dataset-{}", dataset.name().replace('_', "-")))
}

fn file_row(texts: Texts, file: &EventFile) -> FileRow {
    FileRow {
        light: match file.standing {
            Standing::SetAside => "bad",
            Standing::Removing => "way",
            Standing::Open | Standing::Sealed => "ok",
        },
        state: texts.t(&format!("storage-file-{}", file.standing.name())),
        month: match file.generation {
            0 | 1 => texts.month_name(&file.month),
            generation => format!("{} ({generation})", texts.month_name(&file.month)),
        },
        kind: kind_word(texts, file.dataset),
        rows: texts.number(file.rows),
        size: texts.bytes(file.bytes),
        next: if file.standing == Standing::SetAside { texts.t("storage-file-next") } else { String::new() },
    }
}
