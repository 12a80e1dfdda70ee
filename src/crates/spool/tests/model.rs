//! Random work, random crashes: what was acknowledged is there, in order, once, and nothing else is.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use nazorat_spool::Append;
use nazorat_spool::Evict;
use nazorat_spool::Gap;
use nazorat_spool::Grace;
use nazorat_spool::Kind;
use nazorat_spool::Options;
use nazorat_spool::Spool;
use proptest::prelude::BoxedStrategy;
use proptest::prelude::Just;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::proptest;

use crate::crash_disk::CrashDisk;
use crate::support::options;
use crate::support::read_all;
use crate::support::record;

#[derive(Debug, Clone)]
enum Action {
    /// Several records at once, so that they share a group.
    Append {
        class: u8,
        size: usize,
        count: usize,
    },
    Wait,
    Read,
    Free(u8),
    Cursor(u8),
}

/// From one opening to the next.
#[derive(Debug, Clone)]
struct Life {
    /// Nothing works any more after so many changes of the disk, counted from before the opening.
    fuse: Option<u64>,
    actions: Vec<Action>,
    end: End,
}

#[derive(Debug, Clone)]
enum End {
    Kill,
    PowerCut(u64),
}

fn action() -> BoxedStrategy<Action> {
    prop_oneof![
        6 => (0_u8..4, 0_usize..1500, 1_usize..6).prop_map(|(class, size, count)| Action::Append { class, size, count }),
        3 => Just(Action::Wait),
        1 => Just(Action::Read),
        1 => any::<u8>().prop_map(Action::Free),
        1 => any::<u8>().prop_map(Action::Cursor),
    ]
    .boxed()
}

fn life() -> BoxedStrategy<Life> {
    let end = prop_oneof![Just(End::Kill), any::<u64>().prop_map(End::PowerCut)];
    (proptest::option::weighted(0.7, 0_u64..80), proptest::collection::vec(action(), 0..25), end)
        .prop_map(|(fuse, actions, end)| Life { fuse, actions, end })
        .boxed()
}

/// What the outside world knows.
#[derive(Default)]
struct World {
    sent: BTreeMap<u64, (u8, Vec<u8>)>,
    /// Acknowledged or seen by a reader: seq and which record.
    promised: BTreeMap<u64, u64>,
    floor_asked: u64,
    floor_held: u64,
    /// Where the cursor may be: where it was set, and where it should have gone when the power went.
    cursors: Vec<u64>,
}

impl World {
    fn make(&mut self, class: u8, size: usize) -> (u64, Vec<u8>) {
        let id = self.sent.len() as u64;
        let mut payload = id.to_le_bytes().to_vec();
        payload.extend((0..size).map(|place| (place as u64 * 31 + id) as u8));
        self.sent.insert(id, (class, payload.clone()));
        (id, payload)
    }

    fn promise(&mut self, seq: u64, id: u64) {
        let before = self.promised.insert(seq, id);
        assert!(before.is_none_or(|before| before == id), "seq {seq} was given to two records");
    }

    fn wait(&mut self, waiting: &mut Vec<(u64, Append)>) {
        for (id, append) in waiting.drain(..) {
            if let Ok(seq) = append.wait() {
                self.promise(seq, id);
            }
        }
    }

