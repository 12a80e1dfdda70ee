//! What is told of a screenshot, for a hop that keeps the body as it came.

use axum::body::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use nazorat_wire::Identity;

use super::Refusal;
use super::parts;
use super::screenshots;
use super::shots::Shot;
use super::v1;
use crate::intake::ShotHead;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;

/// What is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShotTold {
    ts: Timestamp,
    computer_uid: String,
    user_sid: Option<String>,
    user_name: Option<String>,
    app: Option<String>,
    title: Option<String>,
}

impl ShotTold {
    /// Reads the body of a request to a path of the appliance. The picture is not looked at.
    pub async fn read(path: &str, content_type: &str, body: Bytes, zone: &Zone) -> Result<Self, Refusal> {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(content_type) {
            headers.insert(CONTENT_TYPE, value);
        }
        match path {
            "/api/agent/screenshots" => v1::told(&headers, body, zone).await,
            _ => screenshots::told(parts::split(&headers, body).await?),
        }
    }

    /// As a policy is asked about it.
    pub fn head(&self, organization: OrganizationId) -> ShotHead<'_> {
        let identity = Identity {
            computer_uid: &self.computer_uid,
            user_sid: self.user_sid.as_deref(),
            user_name: self.user_name.as_deref(),
        };
        ShotHead { organization, ts: self.ts, identity, app: self.app.as_deref(), title: self.title.as_deref() }
    }
}

impl From<Shot<'_>> for ShotTold {
    fn from(shot: Shot<'_>) -> Self {
        let Shot { ts, computer_uid, user_sid, user_name, app, title, .. } = shot;
        Self { ts, computer_uid, user_sid, user_name, app, title }
    }
}
