//! What a fresh appliance shows instead of charts: the three steps to the first numbers.

use crate::kernel::Permission;
use crate::people::ComputerFilter;
use crate::people::EmployeeFilter;
use crate::web::App;
use crate::web::Failure;
use crate::web::Visitor;
use crate::web::pages::overview::Found;

/// The checklist.
pub(super) struct FirstSteps {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) steps: Vec<Step>,
}

/// One step of it.
pub(super) struct Step {
    pub(super) light: &'static str,
    pub(super) state: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) link: String,
    pub(super) href: &'static str,
}

/// The steps that are left, or nothing when people and computers are there.
pub(super) async fn steps(app: &App, visitor: &Visitor, found: &Found) -> Result<Option<FirstSteps>, Failure> {
    let actor = visitor.actor();
    if !actor.may(Permission::EditPeople) {
        return Ok(None);
    }
    let people = found.view.count_employees(&EmployeeFilter::default())? > 0;
    let computers = found.view.count_computers(&ComputerFilter::default())? > 0;
    if people && computers {
        return Ok(None);
    }
    let texts = visitor.texts;
    let step = |key: &str, done: bool, href: &'static str| Step {
        light: if done { "ok" } else { "off" },
        state: texts.t(if done { "first-done" } else { "first-open" }),
        title: texts.t(&format!("first-{key}")),
        text: texts.t(&format!("first-{key}-text")),
        link: if done || href.is_empty() { String::new() } else { texts.t(&format!("first-{key}-link")) },
        href,
    };
    let key = if actor.may(Permission::EditApiKeys) {
        let keys = app.identity.api_keys.count(actor, visitor.organization_id()).await?;
        step("key", keys > 0 || computers, "/api-keys")
    } else {
        step("key", computers, "")
    };
    let rest = [step("computer", computers, "/computers"), step("people", people, "/people/import")];
    Ok(Some(FirstSteps {
        title: texts.t("first-title"),
        text: texts.t("first-text"),
        steps: std::iter::once(key).chain(rest).collect(),
    }))
}
