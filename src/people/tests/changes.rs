//! Changing departments, employees, computers and links.

use super::OFFICE;
use super::Office;
use super::at;
use super::hr;
use super::person;
use crate::kernel::Classify as _;
use crate::kernel::Span;
use crate::people::AccountSpan;
use crate::people::ComputerEdit;
use crate::people::ComputerInput;
use crate::people::ComputerUserInput;
use crate::people::Contents;
use crate::people::DepartmentInput;
use crate::people::EmployeeInput;
use crate::people::LinkInput;
use crate::people::State;

#[tokio::test]
async fn a_department_is_renamed_moved_and_taken_out_of_use() {
    let office = Office::new();
    let (hr, people) = (hr(), office.people.clone());
    let top = office.department("Office", None).await;
    let sales = office.department("Sales", Some(top)).await;
    let input = DepartmentInput { name: "Trade".to_owned(), parent: None };
    let changed = people.edit_department(&hr, OFFICE, sales, input).await.unwrap();
    assert_eq!((changed.before.name.as_str(), changed.after.name.as_str()), ("Sales", "Trade"));
    let below_itself = DepartmentInput { name: "Office".to_owned(), parent: Some(top) };
    let refused = people.edit_department(&hr, OFFICE, top, below_itself).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), ("department_cycle", Some("parent")));
    let closed = people.set_department_state(&hr, OFFICE, sales, State::Inactive).await.unwrap();
    assert_eq!(closed.after.state, State::Inactive);
    let view = people.view(&hr, OFFICE).await.unwrap();
    assert_eq!(view.department(sales).unwrap(), &closed.after);
}

#[tokio::test]
async fn whoever_watches_is_told_of_changes_and_of_nothing_else() {
    let office = Office::new();
    let mut told = office.people.watch();
    let aziz = office.employee("Hamidov Aziz", None).await;
    assert!(told.has_changed().unwrap());
    told.mark_unchanged();
    office.people.view(&hr(), OFFICE).await.unwrap();
    assert!(office.people.create_employee(&hr(), OFFICE, EmployeeInput::default()).await.is_err());
    assert!(!told.has_changed().unwrap());
    office.people.set_employee_state(&hr(), OFFICE, aziz, State::Inactive).await.unwrap();
    assert!(told.has_changed().unwrap());
}

#[tokio::test]
async fn deleting_a_department_moves_its_contents_up_or_is_refused() {
    let office = Office::new();
    let (hr, people) = (hr(), office.people.clone());
    let top = office.department("Office", None).await;
    let sales = office.department("Sales", Some(top)).await;
    let export = office.department("Export", Some(sales)).await;
    let aziz = office.employee("Hamidov Aziz", Some(sales)).await;
    let edit = ComputerEdit { department: Some(sales), ..ComputerEdit::default() };
    let input = ComputerInput { uid: "pc-1".to_owned(), edit };
    let computer = people.create_computer(&hr, OFFICE, input).await.unwrap().id;

    let consequences = people.department_consequences(&hr, OFFICE, sales).await.unwrap();
    assert_eq!((consequences.sub_departments, consequences.employees), (vec![export], vec![aziz]));
    assert_eq!((consequences.computers, consequences.parent.map(|parent| parent.id)), (1, Some(top)));

    let refused = people.delete_department(&hr, OFFICE, sales, Contents::MustBeEmpty).await.unwrap_err();
    assert_eq!(refused.code(), "department_not_empty");
    let view = people.view(&hr, OFFICE).await.unwrap();
    assert_eq!(view.employee(aziz).unwrap().department, Some(sales));

    people.delete_department(&hr, OFFICE, sales, Contents::MoveToParent).await.unwrap();
    let view = people.view(&hr, OFFICE).await.unwrap();
    assert_eq!(view.employee(aziz).unwrap().department, Some(top));
    assert_eq!(view.computer(computer).unwrap().computer.department, Some(top));
    assert_eq!(view.department(export).unwrap().parent, Some(top));
    people.delete_department(&hr, OFFICE, top, Contents::MoveToParent).await.unwrap();
    let view = people.view(&hr, OFFICE).await.unwrap();
    assert_eq!(view.employee(aziz).unwrap().department, None);
}

#[tokio::test]
async fn a_personnel_number_belongs_to_one_person() {
    let office = Office::new();
    let numbered = |name, number: &str| EmployeeInput { personnel_number: number.to_owned(), ..person(name, None) };
    let first = office.people.create_employee(&hr(), OFFICE, numbered("Hamidov Aziz", "A-17")).await.unwrap();
    let second = office.people.create_employee(&hr(), OFFICE, numbered("Aliyev Doniyor", "a-17")).await.unwrap_err();
    assert_eq!((second.code(), second.field()), ("personnel_number_taken", Some("personnel_number")));
    let same = numbered("Hamidov Azizbek", "a-17");
    let changed = office.people.edit_employee(&hr(), OFFICE, first.id, same).await.unwrap();
    assert_eq!((changed.before.given_name.as_str(), changed.after.given_name.as_str()), ("Aziz", "Azizbek"));
}

