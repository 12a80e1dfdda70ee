//! What is kept less of, or not at all: which part of a fact, how it is recognised, and what is done then.

use regex::Regex;
use regex::RegexBuilder;
use serde::Deserialize;
use serde::Serialize;

/// The longest pattern.
const LONGEST: usize = 500;
/// What a compiled pattern may take in memory; what is refused here is far beyond any use.
const MOST_BYTES: usize = 256 << 10;
const MOST_NESTED: u32 = 32;

/// Which part of a fact is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The program, or the browser of a site.
    Application,
    /// The title of a window or a page.
    Title,
    /// The address of a site.
    Address,
    /// The host of a site, with everything below it.
    Site,
}

/// What is done with a fact that is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is not kept at all.
    Drop,
    /// Title and address are left out; how long it lasted stays.
    Redact,
    /// Title and address are replaced by a fingerprint: the same ones can be counted, and nobody can read them.
    Hash,
    /// Of the address the host stays; the title is left out.
    DomainOnly,
}

/// How something is recognised, without regard to capital letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// Words, in which `*` stands for anything; or a regular expression.
    pub text: String,
    /// Which of the two.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub regex: bool,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Which part is looked at.
    pub part: Part,
    /// How it is recognised.
    pub pattern: Pattern,
    /// What is done then.
    pub action: Action,
}

impl Pattern {
    /// Ready to be matched, or why it never will be.
    pub(super) fn compile(&self) -> Result<Regex, String> {
        let text = self.text.trim();
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        if text.len() > LONGEST {
            return Err(format!("it has {} bytes, at most {LONGEST} are possible", text.len()));
        }
        if !self.regex && text.chars().all(|letter| letter == '*') {
            return Err("it would recognise everything; switch the kind of data off instead".to_owned());
        }
        let source = if self.regex { text.to_owned() } else { wildcard(text) };
        RegexBuilder::new(&source)
            .case_insensitive(true)
            .size_limit(MOST_BYTES)
            .dfa_size_limit(MOST_BYTES)
            .nest_limit(MOST_NESTED)
            .build()
            .map_err(|problem| match problem {
                regex::Error::CompiledTooBig(_) => {
                    "it is too large once it is compiled; make repetitions smaller".to_owned()
                }
                other => last_line(&other.to_string()),
            })
    }
}

/// Words anywhere in the text; with a `*` at an end, the text as a whole is meant.
fn wildcard(text: &str) -> String {
    let parts: Vec<String> = text.split('*').map(regex::escape).collect();
    let source = parts.join(".*");
    if text.contains('*') { format!("^(?s:{source})$") } else { source }
}

/// The parser draws where the mistake is; what it says stands in the last line.
fn last_line(problem: &str) -> String {
    let line = problem.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or(problem);
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
