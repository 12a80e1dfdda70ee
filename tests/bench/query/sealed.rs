//! What sealed months take, as the list of the files says.

use anyhow::Context;
use anyhow::Result;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use super::office::patiently;
use crate::appliance::Appliance;

pub(super) struct Sealed {
    pub(super) rows: u64,
    bytes: u64,
}

impl Sealed {
    pub(super) fn bytes_per_event(&self) -> String {
        format!("{:.1}", self.bytes as f64 / self.rows.max(1) as f64)
    }
}

/// Waits until all months are sealed that have been over for long enough.
pub(super) fn wait(appliance: &Appliance, organization: u64, today: Date) -> Result<Sealed> {
    let list = appliance.data().join(format!("events/{organization}/active_windows/catalog.json"));
    // A month is over for long enough after ten days; one more keeps clear of the time zone.
    let settled = today.saturating_sub(11.days()).strftime("%Y-%m").to_string();
    patiently("the months were not sealed", || {
        let text = std::fs::read(&list).with_context(|| format!("could not read {}", list.display()))?;
        let listed: Value = serde_json::from_slice(&text).context("the list of the files is no JSON")?;
        let mut sum = Sealed { rows: 0, bytes: 0 };
        for file in listed["partitions"].as_array().context("the list has no files")? {
            if file["state"] == "sealed" {
                sum.rows += file["rows"].as_u64().unwrap_or_default();
                sum.bytes += file["bytes"].as_u64().unwrap_or_default();
            } else if file["month"].as_str().is_some_and(|month| month < settled.as_str()) {
                return Ok(None);
            }
        }
        Ok(Some(sum))
    })
}
