//! What a simulated terminal answers at port 4370, packet by packet.

use std::sync::Arc;

use nazorat_terminals::zkteco::answer::Sizes;
use nazorat_terminals::zkteco::bulk;
use nazorat_terminals::zkteco::code::command;
use nazorat_terminals::zkteco::code::reply;
use nazorat_terminals::zkteco::frame::Packet;
use nazorat_terminals::zkteco::key;
use nazorat_terminals::zkteco::time::Stamp;
use nazorat_terminals::zkteco::users::Record;

use super::state::Shared;

/// One client.
pub(super) struct Talk {
    shared: Arc<Shared>,
    session: u16,
    is_known: bool,
    /// Events that it asked for.
    pub(super) mask: u32,
    prepared: Vec<u8>,
    /// It said goodbye.
    pub(super) has_left: bool,
    /// The longest part of a long answer.
    part: usize,
    /// More than this is prepared and read in pieces.
    at_once: usize,
}

impl Talk {
    pub(super) fn new(shared: Arc<Shared>, part: usize) -> Self {
        let at_once = part.min(1_000);
        Self { shared, session: 0, is_known: false, mask: 0, prepared: Vec::new(), has_left: false, part, at_once }
    }

    /// The answers to a packet.
    pub(super) fn answer(&mut self, asked: &Packet) -> Vec<Packet> {
        let number = asked.reply;
        let (code, data) = match asked.command {
            command::CONNECT => {
                let session = self.shared.state().chance.next();
                self.session = u16::try_from(session % 65_000).unwrap_or(0) + 1;
                self.is_known = self.shared.config.comm_key == 0;
                (if self.is_known { reply::OK } else { reply::UNAUTH }, Vec::new())
            }
            command::AUTH => {
                self.shared.state().keys_shown += 1;
                let ticks = asked.data.get(2).copied().unwrap_or(0);
                let right = key::scramble(self.shared.config.comm_key, self.session, ticks);
                self.is_known = asked.data.get(..4) == Some(right.as_slice());
                (if self.is_known { reply::OK } else { reply::UNAUTH }, Vec::new())
            }
            // The thanks for an event.
            reply::OK => return Vec::new(),
            _ if !self.is_known => (reply::UNAUTH, Vec::new()),
            command::DATA_RDY => return self.piece(asked),
            command::ATTLOG_RRQ | command::USERTEMP_RRQ if self.shared.config.is_old => {
                let all = self.table(asked.command);
                return self.parts(number, &all);
            }
            _ => self.plain(asked),
        };
        vec![self.packet(code, number, data)]
    }

    fn packet(&self, command: u16, reply: u16, data: Vec<u8>) -> Packet {
        Packet { command, session: self.session, reply, data }
    }

    fn plain(&mut self, asked: &Packet) -> (u16, Vec<u8>) {
        let ok = (reply::OK, Vec::new());
        let shared = Arc::clone(&self.shared);
        match asked.command {
            command::EXIT => {
                self.has_left = true;
                ok
            }
            command::OPTIONS_RRQ => match self.option(&asked.data) {
                Some(text) => (reply::OK, text),
                None => (reply::ERROR, Vec::new()),
            },
            command::GET_VERSION => (reply::OK, b"Ver 6.60 Sep 19 2019\0".to_vec()),
            command::GET_FREE_SIZES => (reply::OK, self.sizes().write()),
            command::GET_TIME => {
                let state = shared.state();
                (reply::OK, shared.now(&state).0.to_le_bytes().to_vec())
            }
            command::SET_TIME => match four(&asked.data) {
                Some(time) => {
                    shared.set_clock(Stamp(time));
                    ok
                }
                None => (reply::ERROR, Vec::new()),
            },
            command::UNLOCK => {
                shared.open(1, format!("open {}", four(&asked.data).unwrap_or(0)));
                ok
            }
            command::REG_EVENT => {
                self.mask = four(&asked.data).unwrap_or(0);
                ok
            }
            command::USER_WRQ => (if self.write_user(&asked.data) { reply::OK } else { reply::ERROR }, Vec::new()),
            command::DELETE_USER => (if self.delete_user(&asked.data) { reply::OK } else { reply::ERROR }, Vec::new()),
            command::DATA_WRRQ if !shared.config.is_old => self.prepare(&asked.data),
            command::FREE_DATA => {
                self.prepared.clear();
                ok
            }
            command::RESTART
            | command::REFRESH_DATA
            | command::ENABLE_DEVICE
            | command::DISABLE_DEVICE
            | command::CANCEL_CAPTURE
            | command::START_VERIFY
            | command::OPTIONS_WRQ => ok,
            _ => (reply::UNKNOWN, Vec::new()),
        }
    }

