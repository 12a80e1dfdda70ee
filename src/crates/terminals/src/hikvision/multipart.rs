//! The event stream: a multipart body that never ends, cut into parts as the bytes come.
//!
//! Lengths that a device states are believed only if a boundary follows; otherwise the boundary is searched for. Whether
//! anybody keeps a picture is decided by those who read the parts.

/// What stands between parts when a device does not say.
const USUAL: &str = "MIME_boundary";

/// The longest head of a part.
const MOST_HEAD: usize = 8 * 1024;

/// The longest message.
const MOST_TEXT: usize = 256 * 1024;

/// The longest picture.
const MOST_BINARY: usize = 2 * 1024 * 1024;

/// What is read before the first boundary at most.
const MOST_PREAMBLE: usize = 16 * 1024;

/// A part of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A message, XML or JSON.
    Message(Vec<u8>),
    /// A picture or something else that is no message.
    Binary(Vec<u8>),
}

/// Why the stream cannot be followed any further: the connection is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Overflow {
    /// Before the first boundary.
    #[error("the event stream does not begin with a boundary")]
    Preamble,
    /// The head of a part.
    #[error("the event stream has a part whose head does not end")]
    Head,
    /// A message.
    #[error("the event stream has a message that does not end")]
    Text,
    /// A picture.
    #[error("the event stream has a picture that does not end")]
    Binary,
}

/// Cuts the stream. Feed it whatever arrives.
#[derive(Debug)]
pub struct Parts {
    boundary: Vec<u8>,
    held: Vec<u8>,
    /// Up to where `held` is known to hold no boundary.
    searched: usize,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Between parts; so many bytes were passed over.
    Seeking(usize),
    Head,
    Body(Head),
    /// The closing boundary was there.
    Over,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Head {
    /// As stated, until it turns out to be wrong.
    length: Option<usize>,
    content_type: String,
}

/// What a step came to.
enum Step {
    /// More bytes are needed.
    Waits,
    Moved,
    Found(Part),
}

impl Parts {
    /// For a `Content-Type` such as `multipart/mixed; boundary="MIME_boundary"`.
    pub fn of(content_type: &str) -> Self {
        let lower = content_type.to_ascii_lowercase();
        let value = lower.find("boundary").and_then(|at| content_type.get(at + "boundary".len()..));
        let value = value.map(|rest| rest.trim_start().trim_start_matches('=').trim_start());
        let boundary = value.map(|value| match value.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap_or_default(),
            None => value.split([';', ' ', ',']).next().unwrap_or_default(),
        });
        // RFC 2046 allows 70; a longer one is a device that does not mean it.
        let boundary = boundary.filter(|boundary| (1..=200).contains(&boundary.len())).unwrap_or(USUAL);
        let boundary = boundary.strip_prefix("--").filter(|rest| !rest.is_empty()).unwrap_or(boundary);
        let boundary = format!("--{boundary}").into_bytes();
        Self { boundary, held: Vec::new(), searched: 0, state: State::Seeking(0) }
    }

