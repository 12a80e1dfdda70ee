//! Starting and stopping.

use std::time::Duration;

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::said;

#[test]
fn a_stop_by_sigterm_is_clean_and_fast() {
    let appliance = Appliance::start(Options::default());
    let data = appliance.data();
    assert!(data.join("listen.json").exists() && data.join("control.sock").exists());
    let stopped = appliance.stop();
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.place.log());
    assert!(stopped.took < Duration::from_secs(10));
    assert!(!data.join("listen.json").exists() && !data.join("control.sock").exists());
}

#[test]
fn an_idle_connection_does_not_hold_up_the_stop() {
    let appliance = Appliance::start(Options::default());
    let idle = std::net::TcpStream::connect(appliance.plain_address()).unwrap();
    let stopped = appliance.stop();
    assert_eq!(stopped.status.code(), Some(0));
    assert!(stopped.took < Duration::from_secs(10));
    drop(idle);
}

#[test]
fn a_second_process_on_the_same_folder_is_refused_with_a_sentence() {
    let appliance = Appliance::start(Options::default());
    let second = appliance.place().run(&["serve"]);
    assert_eq!(second.status.code(), Some(1));
    let text = said(&second);
    assert!(text.contains("is already in use by another nazorat process; stop that one first"), "{text}");
}

#[test]
fn an_address_in_use_is_named_with_its_key() {
    let appliance = Appliance::start(Options::default());
    let other = crate::support::appliance::Place::new();
    let output =
        other.command(&["serve"]).env("NAZORAT_HTTP__LISTEN", appliance.main_address().to_string()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output);
    assert!(text.contains(&format!("cannot listen at {}", appliance.main_address())), "{text}");
    assert!(text.contains("[http] listen"), "{text}");
}

#[test]
fn a_killed_appliance_starts_again_with_the_same_identity() {
    let appliance = Appliance::start(Options::default());
    let (token, ca) = (appliance.setup_token(), std::fs::read(appliance.ca()).unwrap());
    assert!(token.as_ref().is_some_and(|token| token.len() == 32));
    let again = Appliance::start(Options::again(appliance.kill()));
    assert_eq!(again.setup_token(), token);
    assert_eq!(std::fs::read(again.ca()).unwrap(), ca);
}

#[test]
fn secrets_in_the_data_folder_are_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let appliance = Appliance::start(Options::default());
    let mode = |name: &str| appliance.data().join(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("."), 0o700);
    for name in ["master.key", "setup-token", "control.sock", "pki/server.pem", "pki/root-1.pem", "install.json"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
}
