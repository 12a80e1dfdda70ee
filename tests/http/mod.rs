//! The routes as people and programs meet them, with real services behind them and without a network.

mod api_documents;
mod api_events;
mod api_people;
mod api_requests;
mod first_run;
mod sign_in;
mod system;
mod directory;
mod pages_monitoring;
