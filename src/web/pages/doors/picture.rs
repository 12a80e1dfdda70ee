//! The picture of a pass: a dialog where scripts run, else a page; each look at one is recorded.

use askama::Template;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::header;
use serde::Deserialize;

use super::rows;
use super::rows::Row;
use crate::doors::DoorsError;
use crate::doors::Pass;
use crate::doors::PassName;
use crate::kernel::DeviceId;
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::encode;
use crate::web::page;

/// Which pass is meant.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    device: Option<DeviceId>,
    serial: Option<String>,
    at: Option<Timestamp>,
}

impl Asked {
    fn name(self, visitor: &Visitor) -> Result<PassName, PageFailure> {
        match (self.device, self.serial, self.at) {
            (Some(device), Some(serial), Some(at)) => Ok(PassName { device, serial, at }),
            _ => Err(visitor.failure(DoorsError::NoPicture)),
        }
    }
}

/// Where the picture of a pass is looked at.
pub(super) fn href(pass: &Pass) -> String {
    address("/doors/picture", pass)
}

fn address(path: &str, pass: &Pass) -> String {
    format!("{path}?device={}&serial={}&at={}", pass.device, encode(&pass.serial), pass.at)
}

#[derive(Template)]
#[template(path = "doors/picture.html")]
struct Shown {
    texts: Texts,
    row: Row,
    /// Where the picture itself comes from; that it is looked at is recorded there.
    source: String,
}

impl Shown {
    fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

#[derive(Template)]
#[template(path = "doors/picture_page.html")]
struct PicturePage {
    l: Layout,
    row: Row,
    source: String,
}

impl PicturePage {
    fn t(&self, key: &str) -> String {
        self.l.t(key)
    }
}

/// `GET /doors/picture`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let name = asked.name(&visitor)?;
    let pass = app.pictures.pass(visitor.actor(), visitor.organization_id(), &name).await;
    let pass = pass.map_err(|problem| visitor.failure(problem))?;
    let source = address("/doors/picture.jpg", &pass);
    let row = rows::row(&visitor, &pass, app.clock.now());
    if visitor.wants_fragment() {
        return Ok(page(&Shown { texts: visitor.texts, row, source }).into_response());
    }
    let l = Layout::new(&visitor.viewer(), Section::Doors, &visitor.texts.t("doors-picture"));
    Ok(page(&PicturePage { l, row, source }).into_response())
}

/// `GET /doors/picture.jpg`: seeing it is recorded each time.
pub(super) async fn image(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageFailure> {
    let seen = app.pictures.see(visitor.actor(), visitor.organization_id(), &asked.name(&visitor)?).await;
    let jpeg = seen.map_err(|problem| visitor.failure(problem))?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, no-store")], jpeg).into_response())
}
