//! What was said to be durable is there, whatever happens.

use std::path::Path;

use nazorat_spool::Epoch;
use nazorat_spool::fs::Disk;
use nazorat_spool::fs::Fs as _;
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::strategy::Just;
use proptest::strategy::Strategy;

use super::Found;
use super::Pending;
use super::Plan;
use super::PlanError;
use super::SLOT;
use super::State;
use crate::uplink::rules::Point;
use crate::uplink::unsent::Unsent;

const SPOOL: Epoch = Epoch::from_bytes([3; 16]);

fn open(path: &Path, fresh: u8) -> (Plan, Found) {
    Plan::open(&Disk, path, SPOOL, [fresh; 16]).unwrap()
}

fn pending(seq: u64) -> Pending {
    Pending { start: Point::START, end: Point { seq, event: 2 }, digest: [7; 32] }
}

#[test]
fn a_batch_under_way_keeps_its_number_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan");
    let (mut plan, found) = open(&path, 1);
    assert_eq!((found, plan.state().done()), (Found::New, Point::START));
    plan.plan(pending(5)).unwrap();
    let (mut plan, found) = open(&path, 2);
    assert_eq!((found, plan.state().pending), (Found::Kept, Some(pending(5))));
    assert_eq!(plan.state().name("gw"), format!("gw:{}:1", "01".repeat(16)));
    plan.plan(pending(3)).unwrap();
    plan.done(plan.state().number + 1).unwrap();
    let state = open(&path, 2).0.state();
    assert_eq!((state.number, state.done(), state.pending), (1, pending(3).end, None));
    assert_eq!(state.name("gw"), format!("gw:{}:2", "01".repeat(16)));
}

#[test]
fn another_spool_or_a_lost_file_begins_another_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan");
    open(&path, 1).0.plan(pending(5)).unwrap();
    let (plan, found) = Plan::open(&Disk, &path, Epoch::from_bytes([4; 16]), [2; 16]).unwrap();
    assert_eq!((found, plan.state().epoch, plan.state().pending), (Found::New, [2; 16], None));
    std::fs::write(&path, [0xa5; 9_000]).unwrap();
    let (plan, found) = open(&path, 6);
    assert_eq!((found, plan.state().epoch, plan.state().number), (Found::Lost, [6; 16], 0));
    assert_eq!(open(&path, 7).1, Found::Kept, "and it is written down at once");
}

#[test]
fn a_newer_plan_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan");
    let mut raw = State::new([1; 16], [3; 16]).encode();
    raw[8] = 3;
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&raw[..128]);
    raw[128..].copy_from_slice(&digest);
    std::fs::write(&path, &raw).unwrap();
    let refused = Plan::open(&Disk, &path, SPOOL, [1; 16]).err();
    assert!(matches!(refused, Some(PlanError::Newer(_))), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), raw);
}

#[test]
fn a_backlog_makes_it_version_2_until_it_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan");
    let (mut plan, _) = open(&path, 1);
    assert_eq!((plan.state().encode()[8], plan.state().encode().len()), (1, 160));
    plan.split(9).unwrap();
    assert_eq!((plan.state().encode()[8], plan.state().encode().len()), (2, 392));
    let fresh = Pending { start: Point { seq: 9, event: 0 }, end: Point { seq: 12, event: 1 }, digest: [8; 32] };
    plan.plan(fresh).unwrap();
    plan.split(20).unwrap();
    let state = open(&path, 2).0.state();
    assert_eq!(
        (state.pending, state.unsent.all()),
        (Some(fresh), plan.state().unsent.all()),
        "not while one is under way"
    );
    plan.done(1).unwrap();
    let state = open(&path, 2).0.state();
    assert_eq!((state.done(), state.unsent.newest().start), (Point::START, fresh.end));
    plan.pass(Point::START, Point { seq: 9, event: 0 }).unwrap();
    let state = open(&path, 2).0.state();
    assert_eq!((state.unsent.all().len(), state.encode()[8]), (1, 1));
    assert_eq!(state.done(), fresh.end);
}

