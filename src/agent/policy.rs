//! What may be collected on this computer: asked for at the gateway, verified, kept, in force, and said so.
//!
//! `DATA/agent/authorities.pem` says who may sign. It was told when this computer joined, or by the first gateway that was
//! asked, and is never replaced by itself: joining again is what replaces it.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use nazorat_wire::Identity;
use nazorat_wire::account_of;
use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Part;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::Sheet;
use nazorat_wire::policy::SignedSheet;
use nazorat_wire::policy::WindowDetail;
use reqwest::Method;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use tracing::info;
use tracing::warn;

use super::watcher::Looking;
use crate::edge;
use crate::edge::OWN;
use crate::edge::Policies;
use crate::edge::PoliciesConfig;
use crate::edge::PutError;
use crate::edge::Standing;
use crate::ingest::activitywatch::Stamp;
use crate::kernel::Clock;
use crate::kernel::random_bytes;
use crate::runtime::Lifecycle;
use crate::runtime::blocking;
use crate::store::write_durably;
use crate::uplink::Hop;

/// How long the gateway may keep a question.
const WAIT_SECS: u64 = 25;
/// The shortest time between two questions that brought nothing.
const LEAST: Duration = Duration::from_millis(200);
/// After something that did not work.
const AGAIN: Duration = Duration::from_secs(5);
/// A policy that cannot be taken is tried again after so long.
const REFUSED: Duration = Duration::from_secs(30);
/// Whoever is asked gives out no policies: an appliance judges what comes in. It may become a gateway some day.
const NO_GATEWAY: Duration = Duration::from_secs(3_600);
/// What holds as long as nobody has decided otherwise, where it is set at a start.
const BUFFER_MEGABYTE: u64 = 1_000_000;

/// Writes down who may sign; durable on return. Blocks.
pub(super) fn keep_authorities(own: &Path, pem: &str) -> std::io::Result<()> {
    write_durably(&authorities(own), pem.as_bytes())
}

fn authorities(own: &Path) -> PathBuf {
    own.join("authorities.pem")
}

/// Reads what holds on this computer. Blocks.
pub(super) fn open(own: &Path, computer_uid: &str, clock: &Clock) -> anyhow::Result<Policies> {
    let path = authorities(own);
    let keys: edge::Keys = Arc::new(move || edge::points(&std::fs::read_to_string(&path).unwrap_or_default()));
    let config = PoliciesConfig { folder: own.join("policies"), keys, computer_uid: Some(computer_uid.to_owned()) };
    Policies::open(config, clock.clone()).context("the policy that holds here cannot be read")
}

/// What is set at a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AtStart {
    pub(super) upload_every: Option<Duration>,
    pub(super) buffer_bytes: Option<u64>,
}

/// What a sheet sets at a start for an account of this computer; nothing where nothing was decided.
pub(super) fn at_start(sheet: Option<&Sheet>, account: i64) -> AtStart {
    let policy = sheet.and_then(|sheet| sheet.policy_of(account));
    AtStart {
        upload_every: policy.map(|policy| Duration::from_secs(u64::from(policy.upload_seconds.max(1)))),
        buffer_bytes: policy.map(|policy| u64::from(policy.buffer_megabytes) * BUFFER_MEGABYTE),
    }
}

/// The account whose activity it is.
pub(super) fn account(stamp: &Stamp) -> i64 {
    account_of(Identity { computer_uid: &stamp.computer_uid, user_sid: None, user_name: Some(&stamp.user_name) })
}

/// What the watcher of this program needs to look at.
pub(super) fn looking(policies: &Policies, account: i64) -> Looking {
    let sheet = policies.sheet();
    let Some(policy) = sheet.as_ref().and_then(|sheet| sheet.policy_of(account)) else { return Looking::default() };
    // Also a title that is not kept may say that its window must not be.
    let by_title = policy.exclusions.iter().any(|exclusion| exclusion.part == Part::Title);
    Looking {
        windows: policy.windows != WindowDetail::Off,
        titles: policy.windows == WindowDetail::Title || by_title,
        away_after: Duration::from_secs(u64::from(policy.idle_minutes.max(1)) * 60),
    }
}

/// Follows what the gateway says, as long as the process lives.
pub(super) struct Follower {
    policies: Policies,
    hop: Hop,
    own: PathBuf,
    life: Lifecycle,
    /// What this process has begun with.
    began_with: Arc<Sheet>,
    /// Why the last one could not be taken, and its checksum.
    refused: Option<(String, String)>,
}

#[derive(Deserialize)]
struct Authorities {
    authorities: String,
}

/// What the gateway answered.
enum Answer {
    Nothing,
    Sheet(Box<SignedSheet>),
    /// It gives out none.
    Unknown,
    Failed(String),
}

impl Follower {
    pub(super) fn new(policies: Policies, hop: Hop, own: PathBuf, life: Lifecycle) -> Self {
        let began_with = policies.sheet().unwrap_or_else(|| Arc::new(undecided()));
        Self { policies, hop, own, life, began_with, refused: None }
    }

