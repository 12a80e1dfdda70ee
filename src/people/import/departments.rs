//! Planning a list of departments: one path in each row.

use std::collections::HashMap;

use crate::kernel::DepartmentId;
use crate::people::FieldProblem;
use crate::people::ImportError;
use crate::people::ImportRow;
use crate::people::RowAction;
use crate::people::RowError;
use crate::people::departments::SEPARATOR;
use crate::people::import::columns::Column;
use crate::people::import::sheet::Row;
use crate::people::import::sheet::Sheet;
use crate::people::import::tree::GrowingTree;

/// Columns that may hold the name or the path. A heading such as "Name" alone stands for what the list is about.
const NAMES: [Column; 3] = [Column::DepartmentName, Column::Department, Column::FullName];

pub(super) fn plan(sheet: &Sheet, tree: &mut GrowingTree) -> Result<Vec<ImportRow>, ImportError> {
    let known = NAMES.into_iter().find(|column| sheet.has(*column));
    let column = known.ok_or(ImportError::ColumnMissing(Column::Department.name()))?;
    let paths: Vec<_> = sheet.rows.iter().filter_map(|row| path(sheet, row, column)).collect();
    tree.expect(paths.iter().map(String::as_str));
    let mut seen: HashMap<DepartmentId, u64> = HashMap::new();
    let rows = sheet.rows.iter().map(|row| {
        let path = path(sheet, row, column);
        let (action, errors) = match plan_row(sheet, row, tree, path.as_deref()) {
            Err(error) => (RowAction::Refused, vec![error]),
            Ok((id, action)) => match seen.insert(id, row.line) {
                Some(line) => (RowAction::Refused, vec![RowError::Repeated { line }]),
                None => (action, Vec::new()),
            },
        };
        ImportRow { line: row.line, label: path.unwrap_or_default(), action, changes: Vec::new(), errors }
    });
    Ok(rows.collect())
}

fn plan_row(
    sheet: &Sheet,
    row: &Row,
    tree: &mut GrowingTree,
    path: Option<&str>,
) -> Result<(DepartmentId, RowAction), RowError> {
    if sheet.is_too_wide(row) {
        return Err(RowError::TooManyCells);
    }
    let made = tree.made.len();
    let id = tree.resolve(path.ok_or(FieldProblem::Required.of("department"))?)?;
    let action = if tree.made.len() > made { RowAction::Create } else { RowAction::Unchanged };
    Ok((id, action))
}

fn path(sheet: &Sheet, row: &Row, column: Column) -> Option<String> {
    let name = sheet.cell(row, column)?;
    Some(match sheet.cell(row, Column::Parent) {
        Some(parent) => format!("{parent}{SEPARATOR}{name}"),
        None => name.to_owned(),
    })
}
