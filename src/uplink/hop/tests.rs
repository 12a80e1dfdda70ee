//! Addresses and authorities that can never work are named.

use super::Authority;
use super::HopConfig;
use crate::kernel::SecretText;

fn refused(url: &str) -> String {
    let config = HopConfig { url: url.to_owned(), key: SecretText::new("nzk_x"), authority: None, identity: None };
    config.check().err().map_or_else(String::new, |problem| problem.to_string())
}

#[test]
fn an_address_is_a_scheme_a_host_and_a_port() {
    for good in ["https://nazorat.example.com:8443", "http://127.0.0.1:4100/", "https://[::1]:8443"] {
        assert_eq!(refused(good), "", "{good}");
    }
    for bad in ["", "nazorat.example.com:8443", "ftp://x", "https://x/path", "https://x?y", "https://a@x"] {
        assert!(refused(bad).contains("write https://HOST:PORT"), "{bad}");
    }
}

#[test]
fn authorities_that_are_none_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let authority = Some(Authority::File(path.clone()));
    let config = HopConfig { url: "https://x".to_owned(), key: SecretText::new("nzk_x"), authority, identity: None };
    assert!(config.check().unwrap_err().to_string().contains("ca.pem cannot be read"));
    std::fs::write(&path, "no certificate").unwrap();
    assert!(config.check().unwrap_err().to_string().contains("holds no certificate"));
}
