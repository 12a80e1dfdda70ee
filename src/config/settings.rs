//! From what the administrator wrote to what each mode receives.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use super::Config;
use super::ConfigError;
use crate::agent;
use crate::appliance;
use crate::gateway;
use crate::kernel::SecretText;
use crate::kernel::Zone;
use crate::kernel::with_causes;
use crate::runtime::machine;
use crate::runtime::telemetry;
use crate::store::FilesConfig;
use crate::store::S3Config;
use crate::uplink::Authority;
use crate::uplink::HopConfig;
use crate::uplink::HopError;

impl Config {
    /// What `nazorat serve` needs; values that cannot be meant are refused here.
    pub fn appliance(&self) -> Result<appliance::Config, ConfigError> {
        if self.http.devices.address().is_some() {
            return Err(refuse("[http] devices", "this version has no listener for devices; write \"off\""));
        }
        Ok(appliance::Config {
            data_dir: self.data_dir()?,
            listeners: self.listeners()?,
            files: self.files()?,
            memory_limit: self.memory_limit()?,
            activitywatch: self.ingest.activitywatch,
            accept_days: match self.ingest.accept_days {
                days @ 1..=3650 => days,
                days => return Err(refuse("[ingest] accept_days", &format!("{days} is not between 1 and 3650"))),
            },
            sessions: appliance::SessionLimits {
                idle: minutes("[sessions] idle_minutes", self.sessions.idle_minutes, 1)?,
                absolute: minutes("[sessions] absolute_hours", self.sessions.absolute_hours, 60)?,
            },
            become_gateway: None,
        })
    }

    /// What `nazorat agent` needs; values that cannot be meant are refused here.
    pub fn agent(&self) -> Result<agent::Config, ConfigError> {
        let settings = &self.agent;
        let Some(listen) = settings.listen.address().filter(|address| address.ip().is_loopback()) else {
            return Err(refuse(
                "[agent] listen",
                "must be an address of this machine only, such as \"127.0.0.1:5600\"",
            ));
        };
        Ok(agent::Config {
            data_dir: self.data_dir()?,
            listen,
            hop: hop(AGENT_KEYS, (&settings.forward_to, &settings.ca_file), || {
                secret(AGENT_KEYS[1], &settings.key_file)
            })?,
            buffer_bytes: amount("[agent] buffer", &settings.buffer)?,
            buffer_age: days("[agent] buffer_days", settings.buffer_days)?,
            watch: settings.watch,
        })
    }

    /// What `nazorat agent --join` needs.
    pub fn agent_join(&self) -> Result<agent::Join, ConfigError> {
        let settings = &self.agent;
        let Some(key_file) = filled(&settings.key_file) else {
            return Err(refuse(AGENT_KEYS[1], "is empty; name the file that the key is to be written to"));
        };
        let hop = hop(AGENT_KEYS, (&settings.forward_to, &settings.ca_file), || Ok(SecretText::new("")))?;
        Ok(agent::Join { data_dir: self.data_dir()?, hop, key_file: PathBuf::from(key_file) })
    }

    /// What `nazorat gateway` needs; values that cannot be meant are refused here.
    pub fn gateway(&self) -> Result<gateway::Config, ConfigError> {
        let settings = &self.gateway;
        let Some(listen) = settings.listen.address() else {
            return Err(refuse("[gateway] listen", "cannot be \"off\"; nobody could send anything"));
        };
        Ok(gateway::Config {
            data_dir: self.data_dir()?,
            listen,
            devices: settings.devices.address(),
            adapters: match filled(&settings.adapters).map(PathBuf::from) {
                Some(folder) if !folder.is_absolute() || !folder.is_dir() => {
                    let message = format!("{} is no folder; name one from / on", folder.display());
                    return Err(refuse("[gateway] adapters", &message));
                }
                folder => folder,
            },
            hop: match filled(&settings.server) {
                Some(server) => Some(hop(GATEWAY_KEYS, (&server, &settings.ca_file), || {
                    secret(GATEWAY_KEYS[1], &settings.key_file)
                })?),
                None => None,
            },
            buffer_bytes: amount("[gateway] buffer", &settings.buffer)?,
            buffer_age: days("[gateway] buffer_days", settings.buffer_days)?,
            bytes_per_second: match settings.limit_kb_per_second {
                0 => None,
                limit => Some(u64::from(limit) * 1_000),
            },
            zone: Zone::parse(&settings.time_zone)
                .map_err(|problem| refuse("[gateway] time_zone", &problem.to_string()))?,
            activitywatch: self.ingest.activitywatch,
            find: gateway::Ways::default(),
        })
    }

