//! The lists of the people of a device: who could not be written, whom it knows and we do not, who has no number.

use nazorat_wire::PeopleReport;

use super::Names;
use super::words;
use crate::adapters::Number;
use crate::devices::PeopleOn;
use crate::kernel::EmployeeId;
use crate::kernel::Timestamp;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::encode;
use crate::web::pages::gateways::health;

/// Rows of a list at first; so many more each time.
pub(super) const STEP: usize = 50;

/// A part of a list, and where it goes on.
pub(super) struct Part<T> {
    pub(super) rows: Vec<T>,
    pub(super) total: String,
    pub(super) range: String,
    pub(super) more: String,
    pub(super) more_href: String,
}

/// Somebody who is not as they should be.
pub(super) struct Problem {
    pub(super) number: String,
    pub(super) name: String,
    /// The person, where the number is that of an employee.
    pub(super) href: String,
    pub(super) why: String,
    pub(super) detail: String,
    pub(super) tries: String,
    /// Empty where nothing was tried: something must be changed first.
    pub(super) next: String,
}

/// Somebody whom only the device knows, or whose cards only it knows.
pub(super) struct Stranger {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) href: String,
    pub(super) cards: String,
    /// Where they are taken off; empty where no order can name them.
    pub(super) take_off: String,
}

/// Somebody who may pass and has no number.
pub(super) struct Unnumbered {
    pub(super) name: String,
    pub(super) href: String,
}

/// How much is shown, of which page.
#[derive(Clone, Copy)]
pub(super) struct Limit<'a> {
    pub(super) texts: Texts,
    pub(super) href: &'a str,
    pub(super) shown: usize,
}

impl Limit<'_> {
    fn part<T, U>(self, anchor: &str, all: &[T], row: impl FnMut(&T) -> U) -> Part<U> {
        let (texts, shown) = (self.texts, self.shown.min(all.len()));
        let count = |count: usize| texts.number(count as u64);
        let ends =
            [("from", usize::from(shown > 0).into()), ("to", count(shown).into()), ("total", count(all.len()).into())];
        Part {
            rows: all.iter().take(self.shown).map(row).collect(),
            total: count(all.len()),
            range: texts.with("range-of", ends),
            more: texts.count("action-show-more", STEP),
            more_href: match all.len() > self.shown {
                true => format!("{}?show={}#{anchor}", self.href, self.shown + STEP),
                false => String::new(),
            },
        }
    }
}

/// All lists of one device.
pub(super) struct Lists {
    pub(super) problems: Part<Problem>,
    pub(super) unknown: Part<Stranger>,
    pub(super) cards: Part<Stranger>,
    pub(super) unnumbered: Part<Unnumbered>,
}

impl Lists {
    pub(super) fn new(visitor: &Visitor, people: &PeopleOn, names: &Names, limit: Limit<'_>, now: Timestamp) -> Self {
        let nothing = PeopleReport::default();
        let report = people.report.as_ref().unwrap_or(&nothing);
        let (known, unknown): (Vec<_>, Vec<_>) = report.strangers.iter().partition(|one| one.is_known);
        let stranger = |one: &&nazorat_wire::Stranger| stranger(one, names, limit.href);
        Self {
            problems: limit.part("problems", &report.problems, |one| problem(visitor, one, names, now)),
            unknown: limit.part("unknown", &unknown, stranger),
            cards: limit.part("cards", &known, stranger),
            unnumbered: limit.part("unnumbered", &people.unnumbered, |id| unnumbered(*id, names)),
        }
    }
}

fn problem(visitor: &Visitor, one: &nazorat_wire::PersonProblem, names: &Names, now: Timestamp) -> Problem {
    let (why, detail) = words::why(visitor.texts, one);
    let known = names.of_number(&one.number);
    Problem {
        number: one.number.clone(),
        name: known.map(|(_, name)| name.to_owned()).unwrap_or_default(),
        href: known.map(|(id, _)| format!("/people/{id}")).unwrap_or_default(),
        why,
        detail,
        tries: visitor.texts.number(u64::from(one.tries)),
        next: match one.tries {
            0 => String::new(),
            _ if one.next > now => health::when(visitor, one.next, now),
            _ => visitor.texts.t("device-people-soon"),
        },
    }
}

fn stranger(one: &nazorat_wire::Stranger, names: &Names, href: &str) -> Stranger {
    let known = names.of_number(&one.number).filter(|_| one.is_known);
    Stranger {
        number: one.number.clone(),
        name: known.map_or_else(|| one.name.clone(), |(_, name)| name.to_owned()),
        href: known.map(|(id, _)| format!("/people/{id}")).unwrap_or_default(),
        cards: one.cards.join(", "),
        take_off: match Number::parse(&one.number) {
            Some(_) => format!("{href}/take-off?number={}", encode(&one.number)),
            None => String::new(),
        },
    }
}

fn unnumbered(id: EmployeeId, names: &Names) -> Unnumbered {
    Unnumbered { name: names.of(id).unwrap_or_default().to_owned(), href: format!("/people/{id}/edit") }
}
