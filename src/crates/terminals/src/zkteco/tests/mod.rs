//! The worked vectors of the reference, each once.

mod adms;
mod binary;
mod records;

/// Bytes that are written as in the reference.
fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}
