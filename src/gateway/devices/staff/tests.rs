//! Tests of what a comparison decides.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use nazorat_wire::PersonItem;

use super::plan::FaceWish;
use super::plan::Plan;
use super::plan::View;
use super::plan::Written;
use super::plan::told;
use crate::adapters::Capabilities;
use crate::adapters::TerminalPerson;
use crate::kernel::Timestamp;

const FACE: &str = "face-1";

#[derive(Default)]
struct Scene {
    there: Vec<TerminalPerson>,
    people: Vec<PersonItem>,
    barred: Vec<String>,
    written: BTreeMap<String, Written>,
    may_remove: usize,
    knows_no_dates: bool,
}

impl Scene {
    fn plan(&self) -> Plan {
        let can = Capabilities {
            people: true,
            cards: true,
            faces: true,
            dates: !self.knows_no_dates,
            ..Capabilities::default()
        };
        let now = now();
        let Self { there, people, barred, written, may_remove, .. } = self;
        View { device: 7, now, there, people, barred, written, can: &can, may_remove: *may_remove }.plan()
    }

    /// As if everything that is to be done was done, and the device had told of it.
    fn settle(&mut self) {
        let plan = self.plan();
        for number in &plan.removals {
            self.there.retain(|person| person.number != number.as_str());
            self.written.remove(number.as_str());
        }
        for put in plan.puts {
            let number = put.number.as_str().to_owned();
            let before = self.there.iter().find(|person| person.number == number).and_then(|person| person.has_face);
            let has_face = match put.face {
                FaceWish::AsItIs => before.or(Some(false)),
                FaceWish::Off => Some(false),
                FaceWish::Fetch(_) => Some(true),
            };
            self.there.retain(|person| person.number != number);
            let person = TerminalPerson { has_face, cards: Some(put.cards), ..there(&number, &put.name, &[]) };
            self.written.insert(number, Written { told: told(&person), ..put.ours });
            self.there.push(person);
        }
    }
}

fn now() -> Timestamp {
    "2026-11-29T05:00:00Z".parse().unwrap()
}

fn there(number: &str, name: &str, cards: &[&str]) -> TerminalPerson {
    TerminalPerson {
        number: number.to_owned(),
        name: name.to_owned(),
        cards: Some(cards.iter().map(|card| (*card).to_owned()).collect()),
        has_face: Some(false),
        is_admin: false,
    }
}

fn may_pass(number: &str, name: &str, cards: &[&str]) -> PersonItem {
    let cards = cards.iter().map(|card| (*card).to_owned()).collect();
    PersonItem { number: number.to_owned(), name: name.to_owned(), cards, devices: vec![7], ..PersonItem::default() }
}

fn may_not_pass(number: &str) -> PersonItem {
    PersonItem { number: number.to_owned(), ..PersonItem::default() }
}

fn gone(plan: &Plan) -> Vec<&str> {
    plan.removals.iter().map(crate::adapters::Number::as_str).collect()
}

fn put(plan: &Plan) -> Vec<&str> {
    plan.puts.iter().map(|put| put.number.as_str()).collect()
}

#[test]
fn those_who_may_pass_are_written_once_and_then_left_alone() {
    let people = vec![may_pass("1001", "Karimov", &["77"]), may_pass("1002", "Petrova", &[])];
    let mut scene = Scene { people, ..Scene::default() };
    let plan = scene.plan();
    assert_eq!((plan.wanted, plan.right, put(&plan)), (2, 0, vec!["1001", "1002"]));
    scene.settle();
    let plan = scene.plan();
    assert_eq!((plan.wanted, plan.right, plan.puts.len(), plan.removals.len()), (2, 2, 0, 0));
    // A device that shortens a name is not written anew for it.
    scene.there[0].name.truncate(4);
    scene.written.get_mut("1001").unwrap().told = told(&scene.there[0]);
    assert_eq!(scene.plan().right, 2);
    // Somebody changes a card at the device, and it is put back.
    scene.there[0].cards = Some(Vec::new());
    assert_eq!(put(&scene.plan()), ["1001"]);
}

