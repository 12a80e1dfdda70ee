//! Counters that begin anew, clocks that are lost, rings that are too small.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use jiff::SignedDuration;
use nazorat::adapters::Action;
use nazorat::sim::hikvision::Faults;
use nazorat::sim::hikvision::Passers;
use nazorat::sim::hikvision::Terminal;
use nazorat::sim::hikvision::TerminalConfig;
use serde_json::json;

use super::Kept;
use super::Served;
use super::complete;
use super::config;
use super::pass;
use super::until;

#[tokio::test]
async fn a_counter_that_is_full_begins_a_new_epoch_live_and_while_away() {
    // Seconds apart, as a real counter would be: the moments tell the counts apart.
    let terminal = Terminal::start(TerminalConfig { first: 40, highest: 60, ..config() }).await.unwrap();
    let kept = Arc::new(Kept::default());
    let mut passers = Passers::new(5, 2);
    let served = Served::start(&terminal, json!({}), &kept);
    until("it is live", || kept.live.load(SeqCst) == 1).await;
    pass(&terminal, &mut passers, 30).await;
    complete(&terminal, &kept).await;
    served.stop().await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    pass(&terminal, &mut passers, 65).await;
    let served = Served::start(&terminal, json!({}), &kept);
    complete(&terminal, &kept).await;
    served.stop().await;
    assert!(kept.serials().iter().any(|serial| serial == "3:1"), "{:?}", kept.serials());
    terminal.stop().await;
}

#[tokio::test]
async fn a_log_that_was_cleared_is_a_new_one() {
    let terminal = Terminal::start(config()).await.unwrap();
    terminal.set_faults(Faults { reboot_for: Duration::from_millis(300), ..Faults::default() });
    let kept = Arc::new(Kept::default());
    let mut passers = Passers::new(5, 2);
    pass(&terminal, &mut passers, 90).await;
    let served = Served::start(&terminal, json!({}), &kept);
    complete(&terminal, &kept).await;
    terminal.reset_log();
    pass(&terminal, &mut passers, 40).await;
    complete(&terminal, &kept).await;
    served.stop().await;
    // Once more while we are away, and it grows longer than what we know of the old one.
    terminal.reset_log();
    pass(&terminal, &mut passers, 60).await;
    let served = Served::start(&terminal, json!({}), &kept);
    complete(&terminal, &kept).await;
    served.stop().await;
    assert!(kept.serials().iter().any(|serial| serial == "3:60"));
    terminal.stop().await;
}

#[tokio::test]
async fn a_clock_that_is_lost_costs_no_event_and_no_number() {
    let faults = Faults { lose_clock: true, reboot_for: Duration::from_millis(300), ..Faults::default() };
    for by_serial in [true, false] {
        let terminal = Terminal::start(TerminalConfig { faults, by_serial, ..config() }).await.unwrap();
        let kept = Arc::new(Kept::default());
        let mut passers = Passers::new(5, 2);
        let served = Served::start(&terminal, json!({}), &kept);
        pass(&terminal, &mut passers, 70).await;
        complete(&terminal, &kept).await;
        terminal.reboot();
        pass(&terminal, &mut passers, 70).await;
        complete(&terminal, &kept).await;
        let lost = kept.events();
        let lost = lost.last().unwrap();
        assert_eq!((lost.reason.as_str(), lost.replayed), ("implausible_time", true));
        assert!(lost.seen_at.duration_since(lost.ts) < SignedDuration::from_secs(60));
        assert!(kept.drift.lock().unwrap().unwrap() < -86_400_000);
        // Only when it is asked for, the clock is set.
        let reply = served.session.execute(Action::SetClock).await.unwrap();
        assert_eq!(reply["drift_ms"], 0);
        pass(&terminal, &mut passers, 40).await;
        complete(&terminal, &kept).await;
        assert_ne!(kept.events().last().unwrap().reason, "implausible_time");
        assert!(kept.serials().iter().all(|serial| serial.starts_with("1:")));
        assert_eq!(kept.missed(), Vec::<String>::new());
        served.stop().await;
        terminal.stop().await;
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_while_we_were_away_hides_nothing() {
    let terminal = Terminal::start(TerminalConfig { by_serial: false, ..config() }).await.unwrap();
    let kept = Arc::new(Kept::default());
    let mut passers = Passers::new(5, 2);
    let served = Served::start(&terminal, json!({}), &kept);
    pass(&terminal, &mut passers, 50).await;
    complete(&terminal, &kept).await;
    served.stop().await;
    terminal.set_clock_off(SignedDuration::from_hours(-3));
    pass(&terminal, &mut passers, 50).await;
    let served = Served::start(&terminal, json!({}), &kept);
    complete(&terminal, &kept).await;
    let drift = kept.drift.lock().unwrap().unwrap();
    assert!((drift + 3 * 3_600_000).abs() < 3_000, "{drift}");
    served.stop().await;
    terminal.stop().await;
}

#[tokio::test]
async fn what_the_ring_has_forgotten_is_said_to_be_missing() {
    let terminal = Terminal::start(TerminalConfig { capacity: 50, ..config() }).await.unwrap();
    let kept = Arc::new(Kept::default());
    let mut passers = Passers::new(5, 2);
    pass(&terminal, &mut passers, 10).await;
    let served = Served::start(&terminal, json!({}), &kept);
    complete(&terminal, &kept).await;
    served.stop().await;
    pass(&terminal, &mut passers, 100).await;
    let served = Served::start(&terminal, json!({}), &kept);
    until("what is left arrives", || kept.serials().last().is_some_and(|serial| serial == "1:110")).await;
    until("what is not is told", || !kept.missed().is_empty()).await;
    served.stop().await;
    assert_eq!(kept.events().len(), 60);
    assert_eq!(kept.missed(), ["the terminal does not have 50 events any more, numbers 11 to 60"]);
    terminal.stop().await;
}

#[tokio::test]
async fn another_terminal_at_the_same_address_is_another_count() {
    let first = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let mut passers = Passers::new(5, 2);
    pass(&first, &mut passers, 20).await;
    let served = Served::start(&first, json!({}), &kept);
    complete(&first, &kept).await;
    served.stop().await;
    first.stop().await;
    let second = Terminal::start(TerminalConfig { serial: "ANOTHER0000001".to_owned(), ..config() }).await.unwrap();
    pass(&second, &mut passers, 20).await;
    let served = Served::start(&second, json!({}), &kept);
    until("both are there", || kept.events().len() == 40).await;
    served.stop().await;
    let mut serials = kept.serials();
    assert_eq!((serials[0].as_str(), serials[20].as_str()), ("1:1", "2:1"));
    serials.sort();
    serials.dedup();
    assert_eq!(serials.len(), 40);
    second.stop().await;
}
