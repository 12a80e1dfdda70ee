//! Licences and banned crates, without network and without installing anything.
//!
//! `deny.toml` is the one list, cargo-deny reads it too where it is installed. Only the three lists that are needed are
//! read from it, line by line: this is no TOML parser.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

use crate::paths;
use crate::process::cargo;

pub(crate) fn check() -> Result<()> {
    let file = paths::root().join("deny.toml");
    let text = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
    let allowed = quoted(&text, "allow = [");
    let banned = banned(&text);
    if allowed.is_empty() || banned.is_empty() {
        bail!("{} allows no licence or bans no crate", file.display());
    }
    let linked = list("normal")?;
    let built = list("normal,build")?;
    let mut wrong = Vec::new();
    for Crate { name, licence } in &built {
        if !allows(licence, &allowed) {
            wrong.push(format!("{name}: licence {licence:?} is not allowed"));
        }
    }
    for Ban { name, in_build_scripts } in &banned {
        let where_it_counts = if *in_build_scripts { &linked } else { &built };
        if where_it_counts.iter().any(|found| found.name == *name) {
            wrong.push(format!("{name}: banned; `cargo tree --invert {name}` shows who brings it"));
        }
    }
    if !wrong.is_empty() {
        bail!("deny.toml refuses:\n  {}", wrong.join("\n  "));
    }
    eprintln!("licences of {} crates are allowed, none is banned", built.len());
    if cargo(&["deny", "--version"]).succeeds() {
        cargo(&["deny", "--offline", "check", "bans", "licenses", "sources"]).run()?;
    }
    Ok(())
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    name: String,
    licence: String,
}

/// The crates of other people that reach the binary of this platform over such edges.
fn list(edges: &str) -> Result<BTreeSet<Crate>> {
    let tree = cargo(&["tree", "--workspace", "--locked", "--prefix", "none", "--format", "{p}\t{l}"]);
    let text = tree.args(["--edges", edges]).output()?;
    let lines = text.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once('\t'));
    let foreign = lines.filter(|(package, _)| !package.contains("(/"));
    Ok(foreign
        .map(|(package, licence)| Crate {
            name: package.split_whitespace().next().unwrap_or(package).to_owned(),
            licence: licence.trim().to_owned(),
        })
        .collect())
}

struct Ban {
    name: String,
    /// A ban with `wrappers` tolerates the crate in build scripts, never in the binary.
    in_build_scripts: bool,
}

fn banned(text: &str) -> Vec<Ban> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("{ crate = \""));
    let named = lines.filter_map(|line| line.split_once('"'));
    named.map(|(name, rest)| Ban { name: name.to_owned(), in_build_scripts: rest.contains("wrappers") }).collect()
}

/// The quoted words of one list.
fn quoted<'a>(text: &'a str, head: &str) -> BTreeSet<&'a str> {
    let list = text.split_once(head).and_then(|(_, rest)| rest.split_once(']')).map_or("", |(list, _)| list);
    list.split('"').skip(1).step_by(2).collect()
}

/// Whether an SPDX expression can be met with the allowed licences. `AND` binds closer than `OR`.
fn allows(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest, allowed) && rest.is_empty()
}

fn either(rest: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    let mut met = both(rest, allowed);
    while let ["OR", tail @ ..] = *rest {
        *rest = tail;
        met |= both(rest, allowed);
    }
    met
}

fn both(rest: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    let mut met = one(rest, allowed);
    while let ["AND", tail @ ..] = *rest {
        *rest = tail;
        met &= one(rest, allowed);
    }
    met
}

fn one(rest: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    match *rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let met = either(rest, allowed);
            let [")", tail @ ..] = *rest else {
                return false;
            };
            *rest = tail;
            met
        }
        [name, "WITH", exception, tail @ ..] => {
            *rest = tail;
            allowed.contains(format!("{name} WITH {exception}").as_str())
        }
        [name, tail @ ..] => {
            *rest = tail;
            allowed.contains(name)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expression: &str, expected: bool) {
        let allowed = BTreeSet::from(["MIT", "ISC", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]);
        assert_eq!(allows(expression, &allowed), expected, "{expression}");
    }

    #[test]
    fn a_choice_needs_one_allowed_licence() {
        check("MIT", true);
        check("GPL-2.0-only OR MIT", true);
        check("Unlicense/MIT", true);
        check("GPL-2.0-only", false);
        check("GPL-2.0-only OR AGPL-3.0", false);
    }

    #[test]
    fn a_sum_needs_all_of_them() {
        check("MIT AND ISC", true);
        check("MIT AND GPL-2.0-only", false);
        check("(MIT OR GPL-2.0-only) AND ISC", true);
        check("MIT OR GPL-2.0-only AND AGPL-3.0", true);
    }

    #[test]
    fn an_exception_is_part_of_the_name() {
        check("Apache-2.0 WITH LLVM-exception", true);
        check("Apache-2.0 WITH Other-exception", false);
    }

    #[test]
    fn a_crate_that_names_no_licence_is_refused() {
        check("", false);
        check("(MIT", false);
    }

    #[test]
    fn the_lists_are_read_from_the_text_of_deny_toml() {
        let text = "allow = [\n \"MIT\",\n \"ISC\",\n]\ndeny = [\n  { crate = \"a\" },\n  { crate = \"b\", wrappers = [\"c\"] },\n]\n";
        assert_eq!(quoted(text, "allow = ["), BTreeSet::from(["MIT", "ISC"]));
        let found: Vec<(String, bool)> = banned(text).into_iter().map(|ban| (ban.name, ban.in_build_scripts)).collect();
        assert_eq!(found, [("a".to_owned(), false), ("b".to_owned(), true)]);
    }
}
