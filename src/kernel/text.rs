//! Comparing what people type: Uzbek has five ways to write one apostrophe.

use std::borrow::Cow;

/// Folds text for search and sorting: lower case, every apostrophe the same, spaces single.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase).map(|letter| match letter {
            '\u{2bb}' | '\u{2bc}' | '\u{2018}' | '\u{2019}' | '`' => '\'',
            '\u{451}' => '\u{435}',
            other => other,
        }));
    }
    folded
}

/// Text for a cell of CSV: what a spreadsheet would run as a formula gets an apostrophe in front.
pub fn spreadsheet_safe(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The first letters of the first two words, for the round mark beside a name.
pub fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphabetic()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::fold;
    use super::initials;
    use super::spreadsheet_safe;

    #[test]
    fn all_apostrophes_are_equal() {
        for form in ["G\u{2bb}aniyeva", "G'aniyeva", "G\u{2018}aniyeva", "g`ANIYEVA", " G\u{2019}aniyeva "] {
            assert_eq!(fold(form), "g'aniyeva");
        }
    }

    #[test]
    fn no_cell_begins_as_a_formula() {
        for formula in ["=cmd|' /C calc'!A0", "+998", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(spreadsheet_safe(formula), format!("'{formula}"));
        }
        assert_eq!(spreadsheet_safe("Aliyev = 1"), "Aliyev = 1");
    }

    #[test]
    fn initials_skip_apostrophes() {
        assert_eq!(initials("O\u{2bb}rinov Bekzod"), "OB");
        assert_eq!(initials(""), "");
    }
}
