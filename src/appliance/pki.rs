//! The built-in CA: two roots from the first day on, and the server's certificate.
//!
//! `DATA/pki/root-1.pem` and `root-2.pem` hold key and certificate of a root (P-256, ten years); the first signs, the
//! second stands by, so that the first can be replaced without visiting every client: then the second signs, another one
//! stands by, and the certificate of the first stays as `retired-N.pem`, because certificates of gateways are still of
//! it. `ca.pem` holds the certificates of both roots and is what clients are given; certificates of gateways (90 days) are signed here and kept by the gateways alone. `server.pem` holds the server's key and certificate (397 days); it is made anew when
//! two thirds of its time are over, when the machine has a name or address that is not in it, or when it is lost.

use std::fs::Permissions;
use std::net::IpAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertificateSigningRequestParams;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::PKCS_ECDSA_P256_SHA256;
use rcgen::PublicKeyData as _;
use rcgen::SanType;
use rcgen::SigningKey as _;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::prelude::X509Certificate;

use super::names::Names;
use crate::fleet;
use crate::fleet::IssueError;
use crate::fleet::Issued;
use crate::kernel::Fingerprint;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::kernel::random_bytes;
use crate::kernel::with_causes;
use crate::policy::distribution::Signer;
use crate::store::write_durably;

const DAY: i64 = 86_400;
const ROOT_DAYS: i64 = 3_650;
const SERVER_DAYS: i64 = 397;
/// A box renews after two thirds of it, so it may be without a line for a month.
const GATEWAY_DAYS: i64 = 90;
/// Clients whose clock is a little behind accept a fresh certificate too.
const SLACK: i64 = 3_600;

/// The CA or a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum PkiError {
    /// A file cannot be read or written.
    #[error("certificate file {path} cannot be used")]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds something else.
    #[error("certificate file {0} is damaged; put it back from a backup")]
    Damaged(PathBuf),
    /// Making a certificate failed.
    #[error("certificate could not be made")]
    Make(#[source] rcgen::Error),
}

/// The built-in CA of a data folder.
#[derive(Debug, Clone)]
pub(super) struct Pki {
    folder: PathBuf,
}

/// What is known of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) from: i64,
    pub(super) to: i64,
    issuer: String,
    names: Names,
}

impl Facts {
    /// Full days until it is no longer valid; negative when that is past.
    pub(super) fn days_left(&self, now: Timestamp) -> i64 {
        (self.to - now.as_second()).div_euclid(DAY)
    }

    fn should_be_renewed(&self, now: Timestamp) -> bool {
        now.as_second() >= self.from + (self.to - self.from) / 3 * 2
    }
}

impl Pki {
    /// Opens the CA and makes what is missing.
    pub(super) fn open(data: &Path, now: Timestamp) -> Result<Self, PkiError> {
        let folder = data.join("pki");
        let io = |source| PkiError::Io { path: folder.clone(), source };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(io)?;
        let pki = Self { folder };
        pki.complete(now)?;
        Ok(pki)
    }

    /// Makes what is missing.
    fn complete(&self, now: Timestamp) -> Result<(), PkiError> {
        let mut bundle = String::new();
        for number in 1..=2 {
            let path = self.root(number);
            if !path.exists() {
                write_private(&path, &new_root(number, now).map_err(PkiError::Make)?)?;
            }
            bundle.push_str(&pem("CERTIFICATE", &read_certificate(&path)?));
        }
        let path = self.bundle();
        if std::fs::read_to_string(&path).ok().as_deref() != Some(&bundle) {
            write_private(&path, &bundle)?;
            std::fs::set_permissions(&path, Permissions::from_mode(0o644))
                .map_err(|source| PkiError::Io { path, source })?;
        }
        Ok(())
    }

    /// The file with both roots, for clients.
    pub(super) fn bundle(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// SHA-256 of the signing root, the way browsers and openssl write it.
    pub(super) fn fingerprint(&self) -> Result<String, PkiError> {
        let digest = Fingerprint::of(&read_certificate(&self.root(1))?);
        let pairs: Vec<String> = digest.as_bytes().iter().map(|byte| format!("{byte:02X}")).collect();
        Ok(pairs.join(":"))
    }

    /// The file with the server's key and certificate, made anew when it is time.
    pub(super) fn server(&self, names: &Names, now: Timestamp) -> Result<PathBuf, PkiError> {
        let path = self.folder.join("server.pem");
        let root = facts(&read_certificate(&self.root(1))?).ok_or_else(|| PkiError::Damaged(self.root(1)))?;
        let good = read_certificate(&path).ok().and_then(|certificate| facts(&certificate)).is_some_and(|facts| {
            !facts.should_be_renewed(now) && facts.names.include(names) && facts.issuer == root.issuer
        });
        if !good {
            write_private(&path, &self.new_server(names, now)?)?;
            tracing::info!("server certificate was made");
        }
        Ok(path)
    }

    fn new_server(&self, names: &Names, now: Timestamp) -> Result<String, PkiError> {
        let issuer = self.issuer()?;
        let mut params = params("Nazorat", now, SERVER_DAYS);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let dns = names.dns.iter().filter_map(|name| Some(SanType::DnsName(name.as_str().try_into().ok()?)));
        let ips = names.ips.iter().map(|ip| SanType::IpAddress(*ip));
        params.subject_alt_names = dns.chain(ips).collect();
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(PkiError::Make)?;
        let certificate = params.signed_by(&key, &issuer).map_err(PkiError::Make)?;
        Ok(key.serialize_pem() + &certificate.pem())
    }

    /// The roots of which certificates of gateways may be: both, and those that signed before them.
    pub(super) fn roots(&self) -> Result<Vec<CertificateDer<'static>>, PkiError> {
        let files = (1..=2).map(|number| self.root(number)).chain(self.retired()?);
        files.map(|path| read_certificate(&path).map(CertificateDer::from)).collect()
    }

