//! The routes as people and programs meet them, with real services behind them and without a network.

mod access;
mod access_groups;
mod api_documents;
mod api_events;
mod api_people;
mod api_requests;
mod credentials;
mod devices;
mod directory;
mod doors;
mod find;
mod first_run;
mod fleet;
mod gateways;
mod notices;
mod pages_monitoring;
mod people_on_devices;
mod policies;
mod rollouts;
mod sign_in;
mod statuses;
mod staying;
mod system;
mod ways;
