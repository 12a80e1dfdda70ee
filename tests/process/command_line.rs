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
