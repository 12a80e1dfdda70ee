//! A program as a process: what it may use, and how it is ended, with all that it has started.

use std::path::Path;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Pid;
use rustix::process::Resource;
use rustix::process::Rlimit;
use rustix::process::Signal;
use rustix::process::getrlimit;
use rustix::process::kill_process_group;
use rustix::process::prlimit;
use tokio::process::ChildStderr;
use tokio::process::ChildStdin;
use tokio::process::ChildStdout;
use tokio::process::Command;

use crate::adapters::DeviceError;

/// Files that may be open at once.
const FILES: u64 = 256;
/// The longest file that may be written.
const FILE_BYTES: u64 = 256 << 20;
/// Runtimes reserve far more addresses than they use memory.
const ADDRESSES: u64 = 16;
/// Seconds of a processor to begin with, and in each minute after that.
const CPU_SECS: (u64, u64) = (60, 30);
/// How long a program may take to end when it is asked to, and when it is told to.
const GRACE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(1));

/// A running program. When this is dropped, it and what it has started are killed.
pub(super) struct Child {
    process: tokio::process::Child,
    group: Group,
    cpu_secs: u64,
}

/// The three lines to it.
pub(super) struct Pipes {
    pub(super) stdin: ChildStdin,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
}

/// A process and all that it has started, unless they have left on purpose.
struct Group(Pid);

impl Group {
    fn send(&self, signal: Signal) {
        // Nobody may be left; that is fine.
        kill_process_group(self.0, signal).ok();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.send(Signal::KILL);
    }
}

impl Child {
    /// Starts a program without arguments, in a group and a folder of its own, with nothing of our environment.
    pub(super) fn start(program: &Path, work: &Path, memory_bytes: u64) -> Result<(Self, Pipes), DeviceError> {
        let mut command = Command::new(program);
        command.env_clear().current_dir(work).process_group(0).kill_on_drop(true);
        command.envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8")]);
        command.envs([("PYTHONUNBUFFERED", "1"), ("PYTHONDONTWRITEBYTECODE", "1")]);
        command.env("HOME", work).env("TMPDIR", work);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let name = program.file_name().unwrap_or_default().display();
        let mut process = command.spawn().map_err(|problem| {
            DeviceError::Settings(format!("{name} cannot be started: {problem}; is its first line right?"))
        })?;
        let lost = || DeviceError::Unreachable("the program ended at once".to_owned());
        let id = process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw).ok_or_else(lost)?;
        let group = Group(id);
        let pipes = (process.stdin.take(), process.stdout.take(), process.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else { return Err(lost()) };
        let child = Self { process, group, cpu_secs: CPU_SECS.0 };
        child.limit(memory_bytes);
        Ok((child, Pipes { stdin, stdout, stderr }))
    }

    /// What it may use. It has not been told anything yet.
    fn limit(&self, memory_bytes: u64) {
        let limits = [
            (Resource::Data, memory_bytes),
            (Resource::As, memory_bytes.saturating_mul(ADDRESSES)),
            (Resource::Nofile, FILES),
            (Resource::Fsize, FILE_BYTES),
            (Resource::Core, 0),
        ];
        for (resource, wanted) in limits {
            let most = getrlimit(resource).maximum.map_or(wanted, |most| most.min(wanted));
            self.set(resource, Rlimit { current: Some(most), maximum: Some(most) });
        }
        self.set_cpu();
    }

    /// One more minute has passed: it may go on computing.
    pub(super) fn refresh(&mut self) {
        self.cpu_secs += CPU_SECS.1;
        self.set_cpu();
    }

    /// A limit that ends a program which does nothing but compute, and not one that runs for a year.
    fn set_cpu(&self) {
        let maximum = getrlimit(Resource::Cpu).maximum;
        self.set(Resource::Cpu, Rlimit { current: Some(self.cpu_secs), maximum });
    }

    fn set(&self, resource: Resource, limit: Rlimit) {
        if let Err(problem) = prlimit(Some(self.group.0), resource, limit)
            && problem != rustix::io::Errno::SRCH
        {
            tracing::warn!("a program runs without a limit: {problem}");
        }
    }

    /// Waits until it has ended by itself, if it does so soon.
    pub(super) async fn ended(&mut self) -> Option<ExitStatus> {
        tokio::time::timeout(GRACE.0, self.process.wait()).await.ok()?.ok()
    }

    /// Ends it: it has been asked to, its line is closed; now it is told to, and then it is killed with all it has started.
    pub(super) async fn end(mut self) {
        if self.ended().await.is_none() {
            self.group.send(Signal::TERM);
            drop(tokio::time::timeout(GRACE.1, self.process.wait()).await);
        }
        self.group.send(Signal::KILL);
        drop(tokio::time::timeout(GRACE.1, self.process.wait()).await);
    }
}

/// How it ended, in words.
pub(super) fn describe(status: Option<ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match status.map(|status| (status.code(), status.signal())) {
        Some((Some(code), _)) => format!("the program ended with code {code}"),
        Some((_, Some(24))) => "the program was ended because it did nothing but compute".to_owned(),
        Some((_, Some(signal))) => format!("the program was ended by signal {signal}"),
        _ => "the program closed its output and goes on".to_owned(),
    }
}
