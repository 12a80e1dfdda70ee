//! What `cargo xtask fuzz` throws bytes at, one line each.

use super::zkteco::fuzz as zkteco;

/// Names and functions. None may panic, hang for a second, or take more than half a gigabyte.
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("zkteco_frames", zkteco::fuzz_zkteco_frames),
    ("zkteco_records", zkteco::fuzz_zkteco_records),
    ("zkteco_realtime", zkteco::fuzz_zkteco_realtime),
    ("adms_bodies", zkteco::fuzz_adms_bodies),
    ("adms_answers", zkteco::fuzz_adms_answers),
];
