//! What we ask a device. What would erase a log, everybody, or administrators has no way to be written.

use std::num::NonZeroU16;

use super::code::command;
use super::code::reply;
use super::code::selector;
use super::frame::Packet;
use super::key;
use super::time::Stamp;
use super::users::Record;

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request<'a> {
    /// Begin.
    Connect,
    /// Show the key.
    Auth(u32),
    /// End.
    Exit,
    /// An option, such as `~SerialNumber`.
    Option(&'a str),
    /// The clock.
    GetTime,
    /// Set the clock.
    SetTime(Stamp),
    /// Take over what was written.
    RefreshData,
    /// How much is kept.
    FreeSizes,
    /// Version of the program.
    Version,
    /// Tell these events from now on.
    Register(u32),
    /// An event was heard.
    Acknowledge,
    /// Prepare the log.
    PrepareLog,
    /// Prepare the users.
    PrepareUsers,
    /// A piece of what was prepared.
    Piece {
        /// From this byte on.
        start: u32,
        /// So many.
        length: u32,
    },
    /// Forget what was prepared.
    FreeData,
    /// The log, from devices that prepare nothing.
    OldLog,
    /// The users, from devices that prepare nothing.
    OldUsers,
    /// Write a user as one record.
    WriteUser(&'a Record),
    /// Delete the user with this index; there is no index that means everybody.
    DeleteUser(NonZeroU16),
    /// Open the door, in the unit of the device.
    Unlock(u32),
    /// Start again.
    Restart,
}

impl Request<'_> {
    /// The packet of a request.
    pub fn packet(&self, session: u16, reply: u16) -> Packet {
        let (command, data) = self.parts(session);
        // The answer to an event bears its number, and that is always 0.
        let reply = if matches!(self, Self::Acknowledge) { 0 } else { reply };
        Packet { command, session, reply, data }
    }

    fn parts(&self, session: u16) -> (u16, Vec<u8>) {
        let none = Vec::new();
        match self {
            Self::Connect => (command::CONNECT, none),
            Self::Auth(key) => (command::AUTH, key::scramble(*key, session, key::TICKS).to_vec()),
            Self::Exit => (command::EXIT, none),
            Self::Option(name) => (command::OPTIONS_RRQ, [name.as_bytes(), &[0]].concat()),
            Self::GetTime => (command::GET_TIME, none),
            Self::SetTime(stamp) => (command::SET_TIME, stamp.0.to_le_bytes().to_vec()),
            Self::RefreshData => (command::REFRESH_DATA, none),
            Self::FreeSizes => (command::GET_FREE_SIZES, none),
            Self::Version => (command::GET_VERSION, none),
            Self::Register(mask) => (command::REG_EVENT, mask.to_le_bytes().to_vec()),
            Self::Acknowledge => (reply::OK, none),
            Self::PrepareLog => (command::DATA_WRRQ, prepare(command::ATTLOG_RRQ, 0)),
            Self::PrepareUsers => (command::DATA_WRRQ, prepare(command::USERTEMP_RRQ, selector::USER)),
            Self::Piece { start, length } => (command::DATA_RDY, [start.to_le_bytes(), length.to_le_bytes()].concat()),
            Self::FreeData => (command::FREE_DATA, none),
            Self::OldLog => (command::ATTLOG_RRQ, none),
            Self::OldUsers => (command::USERTEMP_RRQ, vec![5]),
            Self::WriteUser(record) => (command::USER_WRQ, record.bytes().to_vec()),
            Self::DeleteUser(uid) => (command::DELETE_USER, uid.get().to_le_bytes().to_vec()),
            Self::Unlock(length) => (command::UNLOCK, length.to_le_bytes().to_vec()),
            Self::Restart => (command::RESTART, none),
        }
    }

    /// Whether asking twice does no harm.
    pub const fn is_reading(&self) -> bool {
        !matches!(
            self,
            Self::Connect
                | Self::Auth(_)
                | Self::SetTime(_)
                | Self::WriteUser(_)
                | Self::DeleteUser(_)
                | Self::Unlock(_)
                | Self::Restart
        )
    }
}

fn prepare(command: u16, selector: u32) -> Vec<u8> {
    let mut data = vec![1];
    data.extend_from_slice(&command.to_le_bytes());
    data.extend_from_slice(&selector.to_le_bytes());
    data.extend_from_slice(&[0; 4]);
    data
}

/// The number of the request after this one.
pub const fn next_reply(reply: u16) -> u16 {
    if reply >= u16::MAX - 1 { 0 } else { reply + 1 }
}
