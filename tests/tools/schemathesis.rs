//! Schemathesis asks a running appliance everything that its documents allow, and much that they do not: no answer is
//! a failure of ours, and none is missing from the documents.

use std::process::Command;

use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::said;
use crate::support::tools;

/// What an answer is held to. Requests that the document does not allow may still be harmless, so taking them is no
/// fault, and neither is refusing what only looks right. Who gets in is held by `rules::routes`: `ignored_auth` takes a
/// wrong cookie beside the right token for a hole.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance";

/// Routes that would end the one who asks.
const EXCEPT: &[&str] =
    &["/api/v1/tokens/{id}", "/api/v1/operators/{id}/password", "/api/v1/organizations/{id}/deactivate"];

fn examine(appliance: &Appliance, document: &str, header: &str) {
    let mut command = Command::new(tools::schemathesis());
    command
        .arg("run")
        .arg(appliance.plain(document))
        .args(["--url", &appliance.plain("")])
        .args(["--header", header, "--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        // One worker: two threads of Python 3.11 that parse at once disturb each other's recursion counter.
        .args(["--max-examples", "8", "--workers", "1", "--request-timeout", "20"])
        .args(["--seed", "1", "--suppress-health-check", "all", "--warnings", "off", "--no-shrink"])
        .env("NO_COLOR", "1")
        .current_dir(appliance.data());
    for path in EXCEPT {
        command.args(["--exclude-path", path]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{document}:\n{}", said(&output));
}

fn last_line(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn the_dashboard_api_does_what_its_document_says() {
    let appliance = Appliance::start(Options::default());
    assert!(appliance.place().init().status.success());
    let token = appliance.place().run(&["operator", "token", "--operator", "malika"]);
    let header = format!("Authorization: Bearer {}", last_line(&token));
    examine(&appliance, "/dashboard/docs/openapi.json", &header);
}

#[test]
fn the_doors_of_agents_do_what_their_document_says() {
    let appliance = Appliance::start(Options::default());
    assert!(appliance.place().init().status.success());
    let key = appliance.place().run(&["api-key", "create", "--organization", "1", "--name", "Agents"]);
    let header = format!("X-API-Key: {}", last_line(&key));
    examine(&appliance, "/agent/docs/openapi.json", &header);
}
