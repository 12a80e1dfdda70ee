//! From the appliance to the shelf. What is fetched is always what is newest now, so pushes may come twice, late, in any
//! order, or never.

use std::time::Duration;

use futures_util::StreamExt as _;
use nazorat_wire::policy::MAX_SHEET;
use nazorat_wire::policy::PolicyItem;
use nazorat_wire::policy::PolicyList;
use nazorat_wire::policy::SignedSheet;
use reqwest::Method;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use tracing::warn;

use super::OWN;
use super::Policies;
use super::Standing;
use crate::runtime::blocking;
use crate::uplink::Hop;

const LIST: &str = "/v2/gateway/policies";
/// So many sheets are fetched at once.
const AT_ONCE: usize = 4;
/// So often a list is fetched that has changed while its sheets were.
const TRIES: u32 = 3;
/// How often it is looked whether there is another list, should nobody tell.
const LOOK: Duration = Duration::from_secs(600);
/// The same while what holds cannot be read.
const LOOK_SOON: Duration = Duration::from_secs(15);

/// The newest was not fetched; what came of it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct NotFetched {
    /// Why, as a stable word.
    pub code: &'static str,
    /// Why, as a sentence.
    pub detail: String,
}

fn failed(code: &'static str, detail: impl Into<String>) -> NotFetched {
    NotFetched { code, detail: detail.into() }
}

impl Policies {
    /// Fetches what is newest and puts it in force; gives the checksum of its list.
    pub async fn refresh(&self, hop: &Hop) -> Result<String, NotFetched> {
        let _turn = self.0.fetching.lock().await;
        for _ in 0..TRIES {
            let list = fetch_list(hop).await?;
            self.fetch_sheets(hop, &list).await?;
            let is_whole = list.items.iter().all(|item| self.checksum(item.subject).as_ref() == Some(&item.checksum));
            if is_whole {
                let (policies, checksum) = (self.clone(), list.checksum.clone());
                let settled = blocking(move || policies.settle(&list)).await;
                settled.map_err(|problem| failed("not_kept", format!("policies cannot be written down: {problem}")))?;
                return Ok(checksum);
            }
        }
        Err(failed(
            "changing",
            "the policies changed again and again while they were fetched; they are fetched anew soon",
        ))
    }

    /// What holds to the list is left where it is; the first problem is told when all were tried.
    async fn fetch_sheets(&self, hop: &Hop, list: &PolicyList) -> Result<(), NotFetched> {
        let broken = self.broken();
        let missing = |item: &&PolicyItem| {
            self.checksum(item.subject).as_ref() != Some(&item.checksum) || (broken && item.subject == OWN)
        };
        // The edge's own comes first: nothing is decided for agents that does not hold here.
        let (own, others): (Vec<_>, Vec<_>) =
            list.items.iter().filter(missing).map(|item| item.subject).partition(|subject| *subject == OWN);
        let mut problem = None;
        for subject in own {
            problem = self.fetch(hop, subject).await.err();
        }
        let mut fetched = futures_util::stream::iter(others.into_iter().map(|subject| self.fetch(hop, subject)))
            .buffer_unordered(AT_ONCE);
        while let Some(outcome) = fetched.next().await {
            problem = problem.or(outcome.err());
        }
        problem.map_or(Ok(()), Err)
    }

    fn broken(&self) -> bool {
        matches!(self.standing(), Standing::Unreadable(_) | Standing::Held { damage: Some(_), .. })
    }

    async fn fetch(&self, hop: &Hop, subject: u32) -> Result<(), NotFetched> {
        let path = format!("{LIST}/{subject}");
        let (status, body) = ask(hop, &path).await?;
        if status == 404 {
            // It was in the list a moment ago.
            return Ok(());
        }
        if status != 200 {
            return Err(refused(status, &body));
        }
        if body.len() > MAX_SHEET * 2 {
            return Err(failed("too_large", format!("the policy for {subject} has {} bytes", body.len())));
        }
        let signed: SignedSheet = serde_json::from_slice(&body)
            .map_err(|problem| failed("not_a_policy", format!("the policy for {subject} cannot be read: {problem}")))?;
        let policies = self.clone();
        let put = blocking(move || policies.put(subject, &signed)).await;
        put.map(drop).map_err(|problem| failed(problem.code(), format!("policy for {subject}: {problem}")))
    }

    /// Looks from time to time whether there is anything else to hold to.
    pub async fn keep_up(self, hop: Hop, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let fetched = self.refresh(&hop).await;
            let pause = match &fetched {
                Ok(_) => LOOK,
                Err(problem) if problem.code == "unknown" => LOOK,
                Err(_) if self.broken() || self.list().is_none() => LOOK_SOON,
                Err(_) => LOOK,
            };
            match fetched {
                Ok(checksum) => debug!("the policies are those of the list {checksum}"),
                // That the line is down is told by whoever sends.
                Err(problem) if matches!(problem.code, "unknown" | "no_answer") => debug!("{problem}"),
                Err(problem) => warn!("policies could not be fetched, those that are here hold on: {problem}"),
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.0.nudge.asked() => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Lets `keep_up` look now.
    pub fn look(&self) {
        self.0.nudge.now();
    }
}

impl super::PutError {
    const fn code(&self) -> &'static str {
        match self {
            Self::Sheet(_) => "not_followed",
            Self::Other => "other_computer",
            Self::Older { .. } => "older",
            Self::Disk(_) => "not_kept",
        }
    }
}

async fn fetch_list(hop: &Hop) -> Result<PolicyList, NotFetched> {
    let (status, body) = ask(hop, LIST).await?;
    match status {
        200 => {}
        404 | 405 => return Err(failed("unknown", "this appliance gives out no policies")),
        _ => return Err(refused(status, &body)),
    }
    let list: PolicyList = serde_json::from_slice(&body)
        .map_err(|problem| failed("not_a_list", format!("the list of policies cannot be read: {problem}")))?;
    let checked = PolicyList::of(list.items);
    match checked.checksum == list.checksum {
        true => Ok(checked),
        false => Err(failed("not_a_list", "the list of policies has another checksum than it says")),
    }
}

async fn ask(hop: &Hop, path: &str) -> Result<(u16, Vec<u8>), NotFetched> {
    hop.ask(Method::GET, path, String::new()).await.map_err(|problem| failed("no_answer", problem))
}

fn refused(status: u16, body: &[u8]) -> NotFetched {
    let said = serde_json::from_slice::<nazorat_wire::Problem>(body).map(|problem| problem.detail);
    failed("refused", format!("the appliance answered {status} {}", said.unwrap_or_default()))
}
