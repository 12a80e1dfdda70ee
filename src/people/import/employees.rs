//! Planning a list of employees: what a row says, who is meant by it, what would change.

use crate::kernel::Day;
use crate::kernel::EmployeeId;
use crate::kernel::Language;
use crate::people::Departments;
use crate::people::Employee;
use crate::people::EmployeeInput;
use crate::people::FieldChange;
use crate::people::FieldProblem;
use crate::people::ImportError;
use crate::people::ImportRow;
use crate::people::RowAction;
use crate::people::RowError;
use crate::people::State;
use crate::people::import::columns::Column;
use crate::people::import::matching::Known;
use crate::people::import::sheet::Row;
use crate::people::import::sheet::Sheet;
use crate::people::import::tree::GrowingTree;

/// Plans each row; also gives the employees to be written, number 0 for new ones.
pub(super) fn plan(
    sheet: &Sheet,
    tree: &mut GrowingTree,
    employees: &[Employee],
) -> Result<(Vec<ImportRow>, Vec<Employee>), ImportError> {
    for column in [Column::Surname, Column::GivenName] {
        if !sheet.has(column) && !sheet.has(Column::FullName) {
            return Err(ImportError::ColumnMissing(column.name()));
        }
    }
    tree.expect(sheet.rows.iter().filter_map(|row| sheet.cell(row, Column::Department)));
    let mut known = Known::new(employees);
    let mut rows: Vec<_> = sheet.rows.iter().map(|row| (row, given(sheet, row))).collect();
    // Rows that say most clearly who is meant go first: a bare name must not take somebody whom another row numbers.
    rows.sort_by_key(|(_, given)| given.as_ref().map_or((true, true), vagueness));
    let mut planned: Vec<_> = rows
        .into_iter()
        .map(|(row, given)| {
            let planned = given.and_then(|given| plan_row(sheet, (row, given), &mut known, tree));
            (row.line, label(sheet, row), planned)
        })
        .collect();
    planned.sort_by_key(|(line, ..)| *line);
    let mut writes = Vec::new();
    let rows = planned.into_iter().map(|(line, label, planned)| match planned {
        Err(error) => ImportRow { line, label, action: RowAction::Refused, changes: Vec::new(), errors: vec![error] },
        Ok((before, after)) => {
            let changes = before.map_or_else(Vec::new, |before| differences(before, &after, tree.tree()));
            let action = action(before, &changes);
            if action != RowAction::Unchanged {
                writes.push(after);
            }
            ImportRow { line, label, action, changes, errors: Vec::new() }
        }
    });
    Ok((rows.collect(), writes))
}

/// What a row says alone.
fn given(sheet: &Sheet, row: &Row) -> Result<Employee, RowError> {
    if sheet.is_too_wide(row) {
        return Err(RowError::TooManyCells);
    }
    Ok(said(sheet, row, EmployeeInput::default())?.parse(EmployeeId::new(0), State::Active)?)
}

fn vagueness(given: &Employee) -> (bool, bool) {
    (given.personnel_number.is_none(), given.patronymic.is_none())
}

type Planned<'a> = (Option<&'a Employee>, Employee);

/// Everything that is wrong with a row is found before the tree grows for it.
fn plan_row<'a>(
    sheet: &Sheet,
    (row, given): (&Row, Employee),
    known: &mut Known<'a>,
    tree: &mut GrowingTree,
) -> Result<Planned<'a>, RowError> {
    let meant = known.find(&given)?;
    let before = meant.and_then(|at| known.before(at));
    let mut after = match before {
        Some(before) => said(sheet, row, before.into())?.parse(before.id, before.state)?,
        None => given,
    };
    if let Some(path) = sheet.cell(row, Column::Department) {
        after.department = Some(tree.resolve(path)?);
    }
    known.settle(meant, &after, row.line);
    Ok((before, after))
}

fn action(before: Option<&Employee>, changes: &[FieldChange]) -> RowAction {
    match (before, changes) {
        (None, _) => RowAction::Create,
        (Some(_), []) => RowAction::Unchanged,
        (Some(_), [only]) if only.field == "department" => RowAction::Move,
        (Some(_), _) => RowAction::Update,
    }
}

fn label(sheet: &Sheet, row: &Row) -> String {
    let names = [Column::FullName, Column::Surname, Column::GivenName];
    names.into_iter().filter_map(|column| sheet.cell(row, column)).collect::<Vec<_>>().join(" ")
}

/// Lays what a row says over what is known; empty cells say nothing.
fn said(sheet: &Sheet, row: &Row, known: EmployeeInput) -> Result<EmployeeInput, RowError> {
    let mut input = known;
    if let Some(name) = sheet.cell(row, Column::FullName) {
        let mut words = name.split_whitespace();
        input.surname = words.next().unwrap_or_default().to_owned();
        input.given_name = words.next().unwrap_or_default().to_owned();
        let rest = words.collect::<Vec<_>>().join(" ");
        if !rest.is_empty() {
            input.patronymic = rest;
        }
    }
    let lay = |column, field: &mut String| {
        if let Some(cell) = sheet.cell(row, column) {
            cell.clone_into(field);
        }
    };
    lay(Column::Surname, &mut input.surname);
    lay(Column::GivenName, &mut input.given_name);
    lay(Column::Patronymic, &mut input.patronymic);
    lay(Column::Position, &mut input.position);
    lay(Column::PersonnelNumber, &mut input.personnel_number);
    lay(Column::Email, &mut input.email);
    lay(Column::Phone, &mut input.phone);
    if let Some(cell) = sheet.cell(row, Column::HiredOn) {
        input.hired_on = Some(day(cell).ok_or(FieldProblem::Malformed.of("hired_on"))?);
    }
    if let Some(cell) = sheet.cell(row, Column::LeftOn) {
        input.left_on = Some(day(cell).ok_or(FieldProblem::Malformed.of("left_on"))?);
    }
    if let Some(cell) = sheet.cell(row, Column::Language) {
        input.language = Some(Language::parse(cell).ok_or(FieldProblem::Unknown.of("language"))?);
    }
    Ok(input)
}

/// 2026-11-23, 23.11.2026 or 23/11/2026.
fn day(text: &str) -> Option<Day> {
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let mut parts = text.split(['.', '/']).map(str::trim);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn differences(before: &Employee, after: &Employee, tree: &Departments) -> Vec<FieldChange> {
    let said = |employee: &Employee| {
        let input = EmployeeInput::from(employee);
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        [
            ("surname", input.surname),
            ("given_name", input.given_name),
            ("patronymic", input.patronymic),
            ("position", input.position),
            ("department", input.department.map(|id| tree.path_name(id)).unwrap_or_default()),
            ("personnel_number", input.personnel_number),
            ("email", input.email),
            ("phone", input.phone),
            ("hired_on", day(input.hired_on)),
            ("left_on", day(input.left_on)),
            ("language", input.language.map(Language::tag).unwrap_or_default().to_owned()),
        ]
    };
    let pairs = said(before).into_iter().zip(said(after));
    let changed = pairs.filter(|((_, before), (_, after))| before != after);
    changed.map(|((field, before), (_, after))| FieldChange { field, before, after }).collect()
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_read_as_people_write_them() {
        let expected = "2026-02-03".parse().ok();
        assert_eq!(day("2026-02-03"), expected);
        assert_eq!(day("03.02.2026"), expected);
        assert_eq!(day("3/2/2026"), expected);
        for wrong in ["03.02.26", "31.02.2026", "soon", "1.2.3.2026", ""] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
