//! Any order of batches, crashes and moods of the next hop: what was accepted is taken once, in order, word for word; also
//! by a hop that was restored from an older copy of its data, or to which a part was carried, but for the order. When
//! policies come in between, what one of them forbids is taken once or not at all, and everything else as ever.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use nazorat::edge::OWN;
use nazorat::edge::Policies;
use nazorat::uplink::Pace;
use nazorat_wire::policy::Action;
use nazorat_wire::policy::Exclusion;
use nazorat_wire::policy::Part;
use nazorat_wire::policy::Pattern;
use nazorat_wire::policy::Settings;
use proptest::prelude::ProptestConfig;
use proptest::prop_oneof;
use proptest::strategy::Just;
use proptest::strategy::Strategy;

use super::branch::Branch;
use super::branch::Closed;
use super::branch::events;
use super::hop::Hop;
use super::hop::Said;
use super::hop::until;
use super::policies::Signer;
use super::policies::sheet;

#[derive(Debug, Clone)]
enum Step {
    Accept(usize),
    Again,
    Cut,
    Stop,
    Mood(Mood),
    Wait,
    /// The hop's data are copied.
    Copy,
    /// The hop is started again with that copy.
    Back,
    /// Somebody writes what waits on a stick.
    Carry,
    /// All sticks are brought to the hop, perhaps not for the first time.
    Import,
    /// A policy comes that forbids every event whose number ends in this digit.
    Policy(usize),
}

#[derive(Debug, Clone, Copy)]
enum Mood {
    Good,
    Silent,
    Tired,
    /// Only so many events at once.
    Narrow(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let mood =
        prop_oneof![Just(Mood::Good), Just(Mood::Silent), Just(Mood::Tired), (1_usize..6).prop_map(Mood::Narrow)];
    prop_oneof![
        4 => (0_usize..9).prop_map(Step::Accept),
        1 => Just(Step::Again),
        2 => Just(Step::Cut),
        1 => Just(Step::Stop),
        3 => mood.prop_map(Step::Mood),
        2 => Just(Step::Wait),
        1 => Just(Step::Copy),
        1 => Just(Step::Back),
        1 => Just(Step::Carry),
        1 => Just(Step::Import),
    ]
}

fn step_with_policies() -> impl Strategy<Value = Step> {
    prop_oneof![6 => step(), 1 => (5_usize..10).prop_map(Step::Policy)]
}

/// What is decided while it goes on; there are never more than are remembered.
struct Decided {
    signer: Signer,
    policies: Policies,
    forbidden: BTreeSet<usize>,
    versions: i64,
}

impl Decided {
    fn forbid(&mut self, digit: usize) {
        if self.versions >= 8 {
            return;
        }
        self.versions += 1;
        self.forbidden.insert(digit);
        let exclusion = Exclusion {
            part: Part::Application,
            pattern: Pattern { text: format!("{digit}$"), regex: true },
            action: Action::Drop,
        };
        let settings = Settings { exclusions: vec![exclusion], ..Settings::default() };
        self.policies.put(OWN, &self.signer.sign(&sheet(&settings), self.versions)).unwrap();
    }

