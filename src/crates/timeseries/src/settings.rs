//! The engine's one instance and the settings that safety depends on.
//!
//! The initial database is `:memory:` and stays empty: a failed checkpoint of the initial database would take the whole
//! instance down, one of an attached file only that file. Every setting is read back, so that a renamed setting
//! in another version of the engine is noticed at start and not when data is lost.

use std::path::Path;

use duckdb::Connection;

use crate::config::Config;
use crate::error::EngineError;
use crate::error::OpenError;

/// Storage version of all files that are created.
pub(crate) const STORAGE_VERSION: &str = "v1.5.0";

/// A text as an SQL literal.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A path as an SQL literal.
pub(crate) fn quote_path(path: &Path) -> String {
    quote(&path.to_string_lossy())
}

struct Setting {
    name: &'static str,
    value: String,
    /// What the engine says afterwards; `None` where it rounds or rewrites the value.
    says: Option<&'static str>,
}

/// Opens the instance with all settings applied, asserted and locked.
#[expect(clippy::disallowed_methods, reason = "this is the one place where the instance of the hub is made")]
pub(crate) fn open_instance(config: &Config) -> Result<Connection, OpenError> {
    let connection = Connection::open_in_memory().map_err(EngineError::from)?;
    for setting in settings(config) {
        connection.execute_batch(&format!("SET {}={}", setting.name, setting.value)).map_err(EngineError::from)?;
    }
    for setting in settings(config) {
        assert_setting(&connection, &setting)?;
    }
    Ok(connection)
}

fn settings(config: &Config) -> Vec<Setting> {
    let fixed = |name, value: &str, says| Setting { name, value: value.to_owned(), says };
    let folders = format!("[{}, {}]", quote_path(&config.events_dir), quote_path(&config.temp_dir));
    vec![
        fixed("memory_limit", &quote(&format!("{}MiB", (config.memory_limit >> 20).max(64))), None),
        fixed("threads", &config.threads.max(1).to_string(), None),
        fixed("temp_directory", &quote_path(&config.temp_dir), None),
        fixed("max_temp_directory_size", "'2GB'", None),
        fixed("checkpoint_threshold", "'1GB'", None),
        fixed("auto_checkpoint_skip_wal_threshold", "18446744073709551615", Some("18446744073709551615")),
        fixed("preserve_insertion_order", "false", Some("false")),
        fixed("autoinstall_known_extensions", "false", Some("false")),
        fixed("autoload_known_extensions", "false", Some("false")),
        fixed("allow_community_extensions", "false", Some("false")),
        fixed("allowed_directories", &folders, None),
        fixed("enable_external_access", "false", Some("false")),
        fixed("lock_configuration", "true", Some("true")),
    ]
}

fn assert_setting(connection: &Connection, setting: &Setting) -> Result<(), OpenError> {
    let sql = format!("SELECT current_setting('{}')::VARCHAR", setting.name);
    let found: Option<String> = connection.query_row(&sql, [], |row| row.get(0)).map_err(EngineError::from)?;
    let found = found.unwrap_or_default();
    let as_wanted = match setting.says {
        Some(wanted) => found == wanted,
        None => !found.is_empty(),
    };
    if as_wanted {
        return Ok(());
    }
    Err(OpenError::Setting { name: setting.name, wanted: setting.value.clone(), found })
}
