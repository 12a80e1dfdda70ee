//! The binary as the administrator meets it: started, configured, stopped, damaged.

mod activitywatch;
mod agent;
mod command_line;
mod configuration;
mod damage;
mod desktop;
mod health;
mod limits;
mod stop;
mod tls;
