//! An appliance that is restored from an older copy of its data, and the gateway that fills it up again.

use std::time::Duration;
use std::time::Instant;

use http::StatusCode;
use nazorat::kernel::Clock;
use nazorat::kernel::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::branch::World;
use super::journal::Journal;
use super::office::Closed;

/// Batches that leave one by one.
async fn deliver(world: &World, journal: &mut Journal, count: u64) {
    for number in 0..count {
        let batch = journal.batch(3 + number);
        assert!(world.send(journal, &batch).await);
        world.drained().await;
    }
}

/// An appliance that took four batches, was copied, took four more, and died. The copy is put in its place.
async fn gone_back(journal: &mut Journal) -> (World, Closed, Timestamp) {
    let mut world = World::new().await;
    deliver(&world, journal, 4).await;
    let stopped = world.office.take().unwrap().stop();
    let (copy, since) = (stopped.copy(), Clock::system().now());
    world.closed = Some(stopped);
    world.open();
    deliver(&world, journal, 4).await;
    world.kill_appliance();
    let newer = world.closed.replace(copy).unwrap();
    world.open();
    (world, newer, since)
}

async fn resent(world: &World, restored: u64) -> Value {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let resend = world.status().await["uplink"]["resend"].clone();
        if resend["waiting"] == 0 && resend["restored"].as_u64() >= Some(restored) {
            return resend;
        }
        assert!(Instant::now() < deadline, "{resend}\n{}", world.gateway().desk().log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn check(world: World, journal: &Journal) {
    let closed = world.check(journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, journal.acknowledged());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f26_restored_appliance_is_filled_up_on_demand() {
    let mut journal = Journal::new();
    let (mut world, _newer, since) = gone_back(&mut journal).await;
    let ask = async |world: &World, body: Value| {
        let request = world.http.post(world.gateway().url("/resend")).json(&body).send().await.unwrap();
        (request.status(), request.json::<Value>().await.unwrap())
    };
    assert_eq!(ask(&world, json!({ "since": "yesterday" })).await.0, StatusCode::BAD_REQUEST);
    let asked = ask(&world, json!({ "since": since.to_string() })).await;
    assert_eq!((asked.0, &asked.1["waiting"]), (StatusCode::ACCEPTED, &json!(4)), "{}", asked.1);
    // It is not forgotten when the gateway dies meanwhile.
    world.gateway = Some(world.gateway.take().unwrap().kill().start());
    let begun = Instant::now();
    while world.status().await["uplink"]["resend"]["waiting"] != 0
        && world.status().await["uplink"]["resend"] != Value::Null
    {
        assert!(begun.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    check(world, &journal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f26_restored_appliance_is_noticed_by_itself() {
    let mut journal = Journal::new();
    let (world, _newer, _) = gone_back(&mut journal).await;
    deliver(&world, &mut journal, 1).await;
    let resend = resent(&world, 4).await;
    assert_eq!((&resend["restored"], &resend["gone"], &resend["since"]), (&json!(4), &json!(0), &Value::Null));
    check(world, &journal).await;
}
