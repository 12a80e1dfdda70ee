//! The verbs of people against a real store, and what each actor sees afterwards.

mod changes;
mod importing;
mod observing;
mod seeing;
mod stored;

use nazorat_wire::Identity;

use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::kernel::Timestamp;
use crate::people::DepartmentInput;
use crate::people::EmployeeInput;
use crate::people::Known;
use crate::people::LinkInput;
use crate::people::Observed;
use crate::people::People;
use crate::store::DataFolder;
use crate::store::Store;

/// The organization of most tests.
const OFFICE: OrganizationId = OrganizationId::new(1);
/// Another one, to be kept apart.
const OTHERS: OrganizationId = OrganizationId::new(2);

/// People in a fresh store.
struct Office {
    people: People,
    clock: Clock,
    store: Store,
    folder: DataFolder,
    _place: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::lock(place.path()).unwrap();
        let store = Store::open(&folder).unwrap();
        let clock = Clock::fixed(at(0));
        Self { people: People::new(store.clone(), clock.clone()), clock, store, folder, _place: place }
    }

    async fn department(&self, name: &str, parent: Option<DepartmentId>) -> DepartmentId {
        let input = DepartmentInput { name: name.to_owned(), parent };
        self.people.create_department(&hr(), OFFICE, input).await.unwrap().id
    }

    async fn employee(&self, name: &str, department: Option<DepartmentId>) -> EmployeeId {
        self.people.create_employee(&hr(), OFFICE, person(name, department)).await.unwrap().id
    }

    async fn see(&self, computer: &str, user: &str, at: Timestamp) -> Known {
        let people = self.people.clone();
        let (computer, user) = (computer.to_owned(), user.to_owned());
        let observe = move || people.observe_now(OFFICE, &[Observed::new(account(&computer, &user), at)]);
        crate::runtime::blocking(observe).await.unwrap().remove(0)
    }

    async fn link(&self, known: Known, employee: EmployeeId) {
        let input = LinkInput { employee, from: None, to: None };
        self.people.create_link(&hr(), OFFICE, known.computer_user, input).await.unwrap();
    }
}

/// "Surname Given" as typed.
fn person(name: &str, department: Option<DepartmentId>) -> EmployeeInput {
    let (surname, given_name) = name.split_once(' ').unwrap();
    EmployeeInput {
        surname: surname.to_owned(),
        given_name: given_name.to_owned(),
        department,
        ..EmployeeInput::default()
    }
}

fn account<'a>(computer_uid: &'a str, user: &'a str) -> Identity<'a> {
    Identity { computer_uid, user_sid: None, user_name: Some(user) }
}

/// Minutes after a Monday morning.
fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_763_960_400 + minute * 60).unwrap()
}

fn all() -> PageRequest {
    PageRequest { limit: PageRequest::MAX, after: None }
}

fn operator(role: Role, scope: Scope) -> Actor {
    Actor::operator(OperatorId::new(1), "malika", role, scope)
}

fn hr() -> Actor {
    operator(Role::Hr, Scope::Organization(OFFICE))
}

fn lead(department: DepartmentId) -> Actor {
    operator(Role::DepartmentLead, Scope::Department(OFFICE, department))
}

fn guard() -> Actor {
    operator(Role::Guard, Scope::Organization(OFFICE))
}
