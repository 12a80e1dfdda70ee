//! The files of the repository as the rules see them.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A text file: its path from the root of the repository with `/`, and its lines.
pub(super) struct Text {
    pub(super) path: String,
    pub(super) text: String,
}

impl Text {
    pub(super) fn has_extension(&self, wanted: &[&str]) -> bool {
        let extension = Path::new(&self.path).extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| wanted.contains(&extension))
    }

    pub(super) fn is_under(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Numbered lines that are code: no comments, no blank lines.
    pub(super) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with("//"))
    }
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file that is committed, or would be by `git add --all`.
pub(super) fn all() -> Vec<Text> {
    let listed = Command::new("git")
        // The clone may belong to another user than the one who runs the tests.
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("the rules need git to know which files are ours");
    assert!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
    let paths = String::from_utf8(listed.stdout).unwrap();
    let paths = paths.split('\0').filter(|path| !path.is_empty());
    // Deleted but not yet committed files are listed too, and binary files have no text.
    paths.filter_map(read).collect()
}

/// The Rust sources of the app and of its leaf crates.
pub(super) fn sources() -> Vec<Text> {
    let mut files = all();
    files.retain(|file| file.is_under("src") && file.has_extension(&["rs"]));
    files
}

fn read(path: &str) -> Option<Text> {
    let text = fs::read_to_string(root().join(path)).ok()?;
    Some(Text { path: path.to_owned(), text })
}

#[track_caller]
pub(super) fn nobody(rule: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}
