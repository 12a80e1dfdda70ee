//! What the words of another system mean, as somebody typed it: `IN = in, OUT = out`, or the same as a JSON object.

use serde_json::Map;
use serde_json::Value;

/// Words and what they mean. Large and small letters are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words<T>(Vec<(String, T)>);

impl<T> Default for Words<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What was typed cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// It has another form.
    #[error("must be written as WORD=MEANING, WORD=MEANING")]
    Form,
    /// A meaning is none.
    #[error("{0:?} is no meaning that is known here")]
    Meaning(String),
}

impl<T: Copy> Words<T> {
    /// Reads pairs; `meaning` knows what may stand on their right.
    pub fn parse(text: &str, meaning: impl Fn(&str) -> Option<T>) -> Result<Self, WordsError> {
        let mut found = Vec::new();
        for (word, meant) in pairs(text)? {
            let means = meaning(&meant.to_ascii_lowercase()).ok_or(WordsError::Meaning(meant))?;
            found.push((word.to_lowercase(), means));
        }
        Ok(Self(found))
    }

    /// What a word means.
    pub fn find(&self, word: &str) -> Option<T> {
        if self.0.is_empty() {
            return None;
        }
        let word = word.to_lowercase();
        self.0.iter().find(|(own, _)| *own == word).map(|(_, means)| *means)
    }
}

/// The pairs of a text, in their order. Nothing is none.
pub fn pairs(text: &str) -> Result<Vec<(String, String)>, WordsError> {
    let text = text.trim();
    if text.starts_with('{') {
        let object: Map<String, Value> = serde_json::from_str(text).map_err(|_| WordsError::Form)?;
        let pair = |(word, meant): (String, Value)| match meant {
            Value::String(meant) => Ok((word.trim().to_owned(), meant.trim().to_owned())),
            Value::Number(_) | Value::Bool(_) => Ok((word.trim().to_owned(), meant.to_string())),
            _ => Err(WordsError::Form),
        };
        return object.into_iter().map(pair).collect();
    }
    let pair = |part: &str| {
        let (word, meant) = part.split_once('=').ok_or(WordsError::Form)?;
        let (word, meant) = (word.trim(), meant.trim());
        if word.is_empty() || meant.is_empty() {
            Err(WordsError::Form)
        } else {
            Ok((word.to_owned(), meant.to_owned()))
        }
    };
    text.split(',').filter(|part| !part.trim().is_empty()).map(pair).collect()
}
