//! HTTP digest authentication, the device's way: no algorithm, no qop, several challenges, any spelling of `stale`.
//!
//! Owns both sides, because the simulator checks what the adapter computes. Hashes come from `digest_auth`; its parser is
//! not used, because it indexes text by characters and so does not survive a header that is not ASCII.

use digest_auth::Algorithm as Hash;
use digest_auth::AlgorithmType;

/// The longest header that is read.
const MOST_HEADER: usize = 8 * 1024;

/// What a device asks for, one `WWW-Authenticate: Digest ...`.
#[derive(Debug, Clone, PartialEq)]
pub struct Challenge {
    /// Of the device.
    pub realm: String,
    /// To be used until it is stale.
    pub nonce: String,
    /// To be given back.
    pub opaque: Option<String>,
    /// As the device spells it; none is MD5.
    pub algorithm: Option<String>,
    /// Whether `auth` was offered; without it the oldest calculation is meant.
    pub qop: bool,
    /// The nonce was too old, the password may be right.
    pub stale: bool,
    hash: Hash,
}

/// Who answers a challenge.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// Account.
    pub user: &'a str,
    /// Its password.
    pub password: &'a str,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// `GET`, `PUT`.
    pub method: &'a str,
    /// Path and query, byte for byte as in the request line.
    pub uri: &'a str,
}

/// The parts of an `Authorization: Digest ...`, for whoever checks it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Account.
    pub user: String,
    /// As it was asked.
    pub realm: String,
    /// As it was asked.
    pub nonce: String,
    /// Path and query.
    pub uri: String,
    /// The proof.
    pub response: String,
    /// Chance of the client; none in the oldest calculation.
    pub cnonce: Option<String>,
    /// How often the nonce was used.
    pub nc: Option<String>,
    /// As it was asked.
    pub opaque: Option<String>,
    /// As it was asked.
    pub algorithm: Option<String>,
}

/// The strongest challenge among `WWW-Authenticate` headers that we can answer.
pub fn choose<'a>(headers: impl IntoIterator<Item = &'a str>) -> Option<Challenge> {
    let challenges = headers.into_iter().flat_map(split_challenges).filter_map(Challenge::parse);
    challenges.max_by_key(|challenge| match challenge.hash.algo {
        AlgorithmType::MD5 => (0, !challenge.hash.sess),
        _ => (1, !challenge.hash.sess),
    })
}

impl Challenge {
    /// Reads one header, or one challenge of several in a header. None for another scheme or an unknown algorithm.
    pub fn parse(header: &str) -> Option<Self> {
        let pairs = pairs(after_scheme(header)?);
        let find = |name: &str| find(&pairs, name);
        let algorithm = find("algorithm");
        let hash = hash(algorithm.as_deref())?;
        let qop = find("qop");
        let offers = |qop: &String| qop.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth"));
        // Only the check of whole bodies: nothing that we could answer.
        if qop.as_ref().is_some_and(|qop| !offers(qop) && !qop.trim().is_empty()) {
            return None;
        }
        Some(Self {
            realm: find("realm")?,
            nonce: find("nonce")?,
            opaque: find("opaque"),
            qop: qop.as_ref().is_some_and(offers),
            stale: find("stale").is_some_and(|stale| stale.trim().eq_ignore_ascii_case("true")),
            algorithm,
            hash,
        })
    }

