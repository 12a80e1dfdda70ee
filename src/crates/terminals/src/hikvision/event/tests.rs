use jiff::tz::TimeZone;
use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;
use proptest::prelude::*;

use super::Happening;
use super::Message;
use super::read;
use crate::hikvision::time::instant;

const FACE: &str = r#"{"ipAddress":"192.0.2.20","portNo":80,"protocol":"HTTP","macAddress":"00:00:5e:00:53:01",
  "channelID":1,"dateTime":"2026-11-23T08:30:15+05:00","activePostCount":1,"eventType":"AccessControllerEvent",
  "eventState":"active","eventDescription":"Access Controller Event","AccessControllerEvent":{"deviceName":"Gate A terminal",
  "majorEventType":5,"subEventType":75,"name":"Anna Petrova","employeeNoString":"1001","cardReaderKind":1,
  "cardReaderNo":1,"doorNo":1,"verifyNo":217,"serialNo":4711,"frontSerialNo":4710,"currentEvent":true,
  "userType":"normal","currentVerifyMode":"cardOrFaceOrFp","attendanceStatus":"checkIn","label":"Check In",
  "statusValue":0,"mask":"no","picturesNumber":1,"purePwdVerifyEnable":true,"currTemperature":36.6,
  "FaceRect":{"height":0.412,"width":0.231,"x":0.383,"y":0.402}}}"#;

const PRINT: u32 = 0xae4b_489b;

const CAR: &str = "<EventNotificationAlert version=\"2.0\" xmlns=\"http://www.hikvision.com/ver20/XMLSchema\">
  <dateTime>2026-11-23T08:31:02.250+05:00</dateTime><eventType>ANPR</eventType><eventState>active</eventState>
  <ANPR><country>30</country><licensePlate>123ABC02</licensePlate><line>1</line><direction>forward</direction>
  <confidenceLevel>97</confidenceLevel><listType>white</listType><alarmDataType>0</alarmDataType></ANPR>
  <UUID>2026112308310200000gw01</UUID><picNum>2</picNum><isDataRetransmission>false</isDataRetransmission>
  </EventNotificationAlert>";

