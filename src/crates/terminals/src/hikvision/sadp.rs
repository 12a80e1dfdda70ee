//! SADP, by which terminals are found on a network: one datagram to everybody, and everybody says who they are.
//!
//! Only `inquiry` is written here: the other words of the protocol change devices, so that nothing can send them. What is
//! known of it comes from public descriptions and was not held against a real device.

use std::net::Ipv4Addr;

use super::Unreadable;
use super::xml;
use super::xml::Node;

/// Where devices hear who looks for them, and where the older ones answer to.
pub const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 250);
/// The port of [`GROUP`].
pub const PORT: u16 = 37_020;
/// The longest datagram that is read; answers have one or two thousand bytes.
pub const MOST: usize = 16 * 1024;

/// The longest text that is taken over.
const MOST_TEXT: usize = 96;

/// Who a device says to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Which question it answers.
    pub uuid: String,
    /// Model.
    pub model: String,
    /// Serial number.
    pub serial: String,
    /// Version of its program.
    pub firmware: String,
    /// Hardware address, with colons and in small letters.
    pub mac: String,
    /// Its address; nothing if it says none.
    pub address: Option<Ipv4Addr>,
    /// Where it serves HTTP.
    pub http_port: Option<u16>,
    /// Whether somebody has given it a password. Older ones do not say.
    pub activated: Option<bool>,
}

/// The question who is there. `uuid` is a version 4 in whatever case.
pub fn inquiry(uuid: &str) -> Vec<u8> {
    let uuid = xml::escape(&uuid.to_ascii_uppercase());
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Probe>\n<Uuid>{uuid}</Uuid>\n<Types>inquiry</Types>\n</Probe>\n"
    )
    .into_bytes()
}

/// The name of the question, when the datagram is one; the simulator's side.
pub fn asked(bytes: &[u8]) -> Option<String> {
    let root = document(bytes).ok()?;
    let is_inquiry = root.name.eq_ignore_ascii_case("Probe")
        && root.text_of("Types").is_some_and(|types| types.eq_ignore_ascii_case("inquiry"));
    is_inquiry.then(|| short(&root, "Uuid"))
}

impl Match {
    /// Reads an answer.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let root = document(bytes)?;
        if !root.name.eq_ignore_ascii_case("ProbeMatch") {
            return Err(Unreadable::Without("ProbeMatch"));
        }
        let serial = short(&root, "DeviceSN");
        if serial.is_empty() {
            return Err(Unreadable::Without("DeviceSN"));
        }
        let address = short(&root, "IPv4Address").parse::<Ipv4Addr>().ok().filter(|address| !address.is_unspecified());
        Ok(Self {
            uuid: short(&root, "Uuid"),
            model: short(&root, "DeviceDescription"),
            serial,
            firmware: short(&root, "SoftwareVersion"),
            mac: short(&root, "MAC").replace('-', ":").to_ascii_lowercase(),
            address,
            http_port: short(&root, "HttpPort").parse().ok().filter(|port| *port != 0),
            activated: flag(&short(&root, "Activated")),
        })
    }

    /// Writes it; the simulator's side.
    pub fn write(&self) -> Vec<u8> {
        let activated = self.activated.map(|flag| format!("<Activated>{flag}</Activated>\n")).unwrap_or_default();
        let address = self.address.unwrap_or(Ipv4Addr::UNSPECIFIED);
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ProbeMatch>\n<Uuid>{}</Uuid>\n<Types>inquiry</Types>\n\
             <DeviceType>2593</DeviceType>\n<DeviceDescription>{}</DeviceDescription>\n<DeviceSN>{}</DeviceSN>\n\
             <CommandPort>8000</CommandPort>\n<HttpPort>{}</HttpPort>\n<MAC>{}</MAC>\n<IPv4Address>{address}</IPv4Address>\n\
             <IPv4SubnetMask>255.255.255.0</IPv4SubnetMask>\n<DHCP>false</DHCP>\n\
             <SoftwareVersion>{}</SoftwareVersion>\n{activated}</ProbeMatch>\n",
            xml::escape(&self.uuid),
            xml::escape(&self.model),
            xml::escape(&self.serial),
            self.http_port.unwrap_or(80),
            xml::escape(&self.mac.replace(':', "-")),
            xml::escape(&self.firmware),
        )
        .into_bytes()
    }

    /// Whether it answers this question.
    pub fn answers(&self, uuid: &str) -> bool {
        self.uuid.eq_ignore_ascii_case(uuid)
    }
}