    /// The header `Authorization` for the use number `nc` of this nonce.
    pub fn authorize(&self, login: Login<'_>, asked: Asked<'_>, (nc, cnonce): (u32, &str)) -> String {
        let nc = format!("{nc:08x}");
        let response = self.response(login, asked, (&nc, cnonce));
        let mut header = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{response}\"",
            quoted(login.user),
            quoted(&self.realm),
            quoted(&self.nonce),
            quoted(asked.uri)
        );
        if let Some(algorithm) = &self.algorithm {
            header.push_str(", algorithm=");
            header.push_str(algorithm);
        }
        if self.qop {
            header.push_str(&format!(", qop=auth, nc={nc}, cnonce=\"{cnonce}\""));
        } else if self.hash.sess {
            header.push_str(&format!(", cnonce=\"{cnonce}\""));
        }
        if let Some(opaque) = &self.opaque {
            header.push_str(&format!(", opaque=\"{}\"", quoted(opaque)));
        }
        header
    }

    /// Whether an answer proves the password. Whether its nonce and count may still be used is for the server to know.
    pub fn proves(&self, answer: &Answer, login: Login<'_>, method: &str) -> bool {
        let asked = Asked { method, uri: &answer.uri };
        let nc = answer.nc.as_deref().unwrap_or_default();
        let cnonce = answer.cnonce.as_deref().unwrap_or_default();
        let is_complete = !self.qop || (!nc.is_empty() && !cnonce.is_empty());
        let same = answer.user == login.user && answer.realm == self.realm && answer.nonce == self.nonce;
        same && is_complete && answer.response.eq_ignore_ascii_case(&self.response(login, asked, (nc, cnonce)))
    }

    fn response(&self, login: Login<'_>, asked: Asked<'_>, (nc, cnonce): (&str, &str)) -> String {
        let Self { realm, nonce, hash, .. } = self;
        let mut secret = hash.hash_str(&format!("{}:{realm}:{}", login.user, login.password));
        if hash.sess {
            secret = hash.hash_str(&format!("{secret}:{nonce}:{cnonce}"));
        }
        let asked = hash.hash_str(&format!("{}:{}", asked.method, asked.uri));
        let text = if self.qop {
            format!("{secret}:{nonce}:{nc}:{cnonce}:auth:{asked}")
        } else {
            format!("{secret}:{nonce}:{asked}")
        };
        hash.hash_str(&text)
    }
}

impl Answer {
    /// Reads `Authorization`. None for another scheme.
    pub fn parse(header: &str) -> Option<Self> {
        let pairs = pairs(after_scheme(header)?);
        let find = |name: &str| find(&pairs, name);
        Some(Self {
            user: find("username")?,
            realm: find("realm")?,
            nonce: find("nonce")?,
            uri: find("uri")?,
            response: find("response")?,
            cnonce: find("cnonce"),
            nc: find("nc"),
            opaque: find("opaque"),
            algorithm: find("algorithm"),
        })
    }
}

fn hash(algorithm: Option<&str>) -> Option<Hash> {
    let Some(word) = algorithm else { return Some(Hash::new(AlgorithmType::MD5, false)) };
    let lower = word.trim().to_ascii_lowercase();
    let (base, sess) = lower.strip_suffix("-sess").map_or((lower.as_str(), false), |base| (base, true));
    match base {
        "md5" => Some(Hash::new(AlgorithmType::MD5, sess)),
        "sha-256" | "sha256" => Some(Hash::new(AlgorithmType::SHA2_256, sess)),
        _ => None,
    }
}

fn after_scheme(header: &str) -> Option<&str> {
    let header = header.trim();
    if header.len() > MOST_HEADER {
        return None;
    }
    let (scheme, rest) = header.split_once(char::is_whitespace)?;
    scheme.eq_ignore_ascii_case("digest").then_some(rest)
}

/// Several challenges may stand in one header, each beginning with its scheme.
fn split_challenges(header: &str) -> Vec<&str> {
    let header = header.get(..header.len().min(MOST_HEADER)).unwrap_or_default();
    let mut starts = Vec::new();
    let mut in_quotes = false;
    let mut fresh = true;
    for (at, letter) in header.char_indices() {
        let rest = header.get(at..).unwrap_or_default();
        if fresh && !in_quotes && rest.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("digest ")) {
            starts.push(at);
        }
        match letter {
            '"' => in_quotes = !in_quotes,
            ',' | ' ' | '\t' => {}
            _ => {
                fresh = false;
                continue;
            }
        }
        fresh = !in_quotes;
    }
    let ends = starts.iter().skip(1).copied().chain([header.len()]);
    starts.iter().zip(ends).filter_map(|(&from, to)| header.get(from..to)).collect()
}

/// `name=value` or `name="value"`, separated by commas.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut letters = text.chars().peekable();
    loop {
        while letters.next_if(|&letter| letter == ',' || letter.is_whitespace()).is_some() {}
        let mut name = String::new();
        while let Some(letter) = letters.next_if(|&letter| letter != '=' && letter != ',') {
            name.push(letter);
        }
        if letters.next_if_eq(&'=').is_none() {
            if letters.peek().is_none() {
                return found;
            }
            continue;
        }
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
        let mut value = String::new();
        if letters.next_if_eq(&'"').is_some() {
            while let Some(letter) = letters.next() {
                match letter {
                    '"' => break,
                    '\\' => value.extend(letters.next()),
                    other => value.push(other),
                }
            }
        } else {
            while let Some(letter) = letters.next_if(|&letter| letter != ',' && !letter.is_whitespace()) {
                value.push(letter);
            }
        }
        found.push((name.trim().to_ascii_lowercase(), value));
    }
}

fn find(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests;
