//! A short message that survives one redirect: after a change, the next page says what was done.
//!
//! It travels in a cookie as the key of a text and at most one name, because sessions are written durably and this
//! is not worth a write.

use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::HeaderValue;
use http::header::SET_COOKIE;

use crate::web::Texts;
use crate::web::Toast;
use crate::web::cookie;

const COOKIE: &str = "nz_flash";
/// All keys begin so; a cookie cannot show any other text.
const PREFIX: &str = "done-";
/// Names longer than this are not repeated.
const LONGEST_NAME: usize = 100;

/// The answer to a form that was carried out: on to a page, which says so. `key` begins with `done-` and may use
/// `$name`.
pub fn done(to: &str, key: &str, name: &str) -> Response {
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let value =
        format!("{COOKIE}={key}.{}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict", URL_SAFE_NO_PAD.encode(name));
    let mut response = Redirect::to(to).into_response();
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// The message that a browser brought.
pub(super) fn toast(texts: Texts, headers: &HeaderMap) -> Option<Toast> {
    let (key, name) = cookie(headers, COOKIE)?.split_once('.')?;
    let name = String::from_utf8(URL_SAFE_NO_PAD.decode(name).ok()?).ok()?;
    key.strip_prefix(PREFIX)?;
    let text = texts.maybe_with(key, [("name", name.into())])?;
    Some(Toast { text, href: String::new(), link: String::new() })
}

/// Takes the message away once a page has shown it.
pub(super) fn forget(brought: bool, response: &mut Response) {
    let sets_another =
        response.headers().get_all(SET_COOKIE).iter().any(|value| value.as_bytes().starts_with(COOKIE.as_bytes()));
    if brought && !sets_another && !response.status().is_redirection() {
        let value = HeaderValue::from_static("nz_flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// True when a browser brought a message.
pub(super) fn is_in(headers: &HeaderMap) -> bool {
    cookie(headers, COOKIE).is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::COOKIE;
    use http::header::SET_COOKIE;

    use super::done;
    use super::toast;
    use crate::kernel::Language;
    use crate::web::Texts;

    #[test]
    fn a_message_comes_back_in_the_readers_language() {
        let response = done("/operators", "done-saved", "Malika \u{2bb}");
        let sent = response.headers().get(SET_COOKIE).unwrap().to_str().unwrap().split(';').next().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, sent.parse().unwrap());
        let text = toast(Texts::of(Language::En), &headers).unwrap().text;
        assert!(text.contains("Malika \u{2bb}"), "{text}");
        headers.insert(COOKIE, "nz_flash=product-name.".parse().unwrap());
        assert_eq!(toast(Texts::of(Language::En), &headers), None);
    }
}
