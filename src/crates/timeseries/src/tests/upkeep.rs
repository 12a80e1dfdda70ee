//! Sealing, scrubbing and removing.

use std::collections::BTreeSet;
use std::fs;

use proptest::prelude::*;

use crate::Dataset;
use crate::Order;
use crate::PartitionId;
use crate::Problem;
use crate::State;
use crate::tests::world::MINUTE;
use crate::tests::world::World;
use crate::tests::world::apply_windows;
use crate::tests::world::flip;
use crate::tests::world::key;
use crate::tests::world::november;

fn first() -> PartitionId {
    PartitionId { key: key(), generation: 1 }
}

const SEALED: &str = "2026-11-r2.duckdb";

#[test]
fn late_events_of_a_sealed_month_go_to_a_new_generation() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    world.hub.seal(first()).unwrap();
    assert_eq!(world.windows("a", 1, november().start_us(), 10).rows, 0);
    assert_eq!(world.hub.partitions(1).len(), 1, "nothing new, so no new file");
    assert_eq!(world.windows("late", 1, november().start_us(), 10).partition.generation, 2);
    assert!(world.hub.checkpoint().is_complete());
    world.hub.verify(first()).unwrap();
    assert!(world.hub.seal(first()).is_err());
    let world = world.restart();
    assert_eq!(world.hub.findings(), []);
    assert_eq!(world.count().rows, 20);
    let states: Vec<_> = world.hub.partitions(1).iter().map(|info| info.state).collect();
    assert_eq!(states, [State::Sealed, State::Open]);
}

#[test]
fn a_seal_cut_short_leaves_one_whole_file() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    assert!(world.hub.checkpoint().is_complete());
    let before = fs::read(world.file("2026-11.duckdb")).unwrap();
    world.hub.seal(first()).unwrap();
    // Power went after the switch: the old file is still there.
    let after = world.crash(|events| fs::write(events.join("1/active_windows/2026-11.duckdb"), &before).unwrap());
    assert_eq!((after.count().rows, after.hub.findings().len()), (10, 0));
    assert!(!after.file("2026-11.duckdb").exists());
    // Power went before the switch: the new file is there, whole or not, and the list names the old one.
    let list = fs::read_to_string(world.file("catalog.json")).unwrap();
    let list = list.replace("\"revision\": 2", "\"revision\": 1").replace("\"sealed\"", "\"open\"");
    let early = world.crash(|events| {
        let dir = events.join("1/active_windows");
        fs::write(dir.join("2026-11.duckdb"), &before).unwrap();
        fs::write(dir.join("catalog.json"), &list).unwrap();
        fs::write(dir.join("2026-11-r2.duckdb.new"), "half").unwrap();
    });
    assert_eq!((early.count().rows, early.hub.findings().len()), (10, 0));
    assert!(!early.file(SEALED).exists() && !early.file("2026-11-r2.duckdb.new").exists());
    early.hub.seal(first()).unwrap();
    assert_eq!(early.count().rows, 10);
}

/// A sealed november that is going to be damaged, and a december that must not notice.
fn sealed() -> World {
    let world = World::new();
    for n in 0..10 {
        world.windows(&format!("batch {n}"), n, november().start_us(), 1000);
    }
    apply_windows(&world.hub, "december", 1, november().next().start_us(), 10);
    assert!(world.hub.checkpoint().is_complete());
    world.hub.seal(first()).unwrap();
    world
}

fn damaged(world: &World, damage: impl FnOnce(&std::path::Path)) -> World {
    world.crash(|events| damage(&events.join("1/active_windows").join(SEALED)))
}

fn check_reported(world: &World) {
    let page = world.page(Order::Oldest, None, 100_000);
    assert_eq!(page.rows.len(), 10, "december is whole");
    let problems: Vec<_> = page.incomplete.iter().map(|problem| (problem.partition, problem.problem)).collect();
    assert_eq!(problems, [(first(), Problem::Quarantined)]);
    assert_eq!(world.windows("again", 1, november().start_us(), 10).partition.generation, 2);
}

