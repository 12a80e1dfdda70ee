//! What an installer enters for a program, and where programs may be.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use nazorat_terminals::foreign::pairs;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::adapters::DeviceError;
use crate::adapters::SettingError;
use crate::kernel::SecretText;

/// Where the customer's programs are, and where each may work.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
    work: PathBuf,
}

/// A program of a device.
pub(super) struct Settings {
    pub(super) program: String,
    pub(super) options: Vec<(String, String)>,
    pub(super) secret: Option<SecretText>,
    pub(super) doors: u16,
    pub(super) memory_bytes: u64,
}

/// JSON Schema of the settings, in the order of the form.
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["program"],
        "properties": {
            "program": {
                "type": "string", "minLength": 1, "maxLength": 64, "title": "Program",
                "description": "The name of a file in the folder that the gateway's configuration names, such as turnstile.py."
            },
            "options": {
                "type": "string", "maxLength": 2000, "title": "Settings of the program",
                "description": "What it needs to know, such as address=192.168.1.20, port=4001. Its documentation says what."
            },
            "secret": {
                "type": "string", "maxLength": 256, "writeOnly": true, "title": "Password for the program",
                "description": "If it needs one to reach the device. It gets it when it starts, and nobody else."
            },
            "doors": {
                "type": "integer", "minimum": 0, "maximum": 64, "default": 1, "title": "Doors",
                "description": "How many doors or passages the device has."
            },
            "memory_mb": {
                "type": "integer", "minimum": 32, "maximum": 16384, "default": 256, "title": "Memory at most, MB",
                "description": "A program that takes more is refused it."
            }
        }
    })
}

impl Settings {
    pub(super) fn read(map: &Map<String, Value>) -> Result<Self, SettingError> {
        let text = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default().trim();
        let number = |name: &str, usual: u64| map.get(name).and_then(Value::as_u64).unwrap_or(usual);
        let program = text("program");
        if !is_name(program) {
            let problem = "must be the name of a file: letters, digits, dots, - and _, without a folder";
            return Err(SettingError::new("program", "program", problem));
        }
        let options = pairs(text("options")).map_err(|_| {
            SettingError::new("options", "options", "must be written as NAME=VALUE, NAME=VALUE, or as a JSON object")
        })?;
        Ok(Self {
            program: program.to_owned(),
            options,
            secret: Some(text("secret")).filter(|text| !text.is_empty()).map(SecretText::new),
            doors: u16::try_from(number("doors", 1)).unwrap_or(1),
            memory_bytes: number("memory_mb", 256) << 20,
        })
    }
}

/// A name that is nothing but one: no folder, nothing hidden, nothing that anybody could read as an option.
fn is_name(text: &str) -> bool {
    let fits = (1..=64).contains(&text.len());
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    fits && plain && !text.starts_with(['.', '-'])
}

impl Programs {
    /// Programs of a folder; each device's works in a folder of its own below `work`.
    pub fn new(folder: PathBuf, work: PathBuf) -> Self {
        Self { folder, work }
    }

    /// The file of a program, if it may be run. Blocks.
    pub(super) fn find(&self, name: &str) -> Result<PathBuf, DeviceError> {
        let wrong = |told: String| Err(DeviceError::Settings(told));
        // Settings may be older than the check of names.
        if !is_name(name) {
            return wrong(format!("{name:?} is no name of a program"));
        }
        let folder = &self.folder;
        let inside = match std::fs::metadata(folder) {
            Ok(about) if about.is_dir() => about,
            _ => return wrong(format!("[gateway] adapters: {} is no folder", folder.display())),
        };
        let path = folder.join(name);
        let about = match std::fs::metadata(&path) {
            Ok(about) if about.is_file() => about,
            _ => return wrong(format!("there is no program {name} in the folder of the gateway's programs")),
        };
        if about.permissions().mode() & 0o111 == 0 {
            return wrong(format!("{name} is not executable; use chmod +x"));
        }
        for (path, about) in [(folder.as_path(), &inside), (path.as_path(), &about)] {
            if let Some(problem) = is_open(about) {
                return wrong(format!("{} {problem}; whoever can change it could run anything here", path.display()));
            }
        }
        Ok(path)
    }

    /// The folder in which the program of a device works. Blocks.
    pub(super) fn work_of(&self, device: u32) -> Result<PathBuf, DeviceError> {
        let path = self.work.join(format!("work-{device}"));
        let made = make_private(&path);
        made.map_err(|problem| DeviceError::NotKept(format!("{} cannot be made: {problem}", path.display())))?;
        Ok(path)
    }
}

fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

/// Whether somebody else than the administrator and the gateway can change a file.
fn is_open(about: &Metadata) -> Option<&'static str> {
    let own = rustix::process::geteuid().as_raw();
    if about.permissions().mode() & 0o022 != 0 {
        return Some("can be written by others; use chmod go-w");
    }
    (about.uid() != 0 && about.uid() != own).then_some("belongs to somebody else than root or the gateway")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use serde_json::json;

    use super::Programs;
    use super::Settings;
    use super::schema;
    use crate::adapters::check;

    #[test]
    fn a_program_is_a_name_and_never_a_path_or_a_command() {
        let read = |program: &str| {
            let typed = json!({ "program": program, "options": "address=192.168.1.20, port=4001" });
            check(&schema(), typed.as_object().unwrap()).map(|filled| Settings::read(&filled))
        };
        for good in ["turnstile.py", "a", "Gate_2-b"] {
            let settings = read(good).unwrap().unwrap_or_else(|problem| panic!("{problem}"));
            assert_eq!(settings.options[1], ("port".to_owned(), "4001".to_owned()));
        }
        for wrong in [
            "../turnstile.py",
            "/bin/sh",
            "a b",
            "sh -c",
            "-c",
            ".hidden",
            "..",
            "a;b",
            "$(a)",
            "a\u{e9}",
            &"a".repeat(65),
        ] {
            assert!(!matches!(read(wrong), Ok(Ok(_))), "{wrong}");
        }
    }

    #[test]
    fn only_what_nobody_else_can_change_is_run() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("programs");
        let programs = Programs::new(own.clone(), folder.path().join("work"));
        let told = || programs.find("gate.sh").err().map(|problem| problem.to_string()).unwrap_or_default();
        let mode = |path: &std::path::Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        assert!(told().contains("is no folder"), "{}", told());
        std::fs::create_dir(&own).unwrap();
        mode(&own, 0o755);
        assert_eq!(told(), "there is no program gate.sh in the folder of the gateway's programs");
        let file = own.join("gate.sh");
        std::fs::write(&file, "#!/bin/sh\n").unwrap();
        mode(&file, 0o644);
        assert_eq!(told(), "gate.sh is not executable; use chmod +x");
        mode(&file, 0o775);
        assert!(told().contains("can be written by others"), "{}", told());
        mode(&file, 0o755);
        assert_eq!(programs.find("gate.sh"), Ok(file));
        mode(&own, 0o777);
        assert!(told().contains("can be written by others"), "{}", told());
        let work = programs.work_of(7).unwrap();
        assert_eq!(std::fs::metadata(work).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
