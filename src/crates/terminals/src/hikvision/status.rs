//! What a device answers to a request that was not simply data: `ResponseStatus`, in XML or JSON, whatever was asked for.

use super::Unreadable;
use super::tolerant;
use super::xml;

/// A `ResponseStatus`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// 1 is fine.
    pub code: u64,
    /// What it is about, such as `deviceBusy`. Spelled in any case.
    pub sub_status: String,
    /// Words of the device; for the log of the gateway.
    pub text: String,
    /// The field that was wrong, where it says so.
    pub field: String,
    /// The number of the error, where it says so.
    pub error: Option<u64>,
}

/// What an answer comes to, for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Done.
    Fine,
    /// Done, and it counts after the next start.
    AfterReboot,
    /// Later.
    Busy,
    /// It cannot do this at all.
    Unsupported,
    /// The account is wrong, locked or not allowed here.
    Credentials,
    /// The account may not do this.
    Forbidden,
    /// There is such a person, card or face already.
    Exists,
    /// There is no such person, card or face.
    Absent,
    /// No room.
    Full,
    /// The search must begin anew.
    SearchOver,
    /// The limits of the request were not kept.
    TooMuch,
    /// Anything else.
    Refused,
}

impl Status {
    /// Reads an answer. `None` when it is none of these, such as data.
    pub fn read(body: &[u8]) -> Result<Option<Self>, Unreadable> {
        if body.trim_ascii().is_empty() {
            return Ok(None);
        }
        if tolerant::is_xml(body) {
            let root = xml::read(body)?;
            if !root.name.eq_ignore_ascii_case("ResponseStatus") {
                return Ok(None);
            }
            let text = |name: &str| root.text_of(name).unwrap_or_default().to_owned();
            let error = root.text_of("MErrCode").and_then(|hex| {
                u64::from_str_radix(hex.trim().trim_start_matches("0x").trim_start_matches("0X"), 16).ok()
            });
            return Ok(Some(Self {
                code: root.text_of("statusCode").and_then(|code| code.parse().ok()).unwrap_or(0),
                sub_status: text("subStatusCode"),
                text: text("statusString"),
                field: text("description"),
                error,
            }));
        }
        let value = tolerant::json(body)?;
        let value = tolerant::member(&value, "ResponseStatus").unwrap_or(&value);
        if tolerant::member(value, "statusCode").is_none() && tolerant::member(value, "subStatusCode").is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            code: tolerant::number(value, "statusCode").unwrap_or(0),
            sub_status: tolerant::text(value, "subStatusCode"),
            text: tolerant::text(value, "statusString"),
            field: tolerant::text(value, "errorMsg"),
            error: tolerant::number(value, "errorCode"),
        }))
    }

    /// What it comes to: by the sub-status, then by the code, then by the status of HTTP.
    pub fn verdict(&self, http: u16) -> Verdict {
        if let Some(verdict) = of_sub_status(&self.sub_status) {
            return verdict;
        }
        match self.code {
            1 => Verdict::Fine,
            0 if (200..300).contains(&http) => Verdict::Fine,
            2 => Verdict::Busy,
            3..=6 => of_http(http).filter(|verdict| *verdict != Verdict::Fine).unwrap_or(Verdict::Refused),
            7 => Verdict::AfterReboot,
            _ => of_http(http).unwrap_or(Verdict::Refused),
        }
    }

    /// A few words for a sentence, without anything that was sent.
    pub fn words(&self) -> String {
        let mut words = if self.sub_status.is_empty() { self.text.clone() } else { self.sub_status.clone() };
        if words.is_empty() {
            words = format!("status {}", self.code);
        }
        if !self.field.is_empty() && self.field.len() <= 40 {
            words = format!("{words} ({})", self.field);
        }
        words.chars().filter(|letter| !letter.is_control()).take(120).collect()
    }
}

/// What an answer without a `ResponseStatus` comes to.
pub fn of_http(http: u16) -> Option<Verdict> {
    match http {
        200..=299 => Some(Verdict::Fine),
        401 => Some(Verdict::Credentials),
        403 => Some(Verdict::Forbidden),
        404 | 405 | 501 => Some(Verdict::Unsupported),
        429 | 503 => Some(Verdict::Busy),
        _ => None,
    }
}

