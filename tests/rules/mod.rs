//! House rules as tests: each lists its offenders.
//!
//! A rule reads the files that git knows or would add, so a new file is held to it before it is committed.

mod architecture;
mod files;
mod locales;
mod metrics;
mod pages;
mod routes;
mod templates;
mod tools;
mod tree;
