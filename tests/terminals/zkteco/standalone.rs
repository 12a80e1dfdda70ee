//! The adapter of port 4370 against the simulated terminal, when nothing goes wrong.

use std::sync::Arc;
use std::time::Duration;

use nazorat::adapters::Action;
use nazorat::adapters::DeviceError;
use nazorat::adapters::Face;
use nazorat::adapters::Number;
use nazorat::adapters::Person;
use nazorat::sim::zkteco::Pass;
use nazorat::sim::zkteco::SimPerson;
use nazorat::sim::zkteco::Terminal;
use nazorat::sim::zkteco::TerminalConfig;
use nazorat_terminals::zkteco::attendance::Layout;
use nazorat_terminals::zkteco::users::Size;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;
use serde_json::json;

use super::kept::Kept;
use super::kept::Running;
use super::kept::open;
use super::kept::until;

pub(super) const LIMIT: Duration = Duration::from_secs(20);

pub(super) fn config(layout: Layout) -> TerminalConfig {
    TerminalConfig {
        listen: Some("127.0.0.1:0".parse().unwrap()),
        layout,
        users: if layout.bytes() < 40 { Size::Short } else { Size::Long },
        people: SimPerson::of_office(1, 12),
        part: 1_000,
        ..TerminalConfig::default()
    }
}

/// Somebody whom nobody has seen in this second: the number of the pass chooses the person and what they show.
pub(super) fn nth(at: usize) -> Pass {
    let states = [0, 1, 2, 3, 4, 5, 255];
    Pass::Person {
        number: (1_001 + at % 12).to_string(),
        verify: u8::try_from(at / 12 % 3).unwrap(),
        state: states[at / 36 % 7],
    }
}

fn person(number: &str, name: &str, cards: &[&str]) -> Person {
    Person {
        number: Number::parse(number).unwrap(),
        name: name.to_owned(),
        cards: cards.iter().map(|card| (*card).to_owned()).collect(),
        from: None,
        until: None,
        face: Face::AsItIs,
    }
}

