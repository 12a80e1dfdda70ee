//! PUSH (ADMS): the device asks over HTTP. There are two dialects, that of attendance terminals (`att`, 2.x) and
//! that of access terminals (`acc`, 3.x).
//!
//! `request` reads what a device asks for, `records` what it uploads, `answers` writes what it understands to the byte:
//! a device that reads anything else sends the same data for ever. `command` is what waits for it, and what it made of it.

pub mod answers;
pub mod command;
pub mod records;
pub mod request;

use super::time::Stamp;

/// How a device speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Attendance terminals.
    Att,
    /// Access terminals.
    Acc,
}

/// `key=value` between separators, as nearly everything is written. Keys are compared without case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads them; what is no pair is left out.
    pub fn read(text: &str, separator: char) -> Self {
        let pairs = text.split(separator).filter_map(|pair| pair.split_once('='));
        Self(
            pairs
                .map(|(key, value)| (key.trim().trim_start_matches('~').to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
        )
    }

    /// A value, empty if it is not there.
    pub fn get(&self, key: &str) -> &str {
        self.find(key).unwrap_or_default()
    }

    /// A value.
    pub fn find(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }

    /// A value as a number.
    pub fn number(&self, key: &str) -> Option<u32> {
        self.find(key)?.parse().ok()
    }

    /// Adds those of another.
    pub fn extend(&mut self, other: Self) {
        for (key, value) in other.0 {
            match self.0.iter_mut().find(|(name, _)| *name == key) {
                Some((_, old)) => *old = value,
                None => self.0.push((key, value)),
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The lines of a body: those that are not empty, without what ends them.
pub fn lines(body: &str) -> impl Iterator<Item = &str> {
    body.split('\n').map(|line| line.trim_end_matches('\r')).filter(|line| !line.trim().is_empty())
}

/// A value that may stand in a command: no separators, no ends of lines.
pub fn plain(value: &str) -> String {
    value.chars().filter(|letter| !letter.is_control()).collect()
}

/// A time as far as it can be read, and the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// As devices count.
    pub stamp: Option<Stamp>,
    /// As it came.
    pub text: String,
}

impl Moment {
    /// Reads `2026-11-23 08:30:15`, or seconds as devices count them.
    pub fn read(text: &str) -> Self {
        let text: String = plain(text).trim().chars().take(32).collect();
        let counted = || text.parse::<u32>().ok().map(Stamp);
        Self { stamp: Stamp::parse(&text).or_else(counted), text }
    }

    /// For a key: the same however it was written.
    pub fn key(&self) -> String {
        self.stamp.map_or_else(|| format!("x{}", self.text.replace([':', ' '], "_")), |stamp| format!("t{}", stamp.0))
    }
}
