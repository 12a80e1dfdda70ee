//! Pushes: what a device posts to our listener by itself, and how it is told to.

use super::MOST_DOCUMENT;
use super::Unreadable;
use super::event;
use super::event::Message;
use super::multipart::Part;
use super::multipart::Parts;
use super::xml;

/// A body with pictures in it; they are passed over.
pub const MOST_BODY: usize = 8 * 1024 * 1024;

/// The messages in the body of a push, by what they are and not by what they are called.
pub fn read(content_type: &str, body: &[u8]) -> Result<Vec<Message>, Unreadable> {
    if body.len() > MOST_BODY {
        return Err(Unreadable::TooLong(body.len()));
    }
    if !content_type.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        if body.len() > MOST_DOCUMENT {
            return Err(Unreadable::TooLong(body.len()));
        }
        return event::read(body).map(|message| vec![message]);
    }
    let mut parts = Parts::of(content_type);
    let mut found = parts.push(body).map_err(|overflow| Unreadable::Broken(overflow.to_string()))?;
    // Some leave out the last boundary.
    found.extend(parts.settle());
    let messages = found.into_iter().filter_map(|part| match part {
        Part::Message(text) => Some(event::read(&text)),
        Part::Binary(_) => None,
    });
    messages.collect()
}

/// Where a device pushes to, from `Event/notification/httpHosts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Number of the slot; terminals usually have one.
    pub id: u32,
    /// Path with a token in it.
    pub url: String,
    /// Our address.
    pub address: String,
    /// Our port.
    pub port: u16,
    /// Whether it is HTTPS.
    pub https: bool,
}

impl Host {
    /// A slot that nobody uses.
    pub fn free(id: u32) -> Self {
        Self { id, url: String::new(), address: String::new(), port: 80, https: false }
    }

    /// Whether nobody uses the slot: such a one leads nowhere.
    pub fn is_free(&self) -> bool {
        matches!(self.address.as_str(), "" | "0.0.0.0" | "::")
    }

    /// The document: messages as JSON, no pictures, sent again until they are answered, where the device can.
    pub fn body(&self) -> String {
        let Self { id, port, .. } = self;
        let protocol = if self.https { "HTTPS" } else { "HTTP" };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<HttpHostNotification version=\"2.0\" \
             xmlns=\"http://www.isapi.org/ver20/XMLSchema\"><id>{id}</id><url>{}</url>\
             <protocolType>{protocol}</protocolType><parameterFormatType>JSON</parameterFormatType>\
             <addressingFormatType>ipaddress</addressingFormatType><ipAddress>{}</ipAddress><portNo>{port}</portNo>\
             <httpAuthenticationMethod>none</httpAuthenticationMethod><httpBroken>true</httpBroken>\
             <checkResponseEnabled>true</checkResponseEnabled></HttpHostNotification>",
            xml::escape(&self.url),
            xml::escape(&self.address)
        )
    }

    /// Reads one, or the first of a list. An unused slot has no address.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let root = xml::read(bytes)?;
        let host = root.find("HttpHostNotification").ok_or(Unreadable::Without("HttpHostNotification"))?;
        Ok(Self::of(host))
    }

    /// Reads all of a list, or the one that it is.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>, Unreadable> {
        let root = xml::read(bytes)?;
        let is_host = |node: &xml::Node| node.name.eq_ignore_ascii_case("HttpHostNotification");
        if is_host(&root) {
            return Ok(vec![Self::of(&root)]);
        }
        if !root.name.eq_ignore_ascii_case("HttpHostNotificationList") {
            return Err(Unreadable::Without("HttpHostNotificationList"));
        }
        Ok(root.children.iter().filter(|child| is_host(child)).map(Self::of).collect())
    }

    fn of(host: &xml::Node) -> Self {
        let text = |name: &str| host.text_of(name).unwrap_or_default().to_owned();
        let address = [text("ipAddress"), text("hostName")].into_iter().find(|address| !address.is_empty());
        Self {
            id: text("id").parse().unwrap_or(1),
            url: text("url"),
            address: address.unwrap_or_default(),
            port: text("portNo").parse().unwrap_or(80),
            https: text("protocolType").eq_ignore_ascii_case("HTTPS"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Host;
    use super::read;
    use crate::hikvision::event::Message;

    const EVENT: &str = r#"{"eventType":"AccessControllerEvent","dateTime":"2026-11-23T08:30:15+05:00",
        "AccessControllerEvent":{"majorEventType":5,"subEventType":75,"serialNo":4711}}"#;

    fn serials(content_type: &str, body: &str) -> Vec<Option<u64>> {
        let messages = read(content_type, body.as_bytes()).unwrap();
        let serial = |message: &Message| match message {
            Message::Happened(happening) => happening.serial,
            _ => None,
        };
        messages.iter().map(serial).collect()
    }

    #[test]
    fn events_are_found_whatever_their_part_is_called() {
        let multipart = |name: &str, end: &str| {
            format!(
                "--MIME_boundary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{EVENT}\r\n--MIME_boundary\r\n\
                 Content-Disposition: form-data; name=\"Picture\"; filename=\"Picture.jpg\"\r\nContent-Type: image/jpeg\r\n\
                 Content-Length: 3\r\n\r\nabc\r\n--MIME_boundary{end}"
            )
        };
        for name in ["AccessControllerEvent", "event_log", "Event_Type"] {
            assert_eq!(
                serials("multipart/form-data; boundary=MIME_boundary", &multipart(name, "--\r\n")),
                [Some(4711)]
            );
        }
        let unfinished = format!("--MIME_boundary\r\n\r\n{EVENT}");
        assert_eq!(serials("multipart/form-data; boundary=MIME_boundary", &unfinished), [Some(4711)]);
        for content_type in ["application/json", "", "text/plain; charset=x"] {
            assert_eq!(serials(content_type, EVENT), [Some(4711)]);
        }
        assert!(read("application/json", b"{").is_err());
    }

    #[test]
    fn a_host_comes_back() {
        let host =
            Host { id: 1, url: "/hik/a&b".to_owned(), address: "192.0.2.5".to_owned(), port: 8089, https: false };
        assert_eq!(Host::read(host.body().as_bytes()), Ok(host.clone()));
        let list =
            format!("<HttpHostNotificationList>{}</HttpHostNotificationList>", host.body().split_once('\n').unwrap().1);
        assert_eq!(Host::read(list.as_bytes()), Ok(host.clone()));
        assert_eq!(Host::read_all(list.as_bytes()), Ok(vec![host.clone()]));
        assert_eq!(Host::read_all(host.body().as_bytes()), Ok(vec![host.clone()]));
        let bare = |host: &Host| host.body().split_once('\n').unwrap().1.to_owned();
        let two =
            format!("<HttpHostNotificationList>{}{}</HttpHostNotificationList>", bare(&Host::free(1)), bare(&host));
        let read = Host::read_all(two.as_bytes()).unwrap();
        assert_eq!(read.iter().map(Host::is_free).collect::<Vec<_>>(), [true, false]);
        assert!(Host::read_all(b"<ResponseStatus/>").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(kind in "(multipart/)?.{0,30}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop((read(&kind, &bytes), Host::read(&bytes), Host::read_all(&bytes)));
        }
    }
}