#[derive(Debug, Clone)]
enum Step {
    Plan(usize, u64),
    Done,
    Pass(u64),
    Split(u64),
    Renew(u8),
    Anew(u8),
    Restart,
    /// The power goes while the next slot is being written: so many of its bytes are new, the rest is old.
    Tear(u64, proptest::sample::Index),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (any::<usize>(), 1_u64..9).prop_map(|(of, more)| Step::Plan(of, more)),
        Just(Step::Done),
        (1_u64..9).prop_map(Step::Pass),
        (1_u64..20).prop_map(Step::Split),
        any::<u8>().prop_map(Step::Renew),
        any::<u8>().prop_map(Step::Anew),
        Just(Step::Restart),
        (1_u64..9, any::<proptest::sample::Index>()).prop_map(|(more, bytes)| Step::Tear(more, bytes)),
    ];
    proptest::collection::vec(step, 1..40)
}

/// The batch at the beginning of a stretch.
fn begin(state: &State, of: usize, more: u64) -> Pending {
    let all = state.unsent.all();
    let start = all[of % all.len()].start;
    Pending { start, end: Point { seq: start.seq + more, event: 1 }, digest: [7; 32] }
}

/// What `State::encode` would write next, cut off. Gives what it would have said where the old bytes behind the cut happen to
/// be the new ones: then nothing is missing, and it has been said.
fn tear(path: &Path, state: State, more: u64, bytes: &proptest::sample::Index) -> Option<Pending> {
    let next = State { generation: state.generation + 1, pending: Some(begin(&state, 0, more)), ..state };
    let (file, raw, at) = (Disk.open(path).unwrap(), next.encode(), next.generation % 2 * SLOT);
    file.write_all_at(&raw[..bytes.index(raw.len())], at).unwrap();
    let at = usize::try_from(at).unwrap();
    let is_whole = std::fs::read(path).unwrap().get(at..at + raw.len()) == Some(raw.as_slice());
    next.pending.filter(|_| is_whole)
}

proptest::proptest! {
    /// Whatever happens, what was said to be durable is there, and a torn write is as if it never was.
    #[test]
    fn the_plan_is_never_older_than_what_was_said_and_never_half_of_something(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        let (mut plan, _) = open(&path, 1);
        let mut model = (plan.state().epoch, 0_u64, Unsent::from(Point::START), None::<Pending>);
        for step in steps {
            match step {
                Step::Plan(of, more) => {
                    let pending = begin(&plan.state(), of, more);
                    plan.plan(pending).unwrap();
                    model.3 = Some(pending);
                }
                Step::Done => {
                    plan.done(plan.state().number + 1).unwrap();
                    if let Some(pending) = model.3.take() {
                        model = (model.0, model.1 + 1, model.2.left(pending.start, pending.end), None);
                    }
                }
                Step::Pass(more) => {
                    let Pending { start, end, .. } = begin(&plan.state(), 0, more);
                    plan.pass(start, end).unwrap();
                    model = (model.0, model.1, model.2.left(start, end), None);
                }
                Step::Split(more) => {
                    let at = plan.state().unsent.newest().start.seq + more;
                    plan.split(at).unwrap();
                    model.2 = model.2.split(at).filter(|_| model.3.is_none()).unwrap_or(model.2);
                }
                Step::Renew(epoch) => {
                    plan.renew([epoch; 16]).unwrap();
                    model = ([epoch; 16], 0, model.2, None);
                }
                Step::Anew(epoch) => {
                    plan.restart([epoch; 16], Point::behind(9)).unwrap();
                    model = ([epoch; 16], 0, Unsent::from(Point::behind(9)), None);
                }
                Step::Restart => plan = open(&path, 99).0,
                Step::Tear(more, bytes) => {
                    model.3 = tear(&path, plan.state(), more, &bytes).or(model.3);
                    plan = open(&path, 99).0;
                }
            }
            let state = plan.state();
            proptest::prop_assert_eq!((state.epoch, state.number, state.pending), (model.0, model.1, model.3));
            proptest::prop_assert_eq!(state.unsent.all(), model.2.all());
        }
    }
}