    fn option(&self, asked: &[u8]) -> Option<Vec<u8>> {
        let end = asked.iter().position(|byte| *byte == 0).unwrap_or(asked.len());
        let name = std::str::from_utf8(asked.get(..end)?).ok()?;
        let config = &self.shared.config;
        let value = match name {
            "~SerialNumber" => config.serial.as_str(),
            "~DeviceName" => config.model.as_str(),
            "~Platform" => "ZMM220_TFT",
            "MAC" => "00:17:61:00:00:01",
            "~OS" => "1",
            "FaceFunOn" => "1",
            "~PIN2Width" => "9",
            _ => return None,
        };
        Some(format!("{name}={value}\0").into_bytes())
    }

    fn sizes(&self) -> Sizes {
        let kept = self.shared.kept().len();
        let state = self.shared.state();
        if state.faults.no_counts {
            return Sizes::default();
        }
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Sizes {
            users: count(state.people.len()),
            records: count(kept),
            most_users: 10_000,
            most_records: count(self.shared.config.capacity),
            most_fingers: 3_000,
            most_faces: 800,
            ..Sizes::default()
        }
    }

    fn table(&self, which: u16) -> Vec<u8> {
        let records: Vec<u8> = match which {
            command::ATTLOG_RRQ => {
                let layout = self.shared.config.layout;
                self.shared.kept().iter().flat_map(|logged| layout.write(&logged.punch(layout), logged.uid)).collect()
            }
            _ => self.shared.state().people.iter().flat_map(|record| record.bytes().to_vec()).collect(),
        };
        let mut table = u32::try_from(records.len()).unwrap_or(0).to_le_bytes().to_vec();
        table.extend_from_slice(&records);
        table
    }

    fn prepare(&mut self, asked: &[u8]) -> (u16, Vec<u8>) {
        let which = asked.get(1..3).and_then(|two| Some(u16::from_le_bytes(two.try_into().ok()?)));
        let Some(which @ (command::ATTLOG_RRQ | command::USERTEMP_RRQ)) = which else {
            return (reply::ERROR, Vec::new());
        };
        let table = self.table(which);
        if table.len() <= self.at_once {
            return (command::DATA, table);
        }
        let size = u32::try_from(table.len()).unwrap_or(0).to_le_bytes();
        self.prepared = table;
        (reply::OK, [&[0], size.as_slice(), size.as_slice(), &[0; 4]].concat())
    }

    fn piece(&self, asked: &Packet) -> Vec<Packet> {
        let start = four(&asked.data).unwrap_or(0) as usize;
        let length = asked.data.get(4..).and_then(four).unwrap_or(0).min(bulk::TCP_PIECE) as usize;
        match self.prepared.get(start..start.saturating_add(length)) {
            Some(bytes) if !bytes.is_empty() => self.parts(asked.reply, bytes),
            _ => vec![self.packet(reply::ERROR, asked.reply, Vec::new())],
        }
    }

    /// A long answer: how long it is, its parts, and that it was all.
    fn parts(&self, number: u16, bytes: &[u8]) -> Vec<Packet> {
        let size = u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes();
        let part = u32::try_from(self.part).unwrap_or(0).to_le_bytes();
        let mut packets = vec![self.packet(command::PREPARE_DATA, number, [size, part].concat())];
        packets.extend(bytes.chunks(self.part).map(|part| self.packet(command::DATA, number, part.to_vec())));
        packets.push(self.packet(reply::OK, number, Vec::new()));
        packets
    }

    fn write_user(&self, data: &[u8]) -> bool {
        let Some(record) = Record::read(data).filter(|_| data.len() == self.shared.config.users.bytes()) else {
            return false;
        };
        let mut state = self.shared.state();
        match state.people.iter_mut().find(|known| known.uid() == record.uid()) {
            Some(known) => *known = record,
            None => state.people.push(record),
        }
        true
    }

    fn delete_user(&self, data: &[u8]) -> bool {
        let Some(uid) = data.get(..2).and_then(|two| Some(u16::from_le_bytes(two.try_into().ok()?))) else {
            return false;
        };
        let mut state = self.shared.state();
        let before = state.people.len();
        state.people.retain(|record| record.uid() != uid);
        state.people.len() < before
    }
}

fn four(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?))
}
