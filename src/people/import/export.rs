//! Lists to take along: the same columns that an import reads.

use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::kernel::Language;
use crate::kernel::spreadsheet_safe;
use crate::people::Employee;
use crate::people::EmployeeFilter;
use crate::people::ImportKind;
use crate::people::PeopleError;
use crate::people::View;
use crate::people::departments::SEPARATOR;
use crate::people::import::columns::Column;

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// What programs expect.
    Comma,
    /// What spreadsheets expect where the comma divides numbers.
    Semicolon,
}

const COLUMNS: [Column; 11] = [
    Column::Surname,
    Column::GivenName,
    Column::Patronymic,
    Column::Position,
    Column::Department,
    Column::PersonnelNumber,
    Column::Email,
    Column::Phone,
    Column::HiredOn,
    Column::LeftOn,
    Column::Language,
];

impl ImportKind {
    /// The headings of a list alone, to be filled in.
    pub fn template(self, language: Language, delimiter: Delimiter) -> String {
        match self {
            Self::Departments => write(&[Column::Department], language, delimiter, std::iter::empty()),
            Self::Employees => write(&COLUMNS, language, delimiter, std::iter::empty()),
        }
    }
}

impl View {
    /// The visible employees that a filter keeps, as CSV with headings in a language. No cell begins as a formula.
    pub fn export_employees(
        &self,
        filter: &EmployeeFilter,
        language: Language,
        delimiter: Delimiter,
    ) -> Result<String, PeopleError> {
        self.require_full()?;
        let kept = self.kept_employees(filter)?;
        let rows = kept.iter().map(|employee| COLUMNS.map(|column| self.cell(employee, column)).to_vec());
        Ok(write(&COLUMNS, language, delimiter, rows))
    }

    /// The visible departments as CSV, one path in each row.
    pub fn export_departments(&self, language: Language, delimiter: Delimiter) -> Result<String, PeopleError> {
        self.require_full()?;
        let kept = self.departments();
        let rows = kept.iter().map(|(department, _)| vec![self.path_name(department.id)]);
        Ok(write(&[Column::Department], language, delimiter, rows))
    }

    fn path_name(&self, id: DepartmentId) -> String {
        let names: Vec<_> = self.department_path(id).iter().map(|department| department.name.as_str()).collect();
        names.join(SEPARATOR)
    }

    fn cell(&self, employee: &Employee, column: Column) -> String {
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        match column {
            Column::Surname => employee.surname.clone(),
            Column::GivenName => employee.given_name.clone(),
            Column::Patronymic => text(&employee.patronymic),
            Column::Position => employee.position.clone(),
            Column::Department => employee.department.map(|id| self.path_name(id)).unwrap_or_default(),
            Column::PersonnelNumber => text(&employee.personnel_number),
            Column::Email => text(&employee.email),
            Column::Phone => text(&employee.phone),
            Column::HiredOn => day(employee.hired_on),
            Column::LeftOn => day(employee.left_on),
            Column::Language => employee.language.map(Language::tag).unwrap_or_default().to_owned(),
            Column::FullName | Column::DepartmentName | Column::Parent => String::new(),
        }
    }
}

fn write(
    columns: &[Column],
    language: Language,
    delimiter: Delimiter,
    rows: impl Iterator<Item = Vec<String>>,
) -> String {
    let delimiter = match delimiter {
        Delimiter::Comma => ",",
        Delimiter::Semicolon => ";",
    };
    // The mark in front tells spreadsheets that this is UTF-8.
    let mut out = String::from("\u{feff}");
    let headings = columns.iter().map(|column| column.heading(language).to_owned()).collect();
    for row in std::iter::once(headings).chain(rows) {
        let cells: Vec<_> = row.iter().map(|cell| quoted(&spreadsheet_safe(cell))).collect();
        out.push_str(&cells.join(delimiter));
        out.push_str("\r\n");
    }
    out
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', ';', '"', '\n', '\r', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
