//! A damaged store is never mistaken for a new one.

use std::path::Path;

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::Place;

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
