//! A branch behind a bad line.

use std::collections::BTreeSet;
use std::time::Duration;
use std::time::Instant;

use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use serde_json::Value;

use super::Wires;
use super::latency::late;
use crate::faults::branch::World;
use crate::faults::journal::Journal;
use crate::faults::journal::hub;
use crate::faults::journal::rows;
use crate::faults::office::Closed;
use crate::faults::office::client;
use crate::support::agent::Desk;

/// Runs a test between two networks, in a thread that has moved into the first of them.
fn between_networks(make: impl FnOnce(Desk) -> Desk, test: impl AsyncFnOnce(World)) {
    let wires = Wires::lay();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { test(World::over(wires, make).await).await });
}

/// Waits until nothing is left, while something has to get through all the time.
async fn seeps_through(world: &World, each: Duration) {
    let (mut before, mut since) = (Value::Null, Instant::now());
    loop {
        let status = world.status().await;
        if status["buffer"]["batches"] == 0 {
            return;
        }
        let done = status["uplink"]["batches"].clone();
        if done != before {
            (before, since) = (done, Instant::now());
        }
        assert!(since.elapsed() < each, "nothing gets through: {status}\n{}", world.gateway().desk().log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn send_all(world: &World, journal: &mut Journal, batches: usize, events: u64) {
    for _ in 0..batches {
        let batch = journal.batch(events);
        assert!(world.send(journal, &batch).await, "agents notice nothing of the line");
    }
}

#[test]
fn f10_net_slow_and_flapping() {
    between_networks(
        |desk| desk,
        async |world| {
            let mut journal = Journal::new().heavy();
            // Cut without a word: no end of the connection, no refusal.
            send_all(&world, &mut journal, 1, 10).await;
            world.drained().await;
            world.wires().cut();
            send_all(&world, &mut journal, 20, 100).await;
            let deadline = Instant::now() + Duration::from_secs(60);
            while world.status().await["uplink"]["link"]["state"] != "down" {
                assert!(Instant::now() < deadline, "a dead line is taken for one that works");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            // The backlog over a thin line, while more comes in.
            world.wires().narrow(256);
            world.wires().mend();
            send_all(&world, &mut journal, 5, 100).await;
            seeps_through(&world, Duration::from_secs(90)).await;
            world.wires().widen();
            // Up and down.
            let retries = retries(&world).await;
            for _ in 0..10 {
                world.wires().cut();
                send_all(&world, &mut journal, 3, 20).await;
                tokio::time::sleep(Duration::from_secs(3)).await;
                world.wires().mend();
                send_all(&world, &mut journal, 3, 20).await;
                tokio::time::sleep(Duration::from_secs(3)).await;
                let connections = world.wires().connections(world.gateway().process_id());
                assert!(connections <= 4, "{connections} connections at once");
            }
            seeps_through(&world, Duration::from_secs(90)).await;
            let storm = self::retries(&world).await - retries;
            assert!(storm <= 60, "{storm} retries in a minute");
            let stored = journal.acknowledged();
            let closed = world.check(&journal).await;
            assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
        },
    );
}

/// So thin that a server gives up waiting for a batch of the usual size.
#[test]
fn f10_net_slow_and_flapping_at_64_kbit() {
    between_networks(
        |desk| desk,
        async |world| {
            let mut journal = Journal::new().heavy();
            world.wires().cut();
            send_all(&world, &mut journal, 20, 200).await;
            world.wires().narrow(64);
            world.wires().mend();
            seeps_through(&world, Duration::from_secs(240)).await;
            let log = world.gateway().desk().log();
            assert!(log.contains("was too much at once, its first half is sent"), "{log}");
            world.wires().widen();
            world.check(&journal).await;
        },
    );
}

async fn retries(world: &World) -> u64 {
    let text = world.ask("/metrics").await;
    let line = text.lines().find(|line| line.starts_with("nazorat_uplink_retries_total "));
    line.and_then(|line| line.rsplit_once(' ')?.1.parse().ok()).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_net_slow_and_flapping_with_a_second_of_latency() {
    let office = Closed::new().open();
    let line = late(office.appliance.main_address(), Duration::from_millis(500)).await;
    let body = serde_json::json!({ "name": "Chilonzor", "server": format!("https://{line}") });
    let made = office.manage("POST", "/api/v1/gateways", Some(body)).await;
    let gateway = Desk::joining(made.body["token"].as_str().unwrap()).start();
    let code = std::fs::read_to_string(gateway.desk().data().join("gateway/join-code")).unwrap();
    let body = serde_json::json!({ "join_code": code.trim(), "computer_uid": "pc-1", "name": "pc-1" });
    let http = client();
    let joined = http.post(gateway.url("/local/agent/join")).json(&body).send().await.unwrap();
    let key = joined.json::<Value>().await.unwrap()["key"].as_str().unwrap().to_owned();
    let mut journal = Journal::new().heavy();
    for _ in 0..20 {
        let batch = journal.batch(50);
        let answer = crate::faults::office::post(&http, &gateway.url("/local/agent/logs"), &key, &batch).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        journal.acknowledge(&batch);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let status: Value = http.get(gateway.url("/status")).send().await.unwrap().json().await.unwrap();
        if status["buffer"]["batches"] == 0 {
            assert_eq!(status["uplink"]["duplicates"], 0, "patience, not repetition: {status}");
            break;
        }
        assert!(Instant::now() < deadline, "{status}\n{}", gateway.desk().log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    gateway.stop();
    office.check(&journal).await;
}

/// A week of everything at once: the line is cut, thin or flaps, and both ends are killed at any moment.
#[test]
fn a_branch_behind_a_bad_line_loses_nothing_when_both_ends_are_killed() {
    between_networks(
        |desk| desk,
        async |mut world| {
            let mut journal = Journal::new().heavy();
            let mut pending = Vec::new();
            // Reproducible, and different in each round.
            let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
            for round in 0..40 {
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                match (chance >> 33) % 6 {
                    0 => world.wires().cut(),
                    1 | 2 => world.wires().mend(),
                    3 => world.kill_gateway(),
                    4 => {
                        world.kill_appliance();
                        world.open();
                    }
                    _ => match round % 2 {
                        0 => world.wires().narrow(256),
                        _ => {
                            world.wires().narrow(256);
                            world.wires().widen();
                        }
                    },
                }
                pending.extend((0..5).map(|_| journal.batch(30)));
                let mut rest = Vec::new();
                for batch in std::mem::take(&mut pending) {
                    if !world.send(&mut journal, &batch).await {
                        rest.push(batch);
                    }
                }
                pending = rest;
                tokio::time::sleep(Duration::from_millis(700)).await;
            }
            world.wires().narrow(256);
            world.wires().widen();
            world.wires().mend();
            for batch in std::mem::take(&mut pending) {
                assert!(world.send(&mut journal, &batch).await);
            }
            seeps_through(&world, Duration::from_secs(120)).await;
            let stored = journal.acknowledged();
            let closed = world.check(&journal).await;
            assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
        },
    );
}

/// What twenty computers say in a week waits while the line is cut; then it drains, and both ends are killed meanwhile.
#[test]
fn f08_gw_seven_day_offline_drain_between_two_networks() {
    between_networks(
        |desk| desk,
        async |mut world| {
            let mut journal = Journal::days_ago(7);
            world.wires().cut();
            send_all(&world, &mut journal, 280, 500).await;
            let waiting = world.status().await["buffer"]["batches"].as_u64().unwrap();
            assert!(waiting >= 280, "{waiting}");
            world.wires().mend();
            for kill in 0..4 {
                let before = world.status().await["uplink"]["batches"].as_u64().unwrap();
                let deadline = Instant::now() + Duration::from_secs(120);
                while world.status().await["uplink"]["batches"].as_u64().unwrap() == before {
                    assert!(Instant::now() < deadline, "{}", world.gateway().desk().log());
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                if kill % 2 == 0 {
                    world.kill_gateway();
                } else {
                    world.kill_appliance();
                    world.open();
                }
                // Agents go on meanwhile.
                send_all(&world, &mut journal, 2, 50).await;
            }
            seeps_through(&world, Duration::from_secs(120)).await;
            let stored = journal.acknowledged();
            let closed = world.check(&journal).await;
            assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
        },
    );
}

/// A buffer that is too small on purpose: what it gave up is said, by how many, and everything else arrives.
#[test]
fn a_buffer_that_is_too_small_says_what_it_gave_up() {
    let small = |desk: Desk| desk.with("NAZORAT_GATEWAY__BUFFER", "64MB");
    between_networks(small, async |world| {
        let mut journal = Journal::new().heavy();
        send_all(&world, &mut journal, 1, 4).await;
        world.drained().await;
        world.wires().cut();
        let (mut taken, mut refused) = (4_u64, 0);
        for _ in 0..260 {
            let batch = journal.batch(500);
            match world.send(&mut journal, &batch).await {
                true => taken += 500,
                false => refused += 1,
            }
        }
        world.wires().mend();
        seeps_through(&world, Duration::from_secs(90)).await;
        let gaps = world.status().await["uplink"]["gaps"].as_u64().unwrap();
        let closed = world.close();
        let told = 500 * batches_given_up(&closed);
        let stored = journal.stored(&closed.place.data()).numbers;
        let once: BTreeSet<u64> = stored.iter().copied().collect();
        assert_eq!(once.len(), stored.len(), "rows are stored twice");
        assert!(gaps > 0 && told > 0, "a buffer of 64 MB does not hold all of it ({refused} batches were refused)");
        // What was under way when it was given up may have arrived all the same; that is one batch.
        let twice = (stored.len() as u64 + told).checked_sub(taken);
        assert!(twice.is_some_and(|events| events <= 20_000), "{} stored, {told} told, {taken} taken", stored.len());
    });
}

fn batches_given_up(closed: &Closed) -> u64 {
    let batches = |event: Event| match event {
        Event::RejectedEvent(rejected) if rejected.code == "gap" => {
            serde_json::from_str::<Value>(&rejected.event).unwrap()["batches"].as_u64().unwrap()
        }
        other => panic!("{other:?}"),
    };
    rows(&hub(&closed.place.data()), 1, Dataset::RejectedEvents).0.into_iter().map(|row| batches(row.event)).sum()
}
