//! What a gateway is given to join with: where the appliance is, how it is recognized, and a secret that works once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::Serialize;

const PREFIX: &str = "nzj_";
/// Longer than any token that was ever made.
const MOST_BYTES: usize = 2_048;

/// An invitation of a gateway. Does not print its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinToken {
    /// `https://HOST:PORT` of the appliance.
    #[serde(rename = "s")]
    pub server: String,
    /// SHA-256 of the root that signs the appliance's certificate, 64 hexadecimal digits; without one the certificate
    /// is one that everybody believes.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Which gateway is invited, so that a box notices a token that is meant for another one.
    #[serde(rename = "g")]
    pub gateway: String,
    /// What proves the invitation.
    #[serde(rename = "k")]
    pub secret: String,
}

/// The text is no invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no token of a gateway; copy it whole, from `nzj_` to its end")]
pub struct TokenError;

impl JoinToken {
    /// One word without anything that a terminal or a chat would change.
    pub fn to_text(&self) -> String {
        let json = serde_json::to_vec(self).expect("three texts always turn into JSON");
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(json))
    }

    /// Reads the word. Line breaks and spaces, which a copy over a narrow window leaves in it, do not matter.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let word: String = text.chars().filter(|letter| !letter.is_whitespace()).take(MOST_BYTES + 1).collect();
        let packed = word.strip_prefix(PREFIX).filter(|_| word.len() <= MOST_BYTES).ok_or(TokenError)?;
        let json = URL_SAFE_NO_PAD.decode(packed).map_err(|_| TokenError)?;
        serde_json::from_slice(&json).map_err(|_| TokenError)
    }
}

impl std::fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("JoinToken");
        out.field("server", &self.server).field("root", &self.root).field("gateway", &self.gateway);
        out.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::JoinToken;

    #[test]
    fn a_token_survives_copying() {
        let token = JoinToken {
            server: "https://nazorat.example.com:8443".to_owned(),
            root: Some("ab".repeat(32)),
            gateway: "01938a3e-0000-7000-8000-000000000001".to_owned(),
            secret: "k7q2".repeat(8),
        };
        let text = token.to_text();
        assert_eq!(JoinToken::parse(&text), Ok(token.clone()));
        let (head, tail) = text.split_at(60);
        assert_eq!(JoinToken::parse(&format!("  {head}\n  {tail}\r\n")), Ok(token.clone()));
        for wrong in ["", "nzj_", "nzk_abc", &text[..text.len() - 3], &"nzj_a".repeat(1_000)] {
            assert!(JoinToken::parse(wrong).is_err(), "{wrong}");
        }
        assert!(!format!("{token:?}").contains(&token.secret));
    }
}
