//! The agents of a branch: who has joined, with which key, and when each was last heard.
//!
//! `DATA/gateway/agents.json` holds fingerprints of keys, never a key. The join code lets an agent make itself a key; it
//! lies in `DATA/gateway/join-code` for whoever installs agents.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use nazorat_wire::frame::PolicySeen;
use serde::Deserialize;
use serde::Serialize;

use crate::ingest::Sender;
use crate::intake::Source;
use crate::kernel::Fingerprint;
use crate::kernel::OrganizationId;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;
use crate::store::write_durably;

/// More computers than any branch has.
const MOST_AGENTS: usize = 10_000;
/// So many wrong codes within a minute, and nobody may try until it is over.
const WRONG_CODES: u32 = 10;
const MINUTE_US: i64 = 60_000_000;
const LONGEST_VERSION: usize = 64;
const LONGEST_ERROR: usize = 300;

/// An agent could not join.
#[derive(Debug, thiserror::Error)]
pub(super) enum JoinError {
    #[error("this join code is not the gateway's; it stands in the file gateway/join-code of its data folder")]
    WrongCode,
    #[error("too many wrong join codes; wait a minute")]
    TooMany,
    #[error("computer_uid and name must have 1 to 256 bytes on one line")]
    BadName,
    #[error("there are {MOST_AGENTS} agents already")]
    Full,
    #[error("the agent could not be written down")]
    Store(#[from] std::io::Error),
}

/// An agent as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agent {
    pub(super) computer_uid: String,
    pub(super) name: String,
    /// SHA-256 of its key, in hexadecimal digits.
    key: String,
    pub(super) joined_at: Timestamp,
}

/// An agent and when it was last heard since the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Seen {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) computer_uid: String,
    pub(super) joined_at: Timestamp,
    /// When it last said anything.
    pub(super) last_seen: Option<Timestamp>,
    /// When it last sent something that was observed.
    pub(super) last_event: Option<Timestamp>,
    /// Its version, if it has told it.
    pub(super) version: Option<String>,
    /// How often it says that it is there, in seconds.
    pub(super) interval_secs: Option<u32>,
    /// What it says of its policy, if it can follow one.
    pub(super) policy: Option<PolicySeen>,
}

/// What an agent says of its policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) have: Option<String>,
    pub(super) waiting: Option<String>,
    pub(super) error: Option<String>,
}

/// What is known of an agent since the start.
#[derive(Debug, Clone, Default)]
struct Heard {
    at: Option<Timestamp>,
    event: Option<Timestamp>,
    version: Option<String>,
    interval_secs: Option<u32>,
    policy: Option<PolicySeen>,
}

/// What a new agent is told, once.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) id: u32,
    pub(super) key: SecretText,
}

struct Inner {
    agents: BTreeMap<u32, Agent>,
    by_key: HashMap<Fingerprint, u32>,
    heard: HashMap<u32, Heard>,
    wrong: (i64, u32),
}

/// The agents. Cheap to clone.
#[derive(Clone)]
pub(super) struct Agents {
    file: Arc<PathBuf>,
    code: Fingerprint,
    inner: Arc<Mutex<Inner>>,
}

impl Agents {
    /// Reads who has joined, and makes a join code if there is none. Blocks.
    pub(super) fn open(folder: &Path) -> std::io::Result<Self> {
        let file = folder.join("agents.json");
        let agents: BTreeMap<u32, Agent> = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(problem) => return Err(problem),
        };
        let by_key = agents.iter().filter_map(|(id, agent)| Some((Fingerprint::parse(&agent.key)?, *id))).collect();
        let code = join_code(folder)?.fingerprint();
        let inner = Inner { agents, by_key, heard: HashMap::new(), wrong: (0, 0) };
        Ok(Self { file: Arc::new(file), code, inner: Arc::new(Mutex::new(inner)) })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An agent says that it is there.
    pub(super) fn note_beat(&self, id: u32, version: &str, interval_secs: Option<u32>, now: Timestamp) {
        let version: String = version.chars().filter(|letter| !letter.is_control()).take(LONGEST_VERSION).collect();
        let mut inner = self.inner();
        let heard = inner.heard.entry(id).or_default();
        heard.at = Some(now);
        heard.version = (!version.is_empty()).then_some(version);
        heard.interval_secs = interval_secs;
    }

