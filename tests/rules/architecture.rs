//! Who may use whom. README shows the same as a picture.

use super::tree;
use super::tree::Text;
use super::tree::nobody;

/// Lowest first. A module uses modules of earlier lines only; modules of one line do not know each other.
const LAYERS: &[&[&str]] = &[
    &["kernel"],
    &["runtime"],
    &["store", "adapters"],
    &["audit"],
    &["tenancy"],
    &["identity"],
    &["fleet"],
    &["people"],
    &["credentials"],
    &["devices"],
    &["policy"],
    &["intake"],
    &["retention"],
    &["notices"],
    &["monitoring", "doors"],
    &["attendance"],
    &["reports"],
    &["web", "ingest", "uplink"],
    &["edge"],
    &["appliance", "gateway", "agent", "sim"],
];

/// Above all layers: they choose and combine, and may use everything.
const TOP: &[&str] = &["main", "lib", "cli", "config", "demo"];

/// A foreign crate and the folders under src/ that may name it.
const OWNERS: &[(&str, &[&str])] = &[
    ("redb", &["store"]),
    // xtask fetches the library and has a module of that name; its manifest shows that it does not link it.
    ("duckdb", &["crates/timeseries", "crates/xtask"]),
    ("arrow", &["crates/timeseries"]),
    ("askama", &["web", "ingest"]),
    // The modes bind listeners and serve the routers that `web` and `ingest` build.
    ("axum", &["web", "ingest", "edge", "appliance", "gateway", "agent"]),
];

/// Who may open records that belong to no tenant: the lists of tenants, operators and chains of audit, and the start.
const SYSTEM_CALLERS: &[&str] = &["store", "audit", "tenancy", "identity", "appliance"];

/// The first folder or file name under src/, or nothing for leaf crates, which know nothing of the app.
fn module(file: &Text) -> Option<&str> {
    let inner = file.path.strip_prefix("src/")?;
    let name = inner.split('/').next()?;
    let name = name.strip_suffix(".rs").unwrap_or(name);
    (name != "crates").then_some(name)
}

fn level(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The names that stand after each `start` in a line, as in `crate::NAME`.
fn names_after<'a>(line: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(start).map(move |(at, _)| {
        let rest = &line[at + start.len()..];
        let end = rest.find(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        &rest[..end.unwrap_or(rest.len())]
    })
}

/// Whether a line of code names a crate: `redb::`, `use redb;`, `extern crate redb`.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + name.len()..];
        let is_start_of_path = before.is_none_or(|letter| !(letter.is_alphanumeric() || "_:.\"-/".contains(letter)));
        let used = line.starts_with("use ") || line.starts_with("pub use ") || line.starts_with("extern crate ");
        is_start_of_path && (after.starts_with("::") || (used && after.starts_with([';', ' '])))
    })
}

#[test]
fn every_module_has_its_layer() {
    let mut wrong: Vec<String> = Vec::new();
    for file in tree::sources() {
        if let Some(name) = module(&file)
            && level(name).is_none()
            && !TOP.contains(&name)
        {
            wrong.push(format!("{}: {name} is in no layer", file.path));
        }
    }
    nobody("modules that tests/rules/architecture.rs does not know", &wrong);
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for file in tree::sources() {
        let Some(name) = module(&file) else { continue };
        let Some(own) = level(name) else { continue };
        for (number, line) in file.code_lines() {
            for used in names_after(line, "crate::") {
                let above = TOP.contains(&used) || level(used).is_some_and(|other| other >= own);
                if above && used != name {
                    wrong.push(format!("{}:{number}: {name} uses {used}", file.path));
                }
            }
        }
    }
    nobody("imports that do not point down", &wrong);
}

#[test]
fn leaf_crates_know_nothing_of_the_app() {
    let mut wrong = Vec::new();
    for file in tree::sources().iter().filter(|file| file.is_under("src/crates")) {
        for (number, line) in file.code_lines() {
            if names_crate(line, "nazorat") {
                wrong.push(format!("{}:{number}: {line}", file.path));
            }
        }
    }
    nobody("leaf crates that use the app", &wrong);
}

#[test]
fn a_foreign_crate_is_named_by_its_owner_only() {
    let mut wrong = Vec::new();
    for file in tree::sources() {
        for (name, owners) in OWNERS {
            if owners.iter().any(|owner| file.is_under(&format!("src/{owner}"))) {
                continue;
            }
            for (number, line) in file.code_lines() {
                if names_crate(line, name) {
                    wrong.push(format!("{}:{number}: {name} belongs to {}", file.path, owners.join(", ")));
                }
            }
        }
    }
    nobody("foreign crates outside their owner", &wrong);
}

#[test]
fn records_without_a_tenant_have_known_readers() {
    let mut wrong = Vec::new();
    for file in tree::sources() {
        let Some(name) = module(&file).filter(|name| !SYSTEM_CALLERS.contains(name)) else { continue };
        let calls = file.code_lines().filter(|(_, line)| line.contains(".system()"));
        wrong.extend(calls.map(|(number, _)| format!("{}:{number}: {name}", file.path)));
    }
    nobody("callers of Store::system() that tests/rules/architecture.rs does not know", &wrong);
}

#[test]
fn imports_are_one_line_per_module_and_without_globs() {
    let mut wrong = Vec::new();
    for file in tree::sources() {
        for (number, line) in file.code_lines() {
            let import = line.contains("use crate::");
            if import && (line.contains("crate::{") || line.contains("::*;")) {
                wrong.push(format!("{}:{number}: {line}", file.path));
            }
        }
    }
    nobody("imports with braces at the root or with a star", &wrong);
}

#[test]
fn a_path_is_taken_apart_where_a_name_begins() {
    assert_eq!(names_after("a(crate::web::X, crate::kernel)", "crate::").collect::<Vec<_>>(), ["web", "kernel"]);
    assert!(names_crate("use redb::Database;", "redb"));
    assert!(names_crate("let x: redb::Key = y;", "redb"));
    assert!(names_crate("use redb;", "redb"));
    assert!(!names_crate("use crate::store::redb::Key;", "redb"));
    assert!(!names_crate("let arrow = \"nazorat.redb\";", "redb"));
    assert!(!names_crate("nazorat_spool::open()", "nazorat"));
    assert!(!names_crate("axum_server::bind(address)", "axum"));
}
