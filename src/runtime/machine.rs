//! What the operating system says about this machine and whoever runs the process. For an agent this is the one place
//! that knows the system; another system needs another file like this one.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sha2::Digest as _;
use sha2::Sha256;

/// Where Linux keeps the id that a system gets when it is installed.
const MACHINE_IDS: [&str; 2] = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
/// The id itself is confidential by its manual page; what leaves the machine is a hash with this salt.
const SALT: &[u8] = b"nazorat computer id, version 1\0";

/// The name of the machine, when it is one that a certificate can hold.
pub fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim().to_ascii_lowercase();
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    (plain && !name.is_empty()).then_some(name)
}

/// An id that stays the same as long as the system is not installed anew; none where the system has no such thing.
pub fn installed_id() -> Option<String> {
    let found = MACHINE_IDS.iter().find_map(|path| {
        let text = std::fs::read_to_string(path).ok()?;
        let text = text.trim();
        (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_ascii_lowercase())
    });
    found.map(|id| public_id(&id))
}

/// In the form of a UUID, which is what agents of other makers send.
fn public_id(id: &str) -> String {
    let digest: [u8; 32] = Sha256::new().chain_update(SALT).chain_update(id.as_bytes()).finalize().into();
    let bytes: [u8; 16] = digest.first_chunk().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// The account under which this process runs.
pub fn account() -> String {
    let id = rustix::process::getuid().as_raw();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    // Accounts of a directory service are in no file; the session knows their names.
    let session = || {
        let named = std::env::vars_os().find(|(name, value)| name == "USER" && !value.is_empty());
        named.and_then(|(_, value)| value.into_string().ok())
    };
    account_of(&accounts, id).or_else(session).unwrap_or_else(|| format!("uid-{id}"))
}

fn account_of(accounts: &str, id: u32) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _, found) = (fields.next()?, fields.next()?, fields.next()?);
        (found.parse() == Ok(id) && !name.is_empty()).then(|| name.to_owned())
    })
}

/// Reads a file with a secret; one that others may read is refused.
pub fn read_secret(path: &Path) -> io::Result<String> {
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        let message = format!("others may read it; run `chmod 600 {}`", path.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(std::fs::read_to_string(path)?.trim().to_owned())
}

/// Every connection is an open file; many systems begin with 1,024.
pub fn raise_file_limit() {
    use rustix::process::Resource;
    use rustix::process::getrlimit;
    use rustix::process::setrlimit;
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(65_536).min(65_536);
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        if let Err(problem) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!("the limit of open files stays low: {problem}");
        }
    }
}

/// Memory of this process that is in use, in bytes.
pub fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib << 10)
}

/// How busy the processors are, from one look to the next.
#[derive(Debug, Default)]
pub struct Busy {
    before: Option<(u64, u64)>,
}

impl Busy {
    /// Thousandths of all processors since the last look; nothing at the first one.
    pub fn look(&mut self) -> Option<u16> {
        let now = busy_of(&std::fs::read_to_string("/proc/stat").ok()?)?;
        let (idle, all) = self.before.replace(now)?;
        let (idle, all) = (now.0.saturating_sub(idle), now.1.saturating_sub(all));
        let permille = all.saturating_sub(idle).saturating_mul(1_000).checked_div(all)?;
        u16::try_from(permille).ok()
    }
}

/// Idle and all time of all processors.
fn busy_of(stat: &str) -> Option<(u64, u64)> {
    let line = stat.lines().find(|line| line.starts_with("cpu "))?;
    let times: Vec<u64> = line.split_whitespace().skip(1).take(8).filter_map(|time| time.parse().ok()).collect();
    let idle = times.get(3)?.saturating_add(*times.get(4)?);
    Some((idle, times.iter().sum()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::account_of;
    use super::busy_of;
    use super::public_id;
    use super::read_secret;

    #[test]
    fn waiting_for_a_disk_is_not_being_busy() {
        let stat = "cpu  10 1 5 80 4 0 0 0 0 0\ncpu0 1 1 1 1 1 0 0 0 0 0\n";
        assert_eq!(busy_of(stat), Some((84, 100)));
        assert_eq!(busy_of("intr 5"), None);
    }

    #[test]
    fn the_id_of_a_computer_never_changes_and_does_not_tell_the_systems_own() {
        let id = public_id("0123456789abcdef0123456789abcdef");
        assert_eq!(id, "0e4138f7-914a-8f5b-99c0-d2e8af48d1b6");
        assert_ne!(id, public_id("0123456789abcdef0123456789abcdee"));
    }

    #[test]
    fn an_account_is_found_by_its_number() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\ndilnoza:x:1000:1000::/h/dilnoza:/bin/sh\n";
        assert_eq!(account_of(accounts, 1000), Some("dilnoza".to_owned()));
        assert_eq!(account_of(accounts, 1001), None);
    }

    #[test]
    fn a_secret_that_others_may_read_is_refused_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "nzk_a\n").unwrap();
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        mode(0o640);
        assert!(read_secret(&path).unwrap_err().to_string().contains("run `chmod 600"));
        mode(0o600);
        assert_eq!(read_secret(&path).unwrap(), "nzk_a");
    }
}
