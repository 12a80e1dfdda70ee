//! A next hop that was restored from an older copy of its data.

use std::collections::BTreeMap;

use nazorat::kernel::Clock;
use nazorat::kernel::Timestamp;

use super::branch::Branch;
use super::branch::Closed;
use super::branch::event;
use super::branch::events;
use super::hop::Hop;
use super::hop::Said;
use super::hop::until;

/// Sends events, each in a batch of its own.
async fn send(branch: &Branch, numbers: std::ops::Range<usize>) {
    for number in numbers {
        branch.accept(&number.to_string(), &[event(number)]).await.unwrap();
        until("it leaves", || branch.is_empty()).await;
    }
}

/// All of them are there once.
fn check(hop: &Hop, numbers: std::ops::Range<usize>) {
    let (mut taken, mut expected) = (hop.taken(), events(numbers));
    taken.sort();
    expected.sort();
    assert_eq!(taken, expected);
    let mut bodies = BTreeMap::new();
    for seen in hop.seen() {
        let before = bodies.insert(seen.name.clone(), seen.body.clone());
        assert!(before.is_none_or(|before| before == seen.body), "{} has two contents", seen.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hop_that_went_back_is_noticed_and_filled_up_again() {
    let hop = Hop::start().await;
    hop.tell_lives();
    let branch = Closed::new(hop.config()).open().await;
    send(&branch, 0..9).await;
    let copy = hop.copy();
    send(&branch, 9..20).await;
    // A restart without a loss costs one batch.
    let tries = hop.seen().len();
    hop.restore(hop.copy());
    send(&branch, 20..21).await;
    until("it was looked at", || hop.seen().len() == tries + 2).await;
    until("it was noted", || branch.status.borrow().resend.is_some()).await;
    until("nothing is to do", || branch.has_resent()).await;
    assert_eq!(branch.status.borrow().resend.as_ref().unwrap().restored, 0);

    hop.restore(copy);
    let branch = branch.stop().await.open().await;
    send(&branch, 21..23).await;
    until("it is filled up", || hop.taken().len() == 23).await;
    until("it was noted", || branch.status.borrow().resend.as_ref().is_some_and(|resend| resend.restored > 0)).await;
    until("it is done", || branch.has_resent()).await;
    check(&hop, 0..23);
    assert_eq!(branch.status.borrow().resend.as_ref().unwrap().restored, 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_left_goes_again_on_demand_behind_what_is_new() {
    let hop = Hop::start().await;
    let branch = Closed::new(hop.config()).open().await;
    send(&branch, 0..4).await;
    let (copy, since) = (hop.copy(), Clock::system().now());
    send(&branch, 4..9).await;
    hop.restore(copy);
    hop.rule(|_| Said::No(503, Some("no_room"), None));
    assert_eq!(branch.orders.resend(since).await.unwrap().waiting, 5);
    assert_eq!(branch.orders.resend(since).await.unwrap().waiting, 5, "asking twice is asking once");
    // It is not forgotten in a crash, and what comes now goes first.
    let branch = branch.cut().await.open().await;
    branch.accept("new", &[event(9)]).await.unwrap();
    hop.rule(|_| Said::Yes);
    until("everything is there", || hop.taken().len() == 10).await;
    until("it is done", || branch.has_resent()).await;
    check(&hop, 0..10);
    let at = |number: usize| hop.taken().iter().position(|taken| *taken == event(number)).unwrap();
    assert!(at(9) < at(5), "{:?}", hop.taken());
    // Once more does no harm.
    assert_eq!(branch.orders.resend(Timestamp::UNIX_EPOCH).await.unwrap().waiting, 10);
    until("it is done", || branch.has_resent()).await;
    check(&hop, 0..10);
    let resend = branch.status.borrow().resend.clone().unwrap();
    assert_eq!((resend.restored, resend.known, resend.gone), (0, 10, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_that_are_gone_or_damaged_do_not_hold_up_the_others() {
    let hop = Hop::start().await;
    let branch = Closed { max_bytes: 256 << 10, ..Closed::new(hop.config()) }.open().await;
    for number in 0..40 {
        let long = format!("{{\"kind\":\"x\",\"n\":{number},\"t\":\"{}\"}}", "y".repeat(9_000));
        branch.accept(&number.to_string(), &[long]).await.unwrap();
        until("it leaves", || branch.is_empty()).await;
    }
    let before = hop.taken();
    hop.restore(Default::default());
    let asked = branch.orders.resend(Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(asked.waiting, 40);
    until("it is done", || branch.has_resent()).await;
    let resend = branch.status.borrow().resend.clone().unwrap();
    assert!(resend.gone > 0 && resend.restored > 0 && resend.gone + resend.restored == 40, "{resend:?}");
    let taken = hop.taken();
    assert_eq!(taken, before[before.len() - taken.len()..], "the newest are there, word for word");
}
