//! The adapter of port 4370 against a terminal with which everything goes wrong: nothing is missing, each event is there once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use nazorat::sim::zkteco::ClockFault;
use nazorat::sim::zkteco::Faults;
use nazorat::sim::zkteco::Split;
use nazorat::sim::zkteco::Terminal;
use nazorat::sim::zkteco::TerminalConfig;
use nazorat_terminals::zkteco::attendance::Layout;
use serde_json::Value;
use serde_json::json;

use super::kept::Kept;
use super::kept::Running;
use super::kept::open;
use super::kept::until;
use super::standalone::LIMIT;
use super::standalone::config;
use super::standalone::nth;

/// Some pass while things go wrong, then things go right again. What was logged must be there.
async fn nothing_is_missing_under(name: &str, config: TerminalConfig, faults: Faults) -> Arc<Kept> {
    nothing_is_missing_over(json!({}), name, config, faults).await
}

async fn nothing_is_missing_over(settings: Value, name: &str, config: TerminalConfig, faults: Faults) -> Arc<Kept> {
    let layout = config.layout;
    let terminal = Terminal::start(config).await.unwrap();
    terminal.fill(300);
    let kept = Arc::new(Kept::default());
    let session = open(Some(terminal.address()), settings, &kept);
    let running = Running::start(session);
    until("live", LIMIT, || kept.live() > 0).await;
    terminal.set_faults(Faults { reboot_for: Duration::from_millis(200), ..faults });
    for at in 0..60 {
        terminal.pass(nth(at));
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    terminal.set_faults(Faults::default());
    let wanted: BTreeSet<String> = terminal.log().iter().map(|one| one.serial(layout)).collect();
    let all_there = || kept.serials().into_iter().collect::<BTreeSet<_>>() == wanted;
    until("complete", LIMIT, all_there).await;
    let serials = kept.serials();
    assert_eq!(serials.len(), wanted.len(), "{name}: something is there that was never logged");
    running.stop().await;
    terminal.stop().await;
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missing_when_connections_break() {
    let text = || config(Layout::Text);
    let faults = Faults { close: 60, ..Faults::default() };
    nothing_is_missing_under("closed connections", text(), faults).await;
    let faults = Faults { silent: 40, ..Faults::default() };
    nothing_is_missing_under("connections that say nothing any more", text(), faults).await;
    let faults = Faults { reboot: 30, ..Faults::default() };
    nothing_is_missing_under("starts", text(), faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missing_when_datagrams_are_lost() {
    // What is lost is asked for again, except what might be done twice.
    let faults = Faults { close: 150, lose: 300, ..Faults::default() };
    nothing_is_missing_over(json!({"transport": "udp"}), "lost datagrams", config(Layout::Numbers), faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missing_when_events_are_lost_or_told_again() {
    for layout in [Layout::Old, Layout::Numbers, Layout::Text, Layout::Long] {
        let faults = Faults { lose: 500, duplicate: 500, ..Faults::default() };
        let kept = nothing_is_missing_under("lost and repeated events", config(layout), faults).await;
        assert_eq!(kept.handed_over(), kept.events().len(), "what is known already is not handed over again");
    }
    let faults = Faults { replay: true, close: 40, ..Faults::default() };
    nothing_is_missing_under("a log that is told again", config(Layout::Text), faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missing_however_slow_and_cut_up_the_answers_are() {
    let faults = Faults { split: Split::Bytes, ..Faults::default() };
    nothing_is_missing_under("every byte alone", config(Layout::Long), faults).await;
    let faults = Faults { split: Split::Random, slow: Duration::from_millis(40), ..Faults::default() };
    nothing_is_missing_under("cut anywhere, and slow", config(Layout::Numbers), faults).await;
    let faults = Faults { no_counts: true, lose: 300, ..Faults::default() };
    nothing_is_missing_under("nothing counted", config(Layout::Text), faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_that_is_cut_at_every_byte_is_whole_and_in_order() {
    let faults = Faults { split: Split::Bytes, replay: true, ..Faults::default() };
    let terminal = Terminal::start(TerminalConfig { faults, ..config(Layout::Text) }).await.unwrap();
    terminal.fill(400);
    let kept = Arc::new(Kept::default());
    let running = Running::start(open(Some(terminal.address()), json!({}), &kept));
    until("live", LIMIT, || kept.live() > 0).await;
    let wanted: Vec<String> = terminal.log().iter().map(|one| one.serial(Layout::Text)).collect();
    assert_eq!(kept.serials(), wanted);
    assert_eq!(running.stop().await, []);
    terminal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_within_a_long_answer_are_held_until_it_is_whole() {
    let faults = Faults { split: Split::Random, ..Faults::default() };
    let terminal = Terminal::start(TerminalConfig { faults, part: 200, ..config(Layout::Text) }).await.unwrap();
    terminal.fill(20_000);
    let kept = Arc::new(Kept::default());
    let running = Running::start(open(Some(terminal.address()), json!({}), &kept));
    let mut at = 0;
    // Somebody passes all the time that the log is read.
    while kept.live() == 0 {
        terminal.pass(nth(at));
        at += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    until("told all", LIMIT, || kept.events().len() == terminal.log().len()).await;
    let wanted: Vec<String> = terminal.log().iter().map(|one| one.serial(Layout::Text)).collect();
    assert!(at > 3 && kept.serials() == wanted, "{at} passed, in order");
    assert_eq!(running.stop().await, []);
    terminal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_lost_or_jumps_costs_no_event() {
    let faults = Faults { clock: ClockFault::Lost, ..Faults::default() };
    let kept = nothing_is_missing_under("a lost clock", config(Layout::Text), faults).await;
    let strange: Vec<_> = kept.events().into_iter().filter(|event| event.reason == "implausible_time").collect();
    assert_eq!(strange.len(), 60);
    assert!(strange.iter().all(|event| event.code.contains("2000-01-01") && event.ts == event.seen_at));
    let faults = Faults { clock: ClockFault::Jump(-7_200), ..Faults::default() };
    nothing_is_missing_under("a clock two hours behind", config(Layout::Text), faults).await;
    let faults = Faults { clock: ClockFault::Jump(400 * 86_400), ..Faults::default() };
    nothing_is_missing_under("a clock a year ahead", config(Layout::Long), faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_that_turns_and_a_log_that_is_erased_lose_nothing_that_was_told() {
    let terminal = Terminal::start(TerminalConfig { capacity: 50, ..config(Layout::Text) }).await.unwrap();
    terminal.fill(50);
    let kept = Arc::new(Kept::default());
    let session = open(Some(terminal.address()), json!({}), &kept);
    let running = Running::start(Arc::clone(&session));
    until("live", LIMIT, || kept.live() > 0).await;
    terminal.set_faults(Faults { lose: 400, ..Faults::default() });
    for at in 0..120 {
        terminal.pass(nth(at));
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    let count = || terminal.log().len();
    until("told the ring", LIMIT, || kept.events().len() == count()).await;
    terminal.erase_log();
    terminal.set_faults(Faults::default());
    for at in 120..125 {
        terminal.pass(nth(at));
    }
    until("told what came after", LIMIT, || kept.events().len() == count()).await;
    assert_eq!(running.stop().await, []);
    // Nothing of what was read is left, and nobody looked for a while.
    terminal.erase_log();
    for at in 130..140 {
        terminal.pass(nth(at));
    }
    let running = Running::start(open(Some(terminal.address()), json!({}), &kept));
    until("told the rest", LIMIT, || kept.events().len() == count()).await;
    assert!(kept.missed_anything().iter().any(|sentence| sentence.contains("erased")), "{:?}", kept.missed_anything());
    running.stop().await;
    terminal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_kept_comes_again() {
    let terminal = Terminal::start(config(Layout::Text)).await.unwrap();
    terminal.fill(1_700);
    let kept = Arc::new(Kept::default());
    kept.refuse(3);
    let running = Running::start(open(Some(terminal.address()), json!({}), &kept));
    until("live", LIMIT, || kept.live() > 0).await;
    assert_eq!(kept.handed_over(), 1_700);
    kept.refuse(2);
    for at in 0..10 {
        terminal.pass(nth(at));
    }
    until("kept all", LIMIT, || kept.events().len() == 1_710).await;
    let wanted: Vec<String> = terminal.log().iter().map(|one| one.serial(Layout::Text)).collect();
    assert_eq!(kept.serials(), wanted, "order is kept over failures");
    let ended = running.stop().await;
    assert!(ended.iter().any(|problem| problem.code() == "not_kept"), "{ended:?}");
    terminal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_lets_one_in_lets_us_in_again_and_again() {
    let faults = Faults { one_client: true, ..Faults::default() };
    let terminal = Terminal::start(TerminalConfig { faults, ..config(Layout::Text) }).await.unwrap();
    let kept = Arc::new(Kept::default());
    let session = open(Some(terminal.address()), json!({}), &kept);
    for round in 1..=5 {
        let running = Running::start(Arc::clone(&session));
        until("live", LIMIT, || kept.live() == round).await;
        session.probe().await.unwrap();
        assert_eq!(running.stop().await, [], "the place was free again at once");
        session.people().await.unwrap();
    }
    terminal.stop().await;
}
