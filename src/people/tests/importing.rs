//! Lists come in as they were shown, and go out so that they can come in again.

use super::OFFICE;
use super::Office;
use super::all;
use super::guard;
use super::hr;
use super::lead;
use super::person;
use crate::kernel::Classify as _;
use crate::kernel::Kind;
use crate::kernel::Language;
use crate::people::Delimiter;
use crate::people::EmployeeFilter;
use crate::people::EmployeeInput;
use crate::people::ImportFile;
use crate::people::ImportKind;
use crate::people::ImportPlan;
use crate::people::RowAction;

fn employees(text: &str) -> ImportFile {
    ImportFile { kind: ImportKind::Employees, bytes: text.as_bytes().into() }
}

fn departments(text: &str) -> ImportFile {
    ImportFile { kind: ImportKind::Departments, bytes: text.as_bytes().into() }
}

impl Office {
    async fn plan(&self, file: &ImportFile) -> ImportPlan {
        self.people.plan_import(&hr(), OFFICE, file.clone()).await.unwrap()
    }

    async fn import(&self, file: &ImportFile) -> ImportPlan {
        let plan = self.plan(file).await;
        self.people.apply_import(&hr(), OFFICE, file.clone(), plan.token).await.unwrap()
    }

    async fn export(&self) -> String {
        let view = self.people.view(&hr(), OFFICE).await.unwrap();
        view.export_employees(&EmployeeFilter::default(), Language::Ru, Delimiter::Semicolon).unwrap()
    }
}

fn actions(plan: &ImportPlan) -> Vec<(u64, RowAction)> {
    plan.rows.iter().map(|row| (row.line, row.action)).collect()
}

const LIST: &str = "\
Familiya;Ism;Tabel raqami;Bo\u{2018}lim;Telefon;Ishga qabul qilingan;Shoe size
Hamidov;Aziz;1;Ofis / Savdo;+998 90 111;03.02.2024;43
Aliyev;Doniyor;;Ofis / Ombor;;;
G\u{2bb}aniyeva;Zilola;3;Ofis;;;
";

#[tokio::test]
async fn a_list_is_shown_then_applied_and_a_second_time_changes_nothing() {
    let office = Office::new();
    let list = employees(LIST);
    let plan = office.plan(&list).await;
    assert_eq!(actions(&plan), [(2, RowAction::Create), (3, RowAction::Create), (4, RowAction::Create)]);
    assert_eq!(plan.new_departments, ["Ofis", "Ofis / Savdo", "Ofis / Ombor"]);
    assert_eq!(plan.ignored_columns, ["Shoe size"]);
    let nothing = office.people.view(&hr(), OFFICE).await.unwrap();
    assert_eq!(nothing.count_employees(&EmployeeFilter::default()).unwrap(), 0);

    office.import(&list).await;
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    let listed = view.employees(&EmployeeFilter::default(), &all()).unwrap().items;
    let names: Vec<_> = listed.iter().map(|one| (one.surname_first(), one.department_name.clone().unwrap())).collect();
    let expected = [("Aliyev Doniyor", "Ombor"), ("G\u{2bb}aniyeva Zilola", "Ofis"), ("Hamidov Aziz", "Savdo")];
    assert_eq!(names, expected.map(|(name, department)| (name.to_owned(), department.to_owned())));

    let again = office.plan(&list).await;
    assert!(!again.changes_anything());
    assert_eq!(again.count(RowAction::Unchanged), 3);
}

#[tokio::test]
async fn what_changes_is_shown_field_by_field_and_empty_cells_keep_what_is_there() {
    let office = Office::new();
    office.import(&employees(LIST)).await;
    let list = employees(
        "\u{424}\u{418}\u{41e},\u{422}\u{430}\u{431}. \u{2116},\u{41e}\u{442}\u{434}\u{435}\u{43b},\u{422}\u{435}\u{43b}\u{435}\u{444}\u{43e}\u{43d},\u{414}\u{43e}\u{43b}\u{436}\u{43d}\u{43e}\u{441}\u{442}\u{44c}\nHamidov Aziz,0,,,\n,1,,,\nHamidov Azizbek,1,,,Menejer\nAliyev Doniyor,,Ofis / Savdo,,\n",
    );
    let plan = office.plan(&list).await;
    let expected = [(2, RowAction::Create), (3, RowAction::Refused), (4, RowAction::Update), (5, RowAction::Move)];
    assert_eq!(actions(&plan), expected);
    let fields: Vec<_> =
        plan.rows[2].changes.iter().map(|one| (one.field, one.before.as_str(), one.after.as_str())).collect();
    assert_eq!(fields, [("given_name", "Aziz", "Azizbek"), ("position", "", "Menejer")]);
    assert_eq!(plan.rows[3].changes[0].after, "Ofis / Savdo");
    assert_eq!((plan.rows[1].errors[0].code(), plan.rows[1].errors[0].field()), ("field_required", Some("surname")));
    office.import(&list).await;
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    let filter = EmployeeFilter { text: "azizbek".to_owned(), ..EmployeeFilter::default() };
    let aziz = view.employees(&filter, &all()).unwrap().items.remove(0);
    assert_eq!(aziz.details.unwrap().phone.as_deref(), Some("+998 90 111"));
    assert!(!office.plan(&list).await.changes_anything());
}

