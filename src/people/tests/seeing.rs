//! Who sees what.

use super::OFFICE;
use super::OTHERS;
use super::Office;
use super::all;
use super::at;
use super::guard;
use super::hr;
use super::lead;
use super::operator;
use super::person;
use crate::kernel::Actor;
use crate::kernel::Classify as _;
use crate::kernel::Kind;
use crate::kernel::PageRequest;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::kernel::Span;
use crate::people::ComputerFilter;
use crate::people::ComputerUserFilter;
use crate::people::DepartmentInput;
use crate::people::EmployeeFilter;
use crate::people::EmployeeInput;
use crate::people::LinkInput;
use crate::people::Linked;
use crate::people::Reach;
use crate::people::State;

#[tokio::test]
async fn a_lead_sees_the_own_subtree_and_nothing_else() {
    let office = Office::new();
    let top = office.department("Office", None).await;
    let sales = office.department("Sales", Some(top)).await;
    let export = office.department("Export", Some(sales)).await;
    let aziz = office.employee("Hamidov Aziz", Some(export)).await;
    let zilola = office.employee("G'aniyeva Zilola", Some(top)).await;
    let nobody = office.employee("Aliyev Doniyor", None).await;
    let his = office.see("pc-1", "aziz", at(0)).await;
    let hers = office.see("pc-2", "zilola", at(0)).await;
    office.link(his, aziz).await;
    office.link(hers, zilola).await;

    let view = office.people.view(&lead(sales), OFFICE).await.unwrap();
    let names: Vec<_> = view.departments().iter().map(|(one, depth)| (one.name.as_str(), *depth)).collect();
    assert_eq!(names, [("Sales", 0), ("Export", 1)]);
    assert_eq!(view.department_path(export).iter().map(|one| one.id).collect::<Vec<_>>(), [sales, export]);
    let listed = view.employees(&EmployeeFilter::default(), &all()).unwrap().items;
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [aziz]);
    for hidden in [zilola, nobody] {
        assert_eq!(view.employee(hidden).unwrap_err().kind(), Kind::NotFound);
        assert_eq!(view.accounts_of(hidden, Span::new(at(0), at(1))).unwrap_err().kind(), Kind::NotFound);
        assert_eq!(view.links_of_employee(hidden).unwrap_err().kind(), Kind::NotFound);
    }
    assert_eq!(view.department(top).unwrap_err().kind(), Kind::NotFound);
    assert!(view.computer(his.computer).is_ok() && view.computer_user(his.computer_user).is_ok());
    assert_eq!(view.computer(hers.computer).unwrap_err().kind(), Kind::NotFound);
    assert_eq!(view.computer_user(hers.computer_user).unwrap_err().kind(), Kind::NotFound);
    assert_eq!(view.computers(&ComputerFilter::default(), &all()).unwrap().items.len(), 1);
    assert_eq!(view.computer_users(&ComputerUserFilter::default(), &all()).unwrap().items.len(), 1);
    assert_eq!(view.person_of(hers.account, at(0)), None);
    let Reach::Accounts(reach) = view.reach(Span::new(at(0), at(1))) else { panic!("a lead has limits") };
    assert_eq!(reach.iter().map(|span| span.account).collect::<Vec<_>>(), [his.account]);
    assert_eq!(view.unassigned("", &all()).unwrap_err().kind(), Kind::Forbidden);
}

#[tokio::test]
async fn a_lead_sees_an_account_only_while_it_was_of_the_own_people() {
    let office = Office::new();
    let sales = office.department("Sales", None).await;
    let aziz = office.employee("Hamidov Aziz", Some(sales)).await;
    let zilola = office.employee("G'aniyeva Zilola", None).await;
    let seen = office.see("pc-1", "shared", at(0)).await;
    for (employee, from, to) in [(aziz, None, Some(at(10))), (zilola, Some(at(10)), None)] {
        let input = LinkInput { employee, from, to };
        office.people.create_link(&hr(), OFFICE, seen.computer_user, input).await.unwrap();
    }
    let view = office.people.view(&lead(sales), OFFICE).await.unwrap();
    let links = view.links_of_computer_user(seen.computer_user).unwrap();
    assert_eq!(links.iter().map(|one| one.employee_name.as_str()).collect::<Vec<_>>(), ["Hamidov Aziz"]);
    let within = Span::new(at(5), at(50));
    let Reach::Accounts(reach) = view.reach_of_computer_user(seen.computer_user, within).unwrap() else {
        panic!("a lead has limits")
    };
    assert_eq!(reach.iter().map(|span| (span.from, span.to)).collect::<Vec<_>>(), [(at(5), at(10))]);
    assert_eq!(view.person_of(seen.account, at(20)), None);
}

