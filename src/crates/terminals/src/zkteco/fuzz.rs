//! What is fuzzed: any bytes go in, nothing may panic, hang or grow.

use std::hint::black_box;

use jiff::civil::DateTime;

use super::adms;
use super::adms::request::Call;
use super::adms::request::Query;
use super::answer;
use super::attendance::Layout;
use super::bulk;
use super::frame::Decoder;
use super::frame::Packet;
use super::realtime;
use super::users::Record;
use super::users::Size;

/// Frames, whole and split at every byte, and what they carry.
pub fn fuzz_zkteco_frames(bytes: &[u8]) {
    let mut whole = Decoder::default();
    whole.push(bytes);
    let mut at_once = Vec::new();
    while let Ok(Some(packet)) = whole.next_packet() {
        at_once.push(packet);
    }
    let mut split = Decoder::default();
    let mut one_by_one = Vec::new();
    'all: for byte in bytes {
        split.push(std::slice::from_ref(byte));
        loop {
            match split.next_packet() {
                Ok(Some(packet)) => one_by_one.push(packet),
                Ok(None) => break,
                Err(_) => break 'all,
            }
        }
    }
    assert_eq!(at_once, one_by_one, "frames depend on how they were split");
    let mut piece = bulk::Piece::default();
    for packet in &at_once {
        black_box(realtime::read(packet));
        black_box(answer::option(packet));
        black_box(answer::Sizes::read(packet));
        black_box(bulk::opening(packet).is_ok());
        if let Ok(Some(buffer)) = piece.take(packet) {
            black_box(bulk::records(&buffer).is_ok());
        }
    }
}

/// Logs and people.
pub fn fuzz_zkteco_records(bytes: &[u8]) {
    let now = DateTime::constant(2026, 11, 29, 12, 0, 0, 0);
    let Ok(records) = bulk::records(bytes) else { return };
    for count in [0, 1, 2, 3, 1_000, u32::MAX] {
        if let Ok(layout) = Layout::detect(records, &[count], None, now) {
            for punch in layout.read_all(records) {
                black_box((punch.key(), punch.time.civil(), punch.time.to_string(), punch.time.six()));
            }
        }
        black_box(Size::detect(records.len(), count));
    }
    for size in [Size::Short, Size::Long] {
        for record in Record::read_all(records, size) {
            black_box((record.uid(), record.number(), record.name(), record.card(), record.is_admin()));
        }
    }
}

/// Events. The first byte says which kind.
pub fn fuzz_zkteco_realtime(bytes: &[u8]) {
    let Some((kind, data)) = bytes.split_first() else { return };
    let session = 1_u16.checked_shl(u32::from(*kind % 16)).unwrap_or(1);
    black_box(realtime::read(&Packet { command: 500, session, reply: 0, data: data.to_vec() }));
}

/// Bodies of uploads.
pub fn fuzz_adms_bodies(bytes: &[u8]) {
    let body = String::from_utf8_lossy(bytes);
    for record in adms::records::attendance(&body).records {
        assert!(record.key().len() <= 96, "a key is too long");
    }
    for record in adms::records::operations(&body).records {
        if let adms::records::Oper::Operation(operation) = record {
            assert!(operation.key().len() <= 96, "a key is too long");
        }
    }
    for event in adms::records::events(&body).records {
        assert!(event.key().len() <= 96, "a key is too long");
    }
    black_box(adms::records::transactions(&body));
    black_box(adms::records::users(&body));
    black_box(adms::records::options(&body));
    black_box(adms::records::sensors(&body));
}

/// What devices ask for, and what they say came of commands. The first line is the query.
pub fn fuzz_adms_answers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let (path, query) = first.split_once('?').unwrap_or(("/iclock/cdata", first));
    let query = Query::parse(query);
    black_box((Call::read("GET", path, &query), Call::read("POST", path, &query)));
    black_box(adms::command::outcomes(rest));
}
