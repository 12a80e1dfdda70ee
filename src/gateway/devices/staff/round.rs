//! One comparison of a device with who may pass it, and what follows from it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use nazorat_wire::MOST_TOLD;
use nazorat_wire::PeopleReport;
use nazorat_wire::PersonProblem;
use sha2::Digest as _;
use sha2::Sha256;
use tokio::time::Instant;

use super::LOOK;
use super::book::Entries;
use super::book::intend;
use super::memory::Memory;
use super::plan::FaceWish;
use super::plan::Plan;
use super::plan::Put;
use super::plan::View;
use super::plan::Written;
use super::plan::told;
use crate::adapters::Capabilities;
use crate::adapters::DeviceError;
use crate::adapters::Face;
use crate::adapters::Number;
use crate::adapters::Person;
use crate::adapters::Session;
use crate::adapters::TerminalPerson;
use crate::gateway::devices::life::Life;
use crate::kernel::Timestamp;

/// So often progress is told while much is written.
const PROGRESS: Duration = Duration::from_secs(2);

/// What a round is made for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Somebody asked: those who failed before are tried at once.
    pub(super) by_person: bool,
    pub(super) may_remove: u32,
    /// Only this person, whatever the device says of them.
    pub(super) only: Option<Number>,
}

/// A round that is under way.
struct Round<'a> {
    life: &'a Life,
    session: &'a Arc<dyn Session>,
    entries: Entries,
    /// Who was written, to be looked at again.
    done: Vec<Put>,
    /// How many were taken off.
    gone: usize,
    right: u32,
    wanted: u32,
    told_at: Instant,
}

impl Life {
    /// Compares, mends and reports; gives how long nothing needs to be looked at.
    pub(super) async fn round(&self, session: &Arc<dyn Session>, asked: &Asked) -> Duration {
        let mut memory = self.desk.turn.lock().await;
        let outcome = self.compare(session, asked, &mut memory).await;
        drop(memory);
        match outcome {
            Ok(wait) => wait,
            Err(why) => {
                tracing::info!(device.id = self.item.id, "the people of a device could not be brought in order: {why}");
                self.could_not(&why);
                super::AGAIN
            }
        }
    }

    /// Writes one person anew.
    pub(in crate::gateway::devices) async fn writes_anew(
        &self,
        session: &Arc<dyn Session>,
        number: &Number,
    ) -> Result<(), DeviceError> {
        self.is_managed()?;
        let mut memory = self.desk.turn.lock().await;
        let asked = Asked { by_person: true, only: Some(number.clone()), ..Asked::default() };
        self.compare(session, &asked, &mut memory).await?;
        let failed = memory.of(Number::bare(number.as_str())).map(|problem| problem.why.detail.clone());
        drop(memory);
        self.tell().await;
        failed.map_or(Ok(()), |detail| Err(DeviceError::Refused(detail)))
    }

    /// Takes off somebody whom nobody wants there.
    pub(in crate::gateway::devices) async fn takes_off(
        &self,
        session: &Arc<dyn Session>,
        number: &Number,
    ) -> Result<(), DeviceError> {
        self.is_managed()?;
        let bare = Number::bare(number.as_str());
        let staff = Arc::clone(&self.host.0.people.borrow());
        let wanted = |item: &nazorat_wire::PersonItem| {
            Number::bare(&item.number) == bare && item.devices.contains(&self.item.id)
        };
        if staff.people.iter().any(wanted) {
            let detail = "this person may pass here; take the right away first, and the device follows".to_owned();
            return Err(DeviceError::Refused(detail));
        }
        let turn = self.desk.turn.lock().await;
        session.remove_person(number).await?;
        drop(turn);
        self.desk.asked.notify_one();
        Ok(())
    }

