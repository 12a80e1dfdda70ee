//! The page of a notice: the sheet, its versions, the forms.

use askama::Template;

use crate::kernel::EmployeeId;
use crate::kernel::Language;
use crate::notices::Acceptance;
use crate::notices::How;
use crate::notices::Notice;
use crate::notices::Version;
use crate::people::EmployeeView;
use crate::web::App;
use crate::web::Choice;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::pages::directory::fields::href;
use crate::web::pages::directory::may_edit;
use crate::web::pages::directory::notices::sheet::Person;
use crate::web::pages::directory::notices::sheet::Sheet;

#[derive(Template)]
#[template(path = "notices/one.html")]
pub(super) struct CollectedPage {
    l: Layout,
    title: String,
    meta: String,
    light: &'static str,
    languages: Vec<Segment>,
    language: &'static str,
    old: bool,
    newest: String,
    sheet: Sheet,
    versions: Vec<VersionRow>,
    form: Option<AcceptForm>,
}

/// A view of the same thing in another language.
struct Segment {
    href: String,
    label: String,
    current: bool,
}

struct VersionRow {
    href: String,
    number: String,
    since: String,
    checksum: String,
    current: bool,
    shown: bool,
    acceptances: Vec<AcceptanceRow>,
}

struct AcceptanceRow {
    text: String,
    /// Why it does not count any more.
    withdrawn: String,
    /// Where it can be withdrawn.
    href: String,
}

/// The form of an acceptance.
pub(super) struct AcceptForm {
    action: String,
    ways: Vec<Choice>,
    on: String,
    least: String,
    most: String,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "notices/withdraw.html")]
pub(super) struct WithdrawPage {
    l: Layout,
    title: String,
    meta: String,
    action: String,
    back: String,
    reason: String,
    problems: Problems,
}

/// Everything that the page shows.
pub(super) struct Found {
    pub(super) employee: EmployeeView,
    pub(super) notice: Notice,
    pub(super) versions: Vec<Version>,
}

/// The language in which the person is written to, unless another one is asked for.
fn language_of(visitor: &Visitor, employee: &EmployeeView, asked: &str) -> Language {
    let own = employee.details.as_ref().and_then(|details| details.language);
    Language::parse(asked).or(own).unwrap_or(visitor.organization.settings.language)
}

pub(super) fn address(id: EmployeeId, number: u32, lang: &str) -> String {
    href(&format!("/people/{id}/collected"), &[("version", &number.to_string()), ("lang", lang)])
}

pub(super) fn how_of(word: &str) -> How {
    How::parse(word).unwrap_or(How::Paper)
}

pub(super) fn build(visitor: &Visitor, found: &Found, (asked, form): (&str, Option<AcceptForm>)) -> CollectedPage {
    let texts = visitor.texts;
    let (employee, notice) = (&found.employee, &found.notice);
    let language = language_of(visitor, employee, asked);
    let name = employee.given_first();
    let own = format!("/people/{}", employee.id);
    let number = notice.version.number;
    let segment = |choice: Choice| Segment {
        href: address(employee.id, number, &choice.value),
        label: choice.label,
        current: choice.chosen,
    };
    let person = Person { name: employee_name(employee), position: employee.position.clone() };
    let title = texts.t("notice-page-title");
    CollectedPage {
        l: Layout::new(&visitor.viewer(), Section::People, &title).through([Crumb { href: own, label: name.clone() }]),
        title: texts.with("notice-page-heading", [("name", name.into())]),
        meta: standing(visitor, found),
        light: if found.versions.first().is_some_and(|one| one.accepted().is_some()) { "ok" } else { "look" },
        languages: Choice::languages(language.tag()).into_iter().map(segment).collect(),
        language: language.tag(),
        old: !notice.current,
        newest: format!("/people/{}/collected", employee.id),
        sheet: Sheet::new(Texts::of(language), &visitor.zone, person, notice),
        versions: found.versions.iter().map(|one| version_row(visitor, employee.id, (one, found))).collect(),
        form,
    }
}

fn employee_name(employee: &EmployeeView) -> String {
    match &employee.patronymic {
        Some(patronymic) => format!("{} {patronymic}", employee.surname_first()),
        None => employee.surname_first(),
    }
}

