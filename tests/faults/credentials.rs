//! Who is let in as a gateway: curl with everything that a thief could have, and what becomes of each try.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nazorat::kernel::Clock;
use nazorat_wire::JoinToken;
use nazorat_wire::Signable;
use nazorat_wire::SignatureParams;
use nazorat_wire::signature_base;
use nazorat_wire::signature_value;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;
use serde_json::json;
use sha2::Digest as _;
use sha2::Sha256;

use super::journal::Journal;
use super::office::Closed;
use super::office::Office;
use super::office::client;
use super::office::post;
use crate::support::agent::Agent;
use crate::support::agent::Desk;
use crate::support::agent::free_port;
use crate::support::appliance::Options;
use crate::support::appliance::said;
use crate::support::appliance::wait_until;

const LOGS: &str = "/v2/ingest/logs";

/// What a gateway is, taken out of its folder, as files that curl can use.
struct Proofs {
    identity: Value,
    folder: tempfile::TempDir,
}

/// What curl shows. Nothing is shown that is not here.
#[derive(Clone, Default)]
struct Show {
    certificate: Option<(PathBuf, PathBuf)>,
    key: String,
    /// `Signature-Input` and `Signature`.
    signature: Option<(String, String)>,
    body: String,
    name: String,
}

/// What came back: 0 when there was no answer at all.
#[derive(Debug, PartialEq)]
struct Heard {
    status: u16,
    code: String,
}

impl Proofs {
    fn of(gateway: &Agent) -> Self {
        let file = gateway.desk().data().join("gateway/identity.json");
        let identity: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let proofs = Self { identity, folder: tempfile::tempdir().unwrap() };
        for name in ["certificate", "key"] {
            std::fs::write(proofs.folder.path().join(name), proofs.text(name)).unwrap();
        }
        proofs
    }

    fn text(&self, name: &str) -> &str {
        self.identity[name].as_str().unwrap()
    }

    fn files(&self) -> Option<(PathBuf, PathBuf)> {
        Some((self.folder.path().join("certificate"), self.folder.path().join("key")))
    }

    fn sign(&self, method: &str, path: &str, body: &str, (second, nonce): (i64, &str)) -> Option<(String, String)> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(self.text("key").as_bytes()).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_pkcs8_der()).unwrap();
        let key_id = hex::encode(Sha256::digest(key.public_key().as_ref()));
        let digest = digest(body);
        let request = Signable { method, path, query: None, digest: Some(&digest) };
        let params = SignatureParams { created: second, nonce: nonce.to_owned(), key_id };
        let (base, input) = signature_base(&request, &params).unwrap();
        let signature = key.sign(&SystemRandom::new(), base.as_bytes()).unwrap();
        Some((input, signature_value(signature.as_ref())))
    }

    /// Everything as the gateway itself would show it.
    fn all(&self, body: &str, nonce: &str) -> Show {
        Show {
            certificate: self.files(),
            key: self.text("api_key").to_owned(),
            signature: self.sign("POST", LOGS, body, (now(), nonce)),
            body: body.to_owned(),
            name: format!("curl-{nonce}"),
        }
    }
}

/// A second ahead: what was signed in the second of the appliance's start is not taken, and these tests are that fast.
fn now() -> i64 {
    Clock::system().now().as_second() + 1
}

fn digest(body: &str) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body.as_bytes())))
}

fn curl(office: &Office, method: &str, path: &str, show: &Show) -> Heard {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--max-time", "20", "--write-out", "\n%{http_code}", "--request", method]);
    curl.arg("--cacert").arg(office.appliance.ca());
    if let Some((certificate, key)) = &show.certificate {
        curl.arg("--cert").arg(certificate).arg("--key").arg(key);
    }
    curl.args(["--header", &format!("Authorization: Bearer {}", show.key)]);
    curl.args(["--header", "Content-Type: application/json", "--header", &format!("Idempotency-Key: {}", show.name)]);
    curl.args(["--header", &format!("Content-Digest: {}", digest(&show.body)), "--data-raw", &show.body]);
    if let Some((input, signature)) = &show.signature {
        curl.args(["--header", &format!("Signature-Input: {input}"), "--header", &format!("Signature: {signature}")]);
    }
    let output = curl.arg(office.appliance.https(path)).output().unwrap();
    // Shown when a test fails.
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    Heard { status: status.parse().unwrap(), code: body["code"].as_str().unwrap_or_default().to_owned() }
}

fn refused(status: u16, code: &str) -> Heard {
    Heard { status, code: code.to_owned() }
}

fn taken() -> Heard {
    refused(200, "")
}

