//! The real binary as a process: started on free ports and a fresh folder, stopped or killed, looked at.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use tempfile::TempDir;

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A folder for one appliance and its logs; it survives a restart and goes with the test.
pub(crate) struct Place {
    dir: TempDir,
    data: &'static str,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), data: "data" }
    }

    /// A data folder with a very long path.
    pub(crate) fn deep() -> Self {
        const LONG: &str = "a/folder/that/is/far/below/where/anybody/would/put/it/because/somebody/likes/order/\
                            in/all/things/and/has/a/name/for/each/of/them";
        Self { data: LONG, ..Self::new() }
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join(self.data)
    }

    /// Everything that processes in this place printed, in order.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Runs a command of the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The first run by command: organization `Example`, ADMIN `malika`.
    pub(crate) fn init(&self) -> Output {
        let password = self.password("a long sentence");
        self.run(&["init", "--organization", "Example", "--admin", "malika", "--password-file", &password])
    }

    /// A file with a password.
    pub(crate) fn password(&self, password: &str) -> String {
        let file = self.dir.path().join("password");
        std::fs::write(&file, format!("{password}\n")).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// The same data in another place.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self { data: self.data, ..Self::new() };
        let copied = Command::new("cp").arg("-a").arg(self.data()).arg(copy.data()).status().unwrap();
        assert!(copied.success());
        copy
    }

    /// A command on this data folder, on free ports, free of the environment's settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nazorat"));
        command
            .arg("--data-dir")
            .arg(self.data())
            .args(arguments)
            .env("NAZORAT_HTTP__LISTEN", "127.0.0.1:0")
            .env("NAZORAT_HTTP__PLAIN", "127.0.0.1:0")
            .stdin(Stdio::null());
        command
    }

    fn log_file(&self) -> PathBuf {
        self.dir.path().join("log")
    }
}

/// What is special about a start.
#[derive(Default)]
pub(crate) struct Options {
    /// Where; a new place when none is given.
    pub(crate) place: Option<Place>,
    /// The text of a configuration file.
    pub(crate) config: Option<&'static str>,
    /// Settings by environment variable.
    pub(crate) environment: Vec<(&'static str, String)>,
    /// A program and its arguments that runs the appliance in our place, such as a tracer.
    pub(crate) under: Vec<String>,
}

impl Options {
    /// A start where something ran before.
    pub(crate) fn again(place: Place) -> Self {
        Self { place: Some(place), ..Self::default() }
    }
}

/// A running `nazorat serve`. It is killed when the test ends.
pub(crate) struct Appliance {
    child: Child,
    place: Option<Place>,
    started: Started,
}

#[derive(serde::Deserialize)]
struct Started {
    main: SocketAddr,
    plain: SocketAddr,
    ca: PathBuf,
}

/// How a process ended.
pub(crate) struct Stopped {
    pub(crate) status: ExitStatus,
    pub(crate) took: Duration,
    pub(crate) place: Place,
}

impl Appliance {
    /// Starts and waits until everything answers.
    pub(crate) fn start(options: Options) -> Self {
        match Self::try_start(options) {
            Ok(appliance) => appliance,
            Err(stopped) => panic!("it did not start ({}):\n{}", stopped.status, stopped.place.log()),
        }
    }

    /// Starts; gives back how it ended when it does not come up.
    pub(crate) fn try_start(options: Options) -> Result<Self, Stopped> {
        let place = options.place.unwrap_or_else(Place::new);
        let mut command = place.command(&["serve"]);
        if let Some(text) = options.config {
            let file = place.dir.path().join("nazorat.toml");
            std::fs::write(&file, text).unwrap();
            command.arg("--config").arg(file);
        }
        let mut command = under(command, &options.under);
        let log = File::options().create(true).append(true).open(place.log_file()).unwrap();
        command.envs(options.environment).stderr(log.try_clone().unwrap()).stdout(log);
        // What a killed process left behind must not be taken for the new one.
        drop(std::fs::remove_file(place.data().join("listen.json")));
        let begun = Instant::now();
        let mut child = command.spawn().unwrap();
        let note = place.data().join("listen.json");
        let mut status = None;
        let up = wait_until(START, || {
            status = child.try_wait().unwrap();
            status.is_some() || note.exists()
        });
        if let Some(status) = status {
            return Err(Stopped { status, took: begun.elapsed(), place });
        }
        assert!(up, "it does not come up:\n{}", place.log());
        let started = serde_json::from_slice(&std::fs::read(note).unwrap()).unwrap();
        Ok(Self { child, place: Some(place), started })
    }

    pub(crate) fn place(&self) -> &Place {
        self.place.as_ref().unwrap()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.place().data()
    }

    /// A page or an API of the main listener.
    pub(crate) fn https(&self, path: &str) -> String {
        format!("https://{}{path}", self.started.main)
    }

    /// A page or an API of the plain listener.
    pub(crate) fn plain(&self, path: &str) -> String {
        format!("http://{}{path}", self.started.plain)
    }

    pub(crate) fn main_address(&self) -> SocketAddr {
        self.started.main
    }

    pub(crate) fn plain_address(&self) -> SocketAddr {
        self.started.plain
    }

    /// The roots that clients should trust.
    pub(crate) fn ca(&self) -> &Path {
        &self.started.ca
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// A client that trusts the built-in CA and nothing else, and follows no redirect.
    pub(crate) fn client(&self) -> reqwest::Client {
        let roots = reqwest::Certificate::from_pem_bundle(&std::fs::read(self.ca()).unwrap()).unwrap();
        reqwest::Client::builder()
            .tls_certs_only(roots)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap()
    }

    /// The token of the link that is printed until the first run is done.
    pub(crate) fn setup_token(&self) -> Option<String> {
        let log = self.place().log();
        let link = log.lines().rev().find_map(|line| line.split_once("/setup?token="))?;
        Some(link.1.trim().to_owned())
    }

    /// Asks it to stop, the way a service manager does, and waits for its end.
    pub(crate) fn stop(mut self) -> Stopped {
        let begun = Instant::now();
        self.signal("TERM");
        let status = self.child.wait().unwrap();
        Stopped { status, took: begun.elapsed(), place: self.place.take().unwrap() }
    }

    /// Ends it like a power cut ends a process.
    pub(crate) fn kill(mut self) -> Place {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.place.take().unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

/// The same command, run by another program.
pub(crate) fn under(command: Command, program: &[String]) -> Command {
    let Some((first, rest)) = program.split_first() else { return command };
    let mut traced = Command::new(first);
    traced.args(rest).arg(command.get_program()).args(command.get_args());
    traced.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    traced.stdin(Stdio::null());
    traced
}

impl Drop for Appliance {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Looks at a condition until it holds; false when it does not within the limit.
#[expect(clippy::disallowed_methods, reason = "another process has nothing to wait on but the clock")]
pub(crate) fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// What a finished command printed, both ways.
pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