#[tokio::test]
async fn a_guard_sees_basic_fields_only() {
    let office = Office::new();
    let input = EmployeeInput {
        personnel_number: "1023".to_owned(),
        phone: "+998 90 123 45 67".to_owned(),
        ..person("Hamidov Aziz", None)
    };
    let aziz = office.people.create_employee(&hr(), OFFICE, input).await.unwrap().id;
    let seen = office.see("warehouse-pc", "aziz", at(0)).await;
    office.link(seen, aziz).await;
    let view = office.people.view(&guard(), OFFICE).await.unwrap();
    assert_eq!(view.employee(aziz).unwrap().details, None);
    let found = |text: &str| {
        let filter = EmployeeFilter { text: text.to_owned(), ..EmployeeFilter::default() };
        view.count_employees(&filter).unwrap()
    };
    assert_eq!([found("aziz ham"), found("1023"), found("warehouse")], [1, 0, 0]);
    let unlinked = EmployeeFilter { linked: Some(Linked::No), ..EmployeeFilter::default() };
    assert_eq!(view.employees(&unlinked, &all()).unwrap_err().kind(), Kind::Forbidden);
    assert_eq!(view.computer(seen.computer).unwrap_err().kind(), Kind::Forbidden);
    assert_eq!(view.links_of_employee(aziz).unwrap_err().kind(), Kind::Forbidden);

    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    let details = view.employee(aziz).unwrap().details.unwrap();
    assert_eq!(details.computer_users, [seen.computer_user]);
    for text in ["1023", "warehouse", "aziz hamidov", "HAMIDOV warehouse"] {
        let filter = EmployeeFilter { text: text.to_owned(), ..EmployeeFilter::default() };
        assert_eq!(view.count_employees(&filter).unwrap(), 1, "{text}");
    }
}

#[tokio::test]
async fn another_tenant_does_not_exist_and_only_hr_and_admin_change_anything() {
    let office = Office::new();
    let sales = office.department("Sales", None).await;
    let aziz = office.employee("Hamidov Aziz", Some(sales)).await;
    let foreign = operator(Role::Hr, Scope::Organization(OTHERS));
    assert_eq!(office.people.view(&foreign, OFFICE).await.err().map(|error| error.kind()), Some(Kind::NotFound));
    let refused = |actor: Actor| {
        let people = office.people.clone();
        async move { people.delete_employee(&actor, OFFICE, aziz).await.unwrap_err().kind() }
    };
    assert_eq!(refused(foreign.clone()).await, Kind::NotFound);
    assert_eq!(refused(lead(sales)).await, Kind::Forbidden);
    assert_eq!(refused(guard()).await, Kind::Forbidden);
    assert_eq!(refused(Actor::agent("key", OFFICE)).await, Kind::Forbidden);
    assert_eq!(refused(operator(Role::Hr, Scope::Department(OFFICE, sales))).await, Kind::Forbidden);
    // The same numbers in another organization are other objects.
    let own = office.people.view(&foreign, OTHERS).await.unwrap();
    assert_eq!(own.employee(aziz).unwrap_err().kind(), Kind::NotFound);
    let input = DepartmentInput { name: "Ours".to_owned(), parent: Some(sales) };
    let unknown = office.people.create_department(&foreign, OTHERS, input).await.unwrap_err();
    assert_eq!((unknown.code(), unknown.field()), ("field_unknown", Some("parent")));
    let nobody = office.people.set_employee_state(&foreign, OTHERS, aziz, State::Inactive).await;
    assert_eq!(nobody.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(
        office.people.view(&Actor::agent("key", OFFICE), OFFICE).await.err().map(|e| e.kind()),
        Some(Kind::Forbidden)
    );
}

#[tokio::test]
async fn pages_follow_each_other_even_when_the_list_changes() {
    let office = Office::new();
    let names = ["Ergasheva Shahlo", "O\u{2bb}rinov Bekzod", "Aliyev Doniyor", "Abdullayeva Gulnora", "aliyev Doniyor"];
    for name in names {
        office.employee(name, None).await;
    }
    let read = |after: Option<String>| {
        let people = office.people.clone();
        async move {
            let request = PageRequest::parse(Some(2), after.as_deref()).unwrap();
            let page =
                people.view(&hr(), OFFICE).await.unwrap().employees(&EmployeeFilter::default(), &request).unwrap();
            let next = page.next.map(|cursor| cursor.to_string());
            (page.items.iter().map(|one| one.surname_first()).collect::<Vec<_>>(), next)
        }
    };
    let (first, next) = read(None).await;
    assert_eq!(first, ["Abdullayeva Gulnora", "Aliyev Doniyor"]);
    office.employee("Aaliyev First", None).await;
    let (second, next) = read(next).await;
    assert_eq!(second, ["aliyev Doniyor", "Ergasheva Shahlo"]);
    let (third, next) = read(next).await;
    assert_eq!((third, next), (vec!["O\u{2bb}rinov Bekzod".to_owned()], None));
    let broken = PageRequest::parse(None, Some("AA")).unwrap();
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    assert_eq!(view.employees(&EmployeeFilter::default(), &broken).unwrap_err().code(), "cursor_invalid");
}