fn event(app: &str) -> String {
    let ts = Clock::system().now();
    json!({ "events": [{ "kind": "active_window", "ts": ts.to_string(), "computer_uid": "pc-1", "user_name": "dilnoza",
        "duration_ms": 1_000, "app": app }] })
    .to_string()
}

/// The codes of refused gateways in a log of audit.
async fn audited(office: &Office, organization: Option<u32>) -> Vec<String> {
    let of = organization.map_or_else(String::new, |id| format!("&organization_id={id}"));
    let scope = if organization.is_none() { "&log=system" } else { "" };
    let path = format!("/api/v1/audit?action=gateway.refused&limit=500{of}{scope}");
    let found = office.manage("GET", &path, None).await;
    assert_eq!(found.status, 200, "{found:?}");
    let code = |record: &Value| record["detail"]["code"].as_str().unwrap().to_owned();
    found.body["items"].as_array().unwrap().iter().map(code).collect()
}

/// A certificate that a CA made for a key of its own, as files.
fn certificate(issuer: &Issuer<'_, KeyPair>, folder: &std::path::Path, past: bool) -> (PathBuf, PathBuf) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    if past {
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 4, 1);
    }
    let made = params.signed_by(&key, issuer).unwrap();
    let (certificate, file) = (folder.join("other"), folder.join("other-key"));
    std::fs::write(&certificate, made.pem()).unwrap();
    std::fs::write(&file, key.serialize_pem()).unwrap();
    (certificate, file)
}

fn foreign_authority() -> Issuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Issuer::new(params, KeyPair::generate().unwrap())
}

