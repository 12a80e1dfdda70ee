//! Random lives of a hub against a model: whatever is done in whatever order, each batch is there once.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::Event;
use crate::Month;
use crate::Order;
use crate::PartitionId;
use crate::RollLimits;
use crate::State;
use crate::tests::world::World;
use crate::tests::world::apply_windows;
use crate::tests::world::november;

#[derive(Debug, Clone)]
enum Act {
    /// Batch number; its month and its rows follow from it.
    Apply(u8),
    Checkpoint,
    SealAll,
    Restart,
    Crash,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0u8..12).prop_map(Act::Apply),
        2 => Just(Act::Checkpoint),
        1 => Just(Act::SealAll),
        1 => Just(Act::Restart),
        2 => Just(Act::Crash),
    ]
}

fn month_of(batch: u8) -> Month {
    if batch.is_multiple_of(3) { november().next() } else { november() }
}

fn rows_of(batch: u8) -> u32 {
    u32::from(batch) * 3 + 1
}

fn small(config: &mut crate::Config) {
    config.max_attached = 1;
    config.roll = RollLimits { rows: 40, ..RollLimits::default() };
}

fn seal_all(world: &World) {
    let open = |info: &crate::PartitionInfo| info.state == State::Open;
    let all: Vec<PartitionId> = world.hub.partitions(1).into_iter().filter(open).map(|info| info.partition).collect();
    all.into_iter().for_each(|id| world.hub.seal(id).unwrap());
}

fn stored(world: &World) -> BTreeMap<String, u32> {
    let mut rows = BTreeMap::new();
    for row in world.all(Order::Oldest) {
        let Event::ActiveWindow(window) = row.event else { panic!("another event") };
        *rows.entry(window.title.split(' ').next().unwrap().to_owned()).or_default() += 1;
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn each_batch_is_there_once_whatever_happens(acts in proptest::collection::vec(act(), 1..25)) {
        let mut world = World::with(small);
        let mut model: BTreeMap<String, u32> = BTreeMap::new();
        for act in acts {
            match act {
                Act::Apply(batch) => {
                    let name = format!("b{batch}");
                    let applied =
                        apply_windows(&world.hub, &name, 1, month_of(batch).start_us(), rows_of(batch));
                    let new = model.insert(name, rows_of(batch)).is_none();
                    prop_assert_eq!(applied.batches, u64::from(new));
                }
                Act::Checkpoint => prop_assert!(world.hub.checkpoint().is_complete()),
                Act::SealAll => seal_all(&world),
                Act::Restart => world = world.restart(),
                Act::Crash => world = world.crash_with(|_| {}, small),
            }
            prop_assert_eq!(stored(&world), model.clone());
            prop_assert_eq!(world.count().rows, model.values().map(|rows| u64::from(*rows)).sum::<u64>());
        }
        prop_assert!(world.hub.checkpoint().is_complete());
        prop_assert_eq!(world.hub.unsafe_partitions(), vec![]);
    }
}
