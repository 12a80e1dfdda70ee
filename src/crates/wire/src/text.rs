//! Bounds of what is kept of a text.

use std::borrow::Cow;

/// The most bytes that a field may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub usize);

impl Limit {
    /// A machine's id, an account, a program: longer ones are refused.
    pub const NAME: Limit = Limit(256);
    /// A window's title: longer ones are shortened.
    pub const TITLE: Limit = Limit(1024);
    /// A page's address: longer ones are shortened.
    pub const URL: Limit = Limit(4096);
}

/// Shortens to whole characters within the limit and replaces control characters, which no title needs and which
/// would break logs and tables.
pub fn shorten(text: Cow<'_, str>, limit: Limit) -> Cow<'_, str> {
    let text = if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        Cow::Owned(text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect())
    } else {
        text
    };
    if text.len() <= limit.0 {
        return text;
    }
    let end = text.floor_char_boundary(limit.0);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..end).unwrap_or_default()),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}

/// The host of an address in lower case, without user, port and a leading `www.`; empty when there is none.
pub fn domain_of(url: &str) -> Cow<'_, str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let host = host.strip_prefix("www.").unwrap_or(host);
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

#[cfg(test)]
mod tests {
    use super::Limit;
    use super::domain_of;
    use super::shorten;

    #[test]
    fn the_domain_is_the_host_alone() {
        for (url, domain) in [
            ("https://www.My.Soliq.uz:443/a?b#c", "my.soliq.uz"),
            ("didox.uz/path", "didox.uz"),
            ("http://user:secret@host.uz/", "host.uz"),
            ("http://[::1]:8080/", "::1"),
            ("", ""),
        ] {
            assert_eq!(domain_of(url), domain, "{url}");
        }
    }

    #[test]
    fn shortening_keeps_whole_characters() {
        assert_eq!(shorten("\u{436}\u{436}\u{436}".into(), Limit(5)), "\u{436}\u{436}");
        assert_eq!(shorten("a\0b\nc".into(), Limit(99)), "a b c");
    }
}
