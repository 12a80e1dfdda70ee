//! The watcher in the agent, on a real X server with a real window manager and real programs.

use std::io::Read as _;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::support::agent::Agent;
use crate::support::agent::Desk;
use crate::support::agent::free_port;
use crate::support::appliance::wait_until;

/// A desktop on a screen that nobody sees.
struct Desktop {
    display: String,
    processes: Vec<Child>,
}

impl Desktop {
    fn new() -> Self {
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp"]);
        let mut server = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // It writes the number when it is ready, and a line end.
        let mut number = String::new();
        let mut byte = [0];
        let out = server.stdout.as_mut().unwrap();
        while out.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
            number.push(char::from(byte[0]));
        }
        let mut desktop = Self { display: format!(":{number}"), processes: vec![server] };
        desktop.run("openbox", &[]);
        desktop
    }

    fn run(&mut self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("DISPLAY", &self.display)
            .env("LC_ALL", "C.UTF-8")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.processes.push(command.spawn().unwrap());
    }

    fn xdotool(&self, arguments: &[&str]) {
        let done = Command::new("xdotool").args(arguments).env("DISPLAY", &self.display).status().unwrap();
        assert!(done.success(), "xdotool {arguments:?}");
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for child in self.processes.iter_mut().rev() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

fn events(agent: &Agent, kind: &str) -> Vec<Value> {
    let ask = |path: &str| -> Value {
        let output = Command::new("curl").args(["--silent", &agent.url(path)]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let buckets = ask("/api/0/buckets/");
    let bucket = buckets.as_object().unwrap().iter().find(|(_, bucket)| bucket["type"] == kind);
    bucket.map_or_else(Vec::new, |(id, _)| ask(&format!("/api/0/buckets/{id}/events")).as_array().unwrap().clone())
}

#[test]
fn the_agent_sees_by_itself_which_window_is_in_front_and_whether_there_is_input() {
    let mut desktop = Desktop::new();
    let desk = Desk::new(&format!("http://{}", free_port()), "nzk_test", None);
    let agent = desk.with("NAZORAT_AGENT__WATCH", "true").with("DISPLAY", &desktop.display).start();
    desktop.run("xterm", &["-T", "Oylik hisobot \u{2013} 2026", "-e", "sleep", "60"]);
    let in_front = |title: &str| {
        let newest = events(&agent, "currentwindow").first().cloned().unwrap_or_default();
        newest["data"]["app"] == "XTerm" && newest["data"]["title"] == title
    };
    let limit = Duration::from_secs(20);
    assert!(wait_until(limit, || in_front("Oylik hisobot \u{2013} 2026")), "{:?}", events(&agent, "currentwindow"));
    desktop.run("xterm", &["-T", "Pochta", "-e", "sleep", "60"]);
    assert!(wait_until(limit, || in_front("Pochta")), "{:?}", events(&agent, "currentwindow"));
    let windows = events(&agent, "currentwindow");
    let first = windows.iter().find(|event| event["data"]["title"] == "Oylik hisobot \u{2013} 2026").unwrap();
    assert!(first["duration"].as_f64().unwrap() > 0.0, "{windows:?}");
    desktop.xdotool(&["mousemove", "20", "20", "key", "a"]);
    let input = || events(&agent, "afkstatus").first().cloned().unwrap_or_default();
    assert!(wait_until(limit, || input()["data"]["status"] == "not-afk"), "{}", agent.desk().log());
    let typed = events(&agent, "currentwindow").iter().chain(&events(&agent, "afkstatus")).cloned().collect::<Vec<_>>();
    let names: Vec<&String> = typed.iter().flat_map(|event| event["data"].as_object().unwrap().keys()).collect();
    assert!(names.iter().all(|name| ["app", "title", "status"].contains(&name.as_str())), "nothing else: {names:?}");
    // The desktop ends; the agent does not.
    drop(desktop);
    assert!(
        wait_until(limit, || agent.desk().log().contains("there is no desktop to watch")),
        "{}",
        agent.desk().log()
    );
    agent.stop();
}

#[test]
fn nothing_is_watched_unless_it_is_asked_for() {
    let desktop = Desktop::new();
    let desk = Desk::new(&format!("http://{}", free_port()), "nzk_test", None);
    let agent = desk.with("DISPLAY", &desktop.display).start();
    desktop.xdotool(&["mousemove", "20", "20"]);
    // Longer than the watcher would need for its first look.
    assert!(!wait_until(Duration::from_secs(3), || !events(&agent, "currentwindow").is_empty()));
    assert!(events(&agent, "afkstatus").is_empty());
    agent.stop();
}