#[test]
fn those_whom_nobody_named_stay_and_are_told_of() {
    let there =
        vec![there("1", "Director", &["5"]), there("900", "Cleaner of the owner", &[]), there("1003", "Left", &[])];
    let mut scene = Scene { there, people: vec![may_not_pass("1003")], ..Scene::default() };
    scene.there[0].is_admin = true;
    let plan = scene.plan();
    assert_eq!(gone(&plan), ["1003"], "the appliance names them, and they may not pass");
    let strangers: Vec<_> = plan.strangers.iter().map(|one| (one.number.as_str(), one.is_known)).collect();
    assert_eq!(strangers, [("900", false)], "those who administer the device are no news");
    // Somebody whom we wrote and who was deleted is known by the book alone.
    scene.written.insert("900".to_owned(), Written::default());
    assert_eq!(gone(&scene.plan()).len(), 2);
}

#[test]
fn suspiciously_many_wait_for_a_word() {
    let numbers: Vec<String> = (0..40).map(|number| format!("{}", 2000 + number)).collect();
    let there = numbers.iter().map(|number| there(number, "Somebody", &[])).collect();
    let people = numbers.iter().map(|number| may_not_pass(number)).collect();
    let mut scene = Scene { there, people, ..Scene::default() };
    assert_eq!((scene.plan().removals.len(), scene.plan().held), (0, 40));
    scene.may_remove = 39;
    assert_eq!((scene.plan().removals.len(), scene.plan().held), (0, 40), "more than was said");
    scene.may_remove = 40;
    assert_eq!((scene.plan().removals.len(), scene.plan().held), (40, 0));
    // A sheet that lost everybody does not empty a device either.
    scene.may_remove = 0;
    scene.people.clear();
    scene.written = numbers.iter().map(|number| (number.clone(), Written::default())).collect();
    assert_eq!((scene.plan().removals.len(), scene.plan().held), (0, 40));
    // A few go without asking.
    scene.people = numbers[10..].iter().map(|number| may_pass(number, "Somebody", &[])).collect();
    assert_eq!((scene.plan().removals.len(), scene.plan().held), (10, 0));
}

#[test]
fn cards_of_ours_go_and_those_that_only_the_device_knows_stay() {
    let mut scene = Scene { people: vec![may_pass("1001", "Karimov", &["77", "78"])], ..Scene::default() };
    scene.settle();
    scene.there[0].cards.as_mut().unwrap().push("4711".to_owned());
    scene.people[0].cards = vec!["78".to_owned()];
    let plan = scene.plan();
    assert_eq!(plan.puts[0].cards, ["4711", "78"], "77 was ours, 4711 was not");
    assert_eq!((plan.strangers[0].is_known, plan.strangers[0].cards.as_slice()), (true, &["4711".to_owned()][..]));
    // Once it is blocked, or belongs to somebody else, it goes as well.
    scene.barred = vec!["04711".to_owned()];
    assert_eq!(scene.plan().puts[0].cards, ["78"]);
    scene.barred.clear();
    scene.people.push(may_pass("1002", "Petrova", &["4711"]));
    let plan = scene.plan();
    assert_eq!((put(&plan), plan.puts[0].cards.as_slice()), (vec!["1001", "1002"], &["78".to_owned()][..]));
    // Whoever loses the card is written before whoever gets it, whatever their numbers are.
    scene.people[1].number = "0500".to_owned();
    assert_eq!(put(&scene.plan()), ["1001", "0500"]);
}

#[test]
fn zeros_before_a_number_tell_nobody_apart() {
    let mut scene = Scene { there: vec![there("42", "Karimov", &["0077"])], ..Scene::default() };
    scene.people = vec![may_pass("0042", "Karimov", &["77"])];
    let plan = scene.plan();
    assert_eq!((put(&plan), plan.puts[0].cards.as_slice()), (vec!["42"], &["0077".to_owned()][..]));
    assert!(plan.strangers.is_empty() && plan.removals.is_empty());
}

