//! What a column is about, told by its heading in any of the languages.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::kernel::Language;
use crate::kernel::fold;

/// One line for each column: its name, then its headings in English, Uzbek and Russian, then others.
const HEADINGS: &str = include_str!("headings.txt");

macro_rules! columns {
    ($($column:ident $name:literal,)+) => {
        /// A column that is understood.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(super) enum Column {
            $($column,)+
        }

        impl Column {
            const ALL: &[Column] = &[$(Column::$column,)+];

            /// Its name, as in the API.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Column::$column => $name,)+
                }
            }
        }
    };
}

columns! {
    Surname "surname",
    GivenName "given_name",
    Patronymic "patronymic",
    FullName "full_name",
    Position "position",
    Department "department",
    PersonnelNumber "personnel_number",
    Email "email",
    Phone "phone",
    HiredOn "hired_on",
    LeftOn "left_on",
    Language "language",
    DepartmentName "department_name",
    Parent "parent",
}

static BY_HEADING: LazyLock<HashMap<String, Column>> = LazyLock::new(|| {
    let headings = Column::ALL.iter().flat_map(|column| {
        let own = std::iter::once(column.name());
        own.chain(column.headings()).map(|heading| (bare(heading), *column))
    });
    headings.collect()
});

impl Column {
    fn headings(self) -> impl Iterator<Item = &'static str> {
        let mut lines = HEADINGS.lines().filter_map(|line| line.split_once('='));
        let own = lines.find(|(name, _)| name.trim() == self.name());
        own.map_or("", |(_, headings)| headings).split('|').map(str::trim)
    }

    /// How it is headed in a language.
    pub(super) fn heading(self, language: Language) -> &'static str {
        let place = match language {
            Language::En => 0,
            Language::Uz => 1,
            Language::Ru => 2,
        };
        self.headings().nth(place).unwrap_or(self.name())
    }

    /// Reads a heading.
    pub(super) fn parse(heading: &str) -> Option<Self> {
        BY_HEADING.get(&bare(heading)).copied()
    }
}

/// A heading without what people put around it.
fn bare(heading: &str) -> String {
    fold(heading.trim_matches(|letter: char| letter.is_whitespace() || "*:\"".contains(letter)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::Column;
    use super::bare;
    use crate::kernel::Language;

    #[test]
    fn headings_are_known_in_every_language_and_mean_one_thing() {
        let mut meaning = HashMap::new();
        for column in Column::ALL {
            assert!(column.headings().count() >= 3, "{column:?}");
            for heading in column.headings() {
                assert_eq!(Column::parse(heading), Some(*column), "{heading}");
                let other = meaning.insert(bare(heading), column);
                assert!(other.is_none_or(|other| other == column), "{heading}");
            }
            for language in Language::ALL {
                let heading = format!(" {}: ", column.heading(language).to_uppercase());
                assert_eq!(Column::parse(&heading), Some(*column), "{heading}");
            }
        }
        assert_eq!(Column::parse("Shoe size"), None);
    }
}
