//! What is asked of the list of people, and the address that asks it.

use crate::kernel::DepartmentId;
use crate::kernel::PageRequest;
use crate::monitoring::Presence;
use crate::people;
use crate::people::EmployeeFilter;
use crate::people::Linked;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::href;
use crate::web::pages::directory::shown::STEP;

/// What is asked for.
pub(super) struct Asked {
    pub(super) q: String,
    pub(super) which: Which,
    pub(super) department: Option<DepartmentId>,
    pub(super) show: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    All,
    AtComputer,
    NoInput,
    Locked,
    Seen,
    NotSeen,
    Unlinked,
    Inactive,
}

impl Which {
    pub(super) const ALL: [Which; 8] = [
        Which::All,
        Which::AtComputer,
        Which::NoInput,
        Which::Locked,
        Which::Seen,
        Which::NotSeen,
        Which::Unlinked,
        Which::Inactive,
    ];

    /// The one to which a presence belongs.
    pub(super) const fn of(presence: &Presence) -> Self {
        match presence {
            Presence::AtComputer(_) => Which::AtComputer,
            Presence::NoInput(_) => Which::NoInput,
            Presence::Locked(_) => Which::Locked,
            Presence::SeenToday(_) => Which::Seen,
            Presence::NotSeen => Which::NotSeen,
        }
    }

    /// True for those that are told apart by what people do now.
    pub(super) const fn is_now(self) -> bool {
        matches!(self, Which::AtComputer | Which::NoInput | Which::Locked | Which::Seen | Which::NotSeen)
    }

    pub(super) const fn mark(self) -> &'static str {
        match self {
            Which::AtComputer => "inside",
            Which::NoInput => "no-input",
            Which::Locked => "locked",
            Which::Seen => "out",
            Which::NotSeen => "away",
            Which::All | Which::Unlinked | Which::Inactive => "",
        }
    }

    /// As the API calls it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Which::All => "",
            Which::AtComputer => "at_computer",
            Which::NoInput => "no_input",
            Which::Locked => "locked",
            Which::Seen => "seen_today",
            Which::NotSeen => "not_seen",
            Which::Unlinked => "without_computer",
            Which::Inactive => "inactive",
        }
    }

    pub(super) const fn key(self) -> &'static str {
        match self {
            Which::All => "people-tab-all",
            Which::AtComputer => "people-tab-at-computer",
            Which::NoInput => "people-tab-no-input",
            Which::Locked => "people-tab-locked",
            Which::Seen => "people-tab-seen",
            Which::NotSeen => "people-tab-not-seen",
            Which::Unlinked => "people-tab-without-computer",
            Which::Inactive => "people-tab-inactive",
        }
    }

    pub(super) fn filter(self) -> EmployeeFilter {
        let state = if self == Which::Inactive { people::State::Inactive } else { people::State::Active };
        let linked = (self == Which::Unlinked).then_some(Linked::No);
        EmployeeFilter { state: Some(state), linked, ..EmployeeFilter::default() }
    }
}

impl Asked {
    pub(super) fn new(query: &Fields) -> Self {
        let which = Which::ALL.into_iter().find(|which| which.word() == query.text("state"));
        Self {
            q: query.owned("q"),
            which: which.unwrap_or(Which::All),
            department: query.parsed("department"),
            show: query.parsed("show").unwrap_or(STEP).clamp(STEP, PageRequest::MAX),
        }
    }

    pub(super) fn filter(&self) -> EmployeeFilter {
        EmployeeFilter { text: self.q.clone(), department: self.department, ..self.which.filter() }
    }

    pub(super) fn href(&self, path: &str) -> String {
        let department = self.department.map(|id| id.to_string()).unwrap_or_default();
        href(path, &[("q", &self.q), ("state", self.which.word()), ("department", &department)])
    }

    pub(super) fn with(&self, which: Which) -> Self {
        Self { q: self.q.clone(), which, department: self.department, show: STEP }
    }
}
