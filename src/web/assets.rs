//! Files of `static/`, embedded in the binary.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::extract::RawQuery;
use axum::response::IntoResponse;
use axum::response::Response;
use http::HeaderMap;
use http::StatusCode;
use http::header;
use sha2::Digest as _;
use sha2::Sha256;

#[derive(rust_embed::RustEmbed)]
#[folder = "static/"]
struct Static;

/// Changes when any file changes; part of every address of a file, so that browsers may keep files for ever.
pub(super) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let mut names: Vec<_> = Static::iter().collect();
        names.sort();
        let mut hash = Sha256::new();
        for name in names {
            if let Some(file) = Static::get(&name) {
                hash.update(file.metadata.sha256_hash());
            }
        }
        let digest: [u8; 32] = hash.finalize().into();
        hex::encode(digest.get(..6).unwrap_or_default())
    });
    &VERSION
}

/// `GET /static/{file}`. Only an address that names the version stays good for ever.
pub(super) async fn file(Path(name): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Some(file) = Static::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let tag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    let versioned = query.is_some_and(|query| query.strip_prefix("v=") == Some(version()));
    let keep = if versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    let cache = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, keep.to_owned())];
    let same = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(tag.as_str());
    if same {
        return (StatusCode::NOT_MODIFIED, cache).into_response();
    }
    let kind = file.metadata.mimetype().to_owned();
    (cache, [(header::CONTENT_TYPE, kind)], file.data).into_response()
}
