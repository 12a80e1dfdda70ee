//! The verbs against real stores: events in, numbers out, the same everywhere.

mod now;
mod seeing;
mod sums;
mod trying;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use nazorat_timeseries::AccountRow;
use nazorat_timeseries::ActiveWindow;
use nazorat_timeseries::Batches;
use nazorat_timeseries::Config;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Hub;
use nazorat_timeseries::InputActivity;
use nazorat_timeseries::LedgerRow;
use nazorat_timeseries::Month;
use nazorat_timeseries::PartitionKey;
use nazorat_timeseries::Row;
use nazorat_timeseries::Rows;
use nazorat_timeseries::UserSession;
use nazorat_timeseries::VisitedSite;
use nazorat_wire::Identity;
use nazorat_wire::InputState;
use nazorat_wire::SessionAction;

use crate::audit::Audit;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Language;
use crate::kernel::LinkId;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::monitoring::Monitoring;
use crate::monitoring::Sources;
use crate::people::DepartmentInput;
use crate::people::EmployeeInput;
use crate::people::Known;
use crate::people::LinkInput;
use crate::people::Observed;
use crate::people::People;
use crate::store::DataFolder;
use crate::store::Store;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;
use crate::tenancy::Tenancy;

const MINUTE: i64 = 60_000_000;

/// A Friday; it begins at 19:00 UTC of the day before.
const FRIDAY: &str = "2026-11-20";

/// An organization with a department, and everything that it is seen with.
struct Office {
    monitoring: Monitoring,
    people: People,
    audit: Audit,
    hub: Hub,
    clock: Clock,
    organization: OrganizationId,
    department: DepartmentId,
    batches: AtomicU32,
    _folder: DataFolder,
    _place: tempfile::TempDir,
}

