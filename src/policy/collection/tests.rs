//! The verbs of policies against a real store.

use nazorat_wire::policy::Action;
use nazorat_wire::policy::Exclusion;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Part;
use nazorat_wire::policy::Pattern;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::SiteDetail;
use nazorat_wire::policy::WindowDetail;
use serde_json::json;

use super::Advance;
use super::AppliesTo;
use super::CollectionPolicy;
use super::Policies;
use super::PoliciesError;
use super::Staged;
use super::Stages;
use crate::audit::Audit;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::PolicyId;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::people::DepartmentInput;
use crate::people::EmployeeInput;
use crate::people::People;
use crate::store::DataFolder;
use crate::store::Store;

const OFFICE: OrganizationId = OrganizationId::new(1);
const OTHERS: OrganizationId = OrganizationId::new(2);

struct World {
    policies: Policies,
    people: People,
    store: Store,
    audit: Audit,
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
        let audit = Audit::new(place.path(), store.clone(), clock.clone());
        let people = People::new(store.clone(), clock.clone());
        let policies =
            Policies::open(store.clone(), people.clone(), audit.clone(), clock.clone(), [OFFICE, OTHERS]).unwrap();
        Self { policies, people, store, audit, clock, _folder: folder, _place: place }
    }

    async fn department(&self, name: &str, parent: Option<DepartmentId>) -> DepartmentId {
        let input = DepartmentInput { name: name.to_owned(), parent };
        self.people.create_department(&hr(), OFFICE, input).await.unwrap().id
    }

    async fn employee(&self, department: Option<DepartmentId>) -> EmployeeId {
        let input = EmployeeInput {
            surname: "Karimova".to_owned(),
            given_name: "Dilnoza".to_owned(),
            department,
            ..EmployeeInput::default()
        };
        self.people.create_employee(&hr(), OFFICE, input).await.unwrap().id
    }

    async fn made(&self, applies_to: AppliesTo) -> PolicyId {
        self.policies.create(&hr(), OFFICE, applies_to).await.unwrap().id
    }

    async fn released(&self, id: PolicyId, settings: Settings) -> Result<CollectionPolicy, PoliciesError> {
        let version = self.policies.find(&hr(), OFFICE, id).await?.version;
        self.policies.save_draft(&hr(), OFFICE, id, (settings, version)).await?;
        self.policies.release(&hr(), OFFICE, id, (version, "as agreed")).await
    }
}

fn hr() -> Actor {
    Actor::operator(OperatorId::new(1), "malika", Role::Hr, Scope::Organization(OFFICE))
}

fn windows(detail: WindowDetail) -> Settings {
    Settings { windows: Some(detail), ..Settings::default() }
}

#[tokio::test]
async fn nothing_holds_before_it_is_released_and_versions_stay_as_they_are() {
    let world = World::new();
    let id = world.made(AppliesTo::Organization).await;
    assert!(world.policies.in_force(OFFICE).is_none());
    let first = world.released(id, windows(WindowDetail::Title)).await.unwrap();
    assert_eq!((first.version, first.draft), (1, None));
    let mut second = windows(WindowDetail::Application);
    second.buffer_megabytes = Some(128);
    let pattern = Pattern { text: "bank.uz".to_owned(), regex: false };
    second.exclusions.push(Exclusion { part: Part::Site, pattern, action: Action::Drop });
    assert_eq!(world.released(id, second.clone()).await.unwrap().version, 2);
    let back = world.policies.bring_back(&hr(), OFFICE, id, (1, "too little was seen")).await.unwrap();
    assert_eq!(back.version, 3);

    let versions = world.policies.versions(&hr(), OFFICE, id).await.unwrap();
    let [third, second_version, first] = versions.as_slice() else { panic!("{versions:?}") };
    assert_eq!((&third.settings, third.brought_back), (&first.settings, Some(1)));
    assert_eq!(third.checksum, first.checksum);
    assert_ne!(third.checksum, second_version.checksum);
    assert_eq!((first.author.as_str(), first.reason.as_str()), ("malika", "as agreed"));
    assert!(second_version.requires_restart && !first.requires_restart);
    let fields: Vec<&str> = second_version.changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["buffer_megabytes", "windows", "exclusions"]);
    assert_eq!(second_version.changes[1].before, json!("title"));
    let compared = world.policies.compare(&hr(), OFFICE, id, (2, Some(3))).await.unwrap();
    assert_eq!(compared.len(), 3);
    assert_eq!(compared[2].after, json!(null), "the exclusion is gone again");
    assert_eq!(world.policies.compare(&hr(), OFFICE, id, (1, Some(3))).await.unwrap(), []);
    let missing = world.policies.compare(&hr(), OFFICE, id, (1, None)).await;
    assert!(matches!(missing, Err(PoliciesError::NoDraft)));
}

