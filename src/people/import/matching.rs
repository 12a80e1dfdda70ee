//! Which employee a row of a list means.

use std::collections::HashMap;

use crate::kernel::fold;
use crate::people::Employee;
use crate::people::RowError;

/// The employees as they will be after the rows so far. Each row is told apart from all before it, so that a list that
/// came in whole changes nothing when it comes in again.
pub(super) struct Known<'a> {
    people: Vec<Person<'a>>,
    by_number: HashMap<String, usize>,
    /// By surname and given name; who has another name by now is still under the old one as well.
    by_name: HashMap<String, Vec<usize>>,
}

struct Person<'a> {
    before: Option<&'a Employee>,
    /// The row that spoke for the person, and what they are since then.
    after: Option<(u64, Employee)>,
}

impl Person<'_> {
    fn now(&self) -> Option<&Employee> {
        self.after.as_ref().map(|(_, after)| after).or(self.before)
    }
}

impl<'a> Known<'a> {
    pub(super) fn new(employees: &'a [Employee]) -> Self {
        let mut known = Self { people: Vec::new(), by_number: HashMap::new(), by_name: HashMap::new() };
        for employee in employees {
            let person = Person { before: Some(employee), after: None };
            known.index(known.people.len(), employee);
            known.people.push(person);
        }
        known
    }

    fn index(&mut self, at: usize, employee: &Employee) {
        if let Some(number) = &employee.personnel_number {
            self.by_number.insert(fold(number), at);
        }
        let same = self.by_name.entry(fold(&employee.surname_first())).or_default();
        if !same.contains(&at) {
            same.push(at);
        }
    }

    /// Who is meant by a row, `None` for somebody new. A second row about the same person is refused.
    pub(super) fn find(&self, given: &Employee) -> Result<Option<usize>, RowError> {
        let meant = self.meant(given)?;
        match meant.and_then(|at| self.people.get(at)?.after.as_ref()) {
            Some((line, _)) => Err(RowError::Repeated { line: *line }),
            None => Ok(meant),
        }
    }

    /// The person as stored.
    pub(super) fn before(&self, at: usize) -> Option<&'a Employee> {
        self.people.get(at)?.before
    }

    /// Notes what a row made of a person, or a new one.
    pub(super) fn settle(&mut self, at: Option<usize>, after: &Employee, line: u64) {
        let at = at.unwrap_or(self.people.len());
        self.index(at, after);
        let after = Some((line, after.clone()));
        match self.people.get_mut(at) {
            Some(person) => person.after = after,
            None => self.people.push(Person { before: None, after }),
        }
    }

    /// By number, else by name where the name leaves no doubt.
    fn meant(&self, given: &Employee) -> Result<Option<usize>, RowError> {
        let number = given.personnel_number.as_deref().map(fold);
        if let Some(at) = number.as_ref().and_then(|number| self.by_number.get(number)) {
            return Ok(Some(*at));
        }
        let name = fold(&given.surname_first());
        let named = self.by_name.get(&name).into_iter().flatten().copied();
        let mut named: Vec<_> = named
            .filter_map(|at| Some((at, self.people.get(at)?.now()?)))
            .filter(|(_, one)| fold(&one.surname_first()) == name)
            .collect();
        let is_free = |at: usize| self.people.get(at).is_some_and(|person| person.after.is_none());
        if number.is_some() {
            // Somebody with another number is another person, and so is somebody of another row.
            named.retain(|(at, one)| one.personnel_number.is_none() && is_free(*at));
        }
        // Father's names tell people apart where both are known; the very same one is the best.
        let father = |one: &Employee| one.patronymic.as_deref().map(fold);
        let own = father(given);
        if named.iter().any(|(_, one)| father(one) == own) {
            named.retain(|(_, one)| father(one) == own);
            if named.iter().any(|(_, one)| one.personnel_number.is_none()) {
                named.retain(|(_, one)| one.personnel_number.is_none());
            }
        } else if own.is_some() {
            named.retain(|(at, one)| one.patronymic.is_none() && is_free(*at));
        }
        match named.as_slice() {
            [] => Ok(None),
            [(only, _)] => Ok(Some(*only)),
            _ => Err(RowError::AmbiguousEmployee),
        }
    }
}