/// Events of one account.
#[derive(Default)]
struct Said {
    windows: Vec<(i64, i64, &'static str)>,
    sites: Vec<(i64, i64, &'static str)>,
    inputs: Vec<(i64, i64, InputState)>,
    sessions: Vec<(i64, SessionAction)>,
}

impl Office {
    async fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::lock(place.path()).unwrap();
        let store = Store::open(&folder).unwrap();
        let clock = Clock::fixed(at(FRIDAY, 18 * 60));
        let audit = Audit::new(place.path(), store.clone(), clock.clone());
        let tenancy = Tenancy::open(store.clone(), clock.clone(), audit.clone()).unwrap();
        let name = OrganizationName::parse("Zarafshon").unwrap();
        let settings = Settings { name, zone: Zone::default(), language: Language::Uz };
        let organization = tenancy.create(&Actor::system(), settings).await.unwrap().id;
        let people = People::new(store, clock.clone());
        let hub_clock = clock.clone();
        let mut config = Config::new(
            place.path().join("events"),
            place.path().join("tmp"),
            Arc::new(move || hub_clock.now().as_microsecond()),
        );
        config.memory_limit = 256 << 20;
        config.min_free_bytes = 1 << 20;
        let hub = Hub::open(config).unwrap();
        let through = clock.clone();
        let monitoring = Monitoring::new(Sources {
            hub: hub.clone(),
            people: people.clone(),
            tenancy,
            audit: audit.clone(),
            clock: clock.clone(),
            applied_through: Arc::new(move || through.now()),
        });
        let input = DepartmentInput { name: "Savdo".to_owned(), parent: None };
        let department = people.create_department(&Actor::system(), organization, input).await.unwrap().id;
        Self {
            monitoring,
            people,
            audit,
            hub,
            clock,
            organization,
            department,
            batches: AtomicU32::new(1),
            _folder: folder,
            _place: place,
        }
    }

    fn hr(&self) -> Actor {
        let scope = Scope::Organization(self.organization);
        Actor::operator(OperatorId::new(1), "malika", Role::Hr, scope)
    }

    async fn employee(&self, surname: &str, department: Option<DepartmentId>) -> EmployeeId {
        let input = EmployeeInput {
            surname: surname.to_owned(),
            given_name: "Aziz".to_owned(),
            department,
            ..EmployeeInput::default()
        };
        self.people.create_employee(&self.hr(), self.organization, input).await.unwrap().id
    }

    /// An account that has said something, of nobody yet.
    async fn account(&self, computer: &'static str, user: &'static str) -> Known {
        let (people, organization, now) = (self.people.clone(), self.organization, self.clock.now());
        let identity = Identity { computer_uid: computer, user_sid: None, user_name: Some(user) };
        let observe = move || people.observe_now(organization, &[Observed::new(identity, now)]);
        crate::runtime::blocking(observe).await.unwrap().remove(0)
    }

    async fn link(&self, known: Known, employee: EmployeeId) -> LinkId {
        self.link_until(known, employee, None).await
    }

    async fn link_until(&self, known: Known, employee: EmployeeId, to: Option<Timestamp>) -> LinkId {
        let input = LinkInput { employee, from: None, to };
        self.people.create_link(&self.hr(), self.organization, known.computer_user, input).await.unwrap().id
    }

    /// Stores events; times are minutes of the day.
    fn say(&self, known: Known, day: &str, said: Said) {
        let account = known.account;
        let ts = |minute: i64| at(day, minute).as_microsecond();
        let ms = |from: i64, to: i64| u32::try_from((to - from) * 60_000).unwrap();
        let windows = said.windows.iter().map(|(from, to, app)| {
            let event = ActiveWindow { duration_ms: ms(*from, *to), app: *app, title: "a title" };
            (ts(*from), event)
        });
        self.store(account, Rows::ActiveWindows(rows(account, windows)));
        let sites = said.sites.iter().map(|(from, to, domain)| {
            let event = VisitedSite {
                duration_ms: ms(*from, *to),
                url: *domain,
                domain: *domain,
                title: "a page",
                browser: "chrome",
                private: false,
            };
            (ts(*from), event)
        });
        self.store(account, Rows::VisitedSites(rows(account, sites)));
        let inputs = said
            .inputs
            .iter()
            .map(|(from, to, state)| (ts(*from), InputActivity { duration_ms: ms(*from, *to), state: state.number() }));
        self.store(account, Rows::InputActivity(rows(account, inputs)));
        let sessions = said.sessions.iter().map(|(at, action)| (ts(*at), UserSession { action: action.number() }));
        self.store(account, Rows::UserSessions(rows(account, sessions)));
    }

    fn store(&self, account: i64, rows: Rows<'_>) {
        if rows.is_empty() {
            return;
        }
        let mut key_hash = [0; 16];
        key_hash[..4].copy_from_slice(&self.batches.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let key = PartitionKey {
            organization: self.organization.get(),
            dataset: rows.dataset(),
            month: Month::of_us(at(FRIDAY, 0).as_microsecond()),
        };
        let ledger = LedgerRow {
            key_hash,
            digest: [1; 32],
            source: "key:1",
            spool_epoch: 1,
            spool_seq: 1,
            received_at_us: self.clock.now().as_microsecond(),
            answer: None,
        };
        let owner = AccountRow { account, computer_uid: "", user_sid: "", user_name: "" };
        self.hub.apply(&key, &Batches { rows, ledger: vec![ledger], accounts: vec![owner] }).unwrap();
    }

    async fn roll_up(&self) -> usize {
        self.monitoring.roll_up(self.organization).await.unwrap().account_days
    }
}

fn rows<E>(account: i64, events: impl Iterator<Item = (i64, E)>) -> Vec<Row<E>> {
    events.zip(0..).map(|((ts_us, event), idx)| Row { ts_us, account, batch: 0, idx, event }).collect()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A minute of a day in Tashkent.
fn at(text: &str, minute: i64) -> Timestamp {
    let midnight = Zone::default().span_of(day(text)).from;
    Timestamp::from_microsecond(midnight.as_microsecond() + minute * MINUTE).unwrap()
}

/// A morning at a desk: excel, didox.uz and youtube.com, with a break.
fn morning() -> Said {
    Said {
        windows: vec![(540, 600, "EXCEL.EXE"), (600, 690, "chrome.exe"), (690, 720, "telegram")],
        sites: vec![(600, 640, "didox.uz"), (640, 690, "youtube.com")],
        inputs: vec![
            (540, 620, InputState::Active),
            (620, 630, InputState::Idle),
            (630, 700, InputState::Active),
            (700, 720, InputState::Idle),
        ],
        sessions: vec![(540, SessionAction::Login), (720, SessionAction::Logout)],
    }
}

/// A laptop that is taken along at ten.
fn laptop() -> Said {
    Said {
        windows: vec![(600, 720, "zoom")],
        inputs: vec![(610, 660, InputState::Active), (660, 720, InputState::Idle)],
        ..Said::default()
    }
}

fn all_datasets() -> [Dataset; 4] {
    [Dataset::ActiveWindows, Dataset::VisitedSites, Dataset::InputActivity, Dataset::UserSessions]
}