/// The appliance's own authority, as a thief of its disk would have it.
fn own_authority(office: &Office) -> Issuer<'static, KeyPair> {
    let pem = std::fs::read_to_string(office.appliance.data().join("pki/root-1.pem")).unwrap();
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    Issuer::from_ca_cert_der(&certificate, KeyPair::from_pem(&pem).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_without_every_proof_is_refused_and_each_refusal_is_in_the_audit_log() {
    let office = Office::new();
    let (id, token) = office.invite("Chilonzor").await;
    let gateway = Desk::joining(&token).start();
    let own = Proofs::of(&gateway);
    gateway.stop();
    let settings = json!({ "name": "Samarqand ofis", "time_zone": "Asia/Tashkent", "language": "uz" });
    assert_eq!(office.manage("POST", "/api/v1/organizations", Some(settings)).await.status, 201);
    let made = office.manage("POST", "/api/v1/gateways?organization_id=2", Some(json!({ "name": "Registon" }))).await;
    let other = Desk::joining(made.body["token"].as_str().unwrap()).start();
    let theirs = Proofs::of(&other);
    other.stop();

    let body = event("EXCEL.EXE");
    let all = |nonce: &str| own.all(&body, nonce);
    let post = |show: &Show| curl(&office, "POST", LOGS, show);
    assert_eq!(post(&all("1")), taken());
    assert_eq!(post(&all("1")), refused(401, "replayed_signature"));
    assert_eq!(post(&Show { certificate: None, ..all("2") }), refused(401, "certificate_required"));
    let foreign = certificate(&foreign_authority(), own.folder.path(), false);
    assert_eq!(post(&Show { certificate: Some(foreign), ..all("3") }), refused(0, ""));
    let expired = certificate(&own_authority(&office), own.folder.path(), true);
    assert_eq!(post(&Show { certificate: Some(expired), ..all("4") }), refused(0, ""));
    let stranger = certificate(&own_authority(&office), own.folder.path(), false);
    assert_eq!(post(&Show { certificate: Some(stranger), ..all("5") }), refused(401, "other_certificate"));
    let key = theirs.text("api_key").to_owned();
    assert_eq!(post(&Show { key: key.clone(), ..all("6") }), refused(401, "other_certificate"));
    assert_eq!(post(&Show { certificate: theirs.files(), key, ..all("7") }), refused(401, "bad_signature"));
    assert_eq!(post(&Show { signature: None, ..all("8") }), refused(401, "signature_required"));
    assert_eq!(post(&Show { key: "nzgw_guess".to_owned(), ..all("9") }), refused(401, "unknown_gateway"));
    let used = json!({ "token": JoinToken::parse(&token).unwrap().secret, "certificate_request": request() });
    let heard = curl(&office, "POST", "/v2/gateway/enroll", &Show { body: used.to_string(), ..Show::default() });
    assert_eq!(heard, refused(403, "unknown_token"));
    assert_eq!(office.manage("POST", &format!("/api/v1/gateways/{id}/revoke"), None).await.status, 200);
    assert_eq!(post(&all("10")), refused(403, "gateway_revoked"));

    let mut of_first = audited(&office, Some(1)).await;
    of_first.sort_unstable();
    let expected =
        ["certificate_required", "gateway_revoked", "other_certificate", "replayed_signature", "signature_required"];
    assert_eq!(of_first, expected);
    assert_eq!(audited(&office, Some(2)).await, ["bad_signature", "other_certificate"], "whose key it was");
    let of_nobody = audited(&office, None).await;
    for code in ["foreign_certificate", "expired_certificate", "unknown_gateway", "unknown_token"] {
        assert!(of_nobody.iter().any(|found| found == code), "{code}: {of_nobody:?}");
    }
    office.check(&Journal::new().of(9)).await;
}

/// A request for a certificate of a new key, DER in base64.
fn request() -> String {
    let key = KeyPair::generate().unwrap();
    STANDARD.encode(CertificateParams::default().serialize_request(&key).unwrap().der())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f36_replayed_and_stale_signed_requests() {
    let main = free_port();
    let environment = || vec![("NAZORAT_HTTP__LISTEN", main.to_string())];
    let office = Closed::new().open_with(Options { environment: environment(), ..Options::default() });
    let (_, token) = office.invite("Chilonzor").await;
    let gateway = Desk::joining(&token).start();
    let own = Proofs::of(&gateway);
    gateway.stop();
    let body = event("WINWORD.EXE");
    let sign = |second, nonce| own.sign("POST", LOGS, &body, (second, nonce));
    let all = own.all(&body, "first");
    assert_eq!(curl(&office, "POST", LOGS, &all), taken());
    assert_eq!(curl(&office, "POST", LOGS, &all), refused(401, "replayed_signature"));
    for (second, nonce) in [(now() - 302, "late"), (now() + 310, "early")] {
        let show = Show { signature: sign(second, nonce), ..all.clone() };
        assert_eq!(curl(&office, "POST", LOGS, &show), refused(401, "stale_signature"), "{nonce}");
    }
    // A signature is for one body, one path and one method.
    let changed = Show { body: event("OTHER.EXE"), ..own.all(&body, "body") };
    assert_eq!(curl(&office, "POST", LOGS, &changed), refused(401, "bad_signature"));
    let elsewhere = own.all(&body, "path");
    assert_eq!(curl(&office, "POST", "/v2/gateway/renew", &elsewhere), refused(401, "bad_signature"));
    let other = Show { signature: own.sign("PUT", LOGS, &body, (now(), "method")), ..all.clone() };
    assert_eq!(curl(&office, "POST", LOGS, &other), refused(401, "bad_signature"));
    // What was signed before a restart is not taken after it, though its nonce is forgotten.
    let before = Show { signature: sign(now() - 2, "before"), ..own.all(&body, "before") };
    let office = office.kill().open_with(Options { environment: environment(), ..Options::default() });
    assert_eq!(curl(&office, "POST", LOGS, &before), refused(401, "stale_signature"));
    // The batch itself is harmless when it comes again.
    let again = Show { signature: sign(now(), "again"), ..all };
    assert_eq!(curl(&office, "POST", LOGS, &again), taken());
    office.applied(0).await;
    let closed = office.check(&Journal::new().of(9)).await;
    let rows =
        super::journal::rows(&super::journal::hub(&closed.place.data()), 1, nazorat_timeseries::Dataset::ActiveWindows);
    assert_eq!(rows.0.len(), 1, "one batch, whatever was tried");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f37_credentials_expired_rotated_revoked() {
    let main = free_port();
    let environment = || vec![("NAZORAT_HTTP__LISTEN", main.to_string())];
    let office = Closed::new().open_with(Options { environment: environment(), ..Options::default() });
    let (id, token) = office.invite("Chilonzor").await;
    let gateway = Desk::joining(&token).start();
    let old = Proofs::of(&gateway);
    // The same token at another box is worth nothing, and an invented one neither.
    let thief = Desk::joining(&token).command().output().unwrap();
    assert!(String::from_utf8_lossy(&thief.stderr).contains("this token is not known, was used already"), "{thief:?}");
    // Two thirds of the certificate are over: it renews by itself, and what it had works beside the new one.
    let desk = gateway.stop();
    let file = desk.data().join("gateway/identity.json");
    let mut aged = old.identity.clone();
    aged["valid_from"] = json!("2026-01-01T00:00:00Z");
    std::fs::write(&file, aged.to_string()).unwrap();
    let gateway = desk.start();
    let renewed = || std::fs::read_to_string(&file).is_ok_and(|text| !text.contains(old.text("api_key")));
    assert!(wait_until(Duration::from_secs(30), renewed), "{}", gateway.desk().log());
    let new = Proofs::of(&gateway);
    assert_ne!(old.text("certificate"), new.text("certificate"));
    assert_eq!(curl(&office, "POST", LOGS, &old.all(&event("A"), "a")), taken());
    assert_eq!(curl(&office, "POST", LOGS, &new.all(&event("B"), "b")), taken());
    // The gateway goes on with the new one, also after a restart of both.
    let office = office.kill().open_with(Options { environment: environment(), ..Options::default() });
    let gateway = gateway.kill().start();
    let mut journal = Journal::new();
    let batch = journal.batch(5);
    let code = std::fs::read_to_string(gateway.desk().data().join("gateway/join-code")).unwrap();
    let body = json!({ "join_code": code.trim(), "computer_uid": "uid-1", "name": "uid-1" });
    let joined = client().post(gateway.url("/local/agent/join")).json(&body).send().await.unwrap();
    let key = joined.json::<Value>().await.unwrap()["key"].as_str().unwrap().to_owned();
    let answer = post(&client(), &gateway.url("/local/agent/logs"), &key, &batch).await.unwrap();
    assert_eq!(answer.status, 200);
    journal.acknowledge(&batch);
    office.applied(5).await;
    // Another root signs: nobody has to visit the gateway, whose certificate is of the root before.
    let exchanged = office.appliance.place().run(&["ca", "exchange"]);
    assert!(said(&exchanged).contains("another root signs from now on"), "{}", said(&exchanged));
    let office = office.kill().open_with(Options { environment: environment(), ..Options::default() });
    let batch = journal.batch(5);
    let answer = post(&client(), &gateway.url("/local/agent/logs"), &key, &batch).await.unwrap();
    assert_eq!(answer.status, 200);
    journal.acknowledge(&batch);
    office.applied(5).await;
    let refused_now = said(&office.appliance.place().run(&["ca", "exchange"]));
    assert!(refused_now.contains("would be cut off until they join again: Chilonzor"), "{refused_now}");
    // Suspended, it keeps what it takes; revoked, it is told what to do.
    let act = async |verb: &str| office.manage("POST", &format!("/api/v1/gateways/{id}/{verb}"), None).await.status;
    assert_eq!(act("suspend").await, 200);
    assert_eq!(curl(&office, "POST", LOGS, &new.all(&event("C"), "c")), refused(403, "gateway_suspended"));
    assert_eq!(act("resume").await, 200);
    assert_eq!(curl(&office, "POST", LOGS, &new.all(&event("D"), "d")), taken());
    assert_eq!(act("revoke").await, 200);
    for proofs in [&old, &new] {
        assert_eq!(curl(&office, "POST", LOGS, &proofs.all(&event("E"), "e")).code, "gateway_revoked");
    }
    let batch = journal.batch(5);
    let answer = post(&client(), &gateway.url("/local/agent/logs"), &key, &batch).await.unwrap();
    assert_eq!(answer.status, 200, "the branch goes on");
    let told = || gateway.desk().log().contains("this gateway was revoked");
    assert!(wait_until(Duration::from_secs(30), told), "{}", gateway.desk().log());
    // Another box takes its place, on the same folder, and what waited is delivered.
    let again = office.manage("POST", &format!("/api/v1/gateways/{id}/replace"), Some(json!({}))).await;
    let desk = gateway.stop().rejoining(again.body["token"].as_str().unwrap());
    let gateway = desk.start();
    journal.acknowledge(&batch);
    office.applied(10).await;
    let log = gateway.stop().log();
    assert!(!log.contains("panicked"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_key_of_the_organization_still_serves_a_gateway() {
    let office = Office::new();
    let desk = Desk::gateway(&office.appliance.https(""), &office.key, Some(office.appliance.ca()));
    let refused = desk.command().args(["--join", "nzj_x"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(64));
    let gateway = desk.start();
    let up = async || {
        let status = client().get(gateway.url("/status")).send().await.unwrap().json::<Value>().await.unwrap();
        status["buffer"]["batches"] == 0
    };
    assert!(up().await);
    gateway.stop();
}

#[test]
fn what_a_token_cannot_do_is_said() {
    let nobody = JoinToken {
        server: format!("https://{}", free_port()),
        root: Some("ab".repeat(32)),
        gateway: "01938a3e-0000-7000-8000-000000000001".to_owned(),
        secret: "x".repeat(32),
    };
    let ends = |token: &str, words: &str| {
        let output = Desk::joining(token).command().output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(words), "{said}");
    };
    ends("nzj_half", "copy it whole");
    ends(&nobody.to_text(), "check that this box reaches the address in the token");
    let office = Office::new();
    let stranger = JoinToken { server: office.appliance.https(""), ..nobody };
    ends(&stranger.to_text(), "shows another certificate authority than the token");
    let unknown = Desk::joining("nzj_x").unjoined().command().output().unwrap();
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("add it there on the page Gateways"), "{unknown:?}");
}
