//! After an outage: what is fresh goes first, the backlog takes what room is left, and each event arrives once.

use std::time::Duration;

use nazorat::uplink::Pace;

use super::branch::Branch;
use super::branch::Closed;
use super::branch::event;
use super::branch::events;
use super::hop::Hop;
use super::hop::Said;
use super::hop::until;

/// Whatever does not fit into a batch of four events is a backlog at once.
const PACE: Pace = Pace { behind: Duration::ZERO, events: 4 };

/// Takes so many more batches and then none.
fn take(hop: &Hop, mut batches: usize) {
    hop.rule(move |_| match batches {
        0 => Said::No(503, Some("no_room"), None),
        _ => {
            batches -= 1;
            Said::Yes
        }
    });
}

async fn accept(branch: &Branch, numbers: std::ops::Range<usize>) {
    for number in numbers {
        branch.accept(&number.to_string(), &[event(number)]).await.unwrap();
    }
}

/// A branch with forty events that wait, and a line that takes so many batches of them.
async fn with_backlog(batches: usize) -> (Hop, Branch) {
    let hop = Hop::start().await;
    take(&hop, 0);
    let branch = Closed { pace: PACE, ..Closed::new(hop.config()) }.open().await;
    accept(&branch, 0..40).await;
    take(&hop, batches);
    until("a part of the backlog is sent", || branch.status.borrow().batches == batches as u64).await;
    until("there is a backlog", || branch.status.borrow().catching_up).await;
    (hop, branch)
}

/// Where events stand among those that were taken.
fn place(hop: &Hop, number: usize) -> usize {
    hop.taken().iter().position(|taken| *taken == event(number)).unwrap()
}

fn check(hop: &Hop, count: usize) {
    let (mut taken, mut expected) = (hop.taken(), events(0..count));
    taken.sort();
    expected.sort();
    assert_eq!(taken, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_fresh_overtakes_the_backlog_also_after_a_crash() {
    let (hop, branch) = with_backlog(3).await;
    accept(&branch, 40..43).await;
    let tries = hop.seen().len();
    until("the next one of the backlog is under way", || hop.seen().len() > tries).await;
    let before = hop.taken().len();
    let waiting = branch.outbox.stats().records;
    // The batch under way, then what is fresh, and no more.
    take(&hop, 2);
    until("the fresh ones are there", || hop.taken().contains(&event(42))).await;
    assert!(place(&hop, 40) <= before + 4, "{:?}", hop.taken());
    assert!(branch.outbox.stats().records < waiting, "what went ahead does not wait");
    let branch = branch.cut().await.open().await;
    accept(&branch, 43..45).await;
    take(&hop, 2);
    until("so are those that came after the crash", || hop.taken().contains(&event(44))).await;
    hop.rule(|_| Said::Yes);
    until("everything is sent", || branch.is_empty()).await;
    check(&hop, 45);
    assert!(place(&hop, 44) < place(&hop, 39));
    let old: Vec<_> = (0..40).map(|number| place(&hop, number)).collect();
    assert!(old.is_sorted(), "the backlog is sent in its order: {old:?}");
    until("there is no backlog any more", || !branch.status.borrow().catching_up).await;
    assert!(branch.is_empty() && branch.stop().await.open().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outage_after_outage_each_backlog_waits_for_what_is_fresh() {
    let (hop, mut branch) = with_backlog(2).await;
    for outage in 0..12 {
        let numbers = 40 + outage * 10..50 + outage * 10;
        take(&hop, 0);
        accept(&branch, numbers.clone()).await;
        if outage % 3 == 1 {
            branch = branch.cut().await.open().await;
        }
        take(&hop, 2);
        let until_taken = branch.status.borrow().batches + 2;
        until("the line is up for a moment", || branch.status.borrow().batches >= until_taken).await;
    }
    hop.rule(|_| Said::Yes);
    until("everything is sent", || branch.is_empty()).await;
    check(&hop, 160);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_and_what_went_before_it_are_carried_and_sent_again_as_well() {
    let (hop, branch) = with_backlog(3).await;
    hop.tell_lives();
    accept(&branch, 40..43).await;
    take(&hop, 3);
    until("the fresh ones are there", || hop.taken().contains(&event(42))).await;
    let copy = hop.copy();
    let sticks = branch.carry().await;
    take(&hop, 2);
    let branch = branch.cut().await.open().await;
    for body in &sticks {
        hop.import(body);
    }
    hop.rule(|_| Said::Yes);
    until("everything is sent", || branch.is_empty()).await;
    check(&hop, 43);
    // The hop goes back to where the fresh ones were there and the backlog was not.
    hop.restore(copy);
    accept(&branch, 43..44).await;
    until("it is filled up again", || branch.has_resent() && hop.taken().len() == 44).await;
    check(&hop, 44);
}
