//! Torn ends and flipped bits, on real files.

use std::fs;
use std::path::Path;

use nazorat_spool::OpenReport;
use nazorat_spool::Spool;
use proptest::prelude::ProptestConfig;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::proptest;

use crate::support::open;
use crate::support::options;
use crate::support::put;
use crate::support::read_all;
use crate::support::record;
use crate::support::segments;
use crate::support::texts;

const HEADER: usize = 36;
const SEGMENT_HEADER: usize = 64;

/// A closed spool with these payloads in one segment, and that segment's bytes.
fn filled(dir: &Path, payloads: &[&str]) -> Vec<u8> {
    let (spool, _) = open(dir, options());
    put(&spool, payloads.iter().copied());
    drop(spool);
    fs::read(&segments(dir)[0]).unwrap()
}

fn reopen_with(dir: &Path, bytes: &[u8]) -> (Spool, OpenReport) {
    fs::write(&segments(dir)[0], bytes).unwrap();
    open(dir, options())
}

fn quarantined(dir: &Path) -> Vec<Vec<u8>> {
    fs::read_dir(dir.join("quarantine")).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
}

/// F02.
#[test]
fn gw_torn_tail_every_byte() {
    let payloads = ["first", "second", "the third", "and the fourth"];
    let dir = tempfile::tempdir().unwrap();
    let bytes = filled(dir.path(), &payloads);
    let second_ends = SEGMENT_HEADER + 2 * HEADER + "firstsecond".len();
    let third_ends = second_ends + HEADER + "the third".len();
    for len in second_ends..=bytes.len() {
        let image = tempfile::tempdir().unwrap();
        fs::create_dir(image.path().join("quarantine")).unwrap();
        fs::copy(dir.path().join("state"), image.path().join("state")).unwrap();
        let segment = image.path().join(segments(dir.path())[0].file_name().unwrap());
        fs::write(&segment, &bytes[..len]).unwrap();
        let whole = 2 + usize::from(len >= third_ends) + usize::from(len == bytes.len());
        let good = [second_ends, third_ends, bytes.len()][whole - 2];

        let (spool, report) = open(image.path(), options());
        assert_eq!(report.torn_bytes, (len - good) as u64, "cut at {len}");
        assert_eq!(spool.stats().torn_tails, u64::from(len != good), "cut at {len}");
        assert_eq!(report.set_aside, 0, "cut at {len}");
        assert_eq!(texts(&read_all(&spool)), payloads[..whole], "cut at {len}");
        assert_eq!(spool.append(record(1, "new")).wait().unwrap(), whole as u64 + 1);
        drop(spool);
        let (spool, report) = open(image.path(), options());
        assert_eq!(report.torn_bytes, 0, "the cut at {len} was not kept");
        assert_eq!(texts(&read_all(&spool)).len(), whole + 1);
    }
}

/// F03.
#[test]
fn gw_bitflip_mid_segment() {
    let payloads = ["first", "the damaged one", "third", "fourth"];
    let start = SEGMENT_HEADER + HEADER + "first".len();
    for place in 0..HEADER + payloads[1].len() {
        let dir = tempfile::tempdir().unwrap();
        let mut bytes = filled(dir.path(), &payloads);
        bytes[start + place] ^= 1 << (place % 8);
        let damaged = bytes[start..start + HEADER + payloads[1].len()].to_vec();
        let (spool, report) = reopen_with(dir.path(), &bytes);
        assert_eq!((report.set_aside, report.torn_bytes), (1, 0), "bit flipped at {place}");
        assert_eq!(texts(&read_all(&spool)), ["first", "third", "fourth"], "bit flipped at {place}");
        assert_eq!(quarantined(dir.path()), [damaged]);
        assert_eq!(spool.stats().damaged, 1, "reading counted the damage again");
        assert_eq!(spool.append(record(1, "new")).wait().unwrap(), 5);
    }
}

#[test]
fn a_zeroed_page_costs_only_the_records_it_touches() {
    let dir = tempfile::tempdir().unwrap();
    let payloads: Vec<String> = (0..300).map(|place| format!("{place:0100}")).collect();
    let names: Vec<&str> = payloads.iter().map(String::as_str).collect();
    let mut bytes = filled(dir.path(), &names);
    bytes[8192..12288].fill(0);
    let (spool, report) = reopen_with(dir.path(), &bytes);
    let read = texts(&read_all(&spool));
    let size = HEADER + 100;
    let touched = (12288 - SEGMENT_HEADER).div_ceil(size) - (8192 - SEGMENT_HEADER) / size;
    assert_eq!(read.len(), 300 - touched);
    assert!(read.iter().all(|text| payloads.contains(text)));
    assert!((1..=2).contains(&report.set_aside));
}

