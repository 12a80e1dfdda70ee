//! A relay or a gateway as a process, started on a fixed port and a fresh folder, stopped or killed.

use std::fs::File;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;

use super::appliance::under;
use super::appliance::wait_until;

/// A workplace computer, or the box of a branch: a folder, a port, and where everything goes.
pub(crate) struct Desk {
    mode: &'static str,
    dir: TempDir,
    listen: SocketAddr,
    environment: Vec<(&'static str, String)>,
}

/// A running `nazorat agent` or `nazorat gateway`. It is killed when the test ends.
pub(crate) struct Agent {
    child: Child,
    desk: Option<Desk>,
}

/// A port that nobody has just now.
pub(crate) fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Desk {
    /// A workplace computer.
    pub(crate) fn new(forward_to: &str, key: &str, ca: Option<&Path>) -> Self {
        let names = ["NAZORAT_AGENT__FORWARD_TO", "NAZORAT_AGENT__KEY_FILE", "NAZORAT_AGENT__CA_FILE"];
        Self::of("agent", (names, "NAZORAT_AGENT__LISTEN"), [forward_to, key], ca)
    }

    /// The box of a branch.
    pub(crate) fn gateway(server: &str, key: &str, ca: Option<&Path>) -> Self {
        let names = ["NAZORAT_GATEWAY__SERVER", "NAZORAT_GATEWAY__KEY_FILE", "NAZORAT_GATEWAY__CA_FILE"];
        Self::of("gateway", (names, "NAZORAT_GATEWAY__LISTEN"), [server, key], ca)
    }

    /// The box of a branch that joins with a token when it starts.
    pub(crate) fn joining(token: &str) -> Self {
        let listen = free_port();
        let environment =
            vec![("NAZORAT_GATEWAY__LISTEN", listen.to_string()), ("NAZORAT_JOIN_TOKEN", token.to_owned())];
        Self { mode: "gateway", dir: tempfile::tempdir().unwrap(), listen, environment }
    }

    /// The same on all addresses of its network, where it is found at this one.
    pub(crate) fn listening(mut self, at: SocketAddr) -> Self {
        self.listen = at;
        self.with("NAZORAT_GATEWAY__LISTEN", &format!("0.0.0.0:{}", at.port()))
    }

    /// The same with another setting.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.environment.retain(|(other, _)| *other != name);
        self.environment.push((name, value.to_owned()));
        self
    }

    /// The same box with another token.
    pub(crate) fn rejoining(mut self, token: &str) -> Self {
        self = self.unjoined();
        self.environment.push(("NAZORAT_JOIN_TOKEN", token.to_owned()));
        self
    }

    /// The same box without a token.
    pub(crate) fn unjoined(mut self) -> Self {
        self.environment.retain(|(name, _)| *name != "NAZORAT_JOIN_TOKEN");
        self
    }

    fn of(
        mode: &'static str,
        (names, listens): ([&'static str; 3], &'static str),
        [address, key]: [&str; 2],
        ca: Option<&Path>,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        let mut options = File::options();
        let mut written = options.create_new(true).write(true).mode(0o600).open(&file).unwrap();
        std::io::Write::write_all(&mut written, key.as_bytes()).unwrap();
        let mut environment = vec![(names[0], address.to_owned()), (names[1], file.to_str().unwrap().to_owned())];
        environment.extend(ca.map(|ca| (names[2], ca.to_str().unwrap().to_owned())));
        let listen = free_port();
        environment.push((listens, listen.to_string()));
        Self { mode, dir, listen, environment }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.dir.path().join("key")
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listen
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nazorat"));
        command.arg(self.mode).arg("--data-dir").arg(self.data());
        command.envs(self.environment.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }

    pub(crate) fn start(self) -> Agent {
        let command = self.command();
        match self.try_start(command) {
            Ok(agent) => agent,
            Err(desk) => panic!("it does not come up:\n{}", desk.log()),
        }
    }

    /// Starts it under another program, such as a tracer; gives the folder back when it does not come up.
    pub(crate) fn start_under(self, program: &[String]) -> Result<Agent, Self> {
        let command = under(self.command(), program);
        self.try_start(command)
    }

    fn try_start(self, mut command: Command) -> Result<Agent, Self> {
        let log = File::options().create(true).append(true).open(self.dir.path().join("log")).unwrap();
        let note = self.data().join("listen.json");
        // What a killed process left behind must not be taken for the new one.
        drop(std::fs::remove_file(&note));
        let mut child = command.stderr(log.try_clone().unwrap()).stdout(log).spawn().unwrap();
        let mut ended = None;
        let up = wait_until(Duration::from_secs(60), || {
            ended = child.try_wait().unwrap();
            ended.is_some() || note.exists()
        });
        assert!(up, "it does neither come up nor end:\n{}", self.log());
        match ended {
            None => Ok(Agent { child, desk: Some(self) }),
            Some(_) => Err(self),
        }
    }
}

impl Agent {
    pub(crate) fn desk(&self) -> &Desk {
        self.desk.as_ref().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.desk().listen)
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it like a power cut ends a process.
    pub(crate) fn kill(mut self) -> Desk {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.desk.take().unwrap()
    }

    /// Waits until it ends by itself.
    pub(crate) fn ended(mut self, within: Duration) -> Desk {
        let child = &mut self.child;
        assert!(wait_until(within, || child.try_wait().unwrap().is_some()), "it does not end");
        self.desk.take().unwrap()
    }

    /// Waits until it has given up: it ends by itself, and says so to whoever started it.
    pub(crate) fn failed(mut self, within: Duration) -> Desk {
        let mut status = None;
        let child = &mut self.child;
        let ended = wait_until(within, || {
            status = child.try_wait().unwrap();
            status.is_some()
        });
        assert!(ended, "it goes on:\n{}", self.desk().log());
        assert_eq!(status.and_then(|status| status.code()), Some(1), "{}", self.desk().log());
        self.desk.take().unwrap()
    }

    /// Asks it to stop, the way a service manager does.
    pub(crate) fn stop(mut self) -> Desk {
        let begun = std::time::Instant::now();
        let sent = Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{}", self.desk().log());
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        self.desk.take().unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