    /// Follows until the token is cancelled.
    pub(super) async fn follow(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = tokio::select! {
                pause = self.step() => pause,
                () = stop.cancelled() => return,
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Asks once; says when to ask again.
    async fn step(&mut self) -> Duration {
        match self.learn_authorities().await {
            Answer::Unknown => return NO_GATEWAY,
            Answer::Failed(problem) => {
                debug!("the gateway did not say who signs policies: {problem}");
                return later();
            }
            Answer::Nothing | Answer::Sheet(_) => {}
        }
        // Not the one that should: if that is damaged it is to be sent again.
        let have = match self.policies.standing() {
            Standing::Held { checksum, .. } => Some(checksum),
            Standing::Undecided | Standing::Unreadable(_) => None,
        };
        let error = self.refused.as_ref().map(|(problem, _)| problem.clone());
        match self.ask(have.as_deref(), None, error.as_deref(), WAIT_SECS).await {
            Answer::Nothing => LEAST,
            Answer::Unknown => NO_GATEWAY,
            Answer::Failed(problem) => {
                debug!("the gateway was not asked for a policy: {problem}");
                later()
            }
            Answer::Sheet(signed) => self.take(have.as_deref(), *signed).await,
        }
    }

    async fn take(&mut self, have: Option<&str>, signed: SignedSheet) -> Duration {
        let checksum = signed.checksum();
        let (policies, kept) = (self.policies.clone(), signed.clone());
        let put: Result<_, PutError> = blocking(move || policies.put(OWN, &kept)).await;
        if let Err(problem) = put {
            let told = problem.to_string();
            let known = self.refused.replace((told.clone(), checksum.clone()));
            // The first time it is told at once.
            if known.is_some_and(|(_, before)| before == checksum) {
                return REFUSED;
            }
            warn!("a policy was not taken: {told}");
            return Duration::ZERO;
        }
        self.refused = None;
        let Some(sheet) = self.policies.sheet() else { return Duration::ZERO };
        if sheet.requires_restart(&self.began_with) {
            info!("the policy is followed wholly from the next start on, which is now");
            let told = self.ask(have, Some(&checksum), None, 0).await;
            if let Answer::Failed(problem) = told {
                debug!("the gateway was not told of the restart: {problem}");
            }
            self.life.fail("a policy asks for a restart".to_owned());
            return NO_GATEWAY;
        }
        Duration::ZERO
    }

    /// Learns who signs, once.
    async fn learn_authorities(&self) -> Answer {
        let path = authorities(&self.own);
        if blocking(move || path.exists()).await {
            return Answer::Nothing;
        }
        let (status, body) = match self.hop.ask(Method::GET, "/local/agent/authorities", String::new()).await {
            Ok(answer) => answer,
            Err(problem) => return Answer::Failed(problem),
        };
        if matches!(status, 404 | 405) {
            return Answer::Unknown;
        }
        let told: Option<Authorities> = serde_json::from_slice(&body).ok();
        let Some(told) = told.filter(|told| status == 200 && !edge::points(&told.authorities).is_empty()) else {
            return Answer::Failed(format!("it answered {status}"));
        };
        let own = self.own.clone();
        match blocking(move || keep_authorities(&own, &told.authorities)).await {
            Ok(()) => {
                info!("who signs policies was told by the gateway, and is believed from now on");
                Answer::Nothing
            }
            Err(problem) => Answer::Failed(problem.to_string()),
        }
    }

    async fn ask(&self, have: Option<&str>, waiting: Option<&str>, error: Option<&str>, wait: u64) -> Answer {
        let wait = wait.to_string();
        let fields = [("have", have), ("waiting", waiting), ("error", error), ("wait", Some(wait.as_str()))];
        let fields = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
        // Only its path and query are used.
        let Ok(url) = reqwest::Url::parse_with_params("http://gateway/local/agent/policy", fields) else {
            return Answer::Failed("the question cannot be written".to_owned());
        };
        let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        match self.hop.ask(Method::GET, &path, String::new()).await {
            Ok((204, _)) => Answer::Nothing,
            Ok((404 | 405, _)) => Answer::Unknown,
            Ok((200, body)) => match serde_json::from_slice(&body) {
                Ok(signed) => Answer::Sheet(Box::new(signed)),
                Err(problem) => Answer::Failed(problem.to_string()),
            },
            Ok((status, _)) => Answer::Failed(format!("it answered {status}")),
            Err(problem) => Answer::Failed(problem),
        }
    }
}

/// What a process follows that was told nothing: what is decided when nobody decides.
fn undecided() -> Sheet {
    let (policy, _) = Effective::of(std::iter::empty::<(Layer, &Settings)>());
    Sheet { policies: vec![policy], otherwise: Some(0), ..Sheet::undecided(0, None) }
}

/// Many computers lose their gateway at once and must not come back at once.
fn later() -> Duration {
    AGAIN + Duration::from_millis(u64::from(u16::from_le_bytes(random_bytes())) / 13)
}

#[cfg(test)]
mod tests {
    use nazorat_wire::policy::Effective;
    use nazorat_wire::policy::Layer;
    use nazorat_wire::policy::Settings;
    use nazorat_wire::policy::Sheet;

    use super::at_start;
    use super::undecided;

    fn sheet(settings: &Settings) -> Sheet {
        let (policy, _) = Effective::of([(Layer::Organization, settings)]);
        Sheet { policies: vec![policy], otherwise: Some(0), ..Sheet::undecided(1, None) }
    }

    #[test]
    fn what_nobody_decided_asks_for_no_restart() {
        assert!(!sheet(&Settings::default()).requires_restart(&undecided()));
        let often = sheet(&Settings { upload_seconds: Some(5), ..Settings::default() });
        assert!(often.requires_restart(&undecided()) && !often.requires_restart(&often));
        assert_eq!(at_start(Some(&often), 7).upload_every.unwrap().as_secs(), 5);
        assert_eq!(at_start(Some(&often), 7).buffer_bytes, Some(2_048_000_000));
        assert_eq!(at_start(None, 7).buffer_bytes, None);
    }
}
