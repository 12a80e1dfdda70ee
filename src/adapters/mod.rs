//! Terminals at doors, whoever made them: each kind of device is an [`Adapter`], each device that is served a [`Session`].
//!
//! ```text
//! sheet of the appliance --> host --> Adapter::open --> Session::run --> Feed::deliver --> spool
//!        command --------------------------------> Session::execute
//! ```
//! Owns the protocols of the makers (`hikvision`, `zkteco`), and two ways for everything else: `webhook` for systems that
//! send events by HTTP, `process` for programs that somebody writes (`appliance/adapters/README.md`). Who runs sessions,
//! keeps their cursors, and takes what they deliver, is the host. A session must never say that it has delivered an event
//! that is not durable, never ask a device to forget anything, and never try wrong credentials twice.

mod address;
mod budget;
mod foreign;
pub mod hikvision;
mod model;
pub mod process;
mod registry;
mod settings;
pub mod webhook;
pub mod zkteco;

pub use address::{AddressError, Allowed, Host, Network};
pub use model::{
    Action, Capabilities, Device, DeviceError, Face, Feed, Identity, Kind, Person, Probe, PushAnswer, PushRequest,
    Reply, Room, Taker, TerminalPerson,
};
pub use registry::{all, find, kinds, with_programs};
pub use settings::{Field, Input, SettingError, check, fields};

use futures_util::future::BoxFuture;
use serde_json::Map;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// A kind of device.
pub trait Adapter: Send + Sync {
    /// What it is called, and what it needs to know of a device.
    fn kind(&self) -> Kind;

    /// What is wrong with settings beyond what the schema can say, so that it stands beside its field.
    fn check(&self, _settings: &Map<String, Value>) -> Vec<SettingError> {
        Vec::new()
    }

    /// Reads the settings of a device. Nothing is sent yet.
    fn open(&self, device: &Device, feed: Feed) -> Result<Box<dyn Session>, DeviceError>;
}

/// One device that is served. Calls may come while `run` runs; a session sees to it that the device is asked one thing at
/// a time.
pub trait Session: Send + Sync {
    /// Connects, fetches what was missed, then tells what happens as it happens. Ends with an error as soon as the
    /// connection is of no use any more; the host waits and calls again.
    fn run(&self, stop: CancellationToken) -> BoxFuture<'_, Result<(), DeviceError>>;

    /// Has the device do something. Never tries a second time: a door may have opened.
    fn execute(&self, action: Action) -> BoxFuture<'_, Result<Reply, DeviceError>>;

    /// Who the device is, what it can, and what its clock says.
    fn probe(&self) -> BoxFuture<'_, Result<Probe, DeviceError>>;

    /// The people that it knows.
    fn people(&self) -> BoxFuture<'_, Result<Vec<TerminalPerson>, DeviceError>>;

    /// Adds somebody, or changes them.
    fn put_person<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, Result<(), DeviceError>>;

    /// A request that the device made of us, on the listener for devices; the host has checked that it is from this one.
    /// What it brings is durable before the answer says so.
    fn pushed(&self, _request: PushRequest) -> BoxFuture<'_, PushAnswer> {
        Box::pin(std::future::ready(PushAnswer::text(404, "nothing is taken here\n")))
    }

    /// The device is not ours any more: what was set on it for us is taken back. Called when `run` has ended.
    fn leave(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Takes somebody off, with their cards and faces. That nobody is there by this number is fine.
    fn remove_person<'a>(&'a self, number: &'a Number) -> BoxFuture<'a, Result<(), DeviceError>>;
}

/// The number by which a device knows a person. It is never empty: to terminals, "delete nobody in particular" means everybody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(String);

impl Number {
    /// The longest that a terminal takes.
    const MOST: usize = 32;

    /// Reads a number: letters, digits, `-` and `_`, 1 to 32 of them.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::MOST).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A number as it is compared: terminals drop leading zeros, or add them.
    pub fn bare(text: &str) -> &str {
        let bare = text.trim().trim_start_matches('0');
        if bare.is_empty() && !text.trim().is_empty() { "0" } else { bare }
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn nobody_in_particular_has_no_number() {
        for text in ["", " ", "*", "1001\t", "1\n2", "a b", &"9".repeat(33)] {
            assert_eq!(Number::parse(text), None, "{text:?}");
        }
        assert_eq!(Number::parse("1001").as_ref().map(Number::as_str), Some("1001"));
        for (text, bare) in
            [("0001001", "1001"), ("10010", "10010"), (" T-7 ", "T-7"), ("000", "0"), (" ", ""), ("", "")]
        {
            assert_eq!(Number::bare(text), bare);
        }
    }
}
