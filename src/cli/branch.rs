//! The branch of the demo: a real `nazorat gateway`, in a process of its own, that joins like any other.

use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use tokio::process::Child;
use tokio::process::Command;

use crate::kernel::SecretText;

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(12);
const LOOK: Duration = Duration::from_millis(50);

/// A running gateway. It ends when its standard input does, also when this process is killed.
pub(super) struct Branch {
    child: Child,
    /// Where agents send to.
    pub(super) url: String,
    /// With which agents join.
    pub(super) join_code: SecretText,
}

#[derive(Deserialize)]
struct Started {
    plain: std::net::SocketAddr,
    join_code: PathBuf,
}

impl Branch {
    /// Starts it and waits until it answers.
    pub(super) async fn start(folder: &Path, token: &str) -> anyhow::Result<Self> {
        let exe = std::env::current_exe().context("the path of this program is not known")?;
        let mut child = Command::new(exe)
            .arg("gateway")
            .arg("--data-dir")
            .arg(folder)
            .arg("--with-parent")
            .env("NAZORAT_JOIN_TOKEN", token)
            .env("NAZORAT_GATEWAY__LISTEN", "127.0.0.1:0")
            .env("NAZORAT_TELEMETRY__LOG", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("the gateway cannot be started")?;
        let note = folder.join("listen.json");
        let started = tokio::time::timeout(START, async {
            loop {
                if let Some(status) = child.try_wait()? {
                    anyhow::bail!("the gateway ended at once ({status})");
                }
                let read = tokio::fs::read(&note).await.ok();
                if let Some(started) = read.and_then(|bytes| serde_json::from_slice::<Started>(&bytes).ok()) {
                    return Ok(started);
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        let started = started.await.context("the gateway does not come up")??;
        let code = tokio::fs::read_to_string(&started.join_code).await.context("the join code cannot be read")?;
        let (url, join_code) = (format!("http://{}", started.plain), SecretText::new(code.trim()));
        Ok(Self { child, url, join_code })
    }

    /// Asks it to stop and waits for its end.
    pub(super) async fn stop(mut self) {
        drop(self.child.stdin.take());
        if tokio::time::timeout(STOP, self.child.wait()).await.is_err() {
            drop(self.child.kill().await);
        }
    }
}
