//! What was typed into the form of a group.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::devices::AccessGroup;
use crate::devices::AccessGroupInput;
use crate::devices::Gates;
use crate::devices::Members;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::GateId;

/// The form as it is filled in: both ways of a choice keep what was picked, only the chosen one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) name: String,
    pub(super) everyone: bool,
    pub(super) departments: BTreeSet<DepartmentId>,
    pub(super) employees: BTreeSet<EmployeeId>,
    pub(super) all_gates: bool,
    pub(super) gates: BTreeSet<GateId>,
    /// Whom to look for.
    pub(super) q: String,
    /// Whether it is to be saved, or only looked at.
    pub(super) saves: bool,
}

impl Typed {
    /// What a browser sent. What is no number is left out.
    pub(super) fn read(pairs: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "name" => typed.name = value,
                "who" => typed.everyone = value == "everyone",
                "department" => pick(&mut typed.departments, &value),
                "employee" => pick(&mut typed.employees, &value),
                "where" => typed.all_gates = value == "all",
                "gate" => pick(&mut typed.gates, &value),
                "q" => value.trim().clone_into(&mut typed.q),
                "do" => typed.saves = value == "save",
                _ => {}
            }
        }
        typed
    }

    /// A group as it is.
    pub(super) fn of(group: &AccessGroup) -> Self {
        let AccessGroup { name, members, gates, .. } = group.clone();
        Self {
            name: name.to_string(),
            everyone: members.everyone,
            departments: members.departments,
            employees: members.employees,
            all_gates: gates.all,
            gates: gates.some,
            ..Self::default()
        }
    }

    /// What it says: whoever chose everybody meant nobody in particular.
    pub(super) fn input(&self) -> AccessGroupInput {
        let named =
            Members { everyone: false, departments: self.departments.clone(), employees: self.employees.clone() };
        let members = if self.everyone { Members { everyone: true, ..Members::default() } } else { named };
        let gates = match self.all_gates {
            true => Gates { all: true, some: BTreeSet::new() },
            false => Gates { all: false, some: self.gates.clone() },
        };
        AccessGroupInput { name: self.name.clone(), members, gates }
    }
}

fn pick<T: FromStr + Ord>(picked: &mut BTreeSet<T>, value: &str) {
    if let Ok(id) = value.parse() {
        picked.insert(id);
    }
}

#[cfg(test)]
mod tests {
    use super::Typed;
    use crate::kernel::EmployeeId;

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        Typed::read(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn everybody_leaves_nobody_named_and_a_look_saves_nothing() {
        let some = [("who", "some"), ("employee", "3"), ("employee", "x"), ("department", "2"), ("do", "save")];
        let typed_some = typed(&some);
        assert_eq!((typed_some.saves, typed_some.employees.len()), (true, 1));
        assert!(typed_some.input().members.employees.contains(&EmployeeId::new(3)));
        let all = typed(&[("who", "everyone"), ("employee", "3"), ("where", "all"), ("gate", "1"), ("do", "look")]);
        assert!(!all.saves && all.employees.len() == 1);
        let input = all.input();
        assert!(input.members.everyone && input.members.employees.is_empty());
        assert!(input.gates.all && input.gates.some.is_empty());
    }
}
