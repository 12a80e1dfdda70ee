//! Disks of their own need root.

use std::time::Duration;
use std::time::Instant;

use super::SmallDisk;
use crate::faults::branch::World;
use crate::faults::journal::Batch;
use crate::faults::journal::Journal;

/// A gateway that is cut off, on a disk of its own.
async fn cut_off(mib: u64, files: u64) -> (World, SmallDisk) {
    let mut disk = None;
    let mut world = World::with(|desk| {
        disk = Some(SmallDisk::under(&desk.data(), mib, files));
        desk
    })
    .await;
    world.kill_appliance();
    (world, disk.unwrap())
}

/// Sends until nothing more is taken; gives what was not.
async fn fill(world: &World, journal: &mut Journal) -> Vec<Batch> {
    let mut refused = Vec::new();
    for _ in 0..2_000 {
        let batch = journal.batch(200);
        match world.try_to_send(journal, &batch).await {
            Some(200) => {}
            Some(503 | 507) => refused.push(batch),
            other => panic!("{other:?}"),
        }
        // Smaller ones might still find room, so a few are tried.
        if refused.len() == 5 {
            return refused;
        }
    }
    panic!("the disk is never full");
}

/// The same life of the gateway takes what it refused before.
async fn takes_again(world: &World, journal: &mut Journal, refused: &[Batch]) {
    for batch in refused {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !world.send(journal, batch).await {
            assert!(Instant::now() < deadline, "{}", world.gateway().desk().log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn whole(mut world: World, journal: &Journal) {
    world.open();
    let stored = journal.acknowledged();
    let closed = world.check(journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f04_gw_disk_full_and_inodes() {
    let (world, disk) = cut_off(24, 1_024).await;
    let mut journal = Journal::new().heavy();
    disk.burden(8);
    let refused = fill(&world, &mut journal).await;
    let process = world.gateway().process_id();
    disk.ease();
    takes_again(&world, &mut journal, &refused).await;
    // To the last block, and the line comes back: it drains although nothing can be written.
    let refused = fill(&world, &mut journal).await;
    assert_eq!(world.gateway().process_id(), process);
    let mut world = world;
    world.open();
    world.drained().await;
    takes_again(&world, &mut journal, &refused).await;
    let stored = journal.acknowledged();
    let closed = world.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
}

/// Room for bytes, and none for files.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f04_gw_disk_full_and_inodes_without_room_for_a_file() {
    let (world, disk) = cut_off(256, 128).await;
    let mut journal = Journal::new().heavy();
    let crowd = disk.crowd();
    let refused = fill(&world, &mut journal).await;
    std::fs::remove_dir_all(crowd).unwrap();
    takes_again(&world, &mut journal, &refused).await;
    whole(world, &journal).await;
}
