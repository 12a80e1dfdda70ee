//! From the appliance to what is served.

use std::time::Duration;

use nazorat_wire::DeviceSheet;
use tokio_util::sync::CancellationToken;

use super::Devices;
use crate::edge::Failed;
use crate::runtime::blocking;

const PATH: &str = "/v2/gateway/devices";
/// How often it is looked whether there is anything else to serve, should nobody tell.
const LOOK: Duration = Duration::from_secs(60);

impl Devices {
    /// Serves what is on the disk, and looks from time to time whether there is something newer.
    pub(in crate::gateway) async fn keep_up(self, stop: CancellationToken) {
        let host = self.clone();
        if let Some(sheet) = blocking(move || host.0.shelf.sheet()).await {
            self.apply(&sheet).await;
        }
        while !stop.is_cancelled() {
            if let Err((code, detail)) = self.refresh().await {
                tracing::debug!("devices could not be fetched, {code}: {detail}");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Fetches what is to be served now; gives its checksum.
    pub(super) async fn refresh(&self) -> Result<String, Failed> {
        let host = self.clone();
        let known = blocking(move || host.0.shelf.sheet()).await.map(|sheet| sheet.checksum);
        let path = match &known {
            Some(known) => format!("{PATH}?have={known}"),
            None => PATH.to_owned(),
        };
        let answer = self.0.config.hop.ask(reqwest::Method::GET, &path, String::new()).await;
        let body = match (answer.map_err(|problem| ("unreachable", problem))?, known) {
            ((204, _), Some(known)) => return Ok(known),
            ((200, body), _) => body,
            // An older appliance knows no devices.
            ((404, _), _) => return Err(("unknown", "the appliance hands out no devices; update it".to_owned())),
            ((status, _), _) => return Err(("refused", format!("the appliance answered {status}"))),
        };
        let sheet = DeviceSheet::read(&body)
            .ok_or_else(|| ("not_whole", "the devices did not come whole, or cannot be read".to_owned()))?;
        let (host, kept) = (self.clone(), sheet.clone());
        let kept = blocking(move || host.0.shelf.keep(&kept)).await;
        kept.map_err(|problem| ("not_kept", format!("the devices cannot be written down: {problem}")))?;
        self.apply(&sheet).await;
        Ok(sheet.checksum)
    }
}
