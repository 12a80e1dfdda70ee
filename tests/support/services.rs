//! The appliance's services in a folder of their own, as `appliance::services` makes them, with a clock of the test.

use std::sync::Arc;
use std::time::Duration;

use nazorat::audit::Audit;
use nazorat::credentials;
use nazorat::credentials::Credentials;
use nazorat::devices::Devices;
use nazorat::doors;
use nazorat::doors::EntryLog;
use nazorat::doors::Pictures;
use nazorat::fleet::Fleet;
use nazorat::fleet::IssueError;
use nazorat::fleet::Issued;
use nazorat::fleet::Issuer;
use nazorat::fleet::alerts::Alerts;
use nazorat::fleet::commands::Commands;
use nazorat::fleet::commands::Standing;
use nazorat::fleet::presence::History;
use nazorat::fleet::presence::Presence;
use nazorat::fleet::presence::PresenceConfig;
use nazorat::identity;
use nazorat::identity::Identity;
use nazorat::intake;
use nazorat::intake::Intake;
use nazorat::intake::TimeWindow;
use nazorat::kernel::Clock;
use nazorat::kernel::Fingerprint;
use nazorat::kernel::GatewayId;
use nazorat::kernel::Timestamp;
use nazorat::monitoring::Monitoring;
use nazorat::monitoring::Sources;
use nazorat::notices;
use nazorat::notices::Notices;
use nazorat::people::People;
use nazorat::policy::Policy;
use nazorat::policy::collection::Policies;
use nazorat::policy::distribution::Distribution;
use nazorat::policy::distribution::Signer;
use nazorat::retention::Retention;
use nazorat::store::DataFolder;
use nazorat::store::FileStore;
use nazorat::store::FilesConfig;
use nazorat::store::MasterKey;
use nazorat::store::Store;
use nazorat::tenancy::Tenancy;
use nazorat::web::About;
use nazorat::web::App;
use nazorat::web::Opened;
use nazorat::web::setup::Setup;
use nazorat_timeseries::Hub;

/// Says that it made a certificate for any request: a real one is tested with the real appliance.
struct PaperCertificates;

/// For how long they hold.
const NINETY_DAYS: Duration = Duration::from_secs(90 * 86_400);

impl Issuer for PaperCertificates {
    fn issue(&self, request: &[u8], _gateway: GatewayId, now: Timestamp) -> Result<Issued, IssueError> {
        if request.is_empty() {
            return Err(IssueError::Request);
        }
        let (certificate, to) = (Fingerprint::of(request), now.saturating_add(NINETY_DAYS).unwrap());
        Ok(Issued { pem: String::new(), certificate, key: request.to_vec(), from: now, to })
    }

    fn authorities(&self) -> Result<String, IssueError> {
        Ok(String::new())
    }
}

impl Signer for PaperCertificates {
    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}

