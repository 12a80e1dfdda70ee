//! The line from intake to partition in this process, with a clock that is moved by hand.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nazorat::audit::Audit;
use nazorat::identity;
use nazorat::identity::DisplayName;
use nazorat::identity::FirstRun;
use nazorat::identity::Identity;
use nazorat::identity::LoginName;
use nazorat::intake::AcceptError;
use nazorat::intake::Applier;
use nazorat::intake::BatchKey;
use nazorat::intake::Config;
use nazorat::intake::Intake;
use nazorat::intake::IntakeError;
use nazorat::intake::NewBatch;
use nazorat::intake::Source;
use nazorat::intake::TimeWindow;
use nazorat::kernel::Clock;
use nazorat::kernel::Language;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::SecretText;
use nazorat::kernel::Timestamp;
use nazorat::kernel::Zone;
use nazorat::people::People;
use nazorat::retention::Retention;
use nazorat::store::DataFolder;
use nazorat::store::FileStore;
use nazorat::store::FilesConfig;
use nazorat::store::MasterKey;
use nazorat::store::Store;
use nazorat::tenancy::OrganizationName;
use nazorat::tenancy::Settings;
use nazorat::tenancy::Tenancy;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Hub;
use nazorat_wire::IngestAnswer;
use nazorat_wire::decode_logs;
use sha2::Digest as _;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::journal::Batch;
use super::journal::rows;

/// Everything between the door and the files.
pub(crate) struct Line {
    pub(crate) clock: Clock,
    pub(crate) hub: Hub,
    pub(crate) store: Store,
    folder: DataFolder,
    master: MasterKey,
    pub(crate) path: PathBuf,
    intake: Intake,
    stop: CancellationToken,
    _applier: JoinHandle<Result<(), IntakeError>>,
    _place: tempfile::TempDir,
}

impl Line {
    #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
    pub(crate) fn new(now: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().to_owned();
        let folder = DataFolder::lock(&path).unwrap();
        let master = MasterKey::open(&folder).unwrap();
        let store = Store::open(&folder).unwrap();
        let clock = Clock::fixed(now.parse().unwrap());
        let time = clock.clone();
        let mut config = nazorat_timeseries::Config::new(
            path.join("events"),
            path.join("tmp"),
            Arc::new(move || time.now().as_microsecond()),
        );
        config.memory_limit = 256 << 20;
        config.min_free_bytes = 1 << 20;
        let hub = Hub::open(config).unwrap();
        let config = Config { spool_dir: path.join("spool"), max_bytes: 1 << 30, times: TimeWindow::default() };
        let audit = Audit::new(&path, store.clone(), clock.clone());
        let intake = Intake::open(config, hub.clone(), audit, clock.clone()).unwrap();
        let stop = CancellationToken::new();
        let applier = Applier::new(intake.clone(), People::new(store.clone(), clock.clone()));
        let applier = tokio::spawn(applier.run(stop.clone()));
        Self { clock, hub, store, folder, master, path, intake, stop, _applier: applier, _place: place }
    }

    /// Hands a batch in as the door does.
    pub(crate) async fn accept(&self, batch: &Batch) -> Result<IngestAnswer, AcceptError> {
        let decoded = decode_logs(batch.body.as_bytes()).unwrap();
        let batch = NewBatch {
            organization: OrganizationId::new(1),
            source: Source::new("key:1"),
            key: BatchKey::parse(&batch.name).unwrap(),
            digest: sha2::Sha256::digest(batch.body.as_bytes()).into(),
            received_at: self.clock.now(),
            events: decoded.events,
            rejected: decoded.rejected,
            accesses: Vec::new(),
            screenshots: Vec::new(),
        };
        self.intake.accept(batch).await
    }

    /// Waits until everything that was accepted is in partitions.
    pub(crate) async fn settle(&self) {
        assert!(self.intake.settled(Duration::from_secs(60)).await);
    }

    pub(crate) fn forward(&self, seconds: i64) {
        self.clock.set(Timestamp::from_second(self.clock.now().as_second() + seconds).unwrap());
    }

    /// Organization 1 with an administrator, and the services that look after its data.
    pub(crate) async fn services(&self) -> (Identity, Retention) {
        let audit = Audit::new(&self.path, self.store.clone(), self.clock.clone());
        let tenancy = Tenancy::open(self.store.clone(), self.clock.clone(), audit.clone()).unwrap();
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let identity =
            Identity::open(store, clock, audit.clone(), tenancy.clone(), identity::Config::default()).unwrap();
        let name = OrganizationName::parse("Example").unwrap();
        let first = FirstRun {
            organization: Settings { name, zone: Zone::default(), language: Language::Uz },
            login: LoginName::parse("malika").unwrap(),
            display_name: DisplayName::parse("Malika").unwrap(),
            language: Language::Uz,
            password: SecretText::new("a long sentence".to_owned()),
        };
        identity.first_run(first).await.unwrap();
        let files = FileStore::open(&FilesConfig::InDataFolder, &self.folder, self.master.clone()).unwrap();
        let parts = ((self.hub.clone(), files), (tenancy, audit));
        let retention = Retention::new(self.store.clone(), parts.0, parts.1, self.clock.clone(), self.path.clone());
        (identity, retention)
    }

    /// Rows of all datasets.
    pub(crate) fn rows(&self) -> usize {
        Dataset::ALL.into_iter().map(|dataset| self.of(dataset)).sum()
    }

    pub(crate) fn of(&self, dataset: Dataset) -> usize {
        rows(&self.hub, 1, dataset).0.len()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
