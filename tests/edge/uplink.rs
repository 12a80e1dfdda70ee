//! The uplink over real sockets: merging, crashes, refusals, repeats.

use std::time::Duration;

use nazorat::intake::AcceptError;
use nazorat::uplink::Link;

use super::branch::Branch;
use super::branch::Closed;
use super::branch::event;
use super::branch::events;
use super::hop::Hop;
use super::hop::Said;
use super::hop::Seen;
use super::hop::until;

async fn world() -> (Hop, Branch) {
    let hop = Hop::start().await;
    let branch = Closed::new(hop.config()).open().await;
    (hop, branch)
}

/// The hop that does not answer until it is told otherwise.
fn shut(hop: &Hop) {
    hop.rule(|_| Said::No(503, Some("no_room"), None));
}

fn open(hop: &Hop) {
    hop.rule(|_| Said::Yes);
}

fn number(seen: &Seen) -> u64 {
    seen.name.rsplit(':').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_batches_leave_as_one_and_word_for_word() {
    let (hop, branch) = world().await;
    shut(&hop);
    branch.accept("first", &events(0..1)).await.unwrap();
    until("the line is tried", || !hop.seen().is_empty()).await;
    let bad = "{\"kind\" : 7,   \"x\":[1]}".to_owned();
    let answer = branch.accept("second", &[event(1), bad.clone(), event(2)]).await.unwrap();
    assert_eq!((answer.accepted, answer.rejected.len(), answer.rejected[0].index), (2, 1, 1));
    branch.accept("third", &[]).await.unwrap();
    branch.accept("fourth", &events(3..5)).await.unwrap();
    open(&hop);
    until("everything is sent", || branch.is_empty()).await;
    assert_eq!(hop.taken(), [event(0), event(1), bad, event(2), event(3), event(4)]);
    let names: Vec<_> = hop.seen().iter().map(|seen| seen.name.clone()).collect();
    let last = names.last().unwrap();
    assert!(last.starts_with("branch:") && last.ends_with(":2") && last.len() == "branch::2".len() + 32, "{last}");
    // It is told a moment after it was freed.
    let told = || {
        let status = branch.status.borrow();
        (status.link.clone(), status.batches, status.events)
    };
    until("it is told", || told() == (Link::Up, 2, 6)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_batch_goes_again_after_a_crash() {
    let (hop, branch) = world().await;
    hop.rule(|_| Said::YesUnheard);
    branch.accept("a", &events(0..3)).await.unwrap();
    until("it is taken, but nobody hears of it", || !hop.taken().is_empty()).await;
    let closed = branch.cut().await;
    hop.rule(|_| Said::No(503, None, None));
    let branch = closed.open().await;
    // What comes meanwhile must not slip into the batch that the hop may have.
    branch.accept("b", &events(3..5)).await.unwrap();
    open(&hop);
    until("everything is sent", || branch.is_empty()).await;
    assert_eq!(hop.taken(), events(0..5));
    let bodies: Vec<_> = hop.seen().into_iter().filter(|seen| number(seen) == 1).map(|seen| seen.body).collect();
    assert!(bodies.len() > 1 && bodies.iter().all(|body| *body == bodies[0]), "the same bytes under the same name");
    until("it is told", || branch.status.borrow().duplicates == 1).await;
    let branch = branch.stop().await.open().await;
    branch.accept("c", &events(5..6)).await.unwrap();
    until("numbers go on", || hop.taken().len() == 6).await;
    assert_eq!(number(hop.seen().last().unwrap()), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f07_gw_poison_batch_does_not_block() {
    let (hop, branch) = world().await;
    let letters = branch.closed.path("dead-letters");
    hop.rule(|seen| match seen.body.windows(7).any(|bytes| bytes == b"app-13\"") {
        true => Said::No(400, Some("not_a_batch"), None),
        false => Said::Yes,
    });
    for number in 12..15 {
        branch.accept(&number.to_string(), &[event(number)]).await.unwrap();
        until("it leaves", || branch.is_empty()).await;
    }
    assert_eq!(hop.taken(), [event(12), event(14)]);
    assert_eq!(hop.seen().iter().filter(|seen| seen.events == [event(13)]).count(), 1, "one try is enough");
    let kept: Vec<_> = std::fs::read_dir(&letters).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(kept.len(), 1);
    until("it is told", || branch.status.borrow().dead_letters.kept == 1).await;
    let letter: serde_json::Value = serde_json::from_slice(&std::fs::read(&kept[0]).unwrap()).unwrap();
    assert_eq!((&letter["status"], &letter["batch"]["events"][0]["app"]), (&400.into(), &"app-13".into()));

    // What is merely tired is tried again, and nothing overtakes it.
    let mut tired = 3;
    hop.rule(move |_| {
        tired -= 1;
        if tired >= 0 { Said::No(500, Some("internal"), None) } else { Said::Yes }
    });
    branch.accept("15", &[event(15)]).await.unwrap();
    until("it leaves", || branch.is_empty()).await;
    assert_eq!(hop.taken(), [event(12), event(14), event(15)]);
    assert_eq!(branch.status.borrow().retries, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_halved_under_the_same_number() {
    let (hop, branch) = world().await;
    let large = |seen: &Seen| match seen.events.len() {
        0..=3 if !seen.events.contains(&event(7)) => Said::Yes,
        _ => Said::No(413, Some("unpacked_too_large"), None),
    };
    hop.rule(large);
    branch.accept("a", &events(0..20)).await.unwrap();
    branch.accept("b", &events(20..21)).await.unwrap();
    until("everything is sent", || branch.is_empty()).await;
    let rest: Vec<_> = (0..21).filter(|number| *number != 7).map(event).collect();
    assert_eq!(hop.taken(), rest, "the one that is too large by itself is set aside, all others arrive once");
    until("it is told", || branch.status.borrow().dead_letters.kept == 1).await;
    let mut numbers: Vec<_> = hop.seen().iter().map(number).collect();
    numbers.dedup();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "without a gap");
    // A crash in the middle of it does not bring the whole batch back.
    hop.rule(|_| Said::No(413, None, None));
    branch.accept("c", &events(30..34)).await.unwrap();
    let tries = hop.seen().len();
    until("it was halved", || hop.seen().len() >= tries + 2).await;
    let branch = branch.cut().await.open().await;
    hop.rule(large);
    until("everything is sent", || branch.is_empty()).await;
    assert_eq!(hop.taken().len() + branch.status.borrow().dead_letters.kept, 20 + 1 + 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_asks_for_is_kept_to() {
    let (hop, branch) = world().await;
    let mut first = true;
    hop.rule(move |_| match std::mem::replace(&mut first, false) {
        true => Said::No(503, Some("no_room"), Some(1)),
        false => Said::Yes,
    });
    branch.accept("a", &events(0..1)).await.unwrap();
    until("it leaves", || branch.is_empty()).await;
    let seen = hop.seen();
    assert!(seen[1].at - seen[0].at >= Duration::from_secs(1), "{:?}", seen[1].at - seen[0].at);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_key_is_shown_and_costs_no_data() {
    let (hop, branch) = world().await;
    hop.rule(|_| Said::No(401, Some("unknown_key"), None));
    branch.accept("a", &events(0..2)).await.unwrap();
    until("it is shown", || matches!(branch.status.borrow().link, Link::Locked { .. })).await;
    assert!(!branch.is_empty());
    open(&hop);
    until("it leaves", || branch.is_empty()).await;
    assert_eq!(hop.taken(), events(0..2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_elses_answers_free_and_condemn_nothing() {
    let (hop, branch) = world().await;
    let mut statuses = [200, 302, 404, 400, 413].into_iter();
    hop.rule(move |_| statuses.next().map_or(Said::Yes, |status| Said::No(status, None, None)));
    branch.accept("a", &events(0..1)).await.unwrap();
    until("it leaves", || branch.is_empty() && branch.status.borrow().dead_letters.kept > 0).await;
    // A single event that is too large is the exception: it is kept aside, for the next hop has the last word there.
    assert_eq!((hop.taken().len(), branch.status.borrow().dead_letters.kept), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_that_the_next_hop_knows_of_another_begin_anew() {
    let (hop, branch) = world().await;
    branch.accept("a", &events(0..1)).await.unwrap();
    until("it leaves", || branch.is_empty()).await;
    // The same disk in two boxes: the other one has used the next number.
    hop.rule(|seen| match number(seen) {
        2 => Said::No(422, Some("key_reused"), None),
        _ => Said::Yes,
    });
    branch.accept("b", &events(1..3)).await.unwrap();
    until("it leaves", || branch.is_empty()).await;
    assert_eq!(hop.taken(), events(0..3));
    let names: Vec<_> = hop.seen().iter().map(|seen| seen.name.clone()).collect();
    assert!(names.len() == 3 && names[1] != names[2] && names[2].ends_with(":1"), "{names:?}");
    assert_eq!(branch.status.borrow().dead_letters.kept, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_sends_again_is_known_before_and_after_its_batch_has_left() {
    let (hop, branch) = world().await;
    shut(&hop);
    let name = format!("agent:{}:1", "ab".repeat(16));
    let (numbered, plain) = (name.as_str(), "any name");
    for (key, numbers) in [(numbered, 0..2), (plain, 2..4)] {
        assert!(!branch.accept(key, &events(numbers.clone())).await.unwrap().duplicate);
        assert!(branch.accept(key, &events(numbers)).await.unwrap().duplicate);
        let other = branch.accept(key, &events(9..10)).await.unwrap_err();
        assert!(matches!(other, AcceptError::OtherContent(_)), "{other}");
    }
    let branch = branch.cut().await.open().await;
    assert!(branch.accept(plain, &events(2..4)).await.unwrap().duplicate, "the spool remembers");
    open(&hop);
    until("everything is sent", || branch.is_empty()).await;
    for key in [numbered, plain] {
        assert!(branch.accept(key, &events(if key == plain { 2..4 } else { 0..2 })).await.unwrap().duplicate);
    }
    // Without the copies in the spool only numbered names are known, for ever.
    let closed = branch.stop().await;
    std::fs::remove_dir_all(closed.path("spool")).unwrap();
    let branch = closed.open().await;
    assert!(branch.accept(numbered, &events(0..2)).await.unwrap().duplicate);
    assert!(!branch.accept(&format!("agent:{}:2", "ab".repeat(16)), &events(4..5)).await.unwrap().duplicate);
    until("everything is sent", || branch.is_empty()).await;
    assert_eq!(hop.taken(), events(0..5));
}

fn number_of(event: &str) -> u64 {
    serde_json::from_str::<serde_json::Value>(event).unwrap()["n"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_gw_thresholds_80_95() {
    let hop = Hop::start().await;
    shut(&hop);
    let branch = Closed { max_bytes: 1 << 20, ..Closed::new(hop.config()) }.open().await;
    let mut accepted = 0;
    for number in 0..400 {
        let filler = format!("{{\"kind\":\"x\",\"n\":{number},\"t\":\"{}\"}}", "y".repeat(8_000));
        match branch.accept(&number.to_string(), &[filler]).await {
            Ok(_) => accepted += 1,
            Err(AcceptError::NoRoom { .. }) => {}
            Err(problem) => panic!("{problem}"),
        }
    }
    open(&hop);
    until("everything is sent", || branch.is_empty()).await;
    let taken = hop.taken();
    let told: u64 = taken
        .iter()
        .filter(|event| event.contains("\"kind\":\"gap\""))
        .map(|gap| serde_json::from_str::<serde_json::Value>(gap).unwrap()["batches"].as_u64().unwrap())
        .sum();
    let arrived = taken.iter().filter(|event| event.contains("\"kind\":\"x\"")).count() as u64;
    assert!(told > 0 && arrived > 0, "{told} {arrived}");
    // What was on its way when it was given up is told of and may arrive all the same.
    let on_its_way = hop.seen()[0].events.len() as u64;
    let sum = told + arrived;
    assert!((accepted..=accepted + on_its_way).contains(&sum), "{told} told, {arrived} arrived, {accepted} accepted");
    // Every batch arrived at most once, and in order.
    let numbers: Vec<u64> =
        taken.iter().filter(|event| event.contains("\"kind\":\"x\"")).map(|event| number_of(event)).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    // There is room again.
    branch.accept("more", &events(0..1)).await.unwrap();
    until("it is told", || branch.status.borrow().gaps > 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_that_hangs_up_too_early_does_not_make_two_batches_of_one() {
    let (hop, branch) = world().await;
    for number in 0..30 {
        let (key, events) = (format!("batch {number}"), events(number..number + 1));
        let unheard = branch.accept(&key, &events);
        // Long enough to begin, for some; never long enough for the disk.
        drop(tokio::time::timeout(Duration::from_micros(number as u64 * 10), unheard).await);
        loop {
            match branch.accept(&key, &events).await {
                Ok(_) => break,
                Err(AcceptError::InFlight(_)) => tokio::time::sleep(Duration::from_millis(1)).await,
                Err(problem) => panic!("{problem}"),
            }
        }
    }
    until("everything is sent", || branch.is_empty()).await;
    assert_eq!(hop.taken(), events(0..30));
}
