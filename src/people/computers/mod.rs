//! Workplace computers and the accounts on them. Both appear by themselves with their first event.

mod model;
mod observe;
mod proposals;
mod service;

pub use model::{
    Computer, ComputerConsequences, ComputerEdit, ComputerInput, ComputerUser, ComputerUserConsequences,
    ComputerUserInput,
};
pub(in crate::people) use observe::Sightings;
pub use observe::{Known, Observed};
pub(in crate::people) use proposals::Proposals;
pub use proposals::{Proposal, Reason};
