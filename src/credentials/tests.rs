//! The verbs against a real store and real files.

use std::path::Path;
use std::time::Duration;

use crate::audit::Audit;
use crate::audit::Filter;
use crate::credentials::Card;
use crate::credentials::CardNumber;
use crate::credentials::Credentials;
use crate::credentials::CredentialsError;
use crate::credentials::NewCard;
use crate::credentials::Sources;
use crate::credentials::records;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::Denied;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Language;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::people::DepartmentInput;
use crate::people::EmployeeInput;
use crate::people::People;
use crate::people::PeopleError;
use crate::people::State;
use crate::runtime::Lifecycle;
use crate::store::DataFolder;
use crate::store::FileKey;
use crate::store::FileKind;
use crate::store::FileStore;
use crate::store::FilesConfig;
use crate::store::MasterKey;
use crate::store::Store;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;
use crate::tenancy::Tenancy;

const OFFICE: OrganizationId = OrganizationId::new(1);
const OTHERS: OrganizationId = OrganizationId::new(2);

/// Credentials in a fresh store.
struct Office {
    credentials: Credentials,
    people: People,
    folder: DataFolder,
    _place: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::lock(place.path()).unwrap();
        let master = MasterKey::open(&folder).unwrap();
        let store = Store::open(&folder).unwrap();
        let clock = Clock::fixed(at(0));
        let audit = Audit::new(folder.path(), store.clone(), clock.clone());
        let people = People::new(store.clone(), clock.clone());
        let from = Sources {
            files: FileStore::open(&FilesConfig::InDataFolder, &folder, master).unwrap(),
            people: people.clone(),
            tenancy: Tenancy::open(store.clone(), clock.clone(), audit.clone()).unwrap(),
            store,
            audit,
            clock,
        };
        Self { credentials: Credentials::new(from), people, folder, _place: place }
    }

    async fn employee(&self, surname: &str, department: Option<DepartmentId>) -> EmployeeId {
        let input = EmployeeInput {
            surname: surname.to_owned(),
            given_name: "Bekzod".to_owned(),
            department,
            ..EmployeeInput::default()
        };
        self.people.create_employee(&hr(), OFFICE, input).await.unwrap().id
    }

    async fn give(&self, employee: EmployeeId, number: &str) -> Result<Card, CredentialsError> {
        let new = NewCard { number: number.to_owned(), label: String::new() };
        self.credentials.add_card(&hr(), OFFICE, employee, new).await
    }

    async fn set_face(&self, employee: EmployeeId, shade: u8) -> String {
        let face = self.credentials.set_face(&hr(), OFFICE, employee, picture(shade)).await.unwrap();
        hex::encode(face.sha256)
    }

    async fn held(&self) -> Vec<(u32, Vec<String>, bool)> {
        let held = self.credentials.held(OFFICE).await.unwrap();
        held.into_iter().map(|(id, held)| (id.get(), held.cards, held.face.is_some())).collect()
    }

    async fn actions(&self) -> Vec<(String, String)> {
        let page = PageRequest { limit: PageRequest::MAX, after: None };
        let log = self.credentials.0.from.audit.list(&Actor::system(), Some(OFFICE), Filter::default(), page).await;
        let said = |record: crate::audit::Record| {
            let card = record.detail.get("card").and_then(|card| card.as_str()).unwrap_or_default().to_owned();
            (record.action, card)
        };
        log.unwrap().items.into_iter().rev().map(said).collect()
    }

    /// How many files of faces there are.
    fn files(&self) -> usize {
        fn count(place: &Path) -> usize {
            let entries = std::fs::read_dir(place).into_iter().flatten().map(|entry| entry.unwrap().path());
            entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
        }
        count(&self.folder.path().join("files/org/1/face"))
    }
}