    async fn compare(
        &self,
        session: &Arc<dyn Session>,
        asked: &Asked,
        memory: &mut Memory,
    ) -> Result<Duration, DeviceError> {
        let can = self.capabilities(session).await?;
        if !can.people {
            return Err(DeviceError::Unsupported("this device keeps no people".to_owned()));
        }
        let staff = Arc::clone(&self.host.0.people.borrow());
        let mut entries = self.desk.book.read().await;
        if let Some(entry) = asked.only.as_ref().and_then(|number| entries.get_mut(number.as_str())) {
            entry.wanted.clear();
        }
        let there = self.within(session.people()).await?;
        let known = |number: &str| {
            let same = |other: &str| Number::bare(other) == Number::bare(number);
            there.iter().any(|person| same(&person.number)) || staff.people.iter().any(|item| same(&item.number))
        };
        entries.retain(|number, _| known(number));
        let now = self.now();
        let view = View {
            device: self.item.id,
            now,
            there: &there,
            people: &staff.people,
            barred: &staff.barred,
            written: &entries,
            can: &can,
            may_remove: usize::try_from(asked.may_remove).unwrap_or(usize::MAX),
        };
        let mut plan = view.plan();
        if let Some(only) = &asked.only {
            narrow(&mut plan, only)?;
        }
        let mut round = Round {
            life: self,
            session,
            entries,
            done: Vec::new(),
            gone: 0,
            right: plan.right,
            wanted: plan.wanted,
            told_at: Instant::now(),
        };
        round.progress(true);
        let broken = round.mend(&plan, (memory, asked.by_person), now).await.err();
        let on_device = round.look_again(there, memory, now).await?;
        let kept = self.desk.book.keep(&round.entries).await;
        kept.map_err(|problem| DeviceError::NotKept(format!("what was written cannot be kept: {problem}")))?;
        let (right, wanted) = (round.right, round.wanted);
        round.progress(true);
        if asked.only.is_none() {
            let due = |number: &str| {
                let put = plan.puts.iter().any(|put| Number::bare(put.number.as_str()) == number);
                put || plan.removals.iter().any(|gone| Number::bare(gone.as_str()) == number)
            };
            memory.keep_only(due);
            self.reports(report(&plan, memory, (right, wanted, on_device), now));
        }
        if let Some(why) = broken {
            return Err(why);
        }
        let next = plan.next.into_iter().chain(memory.next()).min();
        let until = next.and_then(|next| Duration::try_from(next.duration_since(now)).ok());
        Ok(until.unwrap_or(LOOK).clamp(Duration::from_secs(1), LOOK))
    }

    /// What the device can; it is asked once for each connection.
    async fn capabilities(&self, session: &Arc<dyn Session>) -> Result<Capabilities, DeviceError> {
        if let Some(known) = self.state().capabilities() {
            return Ok(known);
        }
        let probe = self.within(session.probe()).await?;
        self.state().probed(&probe);
        Ok(probe.capabilities)
    }

    async fn within<T>(&self, call: BoxFuture<'_, Result<T, DeviceError>>) -> Result<T, DeviceError> {
        let limit = self.host.0.config.patience.others;
        let late = || DeviceError::Unreachable(format!("the device did not answer within {} s", limit.as_secs()));
        tokio::time::timeout(limit, call).await.map_err(|_| late())?
    }

    async fn face(&self, digest: &str) -> Result<Face, DeviceError> {
        let path = format!("/v2/gateway/faces/{digest}");
        let answer = self.host.0.config.hop.ask(reqwest::Method::GET, &path, String::new()).await;
        let away = |problem: String| DeviceError::NotKept(format!("the face cannot be fetched: {problem}"));
        match answer.map_err(away)? {
            (200, bytes) if hex::encode(Sha256::digest(&bytes)) == digest => Ok(Face::Jpeg(bytes.into())),
            (200, _) => Err(DeviceError::NotKept("the face did not come whole".to_owned())),
            (404, _) => Err(DeviceError::Refused("the face was taken off in the meantime".to_owned())),
            (status, _) => Err(away(format!("the appliance answered {status}"))),
        }
    }
}