#[test]
fn f20_a_sealed_file_with_a_wrong_bit_is_found_by_the_scrub_and_named() {
    let world = sealed();
    let size = fs::metadata(world.file(SEALED)).unwrap().len();
    for part in [1, 4, 7] {
        let world = damaged(&world, |file| flip(file, size * part / 8));
        assert!(world.hub.verify(first()).is_err(), "part {part}");
        check_reported(&world);
    }
}

#[test]
fn f20_a_sealed_file_with_a_wrong_bit_never_gives_a_wrong_total_silently() {
    let world = sealed();
    let size = fs::metadata(world.file(SEALED)).unwrap().len();
    for part in 1..16 {
        let world = damaged(&world, |file| flip(file, size * part / 16));
        let page = world.page(Order::Oldest, None, 100_000);
        assert!(page.rows.len() == 10_010 || !page.incomplete.is_empty(), "part {part}: {} rows", page.rows.len());
    }
}

#[test]
fn f20_a_sealed_file_that_is_gone_or_empty_is_named() {
    let whole = sealed();
    check_reported(&damaged(&whole, |file| fs::remove_file(file).unwrap()));
    check_reported(&damaged(&whole, |file| fs::write(file, "").unwrap()));
    let world = damaged(&whole, |file| fs::remove_file(file).unwrap());
    assert_eq!(world.hub.findings().len(), 1);
    assert_eq!(world.hub.incomplete(1, 0, i64::MAX).len(), 1, "known before anyone asks for its rows");
    assert_eq!(world.hub.incomplete(1, november().end_us(), i64::MAX).len(), 0);
    assert!(world.hub.verify(first()).is_err());
    check_reported(&world);
}

#[test]
fn f20_a_sound_copy_is_taken_back_while_everything_runs() {
    let whole = sealed();
    let world = damaged(&whole, |file| flip(file, 5000));
    assert!(world.hub.verify(first()).is_err());
    assert!(world.hub.readmit(first()).is_err(), "there is no file");
    fs::write(world.file(SEALED), "another file").unwrap();
    assert!(world.hub.readmit(first()).is_err(), "it is not the sealed one");
    fs::copy(whole.file(SEALED), world.file(SEALED)).unwrap();
    world.windows("new", 1, november().start_us(), 10);
    world.hub.readmit(first()).unwrap();
    let count = world.count();
    assert_eq!((count.rows, count.incomplete.len()), (10_020, 0));
    assert_eq!(world.windows("batch 3", 3, november().start_us(), 1000).rows, 0);
    assert_eq!(world.restart().count().rows, 10_020);

    let again = damaged(&whole, |file| fs::remove_file(file).unwrap());
    again.windows("batch 3", 3, november().start_us(), 1000);
    fs::copy(whole.file(SEALED), again.file(SEALED)).unwrap();
    assert!(again.hub.readmit(first()).is_err(), "a batch would be there twice");
    assert_eq!(again.count().rows, 1010);
}

#[test]
fn old_files_go_and_the_boundary_file_keeps_its_younger_rows() {
    let world = World::new();
    apply_windows(&world.hub, "december", 1, november().next().start_us(), 10);
    world.windows("november", 1, november().start_us(), 10);
    let border = november().next().start_us() + 4 * MINUTE;
    let plan = world.hub.plan_drop(1, Dataset::ActiveWindows, border).unwrap();
    assert_eq!((plan.rows, plan.files.len(), plan.oldest_us), (14, 2, Some(november().start_us())));
    assert_eq!(plan.newest_us, Some(border - MINUTE));
    assert_eq!(world.count().rows, 20, "a plan changes nothing");
    let archived = world.hub.archive(&plan.files[0]).unwrap();
    assert!(fs::metadata(archived).unwrap().len() > 500);
    let dropped = world.hub.drop_planned(&plan);
    assert_eq!((dropped.rows, dropped.files, dropped.failed.len()), (14, 2, 0));
    assert!(!world.file("2026-11.duckdb").exists());
    let rows = world.all(Order::Oldest);
    assert_eq!((rows.len(), rows[0].ts_us), (6, border));
    assert!(world.knows("november") || !world.file("2026-11.duckdb").exists());
    apply_windows(&world.hub, "more", 1, november().next().start_us(), 5);
    assert!(world.hub.checkpoint().is_complete());
    let world = world.restart();
    assert_eq!((world.count().rows, world.hub.findings().len()), (11, 0));
    // The ledger of the boundary file still knows its batch.
    assert_eq!(apply_windows(&world.hub, "december", 1, november().next().start_us(), 10).rows, 0);
}

