//! An answer that comes before the request was read, as a refusal by its key does.
//!
//! A small rest is read and thrown away before the answer goes out: clients that are still sending otherwise take the
//! end of the stream for a failure and never see why they were refused. A long rest stays on the wire; over HTTP/1.1
//! the client is told that its connection ends with it, or it would lose the next request on it.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use axum::body::Body;
use axum::body::Bytes;
use axum::body::HttpBody;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt as _;
use http::HeaderValue;
use http::Version;
use http::header::CONNECTION;
use tokio::sync::oneshot;

/// The longest rest that is read.
const REST: u64 = 256 << 10;
/// How long a rest is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A layer around everything that may answer before it has read.
pub(super) async fn read_the_rest(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let version = request.version();
    let (back, unread) = oneshot::channel();
    let request = request.map(|body| Body::new(Lent { body, back: Some(back) }));
    let mut response = next.run(request).await;
    if !is_read(unread).await && version <= Version::HTTP_11 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether nothing of the body is on the wire any more.
async fn is_read(mut unread: oneshot::Receiver<Body>) -> bool {
    match unread.try_recv() {
        Ok(rest) => {
            rest.size_hint().lower() <= REST && tokio::time::timeout(PATIENCE, throw_away(rest)).await == Ok(true)
        }
        Err(oneshot::error::TryRecvError::Closed) => true,
        // Somebody goes on reading it.
        Err(oneshot::error::TryRecvError::Empty) => false,
    }
}

/// Whether the end was reached within the bound.
async fn throw_away(rest: Body) -> bool {
    let mut rest = rest.into_data_stream();
    let mut thrown = 0;
    while let Some(piece) = rest.next().await {
        let Ok(piece) = piece else { return false };
        thrown += piece.len() as u64;
        if thrown > REST {
            return false;
        }
    }
    true
}

/// A body that comes back when it is let go before its end.
struct Lent {
    body: Body,
    /// None when the end was read.
    back: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.back = None;
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

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(back) = self.back.take() {
            // Nobody waits for it when the request itself was given up.
            drop(back.send(std::mem::take(&mut self.body)));
        }
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

    use super::REST;
    use super::read_the_rest;

    /// Whether the answer says that the connection ends.
    async fn closes(path: &str, version: Version, body: Body) -> bool {
        let read = |body: Bytes| async move { body.len().to_string() };
        let router = Router::new().route("/read", post(read)).route("/refuse", post(async || "no"));
        let request = Request::post(path).version(version).body(body).unwrap();
        let answer = router.layer(from_fn(read_the_rest)).oneshot(request).await.unwrap();
        answer.headers().get(CONNECTION).is_some_and(|value| value == "close")
    }

    #[tokio::test]
    async fn only_a_body_left_on_the_wire_ends_the_connection() {
        assert!(!closes("/read", Version::HTTP_11, Body::from("all")).await);
        assert!(!closes("/refuse", Version::HTTP_11, Body::from("all")).await, "a small rest is read");
        let long = || Body::from(vec![0; usize::try_from(REST).unwrap() + 1]);
        assert!(closes("/refuse", Version::HTTP_11, long()).await);
        assert!(!closes("/refuse", Version::HTTP_2, long()).await, "it resets the one stream and goes on");
        assert!(!closes("/refuse", Version::HTTP_11, Body::empty()).await);
        assert!(!closes("/refuse", Version::HTTP_2, Body::from("all")).await);
        let pieces = futures_util::stream::iter(["a", "b"].map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece))));
        assert!(!closes("/read", Version::HTTP_11, Body::from_stream(pieces)).await);
    }

    #[tokio::test]
    async fn a_rest_that_does_not_come_holds_up_nobody() {
        let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        assert!(closes("/refuse", Version::HTTP_11, Body::from_stream(never)).await);
        let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 4_096])));
        assert!(closes("/refuse", Version::HTTP_11, Body::from_stream(endless)).await);
    }
}
