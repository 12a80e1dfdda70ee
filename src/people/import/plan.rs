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
