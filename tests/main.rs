//! The one integration binary: linking the app once per test file would cost more than all the tests.
//!
//! `rules` holds the tree itself to the house style. Modules named `slow` run only by `cargo xtask test --slow`,
//! modules named `browser` run one at a time.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod browser;
mod edge;
mod faults;
mod http;
mod install;
mod process;
mod rules;
mod support;
mod terminals;
mod tools;
