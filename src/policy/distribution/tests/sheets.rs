//! Sheets of a real directory.

use std::sync::Arc;

use nazorat_wire::Identity;
use nazorat_wire::account_of;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::Sheet;
use nazorat_wire::policy::WindowDetail;

use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::people::ComputerEdit;
use crate::people::ComputerInput;
use crate::people::ComputerUserInput;
use crate::people::Directory;
use crate::people::EmployeeInput;
use crate::people::LinkInput;
use crate::people::People;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::InForce;
use crate::policy::collection::Released;
use crate::policy::distribution::sheets::Making;
use crate::store::DataFolder;
use crate::store::Store;

const OFFICE: OrganizationId = OrganizationId::new(1);

struct World {
    people: People,
    clock: Clock,
    _folder: DataFolder,
    _place: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::lock(place.path()).unwrap();
        let store = Store::open(&folder).unwrap();
        let clock = Clock::fixed("2026-11-28T09:00:00Z".parse().unwrap());
        Self { people: People::new(store, clock.clone()), clock, _folder: folder, _place: place }
    }

    /// A person with an account on a computer.
    async fn seat(&self, uid: &str, name: &str) -> EmployeeId {
        let (people, system) = (&self.people, Actor::system());
        let input = ComputerInput { uid: uid.to_owned(), edit: ComputerEdit::default() };
        let computer = people.create_computer(&system, OFFICE, input).await.unwrap().id;
        let input = ComputerUserInput { sid: String::new(), user_name: name.to_owned() };
        let user = people.create_computer_user(&system, OFFICE, computer, input).await.unwrap().id;
        let input = EmployeeInput { surname: name.to_owned(), given_name: name.to_owned(), ..EmployeeInput::default() };
        let employee = people.create_employee(&system, OFFICE, input).await.unwrap().id;
        let since = Some("2026-01-01T00:00:00Z".parse().unwrap());
        let link = LinkInput { employee, from: since, to: None };
        people.create_link(&system, OFFICE, user, link).await.unwrap();
        employee
    }

    async fn directory(&self) -> Arc<Directory> {
        self.people.directory(Actor::system().tenant(OFFICE).unwrap()).await.unwrap()
    }

    async fn sheets(&self, settings: &[(AppliesTo, WindowDetail)], uid: &str) -> (Sheet, Sheet) {
        let windows = |windows| InForce {
            everybody: Some(Settings { windows: Some(windows), ..Settings::default() }),
            early: None,
        };
        let settings = settings.iter().map(|(of, detail)| (*of, windows(*detail))).collect();
        let (released, directory) = (Released::new(settings, "salt".to_owned()), self.directory().await);
        let making = Making::new(OFFICE, (&released, &directory), self.clock.now());
        (making.of_computer(uid), making.of_gateway())
    }
}

fn windows(sheet: &Sheet, uid: &str, name: &str) -> Option<WindowDetail> {
    let account = account_of(Identity { computer_uid: uid, user_sid: None, user_name: Some(name) });
    sheet.policy_of(account).map(|policy| policy.windows)
}

#[tokio::test]
async fn a_computer_hears_of_its_own_accounts_and_a_gateway_of_all() {
    let world = World::new();
    let aziz = world.seat("uid-1", "aziz").await;
    world.seat("uid-2", "dilnoza").await;
    let decided = [(AppliesTo::Organization, WindowDetail::Title), (AppliesTo::Employee(aziz), WindowDetail::Off)];
    let (own, all) = world.sheets(&decided, "uid-1").await;
    assert_eq!(windows(&own, "uid-1", "aziz"), Some(WindowDetail::Off));
    assert_eq!(windows(&own, "uid-1", "guest"), Some(WindowDetail::Title));
    assert_eq!((own.accounts.len(), own.policies.len()), (1, 2));
    assert_eq!(windows(&all, "uid-1", "aziz"), Some(WindowDetail::Off));
    assert_eq!(windows(&all, "uid-2", "dilnoza"), Some(WindowDetail::Title));
    let (other, _) = world.sheets(&decided, "uid-2").await;
    assert_eq!((other.accounts.len(), other.policies.len()), (0, 1), "nothing of somebody else's");
    let (unknown, _) = world.sheets(&decided, "uid-9").await;
    assert_eq!(windows(&unknown, "uid-9", "x"), Some(WindowDetail::Title));
    // Only a person has decided something: for everybody else everything is as before.
    let (_, all) = world.sheets(&decided[1..], "uid-1").await;
    assert_eq!((windows(&all, "uid-2", "dilnoza"), windows(&all, "uid-1", "aziz")), (None, Some(WindowDetail::Off)));
}

#[tokio::test]
async fn nobody_is_disturbed_by_what_is_not_about_him() {
    let world = World::new();
    let aziz = world.seat("uid-1", "aziz").await;
    let dilnoza = world.seat("uid-2", "dilnoza").await;
    let organization = (AppliesTo::Organization, WindowDetail::Application);
    let before = world.sheets(&[organization, (AppliesTo::Employee(aziz), WindowDetail::Off)], "uid-2").await.0;
    let after = world.sheets(&[organization, (AppliesTo::Employee(aziz), WindowDetail::Title)], "uid-2").await.0;
    assert_eq!(before.checksum(), after.checksum());
    world.seat("uid-3", "bobur").await;
    let more = world.sheets(&[organization, (AppliesTo::Employee(aziz), WindowDetail::Title)], "uid-2").await.0;
    assert_eq!(before.checksum(), more.checksum());
    let own = world.sheets(&[organization, (AppliesTo::Employee(dilnoza), WindowDetail::Title)], "uid-2").await.0;
    assert_ne!(before.checksum(), own.checksum());
}
