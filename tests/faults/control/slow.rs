//! The same with as many as there may ever be.

use std::time::Duration;
use std::time::Instant;

use nazorat::runtime::machine;
use tokio::task::JoinSet;

use super::Headquarters;
use super::Pretender;
use super::flood::f38;

/// As many gateways as an organization may have, less those of other tests.
const GATEWAYS: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f38_ws_flood_of_ten_thousand_messages() {
    f38(10_000, 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f15_reconnect_storm() {
    machine::raise_file_limit();
    let mut headquarters = Headquarters::new();
    let mut gateways = Vec::new();
    for number in 0..GATEWAYS {
        gateways.push(headquarters.pretender(&format!("Filial {number}")).await);
    }
    headquarters.kill();
    headquarters.open();
    let begun = Instant::now();
    let mut all = JoinSet::new();
    for (number, gateway) in gateways.into_iter().enumerate() {
        all.spawn(come_back(gateway, number as u64));
    }
    // Those who use the pages meanwhile are served.
    let mut slowest = Duration::ZERO;
    let mut connected = Vec::new();
    while !all.is_empty() {
        let asked = Instant::now();
        headquarters.ask("GET", "/api/v1/alerts", serde_json::Value::Null).await;
        slowest = slowest.max(asked.elapsed());
        let pause = tokio::time::sleep(Duration::from_millis(500));
        tokio::pin!(pause);
        loop {
            tokio::select! {
                Some(socket) = all.join_next() => connected.push(socket.unwrap()),
                () = &mut pause => break,
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "only {} are back", connected.len());
    }
    assert_eq!(connected.len(), GATEWAYS);
    assert!(slowest < Duration::from_secs(5), "a page took {slowest:?}");
    let shed = headquarters.office().counted("nazorat_control_shed_total").await;
    assert!(shed > 0, "nobody was told to come later");
    drop(connected);
    headquarters.check().await;
}

/// Tries as a gateway does: again after anything up to a bound that doubles.
async fn come_back(gateway: Pretender, mut dice: u64) -> impl Send {
    for tries in 1_u32.. {
        match gateway.connect().await {
            Ok(socket) => return (gateway, socket),
            Err(_) => {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let bound = 60_000_u64.min(1_000 << tries.min(6));
                tokio::time::sleep(Duration::from_millis((dice >> 33) % bound)).await;
            }
        }
    }
    unreachable!("it tries until it is in")
}
