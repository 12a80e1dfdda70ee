//! Texts of people live in `web/locales/<language>/*.ftl`, complete in each language.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::tree;
use super::tree::Text;
use super::tree::nobody;

const LANGUAGES: &[&str] = &["uz", "ru", "en"];

/// The keys of one Fluent file: messages, terms, and attributes as `message.attribute`.
fn keys(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut message = "";
    for line in text.lines() {
        let Some((left, _)) = line.split_once('=') else {
            continue;
        };
        let name = left.trim();
        let is_name = |name: &str| {
            name.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
        };
        match name.strip_prefix('.') {
            Some(attribute) if is_name(attribute) && line.starts_with([' ', '\t']) => {
                found.push(format!("{message}.{attribute}"));
            }
            None if is_name(name.trim_start_matches('-')) && !line.starts_with([' ', '\t']) => {
                message = name;
                found.push(name.to_owned());
            }
            _ => {}
        }
    }
    found
}

/// The files of each language.
fn locales() -> BTreeMap<&'static str, Vec<Text>> {
    let mut found: BTreeMap<&str, Vec<Text>> = BTreeMap::new();
    for file in tree::all() {
        let language = LANGUAGES.iter().find(|language| file.is_under(&format!("web/locales/{language}")));
        if let Some(language) = language
            && file.has_extension(&["ftl"])
        {
            found.entry(language).or_default().push(file);
        }
    }
    found
}

#[test]
fn each_language_has_the_same_keys() {
    let locales = locales();
    let keys_of: BTreeMap<&str, BTreeSet<String>> = locales
        .iter()
        .map(|(language, files)| (*language, files.iter().flat_map(|file| keys(&file.text)).collect()))
        .collect();
    let all: BTreeSet<&String> = keys_of.values().flatten().collect();
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        let have = keys_of.get(language);
        let missing = all.iter().filter(|key| have.is_none_or(|have| !have.contains(**key)));
        wrong.extend(missing.map(|key| format!("{language}: {key}")));
    }
    nobody("texts missing in a language", &wrong);
}

/// The keys in `.t("key")` and in calls of its sisters, as in `.t_count("key", ...)`.
fn asked(text: &str) -> Vec<&str> {
    let calls = text.match_indices(".t").filter_map(|(at, start)| {
        let rest = &text[at + start.len()..];
        let (name, argument) = rest.split_once('(')?;
        let is_sister = name.is_empty() || name.starts_with('_');
        let is_name = is_sister && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
        let (key, _) = argument.strip_prefix('"').filter(|_| is_name)?.split_once('"')?;
        Some(key)
    });
    calls.collect()
}

#[test]
fn every_text_that_is_asked_for_exists() {
    let known: BTreeSet<String> = locales().values().flatten().flat_map(|file| keys(&file.text)).collect();
    let mut wrong = Vec::new();
    for file in tree::all() {
        if file.is_under("templates") || file.is_under("src/web") {
            let missing = asked(&file.text).into_iter().filter(|key| !known.contains(*key));
            wrong.extend(missing.map(|key| format!("{}: {key}", file.path)));
        }
    }
    nobody("texts that no language has", &wrong);
}

#[test]
fn a_key_is_defined_once() {
    let mut wrong = Vec::new();
    for (language, files) in locales() {
        let mut seen = BTreeSet::new();
        for file in &files {
            for key in keys(&file.text) {
                if !seen.insert(key.clone()) {
                    wrong.push(format!("{}: {key} again in {language}", file.path));
                }
            }
        }
    }
    nobody("texts that are defined twice", &wrong);
}

#[test]
fn uzbek_is_written_with_its_own_letters() {
    let mut wrong = Vec::new();
    for file in locales().remove("uz").unwrap_or_default() {
        for (number, line) in file.text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let letters: Vec<char> = line.chars().collect();
            let inside_a_word = |around: &[char]| {
                matches!(around, [before, '\'' | '`' | '\u{2018}' | '\u{2019}', after]
                    if before.is_alphabetic() && after.is_alphabetic())
            };
            if letters.windows(3).any(inside_a_word) {
                wrong.push(format!("{}:{}: {line}", file.path, number + 1));
            }
        }
    }
    nobody("apostrophes in Uzbek words (U+02BB in o\\u{2bb} and g\\u{2bb}, otherwise U+02BC)", &wrong);
}

#[test]
fn keys_are_read_as_fluent_does() {
    let text =
        "# note = no\nsave = Save\n    .hint = Hint\n-brand = X\nmany = { $n ->\n    [one] a = b\n   *[other] c\n}\n";
    assert_eq!(keys(text), ["save", "save.hint", "-brand", "many"]);
}

#[test]
fn the_calls_that_ask_for_a_text_are_found() {
    assert_eq!(asked("{{ l.t(\"a-b\") }} {{ l.t_count(\"c\", n) }} x.trim(\"no\") l.t(key)"), ["a-b", "c"]);
}

/// What verbs note in the audit log: quoted words such as `operator.create` in files that speak of the log.
fn noted(text: &str) -> BTreeSet<&str> {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|one| one.is_ascii_lowercase() || one == '_');
    // What begins with our own name is a key of a session.
    let is_action = |quoted: &&str| {
        quoted.split_once('.').is_some_and(|(object, verb)| object != "nazorat" && is_word(object) && is_word(verb))
    };
    text.split('"').skip(1).step_by(2).filter(is_action).collect()
}

#[test]
fn what_is_noted_in_the_audit_log_has_a_sentence() {
    let texts: BTreeSet<String> =
        locales().remove("en").into_iter().flatten().flat_map(|file| keys(&file.text)).collect();
    let mut wrong = Vec::new();
    let mut found = 0;
    for file in tree::all().into_iter().filter(|file| file.is_under("src") && file.text.contains("Entry::new(")) {
        for action in noted(&file.text) {
            found += 1;
            let key = format!("audit-{}", action.replace(['.', '_'], "-"));
            if !texts.contains(&key) {
                wrong.push(format!("{}: {action}", file.path));
            }
        }
    }
    assert!(found > 30, "only {found} actions were found");
    nobody("actions without a sentence for the audit log", &wrong);
}