impl Round<'_> {
    /// Takes off and writes; ends early when the device is of no use any more.
    async fn mend(
        &mut self,
        plan: &Plan,
        (memory, by_person): (&mut Memory, bool),
        now: Timestamp,
    ) -> Result<(), DeviceError> {
        let due = |memory: &Memory, number: &str, wanted: &str| {
            by_person || memory.may_try(Number::bare(number), wanted, now)
        };
        for put in plan.puts.iter().filter(|put| due(memory, put.number.as_str(), &put.ours.wanted)) {
            intend(&mut self.entries, put);
        }
        let kept = self.life.desk.book.keep(&self.entries).await;
        kept.map_err(|problem| DeviceError::NotKept(format!("what is to be written cannot be kept: {problem}")))?;
        for number in &plan.removals {
            if due(memory, number.as_str(), "") {
                let outcome = self.life.within(self.session.remove_person(number)).await;
                if self.settle((number, ""), outcome, (memory, now))? {
                    self.entries.remove(number.as_str());
                    self.gone += 1;
                }
            }
        }
        for put in &plan.puts {
            if due(memory, put.number.as_str(), &put.ours.wanted) {
                let outcome = self.write(put).await;
                if self.settle((&put.number, &put.ours.wanted), outcome, (memory, now))? {
                    self.entries.insert(put.number.as_str().to_owned(), put.ours.clone());
                    self.done.push(put.clone());
                    self.right += 1;
                    self.progress(false);
                }
            }
        }
        Ok(())
    }

    async fn write(&self, put: &Put) -> Result<(), DeviceError> {
        let face = match &put.face {
            FaceWish::AsItIs => Face::AsItIs,
            FaceWish::Off => Face::Off,
            FaceWish::Fetch(digest) => self.life.face(digest).await?,
        };
        let person = Person {
            number: put.number.clone(),
            name: put.name.clone(),
            cards: put.cards.clone(),
            from: put.from,
            until: put.until,
            face,
        };
        self.life.within(self.session.put_person(&person)).await
    }

    /// True when it worked. What concerns one person only is remembered; what concerns the device ends the round.
    fn settle(
        &self,
        (number, wanted): (&Number, &str),
        outcome: Result<(), DeviceError>,
        (memory, now): (&mut Memory, Timestamp),
    ) -> Result<bool, DeviceError> {
        let bare = Number::bare(number.as_str());
        let result = outcome.as_ref().err().map_or("succeeded", DeviceError::code);
        let what = if wanted.is_empty() { "remove_person" } else { "put_person" };
        self.life.state().counted(what, result);
        match outcome {
            Ok(()) => {
                memory.forget(bare);
                Ok(true)
            }
            Err(why) => {
                memory.failed(bare, wanted, &why, now);
                match why {
                    DeviceError::Unreachable(_)
                    | DeviceError::Credentials(_)
                    | DeviceError::Busy(_)
                    | DeviceError::NotKept(_) => Err(why),
                    _ => Ok(false),
                }
            }
        }
    }

    /// A device's OK is no proof: whoever was written is looked at. Gives how many people it knows.
    async fn look_again(
        &mut self,
        there: Vec<TerminalPerson>,
        memory: &mut Memory,
        now: Timestamp,
    ) -> Result<usize, DeviceError> {
        if self.done.is_empty() {
            return Ok(there.len().saturating_sub(self.gone));
        }
        let there = self.life.within(self.session.people()).await?;
        for put in std::mem::take(&mut self.done) {
            let bare = Number::bare(put.number.as_str());
            let found = there.iter().find(|person| Number::bare(&person.number) == bare);
            match found.filter(|person| is_written(person, &put)) {
                Some(person) => {
                    // Under the number as it stands there, which may not be as we wrote it.
                    self.entries.remove(put.number.as_str());
                    self.entries.insert(person.number.clone(), Written { told: told(person), ..put.ours });
                }
                None => {
                    self.right = self.right.saturating_sub(1);
                    let told = "the device says that the person is written, but tells otherwise".to_owned();
                    memory.failed(bare, &put.ours.wanted, &DeviceError::Nonsense(told), now);
                }
            }
        }
        Ok(there.len())
    }

    /// Tells how far it is, but not at every step.
    fn progress(&mut self, at_once: bool) {
        self.life.state().people(self.right, self.wanted);
        if at_once || self.told_at.elapsed() >= PROGRESS {
            self.told_at = Instant::now();
            self.life.note();
        }
    }
}

/// Only one person is meant.
fn narrow(plan: &mut Plan, only: &Number) -> Result<(), DeviceError> {
    let bare = Number::bare(only.as_str());
    if let Some((_, why)) = plan.unfit.iter().find(|(number, _)| Number::bare(number) == bare) {
        return Err(DeviceError::Refused(why.detail.clone()));
    }
    plan.removals.clear();
    plan.puts.retain(|put| Number::bare(put.number.as_str()) == bare);
    match plan.puts.is_empty() {
        true => Err(DeviceError::Refused("this person may not pass here; give them the right first".to_owned())),
        false => Ok(()),
    }
}

fn is_written(person: &TerminalPerson, put: &Put) -> bool {
    let has = |card: &String| {
        let same = |there: &String| Number::bare(there) == Number::bare(card);
        person.cards.as_ref().is_none_or(|cards| cards.iter().any(same))
    };
    put.cards.iter().all(has) && (put.ours.face.is_none() || person.has_face != Some(false))
}

fn report(plan: &Plan, memory: &Memory, (right, wanted, on_device): (u32, u32, usize), now: Timestamp) -> PeopleReport {
    let unfit = plan.unfit.iter().map(|(number, why)| PersonProblem {
        number: number.clone(),
        why: why.clone(),
        tries: 0,
        next: now.checked_add(LOOK).unwrap_or(now),
    });
    PeopleReport {
        at: now,
        right,
        wanted,
        on_device: u32::try_from(on_device).unwrap_or(u32::MAX),
        held: plan.held,
        problems: unfit.chain(memory.problems().cloned()).take(MOST_TOLD).collect(),
        strangers: plan.strangers.iter().take(MOST_TOLD).cloned().collect(),
        failed: None,
    }
}
