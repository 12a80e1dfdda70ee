use super::Book;
use super::Look;
use super::Numbered;
use super::Place;
use super::Survey;
use super::order;

/// The event of a number at a second; the print is that of the second.
fn event(serial: u64, second: i64) -> Numbered {
    Numbered { serial, print: u32::try_from(second).unwrap(), at: Some(jiff::Timestamp::from_second(second).unwrap()) }
}

fn book() -> Book {
    Book::open(None, "T1")
}

/// The same book after a restart.
fn again(book: &Book, device: &str) -> Book {
    let text = serde_json::to_string(&book.place).unwrap();
    Book::open(serde_json::from_str::<Option<Place>>(&text).unwrap(), device)
}

#[test]
fn numbers_go_on_over_a_restart() {
    let mut book = book();
    for serial in 1..=100 {
        assert_eq!(book.look(event(serial, 1000 + serial as i64)), Look::Next);
        assert_eq!(book.take(event(serial, 1000 + serial as i64)), format!("1:{serial}"));
    }
    let book = again(&book, "T1");
    assert_eq!(book.look(event(100, 1100)), Look::Known);
    assert_eq!(book.look(event(101, 1101)), Look::Next);
    assert_eq!(book.look(event(103, 1103)), Look::Ahead);
    assert_eq!(book.look(event(1, 1001)), Look::Behind);
    assert_eq!(book.anchors(), Some((53, 100)));
}

#[test]
fn holes_are_known_until_they_are_filled() {
    let mut book = book();
    book.take(event(10, 100));
    assert!(book.place.gaps.is_empty(), "what was before the first contact is nobody's loss");
    book.take(event(15, 150));
    let hole = |book: &Book| book.place.gaps.iter().map(|gap| (gap.first, gap.last)).collect::<Vec<_>>();
    assert_eq!(hole(&book), [(11, 14)]);
    assert_eq!(book.look(event(12, 120)), Look::Missing);
    assert_eq!(book.take(event(12, 120)), "1:12");
    assert_eq!(hole(&again(&book, "T1")), [(11, 11), (13, 14)]);
    for serial in [11, 14, 13] {
        book.take(event(serial, 100 + serial as i64));
    }
    assert!(book.place.gaps.is_empty());
    assert_eq!(book.place.last, 15);
}

#[test]
fn a_counter_that_is_full_begins_a_new_epoch_and_a_repetition_does_not() {
    let mut book = book();
    book.take(event(99_999, 1000));
    book.take(event(100_000, 1010));
    let next = event(1, 1020);
    assert_eq!(book.look(next), Look::Behind);
    assert!(book.begins_anew(next) && !book.begins_anew(event(1, 900)) && !book.begins_anew(event(99_998, 2000)));
    book.begin_anew();
    assert_eq!((book.look(next), book.take(next).as_str()), (Look::Next, "2:1"));
    // Told again, each has the name it had.
    assert_eq!((book.name(event(100_000, 1010)).as_str(), book.name(next).as_str()), ("1:100000", "2:1"));
    assert_eq!(book.name(event(99_000, 10)), "1:99000");
    assert_eq!(book.look(event(100_000, 1010)), Look::Known);
}

#[test]
fn another_terminal_at_the_same_place_has_numbers_of_its_own() {
    let mut book = book();
    book.take(event(5, 1000));
    assert_eq!(again(&book, "T2").take(event(6, 1010)), "2:6");
    assert_eq!(again(&book, "T1").take(event(6, 1010)), "1:6");
}

#[test]
fn a_log_is_new_when_our_numbers_stand_for_something_else() {
    let mut book = book();
    for serial in 1..=50 {
        book.take(event(serial, 1000 + serial as i64));
    }
    let is_new = |events: &[Numbered]| {
        let mut survey = Survey::default();
        events.iter().for_each(|&event| survey.add(&book, event));
        survey.is_new(&book)
    };
    assert!(!is_new(&[]), "an empty log says nothing");
    assert!(!is_new(&[event(49, 1049), event(50, 1050), event(51, 1051)]));
    assert!(!is_new(&[event(700, 9000)]), "ours are overwritten");
    assert!(is_new(&[event(1, 5000), event(2, 5001)]), "its counter is behind ours");
    assert!(is_new(&[event(50, 5000), event(51, 5001), event(80, 5002)]), "fifty is another event");
}

#[test]
fn a_page_over_the_end_of_the_counter_is_in_order() {
    let mut page = vec![event(99_999, 100), event(100_000, 110), event(2, 130), event(1, 120)];
    order(&mut page, |event| *event);
    let serials: Vec<u64> = page.iter().map(|event| event.serial).collect();
    assert_eq!(serials, [99_999, 100_000, 1, 2]);
    let mut page = vec![event(59, 100), event(60, 100), event(1, 100), event(2, 101)];
    order(&mut page, |event| *event);
    assert_eq!(page.iter().map(|event| event.serial).collect::<Vec<_>>(), [59, 60, 1, 2], "a small counter");
    // A clock that went back is no counter that did.
    let mut page = vec![event(11, 50), event(10, 100), event(12, 60)];
    order(&mut page, |event| *event);
    assert_eq!(page.iter().map(|event| event.serial).collect::<Vec<_>>(), [10, 11, 12]);
}
