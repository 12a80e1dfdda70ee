//! What the appliance is told of the people on a device.

use std::sync::PoisonError;

use nazorat_wire::DeviceFault;
use nazorat_wire::PeopleReport;

use super::super::life::Life;
use crate::adapters::DeviceError;

impl Life {
    /// Nothing could be compared.
    pub(super) fn could_not(&self, why: &DeviceError) {
        let failed = Some(DeviceFault { code: why.code().to_owned(), detail: why.to_string() });
        let report = PeopleReport { at: self.now(), failed, ..self.last_report() };
        self.reports(report);
    }

    pub(super) fn reports(&self, report: PeopleReport) {
        self.desk.last.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&report);
        *self.desk.untold.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }

    /// True when the appliance knows the last report. What it does not take now it gets later, and only the last.
    pub(super) async fn tell(&self) -> bool {
        let Some(report) = self.desk.untold.lock().unwrap_or_else(PoisonError::into_inner).take() else { return true };
        let path = format!("/v2/gateway/devices/{}/people", self.item.id);
        let text = serde_json::to_string(&report).unwrap_or_default();
        let told = match self.host.0.config.hop.ask(reqwest::Method::POST, &path, text).await {
            Ok((200..=299, _)) => true,
            // It knows no such device any more, or is too old to want to know: there is nothing to repeat.
            Ok((400..=499, _)) => true,
            Ok((status, _)) => {
                tracing::debug!(
                    device.id = self.item.id,
                    "the appliance did not take the people of a device: {status}"
                );
                false
            }
            Err(problem) => {
                tracing::debug!(device.id = self.item.id, "the people of a device could not be told: {problem}");
                false
            }
        };
        if !told {
            self.desk.untold.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(report);
        }
        told
    }
}
