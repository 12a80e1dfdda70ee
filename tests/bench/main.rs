//! What Nazorat can do on this machine, beside PostgreSQL 15 doing the same: `cargo xtask bench <what>`.
//!
//! Nothing here runs in the tests: a bar of speed is measured, never asserted. Each bench prints the table that the
//! README shows, with the hardware it was measured on. PostgreSQL is Debian's, in a cluster of its own in a temporary
//! folder, reached through `psql`: a driver crate would be compiled into every test run for the sake of two benches.

use anyhow::Result;
use clap::Parser;
use clap::Subcommand;

mod appliance;
mod connection;
mod doors;
mod gateway;
mod hardware;
mod heartbeats;
mod ingest;
mod policies;
mod postgres;
mod query;
mod rows;
mod start;
mod table;

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "Measures Nazorat beside PostgreSQL 15 on this machine")]
struct Arguments {
    /// Measures another program than the one that is built for it, such as the one of `cargo xtask dist`
    #[arg(long, global = true)]
    program: Option<std::path::PathBuf>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Taking in batches over HTTP, beside PostgreSQL storing the same
    Ingest(ingest::Options),
    /// Taking in single heartbeats of ActivityWatch watchers
    Heartbeats(heartbeats::Options),
    /// The box of a branch: taking in, passing on, and the memory that it takes when nothing happens
    Gateway(gateway::Options),
    /// A policy from its release to every agent behind several gateways
    Policies(policies::Options),
    /// Events of terminals to a guard's screen, and doors that are opened from there
    Doors(doors::Options),
    /// Reading reports over a year of windows, beside PostgreSQL reading the same
    Query(query::Options),
    /// Starting on many partitions, and the memory that it takes when nothing happens
    Start(start::Options),
    /// Only PostgreSQL: stores batches of active windows under the six indexes of the v1 schema
    Postgres(postgres::store::Options),
}

fn main() -> Result<()> {
    let Arguments { program, what } = Arguments::parse();
    if let Some(program) = program {
        drop(appliance::PROGRAM.set(program));
    }
    match what {
        What::Ingest(options) => ingest::run(&options),
        What::Heartbeats(options) => heartbeats::run(&options),
        What::Gateway(options) => gateway::run(&options),
        What::Policies(options) => policies::run(&options),
        What::Doors(options) => doors::run(&options),
        What::Query(options) => query::run(&options),
        What::Start(options) => start::run(&options),
        What::Postgres(options) => postgres::store::run(&options),
    }
}
