//! Every metric that the code records is described, and nothing else is.

use std::collections::BTreeSet;

use super::tree;

const LIST: &str = "src/runtime/described.rs";

/// Names in quotation marks that begin as ours do.
fn names(text: &str) -> BTreeSet<String> {
    let starts = text.match_indices("\"nazorat_").map(|(at, _)| at + 1);
    let all = starts.filter_map(|at| text[at..].split('"').next());
    let fits =
        |name: &&str| name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
    all.filter(fits).map(str::to_owned).collect()
}

#[test]
fn every_metric_is_described() {
    let files = tree::all();
    let described = files.iter().find(|file| file.path == LIST).map(|file| names(&file.text)).unwrap();
    let code = files.iter().filter(|file| file.is_under("src") && file.path != LIST && file.has_extension(&["rs"]));
    let recorded: BTreeSet<String> = code.flat_map(|file| names(&file.text)).collect();
    let missing: Vec<_> = recorded.difference(&described).collect();
    let unused: Vec<_> = described.difference(&recorded).collect();
    assert!(missing.is_empty() && unused.is_empty(), "not described: {missing:?}\nnot recorded: {unused:?}");
}
