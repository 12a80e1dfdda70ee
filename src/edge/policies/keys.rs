//! Who may sign: the authorities that an edge was given when it joined.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::prelude::FromDer as _;
use x509_parser::prelude::X509Certificate;

/// The uncompressed points of the P-256 keys in certificates, PEM. What is no such certificate is left out.
pub fn points(pem: &str) -> Vec<Vec<u8>> {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok);
    certificates.filter_map(|certificate| point(&certificate)).collect()
}

fn point(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let point = certificate.public_key().subject_public_key.data.to_vec();
    (point.len() == 65 && point.first() == Some(&4)).then_some(point)
}

#[cfg(test)]
mod tests {
    use super::points;

    #[test]
    fn the_point_of_a_root_is_its_public_key() {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let root = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
        let found = points(&format!("{}\n{}", root.pem(), root.pem()));
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], rcgen::PublicKeyData::der_bytes(&key));
        assert!(points("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_empty());
        assert!(points("").is_empty());
    }
}
