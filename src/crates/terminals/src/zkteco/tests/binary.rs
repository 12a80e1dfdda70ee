//! Frames, keys, times, sizes and long answers.

use std::num::NonZeroU16;

use proptest::prelude::*;

use super::hex;
use crate::zkteco::answer;
use crate::zkteco::answer::Sizes;
use crate::zkteco::bulk;
use crate::zkteco::bulk::BulkError;
use crate::zkteco::bulk::Opening;
use crate::zkteco::frame::Checksum;
use crate::zkteco::frame::Decoder;
use crate::zkteco::frame::FrameError;
use crate::zkteco::frame::Packet;
use crate::zkteco::frame::checksum;
use crate::zkteco::key;
use crate::zkteco::request::Request;
use crate::zkteco::request::next_reply;
use crate::zkteco::time::Stamp;

const SESSION: u16 = 0x5B3F;

fn packet(command: u16, data: &[u8]) -> Packet {
    Packet { command, session: SESSION, reply: 1, data: data.to_vec() }
}

#[test]
fn checksums_are_those_of_the_captures() {
    let check = |bytes: &str, expected: u16| assert_eq!(checksum(&hex(bytes)), expected, "{bytes}");
    check("e803 0000 0000 0000", 0xFC17);
    check("0b00 0000 f38d 0300 5a4b4661636556657273696f6e00", 0x175A);
    check("d007 0000 f38d 0a00 09", 0x6A29);
    check("f401 0000 0001 0000 64", 0xFCA7);
    check("0b00 0000 c5c0 0500 7e4f5300", 0xEF58);
    // What stands in the field does not matter.
    check("e803 17fc 0000 0000", 0xFC17);
}

#[test]
fn requests_are_written_to_the_byte() {
    let check = |request: Request<'_>, session: u16, reply: u16, expected: &str| {
        assert_eq!(request.packet(session, reply).frame(), hex(expected), "{request:?}");
    };
    check(Request::Connect, 0, 0, "5050827d 08000000 e80317fc 00000000");
    check(Request::Auth(12345), SESSION, 1, "5050827d 0c000000 4e04d19c 3f5b0100 6de13222");
    check(Request::Exit, SESSION, 20, "5050827d 08000000 e903c3a0 3f5b1400");
    let serial = "5050827d 16000000 0b00b05b 3f5b0200 7e53657269616c4e756d62657200";
    check(Request::Option("~SerialNumber"), SESSION, 2, serial);
    let time = Stamp(864_376_215);
    check(Request::SetTime(time), SESSION, 7, "5050827d 0c000000 ca00d31a 3f5b0700 97558533");
    let log = "5050827d 13000000 df05d691 3f5b0a00 010d000000000000000000";
    check(Request::PrepareLog, SESSION, 10, log);
    let first = Request::Piece { start: 0, length: 0xFFC0 };
    check(first, SESSION, 11, "5050827d 10000000 e005149f 3f5b0b00 00000000 c0ff0000");
    let second = Request::Piece { start: 0xFFC0, length: 0x38C4 };
    check(second, SESSION, 12, "5050827d 10000000 e0054f66 3f5b0c00 c0ff0000 c4380000");
    check(Request::FreeData, SESSION, 13, "5050827d 08000000 de05d59e 3f5b0d00");
    check(Request::Register(0xFFFF), SESSION, 14, "5050827d 0c000000 f401bea2 3f5b0e00 ffff0000");
    check(Request::Register(1), SESSION, 14, "5050827d 0c000000 f401bda2 3f5b0e00 01000000");
    check(Request::Unlock(30), SESSION, 15, "5050827d 0c000000 1f0074a4 3f5b0f00 1e000000");
    check(Request::Acknowledge, SESSION, 99, "5050827d 08000000 d007f09c 3f5b0000");
    let uid = NonZeroU16::new(1).unwrap();
    check(Request::DeleteUser(uid), SESSION, 17, "5050827d 0a000000 12009ca4 3f5b1100 0100");
    let users = Request::PrepareUsers.packet(SESSION, 1);
    assert_eq!(users.data, hex("0109000500000000000000"));
}

#[test]
fn an_option_that_is_written_has_the_vendors_bytes() {
    let written = Packet { command: 12, session: SESSION, reply: 3, data: b"SDKBuild=1\0".to_vec() };
    assert_eq!(written.frame(), hex("5050827d 13000000 0c00f41e 3f5b0300 53444b4275696c643d3100"));
}

#[test]
fn answers_of_a_connection_are_read() {
    let check = |frame: &str, command: u16| {
        let mut decoder = Decoder::default();
        decoder.push(&hex(frame));
        let packet = decoder.next_packet().unwrap().unwrap();
        assert_eq!((packet.command, packet.session, decoder.wrong_checksums()), (command, SESSION, 0));
        packet
    };
    check("5050827d 08000000 d507eb9c 3f5b0000", 2005);
    check("5050827d 08000000 d007f09c 3f5b0000", 2000);
    let serial =
        check("5050827d 24000000 d00761ca 3f5b0200 7e53657269616c4e756d6265723d 4142433132333435363738393000", 2000);
    assert_eq!(answer::option(&serial).as_deref(), Some("ABC1234567890"));
    let prepared = check("5050827d 15000000 d0077592 3f5b0a00 00 84380100 84380100 00000000", 2000);
    assert_eq!(bulk::opening(&prepared), Ok(Opening::Prepared(80_004)));
    assert_eq!(bulk::pieces(80_004, bulk::TCP_PIECE).collect::<Vec<_>>(), [(0, 0xFFC0), (0xFFC0, 0x38C4)]);
}