#[test]
fn damage_in_an_older_segment_is_found_when_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut small = options();
    small.segment_bytes = 4096;
    let (spool, _) = open(dir.path(), small.clone());
    for place in 0..20_u8 {
        spool.append(record(1, vec![place; 1000])).wait().unwrap();
    }
    drop(spool);
    let path = segments(dir.path())[1].clone();
    let mut bytes = fs::read(&path).unwrap();
    bytes[SEGMENT_HEADER + HEADER + 500] ^= 4;
    bytes[0] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let (spool, report) = open(dir.path(), small);
    assert_eq!(report.set_aside, 1, "the head of the segment");
    assert_eq!(read_all(&spool).len(), 19);
    assert_eq!(read_all(&spool).len(), 19);
    assert_eq!(spool.stats().damaged, 2);
}

#[test]
fn a_record_inside_a_damaged_payload_is_not_taken_for_one() {
    let donor = tempfile::tempdir().unwrap();
    let image = filled(donor.path(), &["forged"]);
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), options());
    // The attacker even knows the epoch: the record is copied out of this spool's own segment.
    put(&spool, ["forged"]);
    let own = fs::read(&segments(dir.path())[0]).unwrap();
    spool.append(record(1, [&own[SEGMENT_HEADER..], &image[SEGMENT_HEADER..]].concat())).wait().unwrap();
    put(&spool, ["honest"]);
    drop(spool);
    let mut bytes = fs::read(&segments(dir.path())[0]).unwrap();
    bytes[own.len()] ^= 1;
    let (spool, report) = reopen_with(dir.path(), &bytes);
    assert_eq!(texts(&read_all(&spool)), ["forged", "honest"]);
    assert_eq!(report.set_aside, 1);
}

#[test]
fn a_lost_state_file_is_made_again_with_the_same_epoch() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), &["a", "b"]);
    for damage in [None, Some(vec![0; 8192]), Some(Vec::new())] {
        let state = dir.path().join("state");
        let before = open(dir.path(), options()).1;
        match damage {
            Some(bytes) => fs::write(&state, bytes).unwrap(),
            None => fs::remove_file(&state).unwrap(),
        }
        let (spool, report) = open(dir.path(), options());
        assert!(report.state_rebuilt && !report.created);
        assert_eq!(report.epoch, before.epoch);
        assert_eq!(texts(&read_all(&spool)), ["a", "b"]);
    }
}

#[test]
fn one_damaged_state_slot_costs_at_most_the_last_step() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), options());
    put(&spool, ["a", "b", "c"]);
    for seq in 1..=3 {
        spool.set_cursor("applied", seq).unwrap();
    }
    drop(spool);
    let path = dir.path().join("state");
    let good = fs::read(&path).unwrap();
    for place in [10, 4096 + 10] {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        fs::write(&path, bytes).unwrap();
        let (spool, report) = open(dir.path(), options());
        assert!(!report.state_rebuilt);
        assert!((2..=3).contains(&spool.cursor("applied")));
    }
}

#[test]
fn a_segment_of_another_spool_is_moved_aside() {
    let other = tempfile::tempdir().unwrap();
    filled(other.path(), &["not ours"]);
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), &["ours"]);
    let to = dir.path().join("00000000000000000007.seg");
    fs::copy(&segments(other.path())[0], &to).unwrap();
    let (spool, report) = open(dir.path(), options());
    assert_eq!(report.foreign, 1);
    assert_eq!(texts(&read_all(&spool)), ["ours"]);
    assert!(!to.exists() && dir.path().join("quarantine/00000000000000000007.seg").exists());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_invents_a_record_or_stops_the_spool(
        edits in proptest::collection::vec((any::<u16>(), any::<u8>(), 1_usize..200), 1..6),
        cut in any::<u16>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let payloads: Vec<String> = (0..20).map(|place| format!("{place}").repeat(place * 3)).collect();
        let names: Vec<&str> = payloads.iter().map(String::as_str).collect();
        let mut bytes = filled(dir.path(), &names);
        for (place, value, len) in edits {
            let at = usize::from(place) % bytes.len();
            let end = (at + len).min(bytes.len());
            bytes[at..end].fill(value);
        }
        if cut % 2 == 0 {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        let (spool, _) = reopen_with(dir.path(), &bytes);
        for record in read_all(&spool) {
            prop_assert!(payloads[record.seq as usize - 1].as_bytes() == record.payload);
        }
        let seq = spool.append(record(1, "new")).wait().unwrap();
        prop_assert!(read_all(&spool).last().unwrap().seq == seq);
    }
}
