//! Each batch once, whatever happens.

use crate::Hub;
use crate::Order;
use crate::RollLimits;
use crate::tests::world::World;
use crate::tests::world::apply_windows;
use crate::tests::world::key;
use crate::tests::world::key_hash;
use crate::tests::world::november;

#[test]
fn what_was_applied_is_read_back_with_its_source() {
    let world = World::new();
    let applied = world.windows("a", 42, november().start_us(), 10);
    assert_eq!((applied.rows, applied.batches, applied.batches_skipped), (10, 1, 0));
    let rows = world.all(Order::Oldest);
    assert_eq!(rows.len(), 10);
    assert_eq!((rows[0].account, rows[0].source.as_str()), (42, "key:3"));
    assert_eq!(rows[0].received_at_us, november().start_us() + 5);
}

#[test]
fn a_batch_sent_twice_is_stored_once_also_after_a_restart() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    assert_eq!(world.windows("a", 1, november().start_us(), 10).batches_skipped, 1);
    let world = world.restart();
    assert_eq!(world.windows("a", 1, november().start_us(), 10).rows, 0);
    assert_eq!(world.count().rows, 10);
    let entry = world.hub.knows(&key(), &key_hash("a")).unwrap().unwrap();
    assert_eq!((entry.rows, entry.answer.as_deref(), entry.digest), (10, Some("{}"), [7; 32]));
    assert!(!world.knows("b"));
}

#[test]
fn a_batch_twice_in_one_call_is_stored_once() {
    let world = World::new();
    let row = |batch| crate::Row {
        ts_us: november().start_us(),
        account: 1,
        batch,
        idx: 0,
        event: crate::UserSession { action: 1 },
    };
    let key = crate::PartitionKey { dataset: crate::Dataset::UserSessions, ..key() };
    let batches = crate::Batches {
        rows: crate::Rows::UserSessions(vec![row(0), row(1)]),
        ledger: vec![crate::tests::world::ledger("a"), crate::tests::world::ledger("a")],
        accounts: vec![],
    };
    let applied = world.hub.apply(&key, &batches).unwrap();
    assert_eq!((applied.rows, applied.batches_skipped), (1, 1));
}

#[test]
fn after_a_crash_the_committed_batches_are_there_once() {
    let world = World::new();
    for n in 0..5 {
        world.windows(&format!("safe {n}"), n, november().start_us(), 20);
    }
    assert!(world.hub.checkpoint().is_complete());
    for n in 0..5 {
        world.windows(&format!("logged {n}"), n, november().start_us(), 20);
    }
    let world = world.crash(|_| {});
    assert_eq!(world.hub.unsafe_partitions().len(), 1);
    for n in 0..5 {
        world.windows(&format!("safe {n}"), n, november().start_us(), 20);
        world.windows(&format!("logged {n}"), n, november().start_us(), 20);
    }
    assert_eq!(world.count().rows, 200);
    assert!(world.hub.checkpoint().is_complete());
    assert_eq!(world.restart().count().rows, 200);
}

#[test]
fn a_checkpoint_says_what_the_spool_may_free() {
    let world = World::new();
    world.windows("1", 1, november().start_us(), 3);
    world.windows("7", 1, november().start_us(), 3);
    let report = world.hub.checkpoint();
    assert!(report.is_complete());
    let safe = &report.safe[0];
    assert_eq!((safe.rows, safe.batches), (6, 2));
    assert_eq!(safe.through, [crate::SpoolMark { epoch: 9, seq: 7 }]);
    assert!(world.hub.unsafe_partitions().is_empty());
    assert_eq!(world.hub.wal_bytes(), 0);
    world.windows("8", 1, november().start_us(), 3);
    assert_eq!(world.hub.unsafe_partitions().len(), 1);
    assert!(world.hub.checkpoint().is_complete());
    assert_eq!(world.count().rows, 9);
}

#[test]
fn a_full_file_is_followed_by_a_new_generation_that_knows_the_old_batches() {
    let world = World::with(|config| config.roll = RollLimits { rows: 15, ..RollLimits::default() });
    let generations: Vec<_> = ["a", "b", "c", "d"]
        .into_iter()
        .map(|name| world.windows(name, 1, november().start_us(), 10).partition.generation)
        .collect();
    assert_eq!(generations, [1, 1, 2, 2]);
    assert_eq!(world.windows("a", 1, november().start_us(), 10).rows, 0);
    let world = world.restart();
    assert!(world.knows("a") && world.knows("d"));
    assert_eq!(world.count().rows, 40);
}

#[test]
fn many_files_are_attached_in_turns() {
    let world = World::with(|config| config.max_attached = 2);
    let mut month = crate::Month::parse("2025-01").unwrap();
    for n in 0..8 {
        apply_windows(&world.hub, &format!("m{n}"), 1, month.start_us(), 5);
        month = month.next();
    }
    assert_eq!(world.count().rows, 40);
    assert_eq!(world.hub.checkpoint().safe.len(), 8);
    assert_eq!(world.restart().count().rows, 40);
}

#[test]
fn files_that_nobody_uses_are_closed_and_opened_again() {
    let world = World::new();
    world.windows("a", 1, november().start_us(), 10);
    assert!(world.hub.checkpoint().is_complete());
    assert_eq!(world.hub.stats().attached, 1);
    world.hub.release_unused(std::time::Duration::from_secs(3600)).unwrap();
    assert_eq!(world.hub.stats().attached, 1, "it was used just now");
    world.hub.release_unused(std::time::Duration::ZERO).unwrap();
    assert_eq!(world.hub.stats().attached, 0);
    assert_eq!(world.count().rows, 10);
    assert_eq!(world.windows("b", 2, november().start_us(), 10).rows, 10);
    world.hub.release_unused(std::time::Duration::ZERO).unwrap();
    assert_eq!(world.restart().count().rows, 20);
}

#[test]
fn several_threads_read_while_one_writes() {
    let world = World::new();
    world.windows("first", 1, november().start_us(), 10);
    let reader = |hub: Hub| {
        move || {
            for _ in 0..20 {
                let count = hub.count(&crate::tests::world::everything()).unwrap();
                assert!(count.rows >= 10 && count.incomplete.is_empty(), "{count:?}");
            }
        }
    };
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(reader(world.hub.clone()))).collect();
    for n in 0..10 {
        world.windows(&format!("more {n}"), n, november().start_us(), 50);
        assert!(world.hub.checkpoint().is_complete());
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(world.count().rows, 510);
}

#[test]
fn rows_of_another_month_are_refused() {
    let world = World::new();
    let batches = crate::Batches { rows: crate::Rows::UserSessions(vec![]), ledger: vec![], accounts: vec![] };
    assert!(matches!(world.hub.apply(&key(), &batches), Err(crate::HubError::WrongPartition(_))));
}
