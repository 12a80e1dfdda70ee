//! From a page's struct to an answer.

use askama::Template;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use http::StatusCode;

/// A rendered page with its status.
pub struct Rendered(StatusCode, Result<String, askama::Error>);

/// Renders a page.
pub fn page(template: &impl Template) -> Rendered {
    Rendered(StatusCode::OK, template.render())
}

/// Renders a page again whose form was refused: the same form, with the problems beside the fields.
pub fn refused(template: &impl Template) -> Rendered {
    Rendered(StatusCode::UNPROCESSABLE_ENTITY, template.render())
}

impl IntoResponse for Rendered {
    fn into_response(self) -> Response {
        match self.1 {
            Ok(html) => (self.0, Html(html)).into_response(),
            Err(problem) => {
                tracing::error!("page could not be rendered: {problem}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
