//! The log on a real disk.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::audit::Audit;
use crate::audit::AuditError;
use crate::audit::Entry;
use crate::audit::Filter;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::Denied;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::store::DataFolder;
use crate::store::Store;

const OFFICE: OrganizationId = OrganizationId::new(1);

struct Office {
    folder: TempDir,
    clock: Clock,
    store: Store,
    audit: Audit,
}

impl Office {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Clock::fixed("2026-11-23T09:00:00Z".parse().unwrap());
        let store = Store::open(&DataFolder::lock(folder.path()).unwrap()).unwrap();
        let audit = Audit::new(folder.path(), store.clone(), clock.clone());
        Self { folder, clock, store, audit }
    }

    /// As after a new start of the process.
    fn reopen(&mut self) {
        self.audit = Audit::new(self.folder.path(), self.store.clone(), self.clock.clone());
    }

    fn set(&self, time: &str) {
        self.clock.set(time.parse().unwrap());
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("audit/1").join(name)
    }

    async fn note(&self, number: u32) {
        let entry = Entry::new("employee.create").of(OFFICE).on("employee", number).with("number", number);
        self.audit.record(&Actor::system(), entry).await;
    }

    async fn read(&self, filter: Filter, limit: usize) -> Vec<Vec<u64>> {
        let (mut pages, mut page) = (Vec::new(), PageRequest { limit, after: None });
        loop {
            let listed = self.audit.list(&Actor::system(), Some(OFFICE), filter.clone(), page.clone()).await.unwrap();
            pages.push(listed.items.iter().map(|record| record.number).collect());
            match listed.next {
                Some(next) => page.after = Some(next),
                None => return pages,
            }
        }
    }

    async fn numbers(&self) -> Vec<u64> {
        self.read(Filter::default(), 500).await.concat()
    }

    fn breaks(&self) -> Vec<(String, u64, &'static str)> {
        let found = self.audit.verify_now().unwrap();
        let breaks = found.into_iter().flat_map(|log| log.breaks);
        breaks.map(|place| (place.file, place.line, place.problem)).collect()
    }
}

fn operator(role: Role, scope: Scope) -> Actor {
    Actor::operator(OperatorId::new(1), "malika", role, scope)
}

#[tokio::test]
async fn records_come_back_newest_first_across_months_and_starts() {
    let mut office = Office::new();
    office.note(1).await;
    office.set("2026-12-01T00:00:00Z");
    office.note(2).await;
    office.reopen();
    office.note(3).await;
    assert_eq!(office.numbers().await, [3, 2, 1]);
    assert_eq!(office.read(Filter::default(), 2).await, [vec![3, 2], vec![1]]);
    assert!(office.file("2026-11.ndjson").exists() && office.file("2026-12.ndjson").exists());
    assert_eq!(office.breaks(), []);
}

#[tokio::test]
async fn pages_join_without_gap_or_repeat() {
    let office = Office::new();
    for number in 1..=60 {
        office.note(number).await;
    }
    for limit in [1, 7, 59, 60, 61] {
        let joined = office.read(Filter::default(), limit).await.concat();
        assert_eq!(joined, (1..=60).rev().collect::<Vec<_>>(), "pages of {limit}");
    }
}

#[tokio::test]
async fn records_made_at_the_same_time_are_all_kept_in_one_chain() {
    let office = Office::new();
    let all = (1..=50).map(|number| office.note(number));
    futures_util::future::join_all(all).await;
    assert_eq!(office.numbers().await.len(), 50);
    assert_eq!(office.breaks(), []);
}

#[tokio::test]
async fn a_filter_finds_by_action_actor_and_time() {
    let office = Office::new();
    office.note(1).await;
    office.set("2026-11-23T10:00:00Z");
    let malika = operator(Role::Hr, Scope::Organization(OFFICE)).at("192.168.1.20".parse().ok());
    office.audit.record(&malika, Entry::new("department.create").of(OFFICE)).await;
    office.set("2026-11-23T11:00:00Z");
    office.note(3).await;
    let time = |text: &str| Some(text.parse().unwrap());
    let by = |filter| async { office.read(filter, 500).await.concat() };
    assert_eq!(by(Filter { action: Some("employee.".into()), ..Filter::default() }).await, [3, 1]);
    assert_eq!(by(Filter { actor: Some("Malika".into()), ..Filter::default() }).await, [2]);
    assert_eq!(by(Filter { from: time("2026-11-23T10:00:00Z"), ..Filter::default() }).await, [3, 2]);
    assert_eq!(by(Filter { to: time("2026-11-23T10:00:00Z"), ..Filter::default() }).await, [1]);
    assert_eq!(by(Filter { from: time("2026-12-01T00:00:00Z"), ..Filter::default() }).await, [0; 0]);
    let page = PageRequest { limit: 2, after: None };
    let listed = office.audit.list(&malika, Some(OFFICE), Filter::default(), page).await.unwrap();
    assert_eq!(listed.items[1].address, malika.address());
}

