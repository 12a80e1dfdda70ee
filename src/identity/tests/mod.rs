//! The verbs on a real store, with a clock that is moved by hand.

mod keys;
mod login;
mod operators;
mod sessions;

use std::sync::Arc;

use tempfile::TempDir;

use crate::audit::Audit;
use crate::audit::Filter;
use crate::identity::Assignment;
use crate::identity::Config;
use crate::identity::DisplayName;
use crate::identity::FirstRun;
use crate::identity::Identity;
use crate::identity::IdentityError;
use crate::identity::LoginName;
use crate::identity::NewOperator;
use crate::identity::Operator;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::store::DataFolder;
use crate::store::Store;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;
use crate::tenancy::Tenancy;

const PASSWORD: &str = "a long road to Samarkand";

struct Office {
    folder: TempDir,
    store: Store,
    clock: Clock,
    audit: Audit,
    tenancy: Tenancy,
    identity: Identity,
    organization: OrganizationId,
    admin: Arc<Operator>,
}

/// Before the first run.
struct Fresh {
    folder: TempDir,
    store: Store,
    clock: Clock,
    audit: Audit,
    tenancy: Tenancy,
    identity: Identity,
}

impl Office {
    /// After the first run: one organization, one administrator.
    async fn new() -> Self {
        let Fresh { folder, store, clock, audit, tenancy, identity } = Self::fresh();
        let (organization, admin) = identity.first_run(first_run()).await.unwrap();
        let organization = organization.id;
        Self { folder, store, clock, audit, tenancy, identity, organization, admin }
    }

    fn fresh() -> Fresh {
        let folder = TempDir::new().unwrap();
        let clock = Clock::fixed("2026-11-23T09:00:00Z".parse().unwrap());
        let store = Store::open(&DataFolder::lock(folder.path()).unwrap()).unwrap();
        let (audit, tenancy, identity) = services(&folder, &store, &clock);
        Fresh { folder, store, clock, audit, tenancy, identity }
    }

    /// As after a new start of the process.
    fn reopen(&mut self) {
        (self.audit, self.tenancy, self.identity) = services(&self.folder, &self.store, &self.clock);
    }

    fn forward(&self, secs: i64) {
        let now = self.clock.now();
        self.clock.set(Timestamp::from_second(now.as_second() + secs).unwrap());
    }

    async fn operator(&self, login: &str, assignment: Assignment) -> Result<Arc<Operator>, IdentityError> {
        self.identity.operators.create(&self.admin.actor(), new_operator(login, assignment)).await
    }

    async fn hr(&self) -> Arc<Operator> {
        self.operator("malika", Assignment::Hr(self.organization)).await.unwrap()
    }

    /// All actions in the logs of the system and of the organization, oldest first.
    async fn actions(&self) -> Vec<String> {
        let mut records = Vec::new();
        for log in [None, Some(self.organization)] {
            let page = PageRequest { limit: 500, after: None };
            records.extend(self.audit.list(&Actor::system(), log, Filter::default(), page).await.unwrap().items);
        }
        records.sort_by_key(|record| (record.at, record.number));
        records.into_iter().map(|record| record.action).collect()
    }

    /// True when these letters stand in any file of the data folder.
    fn holds(&self, letters: &str) -> bool {
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for file in std::fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read(path).unwrap().windows(letters.len()).any(|part| part == letters.as_bytes()) {
                    return true;
                }
            }
        }
        false
    }
}

fn services(folder: &TempDir, store: &Store, clock: &Clock) -> (Audit, Tenancy, Identity) {
    let audit = Audit::new(folder.path(), store.clone(), clock.clone());
    let tenancy = Tenancy::open(store.clone(), clock.clone(), audit.clone()).unwrap();
    let identity =
        Identity::open(store.clone(), clock.clone(), audit.clone(), tenancy.clone(), Config::default()).unwrap();
    (audit, tenancy, identity)
}

fn first_run() -> FirstRun {
    FirstRun {
        organization: settings("Registon Savdo"),
        login: LoginName::parse("aziz").unwrap(),
        display_name: DisplayName::parse("Aziz Rahimov").unwrap(),
        language: Language::Uz,
        password: SecretText::new(PASSWORD),
    }
}

fn settings(name: &str) -> Settings {
    Settings { name: OrganizationName::parse(name).unwrap(), zone: Zone::default(), language: Language::Uz }
}

fn new_operator(login: &str, assignment: Assignment) -> NewOperator {
    NewOperator {
        login: LoginName::parse(login).unwrap(),
        display_name: DisplayName::parse(login).unwrap(),
        assignment,
        language: Language::Uz,
        password: SecretText::new(PASSWORD),
    }
}
