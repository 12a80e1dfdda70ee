//! What the address asks for, and the address that asks for it.

use nazorat_wire::AccessKind;

use crate::doors::LogFilter;
use crate::kernel::Day;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::web::App;
use crate::web::Visitor;
use crate::web::encode;

/// How many passes are shown at a time.
pub(super) const LIMIT: usize = 50;

/// The address as it came.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct DoorsQuery {
    from: String,
    to: String,
    gate: String,
    device: String,
    person: String,
    outcome: String,
    q: String,
    /// Anything but nothing shows passes that repeat another one.
    repeated: String,
    cursor: String,
}

/// The same, understood. What makes no sense is left out.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The first and the last day.
    pub(super) first: Day,
    pub(super) last: Day,
    pub(super) gate: Option<GateId>,
    pub(super) device: Option<DeviceId>,
    pub(super) person: Option<EmployeeId>,
    /// `granted`, `refused` or `door`; empty for all.
    pub(super) outcome: &'static str,
    pub(super) q: String,
    /// Also passes that only repeat another one.
    pub(super) repeated: bool,
    pub(super) cursor: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// What can be asked for, and what it stands for.
pub(super) const OUTCOMES: [(&str, &[AccessKind]); 3] = [
    ("granted", &[AccessKind::Granted]),
    ("refused", &[AccessKind::Denied, AccessKind::Alarm]),
    ("door", &[AccessKind::Door, AccessKind::Info]),
];

impl Asked {
    pub(super) fn new(visitor: &Visitor, app: &App, query: DoorsQuery) -> Self {
        let zone = &visitor.zone;
        let today = zone.day_of(app.clock.now());
        let last = query.to.parse().ok();
        let first = query.from.parse().ok().or(last).unwrap_or(today);
        let last = last.filter(|last| *last >= first).unwrap_or_else(|| first.max(today));
        let outcome = OUTCOMES.into_iter().find(|(name, _)| *name == query.outcome).map_or("", |(name, _)| name);
        let (from, to) = span(zone, first, last);
        Self {
            first,
            last,
            gate: query.gate.parse().ok(),
            device: query.device.parse().ok(),
            person: query.person.parse().ok(),
            outcome,
            q: query.q.trim().chars().take(200).collect(),
            repeated: !query.repeated.is_empty(),
            cursor: query.cursor,
            from,
            to,
        }
    }

    pub(super) fn filter(&self) -> LogFilter {
        let outcomes = OUTCOMES.into_iter().find(|(name, _)| *name == self.outcome);
        LogFilter {
            from: self.from,
            to: self.to,
            device: self.device,
            gate: self.gate,
            employee: self.person,
            outcomes: outcomes.map(|(_, kinds)| kinds.to_vec()).unwrap_or_default(),
            text: (!self.q.is_empty()).then(|| self.q.clone()),
            repeated: self.repeated,
        }
    }

    /// All passes of the same days.
    pub(super) fn wider(&self) -> Self {
        Self {
            gate: None,
            device: None,
            person: None,
            outcome: "",
            q: String::new(),
            cursor: String::new(),
            ..self.clone()
        }
    }

    /// True when nothing but the days is chosen.
    pub(super) const fn is_widest(&self) -> bool {
        self.gate.is_none()
            && self.device.is_none()
            && self.person.is_none()
            && self.outcome.is_empty()
            && self.q.is_empty()
    }

    /// Which days, in words.
    pub(super) fn words(&self, visitor: &Visitor) -> String {
        let texts = visitor.texts;
        match self.first == self.last {
            true => texts.day_long(self.first),
            false => format!("{} \u{2013} {}", texts.day_year(self.first), texts.day_year(self.last)),
        }
    }

    /// The address.
    pub(super) fn href(&self, path: &str) -> String {
        let mut address = format!("{path}?from={}&to={}", self.first, self.last);
        let mut add = |name: &str, value: String| {
            if !value.is_empty() {
                address.push_str(&format!("&{name}={}", encode(&value)));
            }
        };
        add("gate", self.gate.map(|id| id.to_string()).unwrap_or_default());
        add("device", self.device.map(|id| id.to_string()).unwrap_or_default());
        add("person", self.person.map(|id| id.to_string()).unwrap_or_default());
        add("outcome", self.outcome.to_owned());
        add("q", self.q.clone());
        add("repeated", if self.repeated { "1".to_owned() } else { String::new() });
        add("cursor", self.cursor.clone());
        address
    }
}

/// Days are those of the organization.
fn span(zone: &Zone, first: Day, last: Day) -> (Timestamp, Timestamp) {
    (zone.span_of(first).from, zone.span_of(last).to)
}
