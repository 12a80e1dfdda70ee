//! What `cargo xtask fuzz` throws bytes at, one line each.

use super::foreign;
use super::hikvision::fuzz as hikvision;
use super::zkteco::fuzz as zkteco;

/// A name and what takes the bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Names and functions. None may panic, hang for a second, or take more than half a gigabyte.
pub const TARGETS: &[Target] = &[
    ("hikvision_multipart", hikvision::fuzz_multipart),
    ("hikvision_event", hikvision::fuzz_event),
    ("hikvision_log", hikvision::fuzz_log),
    ("hikvision_status", hikvision::fuzz_status),
    ("hikvision_push", hikvision::fuzz_push),
    ("hikvision_sadp", hikvision::fuzz_sadp),
    ("zkteco_frames", zkteco::fuzz_zkteco_frames),
    ("zkteco_records", zkteco::fuzz_zkteco_records),
    ("zkteco_realtime", zkteco::fuzz_zkteco_realtime),
    ("adms_bodies", zkteco::fuzz_adms_bodies),
    ("adms_answers", zkteco::fuzz_adms_answers),
    ("foreign_events", foreign::fuzz_events),
];