#[test]
fn f25_removal_waits_for_a_running_query_or_stops_it() {
    let world = World::with(|config| config.lease_wait = std::time::Duration::from_millis(100));
    world.windows("a", 1, november().start_us(), 1000);
    let plan = world.hub.plan_drop(1, Dataset::ActiveWindows, i64::MAX).unwrap();
    let hub = world.hub.clone();
    let (tx, rx) = std::sync::mpsc::channel();
    let query = std::thread::spawn(move || {
        hub.inner.read_partition(first(), |connection, alias| {
            tx.send(()).unwrap();
            // As long as nobody stops it.
            let sql = format!("SELECT count(*) FROM {alias}.events a, {alias}.events b, {alias}.events c, {alias}.events d WHERE hash(a.ts, b.ts, c.ts, d.ts) = 1");
            Ok(connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?)
        })
    });
    rx.recv().unwrap();
    let dropped = world.hub.drop_planned(&plan);
    assert!(dropped.failed.is_empty(), "{:?}", dropped.failed);
    assert!(matches!(query.join().unwrap(), Err(crate::HubError::WrongState { .. })));
    assert!(!world.file("2026-11.duckdb").exists());
    assert_eq!(world.count().rows, 0);
}

#[test]
fn a_checkpoint_does_not_stop_a_query_but_comes_back_later() {
    let world = World::with(|config| config.checkpoint_wait = std::time::Duration::from_millis(50));
    world.windows("a", 1, november().start_us(), 10);
    let lease = world.hub.inner.lease(first(), None).unwrap();
    let report = world.hub.checkpoint();
    assert_eq!((report.postponed, report.failed.len()), (vec![first()], 0));
    assert_eq!(world.count().rows, 10);
    drop(lease);
    assert!(world.hub.checkpoint().is_complete());
}

#[test]
fn f25_a_removal_cut_short_is_finished_at_the_next_start() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    apply_windows(&world.hub, "december", 1, november().next().start_us(), 10);
    assert!(world.hub.checkpoint().is_complete());
    let world = world.crash(|events| {
        let path = events.join("1/active_windows/catalog.json");
        let list = fs::read_to_string(&path).unwrap();
        fs::write(path, list.replacen("\"open\"", "\"dropping\"", 1)).unwrap();
        fs::create_dir(events.join("1/active_windows/trash")).unwrap();
        fs::write(events.join("1/active_windows/trash/2026-10.duckdb"), "x").unwrap();
    });
    assert!(!world.file("2026-11.duckdb").exists());
    assert_eq!(fs::read_dir(world.file("trash")).unwrap().count(), 0);
    assert_eq!(world.count().rows, 10);
    assert_eq!(world.hub.partitions(1).len(), 1);
}

#[test]
fn a_slow_query_is_stopped_in_time() {
    let world = World::with(|config| config.query_timeout = std::time::Duration::from_millis(200));
    world.windows("a", 1, november().start_us(), 1000);
    let slow = world.hub.inner.read_partition(first(), |connection, alias| {
        let sql = format!("SELECT count(*) FROM {alias}.events a, {alias}.events b, {alias}.events c, {alias}.events d WHERE hash(a.ts, b.ts, c.ts, d.ts) = 1");
        Ok(connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?)
    });
    assert!(matches!(slow, Err(crate::HubError::TimedOut(_))), "{slow:?}");
    assert_eq!(world.count().rows, 1000);
}

