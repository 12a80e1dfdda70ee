//! `nazorat agent --join`: the key for this computer from the gateway of the branch, once.

use std::path::PathBuf;

use anyhow::Context as _;

use super::computer_uid;
use crate::runtime::machine;
use crate::store::DataFolder;
use crate::store::write_durably;
use crate::uplink;
use crate::uplink::HopConfig;

/// What is needed to join.
#[derive(Debug, Clone)]
pub struct Join {
    /// The data folder.
    pub data_dir: PathBuf,
    /// The gateway; its key is still to come.
    pub hop: HopConfig,
    /// Where the key goes.
    pub key_file: PathBuf,
}

/// Joins the gateway and writes the key down.
pub async fn join(join: Join, code: &str) -> anyhow::Result<()> {
    // Also held so that no agent goes on with the old key, which is worth nothing from now on.
    let folder = DataFolder::lock(&join.data_dir)?;
    let own = folder.path().join("agent");
    std::fs::create_dir_all(&own).with_context(|| format!("folder {} cannot be made", own.display()))?;
    let (uid, host) = (computer_uid(&own)?, machine::host_name());
    let name = host.as_deref().unwrap_or(&uid);
    let uplink::Admitted { key, authorities } = uplink::join(&join.hop, code, (&uid, name)).await?;
    if let Some(authorities) = authorities {
        super::policy::keep_authorities(&own, &authorities)
            .with_context(|| format!("{} cannot be written", own.join("authorities.pem").display()))?;
    }
    let file = &join.key_file;
    write_durably(file, key.expose().as_bytes())
        .with_context(|| format!("key file {} cannot be written", file.display()))
}
