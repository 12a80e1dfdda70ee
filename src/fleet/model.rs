//! The nouns: a gateway, an invitation, a credential, and what a request shows.

use nazorat_wire::Signable;
use nazorat_wire::Signature;

use crate::identity::DisplayName;
use crate::kernel::Actor;
use crate::kernel::Fingerprint;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;

/// A box of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Which one.
    pub id: GatewayId,
    /// Whose.
    pub organization: OrganizationId,
    /// How people call it.
    pub name: DisplayName,
    /// Whether it may come in.
    pub state: GatewayState,
    /// When it was added.
    pub created_at: Timestamp,
    /// Until when an invitation waits for it.
    pub invited_until: Option<Timestamp>,
    /// What is known since it has joined.
    pub enrolled: Option<Enrolled>,
}

/// What is known of a box since it has joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// When it joined last.
    pub at: Timestamp,
    /// What the box calls itself.
    pub host: String,
    /// The version it had when it asked for its certificate.
    pub version: String,
    /// From when its certificate holds.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

impl Enrolled {
    /// From when the box asks for its next certificate by itself: two thirds of this one's life are over.
    pub fn renews_at(&self) -> Timestamp {
        let (from, to) = (self.from.as_second(), self.to.as_second());
        Timestamp::from_second(from + (to - from) / 3 * 2).unwrap_or(self.to)
    }
}

/// Whether a gateway may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GatewayState {
    /// It has not joined yet.
    Invited,
    /// It is let in.
    Active,
    /// It keeps its certificate and is not let in for a while; its events wait on it.
    Suspended,
    /// Its certificate and key are worth nothing any more.
    Revoked,
}

impl GatewayState {
    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }
}

/// An invitation, with its secret, which is shown once.
#[derive(Debug)]
pub struct Invitation {
    /// For which gateway.
    pub gateway: Gateway,
    /// What the box shows to join.
    pub secret: SecretText,
    /// Until when.
    pub until: Timestamp,
}

/// Who makes certificates.
pub trait Issuer: Send + Sync {
    /// Makes a certificate for the key that signed this request (PKCS#10, DER).
    fn issue(&self, request: &[u8], gateway: GatewayId, now: Timestamp) -> Result<Issued, IssueError>;

    /// The roots that a gateway is to believe, as PEM.
    fn authorities(&self) -> Result<String, IssueError>;
}

/// A certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The request is none, or of another kind of key.
    #[error("the request for a certificate must be a signed PKCS#10 of a P-256 key")]
    Request,
    /// Our fault.
    #[error("certificate could not be made: {0}")]
    Failed(String),
}

/// A new certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// As PEM.
    pub pem: String,
    /// SHA-256 of the certificate.
    pub certificate: Fingerprint,
    /// The public key, as an uncompressed point.
    pub key: Vec<u8>,
    /// From when it holds.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// What a box gets when it joins or renews.
#[derive(Debug)]
pub struct Certified {
    /// Which gateway it is.
    pub gateway: GatewayId,
    /// How people call it.
    pub name: String,
    /// Whose it is, for the box's own page.
    pub organization: String,
    /// The certificate, as PEM.
    pub certificate: String,
    /// From when it holds.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// The roots to believe, as PEM.
    pub authorities: String,
    /// The API key; it is told only once.
    pub key: SecretText,
}

/// A gateway that proved itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer {
    /// Whose it is.
    pub organization: OrganizationId,
    /// Which one.
    pub gateway: GatewayId,
}

impl Peer {
    /// The name under which its batches and its deeds stand.
    pub fn source(self) -> String {
        format!("gateway:{}", self.gateway)
    }

    /// The gateway as an actor.
    pub fn actor(self) -> Actor {
        Actor::agent(&self.source(), self.organization)
    }
}

/// Who has sealed something.
#[derive(Debug, Clone, Copy)]
pub struct Sealing {
    /// Whose box.
    pub peer: Peer,
    /// What seals.
    pub secret: Fingerprint,
    /// Whether the box may come in.
    pub state: GatewayState,
}

/// A request as far as its signature covers it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What must be signed.
    pub signable: Signable<'a>,
    /// What the headers say, or why they cannot be read; none when they are missing.
    pub signature: Option<Result<&'a Signature, nazorat_wire::SignatureError>>,
}

/// All that a request shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The API key.
    pub secret: &'a str,
    /// SHA-256 of the certificate of the connection, which TLS has checked.
    pub certificate: Option<Fingerprint>,
    /// What is signed.
    pub request: Request<'a>,
}

/// Why a gateway is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The key is nobody's.
    #[error("this gateway is not known; make a token with Replace on its page and join again")]
    UnknownKey,
    /// The key was replaced more than a day ago.
    #[error("this key was replaced by a newer one")]
    OldKey,
    /// The gateway was revoked.
    #[error("this gateway was revoked; if the box is to go on, replace the gateway and join with the new token")]
    Revoked,
    /// The gateway is suspended.
    #[error("this gateway is suspended; its events wait on it until an administrator lets it go on")]
    Suspended,
    /// Nothing was shown on the connection.
    #[error("a gateway must show its certificate; use the HTTPS address, without anything that ends TLS before it")]
    NoCertificate,
    /// Somebody else's certificate was shown.
    #[error("the certificate is not the one that belongs to this key")]
    OtherCertificate,
    /// The request is not signed.
    #[error("a gateway must sign its requests (RFC 9421)")]
    NotSigned,
    /// The signature cannot be read or does not fit.
    #[error("the signature does not fit the request: {0}")]
    BadSignature(String),
    /// It was signed too long ago, or in the future.
    #[error("the request was signed {0} s away from the server's clock or before the server started; sign it anew")]
    Stale(i64),
    /// It was seen before.
    #[error("this signature was used before")]
    Replayed,
    /// Too many requests to remember.
    #[error("too many requests of gateways; come again later")]
    Busy,
}

impl Refused {
    /// Signed a moment ago and refused all the same is what a gateway meets that asks in the second in which the server
    /// started; it signs anew, and nobody has done anything.
    pub const fn is_worth_a_note(&self) -> bool {
        !matches!(self, Self::Stale(-1..=0))
    }

    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownKey => "unknown_gateway",
            Self::OldKey => "old_key",
            Self::Revoked => "gateway_revoked",
            Self::Suspended => "gateway_suspended",
            Self::NoCertificate => "certificate_required",
            Self::OtherCertificate => "other_certificate",
            Self::NotSigned => "signature_required",
            Self::BadSignature(_) => "bad_signature",
            Self::Stale(_) => "stale_signature",
            Self::Replayed => "replayed_signature",
            Self::Busy => "too_many_requests",
        }
    }
}
