//! The text of an invitation, as a person carries it to the box.

use nazorat_wire::JoinToken;

use crate::fleet::error::FleetError;
use crate::fleet::model::Invitation;

impl Invitation {
    /// The token: where the appliance is, how to recognize it, and the secret. `fingerprint` is that of the signing root,
    /// in any of the usual forms; without one, the box believes the authorities that everybody believes.
    pub fn token(&self, server: &str, fingerprint: Option<&str>) -> Result<String, FleetError> {
        let root = fingerprint.map(|text| text.replace(':', "").to_ascii_lowercase());
        let token = JoinToken {
            server: server_address(server)?,
            root,
            gateway: self.gateway.id.to_string(),
            secret: self.secret.expose().to_owned(),
        };
        Ok(token.to_text())
    }
}

/// `https://HOST:PORT` without anything behind it.
pub fn server_address(text: &str) -> Result<String, FleetError> {
    let text = text.trim().trim_end_matches('/');
    let bad = || FleetError::Address(text.to_owned());
    let uri: http::Uri = text.parse().map_err(|_| bad())?;
    let authority = uri.authority().ok_or_else(bad)?;
    let bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && !authority.as_str().contains('@');
    match uri.scheme_str() {
        Some("https") if bare && !authority.host().is_empty() => Ok(format!("https://{authority}")),
        _ => Err(bad()),
    }
}

#[cfg(test)]
mod tests {
    use super::server_address;

    #[test]
    fn an_address_is_https_a_host_and_a_port() {
        let good = |text: &str| server_address(text).ok();
        assert_eq!(good(" https://nazorat.example.com:8443/ ").as_deref(), Some("https://nazorat.example.com:8443"));
        assert_eq!(good("https://[fd00::1]:8443").as_deref(), Some("https://[fd00::1]:8443"));
        for wrong in
            ["", "nazorat.example.com", "http://x:1", "https://", "https://a@x", "https://x/path", "https://x?y"]
        {
            assert_eq!(good(wrong), None, "{wrong}");
        }
    }
}
