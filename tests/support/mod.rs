//! What tests of several modules share.

pub(crate) mod agent;
pub(crate) mod app;
pub(crate) mod appliance;
pub(crate) mod office;
pub(crate) mod services;
pub(crate) mod tools;
