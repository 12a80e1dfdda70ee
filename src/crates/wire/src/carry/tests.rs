//! Every change of a file is noticed where it stands.

use crate::carry::CarryError;
use crate::carry::Frames;
use crate::carry::Head;
use crate::carry::Label;
use crate::carry::Opened;
use crate::carry::Opener;
use crate::carry::Piece;
use crate::carry::Sealer;
use crate::carry::Totals;
use crate::carry::key_id;

const SECRET: [u8; 32] = [7; 32];

fn head() -> Head {
    Head {
        source: "0195".to_owned(),
        server: "https://nazorat.example.com:8443".to_owned(),
        made_at: "2026-11-23T09:00:00Z".parse().unwrap(),
        made_with: "0.1.0".to_owned(),
        key: key_id(&SECRET),
        salt: "ab".repeat(32),
    }
}

fn pieces() -> Vec<Piece> {
    let batch = |number: u64| Piece {
        label: Label::Batch { name: format!("gw:{}:{number}", "cd".repeat(16)), events: number },
        body: vec![b'x'; 40],
    };
    let (path, content_type) = ("/v2/ingest/screenshots".to_owned(), "multipart/form-data; boundary=x".to_owned());
    let picture = Piece { label: Label::Screenshot { path, content_type, name: None }, body: vec![0; 9] };
    vec![batch(1), batch(2), picture]
}

fn totals() -> Totals {
    Totals { batches: 2, events: 3, screenshots: 1, bytes: 89, ..Totals::default() }
}

fn file() -> Vec<u8> {
    let (mut sealer, mut bytes) = Sealer::begin(&head(), &SECRET);
    for piece in pieces() {
        bytes.extend(sealer.seal(&piece).unwrap());
    }
    bytes.extend(sealer.end(&totals()));
    bytes
}

/// What can be had of a file before the place where it is damaged.
fn read(bytes: &[u8], secret: &[u8; 32]) -> (Vec<Piece>, Result<Totals, CarryError>) {
    let mut got = Vec::new();
    let mut frames = match Frames::open(bytes) {
        Ok(frames) => frames,
        Err(problem) => return (got, Err(problem)),
    };
    let mut opener = match Opener::new(frames.raw_head(), secret) {
        Ok(opener) => opener,
        Err(problem) => return (got, Err(problem)),
    };
    loop {
        let opened = frames.read_next().and_then(|frame| {
            let frame = frame.ok_or(CarryError::Foreign)?;
            opener.open(frame.letter, &frame.body)
        });
        match opened {
            Ok(Opened::Piece(piece)) => got.push(piece),
            Ok(Opened::End(totals)) => return (got, frames.read_next().map(|_| totals)),
            Err(problem) => return (got, Err(problem)),
        }
    }
}

#[test]
fn what_was_sealed_is_opened() {
    let (got, end) = read(&file(), &SECRET);
    assert_eq!((got, end.unwrap()), (pieces(), totals()));
    let good = file();
    let mut frames = Frames::open(&*good).unwrap();
    assert_eq!(frames.head(), &head());
    let told = std::iter::from_fn(|| frames.read_next().unwrap()).filter_map(|frame| frame.told()).collect::<Vec<_>>();
    assert_eq!(told, [totals()], "what it holds is told without the key");
}

#[test]
fn a_finder_reads_nothing_of_the_pieces() {
    let text = String::from_utf8_lossy(&file()).into_owned();
    assert!(!text.contains("xxxx") && !text.contains("gw:cdcd") && !text.contains("ingest"), "{text}");
    let (got, end) = read(&file(), &[8; 32]);
    assert!(got.is_empty() && matches!(end, Err(CarryError::Sealed)), "{end:?}");
}

#[test]
fn every_changed_byte_is_noticed_and_what_stands_before_it_is_kept() {
    let good = file();
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let (got, end) = read(&bytes, &SECRET);
        assert!(end.is_err(), "byte {at}");
        assert_eq!(got, pieces()[..got.len()], "byte {at}");
    }
}

#[test]
fn a_file_that_is_cut_short_is_no_whole_file() {
    let good = file();
    for length in 0..good.len() {
        assert!(read(&good[..length], &SECRET).1.is_err(), "{length}");
    }
    let longer = [&good[..], b"x"].concat();
    assert!(matches!(read(&longer, &SECRET).1, Err(CarryError::Damaged(_))));
}

#[test]
fn frames_of_a_file_cannot_be_left_out_or_change_places() {
    let good = file();
    let mut places = Vec::new();
    let mut frames = Frames::open(&*good).unwrap();
    while let Some(frame) = frames.read_next().unwrap() {
        places.push(usize::try_from(frame.at).unwrap());
    }
    places.push(good.len());
    let part = |frame: usize| &good[places[frame]..places[frame + 1]];
    let start = &good[..places[0]];
    for order in [&[1, 2, 3][..], &[1, 0, 2, 3], &[0, 1, 3], &[0, 0, 1, 2, 3], &[3]] {
        let parts: Vec<&[u8]> = order.iter().map(|frame| part(*frame)).collect();
        let (_, end) = read(&[start, &parts.concat()].concat(), &SECRET);
        assert!(matches!(end, Err(CarryError::Sealed)), "{order:?} {end:?}");
    }
}
