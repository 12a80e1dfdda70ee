//! The client library that most programs of others use, against `nazorat simulate zkteco`.

use std::io::BufRead as _;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use crate::support::tools;

/// The simulator as a process of its own.
struct Simulator {
    child: Child,
    port: String,
}

impl Simulator {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nazorat"));
        command.args(["simulate", "zkteco", "--listen", "127.0.0.1:0"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split(',').next()).unwrap().trim().to_owned();
        Self { child, port }
    }

    /// Ends in good order when it is asked to.
    fn stop(mut self) {
        let killed = tools::run(Command::new("kill").arg(self.child.id().to_string()));
        assert!(killed.status.success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}

fn drive(size: &str, transport: &str) {
    let simulator = Simulator::start(&[
        "--comm-key",
        "12345",
        "--record-size",
        size,
        "--records",
        "300",
        "--events-per-minute",
        "60",
    ]);
    let mut script = Command::new(tools::python());
    script.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/zkteco.py"));
    let played = script.args([&simulator.port, "12345", size, transport]).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&played.stdout), String::from_utf8_lossy(&played.stderr));
    assert!(played.status.success() && said.trim_end().ends_with("ok"), "{size} {transport}: {said}");
    simulator.stop();
}

#[test]
fn it_reads_and_changes_a_terminal_with_each_size_of_record_that_it_knows() {
    for size in ["8", "16", "40"] {
        drive(size, "tcp");
    }
}

#[test]
fn it_does_over_udp() {
    drive("16", "udp");
}
