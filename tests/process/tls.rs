//! The built-in certificate, as clients see it.

use std::process::Command;

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::said;

#[test]
fn curl_trusts_the_chain_with_the_ca_and_not_without() {
    let appliance = Appliance::start(Options::default());
    let fetch = |url: &str, ca: Option<&str>| {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", url]);
        if let Some(ca) = ca {
            curl.args(["--cacert", ca]);
        }
        curl.output().unwrap()
    };
    let ca = appliance.ca().to_str().unwrap();
    let port = appliance.main_address().port();
    for host in ["127.0.0.1", "localhost"] {
        let output = fetch(&format!("https://{host}:{port}/health/live"), Some(ca));
        // The name may also lead to the IPv6 loopback, where nothing listens in this test; curl then tries the other.
        assert!(output.status.success(), "{host}: {}", said(&output));
    }
    let untrusted = fetch(&format!("https://127.0.0.1:{port}/health/live"), None);
    assert_eq!(untrusted.status.code(), Some(60), "{}", said(&untrusted));
}

#[test]
fn the_printed_fingerprint_is_the_one_of_the_first_root() {
    let appliance = Appliance::start(Options::default());
    let openssl = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(appliance.data().join("pki/root-1.pem"))
        .output()
        .unwrap();
    let text = said(&openssl);
    let fingerprint = text.trim().split_once('=').unwrap().1;
    assert!(appliance.place().log().contains(fingerprint), "{fingerprint}");
}

#[tokio::test]
async fn http_2_and_http_1_are_both_spoken() {
    let appliance = Appliance::start(Options::default());
    let answer = appliance.client().get(appliance.https("/health/live")).send().await.unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_2);
    let answer = appliance.client().get(appliance.plain("/health/live")).send().await.unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_11);
}
