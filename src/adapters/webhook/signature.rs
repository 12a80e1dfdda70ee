//! Who sent a request: HMAC-SHA256 with a key that both know, over the time and the body, or over the body alone.
//!
//! The forms are those of the field: `TIMESTAMP.BODY` and `sha256=HEX` (Stripe, Zoom and many others in their own headers),
//! the body alone (GitHub), and Standard Webhooks with its fixed headers.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::adapters::PushRequest;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;

/// Bytes of an HMAC-SHA256.
const BYTES: usize = 32;
/// While a key is exchanged, systems sign with both; nobody signs with more.
const MOST: usize = 8;

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The text of the timestamp header, a dot, and the body.
    TimestampBody,
    /// The body.
    Body,
    /// `id.timestamp.body` with the headers of Standard Webhooks.
    StandardWebhooks,
}

/// How requests are signed.
pub(super) struct Signing {
    pub(super) form: Form,
    pub(super) key: SecretText,
    pub(super) signature_header: String,
    pub(super) timestamp_header: String,
    /// How far the time of a request may be from ours.
    pub(super) tolerance_secs: i64,
}

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Doubt {
    #[error("the header with the signature is missing, came twice, or holds none")]
    NoSignature,
    #[error("the header with the time is missing, came twice, or holds no time")]
    NoTimestamp,
    #[error("the time of the request is too far from that of the gateway; check both clocks")]
    Stale,
    #[error("the signature does not fit; check the key and what is signed")]
    Wrong,
}

impl Doubt {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::NoSignature => "no_signature",
            Self::NoTimestamp => "no_timestamp",
            Self::Stale => "stale",
            Self::Wrong => "wrong_signature",
        }
    }
}

impl Signing {
    /// Believes a request, or says why not.
    pub(super) fn check(&self, request: &PushRequest, now: Timestamp) -> Result<(), Doubt> {
        let standard = self.form == Form::StandardWebhooks;
        let (signature, timestamp) = match standard {
            true => ("webhook-signature", "webhook-timestamp"),
            false => (self.signature_header.as_str(), self.timestamp_header.as_str()),
        };
        let given = request.header(signature).map(signatures).unwrap_or_default();
        if given.is_empty() {
            return Err(Doubt::NoSignature);
        }
        let mut signed = Vec::with_capacity(request.body.len() + 128);
        if standard {
            signed.extend_from_slice(request.header("webhook-id").unwrap_or_default().as_bytes());
            signed.push(b'.');
        }
        if self.form != Form::Body {
            let text = request.header(timestamp).ok_or(Doubt::NoTimestamp)?;
            let at = moment(text).ok_or(Doubt::NoTimestamp)?;
            if (now.as_second() - at).abs() > self.tolerance_secs {
                return Err(Doubt::Stale);
            }
            signed.extend_from_slice(text.as_bytes());
            signed.push(b'.');
        }
        signed.extend_from_slice(&request.body);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key_bytes());
        // It compares in constant time.
        let fits = |given: &[u8; BYTES]| hmac::verify(&key, &signed, given).is_ok();
        if given.iter().any(fits) { Ok(()) } else { Err(Doubt::Wrong) }
    }

    /// Keys of Standard Webhooks are bytes in base 64; all others are texts.
    fn key_bytes(&self) -> Vec<u8> {
        let text = self.key.expose();
        let bare = text.strip_prefix("whsec_").filter(|_| self.form == Form::StandardWebhooks);
        bare.and_then(|bare| STANDARD.decode(bare).ok()).unwrap_or_else(|| text.as_bytes().to_vec())
    }
}

/// The signatures of a header: one or several, in hexadecimal digits or base 64, each with a name before it or without.
fn signatures(header: &str) -> Vec<[u8; BYTES]> {
    let parts = header.split([',', ' ', ';']).filter(|part| !part.is_empty());
    parts.filter_map(signature).take(MOST).collect()
}

fn signature(text: &str) -> Option<[u8; BYTES]> {
    let bare = match text.split_once('=') {
        // The name is short; what is long is the signature itself, and `=` its padding.
        Some((name, rest)) if name.len() <= 16 => rest,
        _ => text,
    };
    let bytes = hex::decode(bare).ok().or_else(|| STANDARD.decode(bare).ok())?;
    bytes.try_into().ok()
}

/// Seconds or milliseconds since 1970, or RFC 3339; as seconds.
fn moment(text: &str) -> Option<i64> {
    match text.trim().parse::<i64>() {
        Ok(number) if number >= 100_000_000_000 => Some(number / 1_000),
        Ok(number) => Some(number),
        Err(_) => text.trim().parse::<Timestamp>().ok().map(|at| at.as_second()),
    }
}

