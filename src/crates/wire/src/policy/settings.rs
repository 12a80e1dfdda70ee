//! What a person decides: every field on its own, or not at all.

use serde::Deserialize;
use serde::Serialize;

use super::exclusions::Exclusion;
use super::exclusions::Pattern;
use super::hours::Hours;

/// The most exclusions of one policy.
const MOST_EXCLUSIONS: usize = 500;

/// What is kept of the window in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowDetail {
    /// Nothing.
    Off,
    /// The program.
    Application,
    /// The program and the title.
    Title,
}

/// What is kept of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteDetail {
    /// Nothing.
    Off,
    /// The host.
    Domain,
    /// The address up to the question mark, and the title.
    Path,
    /// The whole address, and the title.
    Full,
}

/// Whether and how pictures of the screen are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screenshots {
    /// Minutes between two; 0 is never.
    pub every_minutes: u16,
    /// Without colours.
    pub grayscale: bool,
    /// So that text cannot be read.
    pub blur: bool,
    /// All monitors instead of the one with the window in front.
    pub all_monitors: bool,
    /// None while nothing changes.
    pub skip_unchanged: bool,
}

impl Screenshots {
    /// Never.
    pub const OFF: Self =
        Self { every_minutes: 0, grayscale: false, blur: false, all_monitors: false, skip_unchanged: true };
}

/// The settings of an organization, a department or a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The window in front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<WindowDetail>,
    /// Sites.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sites: Option<SiteDetail>,
    /// Pictures of the screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screenshots: Option<Screenshots>,
    /// Whether there is input; never which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<bool>,
    /// Logins, logouts, locks and unlocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<bool>,
    /// When anything is collected at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Whether sites in private windows are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_windows: Option<bool>,
    /// Minutes without input after which there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_minutes: Option<u16>,
    /// Seconds after which what was collected is sent on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_seconds: Option<u16>,
    /// Megabytes that may wait on a computer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buffer_megabytes: Option<u32>,
    /// What is kept less of, or not at all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<Exclusion>,
}

/// Settings that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A number outside of its range.
    #[error("{field}: {value} is not from {from} to {to}")]
    Range {
        /// Which field.
        field: &'static str,
        /// What it says.
        value: u32,
        /// The least.
        from: u32,
        /// The most.
        to: u32,
    },
    /// The weekly schedule cannot be one.
    #[error("hours: {0}")]
    Hours(String),
    /// Too many exclusions.
    #[error("there are {0} exclusions, at most {MOST_EXCLUSIONS} are possible; one pattern can name several sites")]
    TooMany(usize),
    /// A pattern cannot be used.
    #[error("exclusion {number}, {pattern}: {problem}")]
    Pattern {
        /// Which, from 1.
        number: usize,
        /// Its beginning.
        pattern: String,
        /// Why not.
        problem: String,
    },
}

impl Settings {
    /// Refuses what cannot be meant, naming the field.
    pub fn check(&self) -> Result<(), SettingsError> {
        let range = |field, value: Option<u32>, from, to| match value {
            Some(value) if !(from..=to).contains(&value) => Err(SettingsError::Range { field, value, from, to }),
            _ => Ok(()),
        };
        let every = self.screenshots.map(|shots| u32::from(shots.every_minutes)).filter(|minutes| *minutes != 0);
        range("screenshots", every, 1, 480)?;
        range("idle_minutes", self.idle_minutes.map(u32::from), 1, 60)?;
        range("upload_seconds", self.upload_seconds.map(u32::from), 1, 3_600)?;
        range("buffer_megabytes", self.buffer_megabytes, 64, 100_000)?;
        if let Some(hours) = &self.hours {
            hours.check().map_err(SettingsError::Hours)?;
        }
        if self.exclusions.len() > MOST_EXCLUSIONS {
            return Err(SettingsError::TooMany(self.exclusions.len()));
        }
        for (place, exclusion) in self.exclusions.iter().enumerate() {
            exclusion.pattern.compile().map_err(|problem| {
                let Pattern { text, .. } = &exclusion.pattern;
                SettingsError::Pattern { number: place + 1, pattern: text.chars().take(40).collect(), problem }
            })?;
        }
        Ok(())
    }
}
