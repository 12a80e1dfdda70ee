use nazorat_terminals::hikvision::event;
use nazorat_terminals::hikvision::event::Message;

use super::Faults;
use super::Pass;
use super::Split;
use super::Terminal;
use super::TerminalConfig;
use super::people;
use super::stream;

#[tokio::test]
async fn it_logs_what_happens_and_its_counter_begins_anew_when_it_is_full() {
    let config = TerminalConfig { first: 9, highest: 10, capacity: 2, ..TerminalConfig::default() };
    let terminal = Terminal::start(config).await.unwrap();
    let numbers: Vec<u64> = (0..4).map(|_| terminal.pass(Pass::face("1001", 1))).collect();
    assert_eq!(numbers, [9, 10, 1, 2]);
    assert_eq!(terminal.log().len(), 4);
    assert_eq!(terminal.state().ring.len(), 2);
    let logged = &terminal.log()[0];
    assert!(logged.code == "5/75" && !logged.name.is_empty() && logged.time.ends_with("+05:00"));
    let document = stream::document(&terminal.0, logged, true).to_string();
    match event::read(document.as_bytes()) {
        Ok(Message::Happened(happening)) => {
            assert_eq!((happening.serial, happening.person.as_str()), (Some(9), "1001"))
        }
        other => panic!("{other:?}"),
    }
    terminal.stop().await;
}

#[test]
fn its_people_are_those_of_the_office_and_have_a_card_each() {
    let people = people(1, 20);
    assert_eq!(people.len(), 20);
    let mut cards: Vec<_> = people.iter().flat_map(|person| person.cards.clone()).collect();
    cards.sort();
    cards.dedup();
    assert_eq!(cards.len(), 20);
}

#[test]
fn faults_are_read_from_words() {
    let faults = Faults::parse("close, duplicate,split-random,replay").unwrap();
    assert!(faults.close > 0 && faults.duplicate > 0 && faults.replay && faults.split == Split::Random);
    assert_eq!(Faults::parse(""), Ok(Faults::default()));
    assert!(Faults::parse("explode").unwrap_err().contains("split-bytes"));
}
