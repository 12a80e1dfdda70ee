//! Bodies of several parts (multipart/form-data), out of memory.

use axum::body::Body;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::extract::FromRequest as _;
use axum::extract::Multipart;
use axum::extract::Request;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::ingest::Refusal;

/// More parts are no form of an agent.
const MAX_PARTS: usize = 32;

/// One part.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) name: String,
    /// True when it was sent as a file.
    pub(super) is_file: bool,
    pub(super) bytes: Bytes,
}

/// True when the body says that it has several parts.
pub(super) fn is_multipart(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

/// Takes a body apart that was already read within its limits.
pub(super) async fn split(headers: &HeaderMap, body: Bytes) -> Result<Vec<Part>, Refusal> {
    let mut request = Request::new(Body::from(body));
    if let Some(value) = headers.get(CONTENT_TYPE) {
        request.headers_mut().insert(CONTENT_TYPE, value.clone());
    }
    // The body is in memory and within its limits; the extractor's own limit is lower.
    DefaultBodyLimit::disable().apply(&mut request);
    let broken = |problem: axum::extract::multipart::MultipartError| {
        Refusal::bad("broken_multipart", format!("the parts of the body cannot be read: {}", problem.body_text()))
    };
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| Refusal::bad("not_multipart", "send multipart/form-data with a boundary in Content-Type"))?;
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if parts.len() == MAX_PARTS {
            return Err(Refusal::bad("too_many_parts", format!("at most {MAX_PARTS} parts are taken")));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field.file_name().is_some();
        parts.push(Part { name, is_file, bytes: field.bytes().await.map_err(broken)? });
    }
    Ok(parts)
}

/// Takes out the part with one of these names; the first is the one that is documented.
pub(super) fn take(parts: &mut Vec<Part>, names: &[&str]) -> Result<Bytes, Refusal> {
    let found = parts.iter().position(|part| names.contains(&part.name.as_str()));
    let missing = || Refusal::bad("missing_part", format!("the part `{}` is missing", names.first().unwrap_or(&"")));
    found.map(|at| parts.swap_remove(at).bytes).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use http::HeaderMap;
    use http::HeaderValue;

    use super::split;

    async fn outcome(content_type: &'static str, body: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(content_type));
        match split(&headers, Bytes::from_static(body.as_bytes())).await {
            Ok(parts) => {
                parts.iter().map(|part| format!("{}:{}:{} ", part.name, part.is_file, part.bytes.len())).collect()
            }
            Err(refusal) => format!("{refusal:?}"),
        }
    }

    #[tokio::test]
    async fn parts_come_out_by_name() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"meta\"\r\n\r\n{}\r\n--x\r\nContent-Disposition: \
                    form-data; name=\"image\"; filename=\"a.png\"\r\n\r\nabc\r\n--x--\r\n";
        assert_eq!(outcome("multipart/form-data; boundary=x", body).await, "meta:false:2 image:true:3 ");
    }

    #[tokio::test]
    async fn what_is_no_form_is_named() {
        assert!(outcome("application/json", "{}").await.contains("not_multipart"));
        assert!(outcome("multipart/form-data", "{}").await.contains("not_multipart"));
        assert!(outcome("multipart/form-data; boundary=x", "").await.contains("broken_multipart"));
        assert!(outcome("multipart/form-data; boundary=x", "--x\r\n\r\nabc").await.contains("broken_multipart"));
    }
}
