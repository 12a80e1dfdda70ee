//! ZKTeco: the binary protocol of port 4370, and PUSH (ADMS) over HTTP.
//!
//! `frame` cuts what comes in, `request` writes what goes out, `bulk` puts long answers together, `users`, `attendance`
//! and `realtime` read records, `adms` is the other protocol. Codes that erase a log, all people or the rights of administrators,
//! or that switch a device off, are not written down here, so that nothing can send them.

pub mod adms;
pub mod answer;
pub mod attendance;
pub mod bulk;
pub mod code;
pub mod frame;
pub mod fuzz;
pub mod key;
pub mod meaning;
pub mod realtime;
pub mod request;
pub mod time;
pub mod users;

#[cfg(test)]
mod tests;

/// Text that is filled up with zeros. What is no letter is left out.
pub(crate) fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default());
    text.chars().filter(|letter| !letter.is_control()).collect::<String>().trim().to_owned()
}

/// Two bytes from somewhere, the low one first.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

/// Four bytes from somewhere, the low one first.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}
