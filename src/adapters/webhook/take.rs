//! A request and its answer. What it brings is durable before it hears so; what cannot be read is named by its index.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::time::Duration;
use std::time::Instant;

use nazorat_terminals::foreign::Refused;
use nazorat_wire::AccessEvent;
use serde_json::Value;
use serde_json::json;

use super::Place;
use super::Webhook;
use super::signature::Doubt;
use crate::adapters::DeviceError;
use crate::adapters::PushAnswer;
use crate::adapters::PushRequest;
use crate::adapters::foreign;

/// The longest body, and the most events in it.
const MOST_BODY: usize = 1 << 20;
const MOST_EVENTS: usize = 1_000;
/// So many refused events are listed; the rest is counted.
const MOST_LISTED: usize = 100;
/// Whoever sends does not wait for ever.
const WITHIN: Duration = Duration::from_secs(8);
/// How often it is said on the page of the device, and in our log, that something is wrong: at once, and in a second for long.
pub(super) const SAID: (u32, f64) = (5, 0.05);
/// So many serial numbers are remembered, to see when a system uses one twice.
const MOST_RECENT: usize = 4_096;

/// Serial numbers that came lately, and what came with them.
#[derive(Debug, Default)]
pub(super) struct Recent {
    known: HashMap<String, [u8; 32]>,
    order: VecDeque<String>,
}

impl Recent {
    /// Remembers an event. Another one under the same number would be taken for the same and never be stored: it is
    /// refused, so that somebody chooses a better number.
    fn meet(&mut self, event: &AccessEvent) -> Result<(), Refused> {
        let digest = foreign::digest(event);
        match self.known.get(&event.serial) {
            Some(known) if *known == digest => return Ok(()),
            Some(_) => {
                let detail =
                    "another event came with this serial; the settings must name what is different in each event";
                return Err(Refused { code: "serial_reused", detail: detail.to_owned() });
            }
            None => {}
        }
        if self.order.len() >= MOST_RECENT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(event.serial.clone());
        self.known.insert(event.serial.clone(), digest);
        Ok(())
    }

    /// Events that were not kept come again, and may then be others.
    fn forget(&mut self, events: &[AccessEvent]) {
        for event in events {
            self.known.remove(&event.serial);
            self.order.retain(|serial| *serial != event.serial);
        }
    }
}

fn problem(status: u16, code: &str, detail: &str) -> PushAnswer {
    PushAnswer::json(status, &json!({ "status": status, "code": code, "detail": detail }))
}

impl Webhook {
    pub(super) async fn take(&self, request: PushRequest) -> PushAnswer {
        let Ok(_room) = self.room.try_acquire() else {
            return problem(503, "busy", "too many requests wait already; send it again");
        };
        if request.method != "POST" {
            return problem(405, "method", "events are posted");
        }
        if request.body.len() > MOST_BODY {
            return problem(413, "too_large", "a body may have 1048576 bytes; send fewer events at once");
        }
        if request.headers.contains_key(http::header::CONTENT_ENCODING) {
            return problem(415, "encoding", "send it without Content-Encoding");
        }
        if let Err(doubt) = self.settings.signing.check(&request, self.feed.now()) {
            self.doubts(doubt);
            return problem(401, doubt.code(), &doubt.to_string());
        }
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return problem(400, "not_json", "the body is not JSON");
        };
        let events = match self.settings.mapping.events(&body) {
            Ok(events) if events.len() > MOST_EVENTS => {
                return problem(413, "too_large", "at most 1000 events are taken at once");
            }
            Ok(events) => events,
            Err(refused) => return problem(400, refused.code, &refused.detail),
        };
        match tokio::time::timeout(WITHIN, self.keep(events)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => problem(503, "not_kept", "it could not be kept; send it again"),
        }
    }

    /// Makes durable what can be read, and only then says so.
    async fn keep(&self, events: &[Value]) -> Result<PushAnswer, DeviceError> {
        let _one_after_the_other = self.turn.lock().await;
        let now = self.feed.now();
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for (index, event) in events.iter().enumerate() {
            let read = foreign::read(&self.settings.mapping, &self.device, event, now);
            let met = read.and_then(|event| self.state().recent.meet(&event).map(|()| event));
            match met {
                Ok(event) => good.push(event),
                Err(refused) => bad.push((index, refused)),
            }
        }
        let is_first = !self.state().has_come;
        let place = is_first.then(|| serde_json::to_value(Place { has_come: true }).unwrap_or_default());
        if is_first || !good.is_empty() {
            let kept = self.feed.deliver(good.clone(), place).await;
            if let Err(problem) = kept {
                tracing::warn!(device.id = self.device.id, "events of the device were not kept: {problem}");
                self.state().recent.forget(&good);
                return Err(problem);
            }
        }
        {
            let mut state = self.state();
            (state.has_come, state.heard) = (true, Instant::now());
        }
        self.feed.is_live();
        self.lament(&bad);
        let listed = bad.iter().take(MOST_LISTED);
        let listed =
            listed.map(|(index, refused)| json!({ "index": index, "code": refused.code, "detail": refused.detail }));
        let answer = json!({
            "accepted": good.len(), "refused": bad.len(), "rejected": listed.collect::<Vec<_>>(),
        });
        Ok(PushAnswer::json(200, &answer))
    }

    /// Says on the page of the device that events are missing, and why the first one is, now and then.
    fn lament(&self, bad: &[(usize, Refused)]) {
        if let [(index, refused), ..] = bad
            && self.state().said.spend()
        {
            let (count, code, detail) = (bad.len(), refused.code, &refused.detail);
            self.feed
                .missed(format!("{count} events of a request could not be read; number {index}, {code}: {detail}"));
        }
    }

    /// Says on the page of the device that requests are not believed, now and then.
    fn doubts(&self, doubt: Doubt) {
        if self.state().said.spend() {
            self.feed.missed(format!("a request was refused: {doubt}"));
        }
    }
}
