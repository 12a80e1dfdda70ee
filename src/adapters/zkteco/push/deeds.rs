//! What people ask of a device that comes by itself: it waits until the device calls, and is never given out twice.

use std::time::Duration;

use nazorat_terminals::zkteco::adms::Dialect;
use nazorat_terminals::zkteco::adms::command;
use nazorat_terminals::zkteco::adms::command::Command;
use nazorat_terminals::zkteco::adms::command::Lock;
use nazorat_terminals::zkteco::adms::command::Outcome;
use nazorat_terminals::zkteco::adms::records::User;
use nazorat_terminals::zkteco::time::Stamp;

use super::Push;
use super::queue::Left;
use crate::adapters::Action;
use crate::adapters::Capabilities;
use crate::adapters::DeviceError;
use crate::adapters::Identity;
use crate::adapters::Number;
use crate::adapters::Person;
use crate::adapters::Probe;
use crate::adapters::Reply;
use crate::adapters::TerminalPerson;
use crate::kernel::Timestamp;

/// How long a door opens.
const OPEN_SECS: u8 = 5;

impl Push {
    /// Has the device do something, and waits for what came of it.
    pub(super) async fn ask(&self, command: Command, limit: Duration) -> Result<Outcome, DeviceError> {
        let dialect = self.dialect();
        if self.state().about.get("CmdFormat") == "1" {
            let cannot = "the device wants commands in a form that nobody has tried (CmdFormat=1)";
            return Err(DeviceError::Unsupported(cannot.to_owned()));
        }
        let cannot = || DeviceError::Unsupported("this kind of device cannot do this".to_owned());
        let text = command.text(dialect).ok_or_else(cannot)?;
        let put = self.state().queue.put(text, self.feed.now());
        let (id, outcome) =
            put.ok_or_else(|| DeviceError::Busy("too many commands wait for the device to call".to_owned()))?;
        if let Ok(Ok(outcome)) = tokio::time::timeout(limit, outcome).await {
            return Ok(outcome);
        }
        let secs = limit.as_secs_f32();
        Err(match self.state().queue.forget(id) {
            Left::Unfetched => {
                DeviceError::Unreachable(format!("the device did not call within {secs} s; nothing was done"))
            }
            Left::Fetched => DeviceError::Unreachable(format!(
                "the device fetched the command and did not say within {secs} s what came of it; it may have been done"
            )),
        })
    }

    /// Has the device do something that must succeed.
    async fn order(&self, command: Command) -> Result<Outcome, DeviceError> {
        let outcome = self.ask(command, self.pace.answer).await?;
        if outcome.code >= 0 {
            return Ok(outcome);
        }
        let meaning = command::meaning(self.dialect(), outcome.code);
        Err(DeviceError::Refused(format!("the device refused: {meaning} (code {})", outcome.code)))
    }

