//! Whether all that a device has came here. It counts its records; where that differs, it is asked for them again.

use std::collections::BTreeMap;
use std::collections::HashSet;

use jiff::ToSpan as _;
use jiff::civil::Date;
use nazorat_terminals::zkteco::adms::Dialect;
use nazorat_terminals::zkteco::adms::command::Command;
use nazorat_terminals::zkteco::time::Stamp;
use nazorat_wire::AccessEvent;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::Push;
use crate::adapters::DeviceError;
use crate::kernel::Zone;

/// So many days are compared.
const DAYS: usize = 3;

/// So many serials are remembered, to count what is sent again once.
const MOST_RECENT: usize = 200_000;

/// The place that the host keeps: how many records of an access terminal came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Place {
    transactions: u64,
}

/// What came since we started, and how much before.
#[derive(Debug, Default)]
pub(super) struct Known {
    place: Place,
    days: BTreeMap<Date, HashSet<String>>,
    recent: HashSet<String>,
    /// What the device counted last.
    counted: Option<u64>,
}

/// What is known when some events are kept as well.
pub(super) struct Next {
    place: Place,
    fresh: Vec<(Date, String)>,
}

impl Known {
    pub(super) fn of(place: Option<Place>) -> Self {
        Self { place: place.unwrap_or_default(), ..Self::default() }
    }

    /// What is known when these are kept too, and the place to keep with them. Nothing if there is nothing to keep.
    pub(super) fn with(&self, events: &[AccessEvent], zone: &Zone) -> Option<(Next, Option<Value>)> {
        if events.is_empty() {
            return None;
        }
        let fresh = events.iter().filter(|event| !self.recent.contains(&event.serial));
        let fresh: Vec<(Date, String)> = fresh.map(|event| (zone.day_of(event.ts), event.serial.clone())).collect();
        let of_log = fresh.iter().filter(|(_, serial)| serial.starts_with('i')).map(|(_, serial)| serial);
        let count = of_log.collect::<HashSet<_>>().len() as u64;
        let place = Place { transactions: self.place.transactions + count };
        let cursor = serde_json::to_value(&place).ok();
        Some((Next { place, fresh }, cursor))
    }

    pub(super) fn keep(&mut self, next: Next) {
        self.place = next.place;
        if self.recent.len() > MOST_RECENT {
            self.recent.clear();
        }
        for (day, serial) in next.fresh {
            self.recent.insert(serial.clone());
            // Operations are not counted by the device.
            if serial.starts_with('t') || serial.starts_with('x') {
                self.days.entry(day).or_default().insert(serial);
            }
        }
        while self.days.len() > DAYS {
            self.days.pop_first();
        }
    }

    fn of_days(&self, first: Date, last: Date) -> u64 {
        self.days.range(first..=last).map(|(_, serials)| serials.len() as u64).sum()
    }
}

impl Push {
    /// Compares counts, and asks again for what is not here.
    pub(super) async fn complete(&self) -> Result<(), DeviceError> {
        match self.dialect() {
            Dialect::Att => self.complete_days().await,
            Dialect::Acc => self.complete_all().await,
        }
    }

    async fn complete_days(&self) -> Result<(), DeviceError> {
        let last = self.device.zone.day_of(self.feed.now());
        let first = last.saturating_sub(1.days());
        let (from, to) = (Stamp::of(first.at(0, 0, 0, 0)), Stamp::of(last.at(23, 59, 59, 0)));
        let outcome = self.ask(Command::CountLog(from, to), self.pace.long).await?;
        let Some(count) = outcome.count.filter(|_| outcome.code >= 0) else { return Ok(()) };
        if count > self.state().known.of_days(first, last) {
            // Nothing found is -1, and what failed is asked again the next time.
            self.ask(Command::QueryLog(from, to), self.pace.long).await?;
        }
        Ok(())
    }

    async fn complete_all(&self) -> Result<(), DeviceError> {
        let moment = Stamp::default();
        let outcome = self.ask(Command::CountLog(moment, moment), self.pace.long).await?;
        let Ok(count) = u64::try_from(outcome.code) else { return Ok(()) };
        let (known, before) = {
            let state = self.state();
            (state.known.place.transactions, state.known.counted)
        };
        // A full log counts no further while we do; then nothing can be told from numbers.
        if count > known || (count < known && before != Some(count)) {
            self.ask(Command::QueryLog(moment, moment), self.pace.long).await?;
        }
        let mut state = self.state();
        state.known.counted = Some(count);
        state.known.place.transactions = count;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use nazorat_terminals::zkteco::adms::records;

    use super::Known;
    use crate::adapters::zkteco::events::Frame;
    use crate::kernel::Zone;

    #[test]
    fn what_is_sent_again_is_counted_once() {
        let zone = Zone::default();
        let now = "2026-11-23T03:30:20Z".parse().unwrap();
        let frame = Frame { device: 1, zone: &zone, now, drift_ms: None, replayed: false };
        let body = "1001\t2026-11-23 08:30:15\t0\t15\n1002\t2026-11-22 08:30:15\t0\t15\n";
        let read = records::attendance(body);
        let events: Vec<_> = read.records.iter().map(|record| frame.attendance(record)).collect();
        let mut known = Known::default();
        for _ in 0..2 {
            let (next, _) = known.with(&events, &zone).unwrap();
            known.keep(next);
        }
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(known.of_days(day("2026-11-22"), day("2026-11-23")), 2);
        assert_eq!(known.of_days(day("2026-11-23"), day("2026-11-23")), 1);
        assert!(known.with(&[], &zone).is_none());
    }
}
