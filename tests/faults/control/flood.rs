//! F38: those who send too much, or never read.

use std::time::Duration;
use std::time::Instant;

use futures_util::SinkExt as _;
use nazorat_wire::frame::MAX_FRAME;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::Headquarters;
use super::beat;
use super::end;
use super::say;

const WITHIN: Duration = Duration::from_secs(30);

/// Attacks from so many gateways, while another one is served.
pub(super) async fn f38(messages: usize, idle: usize) {
    let headquarters = Headquarters::new();
    let bystander = headquarters.pretender("Chilonzor").await;
    let mut calm = bystander.connect().await.unwrap();
    say(&mut calm, &beat()).await;
    let hostile = headquarters.pretender("Begona").await;
    let mut large = hostile.connect().await.unwrap();
    large.send(Message::text("x".repeat(MAX_FRAME + 1))).await.unwrap();
    assert_eq!(end(&mut large, WITHIN).await, Some((1009, "too_large".to_owned())));
    for message in [Message::text(beat_text()), Message::Ping(vec![0; 100].into()), Message::text("{}")] {
        let mut socket = hostile.connect().await.unwrap();
        for _ in 0..messages {
            if socket.send(message.clone()).await.is_err() {
                break;
            }
        }
        let closed = end(&mut socket, WITHIN).await;
        say(&mut calm, &beat()).await;
        assert!(closed.as_ref().is_none_or(|(code, _)| *code == 1008), "{closed:?}");
    }
    // Whoever never reads is asked to do more than the line holds.
    let mut deaf = hostile.connect().await.unwrap();
    for _ in 0..20 {
        headquarters.command(&hostile.id, "ping", json!({})).await;
    }
    say(&mut deaf, &beat()).await;
    let mut sleepers = Vec::new();
    for number in 0..idle {
        sleepers.push(headquarters.pretender(&format!("Jim {number}")).await.connect().await.unwrap());
        say(&mut calm, &beat()).await;
    }
    // The other one was heard all the time, and is served at once.
    let begun = Instant::now();
    say(&mut calm, &beat()).await;
    let ping = headquarters.command(&bystander.id, "ping", json!({})).await;
    headquarters.settled(&bystander.id, &ping, "sent").await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(headquarters.presence(&bystander.id).await["state"], "online");
    // What was sent to the deaf one is not lost: it is sent again by id.
    let all = headquarters.commands(&hostile.id).await;
    assert!(all.iter().all(|command| command["state"] == "sent" || command["state"] == "pending"), "{all:?}");
    drop(deaf);
    headquarters.check().await;
}

fn beat_text() -> String {
    nazorat_wire::frame::Frame::encode(&beat()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f38_ws_flood_and_slow_consumer() {
    f38(500, 3).await;
}
