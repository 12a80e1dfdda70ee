//! The languages in which Nazorat speaks.

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Uzbek, Latin script.
    #[default]
    Uz,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Language {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Language; 3] = [Language::Uz, Language::Ru, Language::En];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Uz => "uz",
            Language::Ru => "ru",
            Language::En => "en",
        }
    }

    /// Reads a tag such as `ru` or `ru-RU`.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?.trim();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// Picks the first language of an `Accept-Language` header that Nazorat speaks.
    pub fn negotiate(header: &str) -> Option<Self> {
        header.split(',').find_map(|part| Self::parse(part.split(';').next()?))
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_first_known_language_of_the_header_wins() {
        assert_eq!(Language::negotiate("de-DE,ru;q=0.8,en;q=0.5"), Some(Language::Ru));
        assert_eq!(Language::negotiate("de,fr"), None);
        assert_eq!(Language::parse("UZ-latn"), Some(Language::Uz));
    }
}
