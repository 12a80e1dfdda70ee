//! Each request of a device and its answer, to the byte. What it brings is durable before it hears so.

use std::time::Instant;

use jiff::tz::TimeZone;
use nazorat_terminals::zkteco::adms::Dialect;
use nazorat_terminals::zkteco::adms::Fields;
use nazorat_terminals::zkteco::adms::answers;
use nazorat_terminals::zkteco::adms::command;
use nazorat_terminals::zkteco::adms::records;
use nazorat_terminals::zkteco::adms::records::Oper;
use nazorat_terminals::zkteco::adms::records::User;
use nazorat_terminals::zkteco::adms::request::Call;
use nazorat_terminals::zkteco::adms::request::Query;
use nazorat_terminals::zkteco::adms::request::Table;
use nazorat_terminals::zkteco::meaning;
use nazorat_terminals::zkteco::time::Stamp;
use nazorat_wire::AccessEvent;
use nazorat_wire::AccessKind;

use super::super::events::IMPLAUSIBLE;
use super::Push;
use crate::adapters::PushAnswer;
use crate::adapters::PushRequest;

/// The longest body that is read.
const MOST: usize = 8 << 20;

/// The most people that are told at once.
const MOST_PEOPLE: usize = 200_000;

/// An event that is told this soon after it happened shows how the clocks differ.
const FRESH_MILLIS: i64 = 60_000;

/// Something could not be kept; the device tries again later.
const LATER: u16 = 503;

impl Push {
    pub(super) async fn answer(&self, request: PushRequest) -> PushAnswer {
        let query = Query::parse(&request.query);
        let call = Call::read(&request.method, &request.path, &query);
        if !query.get("SN").eq_ignore_ascii_case(&self.settings.serial) {
            return stranger(&call);
        }
        if request.body.len() > MOST {
            return PushAnswer::text(413, "too much at once");
        }
        self.state().heard = Some(Instant::now());
        self.feed.heard();
        let body = String::from_utf8_lossy(&request.body);
        match call {
            Call::Start => PushAnswer::text(200, self.start(&query)),
            Call::Registry => PushAnswer::text(200, self.register(&body)),
            Call::Push => PushAnswer::text(200, self.access_block()),
            Call::Poll => PushAnswer::text(200, self.poll(&query)),
            Call::Result => {
                for outcome in command::outcomes(&body) {
                    self.state().queue.finish(outcome);
                }
                PushAnswer::text(200, answers::OK)
            }
            // Nobody is looked up here: the device decides by itself.
            Call::Ping | Call::AskPerson | Call::File => PushAnswer::text(200, answers::OK),
            Call::Time => {
                let gmt = Stamp::of(self.feed.now().to_zoned(TimeZone::UTC).datetime());
                PushAnswer::text(200, answers::time(gmt, self.zone_minutes()))
            }
            Call::Exchange | Call::Unknown => PushAnswer::text(404, "nothing is taken here"),
            // Zeros are in pictures only, and those are not read.
            Call::Upload(ref table) if *table != Table::Pictures && request.body.contains(&0) => {
                PushAnswer::text(400, "text has no zeros")
            }
            Call::Upload(table) => self.upload(&table, &query, &body).await,
            Call::Queried => self.queried(&query, &body).await,
        }
    }

    /// The first request: how shall the device behave.
    fn start(&self, query: &Query) -> String {
        let is_access = query.get("DeviceType").eq_ignore_ascii_case("acc") || query.get("pushver").starts_with('3');
        let (dialect, is_registered) = {
            let mut state = self.state();
            if self.settings.dialect.is_none() && (is_access || !state.is_registered) {
                state.dialect = Some(if is_access { Dialect::Acc } else { Dialect::Att });
            }
            // It started; maybe it has something that we have not.
            state.must_count = true;
            (state.dialect.unwrap_or(Dialect::Att), state.is_registered)
        };
        match dialect {
            Dialect::Att => {
                let delay_secs = self.delay_secs();
                let (serial, zone_minutes) = (self.settings.serial.as_str(), self.zone_minutes());
                answers::Attendance { serial, zone_minutes, delay_secs }.text()
            }
            // One that registered before this start of ours registers again.
            Dialect::Acc if !is_registered => answers::OK.to_owned(),
            Dialect::Acc => {
                let (session, registry) = {
                    let state = self.state();
                    (state.session.clone(), state.registry.clone())
                };
                answers::Access { session: &session, delay_secs: self.delay_secs() }.known(&registry)
            }
        }
    }

    fn register(&self, body: &str) -> String {
        let mut state = self.state();
        if self.settings.dialect.is_none() {
            state.dialect = Some(Dialect::Acc);
        }
        state.is_registered = true;
        state.about.extend(records::options(body));
        answers::registered(&state.registry)
    }

    fn access_block(&self) -> String {
        let session = self.state().session.clone();
        answers::Access { session: &session, delay_secs: self.delay_secs() }.text()
    }

    fn delay_secs(&self) -> u32 {
        u32::try_from(self.pace.poll.as_secs()).unwrap_or(60).clamp(2, 60)
    }