    /// Logs and traces.
    pub fn telemetry(&self) -> Result<telemetry::Config, ConfigError> {
        let config = telemetry::Config {
            log: self.telemetry.log.clone(),
            format: self.telemetry.format,
            otlp_endpoint: filled(&self.telemetry.otlp_endpoint),
        };
        config.check().map_err(|problem| refuse("[telemetry] log", &problem.to_string()))?;
        Ok(config)
    }

    /// The data folder.
    pub fn data_dir(&self) -> Result<PathBuf, ConfigError> {
        match self.storage.data_dir.trim() {
            "" => Err(refuse("[storage] data_dir", "is empty; name a folder")),
            folder => Ok(PathBuf::from(folder)),
        }
    }

    fn listeners(&self) -> Result<appliance::ListenConfig, ConfigError> {
        let (certificate, key) = (filled(&self.http.tls_certificate), filled(&self.http.tls_key));
        let own_certificate = match (certificate, key) {
            (Some(certificate), Some(key)) => {
                Some((readable("[http] tls_certificate", &certificate)?, readable("[http] tls_key", &key)?))
            }
            (None, None) => None,
            (Some(_), None) => return Err(refuse("[http] tls_key", "is empty, but [http] tls_certificate is set")),
            (None, Some(_)) => return Err(refuse("[http] tls_certificate", "is empty, but [http] tls_key is set")),
        };
        let Some(main) = self.http.listen.address() else {
            return Err(refuse("[http] listen", "cannot be \"off\"; nobody could reach the appliance"));
        };
        for name in &self.http.names {
            let plain =
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-*".contains(&byte));
            if !plain {
                return Err(refuse("[http] names", &format!("{name:?} is not a DNS name")));
            }
        }
        Ok(appliance::ListenConfig {
            main,
            plain: self.http.plain.address(),
            names: self.http.names.clone(),
            own_certificate,
        })
    }

    fn files(&self) -> Result<FilesConfig, ConfigError> {
        let storage = &self.storage;
        let Some(place) = filled(&storage.files) else { return Ok(FilesConfig::InDataFolder) };
        let Some(bucket) = place.strip_prefix("s3://") else { return Ok(FilesConfig::Folder(PathBuf::from(place))) };
        let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
        if bucket.is_empty() {
            return Err(refuse("[storage] files", "names no bucket; write \"s3://BUCKET\" or \"s3://BUCKET/PREFIX\""));
        }
        let Some(secret) = filled(&storage.s3_secret_key_file) else {
            return Err(refuse("[storage] s3_secret_key_file", "is empty, but [storage] files is in S3"));
        };
        let secret = std::fs::read_to_string(&secret).map_err(|problem| {
            refuse("[storage] s3_secret_key_file", &format!("{secret} cannot be read: {problem}"))
        })?;
        Ok(FilesConfig::S3(S3Config {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: filled(&storage.s3_endpoint),
            region: storage.s3_region.clone(),
            access_key: storage.s3_access_key.clone(),
            secret_key: SecretText::new(secret.trim()),
        }))
    }

    fn memory_limit(&self) -> Result<u64, ConfigError> {
        let text = self.storage.memory_limit.trim();
        if text.is_empty() {
            return Ok((available_memory().unwrap_or(4 << 30) / 4).clamp(128 << 20, 8 << 30));
        }
        amount("[storage] memory_limit", text)
    }
}

/// What the control group or the machine has.
fn available_memory() -> Option<u64> {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib << 10)
    });
    let group = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(group).min()
}

/// An amount of bytes, at least 64 MB.
fn amount(key: &'static str, text: &str) -> Result<u64, ConfigError> {
    let text = text.trim();
    let split = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit: u64 = match unit.trim().to_ascii_uppercase().as_str() {
        "KB" | "KIB" => 1 << 10,
        "MB" | "MIB" => 1 << 20,
        "GB" | "GIB" => 1 << 30,
        _ => 0,
    };
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)) {
        Some(bytes) if bytes >= 64 << 20 => Ok(bytes),
        Some(bytes) if bytes > 0 => Err(refuse(key, "is less than 64MB")),
        _ => Err(refuse(key, &format!("{text:?} is not an amount; write such as \"512MB\""))),
    }
}

fn minutes(key: &'static str, count: u32, minutes_each: u64) -> Result<Duration, ConfigError> {
    let limit = 366 * 24 * 60;
    match u64::from(count) * minutes_each {
        0 => Err(refuse(key, "cannot be 0")),
        total if total > limit => Err(refuse(key, "is more than a year")),
        total => Ok(Duration::from_secs(total * 60)),
    }
}

