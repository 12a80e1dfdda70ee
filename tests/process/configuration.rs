//! What a wrong configuration leads to.

use std::path::Path;

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::Place;
use crate::support::appliance::said;

#[test]
fn an_unknown_key_stops_the_start_with_file_and_line() {
    let options = Options { config: Some("[http]\n\nlissten = \"127.0.0.1:1\"\n"), ..Options::default() };
    let stopped = Appliance::try_start(options).err().unwrap();
    assert_eq!(stopped.status.code(), Some(64));
    let log = stopped.place.log();
    assert!(log.contains("nazorat.toml, line 3: [http] lissten: unknown key `lissten`"), "{log}");
}

#[test]
fn a_wrong_variable_is_named() {
    let output = Place::new().command(&["serve"]).env("NAZORAT_INGEST__ACTIVITYWATCH", "perhaps").output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(said(&output).contains("environment variable NAZORAT_INGEST__ACTIVITYWATCH"), "{}", said(&output));
}

#[test]
fn the_committed_example_is_what_the_program_prints() {
    let output = Place::new().run(&["config", "show", "--defaults"]);
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("appliance/nazorat.toml");
    let committed = std::fs::read_to_string(committed).unwrap_or_default();
    assert!(
        String::from_utf8_lossy(&output.stdout) == committed,
        "write it anew: cargo run -- config show --defaults > appliance/nazorat.toml"
    );
}

#[test]
fn config_show_prints_what_is_in_force() {
    let output = Place::new().command(&["config", "show"]).env("NAZORAT_INGEST__ACCEPT_DAYS", "7").output().unwrap();
    let text = said(&output);
    assert!(text.contains("accept_days = 7\n") && text.contains("listen = \"127.0.0.1:0\"\n"), "{text}");
}

#[test]
fn config_check_finds_what_only_a_start_would() {
    let place = Place::new();
    let good = place.run(&["config", "check"]);
    assert_eq!((good.status.code(), said(&good).as_str()), (Some(0), "the configuration can be used\n"));
    let bad = place.command(&["config", "check"]).env("NAZORAT_HTTP__TLS_KEY", "key.pem").output().unwrap();
    assert_eq!(bad.status.code(), Some(64));
    assert!(said(&bad).contains("[http] tls_certificate"), "{}", said(&bad));
    for (address, key) in
        [("NAZORAT_GATEWAY__SERVER", "[gateway] key_file"), ("NAZORAT_AGENT__FORWARD_TO", "[agent] key_file")]
    {
        let bad = place.command(&["config", "check"]).env(address, "https://x:8443").output().unwrap();
        assert_eq!(bad.status.code(), Some(64));
        assert!(said(&bad).contains(key), "{}", said(&bad));
    }
}