    /// Since when there is the root that stands by. Whoever has a certificate that is older does not know it.
    pub(super) fn standby_since(&self) -> Result<i64, PkiError> {
        Ok(facts_of(&self.root(2))?.from + SLACK)
    }

    /// Lets the root that stands by sign from now on and makes another one that stands by. A crash in between is mended
    /// by the next start.
    pub(super) fn exchange(&self, now: Timestamp) -> Result<(), PkiError> {
        let number = self.retired()?.len() + 1;
        let certificate = pem("CERTIFICATE", &read_certificate(&self.root(1))?);
        write_private(&self.folder.join(format!("retired-{number}.pem")), &certificate)?;
        let path = self.root(1);
        std::fs::rename(self.root(2), &path).map_err(|source| PkiError::Io { path, source })?;
        self.complete(now)
    }

    fn retired(&self) -> Result<Vec<PathBuf>, PkiError> {
        let io = |source| PkiError::Io { path: self.folder.clone(), source };
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("retired-")) {
                found.push(path);
            }
        }
        Ok(found)
    }

    /// The signing root with its key.
    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, PkiError> {
        let root = self.root(1);
        let text = std::fs::read_to_string(&root).map_err(|source| PkiError::Io { path: root.clone(), source })?;
        let damaged = |_| PkiError::Damaged(root.clone());
        let key = KeyPair::from_pem(&text).map_err(damaged)?;
        Issuer::from_ca_cert_der(&CertificateDer::from(read_certificate(&root)?), key).map_err(damaged)
    }

    fn root(&self, number: u8) -> PathBuf {
        self.folder.join(format!("root-{number}.pem"))
    }
}

impl fleet::Issuer for Pki {
    fn issue(&self, request: &[u8], gateway: GatewayId, now: Timestamp) -> Result<Issued, IssueError> {
        let failed = |problem: &dyn std::error::Error| IssueError::Failed(with_causes(problem));
        let asked = CertificateSigningRequestParams::from_der(&request.into()).map_err(|_| IssueError::Request)?;
        let key = asked.public_key.der_bytes().to_vec();
        // An uncompressed point of P-256.
        if asked.public_key.algorithm() != &PKCS_ECDSA_P256_SHA256 || key.len() != 65 {
            return Err(IssueError::Request);
        }
        let issuer = self.issuer().map_err(|problem| failed(&problem))?;
        // Nothing of what the box wrote into its request is taken over but its key.
        let mut params = params(&gateway.to_string(), now, GATEWAY_DAYS);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let made = params.signed_by(&asked.public_key, &issuer).map_err(|problem| failed(&problem))?;
        let moment = |second| Timestamp::from_second(second).unwrap_or(now);
        Ok(Issued {
            certificate: Fingerprint::of(made.der()),
            pem: made.pem(),
            key,
            from: moment(now.as_second()),
            to: moment(now.as_second() + GATEWAY_DAYS * DAY),
        })
    }

    fn authorities(&self) -> Result<String, IssueError> {
        std::fs::read_to_string(self.bundle()).map_err(|problem| IssueError::Failed(with_causes(&problem)))
    }
}

impl Signer for Pki {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let issuer = self.issuer().map_err(|problem| with_causes(&problem))?;
        issuer.key().sign(message).map_err(|problem| problem.to_string())
    }
}

/// What the first certificate of a file says.
pub(super) fn facts_of(path: &Path) -> Result<Facts, PkiError> {
    facts(&read_certificate(path)?).ok_or_else(|| PkiError::Damaged(path.to_owned()))
}

fn new_root(number: u8, now: Timestamp) -> Result<String, rcgen::Error> {
    // The random part keeps roots of different installations apart in a client's list.
    let mark = hex::encode(random_bytes::<4>());
    let mut params = params(&format!("Nazorat CA {number} {mark}"), now, ROOT_DAYS);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let certificate = params.self_signed(&key)?;
    Ok(key.serialize_pem() + &certificate.pem())
}