    fn may_be_gone(&self, number: usize) -> bool {
        self.forbidden.contains(&(number % 10))
    }
}

fn set(hop: &Hop, mood: Mood) {
    hop.rule(move |seen| match mood {
        Mood::Good => Said::Yes,
        Mood::Silent => Said::YesUnheard,
        Mood::Tired => Said::No(503, Some("no_room"), None),
        Mood::Narrow(most) if seen.events.len() > most => Said::No(413, Some("body_too_large"), None),
        Mood::Narrow(_) => Said::Yes,
    });
}

async fn play(steps: Vec<Step>, fresh_first: bool) {
    let folder = tempfile::tempdir().unwrap();
    let signer = Signer::new();
    let policies = signer.policies(folder.path());
    let mut decided = Decided { signer, policies: policies.clone(), forbidden: BTreeSet::new(), versions: 0 };
    let hop = Hop::start().await;
    hop.tell_lives();
    let (mut copy, mut in_order, mut sticks) = (hop.copy(), !fresh_first, Vec::new());
    let pace = match fresh_first {
        // Whatever does not fit into one small batch is a backlog at once.
        true => Pace { behind: Duration::ZERO, events: 4 },
        false => Pace::default(),
    };
    let mut branch = Closed { pace, rules: Some(Arc::new(policies)), ..Closed::new(hop.config()) }.open().await;
    let (mut next, mut last, mut batches) = (0, 0..0, 0);
    for step in steps {
        branch = match step {
            Step::Accept(count) => {
                last = next..next + count;
                (next, batches) = (next + count, batches + 1);
                assert!(!accept(&branch, batches, &last).await);
                branch
            }
            Step::Again if batches > 0 => {
                assert!(accept(&branch, batches, &last).await, "a repeat is known");
                branch
            }
            Step::Again => branch,
            Step::Cut => branch.cut().await.open().await,
            Step::Stop => branch.stop().await.open().await,
            Step::Mood(mood) => {
                set(&hop, mood);
                branch
            }
            Step::Wait => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                branch
            }
            Step::Copy => {
                copy = hop.copy();
                branch
            }
            Step::Back => {
                hop.restore(copy.clone());
                in_order = false;
                branch
            }
            Step::Carry => {
                sticks.extend(branch.carry().await);
                branch
            }
            Step::Import => {
                in_order &= sticks.is_empty();
                for body in &sticks {
                    hop.import(body);
                }
                branch
            }
            Step::Policy(digit) => {
                decided.forbid(digit);
                branch
            }
        };
    }
    set(&hop, Mood::Good);
    until("everything is sent", || branch.is_empty()).await;
    // A hop that went back is found out by its next answer, and filled up again.
    let whole = next + 10 - next % 10;
    assert!(!accept(&branch, batches + 1, &(next..whole)).await);
    until("the last one is sent", || branch.is_empty() && branch.has_resent()).await;
    // What is carried cannot be made smaller, so a narrow hop may have refused it; it is on a stick as well.
    let set_aside = branch.status.borrow().dead_letters.kept;
    if set_aside > 0 {
        assert!(!sticks.is_empty());
        in_order = false;
        for body in &sticks {
            hop.import(body);
        }
    }
    let expected: Vec<String> = (0..whole)
        .filter(|number| !decided.may_be_gone(*number))
        .flat_map(|number| events(number..number + 1))
        .collect();
    until("everything is there", || expected.iter().all(|event| hop.taken().contains(event))).await;
    let mut taken = hop.taken();
    // What was forbidden later may have left before.
    let all = events(0..whole);
    assert!(taken.iter().all(|event| all.contains(event)), "{taken:?}");
    let before: BTreeSet<&String> = taken.iter().collect();
    assert_eq!(before.len(), taken.len(), "something was taken twice: {taken:?}");
    taken.retain(|event| expected.contains(event));
    let mut expected = expected;
    if !in_order {
        taken.sort();
        expected.sort();
    }
    assert_eq!(taken, expected);
}

async fn accept(branch: &Branch, number: usize, numbers: &std::ops::Range<usize>) -> bool {
    branch.accept(&format!("batch {number}"), &events(numbers.clone())).await.unwrap().duplicate
}

proptest::proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_everything_accepted_arrives_once(steps in proptest::collection::vec(step(), 1..25), fresh_first in proptest::bool::ANY) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(play(steps, fresh_first));
    }

    #[test]
    fn policies_that_come_in_between_take_nothing_that_they_do_not_forbid(steps in proptest::collection::vec(step_with_policies(), 1..25), fresh_first in proptest::bool::ANY) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(play(steps, fresh_first));
    }
}