#[cfg(test)]
mod tests {
    use super::Doubt;
    use super::Form;
    use super::Signing;
    use crate::adapters::PushRequest;
    use crate::kernel::SecretText;
    use crate::kernel::Timestamp;

    fn signing(form: Form, key: &str) -> Signing {
        Signing {
            form,
            key: SecretText::new(key),
            signature_header: "X-Signature".to_owned(),
            timestamp_header: "X-Timestamp".to_owned(),
            tolerance_secs: 300,
        }
    }

    fn request(headers: &[(&'static str, &str)], body: &'static str) -> PushRequest {
        let mut map = http::HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        PushRequest {
            method: "POST".to_owned(),
            path: "/push/x".to_owned(),
            query: String::new(),
            content_type: "application/json".to_owned(),
            headers: map,
            body: body.into(),
        }
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(secs).unwrap()
    }

    /// RFC 4231, case 2.
    #[test]
    fn the_vector_of_the_rfc_is_believed() {
        let two = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let signed = request(&[("x-signature", two)], "what do ya want for nothing?");
        assert_eq!(signing(Form::Body, "Jefe").check(&signed, at(0)), Ok(()));
        assert_eq!(signing(Form::Body, "jefe").check(&signed, at(0)), Err(Doubt::Wrong));
    }

    /// The example in GitHub's documentation.
    #[test]
    fn the_vector_of_github_is_believed() {
        let value = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let mut github = signing(Form::Body, "It's a Secret to Everybody");
        github.signature_header = "X-Hub-Signature-256".to_owned();
        assert_eq!(github.check(&request(&[("x-hub-signature-256", value)], "Hello, World!"), at(0)), Ok(()));
        assert_eq!(github.check(&request(&[("x-hub-signature-256", value)], "Hello, World"), at(0)), Err(Doubt::Wrong));
    }

    /// The example of the Standard Webhooks specification's libraries.
    #[test]
    fn the_vector_of_standard_webhooks_is_believed_while_it_is_fresh() {
        let standard = signing(Form::StandardWebhooks, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let headers = [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ];
        let signed = request(&headers, r#"{"test": 2432232314}"#);
        assert_eq!(standard.check(&signed, at(1_614_265_330 + 300)), Ok(()));
        assert_eq!(standard.check(&signed, at(1_614_265_330 + 301)), Err(Doubt::Stale));
        assert_eq!(standard.check(&signed, at(1_614_265_330 - 301)), Err(Doubt::Stale));
    }

    #[test]
    fn a_request_without_one_good_signature_and_time_is_not_believed() {
        let body = r#"{"ts":1}"#;
        // printf '1700000000.{"ts":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
        let good = "sha256=391dbc009ad0ef504bc9f05f39a71c7dcf7521844d1aa89821a3a497d85149d6";
        let check = |headers: &[(&'static str, &str)], expected| {
            let got =
                signing(Form::TimestampBody, "0123456789abcdef").check(&request(headers, body), at(1_700_000_000));
            assert_eq!(got, expected, "{headers:?}");
        };
        let time = ("x-timestamp", "1700000000");
        check(&[("x-signature", good), time], Ok(()));
        check(&[("x-signature", &good.to_uppercase().replace("SHA256", "sha256")), time], Ok(()));
        check(&[("x-signature", good), ("x-timestamp", "1700000001")], Err(Doubt::Wrong));
        check(&[("x-signature", good)], Err(Doubt::NoTimestamp));
        check(&[("x-signature", good), ("x-timestamp", "soon")], Err(Doubt::NoTimestamp));
        check(&[("x-signature", good), time, time], Err(Doubt::NoTimestamp));
        check(&[time], Err(Doubt::NoSignature));
        check(&[("x-signature", "sha256="), time], Err(Doubt::NoSignature));
        check(&[("x-signature", &good[..40]), time], Err(Doubt::NoSignature));
        check(&[("x-signature", good), ("x-signature", good), time], Err(Doubt::NoSignature));
        check(&[("x-signature", &format!("v1={}", "0".repeat(64))), time], Err(Doubt::Wrong));
        check(&[("x-signature", good), ("x-timestamp", "1700000000000")], Err(Doubt::Wrong));
        check(&[("x-signature", good), ("x-timestamp", "1699999000")], Err(Doubt::Stale));
    }
}
