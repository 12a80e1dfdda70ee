//! What it answers.

use bytes::Bytes;
use hyper::Response;
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderValue;
use hyper::header::WWW_AUTHENTICATE;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc::Receiver;

use super::wire::SimBody;

pub(super) enum Answer {
    Body { status: u16, content_type: &'static str, text: String },
    Challenges(Vec<String>),
    Stream(Receiver<Bytes>),
}

impl Answer {
    pub(super) fn xml(text: String) -> Self {
        let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n{text}\r\n");
        Answer::Body { status: 200, content_type: "application/xml; charset=\"UTF-8\"", text }
    }

    pub(super) fn json(value: &Value) -> Self {
        Answer::Body { status: 200, content_type: "application/json; charset=\"UTF-8\"", text: value.to_string() }
    }

    pub(super) fn ok() -> Self {
        Self::status(200, "ok")
    }

    /// A `ResponseStatus`. Real ones answer with XML or JSON as it pleases them; JSON is what the newer ones do.
    pub(super) fn status(http: u16, sub_status: &str) -> Self {
        let code = match (http, sub_status) {
            (200, "ok") => 1,
            (_, "deviceBusy") => 2,
            (403 | 404, _) => 4,
            _ => 6,
        };
        let text = if code == 1 { "OK" } else { "Invalid Operation" };
        let body = json!({ "statusCode": code, "statusString": text, "subStatusCode": sub_status });
        Answer::Body { status: http, content_type: "application/json; charset=\"UTF-8\"", text: body.to_string() }
    }

    /// The same in XML.
    pub(super) fn xml_status(http: u16, (code, text): (u8, &str), sub_status: &str) -> Self {
        let text = format!(
            "<ResponseStatus version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\"><statusCode>{code}</statusCode>\
             <statusString>{text}</statusString><subStatusCode>{sub_status}</subStatusCode></ResponseStatus>"
        );
        Answer::Body { status: http, content_type: "application/xml", text }
    }

    pub(super) fn into_response(self) -> Response<SimBody> {
        let mut response = Response::new(SimBody::Whole(None));
        let mut content_type = "text/plain";
        match self {
            Answer::Body { status, content_type: kind, text } => {
                *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                content_type = kind;
                *response.body_mut() = SimBody::Whole(Some(text.into()));
            }
            Answer::Challenges(challenges) => {
                *response.status_mut() = StatusCode::UNAUTHORIZED;
                for challenge in challenges {
                    if let Ok(value) = HeaderValue::from_str(&challenge) {
                        response.headers_mut().append(WWW_AUTHENTICATE, value);
                    }
                }
            }
            Answer::Stream(rx) => {
                content_type = "multipart/mixed; boundary=MIME_boundary";
                *response.body_mut() = SimBody::Stream(rx);
            }
        }
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    }
}
