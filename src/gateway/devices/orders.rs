//! What devices are asked to do.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use nazorat_wire::Block;
use nazorat_wire::DeviceAction;
use nazorat_wire::DeviceOrder;
use serde_json::Map;
use serde_json::Value;
use tokio::time::Instant;

use super::Devices;
use super::life::Life;
use crate::adapters::Action;
use crate::adapters::DeviceError;
use crate::adapters::Number;
use crate::adapters::Session;
use crate::edge::Failed;
use crate::edge::Serves;
use crate::kernel::Timestamp;

impl Serves for Devices {
    fn apply(&self) -> BoxFuture<'_, Result<String, Failed>> {
        Box::pin(self.refresh())
    }

    fn find(&self, networks: Vec<Block>) -> BoxFuture<'_, Result<Value, Failed>> {
        Box::pin(async move {
            let found = self.find_near(networks).await?;
            serde_json::to_value(found).map_err(|problem| ("find_failed", problem.to_string()))
        })
    }

    fn order(&self, order: DeviceOrder) -> BoxFuture<'_, Result<Option<Value>, Failed>> {
        Box::pin(async move {
            let life = self
                .served_as(order.device)
                .ok_or_else(|| ("unknown_device", format!("device {} is not served by this gateway", order.device)))?;
            let begun = Instant::now();
            let word = order.action.word();
            let done = life.carry_out(order.action).await;
            let result = done.as_ref().err().map_or("succeeded", DeviceError::code);
            life.state().counted(word, result);
            let mut reply = done.map_err(|problem| (problem.code(), problem.to_string()))?;
            let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            reply.insert("took_ms".to_owned(), took.into());
            Ok(Some(Value::Object(reply)))
        })
    }
}

impl Life {
    async fn carry_out(&self, action: DeviceAction) -> Result<Map<String, Value>, DeviceError> {
        let session = self.session().ok_or_else(|| {
            let told = self.seen().detail.unwrap_or_else(|| "it is being called".to_owned());
            DeviceError::Unreachable(format!("the device is not connected: {told}"))
        })?;
        let patience = self.host.0.config.patience;
        let limit = if action.door().is_some() { patience.door } else { patience.others };
        let work = AssertUnwindSafe(self.ask(session, action)).catch_unwind();
        match tokio::time::timeout(limit, work).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(DeviceError::Nonsense("the adapter failed; this is a defect of ours".to_owned())),
            Err(_) => {
                let told =
                    format!("the device did not answer within {} s; whether it was done is not known", limit.as_secs());
                Err(DeviceError::Unreachable(told))
            }
        }
    }

    async fn ask(&self, session: Arc<dyn Session>, action: DeviceAction) -> Result<Map<String, Value>, DeviceError> {
        let action = match action {
            DeviceAction::Open { door } => Action::Open { door },
            DeviceAction::Close { door } => Action::Close { door },
            DeviceAction::HoldOpen { door } => Action::HoldOpen { door },
            DeviceAction::Lock { door } => Action::Lock { door },
            DeviceAction::Reboot => Action::Reboot,
            DeviceAction::SetClock => Action::SetClock,
            DeviceAction::ReadLog { from_us } => {
                let from = Timestamp::from_microsecond(from_us).unwrap_or(Timestamp::UNIX_EPOCH);
                Action::ReadLog { from }
            }
            DeviceAction::Probe => {
                let probe = session.probe().await?;
                self.state().probed(&probe);
                self.note();
                let told = serde_json::to_value(&probe).ok();
                return Ok(told.and_then(|told| told.as_object().cloned()).unwrap_or_default());
            }
            DeviceAction::Sync { may_remove } => return self.compare_now(may_remove).await,
            DeviceAction::SyncPerson { number } => {
                self.writes_anew(&session, &person(&number)?).await?;
                return Ok(Map::new());
            }
            DeviceAction::RemovePerson { number } => {
                self.takes_off(&session, &person(&number)?).await?;
                return Ok(Map::new());
            }
        };
        session.execute(action).await
    }

    async fn compare_now(&self, may_remove: u32) -> Result<Map<String, Value>, DeviceError> {
        // Shorter than an order may take, so that it is told that it goes on.
        let patience = self.host.0.config.patience.others.mul_f32(0.8);
        let report = self.compares_now(may_remove, patience).await?;
        if let Some(why) = report.failed {
            return Err(DeviceError::Refused(why.detail));
        }
        let counts = [
            ("right", report.right),
            ("wanted", report.wanted),
            ("on_device", report.on_device),
            ("held", report.held),
            ("problems", u32::try_from(report.problems.len()).unwrap_or(u32::MAX)),
        ];
        Ok(counts.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect())
    }
}

fn person(number: &str) -> Result<Number, DeviceError> {
    Number::parse(number).ok_or_else(|| DeviceError::Refused(format!("{number:?} is no number of a person")))
}
