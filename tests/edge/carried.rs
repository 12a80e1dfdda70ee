//! What waits, carried by hand.

use super::branch::Branch;
use super::branch::Closed;
use super::branch::event;
use super::branch::events;
use super::hop::Hop;
use super::hop::Said;
use super::hop::until;

async fn cut_off() -> (Hop, Branch) {
    let hop = Hop::start().await;
    hop.rule(|_| Said::No(503, Some("no_room"), None));
    let branch = Closed::new(hop.config()).open().await;
    branch.accept("first", &events(0..1)).await.unwrap();
    until("the line is tried", || !hop.seen().is_empty()).await;
    for number in 1..6 {
        branch.accept(&number.to_string(), &events(number..number + 1)).await.unwrap();
    }
    (hop, branch)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_carried_goes_over_the_line_under_the_same_names() {
    let (hop, branch) = cut_off().await;
    let first = branch.carry().await;
    branch.accept("later", &events(6..8)).await.unwrap();
    let branch = branch.cut().await.open().await;
    let second = branch.carry().await;
    assert_eq!((first.len(), second.len()), (2, 3), "the batch under way, the others, and what came later");
    assert_eq!(first, second[..2], "what has a name keeps it");
    assert!(first.iter().all(|body| !hop.import(body)));
    hop.rule(|_| Said::Yes);
    until("everything is sent", || branch.is_empty()).await;
    assert_eq!(hop.taken(), events(0..8));
    until("it is told", || branch.status.borrow().batches == 3).await;
    assert_eq!(branch.status.borrow().duplicates, 2);
    assert!(second.iter().all(|body| hop.import(body)));
    assert!(!branch.closed.path("carried").exists() && branch.carry().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_carried_is_never_cut_into_pieces_and_holds_nothing_up() {
    let (hop, branch) = cut_off().await;
    let sticks = branch.carry().await;
    hop.rule(|seen| match seen.events.len() {
        0..=3 => Said::Yes,
        _ => Said::No(413, Some("body_too_large"), None),
    });
    branch.accept("later", &[event(6)]).await.unwrap();
    until("everything is gone", || branch.is_empty()).await;
    assert_eq!(hop.taken(), [event(0), event(6)]);
    until("it is told", || branch.status.borrow().dead_letters.kept == 1).await;
    for body in &sticks {
        hop.import(body);
    }
    assert_eq!(hop.taken().len(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_plan_does_not_give_carried_batches_other_names() {
    let (hop, branch) = cut_off().await;
    let sticks = branch.carry().await;
    sticks.iter().for_each(|body| assert!(!hop.import(body)));
    let closed = branch.cut().await;
    std::fs::write(closed.path("plan"), [0xa5; 9_000]).unwrap();
    hop.rule(|_| Said::Yes);
    let branch = closed.open().await;
    until("everything is sent", || branch.is_empty()).await;
    assert_eq!(hop.taken(), events(0..6));
}
