//! The pages of people, one folder or file each.

pub(super) mod directory;
pub(super) mod person;
