//! Tells a client that its connection ends when the rest of its request was not read.
//!
//! A body that is refused by its size or its key stays on the wire, so the server closes after the answer. Whoever is
//! not told takes the connection for a free one and loses the next request on it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use axum::body::Body;
use axum::body::Bytes;
use axum::body::HttpBody;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::Version;
use http::header::CONNECTION;

/// A layer around everything that may answer before it has read.
pub(super) async fn close_after_unread(request: Request, next: Next) -> Response {
    // HTTP/2 resets the one stream and goes on.
    if request.version() > Version::HTTP_11 {
        return next.run(request).await;
    }
    let read = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    let request = request.map(|body| Body::new(Watched { body, read: Arc::clone(&read) }));
    let mut response = next.run(request).await;
    if !read.load(Ordering::Relaxed) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A body that notes when its end was read.
struct Watched {
    body: Body,
    read: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.read.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::body::Bytes;
    use axum::extract::Request;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use http::Version;
    use http::header::CONNECTION;
    use tower::ServiceExt as _;

    use super::close_after_unread;

    /// Whether the answer says that the connection ends.
    async fn closes(path: &str, version: Version, body: Body) -> bool {
        let read = |body: Bytes| async move { body.len().to_string() };
        let router = Router::new().route("/read", post(read)).route("/refuse", post(async || "no"));
        let request = Request::post(path).version(version).body(body).unwrap();
        let answer = router.layer(from_fn(close_after_unread)).oneshot(request).await.unwrap();
        answer.headers().get(CONNECTION).is_some_and(|value| value == "close")
    }

    #[tokio::test]
    async fn only_a_body_left_on_the_wire_ends_the_connection() {
        assert!(!closes("/read", Version::HTTP_11, Body::from("all")).await);
        assert!(closes("/refuse", Version::HTTP_11, Body::from("all")).await);
        assert!(!closes("/refuse", Version::HTTP_11, Body::empty()).await);
        assert!(!closes("/refuse", Version::HTTP_2, Body::from("all")).await);
        let pieces = futures_util::stream::iter(["a", "b"].map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece))));
        assert!(!closes("/read", Version::HTTP_11, Body::from_stream(pieces)).await);
    }
}
