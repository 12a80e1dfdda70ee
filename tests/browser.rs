//! The pages in a real Chromium, driven by the script beside this file.

use std::process::Command;

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::tools;

/// Runs a script of `tests/browser` and gives what it printed; fails with that when the script found something.
fn run(script: &str, arguments: &[&str]) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser");
    let output = Command::new(tools::node()).current_dir(folder).arg(script).args(arguments).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} found:\n{printed}\n{complained}");
    printed
}

#[test]
fn a_newcomer_sets_up_links_an_account_and_reads_a_day() {
    let appliance = Appliance::start(Options::default());
    let token = appliance.setup_token().unwrap();
    let (setup, base) = (appliance.https(&format!("/setup?token={token}")), appliance.https(""));
    let chromium = tools::chromium();
    let branch = tempfile::tempdir().unwrap();
    let (program, folder) = (env!("CARGO_BIN_EXE_nazorat"), branch.path().join("data"));
    let printed = run("walk.mjs", &[&setup, &base, chromium.to_str().unwrap(), program, folder.to_str().unwrap()]);
    assert!(printed.contains("\"visited\""), "{printed}");
    assert!(!appliance.place().log().contains("panicked"), "{}", appliance.place().log());
}
