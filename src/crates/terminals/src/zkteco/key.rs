//! How the key of a device is shown to it. One capture gives it away: the line is as good as open.

/// The turns that everybody uses.
pub const TICKS: u8 = 50;

/// The key as AUTH carries it.
pub fn scramble(key: u32, session: u16, ticks: u8) -> [u8; 4] {
    let mixed = key.reverse_bits().wrapping_add(u32::from(session)).to_le_bytes();
    let [_, b1, b2, b3] = [mixed[0] ^ b'Z', mixed[1] ^ b'K', mixed[2] ^ b'S', mixed[3] ^ b'O'];
    // The halves change places; what came from the low byte is replaced by the turns.
    [b2 ^ ticks, b3 ^ ticks, ticks, b1 ^ ticks]
}
