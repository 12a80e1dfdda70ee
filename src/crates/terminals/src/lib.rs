//! What door terminals say, byte by byte: the protocols of their makers without any connection, and events of other systems.
//!
//! The adapters of a gateway and the simulators both speak through this crate. Everything here takes bytes that came from a
//! device which nobody has checked: it refuses, or sets aside and counts, and never panics; nothing in it waits or opens
//! anything. Worked vectors of the makers' documents are its tests.

pub mod foreign;
pub mod fuzz;
pub mod hikvision;
pub mod zkteco;
