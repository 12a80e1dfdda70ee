//! What a request brings, as far as it may be kept.

use super::journal::ActivityWatch;
use super::journal::FlushError;
use super::keeping::Judged;
use super::merge::Beat;
use super::merge::Event;
use crate::intake::Holding;
use crate::intake::Tally;
use crate::kernel::OrganizationId;

impl ActivityWatch {
    /// Takes heartbeats (or events, without a pulse) in, as far as they may be kept; durable on return. `None` when there is
    /// no such bucket.
    pub(super) async fn take(
        &self,
        bucket: &str,
        pulse: Option<i64>,
        beats: Vec<Beat>,
    ) -> Result<Option<Vec<Event>>, FlushError> {
        let Some(organization) = (self.0.config.home)() else { return self.take_judged(bucket, pulse, beats).await };
        let Some(holding) = self.holding(organization).await? else {
            return self.take_judged(bucket, pulse, beats).await;
        };
        let Some(judged) = self.judge(bucket, beats, &*holding)? else { return Ok(None) };
        let pulse = pulse.filter(|_| !self.state().was_interrupted(bucket, &judged));
        let (places, left): (Vec<bool>, Vec<Option<Beat>>) =
            judged.iter().map(|one| (one.left.is_some(), one.left.clone())).unzip();
        let left: Vec<Beat> = left.into_iter().flatten().collect();
        let taken = match left.is_empty() {
            true => Vec::new(),
            false => match self.take_judged(bucket, pulse, left).await? {
                Some(events) => events,
                None => return Ok(None),
            },
        };
        // Whoever sent something that is not kept hears nothing else than before.
        let mut taken = taken.into_iter();
        let answers = places.into_iter().zip(judged).map(|(is_left, one)| match is_left {
            true => taken.next().unwrap_or_else(|| Event::nothing(one.start, one.length)),
            false => Event::nothing(one.start, one.length),
        });
        Ok(Some(answers.collect()))
    }

    pub(super) async fn holding(&self, organization: OrganizationId) -> Result<Option<Box<dyn Holding>>, FlushError> {
        match self.0.sink.rules() {
            Some(rules) => rules.holding(organization).await.map_err(FlushError::Unjudged),
            None => Ok(None),
        }
    }

    fn judge(&self, bucket: &str, beats: Vec<Beat>, holding: &dyn Holding) -> Result<Option<Vec<Judged>>, FlushError> {
        let mut tally = Tally::default();
        let judged = self.state().judge(bucket, beats, (holding, self.0.config.who()), &mut tally);
        tally.count();
        judged.map_err(FlushError::Unjudged)
    }
}
