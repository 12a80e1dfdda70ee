//! The life of an edge's process, from the lock of its folder to the last task.

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;

use crate::runtime::Lifecycle;
use crate::runtime::Signals;
use crate::runtime::Stopped;
use crate::runtime::supervise;
use crate::store::DataFolder;
use crate::store::write_durably;
use crate::web::http::Channel;
use crate::web::http::harden;
use crate::web::limits::Gate;
use crate::web::listen::limited;

/// A process that has its folder and listens to signals, and does nothing yet.
pub struct Process {
    /// Its tasks.
    pub life: Lifecycle,
    /// The mode's own folder inside of the data folder.
    pub own: PathBuf,
    signals: Signals,
    folder: DataFolder,
}

impl Process {
    /// Takes the data folder for a mode of this name. Blocks.
    pub fn begin(data_dir: &Path, mode: &str) -> anyhow::Result<Self> {
        supervise::log_panics();
        let signals = Signals::install()?;
        let folder = DataFolder::lock(data_dir)?;
        let own = folder.path().join(mode);
        std::fs::create_dir_all(&own).with_context(|| format!("folder {} cannot be made", own.display()))?;
        Ok(Self { life: Lifecycle::new(), own, signals, folder })
    }

    /// Serves plain HTTP on a bound socket.
    pub fn serve(&self, name: &'static str, listener: TcpListener, router: Router) {
        let service = harden(router, Channel::Plain).into_make_service_with_connect_info::<SocketAddr>();
        let server = limited(listener, &self.life).acceptor(Gate::default());
        self.life.spawn(name, async move { server.serve(service).await });
    }

    /// Notes where it listens and lives until it is asked to stop.
    pub async fn live(self, started: &impl serde::Serialize) -> anyhow::Result<()> {
        // The note comes last: whoever waits for it finds everything else done.
        let note = self.folder.path().join("listen.json");
        write_durably(&note, &serde_json::to_vec_pretty(started)?).context("listen.json cannot be written")?;
        supervise::ready(&self.life);
        let stopped = self.life.run(self.signals).await;
        // A leftover only misleads until the next start writes it anew.
        drop(std::fs::remove_file(note));
        drop(self.folder);
        match stopped {
            Stopped::Failed(problem) => anyhow::bail!("stopped because {problem}"),
            Stopped::Clean | Stopped::Cut => Ok(()),
        }
    }
}