    /// Takes bytes and gives the parts that are complete with them.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Part>, Overflow> {
        let mut found = Vec::new();
        // In pieces, so that a caller who hands over much at once is held to the same limits.
        for piece in bytes.chunks(16 * 1024) {
            self.held.extend_from_slice(piece);
            loop {
                match self.step()? {
                    Step::Waits => break,
                    Step::Moved => {}
                    Step::Found(part) => found.push(part),
                }
            }
        }
        Ok(found)
    }

    /// Gives a message without a stated length that is whole although no boundary followed yet. For when nothing has come
    /// for a while: many devices write the boundary together with the next part.
    pub fn settle(&mut self) -> Option<Part> {
        let State::Body(head) = &self.state else { return None };
        if head.is_binary(&self.held) || !is_whole(&self.held) {
            return None;
        }
        Some(self.take(self.held.len(), self.held.len()))
    }

    fn step(&mut self) -> Result<Step, Overflow> {
        match &self.state {
            State::Over => {
                self.held.clear();
                Ok(Step::Waits)
            }
            State::Seeking(passed) => {
                let passed = *passed;
                self.seek(passed)
            }
            State::Head => self.head(),
            State::Body(head) => {
                let head = head.clone();
                self.body(head)
            }
        }
    }

    fn seek(&mut self, passed: usize) -> Result<Step, Overflow> {
        if let Some((_, _, after)) = self.boundary_from(self.searched) {
            self.held.drain(..after);
            self.searched = 0;
            self.state = State::Head;
            return Ok(Step::Moved);
        }
        let gone = self.held.len().saturating_sub(self.boundary.len() + 2);
        self.held.drain(..gone);
        self.searched = 0;
        self.state = State::Seeking(passed + gone);
        if passed + gone > MOST_PREAMBLE { Err(Overflow::Preamble) } else { Ok(Step::Waits) }
    }

    fn head(&mut self) -> Result<Step, Overflow> {
        // Directly behind the boundary: the rest of its line, or the two dashes of the end.
        if self.held.starts_with(b"--") {
            self.state = State::Over;
            return Ok(Step::Moved);
        }
        let Some((end, after)) = end_of_head(&self.held) else {
            return if self.held.len() > MOST_HEAD { Err(Overflow::Head) } else { Ok(Step::Waits) };
        };
        if end > MOST_HEAD {
            return Err(Overflow::Head);
        }
        self.state = State::Body(Head::read(self.held.get(..end).unwrap_or_default()));
        self.held.drain(..after);
        self.searched = 0;
        Ok(Step::Moved)
    }

    fn body(&mut self, mut head: Head) -> Result<Step, Overflow> {
        let is_binary = head.is_binary(&self.held);
        let (most, overflow) = if is_binary { (MOST_BINARY, Overflow::Binary) } else { (MOST_TEXT, Overflow::Text) };
        if let Some(length) = head.length.filter(|&length| length <= most) {
            match self.held.get(length..) {
                // A picture may hold anything, a boundary too: only its end counts.
                None if is_binary => return Ok(Step::Waits),
                None => {}
                Some(_) if !is_binary && is_whole(self.held.get(..length).unwrap_or_default()) => {
                    return Ok(Step::Found(self.take(length, length)));
                }
                Some(rest) if is_binary && self.boundary_at(rest) => {
                    return Ok(Step::Found(self.take(length, length)));
                }
                Some(rest) if is_binary && rest.len() < self.boundary.len() + 5 => return Ok(Step::Waits),
                Some(_) => {
                    head.length = None;
                    self.state = State::Body(head);
                }
            }
        }
        if let Some((end, boundary, _)) = self.boundary_from(self.searched) {
            return if end > most { Err(overflow) } else { Ok(Step::Found(self.take(end, boundary))) };
        }
        self.searched = self.held.len().saturating_sub(self.boundary.len() + 2);
        if self.held.len() > most + self.boundary.len() + 2 { Err(overflow) } else { Ok(Step::Waits) }
    }

    /// Takes the first `end` bytes as a part; what follows from `next` on is searched for the boundary.
    fn take(&mut self, end: usize, next: usize) -> Part {
        let is_binary = matches!(&self.state, State::Body(head) if head.is_binary(&self.held));
        let body = self.held.get(..end).unwrap_or_default().to_vec();
        let part = if is_binary { Part::Binary(body) } else { Part::Message(body) };
        self.held.drain(..next.min(self.held.len()));
        self.searched = 0;
        self.state = State::Seeking(0);
        part
    }

    /// Whether a boundary stands at the start of `rest`, behind a line break or none.
    fn boundary_at(&self, rest: &[u8]) -> bool {
        let breaks: [&[u8]; 4] = [b"\r\n\r\n", b"\r\n", b"\n", b""];
        breaks.iter().any(|start| rest.strip_prefix(*start).is_some_and(|rest| rest.starts_with(&self.boundary)))
    }

    /// The next boundary that is one: where the body before it ends, where it begins, and where it ends.
    fn boundary_from(&self, from: usize) -> Option<(usize, usize, usize)> {
        let mut from = from.saturating_sub(2);
        loop {
            let at = from + find(self.held.get(from..)?, &self.boundary)?;
            let after = at + self.boundary.len();
            // Only the whole word is one: behind it comes a line break or `--`. With nothing behind it yet, wait.
            match self.held.get(after) {
                None => return None,
                Some(b'\r' | b'\n' | b'-' | b' ' | b'\t') => {
                    let body = self.held.get(..at).unwrap_or_default();
                    let body = body.strip_suffix(b"\n").unwrap_or(body);
                    let body = body.strip_suffix(b"\r").unwrap_or(body);
                    return Some((body.len(), at, after));
                }
                Some(_) => from = at + 1,
            }
        }
    }
}

impl Head {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut head = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
            match name.trim().to_ascii_lowercase().as_str() {
                "content-length" => head.length = value.trim().parse().ok(),
                "content-type" => head.content_type = value.trim().to_ascii_lowercase(),
                _ => {}
            }
        }
        head
    }

    /// By its type, or by how it begins where the type says nothing.
    fn is_binary(&self, body: &[u8]) -> bool {
        let kind = self.content_type.as_str();
        let is_text = kind.contains("xml") || kind.contains("json") || kind.starts_with("text/");
        if is_text || body.is_empty() {
            return !is_text && (kind.starts_with("image/") || kind.contains("octet-stream"));
        }
        let start = body.iter().find(|byte| !byte.is_ascii_whitespace());
        kind.starts_with("image/")
            || body.starts_with(&[0xff, 0xd8])
            || !matches!(start, Some(b'<' | b'{' | 0xef) | None)
    }
}

/// Whether this is one document from its first letter to its last.
fn is_whole(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    match (text.first(), text.last()) {
        (Some(b'{'), Some(b'}')) => serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok(),
        (Some(b'<' | 0xef), Some(b'>')) => super::xml::read(text).is_ok(),
        _ => false,
    }
}

/// The end of a head, and the beginning of the body: an empty line, with or without carriage returns.
fn end_of_head(held: &[u8]) -> Option<(usize, usize)> {
    let mut line = 0;
    let mut is_first = true;
    loop {
        let end = line + held.get(line..)?.iter().position(|&byte| byte == b'\n')?;
        let text = held.get(line..end).unwrap_or_default();
        if !is_first && text.iter().all(|&byte| byte == b'\r') {
            return Some((line, end + 1));
        }
        is_first = false;
        line = end + 1;
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.iter().position(|&byte| byte == first)?;
        if text.get(at..)?.starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests;