#[tokio::test]
async fn the_nearest_decides_also_after_a_restart() {
    let world = World::new();
    let sales = world.department("Savdo", None).await;
    let retail = world.department("Chakana savdo", Some(sales)).await;
    let (inside, outside) = (world.employee(Some(retail)).await, world.employee(None).await);
    let organization = world.made(AppliesTo::Organization).await;
    world.released(organization, windows(WindowDetail::Off)).await.unwrap();
    let above = world.made(AppliesTo::Department(sales)).await;
    let settings = Settings { sites: Some(SiteDetail::Full), ..windows(WindowDetail::Application) };
    world.released(above, settings).await.unwrap();
    let person = world.made(AppliesTo::Employee(inside)).await;
    world.released(person, windows(WindowDetail::Title)).await.unwrap();
    let again = Policies::open(
        world.store.clone(),
        world.people.clone(),
        world.audit.clone(),
        world.clock.clone(),
        [OFFICE, OTHERS],
    );
    for policies in [&world.policies, &again.unwrap()] {
        let explained = policies.explain(&hr(), OFFICE, inside).await.unwrap();
        assert_eq!(explained.effective.windows, WindowDetail::Title);
        assert_eq!(explained.origins.windows, Layer::Person(inside.get()));
        assert_eq!(explained.origins.sites, Layer::Department(sales.get()));
        let explained = policies.explain(&hr(), OFFICE, outside).await.unwrap();
        assert_eq!(explained.effective.windows, WindowDetail::Off);
        assert_eq!((explained.origins.windows, explained.origins.sites), (Layer::Organization, Layer::BuiltIn));
        assert!(policies.in_force(OTHERS).is_none());
    }
}

#[tokio::test]
async fn two_who_work_on_it_do_not_overwrite_each_other() {
    let world = World::new();
    let id = world.made(AppliesTo::Organization).await;
    world.released(id, windows(WindowDetail::Title)).await.unwrap();
    let stale = world.policies.save_draft(&hr(), OFFICE, id, (windows(WindowDetail::Off), 0)).await;
    assert!(matches!(stale, Err(PoliciesError::Stale(1))));
    world.policies.save_draft(&hr(), OFFICE, id, (windows(WindowDetail::Title), 1)).await.unwrap();
    let same = world.policies.release(&hr(), OFFICE, id, (1, "once more")).await;
    assert!(matches!(same, Err(PoliciesError::NothingNew(1))));
    let nameless = world.policies.release(&hr(), OFFICE, id, (1, " x ")).await;
    assert!(matches!(nameless, Err(PoliciesError::Reason)));
    world.policies.discard_draft(&hr(), OFFICE, id).await.unwrap();
    let nothing = world.policies.release(&hr(), OFFICE, id, (1, "once more")).await;
    assert!(matches!(nothing, Err(PoliciesError::NoDraft)));
    let again = world.policies.create(&hr(), OFFICE, AppliesTo::Organization).await;
    assert!(matches!(again, Err(PoliciesError::Exists(one)) if one == id));
    let nobody = world.policies.create(&hr(), OFFICE, AppliesTo::Employee(EmployeeId::new(99))).await;
    assert!(matches!(nobody, Err(PoliciesError::People(_))));
}

#[tokio::test]
async fn nobody_decides_for_another_organization() {
    let world = World::new();
    let id = world.made(AppliesTo::Organization).await;
    let stranger = Actor::operator(OperatorId::new(2), "bobur", Role::Hr, Scope::Organization(OTHERS));
    assert!(matches!(world.policies.find(&stranger, OFFICE, id).await, Err(PoliciesError::Denied(_))));
    assert!(matches!(world.policies.find(&stranger, OTHERS, id).await, Err(PoliciesError::Unknown(_))));
    let guard = Actor::operator(OperatorId::new(3), "soqchi", Role::Guard, Scope::Organization(OFFICE));
    assert!(matches!(world.policies.list(&guard, OFFICE).await, Err(PoliciesError::Denied(_))));
    let refused = world.policies.create(&guard, OFFICE, AppliesTo::Organization).await;
    assert!(matches!(refused, Err(PoliciesError::Denied(_))));
}

