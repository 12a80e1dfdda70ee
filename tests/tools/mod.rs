//! Programs of others, pointed at a running appliance.

mod schemathesis;
