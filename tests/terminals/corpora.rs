//! What was found once stays mended: every file of the corpora goes through its target.

use std::fs;
use std::path::Path;

use nazorat_terminals::fuzz::TARGETS;

#[test]
fn every_file_of_the_corpora_passes_its_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora");
    for (name, target) in TARGETS {
        let mut files: Vec<_> = Vec::new();
        let maker = ["hikvision", "foreign"].into_iter().find(|maker| name.starts_with(maker)).unwrap_or("zkteco");
        let corpus = root.join(maker).join(name);
        for folder in [corpus.clone(), corpus.join("crashes")] {
            files.extend(fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path()));
        }
        files.retain(|file| file.is_file());
        assert!(!files.is_empty(), "{name} has no corpus");
        for file in files {
            target(&fs::read(file).unwrap());
        }
    }
}
