//! Who a device is, what it can, its clock, and whether it locks us out.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Unreadable;
use super::time;
use super::tolerant;
use super::xml;
use super::xml::Node;

/// From `System/deviceInfo`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Info {
    /// Its serial number: what it is known by.
    pub serial: String,
    /// Model.
    pub model: String,
    /// Version and build.
    pub firmware: String,
    /// Hardware address.
    pub mac: String,
    /// Locks that it says to have.
    pub locks: u16,
}

/// From `System/time`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceTime {
    /// `NTP`, `manual`.
    pub mode: String,
    /// What it shows, if that is a time.
    pub at: Option<Timestamp>,
    /// As written.
    pub raw: String,
    /// Its zone, if it says one that can be read.
    pub zone: Option<TimeZone>,
    /// The zone as written.
    pub zone_text: String,
}

/// Flags of `AccessControl/capabilities`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    /// Has a log that can be searched.
    pub log: bool,
    /// Opens doors from afar.
    pub doors: bool,
    /// Keeps people.
    pub people: bool,
    /// Keeps cards.
    pub cards: bool,
    /// Knows faces.
    pub faces: bool,
}

/// From `Security/userCheck`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserCheck {
    /// Whether the account is locked.
    pub locked: bool,
    /// Seconds until it is not.
    pub unlocks_in: u64,
    /// Tries that are left.
    pub tries: Option<u64>,
}

impl Info {
    /// Reads the document, XML or JSON: some devices answer either to any question.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let find: Box<dyn Fn(&str) -> String> = if tolerant::is_xml(bytes) {
            let root = xml::read(bytes)?;
            if !root.name.eq_ignore_ascii_case("DeviceInfo") {
                return Err(Unreadable::Without("DeviceInfo"));
            }
            Box::new(move |name| root.text_of(name).unwrap_or_default().to_owned())
        } else {
            let value = tolerant::json(bytes)?;
            let value = tolerant::member(&value, "DeviceInfo").cloned().ok_or(Unreadable::Without("DeviceInfo"))?;
            Box::new(move |name| tolerant::text(&value, name))
        };
        let short = |name: &str| find(name).chars().filter(|letter| !letter.is_control()).take(96).collect::<String>();
        let serial = short("serialNumber");
        if serial.is_empty() {
            return Err(Unreadable::Without("serialNumber"));
        }
        let firmware = format!("{} {}", short("firmwareVersion"), short("firmwareReleasedDate"));
        Ok(Self {
            serial,
            model: short("model"),
            firmware: firmware.trim().to_owned(),
            mac: short("macAddress"),
            locks: find("electroLockNum").parse().unwrap_or(0),
        })
    }
}

impl DeviceTime {
    /// Reads the document. Without an offset and a zone of its own, `zone` is where the device is.
    pub fn read(bytes: &[u8], zone: &TimeZone) -> Result<Self, Unreadable> {
        let root = xml::read(bytes)?;
        if !root.name.eq_ignore_ascii_case("Time") {
            return Err(Unreadable::Without("Time"));
        }
        let raw = root.text_of("localTime").unwrap_or_default().to_owned();
        let zone_text = root.text_of("timeZone").unwrap_or_default().to_owned();
        let own = time::zone(&zone_text);
        let at = time::instant(&raw, own.as_ref().unwrap_or(zone));
        Ok(Self { mode: root.text_of("timeMode").unwrap_or_default().to_owned(), at, raw, zone: own, zone_text })
    }
}

/// The document that sets the clock. The mode becomes manual, or the next look at a time server would undo it.
pub fn set_time(at: Timestamp, zone: &TimeZone, zone_text: &str) -> String {
    let local = time::local(at, zone);
    let zone_text = xml::escape(zone_text);
    let zone_text = if zone_text.is_empty() { zone_text } else { format!("<timeZone>{zone_text}</timeZone>") };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Time version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\
         <timeMode>manual</timeMode><localTime>{local}</localTime>{zone_text}</Time>"
    )
}

/// A command for a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorCommand {
    /// For the usual while.
    Open,
    /// Back to normal.
    Close,
    /// Until it is closed.
    AlwaysOpen,
    /// For everybody.
    AlwaysClose,
}

impl DoorCommand {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            DoorCommand::Open => "open",
            DoorCommand::Close => "close",
            DoorCommand::AlwaysOpen => "alwaysOpen",
            DoorCommand::AlwaysClose => "alwaysClose",
        }
    }

    /// The document.
    pub fn body(self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<RemoteControlDoor version=\"2.0\" \
             xmlns=\"http://www.isapi.org/ver20/XMLSchema\"><cmd>{}</cmd></RemoteControlDoor>",
            self.word()
        )
    }

    /// Reads it; the simulator's side.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let root = xml::read(bytes)?;
        let word = root.text_of("cmd").unwrap_or_default().to_owned();
        let all = [DoorCommand::Open, DoorCommand::Close, DoorCommand::AlwaysOpen, DoorCommand::AlwaysClose];
        all.into_iter().find(|command| command.word() == word).ok_or(Unreadable::Without("cmd"))
    }
}

impl Flags {
    /// Reads the document. A missing flag is a missing feature.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let root = xml::read(bytes)?;
        let has = |names: &[&str]| names.iter().any(|name| is_true(&root, name));
        Ok(Self {
            log: has(&["isSupportAcsEvent"]),
            doors: has(&["isSupportRemoteControlDoor"]),
            people: has(&["isSupportUserInfo"]),
            cards: has(&["isSupportCardInfo"]),
            faces: has(&["isSupportFaceRecognizeMode", "isSupportCaptureFace", "isSupportFDLib"]),
        })
    }
}

