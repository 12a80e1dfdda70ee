//! Who may ask: digest, nonces that grow old, and a lock for whoever guesses.

use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use jiff::SignedDuration;
use nazorat_terminals::hikvision::digest::Answer as Given;
use nazorat_terminals::hikvision::digest::Challenge;
use nazorat_terminals::hikvision::digest::Login;

use super::Inner;
use super::answer::Answer;
use super::config::Hashes;
use super::faults::is_before;
use super::state::State;

const REALM: &str = "DS-8A1F";

/// Wrong logins until it locks, and for how long.
const TRIES: u32 = 5;
const LOCKED_SECS: i64 = 1800;

/// Lets a request in, or says what to answer.
pub(super) fn check(inner: &Inner, state: &mut State, head: &Parts) -> Result<(), Answer> {
    let refuse = |state: &mut State, stale: bool| {
        state.refusals += 1;
        Err(Answer::Challenges(challenges(inner, state, stale)))
    };
    if is_before(inner.clock.now(), state.locked_until) {
        return refuse(state, false);
    }
    let header = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(given) = header.and_then(Given::parse) else { return refuse(state, false) };
    let uri = head.uri.path_and_query().map_or("/", |uri| uri.as_str());
    let login = Login { user: &inner.config.user, password: inner.config.password.expose() };
    let offered = offered(inner.config.hashes, &given.nonce, false);
    let wanted = |text: &String| {
        let challenge = Challenge::parse(text)?;
        let same = challenge
            .algorithm
            .as_deref()
            .unwrap_or("MD5")
            .eq_ignore_ascii_case(given.algorithm.as_deref().unwrap_or("MD5"));
        same.then_some(challenge)
    };
    let is_right =
        offered.iter().filter_map(wanted).any(|challenge| challenge.proves(&given, login, head.method.as_str()));
    if !is_right || given.uri != uri {
        state.wrong += 1;
        if state.wrong >= TRIES {
            let now = inner.clock.now();
            state.locked_until = now.checked_add(SignedDuration::from_secs(LOCKED_SECS)).ok();
        }
        return refuse(state, false);
    }
    state.wrong = 0;
    let nc = given.nc.as_deref().and_then(|nc| u32::from_str_radix(nc, 16).ok()).unwrap_or(0);
    match state.nonces.get_mut(&given.nonce) {
        Some(used) if nc > *used && nc <= inner.config.nonce_uses => {
            *used = nc;
            Ok(())
        }
        _ => {
            state.nonces.remove(&given.nonce);
            refuse(state, true)
        }
    }
}

/// Whether it is locked, seconds until it is not, and tries that are left.
pub(super) fn lock(inner: &Inner, state: &State) -> (bool, i64, u32) {
    let now = inner.clock.now();
    let locked = is_before(now, state.locked_until);
    let left = state.locked_until.map_or(0, |until| until.as_second() - now.as_second()).max(0);
    (locked, if locked { left } else { 0 }, TRIES.saturating_sub(state.wrong))
}

fn challenges(inner: &Inner, state: &mut State, stale: bool) -> Vec<String> {
    let nonce = state.new_nonce();
    offered(inner.config.hashes, &nonce, stale)
}

/// As real ones write them: the older without an algorithm, both with quotes around `stale`.
fn offered(hashes: Hashes, nonce: &str, stale: bool) -> Vec<String> {
    let stale = if stale { "TRUE" } else { "FALSE" };
    let md5 = format!("Digest qop=\"auth\", realm=\"{REALM}\", nonce=\"{nonce}\", stale=\"{stale}\"");
    let sha =
        format!("Digest qop=\"auth\", realm=\"{REALM}\", nonce=\"{nonce}\", algorithm=SHA-256, stale=\"{stale}\"");
    match hashes {
        Hashes::Md5 => vec![md5],
        Hashes::Sha256 => vec![sha],
        Hashes::Both => vec![md5, sha],
    }
}
