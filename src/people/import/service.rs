//! The verbs of import: look, then apply exactly that.

use std::collections::HashMap;

use crate::kernel::Actor;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::people::Department;
use crate::people::Employee;
use crate::people::ImportError;
use crate::people::ImportFile;
use crate::people::ImportPlan;
use crate::people::ImportToken;
use crate::people::People;
use crate::people::directory::Contents;
use crate::people::import::plan::Prepared;
use crate::people::import::plan::prepare;
use crate::people::records;
use crate::runtime::blocking;
use crate::store::StoreError;
use crate::store::WriteTx;

impl People {
    /// Shows what a list would change; changes nothing.
    pub async fn plan_import(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        file: ImportFile,
    ) -> Result<ImportPlan, ImportError> {
        let store = self.store.tenant(Self::may_change(actor, organization)?);
        blocking(move || {
            let contents = store.read_now(|tx| Contents::read(tx))?;
            prepare(&file, contents).map(|prepared| prepared.plan)
        })
        .await
    }

    /// Applies a list in one transaction, if it would change exactly what its plan showed. Refused rows are left out.
    pub async fn apply_import(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        file: ImportFile,
        token: ImportToken,
    ) -> Result<ImportPlan, ImportError> {
        self.change(actor, organization, move |tx| {
            let prepared = prepare(&file, Contents::read(tx)?)?;
            if prepared.plan.token != token {
                return Err(ImportError::Changed);
            }
            write(tx, &prepared)?;
            Ok(prepared.plan)
        })
        .await
    }
}

fn write(tx: &WriteTx<'_>, prepared: &Prepared) -> Result<(), StoreError> {
    let mut numbers: HashMap<DepartmentId, DepartmentId> = HashMap::new();
    for department in &prepared.departments {
        let id = DepartmentId::new(tx.next_number(&records::DEPARTMENTS)?);
        let parent = department.parent.map(|parent| numbers.get(&parent).copied().unwrap_or(parent));
        numbers.insert(department.id, id);
        records::put_department(tx, &Department { id, parent, ..department.clone() })?;
    }
    for employee in &prepared.employees {
        let id = match employee.id.get() {
            0 => EmployeeId::new(tx.next_number(&records::EMPLOYEES)?),
            _ => employee.id,
        };
        let department = employee.department.map(|own| numbers.get(&own).copied().unwrap_or(own));
        records::put_employee(tx, &Employee { id, department, ..employee.clone() })?;
    }
    Ok(())
}