/// Whether subscriptions are offered: the answer to `Event/notification/subscribeEventCap` is one.
pub fn can_subscribe(bytes: &[u8]) -> bool {
    xml::read(bytes).is_ok_and(|root| root.name.to_ascii_lowercase().contains("subscribeeventcap"))
}

/// How many doors can be opened, from `RemoteControl/door/capabilities`.
pub fn doors(bytes: &[u8]) -> Option<u16> {
    let root = xml::read(bytes).ok()?;
    let door = root.find("doorNo")?;
    door.attribute("max").or(Some(door.text.as_str())).and_then(|most| most.trim().parse().ok())
}

impl UserCheck {
    /// Reads the document.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let root = xml::read(bytes)?;
        if !root.name.eq_ignore_ascii_case("userCheck") {
            return Err(Unreadable::Without("userCheck"));
        }
        let number = |name: &str| root.text_of(name).and_then(|text| text.parse().ok());
        Ok(Self {
            locked: root.text_of("lockStatus").is_some_and(|status| status.eq_ignore_ascii_case("locked")),
            unlocks_in: number("unlockTime").unwrap_or(0),
            tries: number("retryLoginTime"),
        })
    }
}

fn is_true(root: &Node, name: &str) -> bool {
    root.find_text(name).is_some_and(|text| text.eq_ignore_ascii_case("true") || text == "1")
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::DeviceTime;
    use super::DoorCommand;
    use super::Flags;
    use super::Info;
    use super::UserCheck;
    use super::can_subscribe;
    use super::doors;
    use super::set_time;

    const INFO: &str = "<DeviceInfo version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">
        <deviceName>Gate A terminal</deviceName><model>DS-K1T671M</model>
        <serialNumber>DS-K1T671M20260101V030305ENAA0000001</serialNumber><macAddress>00:00:5e:00:53:01</macAddress>
        <firmwareVersion>V3.3.5</firmwareVersion><firmwareReleasedDate>build 240101</firmwareReleasedDate>
        <electroLockNum>2</electroLockNum></DeviceInfo>";

    #[test]
    fn a_device_says_who_it_is_in_either_format() {
        let info = Info::read(INFO.as_bytes()).unwrap();
        assert_eq!((info.model.as_str(), info.firmware.as_str(), info.locks), ("DS-K1T671M", "V3.3.5 build 240101", 2));
        let json = br#"{"DeviceInfo":{"serialNumber":"DS-K1T671M20260101V030305ENAA0000001"}}"#;
        assert_eq!(Info::read(json).unwrap().serial, info.serial);
        assert!(Info::read(b"<DeviceInfo/>").is_err() && Info::read(b"<html/>").is_err());
    }

    #[test]
    fn clocks_are_read_with_their_zone_and_set_without_an_offset() {
        let read = |local: &str, zone: &str| {
            let text = format!(
                "<Time><timeMode>NTP</timeMode><localTime>{local}</localTime><timeZone>{zone}</timeZone></Time>"
            );
            DeviceTime::read(text.as_bytes(), &TimeZone::UTC).unwrap()
        };
        for time in [read("2026-11-23T08:30:15+05:00", "CST-5:00:00"), read("2026-11-23T08:30:15", "CST-5:00:00")] {
            assert_eq!(time.at.unwrap().to_string(), "2026-11-23T03:30:15Z");
        }
        assert_eq!(read("", "CST-5:00:00").at, None);
        let time = read("2026-11-23T08:30:15+05:00", "CST-5:00:00");
        let set = set_time(time.at.unwrap(), &time.zone.unwrap(), &time.zone_text);
        assert!(set.contains("<localTime>2026-11-23T08:30:15</localTime><timeZone>CST-5:00:00</timeZone>"), "{set}");
    }

    #[test]
    fn flags_count_only_where_they_are_true() {
        let text =
            b"<AccessControl><isSupportAcsEvent>true</isSupportAcsEvent><isSupportUserInfo>false</isSupportUserInfo>
            <isSupportRemoteControlDoor>true</isSupportRemoteControlDoor></AccessControl>";
        assert_eq!(Flags::read(text), Ok(Flags { log: true, doors: true, ..Flags::default() }));
        assert_eq!(
            doors(b"<RemoteControlDoor><doorNo min=\"1\" max=\"4\"/><cmd opt=\"open,close\"/></RemoteControlDoor>"),
            Some(4)
        );
        assert!(can_subscribe(b"<SubscribeEventCap/>") && !can_subscribe(b"<ResponseStatus/>"));
    }

    #[test]
    fn a_lock_out_is_read_and_door_commands_come_back() {
        let text =
            b"<userCheck><statusValue>401</statusValue><lockStatus>locked</lockStatus><unlockTime>1700</unlockTime>
            <retryLoginTime>0</retryLoginTime></userCheck>";
        assert_eq!(UserCheck::read(text), Ok(UserCheck { locked: true, unlocks_in: 1700, tries: Some(0) }));
        for command in [DoorCommand::Open, DoorCommand::Close, DoorCommand::AlwaysOpen, DoorCommand::AlwaysClose] {
            assert_eq!(DoorCommand::read(command.body().as_bytes()), Ok(command));
        }
        assert!(DoorCommand::read(b"<RemoteControlDoor><cmd>melt</cmd></RemoteControlDoor>").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..600) {
            let info = INFO.as_bytes();
            for bytes in [bytes.as_slice(), &info[..cut % info.len()]] {
                drop((Info::read(bytes), DeviceTime::read(bytes, &TimeZone::UTC), Flags::read(bytes), doors(bytes)));
                drop((UserCheck::read(bytes), can_subscribe(bytes), DoorCommand::read(bytes)));
            }
        }
    }
}