/// Some fill datagrams up with zeros.
fn document(bytes: &[u8]) -> Result<Node, Unreadable> {
    if bytes.len() > MOST {
        return Err(Unreadable::TooLong(bytes.len()));
    }
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    xml::read(bytes.get(..end).unwrap_or_default())
}

fn short(root: &Node, name: &str) -> String {
    let text = root.text_of(name).unwrap_or_default();
    text.chars().filter(|letter| !letter.is_control()).take(MOST_TEXT).collect::<String>().trim().to_owned()
}

fn flag(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        _ if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Match;
    use super::Unreadable;
    use super::asked;
    use super::inquiry;

    const UUID: &str = "6E6A9F22-3B1C-4D51-9C4E-0A7B1D2C3E4F";

    #[test]
    fn the_question_is_what_the_descriptions_say_byte_by_byte() {
        let expected = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Probe>\n<Uuid>{UUID}</Uuid>\n<Types>inquiry</Types>\n</Probe>\n"
        );
        assert_eq!(inquiry(&UUID.to_ascii_lowercase()), expected.as_bytes());
        assert_eq!(asked(expected.as_bytes()).as_deref(), Some(UUID));
    }

    #[test]
    fn answers_are_read_whatever_their_letters_and_whatever_fills_them_up() {
        let newer = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ProbeMatch><Uuid>{UUID}</Uuid><Types>inquiry</Types>\
             <DeviceDescription>DS-K1T671M</DeviceDescription><DeviceSN>DS-K1T671M0001</DeviceSN><CommandPort>8000</CommandPort>\
             <HttpPort>8080</HttpPort><MAC>00-00-5e-00-53-01</MAC><IPv4Address>192.168.1.64</IPv4Address>\
             <IPv4SubnetMask>255.255.255.0</IPv4SubnetMask><DHCP>false</DHCP><SoftwareVersion>V3.3.5</SoftwareVersion>\
             <Activated>false</Activated></ProbeMatch>\0\0\0"
        );
        let read = Match::read(newer.as_bytes()).unwrap();
        assert_eq!(
            (read.model.as_str(), read.serial.as_str(), read.http_port),
            ("DS-K1T671M", "DS-K1T671M0001", Some(8080))
        );
        assert_eq!((read.mac.as_str(), read.address), ("00:00:5e:00:53:01", Some([192, 168, 1, 64].into())));
        assert_eq!((read.activated, read.answers(&UUID.to_ascii_lowercase())), (Some(false), true));
        let older = "<probematch><uuid>x</uuid><devicesn> A </devicesn><ipv4address>0.0.0.0</ipv4address></probematch>";
        let read = Match::read(older.as_bytes()).unwrap();
        assert_eq!((read.serial.as_str(), read.address, read.http_port, read.activated), ("A", None, None, None));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        assert_eq!(Match::read(&inquiry(UUID)), Err(Unreadable::Without("ProbeMatch")));
        assert_eq!(Match::read(b"<ProbeMatch/>"), Err(Unreadable::Without("DeviceSN")));
        assert_eq!(Match::read(&[b' '; super::MOST + 1]), Err(Unreadable::TooLong(super::MOST + 1)));
        assert!(Match::read(b"").is_err() && Match::read(&[0; 9]).is_err());
        // Whoever asks for anything else is asking to change a device.
        for types in ["update", "activate", ""] {
            let probe = format!("<Probe><Uuid>{UUID}</Uuid><Types>{types}</Types></Probe>");
            assert_eq!(asked(probe.as_bytes()), None, "{types}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_comes_back(model in "[A-Z<&-]{1,20}", serial in "[A-Z0-9]{1,40}", port in 1_u16.., on in any::<Option<bool>>()) {
            let told = Match {
                uuid: UUID.to_owned(), model, serial, firmware: "V1".to_owned(), mac: "00:00:5e:00:53:01".to_owned(),
                address: Some([10, 0, 0, 9].into()), http_port: Some(port), activated: on,
            };
            prop_assert_eq!(Match::read(&told.write()), Ok(told));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            drop((Match::read(&bytes), asked(&bytes)));
        }
    }
}