fn of_sub_status(word: &str) -> Option<Verdict> {
    let verdict = match word.to_ascii_lowercase().as_str() {
        "ok" | "riskpassword" => Verdict::Fine,
        "rebootrequired" => Verdict::AfterReboot,
        "nomemory" | "serviceunavailable" | "upgrading" | "devicebusy" | "searchtimeout" | "maxsessionuserlink"
        | "deployexceedmax" | "deviceislocked" => Verdict::Busy,
        "notsupport" | "methodnotallowed" | "eventnotsupport" | "notactivated" => Verdict::Unsupported,
        "badauthorization" | "loginpassworderror" | "incorrentusernameorpassword" => Verdict::Credentials,
        "lowprivilege" | "forbiddenip" => Verdict::Forbidden,
        "employeenoalreadyexist" | "deviceuseralreadyexist" | "cardnoalreadyexist" | "deviceuseralreadyexistface" => {
            Verdict::Exists
        }
        "employeenonotexist" | "deviceusernotexist" | "cardnonotexist" | "facedatanotexist" => Verdict::Absent,
        "devicecardfull" | "deviceuserfull" | "devicefacefull" | "cardfullperuser" | "supportonemorecard" => {
            Verdict::Full
        }
        "invalidsearchconditions" => Verdict::SearchOver,
        "badparameters" | "beyondargsrangelimit" => Verdict::TooMuch,
        _ => return None,
    };
    Some(verdict)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Status;
    use super::Verdict;

    const XML: &str = "<ResponseStatus version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">
        <requestURL>/ISAPI/System/time</requestURL><statusCode>1</statusCode><statusString>OK</statusString>
        <subStatusCode>ok</subStatusCode></ResponseStatus>";
    const JSON: &str = r#"{"requestURL":"/ISAPI/AccessControl/UserInfo/Record","statusCode":6,
        "statusString":"Invalid Content","subStatusCode":"employeeNoAlreadyExist","errorCode":1610637344,
        "errorMsg":"employeeNo"}"#;

    fn verdict(body: &str, http: u16) -> Verdict {
        Status::read(body.as_bytes()).unwrap().unwrap().verdict(http)
    }

    #[test]
    fn both_formats_are_read() {
        assert_eq!(verdict(XML, 200), Verdict::Fine);
        let status = Status::read(JSON.as_bytes()).unwrap().unwrap();
        assert_eq!((status.code, status.error), (6, Some(0x6000_6020)));
        assert_eq!(status.words(), "employeeNoAlreadyExist (employeeNo)");
        assert_eq!(status.verdict(400), Verdict::Exists);
    }

    #[test]
    fn the_sub_status_counts_first_and_http_last() {
        assert_eq!(verdict(r#"{"statusCode":"1","subStatusCode":"DeviceBusy"}"#, 200), Verdict::Busy);
        assert_eq!(verdict(r#"{"statusCode":4,"subStatusCode":"somethingNew"}"#, 200), Verdict::Refused);
        assert_eq!(verdict(r#"{"statusCode":4,"subStatusCode":"invalidOperation"}"#, 403), Verdict::Forbidden);
        assert_eq!(verdict(r#"{"ResponseStatus":{"statusCode":0}}"#, 200), Verdict::Fine);
        assert_eq!(verdict(r#"{"statusCode":7}"#, 200), Verdict::AfterReboot);
        assert_eq!(verdict(r#"{"statusCode":4,"subStatusCode":"notSupport"}"#, 200), Verdict::Unsupported);
    }

    #[test]
    fn data_is_no_status() {
        for body in ["", "  ", "<DeviceInfo/>", r#"{"AcsEvent":{}}"#, "[]", "3"] {
            assert_eq!(Status::read(body.as_bytes()), Ok(None), "{body}");
        }
        assert!(Status::read(b"<ResponseStatus>").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), http in any::<u16>()) {
            if let Ok(Some(status)) = Status::read(&bytes) {
                drop((status.verdict(http), status.words()));
            }
        }
    }
}