#[tokio::test]
async fn a_torn_line_is_cut_and_the_chain_goes_on() {
    let mut office = Office::new();
    office.note(1).await;
    let mut file = OpenOptions::new().append(true).open(office.file("2026-11.ndjson")).unwrap();
    file.write_all(b"{\"previous\":\"00").unwrap();
    assert_eq!(office.numbers().await, [1]);
    office.reopen();
    office.note(2).await;
    assert_eq!(office.numbers().await, [2, 1]);
    assert_eq!(office.breaks(), []);
}

#[tokio::test]
async fn a_changed_line_is_found() {
    let office = Office::new();
    for number in 1..=3 {
        office.note(number).await;
    }
    let path = office.file("2026-11.ndjson");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"number\":2}", "\"number\":7}")).unwrap();
    assert_eq!(office.breaks(), [("2026-11.ndjson".to_owned(), 2, "was changed")]);
}

#[tokio::test]
async fn a_missing_line_is_found_also_at_the_end() {
    let mut office = Office::new();
    for number in 1..=4 {
        office.note(number).await;
    }
    let path = office.file("2026-11.ndjson");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    std::fs::write(&path, format!("{}\n{}\n{}\n", lines[0], lines[2], lines[3])).unwrap();
    assert_eq!(office.breaks(), [("2026-11.ndjson".to_owned(), 2, "does not follow the line before it")]);
    std::fs::write(&path, format!("{}\n{}\n", lines[0], lines[1])).unwrap();
    assert_eq!(office.breaks(), [("2026-11.ndjson".to_owned(), 0, "lines are missing at the end")]);
    // Going on does not hide it.
    office.reopen();
    office.note(5).await;
    assert_eq!(office.breaks()[0].2, "does not follow the line before it");
    assert_eq!(office.numbers().await, [5, 2, 1]);
}

#[tokio::test]
async fn a_disk_that_refuses_loses_nothing_and_stops_nobody() {
    let office = Office::new();
    let place = office.folder.path().join("audit");
    std::fs::write(&place, "a file where the folder should be").unwrap();
    office.note(1).await;
    office.note(2).await;
    assert_eq!(office.audit.waiting(), 2);
    std::fs::remove_file(&place).unwrap();
    office.note(3).await;
    assert_eq!(office.audit.waiting(), 0);
    assert_eq!(office.numbers().await, [3, 2, 1]);
    assert_eq!(office.breaks(), []);
}

#[tokio::test]
async fn a_clock_set_back_keeps_the_chain_in_order() {
    let office = Office::new();
    office.set("2027-01-01T00:00:00Z");
    office.note(1).await;
    office.set("2026-11-23T00:00:00Z");
    office.note(2).await;
    assert_eq!(office.numbers().await, [2, 1]);
    assert_eq!(office.breaks(), []);
}

#[tokio::test]
async fn refusals_are_recorded_but_do_not_flood() {
    let office = Office::new();
    let guard = operator(Role::Guard, Scope::Organization(OFFICE));
    for _ in 0..30 {
        let denied = Denied::NotAllowed(Permission::EditPeople);
        office.audit.denied(&guard, &denied, "POST /api/v1/employees").await;
    }
    assert_eq!(office.numbers().await.len(), 20);
}

#[tokio::test]
async fn a_log_is_read_by_its_own_hr_and_by_admins_only() {
    let office = Office::new();
    office.note(1).await;
    let page = || PageRequest { limit: 10, after: None };
    let hr = operator(Role::Hr, Scope::Organization(OFFICE));
    assert_eq!(office.audit.list(&hr, Some(OFFICE), Filter::default(), page()).await.unwrap().items.len(), 1);
    for (actor, log) in [
        (hr.clone(), None),
        (hr, Some(OrganizationId::new(2))),
        (operator(Role::Guard, Scope::Organization(OFFICE)), Some(OFFICE)),
    ] {
        let refused = office.audit.list(&actor, log, Filter::default(), page()).await;
        assert!(matches!(refused, Err(AuditError::Denied(_))), "{log:?}");
    }
}

#[tokio::test]
async fn a_long_detail_is_not_kept() {
    let office = Office::new();
    let entry = Entry::new("employee.create").of(OFFICE).with("name", "x".repeat(100_000));
    office.audit.record(&Actor::system(), entry).await;
    office.note(2).await;
    assert_eq!(office.numbers().await, [2, 1]);
}
