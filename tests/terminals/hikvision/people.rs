//! People: written where they differ, read back, never all of them at once.

use std::sync::Arc;

use nazorat::adapters::DeviceError;
use nazorat::adapters::Face;
use nazorat::adapters::Number;
use nazorat::adapters::Person;
use nazorat::sim::hikvision::SimPerson;
use nazorat::sim::hikvision::Terminal;
use nazorat::sim::hikvision::TerminalConfig;
use nazorat::sim::hikvision::people;
use serde_json::json;

use super::Kept;
use super::config;
use super::session;

fn person(number: &str, name: &str, cards: &[&str]) -> Person {
    Person {
        number: Number::parse(number).unwrap(),
        name: name.to_owned(),
        cards: cards.iter().map(|card| (*card).to_owned()).collect(),
        from: None,
        until: None,
        face: Face::AsItIs,
    }
}

fn on(terminal: &Terminal, number: &str) -> Option<SimPerson> {
    terminal.people().into_iter().find(|person| person.number == number)
}

#[tokio::test]
async fn people_are_listed_in_pages_and_written_with_cards_and_faces() {
    let terminal = Terminal::start(TerminalConfig { people: people(1, 70), page: 10, ..config() }).await.unwrap();
    let kept = Arc::new(Kept::default());
    let session = session(terminal.address(), json!({}), &kept);
    let listed = session.people().await.unwrap();
    assert_eq!(listed.len(), 70);
    assert!(listed.iter().all(|person| person.cards.as_ref().is_some_and(|cards| cards.len() == 1)));
    assert!(listed.iter().all(|person| person.has_face == Some(true) && !person.is_admin));

    let mut anna = person("2001", "Anna Petrova", &["0004567890", "77"]);
    anna.until = Some("2027-01-01T00:00:00Z".parse().unwrap());
    anna.face = Face::Jpeg(Arc::from([&[0xff, 0xd8, 0xff][..], &[7; 5000][..]].concat()));
    session.put_person(&anna).await.unwrap();
    let there = on(&terminal, "2001").unwrap();
    assert_eq!(
        (there.name.as_str(), there.until.as_str(), there.face),
        ("Anna Petrova", "2027-01-01T05:00:00", Some(5003))
    );
    assert_eq!(
        (there.cards.as_slice(), there.doors.as_str()),
        (&["0004567890".to_owned(), "77".to_owned()][..], "1,2")
    );

    // Nothing differs: it is only looked at. The host knows which face it gave, and does not give it twice.
    anna.face = Face::AsItIs;
    let asked = terminal.requests();
    session.put_person(&anna).await.unwrap();
    assert!(terminal.requests() - asked <= 6, "{}", terminal.requests() - asked);

    anna.cards = vec!["77".to_owned(), "78".to_owned()];
    anna.face = Face::Off;
    session.put_person(&anna).await.unwrap();
    let there = on(&terminal, "2001").unwrap();
    assert_eq!((there.cards.as_slice(), there.face), (&["77".to_owned(), "78".to_owned()][..], None));
    anna.cards.clear();
    session.put_person(&anna).await.unwrap();
    assert!(on(&terminal, "2001").unwrap().cards.is_empty());
    let cards: usize = terminal.people().iter().map(|person| person.cards.len()).sum();
    assert_eq!(cards, 70, "the cards of others are theirs still");
    terminal.stop().await;
}

#[tokio::test]
async fn one_is_taken_off_and_the_others_stay() {
    let terminal = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let session = session(terminal.address(), json!({}), &kept);
    let before = terminal.people().len();
    session.remove_person(&Number::parse("1003").unwrap()).await.unwrap();
    assert_eq!((terminal.people().len(), on(&terminal, "1003")), (before - 1, None));
    // That nobody is there is fine.
    session.remove_person(&Number::parse("1003").unwrap()).await.unwrap();
    assert_eq!(terminal.people().len(), before - 1);
    assert_eq!(Number::parse(""), None, "nobody in particular has no number");
    terminal.stop().await;
}

#[tokio::test]
async fn those_who_administer_the_terminal_are_left_alone() {
    let mut staff = people(1, 3);
    staff[0].is_admin = true;
    let terminal = Terminal::start(TerminalConfig { people: staff.clone(), ..config() }).await.unwrap();
    let kept = Arc::new(Kept::default());
    let session = session(terminal.address(), json!({}), &kept);
    assert!(session.people().await.unwrap()[0].is_admin);
    let put = session.put_person(&person("1001", "Somebody else", &[])).await;
    let removed = session.remove_person(&Number::parse("1001").unwrap()).await;
    for told in [put, removed] {
        assert!(matches!(&told, Err(DeviceError::Refused(text)) if text.contains("administers")), "{told:?}");
    }
    assert_eq!(terminal.people(), staff);
    terminal.stop().await;
}

#[tokio::test]
async fn a_card_of_somebody_else_and_a_picture_that_is_none_are_refused() {
    let terminal = Terminal::start(config()).await.unwrap();
    let kept = Arc::new(Kept::default());
    let session = session(terminal.address(), json!({}), &kept);
    let taken = on(&terminal, "1002").unwrap().cards[0].clone();
    let told = session.put_person(&person("2001", "Anna", &[&taken])).await;
    assert!(matches!(&told, Err(DeviceError::Refused(text)) if text.contains("somebody else")), "{told:?}");
    let mut bad = person("2002", "Bek", &[]);
    bad.face = Face::Jpeg(Arc::from(&b"GIF89a"[..]));
    assert!(matches!(session.put_person(&bad).await, Err(DeviceError::Refused(_))));
    assert_eq!(on(&terminal, "2002"), None);
    terminal.stop().await;
}
