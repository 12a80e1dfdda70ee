//! The answer for addresses that do not exist.

use axum::response::IntoResponse as _;
use axum::response::Response;
use http::HeaderMap;
use http::Uri;

use crate::kernel::Language;
use crate::web::ApiFailure;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::language_of;

pub(in crate::web) async fn show(visitor: Result<Visitor, PageFailure>, headers: HeaderMap, uri: Uri) -> Response {
    if uri.path().starts_with("/api/") {
        return ApiFailure(Failure::not_found()).into_response();
    }
    match visitor {
        Ok(visitor) => visitor.failure(Failure::not_found()),
        Err(_) => {
            let texts = Texts::of(language_of(&headers).unwrap_or(Language::Uz));
            PageFailure::new(Failure::not_found(), texts, &headers, uri.path())
        }
    }
    .into_response()
}
