//! Users, attendance, events as they happen.

use jiff::civil::date;

use super::hex;
use crate::zkteco::attendance::Layout;
use crate::zkteco::attendance::Punch;
use crate::zkteco::attendance::Who;
use crate::zkteco::frame::Decoder;
use crate::zkteco::frame::Packet;
use crate::zkteco::realtime;
use crate::zkteco::realtime::Alarm;
use crate::zkteco::realtime::Named;
use crate::zkteco::realtime::Told;
use crate::zkteco::time::Stamp;
use crate::zkteco::users::Record;
use crate::zkteco::users::RecordError;
use crate::zkteco::users::Size;

const SHORT_ANNA: &str = "01000000 00000000 414e4e41 00000000 4e61bc00 00010000 e9030000";
const LONG_ANNA: &str = "01000e 3132333400000000 416e6e6120506574726f7661000000000000000000000000 4e61bc00 00
    31000000000000 00 313030310000000000000000000000000000000000000000";
const FACE: &str = "0100 313030310000000000000000000000000000000000000000 0f 97558533 00 0000000000000000";

fn punch(who: Who, verify: u8) -> Punch {
    Punch { who, time: Stamp(864_376_215), verify, state: 0 }
}

fn number() -> Who {
    Who::Number("1001".to_owned())
}

fn now() -> jiff::civil::DateTime {
    date(2026, 11, 23).at(12, 0, 0, 0)
}

#[test]
fn people_are_read_and_written_in_both_sizes() {
    let short = Record::read(&hex(SHORT_ANNA)).unwrap();
    assert_eq!((short.uid(), short.number().as_str(), short.name().as_str()), (1, "1001", "ANNA"));
    assert_eq!((short.card(), short.is_admin()), (12_345_678, false));
    let mut made = Record::new(Size::Short, 1, "1001").unwrap();
    made.set_name("ANNA");
    made.set_card(Some("12345678")).unwrap();
    assert_eq!(made.bytes(), hex(SHORT_ANNA));
    let long = Record::read(&hex(LONG_ANNA)).unwrap();
    assert_eq!((long.uid(), long.number().as_str(), long.name().as_str()), (1, "1001", "Anna Petrova"));
    assert_eq!((long.card(), long.is_admin()), (12_345_678, true));
    let mut made = Record::new(Size::Long, 1, "1001").unwrap();
    made.set_privilege(14);
    made.set_password("1234");
    made.set_name("Anna Petrova");
    made.set_card(Some("12345678")).unwrap();
    assert_eq!(made.bytes(), hex(LONG_ANNA));
}

#[test]
fn what_nobody_understands_of_a_person_stays() {
    let mut bytes = hex(LONG_ANNA);
    bytes[39..48].copy_from_slice(b"\x02\x01\x00\x05\x00\x06\x00\x07\x09");
    let mut record = Record::read(&bytes).unwrap();
    record.set_name(&"\u{414}".repeat(20));
    record.set_card(None).unwrap();
    assert_eq!(&record.bytes()[39..48], &bytes[39..48]);
    assert_eq!(&record.bytes()[2..11], &bytes[2..11]);
    assert_eq!((record.name(), record.card()), ("\u{414}".repeat(11), 0));
}

#[test]
fn numbers_and_cards_that_a_device_would_change_are_refused() {
    for wrong in ["A1", "007", "", "4294967296", "+5"] {
        assert_eq!(Record::new(Size::Short, 1, wrong).unwrap_err(), RecordError::Number, "{wrong}");
    }
    assert_eq!(Record::new(Size::Long, 1, &"9".repeat(25)).unwrap_err(), RecordError::Long);
    let mut record = Record::new(Size::Long, 1, "A-1").unwrap();
    for wrong in ["0", "4294967296", "ABC", ""] {
        assert_eq!(record.set_card(Some(wrong)), Err(RecordError::Card), "{wrong}");
    }
    assert_eq!(Size::detect(56, 2), Some(Size::Short));
    assert_eq!(Size::detect(144, 2), Some(Size::Long));
    assert_eq!(Size::detect(84, 2), Some(Size::Short));
    assert_eq!(Size::detect(504, 5), None);
}

