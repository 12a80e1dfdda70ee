//! What people do now, as far as the visitor may see it.

use std::collections::HashMap;

use crate::kernel::EmployeeId;
use crate::kernel::Permission;
use crate::monitoring::DayStrips;
use crate::monitoring::PersonNow;
use crate::monitoring::Presence;
use crate::web::App;
use crate::web::Failure;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::pages::directory::people::asked::Which;
use crate::web::pages::directory::people::strip::Hours;
use crate::web::pages::directory::people::strip::Stretch;

/// The present of everybody at work.
pub(in crate::web::pages::directory) enum Present {
    /// The visitor may not see it.
    Hidden,
    /// It could not be read; the list is shown all the same.
    Failed,
    /// Known, though files may be missing from it.
    Known {
        /// By person.
        people: HashMap<EmployeeId, PersonNow>,
        /// All that belongs to it could be read.
        complete: bool,
        /// The day so far.
        day: DayStrips,
        /// What of it is drawn.
        hours: Box<Hours>,
    },
}

impl Present {
    /// Asks for it.
    pub(in crate::web::pages::directory) async fn ask(app: &App, visitor: &Visitor) -> Self {
        if !visitor.actor().may(Permission::ReadMonitoring) {
            return Self::Hidden;
        }
        let (actor, organization) = (visitor.actor(), visitor.organization_id());
        let monitoring = &app.monitoring;
        match tokio::try_join!(monitoring.presence_now(actor, organization), monitoring.strips(actor, organization)) {
            Ok(((people, completeness), day)) => Self::Known {
                people: people.into_iter().map(|one| (one.employee, one)).collect(),
                complete: completeness.incomplete.is_empty(),
                hours: Box::new(Hours::of(visitor, &day, app.clock.now())),
                day,
            },
            Err(problem) => {
                // Turning it into a failure writes the chain behind it into the log.
                let failure = Failure::from(problem);
                tracing::warn!(code = failure.code, "presence could not be read");
                Self::Failed
            }
        }
    }

    /// True when it is shown.
    pub(in crate::web::pages::directory) const fn is_known(&self) -> bool {
        matches!(self, Self::Known { .. })
    }

    /// What is missing, in a sentence.
    pub(in crate::web::pages::directory) fn lacking(&self, texts: Texts) -> String {
        match self {
            Self::Failed => texts.t("people-now-failed"),
            Self::Known { complete: false, .. } => texts.t("error-incomplete"),
            Self::Hidden | Self::Known { complete: true, .. } => String::new(),
        }
    }

    fn of(&self, id: EmployeeId) -> Option<&PersonNow> {
        match self {
            Self::Known { people, .. } => people.get(&id),
            Self::Hidden | Self::Failed => None,
        }
    }

    /// To which tab somebody belongs.
    pub(super) fn which(&self, id: EmployeeId) -> Option<Which> {
        self.of(id).map(|one| Which::of(&one.presence))
    }

    /// How many belong to a tab.
    pub(super) fn count(&self, which: Which) -> u64 {
        match self {
            Self::Known { people, .. } => {
                people.values().filter(|one| Which::of(&one.presence) == which).count() as u64
            }
            Self::Hidden | Self::Failed => 0,
        }
    }

    /// The mark and the words for what somebody does.
    pub(in crate::web::pages::directory) fn words(&self, visitor: &Visitor, id: EmployeeId) -> (&'static str, String) {
        let Some(one) = self.of(id) else { return ("", String::new()) };
        let texts = visitor.texts;
        let (key, since) = match &one.presence {
            Presence::AtComputer(since) => ("state-at-computer-since", Some(since)),
            Presence::NoInput(since) => ("state-no-input-since", Some(since)),
            Presence::Locked(since) => ("state-locked-since", Some(since)),
            Presence::SeenToday(last) => ("state-seen-today", Some(last)),
            Presence::NotSeen => ("state-not-seen", None),
        };
        let words = match since {
            Some(since) => texts.with(key, [("time", texts.time(&visitor.zone, *since).into())]),
            None => texts.t(key),
        };
        (Which::of(&one.presence).mark(), words)
    }

    /// The hours above the lines of the day.
    pub(in crate::web::pages::directory) fn hours(&self) -> Option<&Hours> {
        match self {
            Self::Known { hours, .. } => Some(hours.as_ref()),
            Self::Hidden | Self::Failed => None,
        }
    }

    /// Somebody's day so far.
    pub(in crate::web::pages::directory) fn line(&self, id: EmployeeId) -> Vec<Stretch> {
        match self {
            Self::Known { people, day, hours, .. } => {
                people.get(&id).map(|one| hours.line(day, one)).unwrap_or_default()
            }
            Self::Hidden | Self::Failed => Vec::new(),
        }
    }

    /// When somebody first used keyboard or mouse today.
    pub(in crate::web::pages::directory) fn first_input(&self, visitor: &Visitor, id: EmployeeId) -> String {
        let first = self.of(id).and_then(|one| one.first_input);
        first.map(|at| visitor.texts.time(&visitor.zone, at)).unwrap_or_default()
    }
}
