//! Doors: what is asked is done once, whatever the answer.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use nazorat::adapters::Action;
use nazorat::adapters::DeviceError;
use nazorat::sim::hikvision::Faults;
use nazorat::sim::hikvision::Terminal;
use serde_json::json;

use super::Kept;
use super::Served;
use super::complete;
use super::config;
use super::session;
use super::until;

#[tokio::test]
async fn a_door_is_opened_once_although_the_answer_never_comes() {
    let terminal = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let session = session(terminal.address(), json!({}), &kept);
    session.probe().await.unwrap();
    terminal.set_faults(Faults { slow: Duration::from_secs(40), ..Faults::default() });
    let told = session.execute(Action::Open { door: 1 }).await.unwrap_err();
    assert!(matches!(&told, DeviceError::Unreachable(text) if text.contains("may have done it")), "{told:?}");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(terminal.doors().len(), 1);
    terminal.stop().await;
}

#[tokio::test]
async fn doors_do_what_they_are_told_and_tell_it() {
    let terminal = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let served = Served::start(&terminal, json!({}), &kept);
    until("it is live", || kept.live.load(SeqCst) == 1).await;
    for action in
        [Action::Open { door: 1 }, Action::HoldOpen { door: 2 }, Action::Close { door: 2 }, Action::Lock { door: 2 }]
    {
        served.session.execute(action).await.unwrap();
    }
    let done: Vec<_> = terminal.doors().iter().map(|door| (door.door, door.command)).collect();
    assert_eq!(done, [(1, "open"), (2, "alwaysOpen"), (2, "close"), (2, "alwaysClose")]);
    complete(&terminal, &kept).await;
    let told: Vec<_> = kept.events().iter().map(|event| (event.code.clone(), event.reason.clone())).collect();
    assert_eq!(told[0], ("3/1024".to_owned(), "opened_remotely".to_owned()));
    served.stop().await;
    terminal.stop().await;
}

#[tokio::test]
async fn a_door_that_is_not_there_is_not_asked_for_and_never_all_at_once() {
    let terminal = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let session = session(terminal.address(), json!({}), &kept);
    for door in [0, 3, u16::MAX] {
        assert!(matches!(session.execute(Action::Open { door }).await, Err(DeviceError::Settings(_))));
    }
    assert_eq!((terminal.requests(), terminal.doors()), (0, Vec::new()));
    terminal.stop().await;
}

#[tokio::test]
async fn a_restart_is_asked_for_once_and_survived() {
    let terminal = Terminal::start(config()).await.unwrap();
    terminal.set_faults(Faults { reboot_for: Duration::from_millis(300), ..Faults::default() });
    let kept = Arc::new(Kept::default());
    let served = Served::start(&terminal, json!({}), &kept);
    until("it is live", || kept.live.load(SeqCst) == 1).await;
    served.session.execute(Action::Reboot).await.unwrap();
    until("it is back", || kept.live.load(SeqCst) == 2).await;
    served.stop().await;
    terminal.stop().await;
}
