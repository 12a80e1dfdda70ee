//! Nazorat: who is at work, since when, and what the workplace computers were used for, in one binary.
//!
//! Data flows one way: `web` and `ingest` -> domains -> `store`. See the README for the map.

pub mod adapters;
pub mod agent;
pub mod appliance;
pub mod audit;
pub mod cli;
pub mod config;
pub mod credentials;
pub mod devices;
pub mod doors;
pub mod edge;
pub mod fleet;
pub mod gateway;
pub mod identity;
pub mod ingest;
pub mod intake;
pub mod kernel;
pub mod monitoring;
pub mod notices;
pub mod people;
pub mod policy;
pub mod retention;
pub mod runtime;
pub mod sim;
pub mod store;
pub mod tenancy;
pub mod uplink;
pub mod web;
