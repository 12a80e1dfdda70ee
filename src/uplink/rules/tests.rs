//! What an answer means, how long a pause is, how large a batch.

use std::time::Duration;

use super::Bucket;
use super::Heard;
use super::Limits;
use super::Point;
use super::Verdict;
use super::numbered;
use super::pause;
use super::scoped;
use super::verdict;

fn after(status: u16, code: Option<&str>, before: u32) -> Verdict {
    verdict(Heard { status, names_batch: code == Some("ours"), code, before })
}

#[test]
fn only_an_answer_that_names_the_batch_frees_it() {
    assert_eq!(after(200, Some("ours"), 0), Verdict::Taken);
    assert_eq!(after(200, None, 9), Verdict::Later, "somebody else's 200");
    assert_eq!(after(302, None, 0), Verdict::Later);
    assert_eq!(after(404, None, 9), Verdict::Later, "a wrong address condemns no data");
}

#[test]
fn what_will_never_be_taken_is_told_from_what_may_be() {
    assert_eq!(after(400, Some("not_json"), 0), Verdict::Refused);
    assert_eq!(after(400, None, 0), Verdict::Later, "not a Nazorat that says so");
    assert_eq!(after(400, None, 4), Verdict::Refused, "nor does it block for ever");
    assert_eq!(after(422, Some("key_reused"), 0), Verdict::NameTaken);
    assert_eq!(after(422, Some("other"), 0), Verdict::Refused);
    assert_eq!(after(413, None, 0), Verdict::TooLarge);
    assert_eq!(after(408, Some("body_late"), 9), Verdict::TooSlow);
    assert_eq!(after(400, Some("body_cut"), 9), Verdict::Later, "the line has spoiled it, not the sender");
    assert_eq!((after(401, None, 0), after(403, Some("x"), 9)), (Verdict::Locked, Verdict::Locked));
    for status in [408, 409, 425, 429, 500, 502, 503, 504, 507] {
        assert_eq!(after(status, Some("no_room"), 9), Verdict::Later, "{status}");
    }
}

#[test]
fn pauses_double_up_to_five_minutes_and_are_drawn_from_all_of_it() {
    let bound = |tries| pause(Verdict::Later, tries, None, 1.0).as_secs();
    assert_eq!([1, 2, 3, 9, 10, 99].map(bound), [1, 2, 4, 256, 300, 300]);
    assert_eq!(pause(Verdict::Later, 9, None, 0.5), Duration::from_secs(128));
    assert_eq!(pause(Verdict::Later, 9, None, 0.0), Duration::from_millis(50));
    assert_eq!(pause(Verdict::Locked, 1, None, 1.0), Duration::from_secs(60));
}

#[test]
fn what_the_server_asks_for_is_kept_to() {
    let asked = |secs, chance| pause(Verdict::Later, 3, Some(Duration::from_secs(secs)), chance).as_secs();
    assert_eq!(asked(30, 0.0), 30);
    assert_eq!(asked(30, 1.0), 34, "apart from each other, but never earlier");
    assert_eq!(asked(1_000_000, 0.0), 3_600);
}

#[test]
fn a_bucket_lets_its_rate_through() {
    let mut bucket = Bucket::new(1_000);
    assert_eq!(bucket.take(0, 500), Duration::ZERO);
    assert_eq!(bucket.take(0, 1_000), Duration::from_millis(500));
    assert_eq!(bucket.take(1_500_000, 1), Duration::ZERO);
    let mut bucket = Bucket::new(1_000);
    bucket.take(1_000_000_000_000, 1_000_000);
    assert!(bucket.take(0, 1) <= Duration::from_secs(600), "a clock that was set back");
}

#[test]
fn numbered_names_are_told_from_others() {
    let epoch = "0123456789abcdef0123456789abcdef";
    assert_eq!(numbered(&format!("pc-1:{epoch}:7")), Some((format!("pc-1:{epoch}").as_str(), 7)));
    assert_eq!(numbered(&format!("a:b:{epoch}:7")), Some((format!("a:b:{epoch}").as_str(), 7)));
    for other in [format!(":{epoch}:7"), format!("pc:{epoch}:x"), format!("pc:{epoch}:07"), format!("{epoch}:7")] {
        assert_eq!(numbered(&other), None, "{other}");
    }
    assert_eq!(numbered("pc-1:2026-11-20:5"), None);
    assert_eq!((scoped("a", "k"), scoped("a", &format!("x:{epoch}:1"))), ("a k".into(), format!("x:{epoch}:1")));
    assert_eq!(numbered(&format!("pc:{}:5", "0123456789ABCDEF".repeat(2))), None);
}

#[test]
fn batches_shrink_on_a_thin_line_and_grow_again() {
    let usual = Limits::USUAL;
    let halved = usual.thinner_than(600_000);
    assert_eq!(halved.wire, 300_000);
    let slow = halved.paced(300_000, Duration::from_secs(40));
    assert_eq!(slow.wire, 150_000);
    let quick = slow.paced(150_000, Duration::from_secs(19));
    assert_eq!((quick.wire, quick.paced(1, Duration::ZERO).paced(1, Duration::ZERO)), (300_000, usual));
    assert_eq!(usual.thinner_than(10).wire, usual.paced(10, Duration::from_secs(99)).wire);
    assert_eq!(usual.half_of(8).paced(10, Duration::ZERO).events, 8);
}

#[test]
fn a_batch_ends_where_its_limits_are_and_never_before_its_first_event() {
    let limits = Limits { events: 4, bytes: 100, wire: 0 };
    assert!(limits.fits(0, 0, 1_000) && limits.fits(3, 90, 10));
    assert!(!limits.fits(3, 90, 11) && !limits.fits(4, 0, 1));
    assert_eq!([9, 2, 1].map(|events| limits.half_of(events).events), [4, 1, 1]);
    assert_eq!((Point::behind(4), Point { seq: 5, event: 3 }.whole()), (Point { seq: 5, event: 0 }, 4));
}