/// Days that something may wait at the edge; what is older than 60 the appliance refuses anyway.
fn days(key: &'static str, days: u16) -> Result<Duration, ConfigError> {
    match days {
        1..=60 => Ok(Duration::from_secs(u64::from(days) * 24 * 3_600)),
        _ => Err(refuse(key, "must be 1 to 60")),
    }
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn readable(key: &'static str, path: &str) -> Result<PathBuf, ConfigError> {
    match std::fs::File::open(Path::new(path)) {
        Ok(_) => Ok(PathBuf::from(path)),
        Err(problem) => Err(refuse(key, &format!("{path} cannot be read: {problem}"))),
    }
}

/// Keys of the configuration that say where to send: address, file of the API key, file of authorities.
type HopKeys = [&'static str; 3];
const AGENT_KEYS: HopKeys = ["[agent] forward_to", "[agent] key_file", "[agent] ca_file"];
const GATEWAY_KEYS: HopKeys = ["[gateway] server", "[gateway] key_file", "[gateway] ca_file"];

fn hop(
    keys: HopKeys,
    (url, ca_file): (&str, &str),
    key: impl FnOnce() -> Result<SecretText, ConfigError>,
) -> Result<HopConfig, ConfigError> {
    let Some(url) = filled(url) else {
        let message = "is empty; write the address of the appliance, such as \"https://nazorat.example.com:8443\"";
        return Err(refuse(keys[0], message));
    };
    let hop = HopConfig {
        url,
        key: key()?,
        authority: filled(ca_file).map(|path| Authority::File(path.into())),
        identity: None,
    };
    hop.check().map_err(|problem| match problem {
        HopError::Address(_) => refuse(keys[0], &problem.to_string()),
        _ => refuse(keys[2], &with_causes(&problem)),
    })?;
    Ok(hop)
}

/// The API key in a file that nobody else may read.
fn secret(key: &'static str, path: &str) -> Result<SecretText, ConfigError> {
    let Some(path) = filled(path) else {
        let message = "is empty; put a key (`nazorat api-key create` on the appliance) into a file and name it here";
        return Err(refuse(key, message));
    };
    match machine::read_secret(Path::new(&path)) {
        Ok(secret) if secret.is_empty() => Err(refuse(key, &format!("{path} is empty"))),
        Ok(secret) => Ok(SecretText::new(secret)),
        Err(problem) => Err(refuse(key, &format!("{path} cannot be used: {problem}"))),
    }
}

fn refuse(key: &'static str, message: &str) -> ConfigError {
    ConfigError::Value { key, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::config::Listen;

    fn refused(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        config.appliance().err().map_or_else(String::new, |problem| problem.to_string())
    }

    #[test]
    fn values_that_cannot_be_meant_are_refused_by_name() {
        assert!(refused(|config| config.http.tls_key = "key.pem".to_owned()).starts_with("[http] tls_certificate"));
        assert!(refused(|config| config.storage.memory_limit = "lots".to_owned()).contains("\"512MB\""));
        assert!(refused(|config| config.storage.files = "s3://".to_owned()).starts_with("[storage] files"));
        assert!(refused(|config| config.ingest.accept_days = 0).starts_with("[ingest] accept_days"));
        assert!(refused(|config| config.sessions.idle_minutes = 0).starts_with("[sessions] idle_minutes"));
        assert_eq!(refused(|config| config.storage.memory_limit = "512 MiB".to_owned()), "");
    }

    #[test]
    fn an_agent_says_what_it_still_needs() {
        let refused = |change: &dyn Fn(&mut Config)| {
            let mut config = Config::default();
            change(&mut config);
            config.agent().err().map_or_else(String::new, |problem| problem.to_string())
        };
        assert!(refused(&|_| {}).starts_with("[agent] forward_to: is empty; write the address"));
        let address = |config: &mut Config| config.agent.forward_to = "https://x:8443".to_owned();
        assert!(refused(&address).starts_with("[agent] key_file: is empty; put a key"));
        let missing = |config: &mut Config| {
            address(config);
            config.agent.key_file = "no/such/file".to_owned();
        };
        assert!(refused(&missing).starts_with("[agent] key_file: no/such/file cannot be used"));
        let open = |config: &mut Config| config.agent.listen = Listen::At(([0, 0, 0, 0], 5600).into());
        assert!(refused(&open).starts_with("[agent] listen: must be an address of this machine only"));
    }

    #[test]
    fn a_log_filter_is_checked_before_anything_starts() {
        let mut config = Config::default();
        config.telemetry.log = "nazorat=loud".to_owned();
        assert!(config.telemetry().is_err());
    }
}