async fn everything_comes_once(config: TerminalConfig, settings: serde_json::Value) {
    let layout = config.layout;
    let terminal = Terminal::start(config).await.unwrap();
    terminal.fill(1_234);
    let kept = Arc::new(Kept::default());
    let session = open(Some(terminal.address()), settings, &kept);
    let running = Running::start(Arc::clone(&session));
    until("live", LIMIT, || kept.live() > 0).await;
    let serials = |terminal: &Terminal| terminal.log().iter().map(|one| one.serial(layout)).collect::<Vec<_>>();
    assert_eq!(kept.serials(), serials(&terminal), "the backlog is whole and in order");
    assert!(kept.events().iter().all(|event| event.replayed));
    for at in 0..20 {
        terminal.pass(nth(at));
    }
    until("told all", LIMIT, || kept.events().len() == terminal.log().len()).await;
    assert_eq!(kept.serials(), serials(&terminal));
    assert_eq!(kept.handed_over(), terminal.log().len(), "nothing was handed over twice");
    let last = kept.events().pop().unwrap();
    assert_eq!(
        (last.person.as_str(), last.outcome, last.credential),
        ("1008", AccessKind::Granted, Credential::Fingerprint)
    );
    assert_eq!(last.direction, Direction::In);
    assert!(kept.drift_ms().unwrap().abs() < 1_500);
    assert_eq!(running.stop().await, []);
    terminal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_and_what_happens_come_once_and_in_order_from_every_size_of_record() {
    for layout in [Layout::Old, Layout::Numbers, Layout::Text, Layout::Long] {
        everything_comes_once(TerminalConfig { comm_key: 12_345, ..config(layout) }, json!({"comm_key": 12_345})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn they_do_over_udp_and_from_programs_that_prepare_nothing() {
    everything_comes_once(config(Layout::Numbers), json!({"transport": "udp"})).await;
    everything_comes_once(TerminalConfig { is_old: true, ..config(Layout::Text) }, json!({})).await;
    everything_comes_once(TerminalConfig { is_old: true, ..config(Layout::OldTimeLast) }, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_start_only_what_was_missed_is_fetched() {
    let terminal = Terminal::start(config(Layout::Text)).await.unwrap();
    terminal.fill(2_000);
    let kept = Arc::new(Kept::default());
    let running = Running::start(open(Some(terminal.address()), json!({}), &kept));
    until("live", LIMIT, || kept.live() == 1).await;
    assert_eq!(running.stop().await, []);
    assert_eq!(kept.handed_over(), 2_000);
    for at in 0..5 {
        terminal.pass(nth(at));
    }
    // Another process: it knows the place only.
    let running = Running::start(open(Some(terminal.address()), json!({}), &kept));
    until("live again", LIMIT, || kept.live() == 2).await;
    assert_eq!((kept.handed_over(), kept.events().len()), (2_005, 2_005));
    assert_eq!(running.stop().await, []);
    terminal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_shown_once_and_never_again() {
    let terminal = Terminal::start(TerminalConfig { comm_key: 1, ..config(Layout::Text) }).await.unwrap();
    let kept = Arc::new(Kept::default());
    let session = open(Some(terminal.address()), json!({"comm_key": 2}), &kept);
    for _ in 0..3 {
        let refused = session.probe().await.unwrap_err();
        assert_eq!(refused.code(), "device_credentials", "{refused}");
    }
    assert!(matches!(session.run(Default::default()).await, Err(DeviceError::Credentials(_))));
    assert_eq!(terminal.keys_shown(), 1);
    terminal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_who_it_is_and_does_what_is_asked_while_it_listens_and_while_it_does_not() {
    let terminal = Terminal::start(config(Layout::Text)).await.unwrap();
    terminal.fill(10);
    let kept = Arc::new(Kept::default());
    let session = open(Some(terminal.address()), json!({"unlock_unit": "seconds"}), &kept);
    for is_running in [false, true] {
        let running = is_running.then(|| Running::start(Arc::clone(&session)));
        if is_running {
            until("live", LIMIT, || kept.live() > 0).await;
        }
        let probe = session.probe().await.unwrap();
        assert_eq!((probe.identity.serial.as_str(), probe.identity.model.as_str()), ("SIM0000000001", "SpeedFace-V5L"));
        assert_eq!((probe.identity.firmware.as_str(), probe.capabilities.doors), ("Ver 6.60 Sep 19 2019", 1));
        assert_eq!(probe.capabilities.most_events, Some(100_000));
        let doors = terminal.doors().len();
        let reply = session.execute(Action::Open { door: 1 }).await.unwrap();
        assert_eq!((reply["open_secs"].as_u64(), terminal.doors()[doors].what.as_str()), (Some(3), "open 3"));
        for cannot in [Action::Open { door: 2 }, Action::HoldOpen { door: 1 }, Action::Lock { door: 1 }] {
            assert_eq!(session.execute(cannot).await.unwrap_err().code(), "device_cannot");
        }
        assert_eq!(terminal.doors().len(), doors + 1);
        session.execute(Action::SetClock).await.unwrap();
        let from = "2020-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(session.execute(Action::ReadLog { from }).await.unwrap()["events"], 10);
        session.execute(Action::Reboot).await.unwrap();
        if let Some(running) = running {
            until("back after a restart", LIMIT, || kept.live() > 1).await;
            let ended = running.stop().await;
            assert!(ended.iter().all(|problem| problem.code() == "device_unreachable"), "{ended:?}");
        }
        terminal.set_faults(Default::default());
    }
    assert_eq!(kept.events().len(), 10);
    terminal.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_read_added_changed_and_taken_off_but_never_administrators() {
    for layout in [Layout::Text, Layout::Numbers] {
        let terminal = Terminal::start(config(layout)).await.unwrap();
        let kept = Arc::new(Kept::default());
        let session = open(Some(terminal.address()), json!({}), &kept);
        let people = session.people().await.unwrap();
        assert_eq!((people.len(), people[0].is_admin, people[1].is_admin), (12, true, false));
        assert_eq!(people[1].cards.as_deref(), Some(&["1007922".to_owned()][..]));
        session.put_person(&person("2001", "Zarina", &["12345678"])).await.unwrap();
        session.put_person(&person("1002", "Bek", &[])).await.unwrap();
        let now = terminal.people();
        assert_eq!(now.len(), 13);
        assert_eq!((now[1].name.as_str(), now[1].card), ("Bek", 0));
        assert_eq!((now[12].number.as_str(), now[12].name.as_str(), now[12].card), ("2001", "Zarina", 12_345_678));
        session.remove_person(&Number::parse("2001").unwrap()).await.unwrap();
        session.remove_person(&Number::parse("nobody").unwrap()).await.unwrap();
        assert_eq!(terminal.people().len(), 12);
        let refused = session.remove_person(&Number::parse("1001").unwrap()).await.unwrap_err();
        assert_eq!(refused.code(), "device_refused");
        let refused = session.put_person(&person("1001", "Somebody else", &[])).await.unwrap_err();
        assert_eq!(refused.code(), "device_refused");
        let several = session.put_person(&person("1003", "Two", &["1", "2"])).await.unwrap_err();
        assert_eq!(several.code(), "device_cannot");
        assert_eq!(terminal.people().len(), 12);
        terminal.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_stream_tells_comes_too() {
    let terminal = Terminal::start(config(Layout::Text)).await.unwrap();
    let kept = Arc::new(Kept::default());
    let running = Running::start(open(Some(terminal.address()), json!({}), &kept));
    until("live", LIMIT, || kept.live() > 0).await;
    assert_eq!(terminal.pass(Pass::Stranger { card: 4_711 }), 0);
    assert_eq!(terminal.pass(Pass::Button), 0);
    until("told both", LIMIT, || kept.events().len() == 2).await;
    let events = kept.events();
    assert_eq!((events[0].outcome, events[0].reason.as_str()), (AccessKind::Denied, "unknown_person"));
    assert_eq!((events[1].outcome, events[1].reason.as_str()), (AccessKind::Door, "exit_button"));
    assert_ne!(events[0].serial, events[1].serial);
    assert_eq!(running.stop().await, []);
    terminal.stop().await;
}
