//! Logins: one wrong try, then silence.

use std::sync::Arc;
use std::time::Duration;

use nazorat::adapters::Action;
use nazorat::adapters::DeviceError;
use nazorat::sim::hikvision::Hashes;
use nazorat::sim::hikvision::Terminal;
use nazorat::sim::hikvision::TerminalConfig;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Kept;
use super::config;
use super::session;

#[tokio::test]
async fn a_wrong_password_is_refused_twice_and_then_nothing_is_sent_any_more() {
    let terminal = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let session = session(terminal.address(), json!({ "password": "Demo-Pass-8" }), &kept);
    let told = session.run(CancellationToken::new()).await.unwrap_err();
    assert!(matches!(&told, DeviceError::Credentials(text) if text.contains("nothing more is tried")), "{told:?}");
    assert_eq!((terminal.refusals(), terminal.requests()), (2, 2));
    assert!(matches!(session.run(CancellationToken::new()).await, Err(DeviceError::Credentials(_))));
    assert!(matches!(session.execute(Action::Open { door: 1 }).await, Err(DeviceError::Credentials(_))));
    assert!(matches!(session.probe().await, Err(DeviceError::Credentials(_))));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(terminal.requests(), 2);
    terminal.stop().await;
}

#[tokio::test]
async fn a_nonce_that_is_too_old_is_no_wrong_password() {
    let terminal = Terminal::start(TerminalConfig { nonce_uses: 1, ..config() }).await.unwrap();
    let kept = Arc::new(Kept::default());
    let session = session(terminal.address(), json!({}), &kept);
    session.probe().await.unwrap();
    // Every nonce is good for one request: half of all requests are refused, and none of them is a wrong password.
    assert!(terminal.refusals() > 3);
    session.execute(Action::Open { door: 1 }).await.unwrap();
    assert_eq!(terminal.doors().len(), 1);
    terminal.stop().await;
}

#[tokio::test]
async fn either_hash_does() {
    for hashes in [Hashes::Md5, Hashes::Sha256, Hashes::Both] {
        let terminal = Terminal::start(TerminalConfig { hashes, ..config() }).await.unwrap();
        let kept = Arc::new(Kept::default());
        session(terminal.address(), json!({}), &kept).probe().await.unwrap();
        assert_eq!(terminal.refusals(), 1);
        terminal.stop().await;
    }
}

#[tokio::test]
async fn nobody_there_is_said_so() {
    let terminal = Terminal::start(config()).await.unwrap();
    let address = terminal.address();
    terminal.stop().await;
    let kept = Arc::new(Kept::default());
    let told = session(address, json!({}), &kept).run(CancellationToken::new()).await.unwrap_err();
    assert!(matches!(&told, DeviceError::Unreachable(text) if text.contains("refused")), "{told:?}");
}
