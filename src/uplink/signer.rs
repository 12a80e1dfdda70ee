//! Signs requests with the key of the client's certificate (RFC 9421).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::KeyPair as _;
use nazorat_wire::Signable;
use nazorat_wire::SignatureParams;
use nazorat_wire::signature_base;
use nazorat_wire::signature_value;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;

use crate::kernel::Fingerprint;
use crate::kernel::SecretText;
use crate::kernel::random_bytes;

/// The key of a client's certificate.
pub(super) struct Signer {
    key: EcdsaKeyPair,
    key_id: String,
    random: SystemRandom,
}

/// The headers of a signed request.
pub(super) struct Signed {
    pub(super) input: String,
    pub(super) signature: String,
}

impl Signer {
    /// Takes the key, PKCS#8 as PEM; none when it is no P-256 key.
    pub(super) fn new(pem: &SecretText) -> Option<Self> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.expose().as_bytes()).ok()?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_pkcs8_der()).ok()?;
        let key_id = Fingerprint::of(key.public_key().as_ref()).to_string();
        Some(Self { key, key_id, random: SystemRandom::new() })
    }

    /// Signs a request at this second of the server's clock.
    pub(super) fn sign(&self, request: &Signable<'_>, second: i64) -> Result<Signed, String> {
        let nonce = hex::encode(random_bytes::<16>());
        let params = SignatureParams { created: second, nonce, key_id: self.key_id.clone() };
        let (base, input) = signature_base(request, &params).map_err(|problem| problem.to_string())?;
        let signature = self.key.sign(&self.random, base.as_bytes()).map_err(|_| "it cannot be signed".to_owned())?;
        Ok(Signed { input, signature: signature_value(signature.as_ref()) })
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
