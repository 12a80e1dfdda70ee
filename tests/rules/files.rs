//! What every file is held to, whatever is in it.

use super::tree;
use super::tree::nobody;

/// A file of this many lines wants to be two.
const TOO_LONG: usize = 800;

/// Where printing is the job: the command line, and what only developers run.
const PRINTERS: &[&str] = &["src/main.rs", "src/cli.rs", "src/cli/", "src/crates/xtask/", "tests/"];

/// Words that must not be in the code, put together so that this file does not hold them.
const UNFINISHED: &[&str] =
    &[concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ign", "ore"), concat!("db", "g!(")];

/// Folders of one machine.
const FOREIGN_PATHS: &[&str] = &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

#[test]
fn no_file_is_too_long() {
    let mut wrong = Vec::new();
    for file in tree::all() {
        let lines = file.text.lines().count();
        let written_by_hand = file.has_extension(&["rs", "html", "css", "ts"]) && !file.is_under("static");
        if written_by_hand && lines >= TOO_LONG {
            wrong.push(format!("{}: {lines} lines", file.path));
        }
    }
    nobody("files of 800 lines or more", &wrong);
}

#[test]
fn only_the_command_line_prints() {
    let mut wrong = Vec::new();
    for file in tree::all() {
        if !file.has_extension(&["rs"]) || PRINTERS.iter().any(|printer| file.path.starts_with(printer)) {
            continue;
        }
        for (number, line) in file.code_lines() {
            let prints = ["println!(", "print!("].iter().any(|call| line.contains(call));
            // A build script talks to cargo that way.
            if prints && !line.contains("cargo::") && !line.contains("cargo:rerun") {
                wrong.push(format!("{}:{number}: {line}", file.path));
            }
        }
    }
    nobody("printing outside of the command line", &wrong);
}

#[test]
fn code_is_ascii() {
    let mut wrong = Vec::new();
    for file in tree::all() {
        if !file.has_extension(&["rs"]) {
            continue;
        }
        for (index, line) in file.text.lines().enumerate() {
            if let Some(letter) = line.chars().find(|letter| !letter.is_ascii()) {
                wrong.push(format!("{}:{}: {:?}", file.path, index + 1, letter.escape_unicode().to_string()));
            }
        }
    }
    nobody("letters outside of ASCII in Rust files (write \\u{..})", &wrong);
}

#[test]
fn nothing_is_left_unfinished() {
    let mut wrong = Vec::new();
    for file in tree::all() {
        if !file.has_extension(&["rs"]) {
            continue;
        }
        for (number, line) in file.code_lines() {
            if UNFINISHED.iter().any(|word| line.contains(word)) {
                wrong.push(format!("{}:{number}: {line}", file.path));
            }
        }
    }
    nobody("unfinished code, or tests that do not run", &wrong);
}

#[test]
fn every_module_says_what_it_is_for() {
    let mut wrong = Vec::new();
    for file in tree::sources() {
        let heads_a_folder = file.path.ends_with("/mod.rs") || file.path.ends_with("/lib.rs");
        if heads_a_folder && !file.text.starts_with("//!") {
            wrong.push(file.path);
        }
    }
    nobody("modules that do not begin with `//!`", &wrong);
}

#[test]
fn no_file_names_a_folder_of_one_machine() {
    let checkout = format!("{}/", tree::root().display());
    let mut wrong = Vec::new();
    for file in tree::all() {
        for (index, line) in file.text.lines().enumerate() {
            if FOREIGN_PATHS.iter().any(|path| line.contains(path)) || line.contains(&checkout) {
                wrong.push(format!("{}:{}", file.path, index + 1));
            }
        }
    }
    nobody("absolute paths of somebody's machine", &wrong);
}