/// A grey picture in which a face could be seen.
fn picture(shade: u8) -> Vec<u8> {
    let image = image::RgbImage::from_pixel(300, 400, image::Rgb([shade, shade, shade]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_763_960_400 + minute * 60).unwrap()
}

fn operator(role: Role, scope: Scope) -> Actor {
    Actor::operator(OperatorId::new(1), "malika", role, scope)
}

fn hr() -> Actor {
    operator(Role::Hr, Scope::Organization(OFFICE))
}

fn tenant() -> Tenant {
    Actor::system().tenant(OFFICE).unwrap()
}

fn number(typed: &str) -> CardNumber {
    CardNumber::parse(typed).unwrap()
}

#[tokio::test]
async fn terminals_hold_what_opens_doors_and_nothing_else() {
    let office = Office::new();
    let (first, second) = (office.employee("Karimov", None).await, office.employee("Aliyev", None).await);
    let mut told = office.credentials.watch();
    for typed in ["0000900", "123,45678", "77"] {
        office.give(first, typed).await.unwrap();
    }
    assert!(told.has_changed().unwrap());
    office.give(second, "AB-12").await.unwrap();
    let digest = office.set_face(second, 120).await;
    assert_eq!(
        office.held().await,
        [(1, vec!["77".into(), "8106606".into(), "900".into()], false), (2, vec!["AB12".into()], true)]
    );
    told.mark_unchanged();
    office.credentials.set_blocked(&hr(), OFFICE, (first, &number("77")), true).await.unwrap();
    assert!(told.has_changed().unwrap());
    office.credentials.remove_card(&hr(), OFFICE, (first, &number("900"))).await.unwrap();
    office.people.set_employee_state(&hr(), OFFICE, second, State::Inactive).await.unwrap();
    assert_eq!(office.held().await, [(1, vec!["8106606".into()], false)]);
    let kept = office.credentials.list(&hr(), OFFICE, second).await.unwrap();
    assert_eq!((kept.cards.len(), kept.face.map(|face| hex::encode(face.sha256))), (1, Some(digest)));
    office.people.set_employee_state(&hr(), OFFICE, second, State::Active).await.unwrap();
    assert_eq!(office.held().await.len(), 2);
    assert!(office.credentials.held(OTHERS).await.unwrap().is_empty());
    let whose = async |typed| office.credentials.find_card(OFFICE, typed).await.unwrap().map(EmployeeId::get);
    assert_eq!([whose("00077").await, whose("900").await, whose("?").await], [Some(1), None, None]);
    assert_eq!(office.credentials.find_card(OTHERS, "77").await.unwrap(), None);
}

#[tokio::test]
async fn a_number_belongs_to_one_person() {
    let office = Office::new();
    let (first, second) = (office.employee("Karimov", None).await, office.employee("Aliyev", None).await);
    office.give(first, "8106606").await.unwrap();
    for (who, typed) in [(second, "123,45678"), (first, "0008106606")] {
        let refused = office.give(who, typed).await.unwrap_err();
        assert_eq!(refused.to_string(), "the card already belongs to Karimov Bekzod");
    }
    office.credentials.set_blocked(&hr(), OFFICE, (first, &number("8106606")), true).await.unwrap();
    assert!(matches!(office.give(second, "8106606").await, Err(CredentialsError::Taken(Some(_)))));
    let theirs = office.credentials.remove_card(&hr(), OFFICE, (second, &number("8106606"))).await;
    assert!(matches!(theirs, Err(CredentialsError::UnknownCard(who)) if who == second));
    office.people.delete_employee(&hr(), OFFICE, first).await.unwrap();
    assert_eq!(office.give(second, "8106606").await.unwrap().employee, second);
}

#[tokio::test]
async fn nobody_has_an_eleventh_card() {
    let office = Office::new();
    let id = office.employee("Karimov", None).await;
    for typed in 1..=10 {
        office.give(id, &typed.to_string()).await.unwrap();
    }
    assert!(matches!(office.give(id, "11").await, Err(CredentialsError::TooMany(10))));
    office.credentials.remove_card(&hr(), OFFICE, (id, &number("3"))).await.unwrap();
    office.give(id, "11").await.unwrap();
}

#[tokio::test]
async fn a_face_is_one_file_that_goes_with_it() {
    let office = Office::new();
    let id = office.employee("Karimov", None).await;
    let first = office.set_face(id, 10).await;
    let second = office.set_face(id, 200).await;
    assert_eq!(office.files(), 1);
    let by_digest = async |digest: &str| office.credentials.face_by_digest(OFFICE, digest).await.unwrap();
    assert_eq!(by_digest(&first).await, None);
    assert_eq!(by_digest("no digest").await, None);
    let jpeg = by_digest(&second).await.unwrap();
    assert!(jpeg.starts_with(b"\xff\xd8\xff") && jpeg.len() <= 200_000);
    assert_eq!(office.credentials.face_by_digest(OTHERS, &second).await.unwrap(), None);
    let (face, seen) = office.credentials.face(&hr(), OFFICE, id).await.unwrap();
    assert_eq!((hex::encode(face.sha256), seen), (second.clone(), jpeg));
    assert_eq!((face.width, face.height, face.by.as_str()), (300, 400, "malika"));
    office.credentials.remove_face(&hr(), OFFICE, id).await.unwrap();
    assert_eq!((by_digest(&second).await, office.files()), (None, 0));
    assert!(matches!(office.credentials.face(&hr(), OFFICE, id).await, Err(CredentialsError::NoFace(_))));
    assert!(matches!(office.credentials.remove_face(&hr(), OFFICE, id).await, Err(CredentialsError::NoFace(_))));
}

#[tokio::test]
async fn a_picture_of_two_people_is_found_as_long_as_one_has_it() {
    let office = Office::new();
    let (first, second) = (office.employee("Karimov", None).await, office.employee("Aliyev", None).await);
    let digest = office.set_face(first, 90).await;
    assert_eq!(office.set_face(second, 90).await, digest);
    office.credentials.remove_face(&hr(), OFFICE, first).await.unwrap();
    assert!(office.credentials.face_by_digest(OFFICE, &digest).await.unwrap().is_some());
}

#[tokio::test]
async fn nothing_stays_of_who_was_deleted() {
    let office = Office::new();
    let (first, second) = (office.employee("Karimov", None).await, office.employee("Aliyev", None).await);
    office.give(first, "1").await.unwrap();
    office.give(second, "2").await.unwrap();
    let digest = office.set_face(first, 90).await;
    office.people.delete_employee(&hr(), OFFICE, first).await.unwrap();
    let gone = office.credentials.list(&hr(), OFFICE, first).await;
    assert!(matches!(gone, Err(CredentialsError::People(PeopleError::UnknownEmployee(_)))));
    assert_eq!(office.held().await, [(2, vec!["2".into()], false)]);
    office.credentials.forget_deleted(tenant()).await.unwrap();
    assert_eq!(office.files(), 0);
    assert_eq!(office.credentials.find_card(OFFICE, "1").await.unwrap(), None);
    assert_eq!(office.credentials.find_card(OFFICE, "2").await.unwrap(), Some(second));
    assert_eq!(office.credentials.face_by_digest(OFFICE, &digest).await.unwrap(), None);
}

#[tokio::test]
async fn a_deletion_is_noticed_without_being_asked() {
    let office = Office::new();
    let name = OrganizationName::parse("Toshkent ofis").unwrap();
    let settings = Settings { name, zone: Zone::default(), language: Language::Uz };
    let made = office.credentials.0.from.tenancy.create(&Actor::system(), settings).await.unwrap();
    assert_eq!(made.id, OFFICE);
    let life = Lifecycle::new();
    office.credentials.start(&life);
    let id = office.employee("Karimov", None).await;
    office.give(id, "1").await.unwrap();
    office.set_face(id, 90).await;
    assert_eq!(office.files(), 1);
    office.people.delete_employee(&hr(), OFFICE, id).await.unwrap();
    let gone = async {
        while office.files() > 0 || office.credentials.find_card(OFFICE, "1").await.unwrap().is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.unwrap();
    life.stop();
}

#[tokio::test]
async fn files_that_a_crash_left_over_are_removed_and_those_on_their_way_are_not() {
    let office = Office::new();
    let id = office.employee("Karimov", None).await;
    office.set_face(id, 90).await;
    let from = &office.credentials.0.from;
    for age in [0, 11] {
        let key = FileKey::new(tenant(), FileKind::Face, at(0));
        from.files.put_as(key.clone(), tenant(), b"left over").await.unwrap();
        let (name, record) = (key.as_str().to_owned(), records::UnusedRecord { since: at(-age) });
        let store = from.store.tenant(tenant());
        store.write(move |tx| tx.put(&records::UNUSED, &name, &record)).await.unwrap();
    }
    assert_eq!(office.files(), 3);
    office.credentials.remove_leftovers(tenant()).await.unwrap();
    assert_eq!(office.files(), 2);
    assert!(office.credentials.face(&hr(), OFFICE, id).await.is_ok());
}

#[tokio::test]
async fn a_lead_looks_and_changes_nothing_and_a_guard_does_not_look() {
    let office = Office::new();
    let input = DepartmentInput { name: "Sotuv".to_owned(), parent: None };
    let department = office.people.create_department(&hr(), OFFICE, input).await.unwrap().id;
    let (inside, outside) = (office.employee("Karimov", Some(department)).await, office.employee("Aliyev", None).await);
    office.give(inside, "1").await.unwrap();
    let lead = operator(Role::DepartmentLead, Scope::Department(OFFICE, department));
    assert_eq!(office.credentials.list(&lead, OFFICE, inside).await.unwrap().cards.len(), 1);
    let unseen = office.credentials.list(&lead, OFFICE, outside).await;
    assert!(matches!(unseen, Err(CredentialsError::People(PeopleError::UnknownEmployee(_)))));
    let limited = operator(Role::Hr, Scope::Department(OFFICE, department));
    for actor in [lead, limited] {
        let refused = office.credentials.set_blocked(&actor, OFFICE, (inside, &number("1")), true).await;
        assert!(matches!(refused, Err(CredentialsError::Denied(Denied::NotAllowed(_)))));
        let refused = office.credentials.set_face(&actor, OFFICE, inside, picture(9)).await;
        assert!(matches!(refused, Err(CredentialsError::Denied(Denied::NotAllowed(_)))));
    }
    let guard = operator(Role::Guard, Scope::Organization(OFFICE));
    assert!(matches!(office.credentials.list(&guard, OFFICE, inside).await, Err(CredentialsError::Denied(_))));
    let stranger = operator(Role::Hr, Scope::Organization(OTHERS));
    let refused = office.credentials.list(&stranger, OFFICE, inside).await;
    assert!(matches!(refused, Err(CredentialsError::Denied(Denied::OutsideScope))));
    assert_eq!(office.files(), 0);
}

#[tokio::test]
async fn the_log_says_what_was_done_and_no_whole_number() {
    let office = Office::new();
    let id = office.employee("Karimov", None).await;
    office.give(id, "1234567890").await.unwrap();
    for blocked in [true, true, false] {
        office.credentials.set_blocked(&hr(), OFFICE, (id, &number("1234567890")), blocked).await.unwrap();
    }
    office.credentials.remove_card(&hr(), OFFICE, (id, &number("1234567890"))).await.unwrap();
    office.set_face(id, 90).await;
    office.credentials.face(&hr(), OFFICE, id).await.unwrap();
    office.credentials.remove_face(&hr(), OFFICE, id).await.unwrap();
    let told = |action: &str, card: &str| (action.to_owned(), card.to_owned());
    let expected = [
        told("card.add", "7890"),
        told("card.block", "7890"),
        told("card.unblock", "7890"),
        told("card.remove", "7890"),
        told("face.set", ""),
        told("face.view", ""),
        told("face.remove", ""),
    ];
    assert_eq!(office.actions().await, expected);
}

#[test]
fn version_1_is_read() {
    let card = records::CARDS.fixture(1).into_model((EmployeeId::new(7), "8106606".to_owned()));
    assert_eq!((card.label.as_str(), card.blocked, card.number.as_str()), ("spare", true, "8106606"));
    let (face, file) = records::FACES.fixture(1).into_model(EmployeeId::new(7));
    assert_eq!((face.sha256, face.width, face.by.as_str()), ([7; 32], 720, "malika"));
    assert_eq!(file.organization(), OFFICE);
    assert_eq!(records::HOLDERS.fixture(1), records::DIGESTS.fixture(1));
    assert_eq!(records::UNUSED.fixture(1).since, card.added_at);
}
