//! Computers and users appear by themselves.

use nazorat_wire::Identity;

use super::OFFICE;
use super::Office;
use super::account;
use super::all;
use super::at;
use super::hr;
use crate::people::ComputerUserFilter;
use crate::people::Linked;
use crate::people::Observed;
use crate::people::People;
use crate::people::Reason;
use crate::people::State;

#[tokio::test]
async fn a_new_account_appears_once_and_says_to_whom_it_might_belong() {
    let office = Office::new();
    let aziz = office.employee("Hamidov Aziz", None).await;
    let batch = [
        Observed::new(account("pc-1", "OFIS\\a.hamidov"), at(5)),
        Observed::new(account("pc-1", "ofis\\A.Hamidov"), at(3)),
        Observed::new(account("pc-1", "guest"), at(4)),
    ];
    let known = office.people.observe_now(OFFICE, &batch).unwrap();
    assert_eq!(known.len(), 3);
    assert_eq!(known[0], known[1]);
    assert_eq!(known[0].computer, known[2].computer);

    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    let unassigned = view.unassigned("", &all()).unwrap().items;
    assert_eq!(unassigned.len(), 2);
    let his = unassigned.iter().find(|one| one.user.user.id == known[0].computer_user).unwrap();
    assert_eq!((his.proposals[0].employee, his.proposals[0].reason), (aziz, Reason::SurnameAndInitial));
    assert_eq!((his.user.user.first_seen, his.user.user.last_seen), (Some(at(3)), Some(at(5))));

    office.link(known[0], aziz).await;
    let ignored = known[2].computer_user;
    office.people.set_computer_user_state(&hr(), OFFICE, ignored, State::Inactive).await.unwrap();
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    assert_eq!(view.count_unassigned().unwrap(), 0);
    let linked = ComputerUserFilter { linked: Some(Linked::Yes), ..ComputerUserFilter::default() };
    let linked = view.computer_users(&linked, &all()).unwrap().items;
    assert_eq!(linked[0].employee, Some((aziz, "Hamidov Aziz".to_owned())));
}

#[tokio::test]
async fn an_account_that_goes_on_after_its_link_ended_is_unassigned_again() {
    let office = Office::new();
    let aziz = office.employee("Hamidov Aziz", None).await;
    let seen = office.see("pc-1", "aziz", at(1)).await;
    office.link(seen, aziz).await;
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    let link = view.links_of_employee(aziz).unwrap().remove(0).link;
    office.people.end_link(&hr(), OFFICE, link.id, at(10)).await.unwrap();
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    assert_eq!(view.count_unassigned().unwrap(), 0);
    office.see("pc-1", "aziz", at(11)).await;
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    assert_eq!(view.count_unassigned().unwrap(), 1);
}

#[tokio::test]
async fn last_seen_is_shown_at_once_and_stored_within_a_minute() {
    let office = Office::new();
    let seen = office.see("pc-1", "aziz", at(0)).await;
    office.see("pc-1", "aziz", at(2)).await;
    let shown = office.people.view(&hr(), OFFICE).await.unwrap();
    assert_eq!(shown.computer_user(seen.computer_user).unwrap().user.last_seen, Some(at(2)));
    assert_eq!(shown.computer(seen.computer).unwrap().last_seen, Some(at(2)));

    let stored = || async {
        let fresh = People::new(office.store.clone(), office.clock.clone());
        let view = fresh.view(&hr(), OFFICE).await.unwrap();
        view.computer_user(seen.computer_user).unwrap().user.last_seen
    };
    assert_eq!(stored().await, Some(at(0)));
    office.clock.set(at(1));
    office.see("pc-1", "aziz", at(3)).await;
    assert_eq!(stored().await, Some(at(3)));
    office.see("pc-1", "aziz", at(4)).await;
    office.people.flush_all_seen_now().unwrap();
    assert_eq!(stored().await, Some(at(4)));
    // An event that comes late moves the first sighting back, not the last one.
    office.see("pc-1", "aziz", at(-60)).await;
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    let user = view.computer_user(seen.computer_user).unwrap().user;
    assert_eq!((user.first_seen, user.last_seen), (Some(at(-60)), Some(at(4))));
}

#[tokio::test]
async fn a_name_that_comes_later_is_learned() {
    let office = Office::new();
    let identity = Identity { computer_uid: "pc-1", user_sid: Some("S-1-5-21-7"), user_name: None };
    let nameless = Observed::new(identity, at(0));
    let first = office.people.observe_now(OFFICE, &[nameless]).unwrap();
    let named = Observed::new(Identity { user_name: Some("OFIS\\aziz"), ..identity }, at(1));
    assert_eq!(office.people.observe_now(OFFICE, &[named]).unwrap(), first);
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    let user = view.computer_user(first[0].computer_user).unwrap().user;
    assert_eq!((user.name(), user.sid.as_deref()), ("OFIS\\aziz", Some("S-1-5-21-7")));
}
