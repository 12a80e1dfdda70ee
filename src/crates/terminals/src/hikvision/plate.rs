//! Cars: what a camera at a gate read on a plate.

use nazorat_wire::Direction;

use super::event::Happening;
use super::xml::Node;

/// A car in an `EventNotificationAlert` of the type ANPR. A plate that could not be read is an event all the same.
pub(super) fn read(root: &Node, time: &str) -> Option<Happening> {
    let car = root.find("ANPR")?;
    let text = |name: &str| car.text_of(name).unwrap_or_default();
    let plate = [text("licensePlate"), text("plateNumber"), text("plate")].into_iter().find(|plate| !plate.is_empty());
    let plate = plate.unwrap_or_default().trim();
    let is_read = !plate.is_empty() && !plate.eq_ignore_ascii_case("unknown") && !plate.eq_ignore_ascii_case("noPlate");
    let direction = match text("direction").to_ascii_lowercase().as_str() {
        "forward" => Some(Direction::In),
        "reverse" => Some(Direction::Out),
        _ => None,
    };
    let is_old = text("alarmDataType") == "1"
        || root.text_of("isDataRetransmission").is_some_and(|told| told.eq_ignore_ascii_case("true"));
    Some(Happening {
        time: time.to_owned(),
        card: if is_read { plate.chars().take(32).collect() } else { String::new() },
        door: text("line").parse().unwrap_or(0),
        uuid: root.text_of("UUID").unwrap_or_default().chars().take(64).collect(),
        is_live: !is_old,
        is_plate: true,
        list: text("listType").to_ascii_lowercase(),
        direction,
        ..Happening::default()
    })
}
