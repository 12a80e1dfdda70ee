//! What a gateway said of itself last: its buffer, its machine.

use super::health::clock_words;
use super::health::when;
use super::one::Fact;
use crate::fleet::presence::Seen;
use crate::kernel::Timestamp;
use crate::web::Texts;
use crate::web::Visitor;

/// The buffer, and the machine; nothing when it has never told.
pub(super) fn of(texts: Texts, seen: Option<&Seen>) -> Vec<Vec<Fact>> {
    let Some((seen, beat)) = seen.and_then(|seen| seen.beat.as_ref().map(|(_, beat)| (seen, beat))) else {
        return Vec::new();
    };
    let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
    let spool = &beat.spool;
    let oldest = if spool.batches == 0 { texts.t("none") } else { texts.age(spool.oldest_secs) };
    let mut buffer = vec![
        fact("gateways-fact-waiting", texts.number(spool.batches)),
        fact("gateways-fact-oldest", oldest),
        fact("gateways-fact-used", of_total(texts, spool.bytes, spool.max_bytes)),
    ];
    // Both are nothing to read about as long as they are nothing.
    let lost = [("gateways-fact-evicted", spool.evicted), ("gateways-fact-given-up", spool.given_up)];
    buffer.extend(lost.into_iter().filter(|(_, count)| *count > 0).map(|(key, count)| fact(key, texts.number(count))));
    let dash = || "\u{2013}".to_owned();
    let machine = vec![
        fact("gateways-fact-version", seen.version.clone()),
        fact("gateways-sign-clock", clock_words(texts, seen.ahead_secs)),
        fact("gateways-fact-running", texts.age(beat.uptime_secs)),
        fact("gateways-fact-cpu", beat.cpu_permille.map_or_else(dash, |busy| texts.percent(i64::from(busy), 1000))),
        fact("gateways-fact-memory", beat.memory_bytes.map_or_else(dash, |bytes| texts.bytes(bytes))),
        fact(
            "gateways-fact-disk",
            match (beat.disk_free_bytes, beat.disk_bytes) {
                (Some(free), Some(all)) => of_total(texts, free, all),
                (Some(free), None) => texts.bytes(free),
                (None, _) => dash(),
            },
        ),
    ];
    vec![buffer, machine]
}

/// When it said so.
pub(super) fn as_of(visitor: &Visitor, seen: Option<&Seen>, now: Timestamp) -> String {
    let at = seen.and_then(|seen| seen.beat.as_ref()).map(|(at, _)| when(visitor, *at, now));
    at.map(|time| visitor.texts.with("as-of", [("time", time.into())])).unwrap_or_default()
}

fn of_total(texts: Texts, part: u64, all: u64) -> String {
    texts.with("gateways-of", [("part", texts.bytes(part).into()), ("all", texts.bytes(all).into())])
}
