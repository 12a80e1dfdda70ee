//! The task that keeps retention: removal at night, sealing of months that are over, a weekly look at sealed files.

use std::convert::Infallible;
use std::time::Duration;

use nazorat_timeseries::PartitionInfo;
use nazorat_timeseries::State;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::kernel::Actor;
use crate::kernel::Month;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::retention::Retention;
use crate::retention::RetentionError;
use crate::retention::records::RUNS;
use crate::retention::records::RunRecord;
use crate::retention::rules;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::blocking;
use crate::runtime::every;

/// How often the keeper looks.
const LOOK: Duration = Duration::from_secs(900);
/// The hour of the organization's night in which old events go.
const NIGHT: i8 = 2;
/// Sealed files are read again and compared with their checksums on this weekday.
const SCRUB_DAY: jiff::civil::Weekday = jiff::civil::Weekday::Sunday;

impl Retention {
    /// Starts the keeper.
    pub fn start(&self, life: &Lifecycle) {
        let (retention, stop) = (self.clone(), life.soft());
        life.spawn("retention", async move {
            every(LOOK, Nudge::default(), stop, || retention.look()).await;
            Ok::<_, Infallible>(())
        });
    }

    async fn look(&self) {
        for organization in self.tenancy.list_all() {
            if let Err(problem) = self.keep(organization.id, &organization.settings.zone).await {
                error!(organization.id = %organization.id, "retention could not be kept: {problem}");
            }
        }
    }

    async fn keep(&self, organization: OrganizationId, zone: &Zone) -> Result<(), RetentionError> {
        let system = Actor::system();
        let tenant = system.tenant(organization)?;
        let now = self.clock.now();
        let before = self.last_run(tenant).await?;
        rules::trust_clock(before.last_seen, now)?;
        if is_due(before.last_run, now, zone) {
            let removed = self.run(&system, organization).await?;
            info!(organization.id = %organization, "retention removed {} events, {} files", removed.rows, removed.files);
            self.seal(organization, now).await;
        } else {
            let seen = RunRecord { last_seen: Some(now), ..before };
            self.store.tenant(tenant).write(move |tx| tx.put(&RUNS, &(), &seen)).await?;
        }
        Ok(())
    }

    /// Seals what is over, and on Sundays looks at what was sealed.
    async fn seal(&self, organization: OrganizationId, now: Timestamp) {
        let hub = self.hub.clone();
        let scrub = now.to_zoned(jiff::tz::TimeZone::UTC).weekday() == SCRUB_DAY;
        blocking(move || {
            for found in hub.partitions(organization.get()) {
                let outcome = match found.state {
                    State::Open if is_over(&found, now) => hub.seal(found.partition),
                    State::Sealed if scrub => hub.verify(found.partition),
                    _ => Ok(()),
                };
                if let Err(problem) = outcome {
                    warn!("partition {} could not be sealed or checked: {problem}", found.partition);
                }
            }
        })
        .await;
    }
}

fn is_over(found: &PartitionInfo, now: Timestamp) -> bool {
    let start = Timestamp::from_microsecond(found.partition.key.month.start_us()).unwrap_or(Timestamp::MAX);
    rules::may_be_sealed(Month::of_utc(start), now)
}

/// Once in each night, and at once when a night was missed.
fn is_due(last_run: Option<Timestamp>, now: Timestamp, zone: &Zone) -> bool {
    let today = zone.at(zone.day_of(now).at(NIGHT, 0, 0, 0));
    let latest =
        if now >= today { today } else { zone.at(zone.day_of(now).yesterday().unwrap_or_default().at(NIGHT, 0, 0, 0)) };
    last_run.is_none_or(|last| last < latest)
}

#[cfg(test)]
mod tests {
    use super::is_due;
    use crate::kernel::Timestamp;
    use crate::kernel::Zone;

    #[test]
    fn it_runs_once_a_night_and_makes_up_for_a_missed_one() {
        let zone = Zone::default();
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let noon = at("2026-11-23T07:00:00Z");
        assert!(is_due(None, noon, &zone));
        assert!(is_due(Some(at("2026-11-22T07:00:00Z")), noon, &zone));
        assert!(!is_due(Some(at("2026-11-22T21:05:00Z")), noon, &zone), "ran at five past two");
    }
}
