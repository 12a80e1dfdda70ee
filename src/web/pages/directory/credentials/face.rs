//! What can be done with a face.

use axum::extract::Multipart;
use axum::extract::Path;
use axum::extract::State;
use axum::extract::multipart::MultipartError;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::StatusCode;
use http::header;

use crate::kernel::EmployeeId;
use crate::web::App;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::pages::directory::ask;
use crate::web::pages::directory::credentials::cards::may_edit;
use crate::web::pages::directory::credentials::own_page;
use crate::web::pages::directory::credentials::read;
use crate::web::pages::directory::credentials::shown::CredentialsPage;
use crate::web::pages::directory::fields::id;
use crate::web::pages::directory::shown::Question;
use crate::web::refused;

/// `POST /people/{id}/face`.
pub(super) async fn set(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
    upload: Multipart,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    may_edit(&visitor)?;
    let problems = match received(upload).await {
        Ok(image) => {
            let set = app.credentials.set_face(visitor.actor(), visitor.organization_id(), id, image).await;
            match set {
                Ok(_) => return Ok(done(&own_page(id), "done-face-set", "")),
                Err(problem) => Problems::refused(problem.into(), visitor.texts, "face"),
            }
        }
        Err(problem) => {
            let large = problem.status() == StatusCode::PAYLOAD_TOO_LARGE;
            let mut problems = Problems::none();
            problems.add("face", visitor.texts.t(if large { "error-face-too-large" } else { "face-not-received" }));
            Ok(problems)
        }
    };
    let problems = problems.map_err(|failure| visitor.failure(failure))?;
    let found = read(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let again = CredentialsPage::new(&visitor, &found, app.clock.now());
    Ok(refused(&again.with_problems(problems)).into_response())
}

async fn received(mut upload: Multipart) -> Result<Vec<u8>, MultipartError> {
    let mut image = Vec::new();
    while let Some(field) = upload.next_field().await? {
        if field.name() == Some("face") {
            image = field.bytes().await?.into();
        }
    }
    Ok(image)
}

/// `GET /people/{id}/face/picture`: seeing it is recorded each time.
pub(super) async fn picture(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    let seen = app.credentials.face(visitor.actor(), visitor.organization_id(), id).await;
    let (_, jpeg) = seen.map_err(|problem| visitor.failure(problem))?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, no-store")], jpeg).into_response())
}

/// `GET /people/{id}/face/remove`.
pub(super) async fn ask_remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    may_edit(&visitor)?;
    let found = read(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    if found.carried.face.is_none() {
        return Err(visitor.failure(Failure::not_found()));
    }
    let texts = visitor.texts;
    let name = found.employee.given_first();
    let question = Question {
        title: texts.with("face-remove-title", [("name", (&name).into())]),
        consequences: vec![texts.with("face-remove-doors", [("name", name.into())]), texts.t("face-remove-for-good")],
        action: format!("/people/{id}/face/remove"),
        hidden: Vec::new(),
        danger: texts.t("face-remove-do"),
        safe: texts.t("face-remove-keep"),
        safe_href: own_page(id),
    };
    Ok(ask(&visitor, Section::People, question))
}

/// `POST /people/{id}/face/remove`.
pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let id: EmployeeId = id(&visitor, &raw)?;
    let gone = app.credentials.remove_face(visitor.actor(), visitor.organization_id(), id).await;
    gone.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&own_page(id), "done-face-removed", ""))
}
