//! How deep a JSON value nests, found without recursion.

/// Deepest nesting that an event may have.
pub const MAX_DEPTH: usize = 32;

/// True when the JSON nests deeper than [`MAX_DEPTH`]. The text must be valid JSON.
pub(crate) fn too_deep(json: &str) -> bool {
    let mut depth = 0_usize;
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'"' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::too_deep;

    #[test]
    fn brackets_inside_of_strings_do_not_count() {
        let quoted = format!("{{\"title\":\"{}\\\"[\"}}", "[".repeat(100));
        assert!(!too_deep(&quoted));
        assert!(too_deep(&"[".repeat(33)));
        assert!(!too_deep(&format!("{}{}", "[".repeat(32), "]".repeat(32))));
    }
}