    fn poll(&self, query: &Query) -> String {
        let (lines, becomes_live) = {
            let mut state = self.state();
            if let Some((version, _)) = query.get("INFO").split_once(',') {
                let line = format!("FirmVer={version}");
                state.about.extend(Fields::read(&line, '\n'));
            }
            let becomes_live = !std::mem::replace(&mut state.is_live, true);
            (state.queue.fetch(), becomes_live)
        };
        if becomes_live {
            self.feed.is_live();
        }
        lines.unwrap_or_else(|| answers::OK.to_owned())
    }

    async fn upload(&self, table: &Table, query: &Query, body: &str) -> PushAnswer {
        match table {
            Table::AttLog => {
                let read = records::attendance(body);
                let events = {
                    let frame = self.frame(false);
                    read.records.iter().map(|record| frame.attendance(record)).collect()
                };
                self.take(events, read.strange, answers::kept(read.lines)).await
            }
            Table::OperLog => {
                let read = records::operations(body);
                let (mut events, mut users) = (Vec::new(), Vec::new());
                {
                    let frame = self.frame(false);
                    for record in read.records {
                        match record {
                            Oper::Operation(operation) => events.extend(frame.operation(&operation)),
                            Oper::User(user) => users.push(user),
                            Oper::Template => {}
                        }
                    }
                }
                self.meet(users);
                self.take(events, read.strange, answers::kept(read.lines)).await
            }
            Table::RtLog => self.take_access(&records::events(body), answers::OK.to_owned()).await,
            // How doors are is told every few seconds; what they do comes as events.
            Table::RtState | Table::Pictures => PushAnswer::text(200, answers::OK),
            Table::Options => {
                self.state().about.extend(records::options(body));
                PushAnswer::text(200, answers::OK)
            }
            Table::Data(name) => self.table(name, query, body).await,
            // Fingers, faces and lists that nobody here needs are not kept.
            Table::Other(_) => PushAnswer::text(200, answers::kept(body.lines().count())),
        }
    }

    /// Records of a table by its name: live, or because we asked.
    async fn table(&self, name: &str, query: &Query, body: &str) -> PushAnswer {
        let told = query.get("count").parse().ok();
        let answer = |lines: usize| answers::kept_of(name, told.unwrap_or(lines));
        match name {
            "transaction" => {
                let read = records::transactions(body);
                let said = answer(read.lines);
                self.take_access(&read, said).await
            }
            "user" => {
                let read = records::users(body);
                let said = answer(read.lines);
                self.meet(read.records);
                PushAnswer::text(200, said)
            }
            _ => PushAnswer::text(200, answer(body.lines().count())),
        }
    }

    async fn queried(&self, query: &Query, body: &str) -> PushAnswer {
        if query.get("type").eq_ignore_ascii_case("options") {
            self.state().about.extend(records::options(body));
            return PushAnswer::text(200, answers::OK);
        }
        self.table(query.get("tablename"), query, body).await
    }

    async fn take_access(&self, read: &records::Read<records::Event>, said: String) -> PushAnswer {
        let events = {
            let frame = self.frame(false);
            let told = read.records.iter().filter(|event| event.code != meaning::STATE_EVENT);
            told.map(|event| frame.access(event)).collect()
        };
        self.take(events, read.strange, said).await
    }

    /// Makes events durable, and only then says so.
    async fn take(&self, mut events: Vec<AccessEvent>, strange: usize, said: String) -> PushAnswer {
        if strange > 0 {
            self.feed.missed(format!("{strange} records of the device could not be read"));
        }
        self.compare_clocks(&events);
        for event in &mut events {
            event.replayed = event.seen_at.as_millisecond() - event.ts.as_millisecond() > FRESH_MILLIS;
        }
        let _one_after_the_other = self.uploads.lock().await;
        let cursor = self.state().known.with(&events, &self.device.zone);
        let Some((known, cursor)) = cursor else { return PushAnswer::text(200, said) };
        match self.feed.deliver(events, cursor).await {
            Ok(()) => {
                self.state().known.keep(known);
                PushAnswer::text(200, said)
            }
            Err(problem) => {
                tracing::warn!(device.id = self.device.id, "records of the device were not kept: {problem}");
                PushAnswer::text(LATER, "later")
            }
        }
    }

    /// People that we asked for.
    fn meet(&self, users: Vec<User>) {
        let mut state = self.state();
        if let Some(people) = &mut state.people {
            people.extend(users);
            people.truncate(MOST_PEOPLE);
        }
    }

    /// An event that is told as it happens shows how far the device's clock is off. One that waited shows nothing.
    fn compare_clocks(&self, events: &[AccessEvent]) {
        let [event] = events else { return };
        let ahead = event.ts.as_millisecond() - event.seen_at.as_millisecond();
        let counts = event.reason != IMPLAUSIBLE && event.outcome != AccessKind::Info;
        if counts && ahead > -FRESH_MILLIS {
            self.state().drift_ms = Some(ahead);
            self.feed.drift(ahead);
        }
    }
}

/// A device that is not the one: it may ask, but what it has it shall keep.
fn stranger(call: &Call) -> PushAnswer {
    match call {
        Call::Unknown | Call::Exchange => PushAnswer::text(404, "nothing is taken here"),
        call if call.brings() || *call == Call::Registry || *call == Call::Push => PushAnswer::text(LATER, "later"),
        _ => PushAnswer::text(200, answers::OK),
    }
}
