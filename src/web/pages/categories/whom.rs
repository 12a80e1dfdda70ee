//! For whom rules are: the organization, a department with everything below it, a person.

use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::monitoring::Subject;
use crate::people::Directory;
use crate::policy::Rule;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::Chain;
use crate::policy::collection::chain;
use crate::web::Choice;
use crate::web::Failure;
use crate::web::Texts;
use crate::web::Visitor;

/// Those whose rules are looked at.
pub(super) struct Whom {
    pub(super) applies_to: AppliesTo,
    /// Who decides for them, the nearest first.
    pub(super) chain: Chain,
    name: String,
}

impl Whom {
    /// Whom the address names.
    pub(super) fn find(visitor: &Visitor, directory: &Directory, word: &str) -> Result<Self, Failure> {
        let applies_to = parse(word).ok_or_else(Failure::not_found)?;
        let chain = match applies_to {
            AppliesTo::Organization => vec![AppliesTo::Organization],
            AppliesTo::Department(id) => {
                directory.departments().find(id).ok_or_else(Failure::not_found)?;
                let path = directory.departments().path(id).into_iter().rev();
                path.map(|one| AppliesTo::Department(one.id)).chain([AppliesTo::Organization]).collect()
            }
            AppliesTo::Employee(id) => {
                directory.employee(id).ok_or_else(Failure::not_found)?;
                chain(directory, Some(id))
            }
        };
        Ok(Self { applies_to, chain, name: name(visitor, directory, applies_to) })
    }

    /// Whose use of applications and sites is worth a rule; never that of one person.
    pub(super) const fn subject(&self) -> Subject {
        match self.applies_to {
            AppliesTo::Department(id) => Subject::Department(id),
            AppliesTo::Organization | AppliesTo::Employee(_) => Subject::Organization,
        }
    }

    /// The head of the list of own rules.
    pub(super) fn title(&self, texts: Texts) -> String {
        match self.applies_to {
            AppliesTo::Organization => texts.t("categories-own"),
            _ => texts.with("categories-own-of", [("name", (&self.name).into())]),
        }
    }

    /// The organization, all departments, and those people who have rules or are looked at.
    pub(super) fn choices(&self, visitor: &Visitor, directory: &Directory, rules: &[Rule]) -> Vec<Choice> {
        let chosen = word(self.applies_to);
        let choice = |one: AppliesTo, depth: usize| {
            let count = rules.iter().filter(|rule| rule.applies_to == one).count();
            let known = name(visitor, directory, one);
            let label = if count > 0 { format!("{known} ({count})") } else { known };
            Choice::new(&word(one), format!("{}{label}", "\u{2003}".repeat(depth)), &chosen)
        };
        let mut choices = vec![choice(AppliesTo::Organization, 0)];
        let departments = directory.departments().walk();
        choices.extend(departments.into_iter().map(|(one, depth)| choice(AppliesTo::Department(one.id), depth + 1)));
        let has_rules = |id: EmployeeId| rules.iter().any(|rule| rule.applies_to == AppliesTo::Employee(id));
        let people = directory.employees().map(|employee| employee.id);
        let people = people.filter(|id| self.applies_to == AppliesTo::Employee(*id) || has_rules(*id));
        choices.extend(people.map(|id| choice(AppliesTo::Employee(id), 1)));
        choices
    }
}

/// What they are called now.
pub(super) fn name(visitor: &Visitor, directory: &Directory, applies_to: AppliesTo) -> String {
    let known = match applies_to {
        AppliesTo::Organization => Some(visitor.organization.name().to_owned()),
        AppliesTo::Department(id) => directory.departments().find(id).map(|one| one.name.clone()),
        AppliesTo::Employee(id) => directory.employee(id).map(|one| one.surname_first()),
    };
    known.unwrap_or_default()
}

/// As addresses and forms say it; the organization is nothing.
pub(super) fn word(applies_to: AppliesTo) -> String {
    match applies_to {
        AppliesTo::Organization => String::new(),
        AppliesTo::Department(id) => format!("department-{id}"),
        AppliesTo::Employee(id) => format!("employee-{id}"),
    }
}

pub(super) fn parse(word: &str) -> Option<AppliesTo> {
    if word.is_empty() {
        return Some(AppliesTo::Organization);
    }
    let (kind, id) = word.split_once('-')?;
    let id: u32 = id.parse().ok()?;
    match kind {
        "department" => Some(AppliesTo::Department(DepartmentId::new(id))),
        "employee" => Some(AppliesTo::Employee(EmployeeId::new(id))),
        _ => None,
    }
}

pub(super) fn href(applies_to: AppliesTo) -> String {
    match applies_to {
        AppliesTo::Organization => "/categories".to_owned(),
        other => format!("/categories?of={}", word(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use super::word;
    use crate::kernel::DepartmentId;
    use crate::kernel::EmployeeId;
    use crate::policy::collection::AppliesTo;

    #[test]
    fn what_an_address_says_is_read_back() {
        let all = [
            AppliesTo::Organization,
            AppliesTo::Department(DepartmentId::new(3)),
            AppliesTo::Employee(EmployeeId::new(5)),
        ];
        for one in all {
            assert_eq!(parse(&word(one)), Some(one));
        }
        assert_eq!((parse("room-3"), parse("department-x"), parse("employee")), (None, None, None));
    }
}
