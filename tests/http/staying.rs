//! How long somebody stays signed in.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use http::StatusCode;

use crate::support::app::Office;

/// Opens a page 40 minutes later, as a person or as the page itself; an hour without a visit ends a session.
async fn later(office: &Office, cookie: &str, by_itself: bool) -> StatusCode {
    let clock = &office.app.clock;
    clock.set(clock.now().saturating_add(Duration::from_secs(40 * 60)).unwrap());
    let mut request = Request::get("/gateways").header("cookie", cookie);
    if by_itself {
        request = request.header("nazorat-background", "1");
    }
    office.send(request.body(Body::empty()).unwrap()).await.status
}

#[tokio::test]
async fn a_page_that_refreshes_itself_keeps_nobody_signed_in() {
    let office = Office::new().await;
    let cookie = office.sign_in("aziz").await;
    assert_eq!(later(&office, &cookie, true).await, StatusCode::OK);
    assert_eq!(later(&office, &cookie, true).await, StatusCode::SEE_OTHER);

    let cookie = office.sign_in("aziz").await;
    for _ in 0..3 {
        assert_eq!(later(&office, &cookie, false).await, StatusCode::OK, "a person looks at it");
    }
}
