//! What people ask of a device at port 4370, over the connection that stands.

use std::time::Duration;

use nazorat_terminals::zkteco::answer;
use nazorat_terminals::zkteco::code::reply;
use nazorat_terminals::zkteco::request::Request;

use super::settings::UnlockUnit;
use super::work::Work;
use crate::adapters::Action;
use crate::adapters::Capabilities;
use crate::adapters::DeviceError;
use crate::adapters::Identity;
use crate::adapters::Probe;
use crate::adapters::Reply;

/// How long a door opens. The unit differs between models, so it is short in both.
const OPEN_SECS: u32 = 3;

impl Work<'_> {
    pub(super) async fn act(&mut self, action: &Action) -> Result<Reply, DeviceError> {
        let mut reply = Reply::new();
        match action {
            Action::Open { door } if *door >= 1 && *door <= self.of.settings.doors => {
                let length = match self.of.settings.unlock_unit {
                    UnlockUnit::Tenths => OPEN_SECS * 10,
                    UnlockUnit::Seconds => OPEN_SECS,
                };
                self.line.order(Request::Unlock(length), "open the door").await?;
                reply.insert("open_secs".to_owned(), OPEN_SECS.into());
            }
            Action::Open { door } => {
                return Err(DeviceError::Unsupported(format!("the device has no door {door}")));
            }
            Action::Close { .. } | Action::HoldOpen { .. } | Action::Lock { .. } => {
                return Err(DeviceError::Unsupported(
                    "this kind of device opens its door for a moment only".to_owned(),
                ));
            }
            Action::Reboot => self.restart().await?,
            Action::SetClock => {
                let now = self.local_now();
                self.line.order(Request::SetTime(now), "set its clock").await?;
                self.line.order(Request::RefreshData, "take over what was written").await?;
                self.ask_time().await?;
                reply.insert("clock".to_owned(), now.to_string().into());
            }
            Action::ReadLog { from } => {
                let read = self.read_log(Some(*from)).await?;
                reply.insert("events".to_owned(), read.into());
            }
        }
        Ok(reply)
    }

    /// Some answer, some are gone before they do.
    async fn restart(&mut self) -> Result<(), DeviceError> {
        let asked = tokio::time::timeout(Duration::from_secs(3), self.line.ask(Request::Restart)).await;
        match asked {
            Ok(Ok(answer)) if answer.command != reply::OK => {
                Err(DeviceError::Refused(format!("the device would not start again (code {})", answer.command)))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    pub(super) async fn probe(&mut self) -> Result<Probe, DeviceError> {
        let mut option = async |name: &str| {
            let answer = self.line.ask(Request::Option(name)).await?;
            Ok::<_, DeviceError>(answer::option(&answer).filter(|_| answer.command == reply::OK))
        };
        let serial = option("~SerialNumber").await?;
        let model = option("~DeviceName").await?.unwrap_or_default();
        let mac = option("MAC").await?.unwrap_or_default();
        let version = self.line.ask(Request::Version).await?;
        let firmware = if version.command == reply::OK { answer::words(&version) } else { String::new() };
        let drift_ms = self.ask_time().await?;
        let sizes = self.sizes;
        let mut warnings = Vec::new();
        if serial.is_none() {
            warnings.push("The device tells no serial number.".to_owned());
        }
        if u64::from(sizes.records) * 5 >= u64::from(sizes.most_records) * 4 && sizes.most_records > 0 {
            warnings.push(format!("The log is full to {} of {} records.", sizes.records, sizes.most_records));
        }
        if drift_ms.is_none() {
            warnings.push("The device tells no time that exists.".to_owned());
        }
        if self.of.settings.key == 0 {
            warnings.push("No communication key is set: anybody in this network can open the door.".to_owned());
        }
        let some = |number: u32| (number > 0).then_some(number);
        Ok(Probe {
            identity: Identity { serial: serial.unwrap_or_default(), model, firmware, mac },
            capabilities: Capabilities {
                doors: self.of.settings.doors,
                people: true,
                cards: true,
                // It may know faces, but they are shown to it, not sent.
                faces: false,
                dates: false,
                hold: false,
                reboot: true,
                set_clock: true,
                most_people: some(sizes.most_users),
                most_events: some(sizes.most_records),
            },
            drift_ms,
            warnings,
        })
    }
}
