//! An employee, and what is typed to have one.

use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Language;
use crate::people::Link;
use crate::people::State;

/// A person who works in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employee {
    /// Their number in the organization.
    pub id: EmployeeId,
    /// Family name.
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// Father's name.
    pub patronymic: Option<String>,
    /// What they work as; may be empty.
    pub position: String,
    /// Where they work; `None` as long as they are in no department.
    pub department: Option<DepartmentId>,
    /// The organization's own number for the person.
    pub personnel_number: Option<String>,
    /// Address for mail.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// First day at work.
    pub hired_on: Option<Day>,
    /// Last day at work.
    pub left_on: Option<Day>,
    /// The language in which they are written to.
    pub language: Option<Language>,
    /// Inactive employees stay readable and are not offered any more.
    pub state: State,
}

impl Employee {
    /// "Karimov Bekzod", for lists sorted by name.
    pub fn surname_first(&self) -> String {
        format!("{} {}", self.surname, self.given_name)
    }

    /// "Bekzod Karimov", everywhere else.
    pub fn given_first(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }

    /// "Karimov Bekzod Anvarovich", where the whole name is wanted.
    pub fn full_name(&self) -> String {
        match &self.patronymic {
            Some(patronymic) => format!("{} {patronymic}", self.surname_first()),
            None => self.surname_first(),
        }
    }
}

/// What is asked for when an employee is made or changed, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EmployeeInput {
    /// Family name.
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// Father's name.
    pub patronymic: String,
    /// What they work as.
    pub position: String,
    /// Where they work.
    pub department: Option<DepartmentId>,
    /// The organization's own number.
    pub personnel_number: String,
    /// Address for mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// First day at work.
    pub hired_on: Option<Day>,
    /// Last day at work.
    pub left_on: Option<Day>,
    /// The language in which they are written to.
    pub language: Option<Language>,
}

impl From<&Employee> for EmployeeInput {
    fn from(employee: &Employee) -> Self {
        let employee = employee.clone();
        Self {
            surname: employee.surname,
            given_name: employee.given_name,
            patronymic: employee.patronymic.unwrap_or_default(),
            position: employee.position,
            department: employee.department,
            personnel_number: employee.personnel_number.unwrap_or_default(),
            email: employee.email.unwrap_or_default(),
            phone: employee.phone.unwrap_or_default(),
            hired_on: employee.hired_on,
            left_on: employee.left_on,
            language: employee.language,
        }
    }
}

/// What deleting an employee would touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployeeConsequences {
    /// The person.
    pub employee: Employee,
    /// The links that would go; the accounts' events stay and belong to nobody.
    pub links: Vec<Link>,
}