#[test]
fn keys_are_scrambled_as_everybody_does() {
    let check = |given: u32, expected: &str| {
        assert_eq!(key::scramble(given, SESSION, key::TICKS).to_vec(), hex(expected), "{given}");
    };
    check(12_345, "6de13222");
    check(0, "617d3222");
    check(123_456, "267f32a2");
}

#[test]
fn times_are_counted_in_months_of_31_days() {
    let check = |text: &str, number: u32, bytes: &str| {
        let stamp = Stamp::parse(text).unwrap();
        assert_eq!((stamp.0, stamp.0.to_le_bytes().to_vec()), (number, hex(bytes)), "{text}");
        assert_eq!((stamp.to_string().as_str(), Stamp::of(stamp.civil().unwrap())), (text, stamp));
        assert_eq!(Stamp::of_six(&stamp.six()), Some(stamp));
    };
    check("2000-01-01 00:00:00", 0, "00000000");
    check("2018-06-25 17:50:35", 0x2368_B36B, "6bb36823");
    check("2026-11-23 08:30:15", 864_376_215, "97558533");
    check("2026-12-31 23:59:59", 0x33B9_99FF, "ff99b933");
    assert_eq!(Stamp(864_376_215).six().to_vec(), hex("1a0b17081e0f"));
    let impossible = Stamp::parse("2026-02-31 10:00:00").unwrap();
    assert_eq!((impossible.civil(), impossible.to_string().as_str()), (None, "2026-02-31 10:00:00"));
    for wrong in ["", "2026-13-01 00:00:00", "1999-01-01 00:00:00", "2026/11/23 08:30:15", "2026-11-23 08:30"] {
        assert_eq!(Stamp::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn sizes_are_read_as_they_are_written() {
    let sizes = Sizes {
        users: 12,
        fingers: 3,
        records: 4_711,
        most_fingers: 3_000,
        most_users: 10_000,
        most_records: 100_000,
        faces: 7,
        most_faces: 800,
    };
    let data = sizes.write();
    assert_eq!(Sizes::read(&packet(2000, &data)), Some(sizes));
    let short = Sizes::read(&packet(2000, &data[..80])).unwrap();
    assert_eq!((short.records, short.faces), (4_711, 0));
    assert_eq!(Sizes::read(&packet(2000, &data[..79])), None);
}

#[test]
fn a_long_answer_counts_only_when_it_is_whole() {
    let prepare = packet(1500, &hex("08000000 08000000"));
    let half = packet(1501, b"abcd");
    let done = packet(2000, &[]);
    let mut piece = bulk::Piece::default();
    assert_eq!(piece.take(&prepare), Ok(None));
    assert_eq!(piece.take(&half), Ok(None));
    assert_eq!(piece.take(&half), Ok(None));
    assert_eq!(piece.take(&done), Ok(Some(b"abcdabcd".to_vec())));
    let mut piece = bulk::Piece::default();
    assert_eq!(piece.take(&prepare), Ok(None));
    assert_eq!(piece.take(&half), Ok(None));
    assert_eq!(piece.take(&done), Err(BulkError::Incomplete { got: 4, wanted: 8 }));
    assert_eq!(bulk::Piece::default().take(&done), Err(BulkError::Broken(2000)));
    assert_eq!(bulk::records(&hex("04000000 01020304")), Ok(&[1, 2, 3, 4][..]));
    assert_eq!(bulk::records(&hex("05000000 01020304")), Err(BulkError::Incomplete { got: 4, wanted: 5 }));
    assert_eq!(bulk::records(&hex("00000000")), Ok(&[][..]));
}

#[test]
fn what_is_no_frame_ends_the_connection() {
    let told = |bytes: &[u8]| {
        let mut decoder = Decoder::default();
        decoder.push(bytes);
        decoder.next_packet()
    };
    assert_eq!(told(b"HTTP/1.1 400"), Err(FrameError::Magic));
    assert_eq!(told(&hex("5050827d ffffff7f")), Err(FrameError::Long(0x7FFF_FFFF)));
    assert_eq!(told(&hex("5050827d 07000000")), Err(FrameError::Short(7)));
    assert_eq!(told(&hex("5050827d 080000")), Ok(None));
    let (read, sum) = Packet::read(&hex("d007 0000 3f5b 0000")).unwrap();
    assert_eq!((read.command, sum), (2000, Checksum::Wrong));
    assert_eq!(next_reply(65_534), 0);
}

proptest! {
    #[test]
    fn packets_come_out_as_they_went_in_however_they_are_split(
        packets in prop::collection::vec((any::<u16>(), prop::collection::vec(any::<u8>(), 0..60)), 1..6),
        step in 1_usize..40,
    ) {
        let sent: Vec<Packet> = packets.iter().map(|(command, data)| packet(*command, data)).collect();
        let bytes: Vec<u8> = sent.iter().flat_map(Packet::frame).collect();
        let mut decoder = Decoder::default();
        let mut received = Vec::new();
        for part in bytes.chunks(step) {
            decoder.push(part);
            while let Some(packet) = decoder.next_packet().unwrap() {
                received.push(packet);
            }
        }
        prop_assert_eq!(received, sent);
        prop_assert_eq!(decoder.wrong_checksums(), 0);
    }
}