    pub(super) async fn act(&self, action: Action) -> Result<Reply, DeviceError> {
        let _turn = self.turn.lock().await;
        let dialect = self.dialect();
        let mut reply = Reply::new();
        match action {
            Action::Open { door } => {
                let door = self.door(door)?;
                self.order(Command::Open { door, seconds: OPEN_SECS }).await?;
                if dialect == Dialect::Acc {
                    reply.insert("open_secs".to_owned(), OPEN_SECS.into());
                }
            }
            Action::HoldOpen { door } => {
                self.order(Command::HoldOpen(self.door(door)?)).await?;
            }
            Action::Lock { door } => {
                self.order(Command::LockDown(self.door(door)?, Lock::Locked)).await?;
            }
            Action::Close { door } => {
                let door = self.door(door)?;
                // Either may be what it was told before.
                self.order(Command::LockDown(door, Lock::Released)).await?;
                self.order(Command::Close(door)).await?;
            }
            Action::Reboot => {
                self.order(Command::Restart).await?;
            }
            Action::SetClock if dialect == Dialect::Att => {
                let by_itself = "this device sets its clock by itself, from the answers that it gets";
                return Err(DeviceError::Unsupported(by_itself.to_owned()));
            }
            Action::SetClock => {
                let now = self.local(self.feed.now());
                self.order(Command::SetClock(now)).await?;
                reply.insert("clock".to_owned(), now.to_string().into());
            }
            Action::ReadLog { from } => {
                let ends = self.feed.now().checked_add(jiff::SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
                let command = Command::QueryLog(self.local(from), self.local(ends));
                let outcome = self.ask(command, self.pace.long).await?;
                reply.insert("code".to_owned(), outcome.code.into());
            }
        }
        Ok(reply)
    }

    fn door(&self, door: u16) -> Result<u16, DeviceError> {
        let there = (1..=self.settings.doors).contains(&door);
        there.then_some(door).ok_or_else(|| DeviceError::Unsupported(format!("the device has no door {door}")))
    }

    fn local(&self, at: Timestamp) -> Stamp {
        Stamp::of(self.device.zone.civil(at))
    }

    /// Who it is, as it told when it called.
    pub(super) async fn look(&self) -> Result<Probe, DeviceError> {
        let deadline = tokio::time::Instant::now() + self.pace.answer;
        while self.state().heard.is_none() {
            if tokio::time::Instant::now() >= deadline {
                return Err(self.never_called());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let state = self.state();
        let about = &state.about;
        let access = state.dialect == Some(Dialect::Acc);
        let mut warnings = Vec::new();
        if about.is_empty() {
            warnings.push("The device has not told what it is yet.".to_owned());
        }
        if about.get("CmdFormat") == "1" {
            warnings.push("The device wants commands in a form that is not known; it is only listened to.".to_owned());
        }
        warnings.push(
            "Devices that call prove who they are by their serial number only; keep them in a network of their own."
                .to_owned(),
        );
        Ok(Probe {
            identity: Identity {
                serial: self.settings.serial.clone(),
                model: about.get("DeviceName").to_owned(),
                firmware: about.get("FirmVer").to_owned(),
                mac: about.get("MAC").to_owned(),
            },
            capabilities: Capabilities {
                doors: self.settings.doors,
                people: true,
                cards: true,
                faces: false,
                dates: access,
                hold: access,
                reboot: true,
                set_clock: access,
                most_people: None,
                most_events: None,
            },
            drift_ms: state.drift_ms,
            warnings,
        })
    }

    pub(super) async fn list_people(&self) -> Result<Vec<TerminalPerson>, DeviceError> {
        let _turn = self.turn.lock().await;
        let users = self.query_people(None).await?;
        let people = users.into_iter().map(|user| TerminalPerson {
            number: user.pin,
            name: user.name,
            cards: Some(Some(user.card).filter(|card| !card.is_empty()).into_iter().collect()),
            has_face: None,
            is_admin: user.privilege & !1 != 0,
        });
        Ok(people.collect())
    }

    /// Asks for people, and collects what the device uploads.
    async fn query_people(&self, number: Option<&Number>) -> Result<Vec<User>, DeviceError> {
        self.state().people = Some(Vec::new());
        let command = Command::QueryPeople(number.map(|number| number.as_str().to_owned()));
        let limit = if number.is_some() { self.pace.answer } else { self.pace.long };
        let outcome = self.ask(command, limit).await;
        // Some say that they are done before they upload.
        let mut last = usize::MAX;
        while outcome.is_ok() {
            let count = self.state().people.as_ref().map_or(0, Vec::len);
            let enough = match (self.dialect(), &outcome) {
                (Dialect::Acc, Ok(outcome)) => i64::try_from(count).unwrap_or(i64::MAX) >= outcome.code,
                _ => number.is_some() && count > 0,
            };
            if enough || count == last {
                break;
            }
            last = count;
            tokio::time::sleep(self.pace.poll.min(Duration::from_secs(1))).await;
        }
        let found = self.state().people.take().unwrap_or_default();
        let outcome = outcome?;
        // Nobody found is an answer too.
        let nobody = outcome.code >= 0 || (number.is_some() && matches!(outcome.code, -1 | -10));
        if !nobody {
            let meaning = command::meaning(self.dialect(), outcome.code);
            return Err(DeviceError::Refused(format!("the device told nobody: {meaning} (code {})", outcome.code)));
        }
        let mut people: Vec<User> = Vec::new();
        for user in found {
            match people.iter_mut().find(|known| known.pin == user.pin) {
                Some(known) => *known = user,
                None => people.push(user),
            }
        }
        Ok(people)
    }

    /// Refuses to touch those who administer the device.
    async fn spare_admins(&self, number: &Number) -> Result<(), DeviceError> {
        let known = self.query_people(Some(number)).await?;
        let administers = known.iter().any(|user| user.pin == number.as_str() && user.privilege & !1 != 0);
        if administers {
            let sentence = "this person administers the device and is changed there only";
            return Err(DeviceError::Refused(sentence.to_owned()));
        }
        Ok(())
    }

    pub(super) async fn put(&self, person: &Person) -> Result<(), DeviceError> {
        let _turn = self.turn.lock().await;
        let dialect = self.dialect();
        let card = match person.cards.as_slice() {
            [] => String::new(),
            [one] if one.parse::<u64>().is_ok_and(|number| number > 0) => one.clone(),
            [_] => return Err(DeviceError::Unsupported("this device takes cards as numbers only".to_owned())),
            _ => return Err(DeviceError::Unsupported("this device takes one card for each person".to_owned())),
        };
        if dialect == Dialect::Att && (person.from.is_some() || person.until.is_some()) {
            return Err(DeviceError::Unsupported(
                "this device lets people in without limits of time only; take the dates off, or use another door"
                    .to_owned(),
            ));
        }
        self.spare_admins(&person.number).await?;
        let pin = person.number.as_str().to_owned();
        let validity = (self.limit(person.from), self.limit(person.until));
        let name = person.name.chars().take(24).collect();
        self.order(Command::PutPerson(command::Person { pin: pin.clone(), name, card, validity })).await?;
        if dialect == Dialect::Acc {
            let doors = u8::try_from((1_u32 << self.settings.doors.min(8)) - 1).unwrap_or(u8::MAX);
            self.order(Command::Authorize { pin, doors }).await?;
        }
        Ok(())
    }

    /// A limit as the device writes it.
    fn limit(&self, at: Option<Timestamp>) -> String {
        let Some(at) = at else { return "0".to_owned() };
        let civil = self.device.zone.civil(at);
        if self.state().about.get("DateFmtFunOn") == "1" {
            return Stamp::of(civil).0.to_string();
        }
        format!("{:04}{:02}{:02}", civil.year(), civil.month(), civil.day())
    }

    pub(super) async fn remove(&self, number: &Number) -> Result<(), DeviceError> {
        let _turn = self.turn.lock().await;
        self.spare_admins(number).await?;
        let pin = number.as_str().to_owned();
        if self.dialect() == Dialect::Acc {
            self.order(Command::Forbid(pin.clone())).await?;
        }
        let outcome = self.ask(Command::DeletePerson(pin), self.pace.answer).await?;
        // Whoever is not there is gone as well.
        if outcome.code < 0 && outcome.code != -10 {
            let meaning = command::meaning(self.dialect(), outcome.code);
            return Err(DeviceError::Refused(format!("the device refused: {meaning} (code {})", outcome.code)));
        }
        Ok(())
    }
}
