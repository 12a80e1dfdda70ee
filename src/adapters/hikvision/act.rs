//! What people have a terminal do: doors, its clock, a restart, its log. Nothing here is tried twice.

use nazorat_terminals::hikvision::device;
use nazorat_terminals::hikvision::device::DoorCommand;
use reqwest::Method;
use serde_json::json;

use super::Terminal;
use super::line::Request;
use crate::adapters::Action;
use crate::adapters::Capabilities;
use crate::adapters::DeviceError;
use crate::adapters::Identity;
use crate::adapters::Probe;
use crate::adapters::Reply;

/// A clock that is further off than this is worth a sentence.
const FAR_MS: i64 = 30_000;

impl Terminal {
    pub(super) async fn act(&self, action: Action) -> Result<Reply, DeviceError> {
        match action {
            Action::Open { door } => self.door(door, DoorCommand::Open).await,
            Action::Close { door } => self.door(door, DoorCommand::Close).await,
            Action::HoldOpen { door } => self.door(door, DoorCommand::AlwaysOpen).await,
            Action::Lock { door } => self.door(door, DoorCommand::AlwaysClose).await,
            Action::Reboot => {
                let request =
                    Request { method: Method::PUT, path: "/ISAPI/System/reboot", content_type: "", body: Vec::new() };
                self.line.ask(request).await?.data("it does not start again")?;
                Ok(Reply::new())
            }
            Action::SetClock => self.set_clock().await,
            Action::ReadLog { from } => {
                let known = self.remembered().ok_or_else(|| DeviceError::Busy("it is not connected yet".to_owned()))?;
                let limits =
                    known.log.ok_or_else(|| DeviceError::Unsupported("it has no log that can be read".to_owned()))?;
                let count = self.read_from(from, limits).await?;
                Ok(reply([("events", json!(count))]))
            }
        }
    }

    /// A terminal takes 65535 for all doors at once: only doors that there are may be named.
    async fn door(&self, door: u16, command: DoorCommand) -> Result<Reply, DeviceError> {
        let doors = self.settings.doors;
        if !(1..=doors).contains(&door) {
            return Err(DeviceError::Settings(format!("there is no door {door}: the terminal is set up with {doors}")));
        }
        let path = format!("/ISAPI/AccessControl/RemoteControl/door/{door}");
        let answer = self.line.ask(Request::xml(Method::PUT, &path, command.body())).await;
        let answer = answer.map_err(|problem| match problem {
            DeviceError::Unreachable(told) => {
                let what = format!("{told}; door {door} may have done it all the same, look at its events");
                DeviceError::Unreachable(what)
            }
            other => other,
        });
        answer?.data(&format!("door {door}"))?;
        self.poke.notify_one();
        Ok(reply([("door", json!(door)), ("done", json!(command.word()))]))
    }

    async fn set_clock(&self) -> Result<Reply, DeviceError> {
        let before = self.measure().await?;
        let (zone, zone_text) = {
            let clock = self.clock();
            (clock.zone.clone(), clock.zone_text.clone())
        };
        let body = device::set_time(self.feed.now(), &zone, &zone_text);
        let answer = self.line.ask(Request::xml(Method::PUT, "/ISAPI/System/time", body)).await?;
        answer.data("its clock cannot be set")?;
        let after = self.measure().await?;
        self.poke.notify_one();
        if after.is_none_or(|after| after.abs() > FAR_MS) {
            return Err(DeviceError::Refused("it says that its clock is set, but the clock is still wrong".to_owned()));
        }
        Ok(reply([("drift_ms_before", json!(before)), ("drift_ms", json!(after))]))
    }

    pub(super) async fn look(&self) -> Result<Probe, DeviceError> {
        let known = self.known().await?;
        let drift_ms = self.measure().await?;
        let mut warnings: Vec<String> = self.storage_warning(&known).await?.into_iter().collect();
        warnings.extend(self.host_warning().await?);
        match drift_ms {
            None => warnings.push("its clock shows no time that can be read".to_owned()),
            Some(drift) if drift.abs() > FAR_MS => warnings.push(format!("its clock is {} s off", drift / 1000)),
            Some(_) => {}
        }
        let told = self.ask_for("/ISAPI/AccessControl/RemoteControl/door/capabilities").await?;
        let doors = told.and_then(|body| device::doors(&body)).or(Some(known.info.locks).filter(|&locks| locks > 0));
        if let Some(doors) = doors.filter(|&doors| known.flags.doors && doors < self.settings.doors) {
            warnings.push(format!("it is set up with {} doors and says that it has {doors}", self.settings.doors));
        }
        if self.clock().mode.eq_ignore_ascii_case("manual") {
            warnings.push("no time server keeps its clock right".to_owned());
        }
        let flags = known.flags;
        let info = &known.info;
        let identity = Identity {
            serial: info.serial.clone(),
            model: info.model.clone(),
            firmware: info.firmware.clone(),
            mac: info.mac.clone(),
        };
        let capabilities = Capabilities {
            doors: if flags.doors { doors.unwrap_or(self.settings.doors) } else { 0 },
            people: flags.people,
            cards: flags.cards,
            faces: flags.faces,
            dates: true,
            hold: flags.doors,
            reboot: true,
            set_clock: true,
            most_people: known.people.most,
            most_events: known.log.and_then(|limits| limits.most_events),
        };
        Ok(Probe { identity, capabilities, drift_ms, warnings })
    }
}

fn reply<const N: usize>(pairs: [(&str, serde_json::Value); N]) -> Reply {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
