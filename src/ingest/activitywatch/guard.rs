//! Who may ask: programs on this machine, and the browser extension. Not a page from the internet.

use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::response::IntoResponse as _;
use axum::response::Response;
use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http::header;

use super::routes::Failure;

/// The extension in Chrome's store; Edge and Brave install it from there as well.
const CHROME_EXTENSION: &str = "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi";
/// Firefox gives each installation an identity of its own.
const FIREFOX_EXTENSIONS: &str = "moz-extension://";

/// Lets only this machine's programs and the extension at further routes of the same listener.
pub fn local_only(router: Router) -> Router {
    router.layer(from_fn(check))
}

/// Checks `Host` (against names that were rebound to this machine) and `Origin` (against pages in a browser).
pub(super) async fn check(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !is_local(headers) {
        return Failure::new(StatusCode::FORBIDDEN, "ask by localhost, 127.0.0.1 or [::1]").into_response();
    }
    let origin = headers.get(header::ORIGIN).cloned();
    if !origin.as_ref().is_none_or(is_extension) {
        return Failure::new(StatusCode::FORBIDDEN, "pages of this origin may not ask").into_response();
    }
    let mut response = match *request.method() {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    if let Some(origin) = origin {
        allow(response.headers_mut(), origin);
    }
    response
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE, OPTIONS"));
    headers
        .insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type, authorization, charset"));
    headers.insert("access-control-allow-private-network", HeaderValue::from_static("true"));
}

fn is_local(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|value| value.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    matches!(name.to_ascii_lowercase().as_str(), "localhost" | "127.0.0.1" | "::1")
}

fn is_extension(origin: &HeaderValue) -> bool {
    origin.to_str().is_ok_and(|origin| origin == CHROME_EXTENSION || origin.starts_with(FIREFOX_EXTENSIONS))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::HeaderValue;

    use super::is_extension;
    use super::is_local;

    #[test]
    fn only_names_of_this_machine_are_local() {
        let local = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static(host));
            is_local(&headers)
        };
        assert!(local("localhost:5600") && local("127.0.0.1:5600") && local("[::1]:5600") && local("LocalHost"));
        assert!(!local("rebound.example:5600") && !local("127.0.0.1.example") && !local("[::2]"));
        assert!(!is_local(&HeaderMap::new()));
    }

    #[test]
    fn only_the_extension_may_ask_from_a_browser() {
        let may = |origin: &'static str| is_extension(&HeaderValue::from_static(origin));
        assert!(may("chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi") && may("moz-extension://0-1-2"));
        assert!(!may("https://example.com") && !may("null") && !may("chrome-extension://other"));
    }
}
