//! The pages of people, one folder or file each. The table of their addresses is `web/routes.rs`.

pub(super) mod access_groups;
pub(super) mod activity;
pub(super) mod alerts;
mod branch;
pub(super) mod categories;
pub(super) mod devices;
pub(super) mod directory;
pub(super) mod doors;
pub(super) mod gates;
pub(super) mod gateways;
pub(super) mod letters;
pub(super) mod missing;
pub(super) mod overview;
pub(super) mod person;
pub(super) mod policies;
mod question;
pub(super) mod setup;
pub(super) mod sign_in;
pub(super) mod storage;
pub(super) mod system;

pub use branch::{BranchLink, BranchMember, BranchPage, BranchPolicy};
pub use categories::{rules_of, use_rules};
pub use overview::Stopping;
