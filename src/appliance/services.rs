//! Everything that is built once and shared: constructed here, in order, and nowhere else.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;

use super::Config;
use crate::kernel::Clock;
use crate::kernel::SecretText;
use crate::runtime::blocking;
use crate::runtime::telemetry::Telemetry;
use crate::store::DataFolder;
use crate::store::FileStore;
use crate::store::MasterKey;
use crate::store::Store;
use crate::store::write_durably;
use crate::web::health;
use crate::web::health::Health;
use crate::web::setup;
use crate::web::setup::Setup;

/// How long people stay signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without a click.
    pub idle: Duration,
    /// In any case.
    pub absolute: Duration,
}

/// The parts of the appliance. Cheap to clone.
#[derive(Clone)]
pub(super) struct Services {
    pub(super) clock: Clock,
    pub(super) folder: PathBuf,
    pub(super) store: Store,
    pub(super) files: FileStore,
    pub(super) master: MasterKey,
    pub(super) setup: Setup,
}

impl Services {
    /// Opens the engines and builds the domains on them. Blocks.
    pub(super) fn open(config: &Config, folder: &DataFolder) -> anyhow::Result<Self> {
        // The master key first: in a new folder it must exist before anything can be sealed with it, and in a used
        // one its loss must be noticed before anything is written.
        let master = MasterKey::open(folder)?;
        let store = Store::open(folder)?;
        let files = FileStore::open(&config.files, folder, master.clone())?;
        let setup = Setup::waiting(&setup_token(folder.path())?);
        Ok(Self { clock: Clock::system(), folder: folder.path().to_owned(), store, files, master, setup })
    }

    /// The token of the first run, while that is still to come.
    pub(super) fn setup_token(&self) -> anyhow::Result<Option<SecretText>> {
        if self.setup.is_done() { Ok(None) } else { Ok(Some(setup_token(&self.folder)?)) }
    }

    /// All routes of the appliance.
    pub(super) fn router(&self, telemetry: Telemetry) -> Router {
        Router::new()
            .merge(health::router(self.health(), telemetry))
            .layer(from_fn_with_state(self.setup.clone(), setup::until_done))
    }

    fn health(&self) -> Health {
        let store = self.store.clone();
        let folder = self.folder.clone();
        Health::new(vec![
            (
                "store",
                Box::new(move || {
                    let store = store.clone();
                    Box::pin(blocking(move || store.install_id().map(|_| ()).map_err(|problem| problem.to_string())))
                }),
            ),
            (
                "disk",
                Box::new(move || {
                    let folder = folder.clone();
                    Box::pin(blocking(move || super::disk::check(&folder)))
                }),
            ),
        ])
    }
}

/// The token of the first run. It is kept in a file, so that a restart does not make a printed link worthless.
fn setup_token(folder: &Path) -> anyhow::Result<SecretText> {
    let path = folder.join("setup-token");
    if let Ok(text) = std::fs::read_to_string(&path)
        && text.trim().len() >= 32
    {
        return Ok(SecretText::new(text.trim()));
    }
    let token = SecretText::random("");
    write_durably(&path, token.expose().as_bytes())?;
    Ok(token)
}

/// The link is worth nothing any more, so it goes.
pub(super) fn forget_setup_token(folder: &Path) {
    if let Err(problem) = std::fs::remove_file(folder.join("setup-token")) {
        tracing::warn!("the token of the first run could not be removed: {problem}");
    }
}
