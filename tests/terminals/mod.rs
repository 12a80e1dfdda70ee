//! Adapters of door terminals against simulated ones, over real sockets, and programs of others against the simulators.

mod corpora;
mod foreign;
mod hikvision;
mod search;
mod zkteco;