    /// What an agent says of its policy; true when it said something else before.
    pub(super) fn note_policy(&self, id: u32, told: Told, now: Timestamp) -> bool {
        let error =
            told.error.map(|text| text.chars().filter(|letter| !letter.is_control()).take(LONGEST_ERROR).collect());
        let error: Option<String> = error.filter(|text: &String| !text.is_empty());
        let mut inner = self.inner();
        let heard = inner.heard.entry(id).or_default();
        heard.at = Some(now);
        let before = heard.policy.take();
        let same = before
            .as_ref()
            .is_some_and(|before| before.have == told.have && before.waiting == told.waiting && before.error == error);
        let since = before.filter(|_| same).map_or(Some(now), |before| before.since);
        heard.policy = Some(PolicySeen { have: told.have, waiting: told.waiting, since, error });
        !same
    }

    /// The agent of this key.
    pub(super) fn find(&self, secret: &str) -> Option<u32> {
        let print = Fingerprint::of(secret.get(..secret.len().min(129))?.as_bytes());
        self.inner().by_key.get(&print).copied()
    }

    /// Whose key this is, for somebody who sends what was observed.
    pub(super) fn authenticate(&self, secret: &str, now: Timestamp) -> Option<Sender> {
        if secret.len() > 128 {
            return None;
        }
        let mut inner = self.inner();
        let id = *inner.by_key.get(&Fingerprint::of(secret.as_bytes()))?;
        let heard = inner.heard.entry(id).or_default();
        (heard.at, heard.event) = (Some(now), Some(now));
        // The gateway's own key decides whose data it is when it arrives; here there is only one.
        Some(Sender { organization: OrganizationId::new(1), source: Source::new(format!("agent-{id}")) })
    }

    /// Lets an agent in and gives it a key; a computer that joins again gets another one and the old one is worth
    /// nothing. Durable on return; blocks.
    pub(super) fn join(&self, code: &str, who: (&str, &str), now: Timestamp) -> Result<Issued, JoinError> {
        self.check(code, now)?;
        let (computer_uid, name) = (who.0.trim(), who.1.trim());
        let fits = |text: &str| (1..=256).contains(&text.len()) && !text.chars().any(char::is_control);
        if !fits(computer_uid) || !fits(name) {
            return Err(JoinError::BadName);
        }
        let key = SecretText::random("nzg_");
        let print = key.fingerprint();
        let mut inner = self.inner();
        let known = inner.agents.iter().find(|(_, agent)| agent.computer_uid == computer_uid).map(|(id, _)| *id);
        let next = inner.agents.keys().next_back().map_or(1, |last| last + 1);
        let id = known.unwrap_or(next);
        if known.is_none() && inner.agents.len() >= MOST_AGENTS {
            return Err(JoinError::Full);
        }
        let mut agents = inner.agents.clone();
        let (computer_uid, name) = (computer_uid.to_owned(), name.to_owned());
        agents.insert(id, Agent { computer_uid, name, key: print.to_string(), joined_at: now });
        write_durably(&self.file, &serde_json::to_vec_pretty(&agents).map_err(std::io::Error::from)?)?;
        inner.agents = agents;
        inner.by_key.retain(|_, other| *other != id);
        inner.by_key.insert(print, id);
        Ok(Issued { id, key })
    }

    fn check(&self, code: &str, now: Timestamp) -> Result<(), JoinError> {
        let now = now.as_microsecond();
        let mut inner = self.inner();
        let (since, count) = inner.wrong;
        let fresh = (0..MINUTE_US).contains(&(now - since));
        if fresh && count >= WRONG_CODES {
            return Err(JoinError::TooMany);
        }
        if Fingerprint::of(code.trim().as_bytes()) == self.code {
            return Ok(());
        }
        inner.wrong = if fresh { (since, count + 1) } else { (now, 1) };
        Err(JoinError::WrongCode)
    }

    /// All of them, in the order in which they joined first.
    pub(super) fn list(&self) -> Vec<Seen> {
        let inner = self.inner();
        let seen = |(id, agent): (&u32, &Agent)| {
            let heard = inner.heard.get(id).cloned().unwrap_or_default();
            Seen {
                id: *id,
                name: agent.name.clone(),
                computer_uid: agent.computer_uid.clone(),
                joined_at: agent.joined_at,
                last_seen: heard.at,
                last_event: heard.event,
                version: heard.version,
                interval_secs: heard.interval_secs,
                policy: heard.policy,
            }
        };
        inner.agents.iter().map(seen).collect()
    }
}

