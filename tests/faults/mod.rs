//! The fault tests that have a name: damage, kills, repeats, hostile input, against the real process over real sockets.
//!
//! Each ends with the same check (`Office::check`): what was acknowledged is stored once, nothing else is stored,
//! nothing panicked, health tells the truth. `journal` knows what was sent, `office` is the running process, `fresh`
//! the same line in this process with a clock that can be moved, `wires` two networks for it.

mod away;
mod backlog;
mod becoming;
mod bombs;
mod branch;
mod carried;
mod clock;
mod control;
mod credentials;
mod disk;
mod foreign;
mod fresh;
mod journal;
mod kills;
mod late;
mod malformed;
mod office;
mod passers;
mod paths;
mod policies;
mod raw;
mod relay;
mod removal;
mod repeats;
mod restored;
mod retention;
mod sessions;
mod sheets;
mod slow;
mod staff;
mod storage;
mod tenants;
mod terminals;
mod wires;
