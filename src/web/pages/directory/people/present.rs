//! What people do now, as far as the visitor may see it.

use std::collections::HashMap;

use crate::kernel::EmployeeId;
use crate::kernel::Permission;
use crate::monitoring::PersonNow;
use crate::monitoring::Presence;
use crate::web::App;
use crate::web::Failure;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::pages::directory::people::asked::Which;

/// The present of everybody at work.
pub(super) enum Present {
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
    },
}

impl Present {
    /// Asks for it.
    pub(super) async fn ask(app: &App, visitor: &Visitor) -> Self {
        if !visitor.actor().may(Permission::ReadMonitoring) {
            return Self::Hidden;
        }
        match app.monitoring.presence_now(visitor.actor(), visitor.organization_id()).await {
            Ok((people, completeness)) => Self::Known {
                people: people.into_iter().map(|one| (one.employee, one)).collect(),
                complete: completeness.incomplete.is_empty(),
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
    pub(super) const fn is_known(&self) -> bool {
        matches!(self, Self::Known { .. })
    }

    /// What is missing, in a sentence.
    pub(super) fn lacking(&self, texts: Texts) -> String {
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
    pub(super) fn words(&self, visitor: &Visitor, id: EmployeeId) -> (&'static str, String) {
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

    /// When somebody first used keyboard or mouse today.
    pub(super) fn first_input(&self, visitor: &Visitor, id: EmployeeId) -> String {
        let first = self.of(id).and_then(|one| one.first_input);
        first.map(|at| visitor.texts.time(&visitor.zone, at)).unwrap_or_default()
    }
}
