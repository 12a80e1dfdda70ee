//! Reading the sources and laying them over each other.

use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize as _;
use toml::Table;
use toml::Value;

use super::Config;

/// Where the file of an installed appliance stands; it is read when no other is named.
const INSTALLED: &str = "/etc/nazorat/nazorat.toml";
/// What settings in the environment begin with.
const PREFIX: &str = "NAZORAT_";

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("configuration file {path} cannot be read")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file says something that is not understood.
    #[error("configuration file {path}, line {line}: {key}: {message}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Section and key, as far as known.
        key: String,
        /// What is wrong.
        message: String,
    },
    /// A variable says something that is not understood.
    #[error("environment variable {name}: {key}: {message}")]
    Variable {
        /// Its name.
        name: String,
        /// Section and key.
        key: String,
        /// What is wrong.
        message: String,
    },
    /// A value is understood, but cannot be meant.
    #[error("{key}: {message}")]
    Value {
        /// Section and key.
        key: &'static str,
        /// What is wrong and what to write instead.
        message: String,
    },
}

/// Everything that the configuration is made of.
#[derive(Debug, Default)]
pub struct Sources {
    /// `--config`.
    pub file: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// The environment of the process.
    pub environment: Vec<(OsString, OsString)>,
}

impl Sources {
    /// The sources of this process.
    pub fn of_process(file: Option<PathBuf>, data_dir: Option<PathBuf>) -> Self {
        Self { file, data_dir, environment: std::env::vars_os().collect() }
    }

    /// Reads them all; later ones win.
    pub fn load(&self) -> Result<Config, ConfigError> {
        let mut table = match &self.file {
            Some(path) => read(path)?,
            None => read_if_there(Path::new(INSTALLED))?,
        };
        for (name, value) in &self.environment {
            let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
            if let Some((section, key)) = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once("__")) {
                let (section, key) = (section.to_lowercase(), key.to_lowercase());
                let value = read_variable(name, &section, &key, value)?;
                set(&mut table, &section, &key, value);
            }
        }
        if let Some(folder) = &self.data_dir {
            set(&mut table, "storage", "data_dir", Value::String(folder.to_string_lossy().into_owned()));
        }
        // Each source was held to the same shape before, so this cannot fail on anything but a defect of ours.
        Config::deserialize(Value::Table(table))
            .map_err(|problem| ConfigError::Value { key: "configuration", message: problem.message().to_owned() })
    }
}

fn read_if_there(path: &Path) -> Result<Table, ConfigError> {
    match read(path) {
        Err(ConfigError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(Table::new()),
        other => other,
    }
}

fn read(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<Table, ConfigError> {
    let refuse = |problem: toml::de::Error| {
        let (line, key) = place(text, problem.span());
        ConfigError::File { path: path.to_owned(), line, key, message: explain(problem.message()) }
    };
    toml::from_str::<Config>(text).map_err(refuse)?;
    toml::from_str(text).map_err(refuse)
}

/// A variable is text; the key decides whether a number or a switch is meant.
fn read_variable(name: &str, section: &str, key: &str, text: &str) -> Result<Value, ConfigError> {
    let check = |value: Value| {
        let mut table = Table::new();
        set(&mut table, section, key, value.clone());
        Config::deserialize(Value::Table(table)).map(|_| value)
    };
    let literal = text.parse::<Value>().ok().and_then(|value| check(value).ok());
    literal.map_or_else(|| check(Value::String(text.to_owned())), Ok).map_err(|problem| ConfigError::Variable {
        name: name.to_owned(),
        key: format!("[{section}] {key}"),
        message: explain(problem.message()),
    })
}

fn set(table: &mut Table, section: &str, key: &str, value: Value) {
    let section = table.entry(section.to_owned()).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(section) = section {
        section.insert(key.to_owned(), value);
    }
}

/// The line of an error, and the key that stands there.
fn place(text: &str, span: Option<Range<usize>>) -> (usize, String) {
    let start = span.map_or(0, |span| span.start).min(text.len());
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count();
    let mut section = "";
    let mut key = "";
    for (number, content) in text.lines().enumerate().take(line + 1) {
        let content = content.trim();
        if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name.trim();
            key = "";
        } else if let Some((name, _)) = content.split_once('=')
            && number <= line
            && !content.starts_with('#')
        {
            key = name.trim();
        }
    }
    let place = match (section, key) {
        ("", "") => "configuration".to_owned(),
        ("", key) => key.to_owned(),
        (section, "") => format!("[{section}]"),
        (section, key) => format!("[{section}] {key}"),
    };
    (line + 1, place)
}

/// The words of serde in the words of this program.
fn explain(message: &str) -> String {
    message.trim().replace("unknown field", "unknown key").replace(['\n', '\r'], "; ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Sources;
    use super::parse;
    use crate::config::Config;
    use crate::config::ConfigError;

    fn environment(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let environment = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Sources { environment, ..Sources::default() }.load()
    }

    fn refused(text: &str) -> String {
        parse(Path::new("nazorat.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_is_named_with_its_file_and_line() {
        let message = refused("[http]\n# a comment\nlisten = \"127.0.0.1:1\"\nlisen = \"127.0.0.1:2\"\n");
        assert!(
            message.starts_with("configuration file nazorat.toml, line 4: [http] lisen: unknown key `lisen`, expected"),
            "{message}"
        );
        assert!(refused("[htp]\n").contains("line 1: [htp]: unknown key `htp`"));
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_named_with_its_file_and_line() {
        assert_eq!(
            refused("\n[ingest]\nactivitywatch = \"yes\""),
            "configuration file nazorat.toml, line 3: [ingest] activitywatch: \
             invalid type: string \"yes\", expected a boolean"
        );
        assert!(refused("[http]\nplain = \"8080\"").contains("line 2: [http] plain: \"8080\" is not an address"));
        assert!(refused("[http\n").contains("line 1"));
    }

    #[test]
    fn the_environment_wins_and_is_held_to_the_same_rules() {
        let config = environment(&[
            ("NAZORAT_INGEST__ACTIVITYWATCH", "true"),
            ("NAZORAT_INGEST__ACCEPT_DAYS", "7"),
            ("NAZORAT_STORAGE__DATA_DIR", "/srv/1"),
            ("NAZORAT_TELEMETRY__LOG", "debug"),
            ("UNRELATED__KEY", "x"),
        ]);
        let config = config.unwrap();
        assert!(config.ingest.activitywatch && config.ingest.accept_days == 7);
        assert_eq!((config.storage.data_dir.as_str(), config.telemetry.log.as_str()), ("/srv/1", "debug"));
        let message = environment(&[("NAZORAT_HTTP__LISEN", "x")]).unwrap_err().to_string();
        assert!(
            message.starts_with("environment variable NAZORAT_HTTP__LISEN: [http] lisen: unknown key"),
            "{message}"
        );
        let message = environment(&[("NAZORAT_INGEST__ACTIVITYWATCH", "maybe")]).unwrap_err().to_string();
        assert!(message.contains("NAZORAT_INGEST__ACTIVITYWATCH"), "{message}");
    }
}
