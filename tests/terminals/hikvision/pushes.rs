//! Pushes: answered when durable, and never twice an event.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use nazorat::adapters::PushRequest;
use nazorat::sim::hikvision::Pass;
use nazorat::sim::hikvision::Terminal;
use serde_json::json;

use super::Kept;
use super::Served;
use super::complete;
use super::config;
use super::until;

fn push(body: &str) -> PushRequest {
    PushRequest {
        method: "POST".to_owned(),
        path: "/hik/evt".to_owned(),
        query: String::new(),
        content_type: "application/json".to_owned(),
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn document(terminal: &Terminal) -> String {
    let logged = terminal.log().pop().unwrap();
    json!({
        "eventType": "AccessControllerEvent", "eventState": "active", "dateTime": logged.time,
        "AccessControllerEvent": {
            "majorEventType": 5, "subEventType": 75, "serialNo": logged.number, "doorNo": 1,
            "employeeNoString": logged.person, "name": logged.name
        }
    })
    .to_string()
}

#[tokio::test]
async fn a_push_is_answered_when_it_is_kept_and_counts_once_whatever_else_tells_it() {
    let terminal = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let served = Served::start(&terminal, json!({ "stream": "poll" }), &kept);
    terminal.pass(Pass::face("1001", 1));
    // Not live yet, or the log was quicker: either is said.
    let early = served.session.pushed(push(&document(&terminal))).await.status;
    assert!(early == 503 || early == 200, "{early}");
    until("it is live", || kept.live.load(SeqCst) == 1).await;
    complete(&terminal, &kept).await;

    terminal.pass(Pass::face("1002", 1));
    let text = document(&terminal);
    for _ in 0..3 {
        assert_eq!(served.session.pushed(push(&text)).await.status, 200);
        assert!(kept.serials().contains(&"1:2".to_owned()), "it is kept before it is answered");
    }
    assert_eq!(served.session.pushed(push("{")).await.status, 400);
    assert_eq!(served.session.pushed(PushRequest { method: "GET".to_owned(), ..push("") }).await.status, 405);

    // Three happened, one is pushed: the log fills the hole first.
    for number in ["1003", "1004", "1005"] {
        terminal.pass(Pass::face(number, 1));
    }
    assert_eq!(served.session.pushed(push(&document(&terminal))).await.status, 200);
    assert_eq!(kept.serials(), ["1:1", "1:2", "1:3", "1:4", "1:5"]);

    terminal.pass(Pass::face("1006", 1));
    kept.failing.store(1, SeqCst);
    let refused = served.session.pushed(push(&document(&terminal))).await.status;
    assert!(refused == 503 || refused == 200, "{refused}");
    complete(&terminal, &kept).await;
    served.stop().await;
    assert_eq!(kept.events().len(), terminal.log().len());
    terminal.stop().await;
}
