//! A backlog that a person carries from a gateway to the appliance, as real processes.

use std::path::Path;
use std::path::PathBuf;
use std::process::Output;

use nazorat_wire::carry::Frames;
use serde_json::Value;
use serde_json::json;

use super::branch::World;
use super::journal::Journal;
use super::office::Closed;
use super::office::Office;
use super::office::post;
use crate::support::agent::Desk;
use crate::support::agent::free_port;
use crate::support::appliance::Place;
use crate::support::appliance::said;

fn export(desk: &Desk, file: &Path) -> Output {
    desk.command().arg("export-buffer").arg(file).output().unwrap()
}

fn import(place: &Place, file: &Path) -> Output {
    place.run(&["import-buffer", file.to_str().unwrap()])
}

/// A branch without a line, with so many batches of ten events that wait.
async fn cut_off(batches: u64) -> (World, Journal, tempfile::TempDir, PathBuf) {
    let (mut world, mut journal) = (World::new().await, Journal::new());
    let before = journal.batch(5);
    assert!(world.send(&mut journal, &before).await);
    world.drained().await;
    world.kill_appliance();
    for _ in 0..batches {
        let batch = journal.batch(10);
        assert!(world.send(&mut journal, &batch).await);
    }
    let stick = tempfile::tempdir().unwrap();
    let file = stick.path().join("chilonzor.backlog");
    (world, journal, stick, file)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_carried_by_hand_is_stored_once_also_when_the_line_is_back() {
    let (mut world, mut journal, stick, file) = cut_off(12).await;
    let exported = export(world.gateway().desk(), &file);
    assert_eq!(exported.status.code(), Some(0), "{}", said(&exported));
    assert!(said(&exported).contains("with 120 events") && said(&exported).contains("sealed"), "{}", said(&exported));
    let bytes = std::fs::read(&file).unwrap();
    assert!(!bytes.windows(8).any(|some| some == b"document"), "whoever finds it reads nothing");
    assert_eq!(std::fs::read_dir(stick.path()).unwrap().count(), 1, "nothing is left over");
    let again = export(world.gateway().desk(), &file);
    assert!(again.status.code() == Some(1) && said(&again).contains("exists already"), "{}", said(&again));
    // What comes after the export waits for the line.
    let later = journal.batch(7);
    assert!(world.send(&mut journal, &later).await);
    let desk = world.gateway.take().unwrap().kill();

    world.open();
    let office = world.office.as_ref().unwrap();
    let imported = import(office.appliance.place(), &file);
    let told = said(&imported);
    assert_eq!(imported.status.code(), Some(0), "{told}");
    assert!(told.contains("Backlog of Chilonzor (Example)") && told.contains("new with 120 events, 0 were"), "{told}");
    let imported = import(office.appliance.place(), &file);
    assert!(said(&imported).contains("0 were new with 0 events"), "{}", said(&imported));
    office.applied(120).await;
    let audit = office.manage("GET", "/api/v1/audit?organization_id=1&action=gateway.import", None).await;
    let items = audit.body["items"].as_array().unwrap();
    let detail = |item: &Value, name: &str| item["detail"][name].clone();
    assert_eq!(items.len(), 2, "{audit:?}");
    assert_eq!((detail(&items[1], "events"), detail(&items[0], "events")), (120.into(), 0.into()));
    assert_eq!(detail(&items[1], "whole"), Value::Bool(true));

    world.gateway = Some(desk.start());
    world.drained().await;
    assert!(world.status().await["uplink"]["duplicates"].as_u64().unwrap() > 0);
    let stored = journal.acknowledged();
    let closed = world.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_is_carried_between_boxes_that_do_not_run() {
    let (mut world, journal, _stick, file) = cut_off(4).await;
    let desk = world.gateway.take().unwrap().stop();
    let exported = export(&desk, &file);
    assert!(exported.status.success() && said(&exported).contains("with 40 events"), "{}", said(&exported));
    let place = &world.closed.as_ref().unwrap().place;
    let imported = import(place, &file);
    assert!(imported.status.success() && said(&imported).contains("new with 40 events"), "{}", said(&imported));
    world.open();
    world.office.as_ref().unwrap().applied(40).await;
    world.gateway = Some(desk.start());
    let stored = journal.acknowledged();
    let closed = world.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_or_foreign_backlog_is_refused_with_the_place_and_does_no_harm() {
    let (mut world, mut journal, stick, file) = cut_off(1).await;
    assert!(export(world.gateway().desk(), &file).status.success());
    // Another batch is another piece of the next file.
    let more = journal.batch(6);
    assert!(world.send(&mut journal, &more).await);
    let file = stick.path().join("second");
    let exported = export(world.gateway().desk(), &file);
    assert!(exported.status.success() && said(&exported).contains("batches   2 with 16"), "{}", said(&exported));
    let desk = world.gateway.take().unwrap().stop();
    world.open();
    let place = world.office.as_ref().unwrap().appliance.place();

    let good = std::fs::read(&file).unwrap();
    let spoiled = stick.path().join("spoiled");
    let refused = |bytes: &[u8], code: i32, words: &[&str]| {
        std::fs::write(&spoiled, bytes).unwrap();
        let told = import(place, &spoiled);
        assert_eq!(told.status.code(), Some(code), "{}", said(&told));
        for word in words {
            assert!(said(&told).contains(word), "{word}: {}", said(&told));
        }
    };
    refused(b"a letter", 1, &["spoiled cannot be used", "no backlog of a gateway"]);
    let elsewhere = Closed::new();
    let told = import(&elsewhere.place, &file);
    assert!(told.status.code() == Some(1) && said(&told).contains("key is not known here"), "{}", said(&told));
    // A byte of the second piece.
    let mut bytes = good.clone();
    let mut frames = Frames::open(&*good).unwrap();
    let places: Vec<_> = std::iter::from_fn(|| frames.read_next().unwrap()).map(|frame| frame.at as usize).collect();
    bytes[places[1] + 40] ^= 1;
    refused(&bytes, 1, &[&format!("damaged at byte {}", places[1]), "was taken in", "1 were new with 10 events"]);
    refused(&good[..good.len() - 1], 1, &["cut short at byte", "1 were new with 6 events, 1 were here already"]);
    refused(&good, 0, &["0 were new with 0 events, 2 were here already"]);

    world.gateway = Some(desk.start());
    let stored = journal.acknowledged();
    let closed = world.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_that_sends_with_a_plain_key_is_carried_for_as_well() {
    let office = Office::new();
    let nobody = format!("http://{}", free_port());
    let gateway = Desk::gateway(&nobody, &office.key, None).start();
    let code = std::fs::read_to_string(gateway.desk().data().join("gateway/join-code")).unwrap();
    let body = json!({ "join_code": code.trim(), "computer_uid": "uid-1", "name": "uid-1" });
    let joined = office.http.post(gateway.url("/local/agent/join")).json(&body).send().await.unwrap();
    let joined: Value = joined.json().await.unwrap();
    let mut journal = Journal::new();
    let nothing = tempfile::tempdir().unwrap();
    let file = nothing.path().join("stick");
    let told = export(gateway.desk(), &file);
    assert!(told.status.success() && said(&told).contains("Nothing waits") && !file.exists(), "{}", said(&told));
    let batch = journal.batch(9);
    let key = joined["key"].as_str().unwrap();
    let sent = post(&office.http, &gateway.url("/local/agent/logs"), key, &batch).await.unwrap();
    assert_eq!(sent.status, 200, "{sent:?}");
    journal.acknowledge(&batch);
    let told = export(gateway.desk(), &file);
    assert!(told.status.success(), "{}", said(&told));
    let told = import(office.appliance.place(), &file);
    assert!(told.status.success() && said(&told).contains("new with 9 events"), "{}", said(&told));
    office.applied(9).await;
    drop(gateway);
    let closed = office.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len(), 9);
}
