//! Settings that the appliance has sent: kept beside the identity, taken with the next start.

use std::io;
use std::path::Path;
use std::path::PathBuf;

use nazorat_wire::Order;
use nazorat_wire::Tuning;
use serde_json::Value;

use crate::store::write_durably;

fn file(folder: &Path) -> PathBuf {
    folder.join("tuning.json")
}

/// What was sent last; nothing when nothing was, or when it cannot be read. Blocks.
pub fn read_tuning(folder: &Path) -> Option<Tuning> {
    let bytes = std::fs::read(file(folder)).ok()?;
    let fields: Value = serde_json::from_slice(&bytes).ok()?;
    match Order::parse("apply_config", fields.as_object()?) {
        Ok(Order::ApplyConfig(tuning)) => Some(tuning),
        other => {
            tracing::warn!("settings from the appliance cannot be used and are left out: {other:?}");
            None
        }
    }
}

/// Keeps settings; what they do not name stays as it was sent before. Durable on return; blocks.
pub(super) fn keep(folder: &Path, tuning: Tuning) -> io::Result<Tuning> {
    let before = read_tuning(folder).unwrap_or_default();
    let merged = Tuning {
        bytes_per_second: tuning.bytes_per_second.or(before.bytes_per_second),
        buffer_bytes: tuning.buffer_bytes.or(before.buffer_bytes),
    };
    let text = Value::Object(Order::ApplyConfig(merged).payload()).to_string();
    write_durably(&file(folder), text.as_bytes())?;
    Ok(merged)
}

/// Puts what was sent over what the administrator wrote.
pub fn apply_tuning(tuning: Option<Tuning>, bytes_per_second: &mut Option<u64>, buffer_bytes: &mut u64) {
    let Some(tuning) = tuning else { return };
    if let Some(limit) = tuning.bytes_per_second {
        *bytes_per_second = Some(limit).filter(|limit| *limit > 0);
    }
    if let Some(bytes) = tuning.buffer_bytes {
        *buffer_bytes = bytes;
    }
}

#[cfg(test)]
mod tests {
    use nazorat_wire::Tuning;

    use super::apply_tuning;
    use super::file;
    use super::keep;
    use super::read_tuning;

    #[test]
    fn settings_are_taken_with_the_next_start_and_add_up() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_tuning(folder.path()), None);
        keep(folder.path(), Tuning { bytes_per_second: Some(64_000), buffer_bytes: None }).unwrap();
        keep(folder.path(), Tuning { bytes_per_second: None, buffer_bytes: Some(1 << 30) }).unwrap();
        let (mut limit, mut buffer) = (None, 2 << 30);
        apply_tuning(read_tuning(folder.path()), &mut limit, &mut buffer);
        assert_eq!((limit, buffer), (Some(64_000), 1 << 30));
        keep(folder.path(), Tuning { bytes_per_second: Some(0), buffer_bytes: None }).unwrap();
        apply_tuning(read_tuning(folder.path()), &mut limit, &mut buffer);
        assert_eq!((limit, buffer), (None, 1 << 30));
        std::fs::write(file(folder.path()), "{\"server\":\"https://other\"}").unwrap();
        assert_eq!(read_tuning(folder.path()), None);
    }
}
