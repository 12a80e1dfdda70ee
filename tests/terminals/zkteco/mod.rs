//! ZKTeco: port 4370 and PUSH.

mod bytes;
mod faults;
pub(super) mod kept;
mod push;
mod pyzk;
mod standalone;
