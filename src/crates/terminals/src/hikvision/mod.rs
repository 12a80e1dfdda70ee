//! Hikvision ISAPI: digest authentication, the event stream, events, and the documents of requests and answers.
//!
//! ```text
//! bytes --> multipart::Parts --> event::read --> Happening --> codes::meaning
//!       --> status / log / person / device: what was answered
//! datagram --> sadp: who is on the network
//! ```
//! Devices write XML or JSON, with and without namespaces, numbers as text and text as numbers; all of that is read. What
//! nobody may keep (temperatures, masks, health) has no field here and so never leaves the decoder.

pub mod codes;
pub mod device;
pub mod digest;
pub mod event;
pub mod fuzz;
pub mod log;
pub mod multipart;
pub mod person;
pub mod push;
pub mod sadp;
pub mod status;
pub mod time;
pub mod xml;

mod plate;
mod tolerant;

/// The longest document of a device that is read: configuration, answers, messages.
pub const MOST_DOCUMENT: usize = 1024 * 1024;

/// Why a document of a device cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Longer than any honest one.
    #[error("the document has {0} bytes, more than any device writes")]
    TooLong(usize),
    /// Declares a document type or entities of its own.
    #[error("the document declares a document type, which no device needs")]
    DocumentType,
    /// Not XML, or not JSON.
    #[error("the document is broken: {0}")]
    Broken(String),
    /// Something that must be there is not.
    #[error("the document has no {0}")]
    Without(&'static str),
}
