//! What an employee's fields may hold.

use crate::kernel::EmployeeId;
use crate::kernel::fold;
use crate::people::FieldError;
use crate::people::FieldProblem;
use crate::people::State;
use crate::people::employees::Employee;
use crate::people::employees::EmployeeInput;
use crate::people::text;

const NAME_MAX: usize = 80;
const POSITION_MAX: usize = 160;
const NUMBER_MAX: usize = 40;
const EMAIL_MAX: usize = 254;
const PHONE_MAX: usize = 40;

impl EmployeeInput {
    /// Checks every field; whether the department exists and the number is free is asked by the caller.
    pub(in crate::people) fn parse(&self, id: EmployeeId, state: State) -> Result<Employee, FieldError> {
        if let (Some(hired), Some(left)) = (self.hired_on, self.left_on)
            && left < hired
        {
            return Err(FieldProblem::BeforeBegin.of("left_on"));
        }
        Ok(Employee {
            id,
            surname: text::required("surname", &self.surname, NAME_MAX)?,
            given_name: text::required("given_name", &self.given_name, NAME_MAX)?,
            patronymic: text::optional("patronymic", &self.patronymic, NAME_MAX)?,
            position: text::plain("position", &self.position, POSITION_MAX)?,
            department: self.department,
            personnel_number: text::optional("personnel_number", &self.personnel_number, NUMBER_MAX)?,
            email: email(&self.email)?,
            phone: phone(&self.phone)?,
            hired_on: self.hired_on,
            left_on: self.left_on,
            language: self.language,
            state,
        })
    }
}

fn email(raw: &str) -> Result<Option<String>, FieldError> {
    let Some(address) = text::optional("email", raw, EMAIL_MAX)? else {
        return Ok(None);
    };
    let whole = match address.split_once('@') {
        Some((local, host)) => !local.is_empty() && !host.is_empty() && !host.contains('@') && !address.contains(' '),
        None => false,
    };
    if whole { Ok(Some(address)) } else { Err(FieldProblem::Malformed.of("email")) }
}

fn phone(raw: &str) -> Result<Option<String>, FieldError> {
    let Some(number) = text::optional("phone", raw, PHONE_MAX)? else {
        return Ok(None);
    };
    let known = |letter: char| letter.is_ascii_digit() || " +-().,/#*".contains(letter);
    let digits = number.chars().filter(char::is_ascii_digit).count();
    if digits >= 2 && number.chars().all(known) { Ok(Some(number)) } else { Err(FieldProblem::Malformed.of("phone")) }
}

/// The folded words under which an employee is found: the names, which everybody may search, then the rest. The
/// number says where the names end.
pub(in crate::people) fn search_text<'a>(
    employee: &Employee,
    computers: impl Iterator<Item = &'a str>,
) -> (String, usize) {
    // Both orders stand there, so that a typed "bekzod karimov" is found as one phrase too.
    let mut text = fold(&format!("{} {}", employee.full_name(), employee.surname));
    let names = text.len();
    let mut add = |more: &str| {
        text.push('\n');
        text.push_str(&fold(more));
    };
    employee.personnel_number.as_deref().into_iter().for_each(&mut add);
    computers.for_each(add);
    (text, names)
}

#[cfg(test)]
mod tests {
    use crate::kernel::EmployeeId;
    use crate::people::EmployeeInput;
    use crate::people::State;

    fn person() -> EmployeeInput {
        EmployeeInput {
            surname: " G\u{2bb}aniyeva ".to_owned(),
            given_name: "Zilola".to_owned(),
            ..EmployeeInput::default()
        }
    }

    #[track_caller]
    fn check(input: &EmployeeInput, code: Option<(&str, &str)>) {
        let found = input.parse(EmployeeId::new(1), State::Active).err();
        assert_eq!(found.map(|error| (error.field, error.problem.code())), code);
    }

    #[test]
    fn two_names_are_enough() {
        check(&person(), None);
        let parsed = person().parse(EmployeeId::new(1), State::Active).unwrap();
        assert_eq!(parsed.surname_first(), "G\u{2bb}aniyeva Zilola");
        assert_eq!(parsed.given_first(), "Zilola G\u{2bb}aniyeva");
        assert_eq!(EmployeeInput::from(&parsed).parse(parsed.id, parsed.state).unwrap(), parsed);
    }

    #[test]
    fn each_field_is_named_when_it_is_wrong() {
        let nobody = EmployeeInput { surname: String::new(), ..person() };
        check(&nobody, Some(("surname", "field_required")));
        let mail = EmployeeInput { email: "zilola at office".to_owned(), ..person() };
        check(&mail, Some(("email", "field_malformed")));
        let phone = EmployeeInput { phone: "call me".to_owned(), ..person() };
        check(&phone, Some(("phone", "field_malformed")));
        let long = EmployeeInput { position: "x".repeat(161), ..person() };
        check(&long, Some(("position", "field_too_long")));
        let left =
            EmployeeInput { hired_on: "2026-02-01".parse().ok(), left_on: "2026-01-31".parse().ok(), ..person() };
        check(&left, Some(("left_on", "field_before_begin")));
    }
}
