//! What somebody changed, for the audit log.

use crate::audit::Entry;
use crate::kernel::DepartmentId;
use crate::kernel::Timestamp;
use crate::people::Changed;
use crate::people::Computer;
use crate::people::ComputerUser;
use crate::people::Department;
use crate::people::Employee;
use crate::people::ImportKind;
use crate::people::ImportPlan;
use crate::people::Link;
use crate::people::RowAction;
use crate::people::State;
use crate::web::App;
use crate::web::Visitor;

/// Writes one record into the log of the organization that the visitor looks at.
pub(super) async fn record(app: &App, visitor: &Visitor, entry: Entry) {
    app.audit.record(visitor.actor(), entry.of(visitor.organization_id())).await;
}

/// An employee was made, changed or deleted.
pub(super) fn employee(action: &'static str, employee: &Employee) -> Entry {
    Entry::new(action).on("employee", employee.id).with("name", employee.full_name())
}

/// Which fields of an employee were changed; their contents are not for the log.
pub(super) fn employee_edit(changed: &Changed<Employee>) -> Entry {
    let Changed { before, after } = changed;
    let fields = [
        ("surname", before.surname != after.surname),
        ("given_name", before.given_name != after.given_name),
        ("patronymic", before.patronymic != after.patronymic),
        ("position", before.position != after.position),
        ("department", before.department != after.department),
        ("personnel_number", before.personnel_number != after.personnel_number),
        ("email", before.email != after.email),
        ("phone", before.phone != after.phone),
        ("hired_on", before.hired_on != after.hired_on),
        ("left_on", before.left_on != after.left_on),
        ("language", before.language != after.language),
    ];
    let names: Vec<&str> = fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
    let entry = employee("employee.update", after).with("fields", names);
    if before.department == after.department {
        return entry;
    }
    entry.with("department_before", number(before.department)).with("department_after", number(after.department))
}

/// A department was made, moved or deleted.
pub(super) fn department(action: &'static str, department: &Department) -> Entry {
    Entry::new(action).on("department", department.id).with("name", department.name.as_str())
}

/// A department has another name or stands elsewhere.
pub(super) fn department_edit(changed: &Changed<Department>) -> Entry {
    let Changed { before, after } = changed;
    let entry = department("department.update", after);
    let entry = if before.name == after.name { entry } else { entry.with("name_before", before.name.as_str()) };
    if before.parent == after.parent {
        return entry;
    }
    entry.with("parent_before", number(before.parent)).with("parent_after", number(after.parent))
}

/// A computer was changed or deleted.
pub(super) fn computer(action: &'static str, computer: &Computer) -> Entry {
    Entry::new(action).on("computer", computer.id).with("name", computer.name.as_str())
}

/// A computer user was said to be nobody, or somebody again.
pub(super) fn computer_user(action: &'static str, user: &ComputerUser) -> Entry {
    Entry::new(action).on("computer_user", user.id).with("name", user.name())
}

/// An account was linked to a person, or not any more.
pub(super) fn link(action: &'static str, link: &Link) -> Entry {
    let entry = Entry::new(action).on("link", link.id).with("computer_user", link.computer_user.get());
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
    entry.with("employee", link.employee.get()).with("from", moment(link.from)).with("to", moment(link.to))
}

/// A list was brought in.
pub(super) fn import(plan: &ImportPlan) -> Entry {
    let kind = match plan.kind {
        ImportKind::Departments => "departments",
        ImportKind::Employees => "employees",
    };
    Entry::new("people.import")
        .with("kind", kind)
        .with("created", plan.count(RowAction::Create))
        .with("updated", plan.count(RowAction::Update))
        .with("moved", plan.count(RowAction::Move))
        .with("refused", plan.count(RowAction::Refused))
        .with("new_departments", plan.new_departments.len())
}

/// One of two actions, by the state that something got.
pub(super) const fn by_state(state: State, active: &'static str, inactive: &'static str) -> &'static str {
    match state {
        State::Active => active,
        State::Inactive => inactive,
    }
}

fn number(id: Option<DepartmentId>) -> Option<u32> {
    id.map(DepartmentId::get)
}
