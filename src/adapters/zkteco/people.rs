//! People on a device at port 4370: read as a whole, written one by one, in the size of record that the device uses.

use std::collections::HashMap;
use std::num::NonZeroU16;

use nazorat_terminals::zkteco::request::Request;
use nazorat_terminals::zkteco::users::Record;
use nazorat_terminals::zkteco::users::RecordError;
use nazorat_terminals::zkteco::users::Size;

use super::line::Line;
use super::line::Long;
use super::settings::Transport;
use super::work;
use crate::adapters::DeviceError;
use crate::adapters::Number;
use crate::adapters::Person;
use crate::adapters::TerminalPerson;

/// All people, and what they are written in.
struct Known {
    records: Vec<Record>,
    size: Option<Size>,
}

/// Numbers by index.
pub(super) async fn numbers(line: &mut Line, count: u32) -> Result<HashMap<u16, String>, DeviceError> {
    let known = read(line, count).await?;
    Ok(known.records.iter().map(|record| (record.uid(), record.number())).collect())
}

/// Everybody.
pub(super) async fn list(line: &mut Line) -> Result<Vec<TerminalPerson>, DeviceError> {
    let count = work::sizes(line).await?.users;
    let known = read(line, count).await?;
    let card = |record: &Record| (record.card() > 0).then(|| record.card().to_string());
    let people = known.records.iter().map(|record| TerminalPerson {
        number: record.number(),
        name: record.name(),
        cards: Some(card(record).into_iter().collect()),
        has_face: None,
        is_admin: record.is_admin(),
    });
    Ok(people.collect())
}

/// Adds somebody, or changes them. What is not ours to decide (password, rights, groups) stays as it is.
pub(super) async fn put(line: &mut Line, person: &Person, transport: Transport) -> Result<(), DeviceError> {
    if person.from.is_some() || person.until.is_some() {
        return Err(DeviceError::Unsupported(
            "this device lets people in without limits of time only; take the dates off, or use another door"
                .to_owned(),
        ));
    }
    let card = match person.cards.as_slice() {
        [] => None,
        [one] => Some(one.as_str()),
        _ => return Err(DeviceError::Unsupported("this device takes one card for each person".to_owned())),
    };
    let count = work::sizes(line).await?.users;
    let known = read(line, count).await?;
    let number = person.number.as_str();
    let found = known.records.iter().find(|record| record.number() == number);
    let mut record = match found {
        Some(record) if record.is_admin() => return Err(administers()),
        Some(record) => record.clone(),
        None => {
            // An empty device does not show how it writes; those with colours are long.
            let usual = if transport == Transport::Udp { Size::Short } else { Size::Long };
            let uid = known.records.iter().map(Record::uid).max().unwrap_or(0).checked_add(1);
            let uid = uid.ok_or_else(|| DeviceError::Refused("the device has no index left for anybody".to_owned()))?;
            Record::new(known.size.unwrap_or(usual), uid, number).map_err(unfit)?
        }
    };
    record.set_name(&person.name);
    record.set_card(card).map_err(unfit)?;
    line.order(Request::WriteUser(&record), "write this person").await?;
    line.order(Request::RefreshData, "take over what was written").await?;
    Ok(())
}

/// Takes somebody off by the index of their number. There is no index for everybody.
pub(super) async fn remove(line: &mut Line, number: &Number) -> Result<(), DeviceError> {
    let count = work::sizes(line).await?.users;
    let known = read(line, count).await?;
    for record in known.records.iter().filter(|record| record.number() == number.as_str()) {
        if record.is_admin() {
            return Err(administers());
        }
        if let Some(uid) = NonZeroU16::new(record.uid()) {
            line.order(Request::DeleteUser(uid), "take this person off").await?;
            line.order(Request::RefreshData, "take over what was written").await?;
        }
    }
    Ok(())
}

async fn read(line: &mut Line, count: u32) -> Result<Known, DeviceError> {
    let bytes = line.read_long(Long::Users).await?;
    if bytes.is_empty() {
        if count > 0 {
            return Err(DeviceError::Nonsense(format!("the device counts {count} people, and sent none")));
        }
        return Ok(Known { records: Vec::new(), size: None });
    }
    let size = Size::detect(bytes.len(), count).ok_or_else(|| {
        DeviceError::Nonsense(format!("{} bytes for {count} people: no known record fits", bytes.len()))
    })?;
    Ok(Known { records: Record::read_all(&bytes, size), size: Some(size) })
}

fn administers() -> DeviceError {
    DeviceError::Refused("this person administers the device and is changed there only".to_owned())
}

fn unfit(problem: RecordError) -> DeviceError {
    DeviceError::Unsupported(problem.to_string())
}
