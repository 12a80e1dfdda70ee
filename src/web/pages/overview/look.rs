//! "Needs a look": worst first, at most four, each with its next step.

use std::time::Duration;

use crate::intake::Backlog;
use crate::kernel::Permission;
use crate::web::Visitor;
use crate::web::pages::alerts::Told;
use crate::web::pages::overview::Found;

/// Notes on the first page.
const MOST: usize = 4;
/// From which delay on the queue is worth a word.
const LATE: Duration = Duration::from_secs(120);
/// From how many days before it is full the disk is worth a word.
const ROOM_DAYS: u32 = 30;

/// One thing to look at.
pub(super) struct Note {
    pub(super) light: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) link: String,
    pub(super) href: String,
}

pub(super) fn notes(visitor: &Visitor, found: &Found, backlog: &Backlog) -> Vec<Note> {
    let mut notes: Vec<Note> = [
        refusing(visitor, backlog),
        set_aside(visitor, found),
        disk(visitor, found),
        late(visitor, backlog),
        unlinked(visitor, found),
        letters(visitor, found),
    ]
    .into_iter()
    .flatten()
    .chain(found.alerts.iter().map(alert))
    .collect();
    notes.sort_by_key(|note| note.light != "bad");
    notes.truncate(MOST);
    let rest = if notes.is_empty() { "overview-all-fine" } else { "overview-rest-fine" };
    notes.push(Note { text: visitor.texts.t(rest), light: "ok", ..Note::empty() });
    notes
}

impl Note {
    fn empty() -> Self {
        Self { light: "ok", title: String::new(), text: String::new(), link: String::new(), href: String::new() }
    }
}

fn note(visitor: &Visitor, light: &'static str, title: String, key: &str, href: &'static str) -> Option<Note> {
    let texts = visitor.texts;
    let seen = href != "/storage" || visitor.actor().may(Permission::ReadSystem);
    let (link, href) = if seen { (texts.t(&format!("{key}-link")), href) } else { (String::new(), "") };
    let href = href.to_owned();
    Some(Note { light, title, text: texts.t(&format!("{key}-text")), link, href })
}

fn alert(told: &Told) -> Note {
    let text = if told.next.is_empty() { told.text.clone() } else { format!("{} {}", told.text, told.next) };
    Note { light: told.light, title: told.title.clone(), text, link: told.link.clone(), href: told.href.clone() }
}

fn refusing(visitor: &Visitor, backlog: &Backlog) -> Option<Note> {
    let title = || visitor.texts.t("look-refusing");
    backlog.refusing.then(|| note(visitor, "bad", title(), "look-refusing", "/storage")).flatten()
}

fn late(visitor: &Visitor, backlog: &Backlog) -> Option<Note> {
    let oldest = backlog.oldest.filter(|age| backlog.batches > 0 && *age > LATE)?;
    let age = visitor.texts.duration_ms(i64::try_from(oldest.as_millis()).unwrap_or(i64::MAX));
    note(visitor, "look", visitor.texts.with("look-late", [("age", age.into())]), "look-late", "/storage")
}

fn set_aside(visitor: &Visitor, found: &Found) -> Option<Note> {
    let by_usage = found.usage.as_ref().map(|usage| usage.datasets.iter().map(|one| one.set_aside).sum::<u64>());
    let count = by_usage.unwrap_or(found.overview.completeness.incomplete.len() as u64);
    let title = || visitor.texts.count("look-set-aside", count);
    (count > 0).then(|| note(visitor, "bad", title(), "look-set-aside", "/storage")).flatten()
}

fn disk(visitor: &Visitor, found: &Found) -> Option<Note> {
    let days = found.usage.as_ref()?.full_in_days.filter(|days| *days < ROOM_DAYS)?;
    let light = if days < 3 { "bad" } else { "look" };
    note(visitor, light, visitor.texts.count("look-disk", days), "look-disk", "/storage")
}

fn unlinked(visitor: &Visitor, found: &Found) -> Option<Note> {
    let title = || visitor.texts.count("look-unlinked", found.unlinked);
    (found.unlinked > 0).then(|| note(visitor, "look", title(), "look-unlinked", "/unassigned")).flatten()
}

fn letters(visitor: &Visitor, found: &Found) -> Option<Note> {
    let count = found.letters_today.filter(|count| *count > 0)?;
    note(visitor, "look", visitor.texts.count("look-letters", count), "look-letters", "/dead-letters")
}
