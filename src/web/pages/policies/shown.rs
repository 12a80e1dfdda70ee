//! A question that is answered with a reason: a dialog where scripts run, else a page.

use askama::Template;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::Known;
use super::words::DiffRow;
use crate::web::Layout;
use crate::web::Visitor;
use crate::web::page;
use crate::web::refused;

/// What would happen, and why it is done.
pub(super) struct Reasoned {
    pub(super) title: String,
    pub(super) consequences: Vec<String>,
    /// What would change.
    pub(super) rows: Vec<DiffRow>,
    pub(super) action: String,
    pub(super) reason: String,
    pub(super) wrong: String,
    pub(super) submit: String,
    pub(super) safe_href: String,
}

#[derive(Template)]
#[template(path = "policies/reason_page.html")]
struct ReasonPage {
    l: Layout,
    question: Reasoned,
}

#[derive(Template)]
#[template(path = "policies/reason_dialog.html")]
struct ReasonDialog {
    l: Layout,
    question: Reasoned,
}

/// Asks it, or asks it once more.
pub(super) fn ask(visitor: &Visitor, known: &Known, question: Reasoned) -> Response {
    let l = known.layout(visitor);
    if visitor.wants_fragment() {
        return page(&ReasonDialog { l, question }).into_response();
    }
    let again = !question.wrong.is_empty();
    let shown = ReasonPage { l, question };
    if again { refused(&shown).into_response() } else { page(&shown).into_response() }
}
