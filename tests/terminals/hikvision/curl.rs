//! `nazorat simulate hikvision` as any client of ISAPI meets it.

use std::io::BufRead as _;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

struct Simulator {
    child: Child,
    url: String,
    login: String,
}

impl Simulator {
    fn start(digest: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nazorat"));
        command.args(["simulate", "hikvision", "--listen", "127.0.0.1:0", "--events-per-minute", "600"]);
        command.args(["--digest", digest, "--faults", "split-random"]);
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split(" on ").nth(1).unwrap().split(',').next().unwrap().to_owned();
        let password = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { child, url, login: format!("gateway:{password}") }
    }

    /// What curl gets, with its own idea of digest.
    fn curl(&self, path: &str, more: &[&str]) -> String {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--noproxy", "*", "--digest", "--user", &self.login]);
        command.args(more).arg(format!("{}{path}", self.url));
        String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn curl_speaks_with_it_over_both_hashes() {
    for digest in ["md5", "sha256"] {
        let simulator = Simulator::start(digest);
        let info = simulator.curl("/ISAPI/System/deviceInfo", &[]);
        assert!(info.contains("<serialNumber>DS-K1T671M20260101V030305ENAA0000001<"), "{digest}: {info}");
        let stream = simulator.curl("/ISAPI/Event/notification/alertStream", &["--max-time", "2", "--no-buffer"]);
        assert!(
            stream.contains("--MIME_boundary") && stream.contains("\"AccessControllerEvent\""),
            "{digest}: {stream}"
        );
        let open = "<RemoteControlDoor><cmd>open</cmd></RemoteControlDoor>";
        let path = "/ISAPI/AccessControl/RemoteControl/door/1";
        let opened = simulator.curl(path, &["--request", "PUT", "--data", open]);
        assert!(opened.contains("<subStatusCode>ok<"), "{digest}: {opened}");
        let search = "{\"AcsEventCond\":{\"searchID\":\"1\",\"searchResultPosition\":0,\"maxResults\":30,\"major\":0,\"minor\":0}}";
        let path = "/ISAPI/AccessControl/AcsEvent?format=json";
        let log = simulator.curl(path, &["--request", "POST", "--data", search]);
        let log: serde_json::Value = serde_json::from_str(&log).unwrap();
        assert!(log["AcsEvent"]["totalMatches"].as_u64().unwrap() >= 2, "{digest}: {log}");
        let wrong = simulator.curl("/ISAPI/System/time", &["--user", "gateway:wrong", "--write-out", "%{http_code}"]);
        assert_eq!(wrong, "401");
    }
}

#[test]
fn it_ends_when_it_is_asked_to_and_says_what_it_does_not_know() {
    let mut simulator = Simulator::start("both");
    let sent = Command::new("kill").args(["-s", "TERM", &simulator.child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(simulator.child.wait().unwrap().code(), Some(0));
    let mut command = Command::new(env!("CARGO_BIN_EXE_nazorat"));
    let output = command.args(["simulate", "hikvision", "--faults", "explode"]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && told.contains("explode") && told.contains("one-client"), "{told}");
}
