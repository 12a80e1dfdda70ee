//! The tests drive programs of others; a missing one is reported once, here, before twenty tests fail of it.

use crate::support::tools;

#[test]
fn the_programs_that_tests_drive_are_installed() {
    let programs =
        [tools::chromium(), tools::node(), tools::promtool(), tools::python(), tools::schemathesis(), tools::strace()];
    for program in programs {
        assert!(program.exists(), "{} is missing", program.display());
    }
}
