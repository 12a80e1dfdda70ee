//! People come in: pages, the dashboard API, health and metrics.
//!
//! A handler decodes, calls one verb of a domain and renders. Nothing here opens a transaction or knows a rule.
//! `http` holds what every answer of every listener has, `setup` the gate that is closed until the first run is done.

pub mod health;
pub mod http;
pub mod setup;