fn happened(text: &str) -> Happening {
    match read(text.as_bytes()) {
        Ok(Message::Happened(happening)) => *happening,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_face_at_a_door_is_read() {
    let face = happened(FACE);
    assert_eq!((face.serial, face.major, face.minor, face.door, face.reader), (Some(4711), 5, 75, 1, 1));
    assert_eq!(
        (face.person.as_str(), face.name.as_str(), face.time.as_str()),
        ("1001", "Anna Petrova", "2026-11-23T08:30:15+05:00")
    );
    assert_eq!((face.is_live, face.direction, face.code().as_str()), (true, Some(Direction::In), "5/75"));
    let told = format!("{face:?}");
    assert!(!told.contains("36.6") && !told.contains("0.412"), "{told}");
}

#[test]
fn types_and_wrappings_do_not_matter() {
    let text = FACE
        .replace("\"serialNo\":4711", "\"serialNo\":\"4711\"")
        .replace("\"subEventType\":75", "\"subEventType\":\"75\"");
    assert_eq!(happened(&text), happened(FACE));
    assert_eq!(happened(&format!("\u{feff}{{\"EventNotificationAlert\":{FACE}}}\r\n")), happened(FACE));
    let legacy = FACE.replace("\"employeeNoString\":\"1001\"", "\"employeeNo\":1001");
    assert_eq!(happened(&legacy), happened(FACE));
    let xml = "<ns1:EventNotificationAlert xmlns:ns1=\"x\"><ns1:dateTime>2026-11-23T08:30:15+05:00</ns1:dateTime>\
        <ns1:eventType>AccessControllerEvent</ns1:eventType><ns1:eventState>active</ns1:eventState>\
        <ns1:AccessControllerEvent><ns1:majorEventType>5</ns1:majorEventType><ns1:subEventType>75</ns1:subEventType>\
        <ns1:name>Anna Petrova</ns1:name><ns1:employeeNoString>1001</ns1:employeeNoString><ns1:doorNo>1</ns1:doorNo>\
        <ns1:cardReaderNo>1</ns1:cardReaderNo><ns1:serialNo>4711</ns1:serialNo><ns1:attendanceStatus>checkIn\
        </ns1:attendanceStatus></ns1:AccessControllerEvent></ns1:EventNotificationAlert>";
    assert_eq!(happened(xml), happened(FACE));
}

#[test]
fn the_same_event_has_the_same_print_and_another_has_another() {
    let print = |text: &str| {
        let happening = happened(text);
        happening.print(instant(&happening.time, &TimeZone::UTC))
    };
    // Kept in cursors: what was written by an older version must still be recognised.
    assert_eq!(print(FACE), PRINT);
    assert_eq!(print(&FACE.replace("08:30:15+05:00", "03:30:15Z").replace("Anna", "Hanna")), PRINT);
    assert_ne!(print(&FACE.replace("08:30:15", "08:30:16")), PRINT);
    assert_ne!(print(&FACE.replace("\"subEventType\":75", "\"subEventType\":76")), PRINT);
}

#[test]
fn heartbeats_in_all_their_shapes_are_heartbeats() {
    for text in [
        "<EventNotificationAlert><eventType>videoloss</eventType><eventState>inactive</eventState></EventNotificationAlert>",
        "<EventNotificationAlert><eventType>heartBeat</eventType><eventState>active</eventState></EventNotificationAlert>",
        r#"{"eventType":"other","eventState":"inactive","eventDescription":"Heartbeat"}"#,
        &FACE.replace("\"eventState\":\"active\"", "\"eventState\":\"inactive\""),
    ] {
        assert_eq!(read(text.as_bytes()), Ok(Message::Heartbeat), "{text}");
    }
    let video =
        "<EventNotificationAlert><eventType>VMD</eventType><eventState>active</eventState></EventNotificationAlert>";
    assert_eq!(read(video.as_bytes()), Ok(Message::Other));
    assert_eq!(read(b"<SubscribeEventResponse><id>1</id></SubscribeEventResponse>"), Ok(Message::Subscribed));
}

#[test]
fn plates_are_credentials_and_unread_ones_are_told() {
    let car = happened(CAR);
    assert_eq!((car.card.as_str(), car.uuid.as_str(), car.is_live), ("123ABC02", "2026112308310200000gw01", true));
    let meaning = car.meaning();
    assert_eq!((meaning.kind, meaning.credential), (AccessKind::Granted, Credential::Plate));
    assert_eq!(car.direction, Some(Direction::In));
    let unread = happened(&CAR.replace("123ABC02", "unknown").replace("<alarmDataType>0", "<alarmDataType>1"));
    assert_eq!((unread.card.as_str(), unread.is_live, unread.meaning().reason), ("", false, "plate_not_read"));
    let legacy = happened(&CAR.replace("licensePlate>", "plateNumber>").replace("white", "temporary"));
    assert_eq!((legacy.card.as_str(), legacy.meaning().reason), ("123ABC02", "plate_seen"));
}

#[test]
fn an_unlock_record_says_what_unlocked() {
    let text = FACE.replace("\"subEventType\":75", "\"subEventType\":214,\"unlockType\":\"card\"");
    assert_eq!(happened(&text).meaning().credential, Credential::Card);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..2000, flip in any::<u8>()) {
        drop(read(&bytes));
        for document in [FACE, CAR] {
            let mut document = document.as_bytes().to_vec();
            let at = cut % document.len();
            document[at] ^= flip;
            if let Ok(Message::Happened(happening)) = read(&document) {
                drop((happening.meaning(), happening.print(None), happening.code()));
            }
            document.truncate(at);
            drop(read(&document));
        }
    }
}
