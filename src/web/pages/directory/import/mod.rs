//! `/people/import`: a list comes in as CSV, is shown first, and is then applied exactly as it was shown.
//!
//! The file travels back inside of the preview's form, so nothing is kept between the two steps; the token of the
//! plan proves that what is applied is what was seen.

mod shown;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::Form;
use axum::extract::Multipart;
use axum::extract::Query;
use axum::extract::State;
use axum::extract::multipart::MultipartError;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::kernel::Classify as _;
use crate::kernel::Kind;
use crate::people::ImportError;
use crate::people::ImportFile;
use crate::people::ImportKind;
use crate::people::ImportToken;
use crate::people::RowAction;
use crate::web::App;
use crate::web::Crumb;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::import::shown::PreviewPage;
use crate::web::pages::directory::people::csv;
use crate::web::pages::directory::people::delimiter;
use crate::web::pages::directory::require_editor;
use crate::web::pages::directory::trail;
use crate::web::refused;

/// A list of the largest size with what the form adds to it.
const UPLOAD_MAX: usize = 5_200_000;
/// The same once more as text in a form.
const FORM_MAX: usize = 7_200_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/people/import", get(choose).post(preview).layer(DefaultBodyLimit::max(UPLOAD_MAX)))
        .route("/people/import/apply", post(apply).layer(DefaultBodyLimit::max(FORM_MAX)))
        .route("/people/import/template.csv", get(template))
}

#[derive(Template)]
#[template(path = "import/choose.html")]
struct ChoosePage {
    l: Layout,
    departments: bool,
    problem: String,
}

impl ChoosePage {
    fn new(visitor: &Visitor, kind: ImportKind, problem: String) -> Self {
        let title = visitor.texts.t("import-title");
        Self {
            l: Layout::new(&visitor.viewer(), Section::People, &title),
            departments: kind == ImportKind::Departments,
            problem,
        }
    }
}

fn kind_of(word: &str) -> ImportKind {
    if word == "departments" { ImportKind::Departments } else { ImportKind::Employees }
}

const fn word_of(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Departments => "departments",
        ImportKind::Employees => "employees",
    }
}

/// `GET /people/import`; `?kind=departments` for a list of departments.
async fn choose(visitor: Visitor, Query(query): Query<Fields>) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    Ok(page(&ChoosePage::new(&visitor, kind_of(query.text("kind")), String::new())).into_response())
}

/// `GET /people/import/template.csv`: the headings alone.
async fn template(visitor: Visitor, Query(query): Query<Fields>) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let kind = kind_of(query.text("kind"));
    let language = visitor.texts.language();
    Ok(csv(&format!("{}.csv", word_of(kind)), kind.template(language, delimiter(language))))
}

/// `POST /people/import`: what the list would change.
async fn preview(State(app): State<App>, visitor: Visitor, upload: Multipart) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let file = match received(upload).await {
        Ok(file) => file,
        Err(problem) => {
            let large = problem.status() == http::StatusCode::PAYLOAD_TOO_LARGE;
            let key = if large { "error-import-too-large" } else { "import-not-received" };
            return Ok(refused(&ChoosePage::new(&visitor, ImportKind::Employees, visitor.texts.t(key))).into_response());
        }
    };
    let plan = app.people.plan_import(visitor.actor(), visitor.organization_id(), file.clone()).await;
    match plan {
        Ok(plan) => {
            let l = frame(&visitor);
            let text = URL_SAFE_NO_PAD.encode(&file.bytes);
            Ok(page(&PreviewPage::new(l, visitor.texts, &plan, text)).into_response())
        }
        Err(problem) => refuse(&visitor, file.kind, problem),
    }
}

fn frame(visitor: &Visitor) -> Layout {
    let texts = visitor.texts;
    let first = Crumb { href: "/people/import".to_owned(), label: texts.t("import-title") };
    Layout::new(&visitor.viewer(), Section::People, &texts.t("import-preview")).through([first])
}

async fn received(mut upload: Multipart) -> Result<ImportFile, MultipartError> {
    let mut file = ImportFile { kind: ImportKind::Employees, bytes: Arc::from([]) };
    while let Some(field) = upload.next_field().await? {
        match field.name() {
            Some("kind") => file.kind = kind_of(&field.text().await?),
            Some("file") => file.bytes = Arc::from(&*field.bytes().await?),
            _ => {}
        }
    }
    Ok(file)
}

/// A list as a whole is refused where one chooses it; who may not, gets no form.
fn refuse(visitor: &Visitor, kind: ImportKind, problem: ImportError) -> Result<Response, PageFailure> {
    let mine = matches!(problem.kind(), Kind::Invalid | Kind::Conflict | Kind::TooMany);
    let failure = Failure::from(problem);
    if !mine {
        return Err(visitor.failure(failure));
    }
    Ok(refused(&ChoosePage::new(visitor, kind, failure.sentence(visitor.texts))).into_response())
}

/// `POST /people/import/apply`: exactly what was shown.
async fn apply(State(app): State<App>, visitor: Visitor, Form(form): Form<Fields>) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let kind = kind_of(form.text("kind"));
    let bytes = URL_SAFE_NO_PAD.decode(form.text("list")).unwrap_or_default();
    let Some(token) = ImportToken::parse(form.text("token")) else {
        return refuse(&visitor, kind, ImportError::Changed);
    };
    let file = ImportFile { kind, bytes: Arc::from(bytes) };
    match app.people.apply_import(visitor.actor(), visitor.organization_id(), file, token).await {
        Ok(plan) => {
            trail::record(&app, &visitor, trail::import(&plan)).await;
            let changed = [RowAction::Create, RowAction::Update, RowAction::Move].map(|action| plan.count(action));
            let rows = visitor.texts.number(changed.iter().sum::<usize>() as u64);
            let to = if kind == ImportKind::Departments { "/departments" } else { "/people" };
            Ok(done(to, "done-people-imported", &rows))
        }
        Err(problem) => refuse(&visitor, kind, problem),
    }
}
