//! The guard's desk: one screen that follows what happens at the doors.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::wall;
use super::wall::Recent;
use super::wall::Wall;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;

#[derive(Template)]
#[template(path = "doors/desk.html")]
struct DeskPage {
    l: Layout,
    meta: String,
    zone: String,
    wall: Wall,
}

/// `GET /doors/desk`.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    wall::check(&visitor).map_err(|problem| visitor.failure(problem))?;
    let mut recent = Recent::default();
    recent.read(&app, &visitor).await.map_err(|problem| visitor.failure(problem))?;
    let wall = wall::wall(&app, &visitor, &recent).await.map_err(|problem| visitor.failure(problem))?;
    let shown = DeskPage {
        l: Layout::new(&visitor.viewer(), Section::Desk, ""),
        meta: visitor.texts.day_long(visitor.zone.day_of(app.clock.now())),
        zone: visitor.zone.name().to_owned(),
        wall,
    };
    Ok(page(&shown).into_response())
}
