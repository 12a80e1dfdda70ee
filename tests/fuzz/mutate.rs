//! Inputs by number: something of the corpus, changed a few times.

/// The longest input.
const MOST: usize = 64 * 1024;

/// What messages are made of.
const WORDS: &[&[u8]] = &[
    b"\x50\x50\x82\x7d",
    b"\xd0\x07",
    b"\xdc\x05",
    b"\xdd\x05",
    b"\xf4\x01",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\xff\xff\xff\x7f",
    b"\x00\x00\x00\x80",
    b"\t",
    b"\n",
    b"\r\n",
    b"=",
    b"&",
    b"%",
    b"?",
    b",",
    b"\0",
    b"PIN=",
    b"Card=[",
    b"time=",
    b"time_second=4294967295",
    b"event=",
    b"index=",
    b"sensor=",
    b"OPLOG ",
    b"USER ",
    b"transaction ",
    b"user ",
    b"ID=",
    b"&Return=",
    b"AttlogSum=",
    b"2026-11-23 08:30:15",
    b"2026-02-31 24:60:60",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"\xd0\x94\xd0\xb0",
    b"\xf0\x9f\x9a\xaa",
    b"\xc3",
    b"--",
    b"Content-Length: ",
    b"Content-Type: ",
    b"boundary=",
    b"<",
    b"/>",
    b"]]>",
    b"&#x0;",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\u0000",
    b"nonce=",
    b"1e999",
];

/// Dice: splitmix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap_or(0)
    }
}

/// The input with a number.
pub(crate) fn input(corpus: &[Vec<u8>], seed: u64, number: u64) -> Vec<u8> {
    let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ number.wrapping_mul(0xd6e8_feb8_6659_fd93));
    let Some(base) = corpus.get(dice.below(corpus.len())) else {
        return (0..dice.below(256)).map(|_| dice.next().to_le_bytes()[0]).collect();
    };
    let mut bytes = base.clone();
    for _ in 0..=dice.below(8) {
        change(&mut bytes, corpus, &mut dice);
    }
    bytes.truncate(MOST);
    bytes
}

fn change(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    match dice.below(11) {
        0 => flip(bytes, at, 1 << dice.below(8)),
        1 => flip(bytes, at, dice.next().to_le_bytes()[0]),
        2 => bytes.truncate(at),
        3 => put(bytes, at, WORDS[dice.below(WORDS.len())]),
        4 => write(bytes, at, WORDS[dice.below(WORDS.len())]),
        // A length that is a little wrong, or very.
        5 => {
            let near = u32::try_from(bytes.len() + dice.below(9)).unwrap_or(0).wrapping_sub(4);
            write(bytes, at, &near.to_le_bytes());
        }
        6 => write(bytes, at, &dice.next().to_le_bytes()[..1 + dice.below(8)]),
        7 => {
            let end = (at + 1 + dice.below(40)).min(bytes.len());
            bytes.drain(at.min(end)..end);
        }
        8 => {
            let end = (at + 1 + dice.below(80)).min(bytes.len());
            let again = bytes[at.min(end)..end].to_vec();
            put(bytes, dice.below(bytes.len() + 1), &again);
        }
        9 => {
            let other = &corpus[dice.below(corpus.len())];
            let from = dice.below(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => {
            let byte = dice.next().to_le_bytes()[0];
            let many = vec![byte; dice.below(300)];
            put(bytes, at, &many);
        }
    }
}

fn flip(bytes: &mut [u8], at: usize, bits: u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= bits;
    }
}

/// Puts something in between.
fn put(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    if bytes.len() < MOST {
        bytes.splice(at..at, part.iter().copied());
    }
}

/// Writes over what is there.
fn write(bytes: &mut [u8], at: usize, part: &[u8]) {
    for (place, byte) in part.iter().enumerate() {
        if let Some(field) = bytes.get_mut(at + place) {
            *field = *byte;
        }
    }
}
