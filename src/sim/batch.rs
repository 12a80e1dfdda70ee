//! Events as the ingest contract wants them: `{"batch_id": "...", "events": [...]}`, written by hand and packed with zstd.

use std::io::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use crate::sim::day::Event;
use crate::sim::day::Fact;
use crate::sim::office::Account;
use crate::sim::office::Office;
use crate::sim::screen::Shot;

/// More events make another batch. Some 300 bytes each, so that a batch stays far below 5 MB.
const EVENTS_PER_BATCH: usize = 4_000;
const ZSTD_LEVEL: i32 = 1;
const DAY_MS: i64 = 86_400_000;

#[derive(Debug)]
pub(super) struct Batch {
    /// Index of the computer whose agent sends it.
    pub(super) computer: usize,
    /// Says the same for the same events, so that a repeated run is answered as a duplicate.
    pub(super) key: String,
    /// JSON under zstd.
    pub(super) body: Vec<u8>,
    pub(super) events: usize,
}

/// The description that goes with a screenshot.
#[derive(Debug, Serialize)]
pub(super) struct ShotNote<'shot> {
    #[serde(skip)]
    pub(super) computer: usize,
    ts: Timestamp,
    computer_uid: &'shot str,
    user_sid: &'shot str,
    user_name: &'shot str,
    app: &'shot str,
    title: &'shot str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'shot str>,
}

impl<'shot> ShotNote<'shot> {
    pub(super) fn new(office: &'shot Office, shot: &'shot Shot) -> Self {
        let account = &office.accounts[shot.account];
        Self {
            computer: account.computer,
            ts: Timestamp::from_millisecond(shot.at_ms).unwrap_or_default(),
            computer_uid: &office.computers[account.computer].uid,
            user_sid: &account.user_sid,
            user_name: &account.user_name,
            app: shot.app,
            title: &shot.title,
            url: shot.url.as_deref(),
        }
    }
}

/// Batches of one agent. `name` tells them from all others of this office.
pub(super) fn pack(office: &Office, name: &str, events: &[Event]) -> std::io::Result<Vec<Batch>> {
    let mut compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
    let mut writer = Writer { office, json: Vec::with_capacity(512 * 1024), date: (i64::MIN, String::new()) };
    let computer = events.first().map_or(0, |event| office.accounts[event.account].computer);
    let mut batches = Vec::new();
    for (part, events) in events.chunks(EVENTS_PER_BATCH).enumerate() {
        let key = format!("sim:{}:{name}:{part}", office.seed);
        writer.batch(&key, events)?;
        batches.push(Batch { computer, body: compressor.compress(&writer.json)?, events: events.len(), key });
    }
    Ok(batches)
}

struct Writer<'office> {
    office: &'office Office,
    json: Vec<u8>,
    /// Days since 1970 in UTC, and how that day is written.
    date: (i64, String),
}