#[test]
fn a_face_of_ours_goes_with_the_right_to_it_and_one_taken_at_the_device_stays() {
    let mut scene = Scene { people: vec![may_pass("1001", "Karimov", &[])], ..Scene::default() };
    scene.there = vec![TerminalPerson { has_face: Some(true), ..there("1001", "Karimov", &[]) }];
    assert_eq!(scene.plan().puts[0].face, FaceWish::AsItIs);
    scene.settle();
    scene.people[0].face = Some(FACE.to_owned());
    assert_eq!(scene.plan().puts[0].face, FaceWish::Fetch(FACE.to_owned()));
    scene.settle();
    assert_eq!(scene.plan().right, 1);
    // It is written again when the device lost it, and not when only the name changes.
    scene.there[0].has_face = Some(false);
    assert_eq!(scene.plan().puts[0].face, FaceWish::Fetch(FACE.to_owned()));
    scene.there[0].has_face = Some(true);
    scene.people[0].name = "Karimova".to_owned();
    assert_eq!(scene.plan().puts[0].face, FaceWish::AsItIs);
    scene.people[0].face = None;
    assert_eq!(scene.plan().puts[0].face, FaceWish::Off);
    scene.settle();
    assert_eq!((scene.there[0].has_face, scene.plan().right), (Some(false), 1));
}

#[test]
fn a_write_that_nobody_knows_the_end_of_is_made_again_and_is_ours_to_take_away() {
    let mut scene = Scene { people: vec![may_pass("1001", "Karimov", &["77"])], ..Scene::default() };
    scene.people[0].face = Some(FACE.to_owned());
    let plan = scene.plan();
    super::book::intend(&mut scene.written, &plan.puts[0]);
    // The gateway died behind the write.
    scene.there = vec![TerminalPerson { has_face: Some(true), ..there("1001", "Karimov", &["77"]) }];
    assert_eq!(scene.plan().puts[0].face, FaceWish::Fetch(FACE.to_owned()));
    (scene.people[0].cards, scene.people[0].face) = (Vec::new(), None);
    let plan = scene.plan();
    assert_eq!((plan.puts[0].cards.len(), &plan.puts[0].face), (0, &FaceWish::Off));
    assert_eq!(scene.written["1001"].cards, BTreeSet::from(["77".to_owned()]));
}

#[test]
fn time_begins_and_ends_also_where_the_device_knows_no_dates() {
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    let mut person = may_pass("1001", "Karimov", &[]);
    (person.from, person.until) = (at("2026-11-30T00:00:00Z"), at("2026-12-01T00:00:00Z"));
    let mut scene = Scene { people: vec![person], ..Scene::default() };
    let plan = scene.plan();
    assert_eq!((plan.wanted, plan.puts[0].from, plan.next), (1, scene.people[0].from, scene.people[0].from));
    scene.knows_no_dates = true;
    let plan = scene.plan();
    assert_eq!((plan.wanted, plan.next), (0, scene.people[0].from));
    scene.people[0].from = at("2026-11-28T00:00:00Z");
    let plan = scene.plan();
    assert_eq!((plan.puts[0].from, plan.puts[0].until, plan.next), (None, None, scene.people[0].until));
    scene.settle();
    scene.people[0].until = at("2026-11-29T04:59:59Z");
    assert_eq!(gone(&scene.plan()), ["1001"]);
}

#[test]
fn whose_number_no_device_takes_is_told_and_holds_up_nobody() {
    let mut scene =
        Scene { people: vec![may_pass("T 7", "Karimov", &[]), may_pass("1002", "Petrova", &[])], ..Scene::default() };
    scene.there = vec![TerminalPerson { is_admin: true, ..there("1002", "Petrova", &[]) }];
    scene.people.push(may_pass("1003", "Ivanov", &[]));
    let plan = scene.plan();
    let unfit: Vec<_> = plan.unfit.iter().map(|(number, why)| (number.as_str(), why.code.as_str())).collect();
    assert_eq!(unfit, [("1002", "administers"), ("T 7", "number")]);
    assert_eq!((put(&plan), plan.wanted), (vec!["1003"], 3));
}
