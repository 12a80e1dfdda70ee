//! The verbs of departments.

use crate::kernel::Actor;
use crate::kernel::DepartmentId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::people::Changed;
use crate::people::People;
use crate::people::PeopleError;
use crate::people::State;
use crate::people::departments::Contents;
use crate::people::departments::Department;
use crate::people::departments::DepartmentConsequences;
use crate::people::departments::DepartmentInput;
use crate::people::departments::Departments;
use crate::people::records;
use crate::store::WriteTx;

impl People {
    /// Makes a department.
    pub async fn create_department(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        input: DepartmentInput,
    ) -> Result<Department, PeopleError> {
        self.change(actor, organization, move |tx| {
            let tree = records::departments(tx)?;
            let made = input.parse(DepartmentId::new(0), State::Active)?;
            tree.check(&made)?;
            let id = DepartmentId::new(tx.next_number(&records::DEPARTMENTS)?);
            let made = Department { id, ..made };
            records::put_department(tx, &made)?;
            Ok(made)
        })
        .await
    }

    /// Renames or moves a department.
    pub async fn edit_department(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: DepartmentId,
        input: DepartmentInput,
    ) -> Result<Changed<Department>, PeopleError> {
        self.change(actor, organization, move |tx| {
            let tree = records::departments(tx)?;
            let before = tree.get(id)?.clone();
            let after = input.parse(id, before.state)?;
            tree.check(&after)?;
            records::put_department(tx, &after)?;
            Ok(Changed { before, after })
        })
        .await
    }

    /// Takes a department out of use or back into it.
    pub async fn set_department_state(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: DepartmentId,
        state: State,
    ) -> Result<Changed<Department>, PeopleError> {
        self.change(actor, organization, move |tx| {
            let before = records::departments(tx)?.get(id)?.clone();
            let after = Department { state, ..before.clone() };
            records::put_department(tx, &after)?;
            Ok(Changed { before, after })
        })
        .await
    }

    /// What deleting a department would touch.
    pub async fn department_consequences(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: DepartmentId,
    ) -> Result<DepartmentConsequences, PeopleError> {
        actor.require(Permission::EditPeople)?;
        let view = self.view(actor, organization).await?;
        let directory = view.whole()?;
        let department = directory.departments().get(id)?.clone();
        let parent = department.parent.and_then(|parent| directory.departments().find(parent));
        Ok(DepartmentConsequences {
            parent: parent.cloned(),
            sub_departments: directory.departments().children(Some(id)),
            employees: directory
                .employees()
                .filter(|employee| employee.department == Some(id))
                .map(|employee| employee.id)
                .collect(),
            computers: directory.computers().filter(|computer| computer.department == Some(id)).count() as u64,
            department,
        })
    }

    /// Deletes a department.
    pub async fn delete_department(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: DepartmentId,
        contents: Contents,
    ) -> Result<Department, PeopleError> {
        self.change(actor, organization, move |tx| {
            let tree = records::departments(tx)?;
            let gone = tree.get(id)?.clone();
            let moved = move_up(tx, &tree, &gone, contents)?;
            if moved > 0 && contents == Contents::MustBeEmpty {
                return Err(PeopleError::NotEmpty(id));
            }
            tx.remove(&records::DEPARTMENTS, &id)?;
            Ok(gone)
        })
        .await
    }
}

/// Moves everything that stands directly in a department to the one above; says how much there was. An error of the
/// caller undoes it.
fn move_up(tx: &WriteTx<'_>, tree: &Departments, gone: &Department, contents: Contents) -> Result<usize, PeopleError> {
    let mut moved = 0;
    for child in tree.children(Some(gone.id)).into_iter().filter_map(|id| tree.find(id)) {
        let child = Department { parent: gone.parent, ..child.clone() };
        // The name may stand above already, but not if it is the name of the department that goes.
        let clash = tree.find_child(gone.parent, &child.name).filter(|other| other.id != gone.id);
        if let (Some(other), Contents::MoveToParent) = (clash, contents) {
            return Err(PeopleError::NameTaken(other.id));
        }
        records::put_department(tx, &child)?;
        moved += 1;
    }
    for mut employee in records::employees(tx)? {
        if employee.department == Some(gone.id) {
            employee.department = gone.parent;
            records::put_employee(tx, &employee)?;
            moved += 1;
        }
    }
    for mut computer in records::computers(tx)? {
        if computer.department == Some(gone.id) {
            computer.department = gone.parent;
            records::put_computer(tx, &computer)?;
            moved += 1;
        }
    }
    Ok(moved)
}
