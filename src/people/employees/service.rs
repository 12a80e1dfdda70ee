//! The verbs of employees.

use crate::kernel::Actor;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::fold;
use crate::people::Changed;
use crate::people::FieldProblem;
use crate::people::People;
use crate::people::PeopleError;
use crate::people::State;
use crate::people::employees::Employee;
use crate::people::employees::EmployeeConsequences;
use crate::people::employees::EmployeeInput;
use crate::people::records;
use crate::store::WriteTx;

impl People {
    /// Makes an employee.
    pub async fn create_employee(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        input: EmployeeInput,
    ) -> Result<Employee, PeopleError> {
        self.change(actor, organization, move |tx| {
            let made = input.parse(EmployeeId::new(0), State::Active)?;
            check(tx, &made)?;
            let id = EmployeeId::new(tx.next_number(&records::EMPLOYEES)?);
            let made = Employee { id, ..made };
            records::put_employee(tx, &made)?;
            Ok(made)
        })
        .await
    }

    /// Changes an employee's fields.
    pub async fn edit_employee(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: EmployeeId,
        input: EmployeeInput,
    ) -> Result<Changed<Employee>, PeopleError> {
        self.change(actor, organization, move |tx| {
            let before = records::employee(tx, id)?;
            let after = input.parse(id, before.state)?;
            check(tx, &after)?;
            records::put_employee(tx, &after)?;
            Ok(Changed { before, after })
        })
        .await
    }

    /// Takes an employee out of the lists of people at work, or back into them.
    pub async fn set_employee_state(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: EmployeeId,
        state: State,
    ) -> Result<Changed<Employee>, PeopleError> {
        self.change(actor, organization, move |tx| {
            let before = records::employee(tx, id)?;
            let after = Employee { state, ..before.clone() };
            records::put_employee(tx, &after)?;
            Ok(Changed { before, after })
        })
        .await
    }

    /// What deleting an employee would touch.
    pub async fn employee_consequences(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: EmployeeId,
    ) -> Result<EmployeeConsequences, PeopleError> {
        actor.require(Permission::EditPeople)?;
        let view = self.view(actor, organization).await?;
        let directory = view.whole()?;
        let employee = directory.employee(id).ok_or(PeopleError::UnknownEmployee(id))?;
        Ok(EmployeeConsequences { employee: employee.clone(), links: directory.links_of_employee(id).to_vec() })
    }

    /// Deletes an employee with their links. The accounts' events stay and belong to nobody.
    pub async fn delete_employee(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: EmployeeId,
    ) -> Result<EmployeeConsequences, PeopleError> {
        self.change(actor, organization, move |tx| {
            let employee = records::employee(tx, id)?;
            let mut links = records::links(tx)?;
            links.retain(|link| link.employee == id);
            for link in &links {
                records::remove_link(tx, link)?;
            }
            tx.remove(&records::EMPLOYEES, &id)?;
            Ok(EmployeeConsequences { employee, links })
        })
        .await
    }
}

/// Refuses a department that does not exist and a number that somebody else has.
fn check(tx: &WriteTx<'_>, changed: &Employee) -> Result<(), PeopleError> {
    if let Some(department) = changed.department
        && records::departments(tx)?.find(department).is_none()
    {
        return Err(FieldProblem::Unknown.of("department").into());
    }
    let Some(number) = changed.personnel_number.as_deref().map(fold) else {
        return Ok(());
    };
    let holder = records::employees(tx)?
        .into_iter()
        .find(|other| other.id != changed.id && other.personnel_number.as_deref().map(fold).as_ref() == Some(&number));
    match holder {
        Some(holder) => Err(PeopleError::NumberTaken(holder.id)),
        None => Ok(()),
    }
}
