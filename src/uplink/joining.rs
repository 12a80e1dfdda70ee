//! Joining a gateway: a code for a key.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use crate::kernel::Clock;
use crate::kernel::SecretText;
use crate::uplink::hop::Hop;
use crate::uplink::hop::HopConfig;
use crate::uplink::hop::HopError;

/// The gateway did not let us in.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// It cannot even be asked.
    #[error(transparent)]
    Hop(#[from] HopError),
    /// It does not answer.
    #[error("the gateway does not answer ({0}); check the address and the network")]
    Silent(String),
    /// It said no.
    #[error("the gateway refused with status {status}: {detail}")]
    Refused {
        /// The status.
        status: u16,
        /// What it said.
        detail: String,
    },
}

#[derive(Deserialize)]
struct Joined {
    key: String,
    #[serde(default)]
    authorities: Option<String>,
}

/// What the gateway gave.
#[derive(Debug)]
pub struct Admitted {
    /// The key of this computer.
    pub key: SecretText,
    /// Who signs what may be collected, PEM; none where nobody does.
    pub authorities: Option<String>,
}

/// Asks the gateway for a key of this computer. The key in the configuration is not used.
pub async fn join(gateway: &HopConfig, code: &str, who: (&str, &str)) -> Result<Admitted, JoinError> {
    let hop = Hop::open(gateway, Clock::system())?;
    let body = json!({ "join_code": code, "computer_uid": who.0, "name": who.1 }).to_string();
    let (status, body) = hop.ask(Method::POST, "/local/agent/join", body).await.map_err(JoinError::Silent)?;
    if let (200, Ok(joined)) = (status, serde_json::from_slice::<Joined>(&body)) {
        return Ok(Admitted { key: SecretText::new(joined.key), authorities: joined.authorities });
    }
    let problem = serde_json::from_slice::<nazorat_wire::Problem>(&body);
    let detail = problem.map_or_else(|_| "it is no gateway; check the address".to_owned(), |problem| problem.detail);
    Err(JoinError::Refused { status, detail })
}
