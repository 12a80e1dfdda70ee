//! The question before something that cannot be undone: a dialog where scripts run, else a page.

use askama::Template;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::web::Layout;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;

/// What would happen, in the words of both buttons.
pub(super) struct Question {
    pub(super) title: String,
    pub(super) consequences: Vec<String>,
    pub(super) action: String,
    pub(super) danger: String,
    pub(super) safe_href: String,
}

#[derive(Template)]
#[template(path = "question/page.html")]
struct QuestionPage {
    l: Layout,
    question: Question,
}

#[derive(Template)]
#[template(path = "question/dialog.html")]
struct QuestionDialog {
    question: Question,
    safe: String,
}

/// Asks it.
pub(super) fn ask(visitor: &Visitor, section: Section, question: Question) -> Response {
    if visitor.wants_fragment() {
        return page(&QuestionDialog { question, safe: visitor.texts.t("action-cancel") }).into_response();
    }
    let l = Layout::new(&visitor.viewer(), section, &question.title);
    page(&QuestionPage { l, question }).into_response()
}
