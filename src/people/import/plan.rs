//! What a list would change.

use std::sync::Arc;

use crate::kernel::Fingerprint;
use crate::people::Department;
use crate::people::Employee;
use crate::people::ImportError;
use crate::people::RowError;
use crate::people::directory::Contents;
use crate::people::import::departments;
use crate::people::import::employees;
use crate::people::import::sheet::Sheet;
use crate::people::import::tree::GrowingTree;

/// What a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// One department in each row.
    Departments,
    /// One person in each row.
    Employees,
}

/// A list as it came in.
#[derive(Debug, Clone)]
pub struct ImportFile {
    /// What it is about.
    pub kind: ImportKind,
    /// CSV with headings in the first row.
    pub bytes: Arc<[u8]>,
}

/// Proof of having seen a plan: the same list on the same people gives the same token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportToken(Fingerprint);

impl ImportToken {
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Fingerprint::parse(text).map(Self)
    }
}

impl std::fmt::Display for ImportToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Everything that a list would change, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPlan {
    /// What the list is about.
    pub kind: ImportKind,
    /// To be given back when it is applied.
    pub token: ImportToken,
    /// In the order of the file.
    pub rows: Vec<ImportRow>,
    /// Headings that say nothing to us; their cells are left out.
    pub ignored_columns: Vec<String>,
    /// Paths of the departments that will be made, parents first.
    pub new_departments: Vec<String>,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// As an editor counts, from 1.
    pub line: u64,
    /// Who or what it is about, for people to read.
    pub label: String,
    /// What will happen.
    pub action: RowAction,
    /// Field by field; empty unless something there is updated or moved.
    pub changes: Vec<FieldChange>,
    /// Why it is refused.
    pub errors: Vec<RowError>,
}

/// What happens with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowAction {
    /// Somebody or something new.
    Create,
    /// Fields change.
    Update,
    /// Only the department changes.
    Move,
    /// Nothing changes.
    Unchanged,
    /// It is left out, because something in it is wrong.
    Refused,
}

/// A field that changes, as text for people to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Which one, as in the API.
    pub field: &'static str,
    /// As it is; may be empty.
    pub before: String,
    /// As it will be.
    pub after: String,
}

impl ImportPlan {
    /// How many rows there are of an action.
    pub fn count(&self, action: RowAction) -> usize {
        self.rows.iter().filter(|row| row.action == action).count()
    }

    /// True when applying it would change something.
    pub fn changes_anything(&self) -> bool {
        let stays = |row: &ImportRow| matches!(row.action, RowAction::Unchanged | RowAction::Refused);
        !self.rows.iter().all(stays) || !self.new_departments.is_empty()
    }
}

/// A plan with what has to be written for it.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) plan: ImportPlan,
    /// Parents first, with provisional numbers.
    pub(super) departments: Vec<Department>,
    /// Number 0 is a new one; departments may have provisional numbers.
    pub(super) employees: Vec<Employee>,
}

/// Plans a list on the people as they are.
pub(super) fn prepare(file: &ImportFile, contents: Contents) -> Result<Prepared, ImportError> {
    let sheet = Sheet::read(&file.bytes)?;
    let kind = file.kind;
    let mut tree = GrowingTree::new(contents.departments);
    let (rows, employees) = match kind {
        ImportKind::Departments => (departments::plan(&sheet, &mut tree)?, Vec::new()),
        ImportKind::Employees => employees::plan(&sheet, &mut tree, &contents.employees)?,
    };
    let new_departments = tree.made_paths();
    let digest = Fingerprint::of(&file.bytes);
    let seen = format!("{kind:?} {digest} {rows:?} {:?} {employees:?}", tree.made);
    let token = ImportToken(Fingerprint::of(seen.as_bytes()));
    let plan = ImportPlan { kind, token, rows, ignored_columns: sheet.ignored, new_departments };
    Ok(Prepared { plan, departments: tree.made, employees })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::Strategy;
    use proptest::prelude::proptest;

    use super::ImportFile;
    use super::ImportKind;
    use super::RowAction;
    use super::prepare;
    use crate::kernel::DepartmentId;
    use crate::kernel::EmployeeId;
    use crate::people::Department;
    use crate::people::Departments;
    use crate::people::Employee;
    use crate::people::directory::Contents;

    fn file(rows: &[[&str; 5]]) -> ImportFile {
        let mut text = "surname,given_name,patronymic,personnel_number,department\n".to_owned();
        for row in rows {
            text.push_str(&row.join(","));
            text.push('\n');
        }
        ImportFile { kind: ImportKind::Employees, bytes: text.into_bytes().into() }
    }

    /// What the people are after a list was applied, and how many rows were refused.
    fn apply(
        list: &ImportFile,
        (tree, mut employees, _): (Departments, Vec<Employee>, usize),
    ) -> (Departments, Vec<Employee>, usize) {
        let contents = Contents { departments: tree.clone(), employees: employees.clone(), ..Contents::default() };
        let prepared = prepare(list, contents).unwrap();
        let number = |at: usize| u32::try_from(at + 1).unwrap();
        let stored = |id: DepartmentId| {
            let made = prepared.departments.iter().position(|one| one.id == id);
            made.map_or(id, |at| DepartmentId::new(number(tree.len() + at)))
        };
        for written in &prepared.employees {
            let mut written = Employee { department: written.department.map(stored), ..written.clone() };
            match employees.iter_mut().find(|one| one.id == written.id) {
                Some(known) => *known = written,
                None => {
                    written.id = EmployeeId::new(number(employees.len()));
                    employees.push(written);
                }
            }
        }
        let made = prepared.departments.iter().map(|one| {
            let (id, parent) = (stored(one.id), one.parent.map(stored));
            Department { id, parent, ..one.clone() }
        });
        let departments = tree.walk().into_iter().map(|(one, _)| one.clone()).chain(made);
        (Departments::new(departments), employees, prepared.plan.count(RowAction::Refused))
    }

    fn rows() -> impl Strategy<Value = Vec<[&'static str; 5]>> {
        let one_of = |texts: &'static [&'static str]| (0..texts.len()).prop_map(|at| texts[at]);
        let row = (
            one_of(&["Karimov", "Aliyev"]),
            one_of(&["Bekzod", "Aziz"]),
            one_of(&["", "", "Anvarovich", "Olimovich"]),
            one_of(&["", "", "", "1", "2", "3"]),
            one_of(&["", "A", "B", "A / B", "B / A / B"]),
        );
        proptest::collection::vec(row.prop_map(<[&str; 5]>::from), 1..6)
    }

    proptest! {
        #[test]
        fn a_list_that_came_in_whole_changes_nothing_the_second_time(list in rows(), before in rows()) {
            let list = file(&list);
            let first = apply(&list, apply(&file(&before), Default::default()));
            if first.2 == 0 {
                let second = apply(&list, first.clone());
                assert_eq!(second.1, first.1);
                assert_eq!(second.0.len(), first.0.len());
            }
        }

        #[test]
        fn a_number_is_never_given_to_two_people(list in rows(), before in rows()) {
            let (_, employees, _) = apply(&file(&list), apply(&file(&before), Default::default()));
            let mut numbers: Vec<_> = employees.iter().filter_map(|one| one.personnel_number.as_ref()).collect();
            let all = numbers.len();
            numbers.sort();
            numbers.dedup();
            assert_eq!(numbers.len(), all);
        }
    }
}
