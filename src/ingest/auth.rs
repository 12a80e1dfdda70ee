//! Who is sending. Checked from the headers alone, before any byte of a body is read.

use std::sync::Arc;

use axum::extract::FromRef;
use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::ingest::Entry;
use crate::ingest::Refusal;
use crate::ingest::Senders;
use crate::intake::Source;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;

/// A sender that proved itself with a key.
#[derive(Debug, Clone)]
pub struct Sender {
    /// Whose data it sends.
    pub organization: OrganizationId,
    /// Its name in the rows.
    pub source: Source,
}

impl<S: Send + Sync> FromRequestParts<S> for Sender
where
    Entry: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let entry = Entry::from_ref(state);
        (entry.senders)(parts, entry.clock.now()).await
    }
}

/// The key that a request shows, whoever it is of.
#[derive(Debug, Clone)]
pub struct Key(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        secret_of(&parts.headers).map(|secret| Self(secret.to_owned())).ok_or_else(Refusal::no_key)
    }
}

/// Senders who are known by their key alone.
pub fn by_key(find: impl Fn(&str, Timestamp) -> Option<Sender> + Send + Sync + 'static) -> Senders {
    Arc::new(move |parts, now| {
        let secret = secret_of(&parts.headers).ok_or_else(Refusal::no_key);
        let found = secret.and_then(|secret| find(secret, now).ok_or_else(Refusal::unknown_key));
        Box::pin(std::future::ready(found))
    })
}

/// The key as it was sent: `Authorization: Bearer KEY` or `X-API-Key: KEY`.
pub(super) fn secret_of(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, secret) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
    });
    bearer.or_else(|| headers.get("x-api-key")?.to_str().ok()).filter(|secret| !secret.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::HeaderValue;

    use super::secret_of;

    #[test]
    fn both_ways_of_sending_a_key_are_understood() {
        let with = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            secret_of(&headers).map(str::to_owned)
        };
        assert_eq!(with("authorization", "bearer nzk_a"), Some("nzk_a".to_owned()));
        assert_eq!(with("x-api-key", "nzk_b"), Some("nzk_b".to_owned()));
        assert_eq!(with("authorization", "Basic eA=="), None);
        assert_eq!(with("x-api-key", ""), None);
    }
}
