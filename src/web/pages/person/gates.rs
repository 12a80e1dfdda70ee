//! The gates that a person may pass, and through which groups.

use crate::devices::AccessGroup;
use crate::devices::Way;
use crate::kernel::Permission;
use crate::people::EmployeeView;
use crate::people::State;
use crate::web::App;
use crate::web::Crumb;
use crate::web::Failure;
use crate::web::Visitor;
use crate::web::pages::access_groups;

/// A gate with the groups that lead there. A group without an address is not the reader's to change.
pub(super) struct Gate {
    pub(super) name: String,
    pub(super) groups: Vec<Crumb>,
}

/// The section of the page.
pub(super) struct Gates {
    pub(super) rows: Vec<Gate>,
    /// Why there are none, or why terminals cannot know the person.
    pub(super) note: String,
    /// What mends that.
    pub(super) mend: Option<Crumb>,
    pub(super) all_href: &'static str,
}

impl Gates {
    /// Nothing for those who may not know.
    pub(super) async fn read(app: &App, visitor: &Visitor, employee: &EmployeeView) -> Result<Option<Self>, Failure> {
        if !visitor.actor().may(Permission::ReadCredentials) {
            return Ok(None);
        }
        let ways = app.devices.ways_of(visitor.actor(), visitor.organization_id(), employee.id).await?;
        Ok(Some(Self::new(visitor, employee, ways)))
    }

    fn new(visitor: &Visitor, employee: &EmployeeView, ways: Vec<Way>) -> Self {
        let (texts, decides) = (visitor.texts, access_groups::may_decide(visitor));
        let group = |group: AccessGroup| Crumb {
            href: if decides { format!("/access-groups/{}", group.id) } else { String::new() },
            label: group.name.to_string(),
        };
        let row =
            |way: Way| Gate { name: way.gate.name.to_string(), groups: way.groups.into_iter().map(group).collect() };
        let rows: Vec<Gate> = ways.into_iter().map(row).collect();
        let has_number = employee.details.as_ref().is_some_and(|details| details.personnel_number.is_some());
        let note = match (employee.state, rows.is_empty()) {
            (State::Inactive, _) => "person-gates-inactive",
            (State::Active, true) => "person-gates-none",
            (State::Active, false) if !has_number => "person-gates-no-number",
            (State::Active, false) => "",
        };
        let to = |href: String, key: &str| Some(Crumb { href, label: texts.t(key) });
        let mend = match note {
            "person-gates-none" if decides => {
                to(format!("/access-groups/new?employee={}", employee.id), "access-groups-add")
            }
            "person-gates-no-number" if visitor.actor().may(Permission::EditPeople) => {
                to(format!("/people/{}/edit", employee.id), "device-people-give-number")
            }
            _ => None,
        };
        Self {
            rows,
            note: if note.is_empty() { String::new() } else { texts.t(note) },
            mend,
            all_href: if decides { "/access-groups" } else { "" },
        }
    }
}
