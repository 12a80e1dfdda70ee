//! The doors on real engines: what is answered, what is stored, what is left behind.

mod older_agents;
mod screenshots;

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::Request;
use http::StatusCode;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_timeseries::Hub;
use nazorat_timeseries::Scan;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::audit::Audit;
use crate::fleet::Fleet;
use crate::fleet::tests::PlainIssuer;
use crate::identity;
use crate::identity::DisplayName;
use crate::identity::Identity;
use crate::ingest::Darkroom;
use crate::ingest::Doors;
use crate::ingest::Entry;
use crate::intake;
use crate::intake::Applier;
use crate::intake::Intake;
use crate::intake::TimeWindow;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::Zone;
use crate::people::People;
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

pub(super) const NOW: &str = "2026-11-23T09:00:00Z";

/// An organization with a key, and everything behind the doors.
pub(super) struct World {
    pub(super) folder: TempDir,
    pub(super) doors: Doors,
    pub(super) hub: Hub,
    pub(super) intake: Intake,
    pub(super) organization: OrganizationId,
    people: People,
    secret: String,
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Clock::fixed(NOW.parse().unwrap());
        let data = DataFolder::lock(folder.path()).unwrap();
        let master = MasterKey::open(&data).unwrap();
        let store = Store::open(&data).unwrap();
        let files = FileStore::open(&FilesConfig::InDataFolder, &data, master).unwrap();
        let audit = Audit::new(folder.path(), store.clone(), clock.clone());
        let tenancy = Tenancy::open(store.clone(), clock.clone(), audit.clone()).unwrap();
        let config = identity::Config::default();
        let identity = Identity::open(store.clone(), clock.clone(), audit.clone(), tenancy.clone(), config).unwrap();
        let settings = Settings {
            name: OrganizationName::parse("Registon Savdo").unwrap(),
            zone: Zone::default(),
            language: Language::Uz,
        };
        let organization = tenancy.create(&Actor::system(), settings).await.unwrap().id;
        let name = DisplayName::parse("Agents").unwrap();
        let issued = identity.api_keys.create(&Actor::system(), organization, name).await.unwrap();
        let (hub, intake) = engines(&folder, audit.clone(), &clock);
        let people = People::new(store.clone(), clock.clone());
        let keys = identity.api_keys;
        let issuer = Arc::new(PlainIssuer);
        let fleet = Fleet::open(store, clock.clone(), audit, tenancy.clone(), issuer).unwrap();
        let entry = Entry::of_appliance(Arc::new(intake.clone()), keys, fleet, tenancy, clock);
        let doors = Doors { entry, files, darkroom: Darkroom::default() };
        Self { folder, doors, hub, intake, organization, people, secret: issued.secret.expose().to_owned() }
    }

    pub(super) fn router(&self) -> Router {
        super::router(self.doors.clone()).split_for_parts().0
    }

    /// Sends a body with the key.
    pub(super) async fn send(&self, path: &str, content_type: &str, body: impl Into<Body>) -> (StatusCode, Value) {
        let request = Request::post(path).header("x-api-key", &self.secret).header("content-type", content_type);
        let answer = self.router().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    /// What is in the partitions once everything accepted was written.
    pub(super) async fn stored(&self, dataset: Dataset) -> Vec<(i64, Event)> {
        let stop = CancellationToken::new();
        stop.cancel();
        Applier::new(self.intake.clone(), self.people.clone()).run(stop).await.unwrap();
        let organization = self.organization.get();
        let scan =
            Scan { organization, datasets: vec![dataset], from_us: i64::MIN / 4, to_us: i64::MAX / 4, accounts: None };
        let mut rows = Vec::new();
        let problems = self.hub.scan(&scan, &mut |row| {
            rows.push((row.ts_us, row.event));
            ControlFlow::Continue(())
        });
        assert!(problems.unwrap().is_empty());
        rows.sort_by_key(|(ts, _)| *ts);
        rows
    }

    /// The files of the day of [`NOW`].
    pub(super) async fn files(&self, kind: FileKind) -> Vec<FileKey> {
        let tenant = Actor::system().tenant(self.organization).unwrap();
        self.doors.files.list(tenant, kind, NOW.parse().unwrap()).await.unwrap()
    }
}

fn engines(folder: &TempDir, audit: Audit, clock: &Clock) -> (Hub, Intake) {
    let time = clock.clone();
    let now = Arc::new(move || time.now().as_microsecond());
    let events = folder.path().join("events");
    let hub = Hub::open(nazorat_timeseries::Config::new(events, folder.path().join("tmp"), now)).unwrap();
    let config =
        intake::Config { spool_dir: folder.path().join("spool"), max_bytes: 1 << 30, times: TimeWindow::default() };
    let intake = Intake::open(config, hub.clone(), audit, clock.clone()).unwrap();
    (hub, intake)
}
