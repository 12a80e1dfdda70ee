//! Small pieces that several pages of the directory show.

use askama::Template;

use crate::kernel::DepartmentId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::people::State;
use crate::people::View;
use crate::web::Choice;
use crate::web::Layout;
use crate::web::Texts;

/// A tab above a list.
pub(super) struct Tab {
    pub(super) href: String,
    pub(super) label: String,
    pub(super) count: String,
    pub(super) mark: &'static str,
    pub(super) current: bool,
}

/// A filter that can be taken away.
pub(super) struct ActiveFilter {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) label: String,
}

/// A line of a list of facts.
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
}

/// The departments to choose from, in the order of the tree, deeper ones further in. Those out of use are offered
/// only where they are chosen already.
pub(super) fn departments(view: &View, chosen: Option<DepartmentId>) -> Vec<Choice> {
    let offered = |id, state| state == State::Active || Some(id) == chosen;
    let all = view.departments().into_iter().filter(|(department, _)| offered(department.id, department.state));
    all.map(|(department, depth)| {
        let label = format!("{}{}", "\u{2003}".repeat(depth), department.name);
        Choice { value: department.id.to_string(), label, chosen: chosen == Some(department.id) }
    })
    .collect()
}

/// A moment as short as it stays clear: the time alone today, without the year this year.
pub(super) fn when(texts: Texts, zone: &Zone, at: Timestamp, now: Timestamp) -> String {
    let (day, today) = (zone.day_of(at), zone.day_of(now));
    if day == today {
        texts.time(zone, at)
    } else if day.year() == today.year() {
        texts.with("date-time", [("date", texts.day(day).into()), ("time", texts.time(zone, at).into())])
    } else {
        texts.moment(zone, at)
    }
}

/// How far a list is shown, and where it goes on.
pub(super) struct Foot {
    pub(super) range: String,
    pub(super) more: String,
    pub(super) more_href: String,
}

/// How many rows are shown at first, and are added each time.
pub(super) const STEP: usize = 50;

impl Foot {
    /// `address` gives the same list with another number of rows.
    pub(super) fn new(texts: Texts, shown: usize, total: u64, address: impl FnOnce(usize) -> String) -> Self {
        let whole = total <= shown as u64 || shown >= crate::kernel::PageRequest::MAX;
        let range = texts.with(
            "range-of",
            [
                ("from", usize::from(shown > 0).into()),
                ("to", texts.number(shown as u64).into()),
                ("total", texts.number(total).into()),
            ],
        );
        Self {
            range,
            more: texts.count("action-show-more", STEP),
            more_href: if whole { String::new() } else { address(shown + STEP) },
        }
    }
}

/// A question before something that cannot be undone: a dialog where scripts run, else a page.
pub(super) struct Question {
    pub(super) title: String,
    pub(super) consequences: Vec<String>,
    pub(super) action: String,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) danger: String,
    pub(super) safe: String,
    pub(super) safe_href: String,
}

#[derive(Template)]
#[template(path = "directory/question_dialog.html")]
pub(super) struct QuestionDialog {
    pub(super) question: Question,
}

#[derive(Template)]
#[template(path = "directory/question_page.html")]
pub(super) struct QuestionPage {
    pub(super) l: Layout,
    pub(super) question: Question,
}
