//! Who is let in, and when a credential takes over.

use std::time::Duration;

use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
use aws_lc_rs::signature::UnparsedPublicKey;

use crate::fleet::model::GatewayState;
use crate::fleet::model::Refused;
use crate::fleet::model::Request;
use crate::fleet::model::Shown;
use crate::fleet::nonces::WINDOW_S;
use crate::fleet::records::GatewayRecord;
use crate::fleet::records::key_id;
use crate::kernel::Fingerprint;
use crate::kernel::Timestamp;

/// For how long a credential works on after its successor was used for the first time.
pub(super) const OVERLAP: Duration = Duration::from_secs(24 * 3600);

/// A credential as requests are held against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Door {
    pub(super) state: GatewayState,
    pub(super) key: Vec<u8>,
    pub(super) certificate: Fingerprint,
    pub(super) until: Option<Timestamp>,
    pub(super) without_certificate: bool,
}

/// Everything but the nonce, which only counts when all the rest is right.
pub(super) fn judge(door: &Door, shown: &Shown<'_>, started: Timestamp, now: Timestamp) -> Result<(), Refused> {
    match door.state {
        GatewayState::Active => {}
        GatewayState::Suspended => return Err(Refused::Suspended),
        GatewayState::Invited | GatewayState::Revoked => return Err(Refused::Revoked),
    }
    if door.until.is_some_and(|until| until <= now) {
        return Err(Refused::OldKey);
    }
    match shown.certificate {
        Some(certificate) if certificate == door.certificate => {}
        Some(_) => return Err(Refused::OtherCertificate),
        None if door.without_certificate => {}
        None => return Err(Refused::NoCertificate),
    }
    check_signature(&door.key, &shown.request)?;
    let created = match shown.request.signature {
        Some(Ok(signature)) => signature.params.created,
        _ => return Err(Refused::NotSigned),
    };
    let away = created - now.as_second();
    if away.abs() > WINDOW_S || created <= started.as_second() {
        return Err(Refused::Stale(away));
    }
    Ok(())
}

fn check_signature(key: &[u8], request: &Request<'_>) -> Result<(), Refused> {
    let bad = |problem: nazorat_wire::SignatureError| Refused::BadSignature(problem.to_string());
    let signature = request.signature.ok_or(Refused::NotSigned)?.map_err(bad)?;
    if signature.params.key_id != key_id(key) {
        return Err(Refused::BadSignature("it names another key".to_owned()));
    }
    let base = signature.base(&request.signable).map_err(bad)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
        .verify(base.as_bytes(), &signature.bytes)
        .map_err(|_| Refused::BadSignature("it was made for something else".to_owned()))
}

/// A credential was used: if it is the next one, it takes over, and the one before works for a while. False when
/// nothing changes.
pub(super) fn take_over(record: &mut GatewayRecord, secret: &str, now: Timestamp) -> bool {
    if record.next.as_ref().is_none_or(|next| next.secret != secret) {
        return false;
    }
    let until = now.saturating_add(OVERLAP).unwrap_or(Timestamp::MAX);
    let ended = record.previous.take();
    record.retire(ended);
    record.previous = record.current.take();
    if let Some(previous) = &mut record.previous {
        previous.until = Some(until);
    }
    record.current = record.next.take();
    true
}