#[test]
fn attendance_is_read_in_every_layout() {
    let check = |bytes: &str, layout: Layout, expected: &Punch| {
        let bytes = hex(bytes);
        assert_eq!(Layout::detect(&bytes, &[1], None, now()), Ok(layout));
        assert_eq!(layout.read_all(&bytes).collect::<Vec<_>>(), std::slice::from_ref(expected));
        assert_eq!(layout.write(expected, 1), bytes);
    };
    check("0100 01 97558533 00", Layout::Old, &punch(Who::Uid(1), 1));
    check("0100 01 00 97558533", Layout::OldTimeLast, &punch(Who::Uid(1), 1));
    check("e9030000 97558533 01 00 0000 00000000", Layout::Numbers, &punch(number(), 1));
    check(FACE, Layout::Text, &punch(number(), 15));
    check(&format!("{FACE} 000000000000000000"), Layout::Long, &punch(number(), 15));
    assert_eq!(punch(number(), 15).key(), "t864376215:1001:15:0");
}

#[test]
fn a_log_that_grew_is_still_read_and_one_that_nobody_knows_is_not() {
    let three: Vec<u8> = (0..3).flat_map(|_| hex(&format!("{FACE} 000000000000000000"))).collect();
    assert_eq!(Layout::detect(&three, &[2, 2], None, now()), Ok(Layout::Long));
    assert_eq!(Layout::detect(&three, &[0], Some(Layout::Long), now()), Ok(Layout::Long));
    assert_eq!(Layout::detect(&three, &[2, 3], None, now()), Ok(Layout::Long));
    let told = Layout::detect(&[0xAA; 51], &[1], None, now()).unwrap_err().to_string();
    assert!(told.contains("51 bytes"), "{told}");
    for layout in Layout::ALL {
        assert_eq!(Layout::parse(layout.word()), Some(layout));
    }
}

#[test]
fn events_are_read_by_their_length() {
    let frame = "5050827d 28000000 f4014b7a 01000000
        313030310000000000000000000000000000000000000000 0f 00 1a0b17081e0f";
    let mut decoder = Decoder::default();
    decoder.push(&hex(frame));
    let packet = decoder.next_packet().unwrap().unwrap();
    assert_eq!(decoder.wrong_checksums(), 0);
    assert!(realtime::is_event(&packet));
    assert_eq!(realtime::read(&packet), Told::Punches(vec![punch(number(), 15)], Named::Text));
    assert_eq!(realtime::write(&punch(number(), 15), 32), packet);
    for length in [12, 32, 36, 37, 52] {
        let told = realtime::read(&realtime::write(&punch(number(), 1), length));
        let named = if length == 12 { Named::Number } else { Named::Text };
        assert_eq!(told, Told::Punches(vec![punch(number(), 1)], named), "{length}");
    }
    for length in [10, 14] {
        let told = realtime::read(&realtime::write(&punch(Who::Uid(1001), 1), length));
        assert_eq!(told, Told::Punches(vec![punch(Who::Uid(1001), 1)], Named::Index), "{length}");
    }
    let mut two = packet.clone();
    two.data.extend_from_slice(&packet.data);
    assert_eq!(realtime::read(&two), Told::Punches(vec![punch(number(), 15); 2], Named::Text));
    let broken = Packet { data: vec![0xFF; 32], ..packet };
    assert_eq!(realtime::read(&broken), Told::Unreadable);
}

#[test]
fn alarms_are_told_apart() {
    let check = |session: u16, bytes: &str, expected: Told| {
        let packet = Packet { command: 500, session, reply: 0, data: hex(bytes) };
        assert_eq!(realtime::read(&packet), expected, "{bytes}");
    };
    check(512, "3a000000", Told::Alarm(Alarm::Misoperation));
    check(512, "37000000", Told::Alarm(Alarm::Tamper));
    check(512, "35000000", Told::Alarm(Alarm::ExitButton));
    check(512, "54000000 00000000", Told::Alarm(Alarm::DoorClosed));
    check(512, "00000000 2000 0700 00000000", Told::Alarm(Alarm::Duress(7)));
    check(512, "00000000 2200 0700 00000000", Told::Alarm(Alarm::Passback(7)));
    check(128, "ffffffff 01", Told::NotIdentified);
    check(128, "01000000 01", Told::Other);
    check(256, "64", Told::Other);
    check(2, "", Told::Other);
}
