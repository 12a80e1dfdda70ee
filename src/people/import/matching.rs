//! Which employee a row of a list means.

use std::collections::HashMap;

use crate::kernel::fold;
use crate::people::Employee;
use crate::people::RowError;

/// The employees by what a row can say of them, and which rows have spoken for whom.
pub(super) struct Known<'a> {
    employees: &'a [Employee],
    by_number: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    taken: HashMap<usize, u64>,
    new_numbers: HashMap<String, u64>,
    new_names: HashMap<String, u64>,
}

impl<'a> Known<'a> {
    pub(super) fn new(employees: &'a [Employee]) -> Self {
        let mut by_number = HashMap::new();
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for (at, employee) in employees.iter().enumerate() {
            if let Some(number) = &employee.personnel_number {
                by_number.insert(fold(number), at);
            }
            by_name.entry(fold(&employee.surname_first())).or_default().push(at);
        }
        let (taken, new_numbers, new_names) = Default::default();
        Self { employees, by_number, by_name, taken, new_numbers, new_names }
    }

    /// Who is meant by a row, `None` for somebody new. A second row about the same person is refused.
    pub(super) fn claim(&mut self, given: &Employee, line: u64) -> Result<Option<&'a Employee>, RowError> {
        let number = given.personnel_number.as_deref().map(fold);
        let meant = self.meant(given, number.as_deref())?;
        let earlier = match (meant, number) {
            (Some(at), number) => {
                // A number that somebody who had none gets now is spoken for as well.
                let fresh = number.filter(|number| !self.by_number.contains_key(number));
                let other = fresh.and_then(|number| self.new_numbers.insert(number, line));
                self.taken.insert(at, line).or(other)
            }
            (None, Some(number)) => self.new_numbers.insert(number, line),
            (None, None) => self.new_names.insert(fold(&given.full_name()), line),
        };
        match earlier {
            Some(line) => Err(RowError::Repeated { line }),
            None => Ok(meant.and_then(|at| self.employees.get(at))),
        }
    }

    /// By number, else by name where the name leaves no doubt.
    fn meant(&self, given: &Employee, number: Option<&str>) -> Result<Option<usize>, RowError> {
        if let Some(at) = number.and_then(|number| self.by_number.get(number)) {
            return Ok(Some(*at));
        }
        // The row that gave somebody a number stands further up.
        if number.is_some_and(|number| self.new_numbers.contains_key(number)) {
            return Ok(None);
        }
        let mut named = self.by_name.get(&fold(&given.surname_first())).cloned().unwrap_or_default();
        named.retain(|at| self.employees.get(*at).is_some_and(|one| may_be_same(one, given)));
        let mut unnumbered = named.clone();
        unnumbered.retain(|at| self.employees.get(*at).is_some_and(|one| one.personnel_number.is_none()));
        let candidates = match number {
            // Somebody with another number is another person, and so is somebody who just got one.
            Some(_) => {
                unnumbered.retain(|at| !self.taken.contains_key(at));
                unnumbered
            }
            None if named.len() > 1 && !unnumbered.is_empty() => unnumbered,
            None => named,
        };
        match candidates.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            _ => Err(RowError::AmbiguousEmployee),
        }
    }
}

/// Father's names tell people apart only where both are known.
fn may_be_same(known: &Employee, given: &Employee) -> bool {
    match (&known.patronymic, &given.patronymic) {
        (Some(known), Some(given)) => fold(known) == fold(given),
        _ => true,
    }
}
