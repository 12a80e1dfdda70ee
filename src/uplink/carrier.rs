//! Carries parcels to the next hop, one at a time and beside the batches: a screenshot never holds up an event.
//!
//! Each is looked at once more before it goes: a policy may have come since it was taken in.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use metrics::counter;
use tokio_util::sync::CancellationToken;
use tracing::error;
use tracing::warn;

use crate::runtime::blocking;
use crate::uplink::UplinkError;
use crate::uplink::chance::Chance;
use crate::uplink::hop::Forward;
use crate::uplink::hop::Hop;
use crate::uplink::judge::Tries;
use crate::uplink::judge::judge;
use crate::uplink::parcels::Head;
use crate::uplink::parcels::Parcels;
use crate::uplink::rules::Verdict;
use crate::uplink::rules::pause;

/// How often it is looked at least.
const LOOK: Duration = Duration::from_secs(60);
/// The longest name that a hop takes.
const LONGEST_KEY: usize = 128;

/// Whether a parcel may not be passed on any more. An error lets nothing through.
pub type Inspect = Arc<dyn Fn(Head, Bytes) -> BoxFuture<'static, Result<bool, String>> + Send + Sync>;

/// Sends what lies in a folder of parcels.
pub struct Carrier {
    parcels: Parcels,
    hop: Hop,
    chance: Chance,
    inspect: Option<Inspect>,
}

impl Carrier {
    /// Nothing is sent yet.
    pub const fn new(hop: Hop, parcels: Parcels, chance: Chance) -> Self {
        Self { parcels, hop, chance, inspect: None }
    }

    /// The same with somebody who looks at each before it goes.
    #[must_use]
    pub fn inspected_by(self, inspect: Inspect) -> Self {
        Self { inspect: Some(inspect), ..self }
    }

    /// Sends until the token is cancelled.
    pub async fn run(self, stop: CancellationToken) -> Result<(), UplinkError> {
        stop.run_until_cancelled(self.work()).await.unwrap_or(Ok(()))
    }

    async fn work(&self) -> Result<(), UplinkError> {
        loop {
            let parcels = self.parcels.clone();
            match blocking(move || parcels.oldest()).await {
                Ok(Some((number, head, body))) => match is_withheld(self.inspect.as_ref(), &head, &body).await {
                    Ok(false) => self.deliver(number, forward(head, body)).await,
                    Ok(true) => self.withdraw(number).await,
                    Err(problem) => {
                        warn!("screenshots wait until it is known whether they may be passed on: {problem}");
                        tokio::time::sleep(LOOK).await;
                    }
                },
                Ok(None) => {
                    tokio::select! {
                        () = self.parcels.came.notified() => {}
                        () = tokio::time::sleep(LOOK) => {}
                    }
                }
                Err(problem) => {
                    error!("screenshots that wait cannot be read: {problem}");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    async fn withdraw(&self, number: u64) {
        let parcels = self.parcels.clone();
        if let Err(problem) = blocking(move || parcels.withdraw(number)).await {
            error!("screenshot {number} cannot be removed: {problem}");
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn deliver(&self, number: u64, forward: Forward) {
        let mut tries = Tries::default();
        loop {
            let reply = self.hop.forward(&forward).await;
            let judged = judge(reply.as_ref(), None, tries);
            tries = judged.tries;
            let parcels = self.parcels.clone();
            let done = match judged.verdict {
                Verdict::Taken => {
                    counter!("nazorat_uplink_screenshots_total").increment(1);
                    blocking(move || parcels.left(number)).await
                }
                Verdict::Refused | Verdict::TooLarge | Verdict::NameTaken => {
                    warn!("screenshot {number} was refused with status {}: {}", judged.status, judged.detail);
                    counter!("nazorat_uplink_dead_letters_total").increment(1);
                    blocking(move || parcels.set_aside(number)).await
                }
                Verdict::Locked | Verdict::Later | Verdict::TooSlow => {
                    counter!("nazorat_uplink_retries_total").increment(1);
                    tokio::time::sleep(pause(judged.verdict, tries.all, judged.asked, self.chance.draw())).await;
                    continue;
                }
            };
            match done {
                Ok(()) => return,
                Err(problem) => {
                    error!("screenshot {number} cannot be put away: {problem}");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }
}

/// Whether a parcel may not be passed on any more.
pub(super) async fn is_withheld(inspect: Option<&Inspect>, head: &Head, body: &Bytes) -> Result<bool, String> {
    match inspect {
        Some(inspect) => inspect(head.clone(), body.clone()).await,
        None => Ok(false),
    }
}

/// Two senders may give the same name; the next hop must not take them for one.
pub(super) fn forward(head: Head, body: Bytes) -> Forward {
    let key = head.key.map(|key| format!("{}:{key}", head.source));
    let key = key.map(|key| match key.len() {
        0..=LONGEST_KEY => key,
        _ => format!("sha256:{}", crate::kernel::Fingerprint::of(key.as_bytes())),
    });
    Forward { path: head.path, content_type: head.content_type, key, body }
}

#[cfg(test)]
mod tests {
    use super::Head;
    use super::forward;

    #[test]
    fn names_of_two_senders_are_two_names_and_never_too_long() {
        let key = |source: &str, key: Option<&str>| {
            let head = Head {
                path: "/p".to_owned(),
                content_type: "c".to_owned(),
                key: key.map(str::to_owned),
                source: source.to_owned(),
            };
            forward(head, bytes::Bytes::new()).key
        };
        assert_eq!(key("agent-1", Some("k")), Some("agent-1:k".to_owned()));
        assert_eq!(key("agent-1", None), None);
        assert_eq!(key("agent-1", Some(&"k".repeat(128))).map(|key| key.len()), Some(71));
    }
}
