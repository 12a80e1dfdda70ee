//! What devices understand, to the byte.

use super::super::time::Stamp;

/// The word for nothing to do, and for all is well.
pub const OK: &str = "OK";

/// So many records were kept.
pub fn kept(count: usize) -> String {
    format!("OK: {count}")
}

/// So many records of a table were kept.
pub fn kept_of(table: &str, count: usize) -> String {
    format!("{table}={count}")
}

/// How an attendance terminal shall behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attendance<'a> {
    /// Its serial number.
    pub serial: &'a str,
    /// Minutes that its clock is ahead of GMT.
    pub zone_minutes: i32,
    /// Seconds between two looks for something to do.
    pub delay_secs: u32,
}

impl Attendance<'_> {
    /// The block. No pictures and no templates are asked for.
    pub fn text(&self) -> String {
        let zone = self.zone_minutes;
        // Whole hours are told as hours; more than 12 would be taken for minutes.
        let zone = if zone % 60 == 0 && (zone / 60).abs() < 12 { zone / 60 } else { zone };
        let Self { serial, delay_secs, .. } = self;
        format!(
            "GET OPTION FROM: {serial}\n\
             ATTLOGStamp=9999\nOPERLOGStamp=9999\nATTPHOTOStamp=9999\nBIODATAStamp=9999\n\
             ErrorDelay=60\nDelay={delay_secs}\nTransTimes=03:10;15:10\nTransInterval=1\n\
             TransFlag=TransData AttLog\tOpLog\tEnrollUser\tChgUser\n\
             TimeZone={zone}\nRealtime=1\nEncrypt=None\nServerVer=2.4.1\nPushProtVer=2.4.1\n\
             PushOptionsFlag=1\nPushOptions=FingerFunOn,FaceFunOn"
        )
    }
}

/// How an access terminal shall behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access<'a> {
    /// Of this connection.
    pub session: &'a str,
    /// Seconds between two looks for something to do.
    pub delay_secs: u32,
}

impl Access<'_> {
    /// The block of the third step.
    pub fn text(&self) -> String {
        let Self { session, delay_secs } = self;
        format!(
            "ServerVersion=3.1.2\nServerName=gateway\nPushVersion=3.1.2\nPushProtVer=3.1.2\n\
             ErrorDelay=60\nRequestDelay={delay_secs}\nTransTimes=03:10;15:10\nTransInterval=1\n\
             TransTables=User\tTransaction\nRealtime=1\nSessionID={session}\nTimeoutSec=10"
        )
    }

    /// The block of the first step, for a device that registered before.
    pub fn known(&self, registry: &str) -> String {
        format!("registry=ok\nRegistryCode={registry}\n{}", self.text())
    }
}

/// What a device that registers is told.
pub fn registered(registry: &str) -> String {
    format!("RegistryCode={registry}")
}

/// The time: GMT as devices count it, and how far their clocks are ahead of it.
pub fn time(gmt: Stamp, zone_minutes: i32) -> String {
    let sign = if zone_minutes < 0 { '-' } else { '+' };
    let minutes = zone_minutes.unsigned_abs();
    format!("DateTime={},ServerTZ={sign}{:02}{:02}", gmt.0, minutes / 60, minutes % 60)
}