#[tokio::test]
async fn a_version_in_stages_holds_on_the_first_computers_only() {
    let world = World::new();
    let id = world.made(AppliesTo::Organization).await;
    world.released(id, windows(WindowDetail::Title)).await.unwrap();
    world.policies.save_draft(&hr(), OFFICE, id, (windows(WindowDetail::Off), 1)).await.unwrap();
    let stages = Stages { percent: 10, watch_minutes: 20 };
    let staged =
        |version, early: &str| Staged { version, reason: "as agreed", stages, early: [early.to_owned()].into() };
    let wrong = Staged { stages: Stages { percent: 0, ..stages }, ..staged(1, "uid-1") };
    let refused = world.policies.release_in_stages(&hr(), OFFICE, id, wrong).await;
    assert!(matches!(refused, Err(PoliciesError::Stages)));
    let policy = world.policies.release_in_stages(&hr(), OFFICE, id, staged(1, "uid-1")).await.unwrap();
    assert_eq!((policy.version, policy.rolling_out().map(|rollout| rollout.before)), (2, Some(1)));
    let on = |policies: &Policies, uid: &str| {
        let released = policies.in_force(OFFICE).unwrap();
        released.effective(&[AppliesTo::Organization], uid).unwrap().0.windows
    };
    let again = [OFFICE, OTHERS];
    let again =
        Policies::open(world.store.clone(), world.people.clone(), world.audit.clone(), world.clock.clone(), again);
    for policies in [&world.policies, &again.unwrap()] {
        assert_eq!((on(policies, "uid-1"), on(policies, "uid-2")), (WindowDetail::Off, WindowDetail::Title));
    }
    world.policies.save_draft(&hr(), OFFICE, id, (windows(WindowDetail::Application), 2)).await.unwrap();
    let second = world.policies.release_in_stages(&hr(), OFFICE, id, staged(2, "uid-2")).await;
    assert!(matches!(second, Err(PoliciesError::RollingOut(2))));

    world.policies.pause(&hr(), OFFICE, id).await.unwrap();
    assert!(matches!(world.policies.pause(&hr(), OFFICE, id).await, Err(PoliciesError::NoRollout)));
    world.policies.resume(&hr(), OFFICE, id).await.unwrap();
    world.policies.advance(OFFICE, (id, 2), Advance::FirstDone).await.unwrap();
    let other = world.policies.advance(OFFICE, (id, 1), Advance::Everyone).await;
    assert!(matches!(other, Err(PoliciesError::NoRollout)), "of another version");
    let over = world.policies.advance(OFFICE, (id, 2), Advance::Everyone).await.unwrap();
    assert!(over.rolling_out().is_none() && over.rollout.is_some());
    assert_eq!(on(&world.policies, "uid-2"), WindowDetail::Off);
    assert!(matches!(world.policies.resume(&hr(), OFFICE, id).await, Err(PoliciesError::NoRollout)));
}

#[tokio::test]
async fn bringing_back_ends_a_roll_out_for_everybody() {
    let world = World::new();
    let id = world.made(AppliesTo::Organization).await;
    world.released(id, windows(WindowDetail::Title)).await.unwrap();
    world.policies.save_draft(&hr(), OFFICE, id, (windows(WindowDetail::Off), 1)).await.unwrap();
    let stages = Stages { percent: 10, watch_minutes: 20 };
    let staged = Staged { version: 1, reason: "as agreed", stages, early: ["uid-1".to_owned()].into() };
    world.policies.release_in_stages(&hr(), OFFICE, id, staged).await.unwrap();
    let halted = world.policies.advance(OFFICE, (id, 2), Advance::Halt("disk full".to_owned())).await.unwrap();
    assert_eq!(halted.rolling_out().unwrap().halted.as_deref(), Some("disk full"));
    let back = world.policies.bring_back(&hr(), OFFICE, id, (1, "it did not work")).await.unwrap();
    assert_eq!((back.version, back.rollout), (3, None));
    let released = world.policies.in_force(OFFICE).unwrap();
    for uid in ["uid-1", "uid-2"] {
        let (effective, _) = released.effective(&[AppliesTo::Organization], uid).unwrap();
        assert_eq!(effective.windows, WindowDetail::Title);
    }
}