impl Writer<'_> {
    fn batch(&mut self, key: &str, events: &[Event]) -> std::io::Result<()> {
        self.json.clear();
        self.json.extend_from_slice(b"{\"batch_id\":");
        serde_json::to_writer(&mut self.json, key)?;
        self.json.extend_from_slice(b",\"events\":[");
        for (index, event) in events.iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.event(event)?;
        }
        self.json.extend_from_slice(b"]}");
        Ok(())
    }

    fn event(&mut self, event: &Event) -> std::io::Result<()> {
        self.json.extend_from_slice(b"{\"ts\":\"");
        self.time(event.start_ms)?;
        self.json.push(b'"');
        let office = self.office;
        let Account { computer, user_sid, user_name, .. } = &office.accounts[event.account];
        self.text("computer_uid", &office.computers[*computer].uid)?;
        self.text("user_sid", user_sid)?;
        self.text("user_name", user_name)?;
        match &event.fact {
            Fact::ActiveWindow { app, title } => {
                self.lasting("active_window", event.duration_ms)?;
                self.text("app", app)?;
                self.title(title)?;
            }
            Fact::VisitedSite { url, title, browser } => {
                self.lasting("visited_site", event.duration_ms)?;
                self.text("url", url)?;
                self.title(title)?;
                self.text("browser", browser)?;
            }
            Fact::InputActivity { input } => {
                self.lasting("input_activity", event.duration_ms)?;
                self.text("state", input.word())?;
            }
            Fact::UserSession { action } => {
                self.json.extend_from_slice(b",\"kind\":\"user_session\"");
                self.text("action", action.word())?;
            }
        }
        self.json.push(b'}');
        Ok(())
    }

    /// One that a policy has taken away is not sent at all.
    fn title(&mut self, title: &str) -> std::io::Result<()> {
        if title.is_empty() { Ok(()) } else { self.text("title", title) }
    }

    fn text(&mut self, name: &str, value: &str) -> std::io::Result<()> {
        write!(self.json, ",\"{name}\":")?;
        serde_json::to_writer(&mut self.json, value)?;
        Ok(())
    }

    fn lasting(&mut self, kind: &str, duration_ms: i64) -> std::io::Result<()> {
        write!(self.json, ",\"kind\":\"{kind}\",\"duration_ms\":{duration_ms}")
    }

    /// RFC 3339 in UTC; the date is worked out once a day.
    fn time(&mut self, ms: i64) -> std::io::Result<()> {
        let (day, rest) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
        if self.date.0 != day {
            let midnight = Timestamp::from_millisecond(day * DAY_MS).unwrap_or_default();
            self.date = (day, midnight.to_string()[..10].to_owned());
        }
        let (hours, minutes, seconds) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
        let date = &self.date.1;
        write!(self.json, "{date}T{hours:02}:{minutes:02}:{seconds:02}.{:03}Z", rest % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use nazorat_wire as wire;
    use nazorat_wire::decode_logs;

    use super::pack;
    use crate::kernel::Zone;
    use crate::sim::day::Fact;
    use crate::sim::day::events;
    use crate::sim::office::Office;

    /// The server's reading of a fact, and ours.
    fn assert_same(read: &wire::Fact<'_>, sent: &Fact) {
        match (read, sent) {
            (wire::Fact::ActiveWindow { app, title, .. }, Fact::ActiveWindow { app: name, title: words }) => {
                assert_eq!((&**app, title.as_deref()), (*name, Some(&**words)));
            }
            (wire::Fact::VisitedSite { url, browser, .. }, Fact::VisitedSite { url: address, browser: name, .. }) => {
                assert_eq!((&**url, browser.as_deref()), (&**address, Some(*name)));
            }
            (wire::Fact::InputActivity { state, .. }, Fact::InputActivity { input }) => assert_eq!(state, input),
            (wire::Fact::UserSession { action }, Fact::UserSession { action: done }) => assert_eq!(action, done),
            _ => panic!("{read:?} is not {sent:?}"),
        }
    }

    #[test]
    fn the_server_reads_every_event_as_it_was_meant() {
        let office = Office::build(2, 60);
        for person in &office.people {
            let events = events(&office, person, date(2026, 11, 18), &Zone::default());
            let batches = pack(&office, "2026-11-18:0", &events).unwrap();
            assert_eq!(batches.iter().map(|batch| batch.events).sum::<usize>(), events.len());
            let mut rest = &events[..];
            for batch in &batches {
                let json = zstd::decode_all(&batch.body[..]).unwrap();
                serde_json::from_slice::<serde_json::Value>(&json).unwrap();
                let read = decode_logs(&json).unwrap();
                assert_eq!(read.batch_id.as_deref(), Some(&*batch.key));
                assert!(read.rejected.is_empty() && read.unknown_fields == 0, "{:?}", read.rejected);
                let (sent, after) = rest.split_at(read.events.len());
                for (read, sent) in read.events.iter().zip(sent) {
                    let account = &office.accounts[sent.account];
                    assert_eq!(read.event.ts, sent.start_ms * 1000);
                    assert_eq!(i64::from(read.event.fact.duration_ms()), sent.duration_ms);
                    assert_eq!(read.event.computer_uid, office.computers[account.computer].uid);
                    assert_eq!(read.event.user_name.as_deref(), Some(&*account.user_name));
                    assert_same(&read.event.fact, &sent.fact);
                }
                rest = after;
            }
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn the_same_events_make_the_same_bytes_and_key() {
        let office = Office::build(2, 60);
        let events = events(&office, &office.people[7], date(2026, 11, 18), &Zone::default());
        let (one, two) = (pack(&office, "a", &events).unwrap(), pack(&office, "a", &events).unwrap());
        assert!(one.iter().zip(&two).all(|(one, two)| one.key == two.key && one.body == two.body));
        assert!(one.iter().all(|batch| batch.key.len() <= 128));
    }
}