/// Everything behind the routes.
pub(crate) fn services(folder: &DataFolder, clock: &Clock, setup: Setup) -> App {
    let path = folder.path();
    let master = MasterKey::open(folder).unwrap();
    let store = Store::open(folder).unwrap();
    let files = FileStore::open(&FilesConfig::InDataFolder, folder, master.clone()).unwrap();
    let audit = Audit::new(path, store.clone(), clock.clone());
    let tenancy = Tenancy::open(store.clone(), clock.clone(), audit.clone()).unwrap();
    let people = People::new(store.clone(), clock.clone());
    let credentials = Credentials::new(credentials::Sources {
        store: store.clone(),
        files: files.clone(),
        people: people.clone(),
        tenancy: tenancy.clone(),
        audit: audit.clone(),
        clock: clock.clone(),
    });
    let sessions = identity::Config::default();
    let identity = Identity::open(store.clone(), clock.clone(), audit.clone(), tenancy.clone(), sessions).unwrap();
    let issuer = Arc::new(PaperCertificates);
    let fleet = Fleet::open(store.clone(), clock.clone(), audit.clone(), tenancy.clone(), issuer).unwrap();
    let alerts = Alerts::new(store.clone(), clock.clone(), audit.clone());
    let known = fleet.clone();
    let standing: Standing = Arc::new(move |peer| known.standing(peer));
    let commands = Commands::new(store.clone(), clock.clone(), audit.clone(), alerts.clone(), standing.clone());
    let config = PresenceConfig::default();
    let presence =
        Presence::open(store.clone(), clock.clone(), tenancy.clone(), (alerts.clone(), standing), config).unwrap();
    let time = clock.clone();
    let now = Arc::new(move || time.now().as_microsecond());
    let mut hub = nazorat_timeseries::Config::new(path.join("events"), path.join("tmp"), now);
    hub.memory_limit = 256 << 20;
    let hub = Hub::open(hub).unwrap();
    let gateway_history = History::new(hub.clone());
    let device_history = nazorat::devices::watch::History::new(hub.clone());
    let spool =
        intake::Config { spool_dir: path.join("spool"), max_bytes: 256 << 20, times: TimeWindow { accept_days: 60 } };
    let intake = Intake::open(spool, hub.clone(), audit.clone(), clock.clone()).unwrap();
    let backlog = intake.clone();
    let monitoring = Monitoring::new(Sources {
        hub: hub.clone(),
        people: people.clone(),
        tenancy: tenancy.clone(),
        audit: audit.clone(),
        clock: clock.clone(),
        applied_through: Arc::new(move || backlog.backlog().applied_through),
    });
    let devices = Devices::new(
        (store.clone(), master),
        (clock.clone(), audit.clone()),
        tenancy.clone(),
        (fleet.clone(), presence.clone(), commands.clone()),
        (people.clone(), credentials.clone()),
    );
    let (backlog, seen) = (intake.clone(), intake.clone());
    let entry_log = EntryLog::new(doors::Sources {
        hub: hub.clone(),
        people: people.clone(),
        devices: devices.clone(),
        audit: audit.clone(),
        tenancy: tenancy.clone(),
        clock: clock.clone(),
        applied_through: Arc::new(move || backlog.backlog().applied_through),
        seen: Arc::new(move || seen.seen()),
    });
    let policy = Policy::new(store.clone(), people.clone(), audit.clone(), clock.clone());
    let organizations = tenancy.list_all().into_iter().map(|organization| organization.id);
    let policies = Policies::open(store.clone(), people.clone(), audit.clone(), clock.clone(), organizations).unwrap();
    let distribution = Distribution::new(
        (policies.clone(), people.clone()),
        (presence.clone(), commands.clone(), alerts.clone()),
        tenancy.clone(),
        Arc::new(PaperCertificates),
        clock.clone(),
    );
    let retention = Retention::new(
        store.clone(),
        (hub, files.clone()),
        (tenancy.clone(), audit.clone()),
        clock.clone(),
        path.to_owned(),
    );
    let clock = clock.clone();
    let notices = Notices::new(notices::Sources {
        store: store.clone(),
        people: people.clone(),
        devices: devices.clone(),
        policies: policies.clone(),
        retention: retention.clone(),
        tenancy: tenancy.clone(),
        operators: identity.operators.clone(),
        audit: audit.clone(),
        clock: clock.clone(),
    });
    let about = About::new(path, clock.now(), Some("7F:2A:9C".to_owned()), Some("https://192.0.2.20:8443".to_owned()));
    let opened = Opened::default();
    App {
        tenancy,
        identity,
        fleet,
        alerts,
        commands,
        presence,
        gateway_history,
        device_history,
        people,
        policy,
        policies,
        distribution,
        credentials,
        devices,
        pictures: Pictures::new(files.clone(), entry_log.clone()),
        entry_log,
        monitoring,
        retention,
        notices,
        intake,
        files,
        audit,
        clock,
        setup,
        about,
        opened,
    }
}
