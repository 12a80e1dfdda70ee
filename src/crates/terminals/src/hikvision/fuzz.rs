//! Doors for a fuzzer: each takes any bytes and must come back.

use jiff::tz::TimeZone;

use super::device;
use super::event;
use super::log;
use super::multipart::Part;
use super::multipart::Parts;
use super::push;
use super::sadp;
use super::status::Status;
use super::time;

/// The event stream; the first byte says in what pieces it comes.
pub fn fuzz_multipart(bytes: &[u8]) {
    let Some((&size, stream)) = bytes.split_first() else { return };
    let mut parts = Parts::of("multipart/mixed; boundary=MIME_boundary");
    for chunk in stream.chunks(usize::from(size).max(1)) {
        let Ok(found) = parts.push(chunk) else { return };
        for part in found {
            if let Part::Message(text) = part {
                fuzz_event(&text);
            }
        }
        if size % 2 == 0 {
            touch(parts.settle());
        }
    }
}

/// A message, XML or JSON.
pub fn fuzz_event(bytes: &[u8]) {
    if let Ok(event::Message::Happened(happening)) = event::read(bytes) {
        let at = time::instant(&happening.time, &TimeZone::UTC);
        touch((happening.meaning(), happening.print(at), happening.code()));
    }
}

/// An answer of the log.
pub fn fuzz_log(bytes: &[u8]) {
    if let Ok(found) = log::Found::read(bytes) {
        touch((found.next(0), found.next(u64::MAX)));
    }
    touch((log::Limits::read(bytes), log::Search::read(bytes)));
}

/// A `ResponseStatus`, and the other documents in XML.
pub fn fuzz_status(bytes: &[u8]) {
    if let Ok(Some(status)) = Status::read(bytes) {
        touch((status.verdict(200), status.verdict(403), status.words()));
    }
    touch((device::Info::read(bytes), device::DeviceTime::read(bytes, &TimeZone::UTC), device::UserCheck::read(bytes)));
}

/// The body of a push, with and without parts.
pub fn fuzz_push(bytes: &[u8]) {
    for kind in ["application/json", "multipart/form-data; boundary=MIME_boundary"] {
        touch(push::read(kind, bytes));
    }
}

/// A datagram of the search: an answer, or a question.
pub fn fuzz_sadp(bytes: &[u8]) {
    if let Ok(told) = sadp::Match::read(bytes) {
        touch((told.answers("x"), sadp::Match::read(&told.write())));
    }
    touch(sadp::asked(bytes));
}

/// Has a value computed although nobody wants it.
fn touch<T>(value: T) {
    drop::<T>(std::hint::black_box(value));
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    type Target = (&'static str, fn(&[u8]));

    const TARGETS: &[Target] = &[
        ("hikvision_multipart", super::fuzz_multipart),
        ("hikvision_event", super::fuzz_event),
        ("hikvision_log", super::fuzz_log),
        ("hikvision_status", super::fuzz_status),
        ("hikvision_push", super::fuzz_push),
        ("hikvision_sadp", super::fuzz_sadp),
    ];

    /// Every document of the corpora, whole, cut short anywhere, and with any bit turned.
    #[test]
    fn the_corpora_and_what_is_near_them_come_back() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/corpora/hikvision");
        let mut folders: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        folders.sort();
        let mut known: Vec<_> = TARGETS.iter().map(|(name, _)| std::ffi::OsString::from(name)).collect();
        known.sort();
        assert_eq!(folders, known);
        for (name, run) in TARGETS {
            for file in fs::read_dir(root.join(name)).unwrap() {
                let bytes = fs::read(file.unwrap().path()).unwrap();
                run(&bytes);
                for at in 0..bytes.len() {
                    run(&bytes[..at]);
                    let mut turned = bytes.clone();
                    turned[at] ^= 1 << (at % 8);
                    run(&turned);
                }
            }
        }
    }
}
