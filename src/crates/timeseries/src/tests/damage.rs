//! Damaged files: noticed, kept, and never in the way of the others.

use std::fs;

use crate::files::wal_of;
use crate::tests::world::World;
use crate::tests::world::apply_windows;
use crate::tests::world::flip;
use crate::tests::world::november;

const FILE: &str = "1/active_windows/2026-11.duckdb";

#[test]
fn f18_a_truncated_log_loses_rows_only_together_with_their_ledger_rows() {
    let world = World::new();
    world.windows("safe", 1, november().start_us(), 10);
    assert!(world.hub.checkpoint().is_complete());
    for n in 0..5 {
        world.windows(&format!("logged {n}"), 1, november().start_us(), 10);
    }
    let wal = fs::metadata(wal_of(&world.file("2026-11.duckdb"))).unwrap().len();
    let mut lost_somewhere = 0;
    for step in 0..24 {
        let cut = wal * step / 24;
        let world = world.crash(|events| {
            let log = fs::OpenOptions::new().write(true).open(wal_of(&events.join(FILE))).unwrap();
            log.set_len(cut).unwrap();
        });
        let known = (0..5).filter(|n| world.knows(&format!("logged {n}"))).count() as u64;
        assert!(world.knows("safe"));
        assert_eq!(world.count().rows, 10 + 10 * known, "cut at {cut}");
        lost_somewhere += 5 - known;
        for n in 0..5 {
            world.windows(&format!("logged {n}"), 1, november().start_us(), 10);
        }
        assert_eq!(world.count().rows, 60, "cut at {cut}");
        assert!(world.hub.checkpoint().is_complete());
    }
    assert!(lost_somewhere > 0);
}

#[test]
fn f19_a_log_with_a_wrong_bit_is_set_aside_and_the_rest_goes_on() {
    let world = World::new();
    world.windows("safe", 1, november().start_us(), 10);
    apply_windows(&world.hub, "december", 1, november().next().start_us(), 10);
    assert!(world.hub.checkpoint().is_complete());
    for n in 0..5 {
        world.windows(&format!("logged {n}"), 1, november().start_us(), 10);
    }
    let wal = fs::metadata(wal_of(&world.file("2026-11.duckdb"))).unwrap().len();
    let world = world.crash(|events| flip(&wal_of(&events.join(FILE)), wal / 2));
    let count = world.count();
    assert_eq!(count.rows, 10, "december is whole");
    assert_eq!(count.incomplete.len(), 1, "{count:?}");
    let names: Vec<_> = fs::read_dir(world.file("")).unwrap().map(|item| item.unwrap().file_name()).collect();
    assert_eq!(names.iter().filter(|name| name.to_string_lossy().contains(".corrupt.")).count(), 2, "{names:?}");

    let applied = world.windows("logged 0", 1, november().start_us(), 10);
    assert_eq!((applied.partition.generation, applied.rows), (2, 10));
    let world = world.restart();
    let count = world.count();
    assert_eq!((count.rows, count.incomplete.len()), (20, 1));
}

#[test]
fn a_lost_list_is_made_anew_from_the_files() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    assert!(world.hub.checkpoint().is_complete());
    let world = world.crash(|events| fs::write(events.join("1/active_windows/catalog.json"), "{").unwrap());
    assert_eq!(world.hub.findings().len(), 2);
    assert_eq!(world.count().rows, 10);
    assert_eq!(world.windows("a", 1, november().start_us(), 10).rows, 0);
    assert_eq!(world.windows("b", 1, november().start_us(), 10).rows, 10);
}

#[test]
fn foreign_and_missing_files_are_reported_and_not_touched() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    assert!(world.hub.checkpoint().is_complete());
    let world = world.crash(|events| {
        fs::remove_file(events.join(FILE)).unwrap();
        fs::write(events.join("1/active_windows/notes.txt"), "x").unwrap();
    });
    let found: Vec<_> = world.hub.findings().iter().map(|finding| finding.what).collect();
    assert!(found.contains(&"foreign") && found.contains(&"missing"), "{found:?}");
    assert!(world.file("notes.txt").exists());
    let count = world.count();
    assert_eq!((count.rows, count.incomplete.len()), (0, 1));
}

#[test]
fn a_file_whose_probe_dies_or_hangs_is_set_aside() {
    for script in ["kill -SEGV $$", "exec sleep 60"] {
        let world = World::new();
        world.windows("logged", 1, november().start_us(), 10);
        let world = world.crash_with(
            |_| {},
            |config| {
                let args = vec!["-c".to_owned(), script.to_owned()];
                config.probe = crate::Probe::Command { exe: "/bin/sh".into(), args };
                config.probe_timeout = std::time::Duration::from_millis(200);
            },
        );
        let count = world.count();
        assert_eq!((count.rows, count.incomplete.len()), (0, 1), "{script}");
        assert_eq!(world.windows("logged", 1, november().start_us(), 10).partition.generation, 2);
    }
}

#[test]
fn a_probe_that_cannot_be_run_condemns_no_file() {
    let world = World::new();
    world.windows("logged", 1, november().start_us(), 10);
    let world = world.crash_with(
        |_| {},
        |config| {
            config.probe = crate::Probe::Command { exe: "/does/not/exist".into(), args: vec![] };
        },
    );
    assert!(world.hub.count(&crate::tests::world::everything()).is_err());
    let world = world.restart();
    assert_eq!(world.count().rows, 10);
}

#[test]
fn a_clean_close_needs_no_probe() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    assert!(world.hub.checkpoint().is_complete());
    let crate::tests::world::World { dir, hub } = world;
    drop(hub);
    let mut config = crate::tests::world::config(dir.path());
    config.probe = crate::Probe::Command { exe: "/does/not/exist".into(), args: vec![] };
    let world = World { dir, hub: crate::Hub::open(config).unwrap() };
    assert_eq!(world.count().rows, 10);
}