fn params(name: &str, now: Timestamp, days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    params.not_before = moment(now.as_second() - SLACK);
    params.not_after = moment(now.as_second() + days * DAY);
    params
}

fn moment(second: i64) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(second).unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}

fn read_certificate(path: &Path) -> Result<Vec<u8>, PkiError> {
    let bytes = std::fs::read(path).map_err(|source| PkiError::Io { path: path.to_owned(), source })?;
    match CertificateDer::from_pem_slice(&bytes) {
        Ok(certificate) => Ok(certificate.to_vec()),
        Err(_) => Err(PkiError::Damaged(path.to_owned())),
    }
}

fn facts(der: &[u8]) -> Option<Facts> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let mut names = Names::default();
    for name in
        certificate.subject_alternative_name().ok().flatten().iter().flat_map(|names| &names.value.general_names)
    {
        match name {
            GeneralName::DNSName(name) => drop(names.dns.insert((*name).to_owned())),
            GeneralName::IPAddress(bytes) => names.ips.extend(ip(bytes)),
            _ => {}
        }
    }
    let validity = certificate.validity();
    Some(Facts {
        from: validity.not_before.timestamp(),
        to: validity.not_after.timestamp(),
        issuer: certificate.issuer().to_string(),
        names,
    })
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
    v4.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = (0..body.len()).step_by(64).filter_map(|at| body.get(at..body.len().min(at + 64))).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn write_private(path: &Path, text: &str) -> Result<(), PkiError> {
    write_durably(path, text.as_bytes()).map_err(|source| PkiError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::Pki;
    use super::facts_of;
    use crate::appliance::names::Names;
    use crate::kernel::Timestamp;

    fn names(extra: &[&str]) -> Names {
        let mut names = Names::default();
        names.dns.insert("localhost".to_owned());
        names.dns.extend(extra.iter().map(|name| (*name).to_owned()));
        names.ips.insert([127, 0, 0, 1].into());
        names
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_server_certificate_is_made_anew_when_it_is_time_or_a_name_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let start = at("2026-11-23T00:00:00Z");
        let pki = Pki::open(dir.path(), start).unwrap();
        let read = |names: &Names, now| std::fs::read(pki.server(names, now).unwrap()).unwrap();
        let first = read(&names(&[]), start);
        assert_eq!(read(&names(&[]), at("2027-08-01T00:00:00Z")), first);
        assert_ne!(read(&names(&[]), at("2027-08-20T00:00:00Z")), first);
        let named = read(&names(&["nazorat.example.com"]), start);
        assert_ne!(named, first);
        assert_eq!(read(&names(&[]), start), named);
        let facts = facts_of(&pki.server(&names(&[]), start).unwrap()).unwrap();
        assert_eq!(facts.days_left(start), 397);
    }

    #[test]
    fn the_root_that_stood_by_signs_after_an_exchange() {
        let dir = tempfile::tempdir().unwrap();
        let start = at("2026-11-23T00:00:00Z");
        let pki = Pki::open(dir.path(), start).unwrap();
        let before = std::fs::read(pki.server(&names(&[]), start).unwrap()).unwrap();
        let roots = pki.roots().unwrap();
        assert_eq!(pki.standby_since().unwrap(), start.as_second());
        let later = at("2027-11-23T00:00:00Z");
        pki.exchange(later).unwrap();
        let after = pki.roots().unwrap();
        assert_eq!((after.len(), &after[0], &after[2]), (3, &roots[1], &roots[0]));
        assert_eq!(pki.standby_since().unwrap(), later.as_second());
        assert_ne!(std::fs::read(pki.server(&names(&[]), start).unwrap()).unwrap(), before);
        // A crash after the old root was put away and before the other took its place changes nothing.
        std::fs::write(dir.path().join("pki/retired-9.pem"), super::pem("CERTIFICATE", &after[0])).unwrap();
        assert_eq!(Pki::open(dir.path(), later).unwrap().roots().unwrap()[0], after[0]);
    }

    #[test]
    fn roots_stay_what_they_are_and_are_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let first = Pki::open(dir.path(), at("2026-11-23T00:00:00Z")).unwrap();
        let second = Pki::open(dir.path(), at("2027-11-23T00:00:00Z")).unwrap();
        assert_eq!(first.fingerprint().unwrap(), second.fingerprint().unwrap());
        assert_eq!(first.fingerprint().unwrap().len(), 95);
        for (name, mode) in [("root-1.pem", 0o600), ("root-2.pem", 0o600), ("ca.pem", 0o644)] {
            let permissions = dir.path().join("pki").join(name).metadata().unwrap().permissions();
            assert_eq!(permissions.mode() & 0o777, mode, "{name}");
        }
        let bundle = std::fs::read_to_string(second.bundle()).unwrap();
        assert_eq!(bundle.matches("BEGIN CERTIFICATE").count(), 2);
    }
}
