//! What the address asks for, and the address that asks for it.

use nazorat_timeseries::Dataset;

use crate::kernel::ComputerUserId;
use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::monitoring::EventFilter;
use crate::web::App;
use crate::web::Visitor;
use crate::web::encode;

/// How many events are shown at a time.
const LIMIT: usize = 50;

/// The address as it came.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct EventsQuery {
    dataset: String,
    employee_id: String,
    computer_user_id: String,
    department_id: String,
    q: String,
    from: String,
    to: String,
    cursor: String,
}

/// The same, understood. What makes no sense is left out.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) dataset: Dataset,
    pub(super) employee: Option<EmployeeId>,
    pub(super) computer_user: Option<ComputerUserId>,
    pub(super) department: Option<DepartmentId>,
    pub(super) q: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) cursor: String,
    pub(super) limit: usize,
    /// The bounds as the fields show them, in the organization's time.
    pub(super) from_field: String,
    pub(super) to_field: String,
}

impl Asked {
    pub(super) fn new(visitor: &Visitor, app: &App, query: EventsQuery) -> Self {
        let zone = &visitor.zone;
        let today = zone.span_of(zone.day_of(app.clock.now()));
        let from = moment(zone, &query.from, Bound::First).unwrap_or(today.from);
        let to = moment(zone, &query.to, Bound::Last).filter(|to| *to > from);
        let to = to.unwrap_or_else(|| today.to.max(zone.span_of(zone.day_of(from)).to));
        let dataset = Dataset::parse(&query.dataset).filter(|dataset| super::SHOWN.contains(dataset));
        Self {
            dataset: dataset.unwrap_or(Dataset::ActiveWindows),
            employee: query.employee_id.parse().ok(),
            computer_user: query.computer_user_id.parse().ok(),
            department: query.department_id.parse().ok(),
            q: query.q.trim().chars().take(200).collect(),
            cursor: query.cursor,
            limit: LIMIT,
            from_field: field(zone, from),
            to_field: field(zone, to),
            from,
            to,
        }
    }

    pub(super) fn filter(&self) -> EventFilter {
        self.filter_of(self.dataset)
    }

    pub(super) fn filter_of(&self, dataset: Dataset) -> EventFilter {
        EventFilter {
            dataset,
            from: self.from,
            to: self.to,
            employee: self.employee,
            department: self.department,
            computer_user: self.computer_user,
            text: (!self.q.is_empty()).then(|| self.q.clone()),
        }
    }

    /// Everybody's events of the same time.
    pub(super) fn wider(&self) -> Self {
        Self {
            employee: None,
            computer_user: None,
            department: None,
            q: String::new(),
            cursor: String::new(),
            ..self.clone()
        }
    }

    /// True when nothing but the time and the kind is chosen.
    pub(super) fn is_widest(&self) -> bool {
        self.employee.is_none() && self.computer_user.is_none() && self.department.is_none() && self.q.is_empty()
    }

    /// From when to when, in words.
    pub(super) fn words(&self, visitor: &Visitor) -> String {
        let (texts, zone) = (visitor.texts, &visitor.zone);
        let day = zone.day_of(self.from);
        if zone.span_of(day).from == self.from && zone.span_of(day).to == self.to {
            return texts.day_long(day);
        }
        let same_day = zone.day_of(self.to) == day;
        let to = if same_day { texts.time(zone, self.to) } else { texts.moment(zone, self.to) };
        format!("{} \u{2013} {to}", texts.moment(zone, self.from))
    }

    /// The address.
    pub(super) fn href(&self, path: &str) -> String {
        let mut address = format!("{path}?dataset={}", self.dataset.name());
        let mut add = |name: &str, value: String| {
            if !value.is_empty() {
                address.push_str(&format!("&{name}={}", encode(&value)));
            }
        };
        add("employee_id", self.employee.map(|id| id.to_string()).unwrap_or_default());
        add("computer_user_id", self.computer_user.map(|id| id.to_string()).unwrap_or_default());
        add("department_id", self.department.map(|id| id.to_string()).unwrap_or_default());
        add("q", self.q.clone());
        add("from", self.from.to_string());
        add("to", self.to.to_string());
        add("cursor", self.cursor.clone());
        address
    }

    /// The same as the form's own hidden fields need it.
    pub(super) fn hidden(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("dataset", Some(self.dataset.name().to_owned())),
            ("computer_user_id", self.computer_user.map(|id| id.to_string())),
            ("department_id", self.department.map(|id| id.to_string())),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// Which end a bare day means.
#[derive(Clone, Copy)]
enum Bound {
    First,
    Last,
}

/// A moment in time, a time of the organization's own clock, or a day.
fn moment(zone: &Zone, text: &str, bound: Bound) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Ok(day) = text.parse::<Day>()
        && text.len() <= 10
    {
        let span = zone.span_of(day);
        return Some(match bound {
            Bound::First => span.from,
            Bound::Last => span.to,
        });
    }
    text.parse::<jiff::civil::DateTime>().ok().map(|civil| zone.at(civil))
}

fn field(zone: &Zone, at: Timestamp) -> String {
    zone.civil(at).strftime("%Y-%m-%dT%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::Bound;
    use super::moment;
    use crate::kernel::Zone;

    #[test]
    fn a_bound_is_a_moment_a_local_time_or_a_day() {
        let zone = Zone::parse("Asia/Tashkent").unwrap();
        let at = |text, bound| moment(&zone, text, bound).map(|at| at.to_string()).unwrap_or_default();
        assert_eq!(at("2026-11-20T03:52:00Z", Bound::First), "2026-11-20T03:52:00Z");
        assert_eq!(at("2026-11-20T08:52", Bound::First), "2026-11-20T03:52:00Z");
        assert_eq!(at("2026-11-20", Bound::First), "2026-11-19T19:00:00Z");
        assert_eq!(at("2026-11-20", Bound::Last), "2026-11-20T19:00:00Z");
        assert_eq!(at("yesterday", Bound::Last), "");
    }
}
