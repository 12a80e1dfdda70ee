//! A damaged store is never mistaken for a new one.

use std::path::Path;
use std::time::Duration;

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::Place;
use crate::support::appliance::said;
use crate::support::appliance::wait_until;
use crate::support::tools::strace;

/// What happens to a file while nobody looks after it.
type Damage = fn(&Path);

/// Starts, expects the refusal with this sentence, and that nothing in the folder was made anew.
fn refused(place: Place, sentence: &str) -> Place {
    let stopped = Appliance::try_start(Options::again(place)).err().unwrap();
    let log = stopped.place.log();
    assert_eq!(stopped.status.code(), Some(1), "{log}");
    assert!(log.contains(sentence), "{log}");
    stopped.place
}

fn used() -> Place {
    Appliance::start(Options::default()).stop().place
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_store_that_is_gone_is_not_made_anew() {
    let place = used();
    std::fs::remove_file(place.data().join("nazorat.redb")).unwrap();
    let place = refused(place, "is missing or empty; it was lost or exchanged");
    assert!(!place.data().join("nazorat.redb").exists());
}

#[test]
fn a_store_with_a_zeroed_head_is_not_made_anew() {
    let place = used();
    change(&place.data().join("nazorat.redb"), |bytes| bytes[..512].fill(0));
    refused(place, "nazorat doctor --restore-export");
}

#[test]
fn a_store_that_was_cut_is_not_made_anew() {
    for length in [0, 100, 4_096, 40_000] {
        let place = used();
        change(&place.data().join("nazorat.redb"), |bytes| bytes.truncate(length));
        refused(place, "nazorat doctor --restore-export");
    }
}

#[test]
fn a_lost_master_key_is_not_made_anew() {
    let place = used();
    std::fs::remove_file(place.data().join("master.key")).unwrap();
    refused(place, "master.key is missing");
}

#[test]
fn the_store_of_another_installation_is_refused() {
    let (place, other) = (used(), used());
    std::fs::copy(other.data().join("nazorat.redb"), place.data().join("nazorat.redb")).unwrap();
    refused(place, "it was lost or exchanged");
}

/// A set up place with an export, left by a kill.
fn set_up() -> Place {
    let place = Place::new();
    assert!(place.init().status.success());
    let appliance = Appliance::start(Options::again(place));
    let exports = appliance.data().join("exports");
    let made = || {
        std::fs::read_dir(&exports)
            .is_ok_and(|files| files.flatten().any(|file| file.file_name().to_string_lossy().ends_with(".jsonl.zst")))
    };
    assert!(wait_until(Duration::from_secs(30), made), "there is no export");
    appliance.kill()
}

#[test]
fn f27_redb_crash_and_not_empty() {
    let original = set_up();
    let damages: [(&str, Damage); 4] = [
        ("a zeroed head", |path| change(path, |bytes| bytes[..4_096].fill(0))),
        ("a cut file", |path| change(path, |bytes| bytes.truncate(bytes.len() / 2))),
        ("an empty file", |path| change(path, |bytes| bytes.clear())),
        ("no file", |path| std::fs::remove_file(path).unwrap()),
    ];
    for (name, damage) in damages {
        let place = original.copy();
        damage(&place.data().join("nazorat.redb"));
        let place = refused(place, "nazorat doctor --restore-export");
        assert!(!place.log().contains("/setup?token="), "{name} looked like a first run");
        assert_eq!(place.run(&["doctor"]).status.code(), Some(1), "{name}");
        let restored = place.run(&["doctor", "--restore-export"]);
        assert_eq!(restored.status.code(), Some(0), "{name}: {}", said(&restored));
        let token = place.run(&["operator", "token", "--operator", "malika"]);
        assert!(said(&token).starts_with("nzt_"), "{name}: {}", said(&token));
        let appliance = Appliance::start(Options::again(place));
        assert_eq!(appliance.setup_token(), None, "{name}");
    }
}

/// Every change that was reported as done is there after a kill at any flush, and nothing in between breaks the store.
#[test]
fn f27_no_reported_change_is_lost_at_a_kill() {
    let place = Place::new();
    assert!(place.init().status.success());
    let password = place.password("another long sentence");
    let exists = |login: &str| said(&place.run(&["operator", "token", "--operator", login])).starts_with("nzt_");
    let mut kills = 0;
    for flush in 1..200 {
        let login = format!("operator{flush}");
        let add = place.command(&["operator", "add", "--operator", &login, "--password-file", &password]);
        let mut traced = std::process::Command::new(strace());
        traced.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e"]);
        traced.arg(format!("inject=fsync,fdatasync:signal=KILL:when={flush}"));
        traced.arg(add.get_program()).args(add.get_args());
        traced.envs(add.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let done = traced.output().unwrap().status.success();
        if done {
            assert!(exists(&login), "{login} was reported as made and is gone");
            break;
        }
        kills += 1;
        assert!(exists("malika"), "the store did not survive a kill at flush {flush}");
    }
    assert!((2..199).contains(&kills), "{kills} kills");
}