    /// Checks everything a reader sees against what was promised.
    fn check(&mut self, spool: &Spool) {
        let before = *spool.durable().borrow();
        let read = read_all(spool);
        let gaps: Vec<(u64, Gap)> = read.iter().filter_map(|record| Some((record.seq, record.gap()?))).collect();
        let mut delivered = BTreeMap::new();
        let mut ids = BTreeMap::new();
        for record in read.iter().filter(|record| record.kind == Kind::Data) {
            assert!(record.seq > self.floor_held, "seq {} was freed", record.seq);
            let mut id = [0; 8];
            id.copy_from_slice(&record.payload[..8]);
            let id = u64::from_le_bytes(id);
            let (class, payload) = &self.sent[&id];
            assert_eq!((record.class, &record.payload[..]), (*class, &payload[..]), "record {id} was changed");
            assert!(ids.insert(id, record.seq).is_none(), "record {id} was delivered twice");
            delivered.insert(record.seq, id);
        }
        for (seq, id) in self.promised.iter().filter(|(seq, _)| **seq > self.floor_asked) {
            let class = self.sent[id].0;
            let gap = gaps.iter().find(|(_, gap)| gap.class == class && (gap.from_seq..=gap.to_seq).contains(seq));
            match (delivered.get(seq), gap) {
                (None, gap) => assert!(gap.is_some(), "seq {seq} was acknowledged and is gone"),
                (Some(found), gap) => {
                    assert!(found == id, "seq {seq} is another record");
                    // It may have been evicted just after it was read.
                    assert!(gap.is_none_or(|(at, _)| *at > before), "seq {seq} was evicted and delivered");
                }
            }
        }
        delivered.into_iter().for_each(|(seq, id)| self.promise(seq, id));
    }

    fn run(&mut self, spool: &Spool, action: &Action, waiting: &mut Vec<(u64, Append)>) {
        let newest = *spool.durable().borrow();
        match action {
            Action::Append { class, size, count } => {
                for _ in 0..*count {
                    let (id, payload) = self.make(*class, *size);
                    waiting.push((id, spool.append(record(*class, payload))));
                }
            }
            Action::Wait => self.wait(waiting),
            Action::Read => {
                self.wait(waiting);
                self.check(spool);
            }
            Action::Free(share) => {
                self.wait(waiting);
                let seq = newest * u64::from(*share) / 300;
                self.floor_asked = self.floor_asked.max(seq);
                if let Ok(floor) = spool.free_through(seq) {
                    self.floor_held = self.floor_held.max(floor);
                }
            }
            Action::Cursor(share) => {
                let seq = newest * u64::from(*share) / 255;
                if spool.set_cursor("applied", seq).is_ok() {
                    self.cursors.clear();
                }
                self.cursors.push(seq);
            }
        }
    }
}

fn live(world: &mut World, disk: &CrashDisk, options: &Options, life: &Life) {
    disk.set_fuse(life.fuse);
    if let Ok((spool, _)) = Spool::open_on(Arc::new(disk.clone()), Path::new("spool"), options.clone()) {
        let cursor = spool.cursor("applied");
        assert!(world.cursors.contains(&cursor), "the cursor was lost");
        world.cursors = vec![cursor];
        world.check(&spool);
        let mut waiting = Vec::new();
        for action in &life.actions {
            world.run(&spool, action, &mut waiting);
        }
        world.wait(&mut waiting);
        world.check(&spool);
    }
    match life.end {
        End::Kill => disk.kill(),
        End::PowerCut(seed) => disk.power_cut(seed),
    }
}

fn model(lives: &[Life], evict: Evict, grace: Grace) {
    let mut options = options();
    options.segment_bytes = 4096;
    options.max_bytes = if evict == Evict::Never { 1 << 20 } else { 40 << 10 };
    options.evict = evict;
    options.grace = grace;
    let disk = CrashDisk::default();
    let mut world = World { cursors: vec![0], ..World::default() };
    for life in lives {
        live(&mut world, &disk, &options, life);
    }
    live(&mut world, &disk, &options, &Life { fuse: None, actions: vec![Action::Read], end: End::Kill });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    #[test]
    fn the_spool_keeps_its_word_through_crashes(lives in proptest::collection::vec(life(), 1..6)) {
        model(&lives, Evict::Never, Grace::Delete);
    }

    #[test]
    fn the_spool_keeps_its_word_under_pressure(lives in proptest::collection::vec(life(), 1..6)) {
        model(&lives, Evict::LeastImportant, Grace::Keep);
    }
}