#[tokio::test]
async fn each_bad_row_says_why_and_the_good_ones_come_in() {
    let office = Office::new();
    office.employee("Karimov Bekzod", None).await;
    office.employee("Karimov Bekzod", None).await;
    let list = employees(
        "Surname,Given name,Number,E-mail,Hired,Language,Department\n\
         Aliyev,Doniyor,7,not an address,,,\n\
         Aliyev,Doniyor,7,,31.02.2026,,\n\
         Aliyev,Doniyor,7,,,fr,\n\
         Aliyev,Doniyor,7,,,,,extra\n\
         Karimov,Bekzod,,,,,\n\
         Aliyev,Doniyor,7,,,,\n\
         Aliyev,Other,7,,,,\n\
         Aliyev,Third,8,,,,A / / B\n",
    );
    let plan = office.import(&list).await;
    let errors: Vec<_> =
        plan.rows.iter().map(|row| row.errors.first().map(|error| (error.code(), error.field()))).collect();
    let expected = [
        Some(("field_malformed", Some("email"))),
        Some(("field_malformed", Some("hired_on"))),
        Some(("field_unknown", Some("language"))),
        Some(("row_too_many_cells", None)),
        Some(("row_ambiguous_employee", None)),
        None,
        Some(("row_repeated", None)),
        Some(("field_malformed", Some("department"))),
    ];
    assert_eq!(errors, expected);
    assert!(plan.new_departments.is_empty());
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    assert_eq!(view.count_employees(&EmployeeFilter::default()).unwrap(), 3);
}

#[tokio::test]
async fn namesakes_are_told_apart_by_number_and_fathers_name() {
    let office = Office::new();
    let list = employees(
        "Surname,Given name,Patronymic,Number\nKarimov,Bekzod,Anvarovich,\nKarimov,Bekzod,Olimovich,\nKarimov,Bekzod,,5\nKarimov,Bekzod,,6\n",
    );
    let plan = office.import(&list).await;
    assert_eq!(plan.count(RowAction::Create), 4, "{:?}", plan.rows);
    let again = office.plan(&list).await;
    assert_eq!(again.count(RowAction::Unchanged), 4, "{:?}", again.rows);
}

#[tokio::test]
async fn what_was_not_shown_is_not_applied() {
    let office = Office::new();
    let list = employees(LIST);
    let plan = office.plan(&list).await;
    let other = employees("Surname,Given name\nAliyev,Doniyor\n");
    let refused = office.people.apply_import(&hr(), OFFICE, other, plan.token).await.unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("import_changed", Kind::Conflict));
    // Somebody entered one of them by hand in between.
    office.employee("Hamidov Aziz", None).await;
    let refused = office.people.apply_import(&hr(), OFFICE, list.clone(), plan.token).await.unwrap_err();
    assert_eq!(refused.code(), "import_changed");
    assert_eq!(office.plan(&list).await.rows[0].action, RowAction::Update);
    let department = office.department("Ofis", None).await;
    for actor in [guard(), lead(department)] {
        let refused = office.people.plan_import(&actor, OFFICE, list.clone()).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
    }
}

#[tokio::test]
async fn departments_come_in_by_path_or_beside_their_parent() {
    let office = Office::new();
    let list = departments("Name,Parent\nOfis,\nSavdo,Ofis\nEksport,Ofis / Savdo\nsavdo,OFIS\n,Ofis\n");
    let plan = office.import(&list).await;
    let expected = [RowAction::Create, RowAction::Create, RowAction::Create, RowAction::Refused, RowAction::Refused];
    assert_eq!(plan.rows.iter().map(|row| row.action).collect::<Vec<_>>(), expected);
    assert!(!office.plan(&list).await.changes_anything());
    let view = office.people.view(&hr(), OFFICE).await.unwrap();
    let exported = view.export_departments(Language::En, Delimiter::Comma).unwrap();
    assert_eq!(exported, "\u{feff}Department\r\nOfis\r\nOfis / Savdo\r\nOfis / Savdo / Eksport\r\n");
    assert!(!office.plan(&departments(&exported)).await.changes_anything());
    let deep = departments(&format!("Department\n{}\n", ["x"; 33].join(" / ")));
    assert_eq!(office.plan(&deep).await.rows[0].errors[0].code(), "field_too_long");
}

#[tokio::test]
async fn an_export_holds_no_formula_and_comes_back_unchanged() {
    let office = Office::new();
    office.import(&employees(LIST)).await;
    let input = EmployeeInput {
        position: "=HYPERLINK(\"http://x\";\"y\")".to_owned(),
        email: "x@y".to_owned(),
        ..person("-Minus @at", None)
    };
    office.people.create_employee(&hr(), OFFICE, input).await.unwrap();
    let exported = office.export().await;
    for line in exported.trim_start_matches('\u{feff}').lines() {
        assert!(!line.split(';').any(|cell| cell.trim_matches('"').starts_with(['=', '+', '-', '@'])), "{line}");
    }
    let plan = office.plan(&employees(&exported)).await;
    assert_eq!(plan.count(RowAction::Unchanged), 4, "{:?}", plan.rows);
    let view = office.people.view(&guard(), OFFICE).await.unwrap();
    let refused = view.export_employees(&EmployeeFilter::default(), Language::En, Delimiter::Comma).unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden);
}
