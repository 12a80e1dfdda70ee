//! Whether the person knows what is collected: a chip beside the name.

use crate::kernel::EmployeeId;
use crate::notices::Version;
use crate::web::Visitor;

/// Whether the person has accepted what is collected of them, and the page that tells it.
pub(super) struct Notice {
    pub(super) tone: &'static str,
    pub(super) icon: &'static str,
    pub(super) text: String,
    pub(super) href: String,
}

impl Notice {
    pub(super) fn new(visitor: &Visitor, id: EmployeeId, versions: &[Version]) -> Self {
        let texts = visitor.texts;
        let number = versions.first().map_or(1, |newest| newest.number);
        let href = format!("/people/{id}/collected");
        match versions.first().and_then(Version::accepted) {
            Some(accepted) => {
                let said = [("number", number.into()), ("day", texts.day_year(accepted.on).into())];
                Self { tone: "ok", icon: "file-check", text: texts.with("notice-chip-accepted", said), href }
            }
            None => {
                let text = texts.with("notice-chip-missing", [("number", number.into())]);
                Self { tone: "look", icon: "file", text, href }
            }
        }
    }
}