#[test]
fn a_cap_takes_the_oldest_sealed_files_first() {
    let world = World::new();
    let mut month = november();
    for n in 0..3 {
        apply_windows(&world.hub, &format!("m{n}"), 1, month.start_us(), 10);
        month = month.next();
    }
    world.hub.seal(first()).unwrap();
    assert_eq!(world.hub.plan_cap(1, u64::MAX).files.len(), 0);
    let plan = world.hub.plan_cap(1, 1);
    assert_eq!(plan.files.iter().map(|file| file.partition).collect::<Vec<_>>(), [first()], "only sealed files");
    assert!(world.hub.drop_planned(&plan).failed.is_empty());
    assert_eq!(world.count().rows, 20);
}

#[test]
fn planned_screenshots_name_their_files() {
    let world = World::new();
    let shot = |n: i64, key: &'static str| crate::Row {
        ts_us: november().start_us() + n * MINUTE,
        account: 1,
        batch: 0,
        idx: n as u32,
        event: crate::Screenshot {
            id: "01",
            file_key: key,
            thumb_key: "t",
            width: 1,
            height: 1,
            bytes: 5,
            format: "webp",
            sha256: [3; 32],
            app: "a",
            title: "t",
            monitor: 0,
            blurred: true,
        },
    };
    let batches = crate::Batches {
        rows: crate::Rows::Screenshots(vec![shot(0, "old"), shot(5, "young")]),
        ledger: vec![crate::tests::world::ledger("s")],
        accounts: vec![],
    };
    let key = crate::PartitionKey { dataset: Dataset::Screenshots, ..key() };
    world.hub.apply(&key, &batches).unwrap();
    let plan = world.hub.plan_drop(1, Dataset::Screenshots, november().start_us() + MINUTE).unwrap();
    let mut keys = Vec::new();
    world.hub.planned_file_keys(&plan, &mut |file, thumb| keys.push((file.to_owned(), thumb.to_owned()))).unwrap();
    assert_eq!(keys, [("old".to_owned(), "t".to_owned())]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn sealing_keeps_every_row(batches in proptest::collection::vec((0i64..4, 0i64..600, 1u32..60), 1..8)) {
        let world = World::new();
        for (n, (account, minute, rows)) in batches.iter().enumerate() {
            world.windows(&format!("batch {n}"), *account, november().start_us() + minute * MINUTE, *rows);
        }
        let before = world.all(Order::Newest);
        world.hub.seal(first()).unwrap();
        prop_assert_eq!(world.all(Order::Newest), before);
        world.hub.verify(first()).unwrap();
    }

    #[test]
    fn removal_never_takes_a_younger_row(
        batches in proptest::collection::vec((0u32..3, 0i64..300, 1u32..40), 1..8),
        border in 0i64..(95 * 24 * 60),
        sealed in any::<bool>(),
    ) {
        let world = World::new();
        for (n, (months, minute, rows)) in batches.iter().enumerate() {
            let mut month = november();
            (0..*months).for_each(|_| month = month.next());
            apply_windows(&world.hub, &format!("batch {n}"), 1, month.start_us() + minute * MINUTE, *rows);
        }
        if sealed {
            let all: BTreeSet<_> = world.hub.partitions(1).into_iter().map(|info| info.partition).collect();
            all.into_iter().for_each(|id| world.hub.seal(id).unwrap());
        }
        let border = november().start_us() + border * MINUTE;
        let before = world.all(Order::Oldest);
        let plan = world.hub.plan_drop(1, Dataset::ActiveWindows, border).unwrap();
        let dropped = world.hub.drop_planned(&plan);
        prop_assert!(dropped.failed.is_empty());
        let expected: Vec<_> = before.iter().filter(|row| row.ts_us >= border).cloned().collect();
        prop_assert_eq!(dropped.rows as usize, before.len() - expected.len());
        prop_assert_eq!(world.all(Order::Oldest), expected);
    }
}