fn join_code(folder: &Path) -> std::io::Result<SecretText> {
    let path = folder.join("join-code");
    match std::fs::read_to_string(&path) {
        Ok(text) if text.trim().len() >= 16 => Ok(SecretText::new(text.trim())),
        Ok(_) => {
            let message = format!("{} has less than 16 letters; delete it, and another is made", path.display());
            Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message))
        }
        Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => {
            let code = SecretText::random("");
            write_durably(&path, format!("{}\n", code.expose()).as_bytes())?;
            Ok(code)
        }
        Err(problem) => Err(problem),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Agents;
    use super::JoinError;
    use crate::kernel::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_334_400 + second).unwrap()
    }

    fn open(folder: &Path) -> (Agents, String) {
        let agents = Agents::open(folder).unwrap();
        (agents, std::fs::read_to_string(folder.join("join-code")).unwrap().trim().to_owned())
    }

    #[test]
    fn an_agent_joins_with_the_code_and_is_known_by_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let (agents, code) = open(folder.path());
        let first = agents.join(&code, ("uid-1", "PC-1"), at(0)).unwrap();
        let second = agents.join(&code, ("uid-2", "PC-2"), at(0)).unwrap();
        assert_eq!((first.id, second.id), (1, 2));
        let (agents, again) = open(folder.path());
        assert_eq!(again, code, "the code stays");
        let source = |key: &str| agents.authenticate(key, at(5)).map(|sender| sender.source.as_str().to_owned());
        assert_eq!(source(first.key.expose()), Some("agent-1".to_owned()));
        assert_eq!(source("nzg_other"), None);
        assert_eq!((agents.list()[0].last_seen, agents.list()[0].last_event), (Some(at(5)), Some(at(5))));
        agents.note_beat(agents.find(first.key.expose()).unwrap(), "0.1.0\n", Some(30), at(7));
        let told = agents.list().remove(0);
        assert_eq!((told.last_seen, told.last_event), (Some(at(7)), Some(at(5))));
        assert_eq!((told.version.as_deref(), told.interval_secs), (Some("0.1.0"), Some(30)));
        assert_eq!(agents.find("nzg_other"), None);
        let stored = std::fs::read_to_string(folder.path().join("agents.json")).unwrap();
        assert!(!stored.contains(first.key.expose()), "only the fingerprint is kept");
        // The computer was installed anew.
        let anew = agents.join(&code, ("uid-1", "PC-1"), at(9)).unwrap();
        assert_eq!((anew.id, source(first.key.expose()), agents.list().len()), (1, None, 2));
        assert_eq!(source(anew.key.expose()), Some("agent-1".to_owned()));
    }

    #[test]
    fn it_is_known_since_when_an_agent_holds_to_a_policy() {
        let folder = tempfile::tempdir().unwrap();
        let (agents, code) = open(folder.path());
        let id = agents.join(&code, ("uid-1", "PC-1"), at(0)).unwrap().id;
        let told = |have: &str, error: Option<&str>| super::Told {
            have: Some(have.to_owned()),
            waiting: None,
            error: error.map(str::to_owned),
        };
        assert!(agents.note_policy(id, told("a", None), at(1)));
        assert!(!agents.note_policy(id, told("a", Some("\n")), at(2)), "it says the same");
        let seen = agents.list().remove(0);
        assert_eq!((seen.last_seen, seen.policy.unwrap().since), (Some(at(2)), Some(at(1))));
        assert!(agents.note_policy(id, told("a", Some("it is not signed")), at(3)));
        assert!(agents.note_policy(id, told("b", None), at(4)));
        assert_eq!(agents.list().remove(0).policy.unwrap().since, Some(at(4)));
    }

    #[test]
    fn codes_cannot_be_tried_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let (agents, code) = open(folder.path());
        let join = |code: &str, second| agents.join(code, ("uid-1", "PC-1"), at(second)).err();
        for _ in 0..10 {
            assert!(matches!(join("wrong", 0), Some(JoinError::WrongCode)));
        }
        assert!(matches!(join(&code, 1), Some(JoinError::TooMany)));
        assert!(join(&code, 61).is_none());
        assert!(matches!(agents.join(&code, ("a\nb", "PC"), at(61)), Err(JoinError::BadName)));
        assert!(matches!(agents.join(&code, ("", "PC"), at(61)), Err(JoinError::BadName)));
    }
}
