//! What this appliance is: version, certificate, how long it runs, how much it holds.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;

use super::shown::Fact;
use super::shown::require;
use crate::kernel::Permission;
use crate::web::About;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/about", get(show))
}

#[derive(Template)]
#[template(path = "system/about.html")]
struct AboutPage {
    l: Layout,
    version: &'static str,
    facts: Vec<Fact>,
    fingerprint: String,
}

async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    require(&visitor, Permission::ReadSystem)?;
    let texts = visitor.texts;
    let (used, room) = (app.about.used().await, app.about.room().await);
    let started = app.about.started_at();
    let running = app.clock.now().as_millisecond() - started.as_millisecond();
    let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
    let mut facts = vec![
        fact("about-running", texts.duration_ms(running)),
        fact("about-started", texts.moment(&visitor.zone, started)),
        fact("about-used", texts.bytes(used)),
    ];
    if let Some(room) = room {
        let sizes = [("free", texts.bytes(room.free).into()), ("all", texts.bytes(room.all).into())];
        facts.push(fact("about-free", texts.with("about-free-of", sizes)));
    }
    let l = Layout::new(&visitor.viewer(), Section::About, "");
    let fingerprint = app.about.fingerprint().unwrap_or_default().to_owned();
    Ok(page(&AboutPage { l, version: About::version(), facts, fingerprint }).into_response())
}