/// Whether the newest version was accepted, in a sentence.
fn standing(visitor: &Visitor, found: &Found) -> String {
    let texts = visitor.texts;
    let Some(newest) = found.versions.first() else { return String::new() };
    match newest.accepted() {
        Some(accepted) => texts.with(
            "notice-accepted-line",
            [("number", newest.number.into()), ("day", texts.day_year(accepted.on).into())],
        ),
        None => texts.with("notice-not-accepted-line", [("number", newest.number.into())]),
    }
}

fn version_row(visitor: &Visitor, id: EmployeeId, (version, found): (&Version, &Found)) -> VersionRow {
    let texts = visitor.texts;
    let newest = found.versions.first().map(|one| one.number);
    VersionRow {
        href: address(id, version.number, ""),
        number: version.number.to_string(),
        since: texts.moment(&visitor.zone, version.since),
        checksum: version.checksum.get(..12).unwrap_or_default().to_owned(),
        current: newest == Some(version.number),
        shown: version.number == found.notice.version.number,
        acceptances: version.acceptances.iter().map(|one| acceptance_row(visitor, (id, version.number), one)).collect(),
    }
}

fn acceptance_row(visitor: &Visitor, (id, number): (EmployeeId, u32), one: &Acceptance) -> AcceptanceRow {
    let texts = visitor.texts;
    let noted = [
        ("day", texts.day_year(one.on).into()),
        ("how", texts.t(how_key(one.how)).into()),
        ("who", (&one.noted_by).into()),
    ];
    let withdrawn = one.withdrawn.as_ref().map(|withdrawn| {
        let said = [
            ("day", texts.day_year(visitor.zone.day_of(withdrawn.at)).into()),
            ("who", (&withdrawn.by).into()),
            ("reason", (&withdrawn.reason).into()),
        ];
        texts.with("notice-withdrawn", said)
    });
    let can = withdrawn.is_none() && may_edit(visitor);
    AcceptanceRow {
        text: texts.with("notice-noted", noted),
        withdrawn: withdrawn.unwrap_or_default(),
        href: if can { format!("/people/{id}/collected/{number}/withdrawal") } else { String::new() },
    }
}

pub(super) const fn how_key(how: How) -> &'static str {
    match how {
        How::Paper => "notice-how-paper",
        How::InPerson => "notice-how-in-person",
        How::Letter => "notice-how-letter",
    }
}

impl AcceptForm {
    /// Of the version that is shown, unless that one is accepted.
    pub(super) fn new(app: &App, visitor: &Visitor, found: &Found, (how, on): (&str, &str)) -> Option<Self> {
        let version = &found.notice.version;
        let today = visitor.zone.day_of(app.clock.now());
        let chosen = how_of(how).name();
        let way = |how: How| Choice::new(how.name(), visitor.texts.t(how_key(how)), chosen);
        version.accepted().is_none().then(|| Self {
            action: format!("/people/{}/collected/{}/acceptance", found.employee.id, version.number),
            ways: How::ALL.into_iter().map(way).collect(),
            on: if on.is_empty() { today.to_string() } else { on.to_owned() },
            least: visitor.zone.day_of(version.since).to_string(),
            most: today.to_string(),
            problems: Problems::none(),
        })
    }

    pub(super) fn with(self, problems: Problems) -> Self {
        Self { problems, ..self }
    }
}

impl WithdrawPage {
    pub(super) fn new(visitor: &Visitor, found: &Found, reason: &str, problems: Problems) -> Self {
        let texts = visitor.texts;
        let (employee, number) = (&found.employee, found.notice.version.number);
        let title = texts.with("notice-withdraw-title", [("number", number.into())]);
        let back = address(employee.id, number, "");
        let crumbs = [
            Crumb { href: format!("/people/{}", employee.id), label: employee.given_first() },
            Crumb { href: back.clone(), label: texts.t("notice-page-title") },
        ];
        Self {
            l: Layout::new(&visitor.viewer(), Section::People, &title).through(crumbs),
            meta: employee.given_first(),
            action: format!("/people/{}/collected/{number}/withdrawal", employee.id),
            back,
            reason: reason.to_owned(),
            problems,
            title,
        }
    }
}
