//! Numbers of commands, replies and events.

/// What is asked.
pub mod command {
    /// Read what is in the table of users or templates.
    pub const DB_RRQ: u16 = 7;
    /// Write a user.
    pub const USER_WRQ: u16 = 8;
    /// Read users.
    pub const USERTEMP_RRQ: u16 = 9;
    /// Read an option.
    pub const OPTIONS_RRQ: u16 = 11;
    /// Write an option.
    pub const OPTIONS_WRQ: u16 = 12;
    /// Read the log of attendance.
    pub const ATTLOG_RRQ: u16 = 13;
    /// Delete one user by its index.
    pub const DELETE_USER: u16 = 18;
    /// Open the door.
    pub const UNLOCK: u16 = 31;
    /// How much is kept, and how much fits.
    pub const GET_FREE_SIZES: u16 = 50;
    /// Wait for somebody to verify.
    pub const START_VERIFY: u16 = 60;
    /// Stop an enrolment.
    pub const CANCEL_CAPTURE: u16 = 62;
    /// Whether the door is open.
    pub const DOORSTATE_RRQ: u16 = 75;
    /// Read the clock.
    pub const GET_TIME: u16 = 201;
    /// Set the clock.
    pub const SET_TIME: u16 = 202;
    /// Ask for events, and an event.
    pub const REG_EVENT: u16 = 500;
    /// Begin.
    pub const CONNECT: u16 = 1000;
    /// End.
    pub const EXIT: u16 = 1001;
    /// Let people use it.
    pub const ENABLE_DEVICE: u16 = 1002;
    /// Let nobody use it. Never sent by us; simulators know it.
    pub const DISABLE_DEVICE: u16 = 1003;
    /// Start again.
    pub const RESTART: u16 = 1004;
    /// Take over what was written.
    pub const REFRESH_DATA: u16 = 1013;
    /// Version of the program.
    pub const GET_VERSION: u16 = 1100;
    /// Show the key.
    pub const AUTH: u16 = 1102;
    /// A long answer begins.
    pub const PREPARE_DATA: u16 = 1500;
    /// A part of it, or all.
    pub const DATA: u16 = 1501;
    /// Forget what was prepared.
    pub const FREE_DATA: u16 = 1502;
    /// Prepare a long answer.
    pub const DATA_WRRQ: u16 = 1503;
    /// Read a piece of what was prepared.
    pub const DATA_RDY: u16 = 1504;
}

/// What is answered.
pub mod reply {
    /// Yes.
    pub const OK: u16 = 2000;
    /// No.
    pub const ERROR: u16 = 2001;
    /// Not before the key is shown.
    pub const UNAUTH: u16 = 2005;
    /// Nobody knows this command.
    pub const UNKNOWN: u16 = 65535;
}

/// Bits of events.
pub mod event {
    /// Somebody was recorded.
    pub const ATTLOG: u16 = 1;
    /// A finger was put down.
    pub const FINGER: u16 = 2;
    /// The door opened.
    pub const UNLOCK: u16 = 32;
    /// Somebody was recognized, or not.
    pub const VERIFY: u16 = 128;
    /// Somebody should look.
    pub const ALARM: u16 = 512;
    /// What an adapter asks for: records, who was not recognized, alarms.
    pub const WANTED: u32 = (ATTLOG | VERIFY | ALARM) as u32;
}

/// Tables of long answers.
pub mod selector {
    /// Attendance.
    pub const ATTLOG: u32 = 1;
    /// Users.
    pub const USER: u32 = 5;
}
