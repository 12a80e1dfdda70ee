//! The verbs on a real store.

use std::sync::Arc;

use tempfile::TempDir;

use crate::audit::Audit;
use crate::kernel::Actor;
use crate::kernel::Classify as _;
use crate::kernel::Clock;
use crate::kernel::Kind;
use crate::kernel::Language;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::kernel::Zone;
use crate::store::DataFolder;
use crate::store::Store;
use crate::tenancy::Organization;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;
use crate::tenancy::Tenancy;
use crate::tenancy::TenancyError;

struct Office {
    _folder: TempDir,
    store: Store,
    audit: Audit,
    tenancy: Tenancy,
}

impl Office {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Clock::fixed("2026-11-23T09:00:00Z".parse().unwrap());
        let store = Store::open(&DataFolder::lock(folder.path()).unwrap()).unwrap();
        let audit = Audit::new(folder.path(), store.clone(), clock.clone());
        let tenancy = Tenancy::open(store.clone(), clock, audit.clone()).unwrap();
        Self { _folder: folder, store, audit, tenancy }
    }

    async fn create(&self, name: &str) -> Result<Arc<Organization>, TenancyError> {
        self.tenancy.create(&Actor::system(), settings(name)).await
    }

    fn names(&self, actor: &Actor) -> Vec<String> {
        let page = self.tenancy.list(actor, &PageRequest { limit: 50, after: None }).unwrap();
        page.items.iter().map(|organization| organization.name().to_owned()).collect()
    }
}

fn settings(name: &str) -> Settings {
    let name = OrganizationName::parse(name).unwrap();
    Settings { name, zone: Zone::parse("Asia/Samarkand").unwrap(), language: Language::Ru }
}

fn hr(organization: OrganizationId) -> Actor {
    Actor::operator(OperatorId::new(1), "malika", Role::Hr, Scope::Organization(organization))
}

#[tokio::test]
async fn an_organization_is_there_after_a_new_start() {
    let office = Office::new();
    let made = office.create("Registon Savdo").await.unwrap();
    let again = Tenancy::open(office.store.clone(), Clock::system(), office.audit.clone()).unwrap();
    let tenant = Actor::system().tenant(made.id).unwrap();
    assert_eq!(again.find(tenant), Some(made));
    assert_eq!(again.zone(tenant).name(), "Asia/Samarkand");
}

#[tokio::test]
async fn a_name_is_given_once_whatever_the_letter_case() {
    let office = Office::new();
    let first = office.create("Registon Savdo").await.unwrap();
    assert!(matches!(office.create(" REGISTON  savdo").await, Err(TenancyError::NameTaken(_))));
    let second = office.create("Chorsu").await.unwrap();
    let system = Actor::system();
    let taken = office.tenancy.update(&system, second.id, settings("registon savdo")).await.unwrap_err();
    assert_eq!((taken.kind(), taken.field()), (Kind::Conflict, Some("name")));
    let renamed = office.tenancy.update(&system, first.id, settings("Registon SAVDO")).await.unwrap();
    assert_eq!(renamed.name(), "Registon SAVDO");
}

#[tokio::test]
async fn others_organizations_do_not_exist() {
    let office = Office::new();
    let own = office.create("Registon Savdo").await.unwrap();
    let other = office.create("Chorsu").await.unwrap();
    let malika = hr(own.id);
    assert_eq!(office.names(&malika), ["Registon Savdo"]);
    assert_eq!(office.tenancy.get(&malika, other.id).unwrap_err().kind(), Kind::NotFound);
    let unknown = office.tenancy.get(&Actor::system(), OrganizationId::new(99)).unwrap_err();
    assert_eq!(unknown.kind(), Kind::NotFound);
    let refused = office.tenancy.update(&malika, own.id, settings("Other")).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden);
    assert_eq!(office.tenancy.deactivate(&malika, own.id).await.unwrap_err().kind(), Kind::Forbidden);
}

#[tokio::test]
async fn a_removed_organization_leaves_nothing_and_its_number_is_not_given_again() {
    let office = Office::new();
    let gone = office.create("Registon Savdo").await.unwrap();
    let last = office.tenancy.begin_removal(&Actor::system(), gone.id).await.unwrap_err();
    assert_eq!(last.code(), "organization_last");
    office.create("Chorsu").await.unwrap();
    office.tenancy.begin_removal(&Actor::system(), gone.id).await.unwrap();
    assert_eq!(office.names(&Actor::system()), ["Chorsu"]);
    assert_eq!(office.tenancy.get(&hr(gone.id), gone.id).unwrap_err().kind(), Kind::NotFound);
    assert_eq!(office.tenancy.list_removing(), [gone.id]);
    // The name is free while the old one is still on its way out.
    let next = office.create("Registon Savdo").await.unwrap();
    assert_eq!(next.id, OrganizationId::new(3));
    for _ in 0..2 {
        office.tenancy.finish_removal(gone.id).await.unwrap();
    }
    assert_eq!(office.tenancy.list_removing(), []);
    office.tenancy.finish_removal(next.id).await.unwrap();
    assert_eq!(office.names(&Actor::system()), ["Chorsu", "Registon Savdo"]);
}

#[tokio::test]
async fn pages_of_organizations_join() {
    let office = Office::new();
    for number in 1..=5 {
        office.create(&format!("Office {number}")).await.unwrap();
    }
    let mut page = PageRequest { limit: 2, after: None };
    let mut seen = Vec::new();
    loop {
        let listed = office.tenancy.list(&Actor::system(), &page).unwrap();
        seen.extend(listed.items.iter().map(|organization| organization.id.get()));
        let Some(next) = listed.next else { break };
        page.after = Some(next);
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}
