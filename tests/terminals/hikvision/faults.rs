//! Terminals as they are: everything arrives all the same, each event once.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use nazorat::sim::hikvision::Faults;
use nazorat::sim::hikvision::Passers;
use nazorat::sim::hikvision::Split;
use nazorat::sim::hikvision::Terminal;
use nazorat::sim::hikvision::TerminalConfig;
use serde_json::json;

use super::Kept;
use super::Served;
use super::check;
use super::complete;
use super::config;
use super::pass;
use super::until;

#[tokio::test]
async fn a_stream_that_falls_silent_is_noticed() {
    let faults = Faults { silence: 25, ..Faults::default() };
    check(faults, config(), json!({})).await;
    // Without another event, and without a look at the log: the silence alone must do.
    let terminal = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let served = Served::start(&terminal, json!({}), &kept);
    until("it is live", || kept.live.load(SeqCst) == 1).await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    terminal.fall_silent();
    until("it connects again", || kept.live.load(SeqCst) == 2).await;
    let ends = served.stop().await;
    assert!(ends.len() == 1 && ends[0].to_string().contains("was silent for more than"), "{ends:?}");
    terminal.stop().await;
}

#[tokio::test]
async fn a_stream_that_is_closed_is_opened_again() {
    let ends = check(Faults { close: 50, ..Faults::default() }, config(), json!({})).await;
    assert!(!ends.is_empty());
}

#[tokio::test]
async fn a_terminal_that_starts_again_and_again_loses_nothing() {
    let reboot_for = Duration::from_millis(300);
    let ends = check(Faults { reboot: 25, reboot_for, ..Faults::default() }, config(), json!({})).await;
    assert!(!ends.is_empty());
}

#[tokio::test]
async fn what_is_told_twice_is_taken_once() {
    check(Faults { duplicate: 300, ..Faults::default() }, config(), json!({})).await;
}

#[tokio::test]
async fn what_the_stream_leaves_out_is_in_the_log() {
    check(Faults { omit: 200, ..Faults::default() }, config(), json!({})).await;
    let by_serial = false;
    check(Faults { omit: 200, ..Faults::default() }, TerminalConfig { by_serial, ..config() }, json!({})).await;
}

#[tokio::test]
async fn a_stream_that_repeats_the_whole_ring_adds_nothing() {
    check(Faults { replay: true, close: 20, ..Faults::default() }, config(), json!({})).await;
}

#[tokio::test]
async fn bytes_may_come_one_by_one() {
    check(Faults { split: Split::Bytes, ..Faults::default() }, config(), json!({})).await;
}

#[tokio::test]
async fn pieces_may_be_of_any_size() {
    let faults = Faults { split: Split::Random, duplicate: 50, ..Faults::default() };
    check(faults, TerminalConfig { subscribes: true, page: 10, ..config() }, json!({})).await;
}

#[tokio::test]
async fn answers_may_be_slow() {
    check(Faults { slow: Duration::from_millis(250), ..Faults::default() }, config(), json!({})).await;
}

#[tokio::test]
async fn all_faults_at_once_lose_nothing() {
    let faults = Faults {
        silence: 8,
        close: 15,
        reboot: 6,
        reboot_for: Duration::from_millis(200),
        duplicate: 100,
        omit: 100,
        replay: true,
        slow: Duration::from_millis(30),
        split: Split::Random,
        ..Faults::default()
    };
    for seed in 1..=3 {
        check(faults, TerminalConfig { seed, ..config() }, json!({})).await;
    }
}

#[tokio::test]
async fn the_log_alone_does_when_somebody_else_has_the_stream() {
    let faults = Faults { one_client: true, ..Faults::default() };
    let terminal = Terminal::start(TerminalConfig { faults, ..config() }).await.unwrap();
    let (first, second) = (Arc::new(Kept::default()), Arc::new(Kept::default()));
    let mut passers = Passers::new(5, 2);
    let holder = Served::start(&terminal, json!({}), &first);
    until("the first is live", || first.live.load(SeqCst) == 1).await;
    let served = Served::start(&terminal, json!({}), &second);
    pass(&terminal, &mut passers, 60).await;
    complete(&terminal, &second).await;
    // The other one leaves: the stream is ours before long.
    holder.stop().await;
    until("the stream is free", || terminal.listeners() == 0 || first.live.load(SeqCst) == 1).await;
    terminal.drop_streams();
    until("we listen", || terminal.listeners() == 1).await;
    pass(&terminal, &mut passers, 60).await;
    complete(&terminal, &second).await;
    served.stop().await;
    terminal.stop().await;
}

#[tokio::test]
async fn the_log_alone_does_when_it_is_asked_for() {
    let ends = check(Faults::default(), config(), json!({ "stream": "poll" })).await;
    assert_eq!(ends, []);
}