#[tokio::test]
async fn a_corrected_link_corrects_the_past() {
    let office = Office::new();
    let (hr, people) = (hr(), office.people.clone());
    let aziz = office.employee("Hamidov Aziz", None).await;
    let doniyor = office.employee("Aliyev Doniyor", None).await;
    let seen = office.see("pc-1", "user", at(10)).await;
    let forever = LinkInput { employee: aziz, from: None, to: None };
    let link = people.create_link(&hr, OFFICE, seen.computer_user, forever.clone()).await.unwrap();
    let again = people.create_link(&hr, OFFICE, seen.computer_user, forever).await.unwrap_err();
    assert_eq!(again.code(), "link_overlaps");

    people.end_link(&hr, OFFICE, link.id, at(100)).await.unwrap();
    let next = LinkInput { employee: doniyor, from: None, to: None };
    let next = people.create_link(&hr, OFFICE, seen.computer_user, next).await.unwrap();
    assert_eq!(next.from, Some(at(100)));
    let view = people.view(&hr, OFFICE).await.unwrap();
    let holder = |minute| view.person_of(seen.account, at(minute)).map(|employee| employee.id);
    // Also an event from before the account was first seen is his: it came late.
    assert_eq!([holder(5), holder(99), holder(100)], [Some(aziz), Some(aziz), Some(doniyor)]);
    let within = Span::new(at(50), at(150));
    let span = AccountSpan { account: seen.account, employee: aziz, from: at(50), to: at(100) };
    assert_eq!(view.accounts_of(aziz, within).unwrap(), [span]);
    assert_eq!(view.links_of_employee(aziz).unwrap().first().unwrap().begins, Some(at(10)));

    let earlier = LinkInput { employee: aziz, from: None, to: Some(at(60)) };
    people.change_link(&hr, OFFICE, link.id, earlier).await.unwrap();
    let view = people.view(&hr, OFFICE).await.unwrap();
    assert_eq!(view.person_of(seen.account, at(80)), None);
    assert_eq!(view.links_of_computer_user(seen.computer_user).unwrap().len(), 2);
    people.delete_link(&hr, OFFICE, next.id).await.unwrap();
    let backwards = LinkInput { employee: aziz, from: Some(at(9)), to: Some(at(8)) };
    let refused = people.change_link(&hr, OFFICE, link.id, backwards).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), ("field_before_begin", Some("to")));
}

#[tokio::test]
async fn deleting_an_employee_leaves_the_account_unassigned() {
    let office = Office::new();
    let aziz = office.employee("Hamidov Aziz", None).await;
    let seen = office.see("pc-1", "a.hamidov", at(10)).await;
    office.link(seen, aziz).await;
    assert_eq!(office.people.employee_consequences(&hr(), OFFICE, aziz).await.unwrap().links.len(), 1);
    office.people.delete_employee(&hr(), OFFICE, aziz).await.unwrap();
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    assert_eq!(view.person_of(seen.account, at(10)), None);
    assert_eq!(view.count_unassigned().unwrap(), 1);
    assert!(view.links_of_computer_user(seen.computer_user).unwrap().is_empty());
}

#[tokio::test]
async fn a_deleted_computer_comes_back_with_its_next_event() {
    let office = Office::new();
    let (hr, people) = (hr(), office.people.clone());
    let aziz = office.employee("Hamidov Aziz", None).await;
    let seen = office.see("pc-1", "aziz", at(10)).await;
    office.link(seen, aziz).await;
    let consequences = people.computer_consequences(&hr, OFFICE, seen.computer).await.unwrap();
    assert_eq!((consequences.users.len(), consequences.links.len()), (1, 1));
    let consequences = people.computer_user_consequences(&hr, OFFICE, seen.computer_user).await.unwrap();
    assert_eq!(consequences.links.len(), 1);
    let gone = people.delete_computer(&hr, OFFICE, seen.computer).await.unwrap();
    assert_eq!((gone.users.len(), gone.links.len()), (1, 1));
    let again = office.see("pc-1", "aziz", at(11)).await;
    assert_eq!(again.account, seen.account);
    assert!(again.computer > seen.computer && again.computer_user > seen.computer_user);
}

#[tokio::test]
async fn what_was_entered_by_hand_is_found_by_its_events() {
    let office = Office::new();
    let (hr, people) = (hr(), office.people.clone());
    let input = ComputerInput { uid: "pc-1".to_owned(), edit: ComputerEdit::default() };
    let computer = people.create_computer(&hr, OFFICE, input.clone()).await.unwrap();
    assert_eq!(computer.name, "pc-1");
    let twice = people.create_computer(&hr, OFFICE, input).await.unwrap_err();
    assert_eq!((twice.code(), twice.field()), ("computer_uid_taken", Some("uid")));
    let input = ComputerUserInput { user_name: "Aziz".to_owned(), sid: String::new() };
    let user = people.create_computer_user(&hr, OFFICE, computer.id, input).await.unwrap();
    let seen = office.see("pc-1", "aziz", at(10)).await;
    assert_eq!((seen.computer, seen.computer_user, seen.account), (computer.id, user.id, user.account));
    let view = people.view(&hr, OFFICE).await.unwrap();
    assert_eq!(view.computer_user(user.id).unwrap().user.first_seen, Some(at(10)));
}
