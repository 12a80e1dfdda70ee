//! When all is well: catching up, then live, each event once.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use nazorat::adapters::Action;
use nazorat::sim::hikvision::Pass;
use nazorat::sim::hikvision::Passers;
use nazorat::sim::hikvision::Terminal;
use nazorat::sim::hikvision::TerminalConfig;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use serde_json::json;

use super::Kept;
use super::Served;
use super::complete;
use super::config;
use super::pass;
use super::session;
use super::until;

#[tokio::test]
async fn what_was_missed_comes_first_then_what_happens_and_nothing_comes_twice() {
    for subscribes in [false, true] {
        let terminal = Terminal::start(TerminalConfig { subscribes, ..config() }).await.unwrap();
        let kept = Arc::new(Kept::default());
        let mut passers = Passers::new(3, 2);
        pass(&terminal, &mut passers, 75).await;
        let served = Served::start(&terminal, json!({}), &kept);
        until("it is live", || kept.live.load(SeqCst) == 1).await;
        assert_eq!(kept.events().len(), 75, "all of it was there before it was live");
        pass(&terminal, &mut passers, 40).await;
        terminal.pass(Pass::unknown_card("0009000001", 1));
        complete(&terminal, &kept).await;
        assert_eq!(served.stop().await, []);
        // Away: what happens now is told by the log.
        pass(&terminal, &mut passers, 40).await;
        let served = Served::start(&terminal, json!({}), &kept);
        complete(&terminal, &kept).await;
        assert_eq!(served.stop().await, []);
        assert_eq!((kept.events().len(), kept.missed()), (terminal.log().len(), Vec::new()));
        let told = kept.events();
        let face = told.iter().find(|event| event.code == "5/75").unwrap();
        assert_eq!((face.outcome, face.credential, face.device), (AccessKind::Granted, Credential::Face, 7));
        assert!(told.iter().any(|event| event.outcome == AccessKind::Denied && event.reason == "unknown_card"));
        assert!(told.iter().all(|event| event.drift_ms == Some(0) && !event.replayed), "{told:?}");
        terminal.stop().await;
    }
}

#[tokio::test]
async fn a_stream_is_quicker_than_the_log() {
    let terminal = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let served = Served::start(&terminal, json!({}), &kept);
    until("it is live", || kept.live.load(SeqCst) == 1).await;
    pass(&terminal, &mut Passers::new(3, 1), 1).await;
    let asked = terminal.requests();
    until("the event is there", || kept.events().len() == 1).await;
    assert!(terminal.requests() <= asked + 1, "it came by the stream");
    assert_eq!(served.stop().await, []);
    terminal.stop().await;
}

#[tokio::test]
async fn it_is_asked_who_it_is_and_its_log_from_a_moment_on() {
    let storage = "regular".to_owned();
    let terminal = Terminal::start(TerminalConfig { storage, ..config() }).await.unwrap();
    let kept = Arc::new(Kept::default());
    pass(&terminal, &mut Passers::new(3, 1), 35).await;
    let probe = session(terminal.address(), json!({}), &kept).probe().await.unwrap();
    assert_eq!((probe.identity.model.as_str(), probe.capabilities.doors, probe.drift_ms), ("DS-K1T671M", 2, Some(0)));
    assert!(probe.capabilities.people && probe.capabilities.faces && probe.capabilities.most_people == Some(3000));
    assert_eq!(probe.warnings.len(), 1, "{:?}", probe.warnings);
    assert!(probe.warnings[0].contains("\"cycle\""), "{:?}", probe.warnings);
    let served = Served::start(&terminal, json!({}), &kept);
    complete(&terminal, &kept).await;
    let from = terminal.log()[0].at;
    let reply = served.session.execute(Action::ReadLog { from }).await.unwrap();
    assert_eq!(reply["events"], 35);
    assert_eq!(kept.events().len(), 70);
    complete(&terminal, &kept).await;
    assert_eq!(served.stop().await, []);
    terminal.stop().await;
}

#[tokio::test]
async fn what_could_not_be_kept_comes_again() {
    let terminal = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let mut passers = Passers::new(3, 2);
    pass(&terminal, &mut passers, 70).await;
    kept.failing.store(2, SeqCst);
    let served = Served::start(&terminal, json!({}), &kept);
    pass(&terminal, &mut passers, 30).await;
    complete(&terminal, &kept).await;
    kept.failing.store(3, SeqCst);
    pass(&terminal, &mut passers, 30).await;
    complete(&terminal, &kept).await;
    let ends = served.stop().await;
    assert!(ends.len() >= 2 && ends.iter().all(|end| end.code() == "not_kept"), "{ends:?}");
    assert_eq!(kept.events().len(), terminal.log().len());
    terminal.stop().await;
}
