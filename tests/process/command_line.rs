//! Usage, exit codes, and orders to a running appliance.

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::Place;
use crate::support::appliance::said;

#[test]
fn wrong_usage_is_exit_code_64() {
    let place = Place::new();
    for arguments in [&["fly"][..], &["serve", "--fast"], &[]] {
        assert_eq!(place.run(arguments).status.code(), Some(64), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["--version"], &["version"], &["help", "serve"]] {
        assert_eq!(place.run(arguments).status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn the_doctor_looks_at_a_running_and_at_a_stopped_appliance() {
    let appliance = Appliance::start(Options::default());
    let running = appliance.place().run(&["doctor"]);
    assert_eq!(running.status.code(), Some(0), "{}", said(&running));
    let stopped = appliance.stop();
    let cold = stopped.place.run(&["doctor"]);
    assert_eq!(cold.status.code(), Some(0), "{}", said(&cold));
    for check in ["folder", "store", "integrity", "export", "certificate", "clock", "disk"] {
        for output in [&running, &cold] {
            assert!(said(output).contains(&format!("ok    {check}")), "{}", said(output));
        }
    }
}

#[test]
fn an_order_reaches_an_appliance_in_a_very_deep_folder() {
    // Longer than the path of a socket may be.
    let appliance = Appliance::start(Options::again(Place::deep()));
    assert!(appliance.data().as_os_str().len() > 120);
    let output = appliance.place().run(&["doctor"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn an_installation_can_be_set_up_from_a_script() {
    let place = Place::new();
    let init = place.init();
    assert_eq!(init.status.code(), Some(0), "{}", said(&init));
    assert_eq!(said(&init), "organization 1 (Example) and ADMIN malika are ready\n");
    let again = place.init();
    assert_eq!((again.status.code(), said(&again).as_str()), (Some(1), "nazorat: first run was already done\n"));
    let appliance = Appliance::start(Options::again(place));
    assert_eq!(appliance.setup_token(), None);
    assert!(!appliance.data().join("setup-token").exists());
}

#[tokio::test]
async fn orders_to_a_running_appliance_have_effect_at_once() {
    let appliance = Appliance::start(Options::default());
    let client = appliance.client();
    let token = appliance.setup_token();
    assert!(token.is_some() && appliance.data().join("setup-token").exists());
    let before = client.get(appliance.https("/anything")).send().await.unwrap();
    assert_eq!(before.status(), http::StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(appliance.place().init().status.code(), Some(0));
    let after = client.get(appliance.https("/anything")).send().await.unwrap();
    assert_ne!(after.status(), http::StatusCode::SERVICE_UNAVAILABLE);
    assert!(!appliance.data().join("setup-token").exists());
    let token = said(&appliance.place().run(&["operator", "token", "--operator", "malika", "--expires", "7"]));
    let metrics = client.get(appliance.https("/metrics")).bearer_auth(token.trim()).send().await.unwrap();
    assert_eq!(metrics.status(), http::StatusCode::OK);
}

#[test]
fn operators_and_keys_are_made_with_and_without_a_running_appliance() {
    let place = Place::new();
    place.init();
    let work = |place: &Place, login: &str| {
        let password = place.password("another long sentence");
        let add = ["operator", "add", "--operator", login, "--role", "hr", "--organization", "1"];
        let added = place.run(&[&add[..], &["--password-file", &password]].concat());
        assert_eq!((added.status.code(), said(&added)), (Some(0), format!("operator {login} is HR\n")));
        let reset =
            place.run(&["operator", "reset-password", "--operator", login, "--password-file", password.as_str()]);
        assert_eq!(reset.status.code(), Some(0), "{}", said(&reset));
        let key = place.run(&["api-key", "create", "--organization", "1", "--name", "front desk"]);
        assert!(said(&key).starts_with("nzk_"), "{}", said(&key));
    };
    work(&place, "cold");
    let appliance = Appliance::start(Options::again(place));
    work(appliance.place(), "warm");
    let unknown = appliance.place().run(&["operator", "token", "--operator", "nobody"]);
    assert_eq!(
        (unknown.status.code(), said(&unknown).as_str()),
        (Some(1), "nazorat: operator \"nobody\" does not exist\n")
    );
}

#[test]
fn a_bad_password_is_refused_in_words() {
    let place = Place::new();
    let file = place.password("short");
    let output = place.run(&["init", "--organization", "Example", "--admin", "malika", "--password-file", &file]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("password needs at least 10 letters"), "{}", said(&output));
}
