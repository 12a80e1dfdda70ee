//! Templates are all used, and hold no words: people's texts are in `web/locales/`.

use super::tree;
use super::tree::Text;
use super::tree::nobody;

/// The same in every language, or the name of a language in itself.
const NO_WORDS: &[&str] =
    &["Nazorat", "O\u{2bb}zbekcha", "\u{420}\u{443}\u{441}\u{441}\u{43a}\u{438}\u{439}", "English"];

/// Attributes that people read or hear.
const SPOKEN: &[&str] = &["title", "alt", "placeholder", "aria-label", "aria-description", "aria-roledescription"];

fn templates() -> Vec<Text> {
    let mut files = tree::all();
    files.retain(|file| file.is_under("templates") && file.has_extension(&["html", "svg", "txt", "xml"]));
    files
}

/// Takes out each part from `start` to `end`, both included; line ends stay, so that numbers of lines stay true.
fn without(text: &str, start: &str, end: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once(start) {
        kept.push_str(before);
        let (dropped, after) = inside.split_once(end).unwrap_or((inside, ""));
        kept.extend(dropped.chars().filter(|letter| *letter == '\n'));
        rest = after;
    }
    kept + rest
}

/// The template without what askama computes.
fn without_expressions(text: &str) -> String {
    let text = without(text, "{#", "#}");
    let text = without(&text, "{{", "}}");
    without(&text, "{%", "%}")
}

fn has_words(text: &str) -> bool {
    let text = NO_WORDS.iter().fold(text.to_owned(), |text, word| text.replace(word, ""));
    text.split('&').enumerate().any(|(index, part)| {
        let entity = part.split_once(';').filter(|(name, _)| index > 0 && name.chars().all(is_in_entity));
        let words = entity.map_or(part, |(_, rest)| rest);
        words.chars().any(char::is_alphabetic)
    })
}

fn is_in_entity(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '#'
}

/// A macro may write the attributes of a tag that its caller opens: ` name="value"`.
fn without_attributes(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("=\"") {
        let name = before.rfind(|letter: char| !(letter.is_ascii_lowercase() || letter == '-'));
        kept.push_str(&before[..name.map_or(0, |at| at + 1)]);
        rest = after.split_once('"').map_or("", |(_, rest)| rest);
    }
    kept + rest
}

/// Lines with words between tags, and words in attributes that people read.
fn spoken_lines(text: &str) -> Vec<String> {
    let text = without_expressions(text);
    let text = without(&text, "<!--", "-->");
    let mut wrong = Vec::new();
    for name in SPOKEN {
        for (at, _) in text.match_indices(&format!(" {name}=\"")) {
            let value = text[at..].split('"').nth(1).unwrap_or_default();
            if has_words(value) {
                wrong.push(format!("{}: {name}={value:?}", text[..at].lines().count()));
            }
        }
    }
    let text = without(&text, "<style", "</style>");
    let text = without(&text, "<script", "</script>");
    let text = without(&text, "<", ">");
    let lines = text.lines().map(without_attributes).enumerate().filter(|(_, line)| has_words(line));
    wrong.extend(lines.map(|(index, line)| format!("{}: {}", index + 1, line.trim())));
    wrong
}

#[test]
fn every_template_is_used() {
    let files = tree::all();
    let views = files.iter().filter(|file| file.has_extension(&["rs"]) && file.is_under("src"));
    let named: Vec<&Text> = views.chain(files.iter().filter(|file| file.is_under("templates"))).collect();
    let mut wrong = Vec::new();
    for template in templates() {
        let name = template.path.trim_start_matches("templates/");
        let quoted = format!("\"{name}\"");
        if !named.iter().any(|file| file.path != template.path && file.text.contains(&quoted)) {
            wrong.push(template.path);
        }
    }
    nobody("templates that no view and no template names", &wrong);
}

#[test]
fn templates_hold_no_words() {
    let mut wrong = Vec::new();
    for template in templates() {
        wrong.extend(spoken_lines(&template.text).iter().map(|line| format!("{}:{line}", template.path)));
    }
    nobody("words in templates (they belong into web/locales/)", &wrong);
}

#[test]
fn words_are_told_from_markup() {
    let fine = "{# Save #}<p class=\"x\" title=\"{{ t(\"a\") }}\">{{ t(\"b\") }} &middot; 12 {% if a > b %}:{% endif %}</p>\n<title>Nazorat</title>";
    assert_eq!(spoken_lines(fine), Vec::<String>::new());
    assert_eq!(spoken_lines("<p>\n{{ x }}\n  Save\n</p>"), ["3: Save"]);
    assert_eq!(spoken_lines("{% if x %} aria-invalid=\"true\" id=\"e-{{ y }}\"{% endif %}"), Vec::<String>::new());
    assert_eq!(spoken_lines("<img alt=\"Face\">"), ["1: alt=\"Face\""]);
}
