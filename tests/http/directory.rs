//! The pages of people, departments, computers and links, as a browser without scripts uses them.

use axum::body::Body;
use http::Request;
use nazorat::audit;
use nazorat::identity::Assignment;
use nazorat::kernel::Actor;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::PageRequest;
use nazorat::kernel::Role;
use nazorat::people::ComputerInput;
use nazorat::people::ComputerUserInput;

use crate::support::app::Answer;
use crate::support::app::Office;

/// Somebody who is signed in.
struct Browser<'a> {
    office: &'a Office,
    cookie: String,
}

impl<'a> Browser<'a> {
    /// Signs in as a new operator of a role in organization 1; a lead leads department 1.
    async fn of(office: &'a Office, role: Role) -> Self {
        drop(office.role(role).await);
        Self { office, cookie: office.sign_in(&role.name().to_ascii_lowercase()).await }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", &self.cookie);
        self.office.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header("cookie", &self.cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.office.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Posts a form that must be carried out; gives where it leads.
    async fn done(&self, path: &str, form: &str) -> String {
        let answer = self.post(path, form).await;
        assert_eq!(answer.status, 303, "{path} {form}: {}", answer.text);
        answer.headers["location"].to_str().unwrap().to_owned()
    }

    /// Looks at a page that must be there.
    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert!(!answer.text.contains('\u{2753}'), "{path}: a text is missing");
        answer.text
    }

    async fn upload(&self, kind: &str, list: &str) -> Answer {
        let body = format!(
            "--edge\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n--edge\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\ncontent-type: text/csv\r\n\r\n\
             {list}\r\n--edge--\r\n"
        );
        let request = Request::post("/people/import").header("cookie", &self.cookie);
        let request = request.header("content-type", "multipart/form-data; boundary=edge");
        self.office.send(request.body(Body::from(body)).unwrap()).await
    }
}

/// The value of a hidden field.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0
}

async fn actions(office: &Office) -> Vec<String> {
    let page = PageRequest { limit: 500, after: None };
    let system = Actor::system();
    let log = office.app.audit.list(&system, Some(OrganizationId::new(1)), audit::Filter::default(), page);
    let mut actions: Vec<String> = log.await.unwrap().items.into_iter().map(|one| one.action).collect();
    actions.reverse();
    actions
}

#[tokio::test]
async fn a_person_is_added_found_changed_and_deleted() {
    let office = Office::new().await;
    let hr = Browser::of(&office, Role::Hr).await;
    assert!(hr.page("/people").await.contains("/people/new"), "an empty list leads to the form");
    let refused = hr.post("/people/new", "surname=&given_name=Bekzod").await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("value=\"Bekzod\"") && refused.text.contains("id=\"e-surname\""), "{}", refused.text);
    let made = hr.done("/people/new", "surname=Karimov&given_name=Bekzod&personnel_number=17").await;
    assert_eq!(made, "/people/1");
    let taken = hr.post("/people/new", "surname=Aliyev&given_name=Aziz&personnel_number=17").await;
    assert_eq!(taken.status, 422);
    assert!(taken.text.contains("id=\"e-personnel_number\""));
    assert!(hr.page("/people?q=karim").await.contains("Karimov Bekzod"));
    assert!(!hr.page("/people?q=nobody").await.contains("Karimov Bekzod"));
    hr.done("/people/1/edit", "surname=Karimov&given_name=Behzod&hired_on=2024-03-01").await;
    assert!(hr.page("/people/1/edit").await.contains("value=\"2024-03-01\""));
    let wrong = hr.post("/people/1/edit", "surname=Karimov&given_name=Behzod&hired_on=soon").await;
    assert_eq!(wrong.status, 422);
    hr.done("/people/1/state", "state=inactive").await;
    assert!(!hr.page("/people").await.contains("Karimov"));
    assert!(hr.page("/people?state=inactive").await.contains("Karimov Behzod"));
    assert!(hr.page("/people/1/delete").await.contains("action=\"/people/1/delete\""));
    assert_eq!(hr.done("/people/1/delete", "").await, "/people");
    assert_eq!(hr.get("/people/1/edit").await.status, 404);
    let log = actions(&office).await;
    let expected = ["employee.create", "employee.update", "employee.deactivate", "employee.remove"];
    assert!(log.ends_with(&expected.map(str::to_owned)), "{log:?}");
}

#[tokio::test]
async fn several_people_are_moved_at_once() {
    let office = Office::new().await;
    let hr = Browser::of(&office, Role::Hr).await;
    hr.done("/departments/new", "name=Sotuv").await;
    hr.done("/people/new", "surname=Karimov&given_name=Bekzod").await;
    hr.done("/people/new", "surname=Aliyev&given_name=Aziz").await;
    let form = "pick=1&pick=2&action=move&department=1&next=%2Fpeople%3Fq%3Da";
    assert_eq!(hr.done("/people/picked", form).await, "/people?q=a");
    let list = hr.page("/people?department=1").await;
    assert!(list.contains("Karimov Bekzod") && list.contains("Aliyev Aziz"));
    assert_eq!(hr.done("/people/picked", "pick=1&action=deactivate&next=https://elsewhere.example").await, "/people");
    assert_eq!(hr.post("/people/picked", "pick=1&action=move").await.status, 422);
}

#[tokio::test]
async fn a_department_is_made_moved_and_deleted_with_what_it_holds() {
    let office = Office::new().await;
    let hr = Browser::of(&office, Role::Hr).await;
    hr.done("/departments/new", "name=Ofis").await;
    hr.done("/departments/new", "name=Sotuv&parent=1").await;
    hr.done("/people/new", "surname=Karimov&given_name=Bekzod&department=2").await;
    let same = hr.post("/departments/new", "name=Sotuv&parent=1").await;
    assert_eq!(same.status, 422);
    let circle = hr.post("/departments/1/edit", "name=Ofis&parent=2").await;
    assert_eq!(circle.status, 422);
    assert!(hr.page("/departments").await.contains("nz-tree-1"));
    assert!(hr.page("/departments/2").await.contains("Karimov Bekzod"));
    assert!(hr.page("/departments/2/delete").await.contains("Ofis"), "it says where people go");
    assert_eq!(hr.post("/departments/2/delete", "contents=none").await.status, 409);
    hr.done("/departments/2/delete", "contents=move").await;
    assert!(hr.page("/people?department=1").await.contains("Karimov Bekzod"));
    assert_eq!(hr.get("/departments/2").await.status, 404);
}

#[tokio::test]
async fn a_role_is_offered_what_it_may_do() {
    let office = Office::new().await;
    let hr = Browser::of(&office, Role::Hr).await;
    hr.done("/departments/new", "name=Sotuv").await;
    hr.done("/departments/new", "name=Ombor").await;
    hr.done("/people/new", "surname=Karimov&given_name=Bekzod&department=1&personnel_number=4711").await;
    hr.done("/people/new", "surname=Aliyev&given_name=Aziz&department=2").await;
    assert!(hr.page("/departments/1/edit").await.contains("value=\"Sotuv\""), "the form shows what is changed");
    let lead = Browser::of(&office, Role::DepartmentLead).await;
    let list = lead.page("/people").await;
    assert!(list.contains("Karimov Bekzod") && !list.contains("Aliyev"), "a lead sees the own department");
    assert!(!list.contains("/people/new") && !list.contains("data-pick"), "and has no buttons");
    assert!(hr.page("/people/1").await.contains("href=\"/people/1/edit\""), "the form is one click away from the day");
    assert!(!lead.page("/people/1").await.contains("/people/1/edit"));
    assert_eq!(lead.get("/people/new").await.status, 403);
    assert_eq!(lead.post("/people/1/state", "state=inactive").await.status, 403);
    assert_eq!(lead.get("/departments/2").await.status, 404);
    let guard = Browser::of(&office, Role::Guard).await;
    let list = guard.page("/people").await;
    assert!(list.contains("Karimov Bekzod") && list.contains("Aliyev Aziz"));
    assert!(!list.contains("4711") && !list.contains("href=\"/people/1\""), "a guard sees basic fields");
    assert_eq!(guard.get("/computers").await.status, 403);
    assert_eq!(guard.get("/people/export.csv").await.status, 403);
}

#[tokio::test]
async fn what_belongs_to_another_organization_does_not_exist() {
    let office = Office::new().await;
    let hr = Browser::of(&office, Role::Hr).await;
    hr.done("/departments/new", "name=Sotuv").await;
    hr.done("/people/new", "surname=Karimov&given_name=Bekzod").await;
    let other = office.organization("Samarqand ofis").await;
    drop(office.operator("nodira", Assignment::new(Role::Hr, Some(other), None).unwrap()).await);
    let stranger = Browser { office: &office, cookie: office.sign_in("nodira").await };
    assert!(!stranger.page("/people").await.contains("Karimov"));
    for path in ["/people/1/edit", "/people/1/delete", "/departments/1", "/departments/1/edit", "/links/1/edit"] {
        assert_eq!(stranger.get(path).await.status, 404, "{path}");
    }
    assert_eq!(stranger.post("/people/1/delete", "").await.status, 404);
    assert_eq!(hr.get("/people/abc/edit").await.status, 404);
}

#[tokio::test]
async fn an_account_is_linked_ended_and_given_to_somebody_else() {
    let office = Office::new().await;
    let hr = Browser::of(&office, Role::Hr).await;
    let (system, own) = (Actor::system(), OrganizationId::new(1));
    let people = &office.app.people;
    let computer = ComputerInput { uid: "pc-1".to_owned(), ..ComputerInput::default() };
    let computer = people.create_computer(&system, own, computer).await.unwrap();
    for name in ["bekzod.karimov", "printer"] {
        let user = ComputerUserInput { user_name: name.to_owned(), ..ComputerUserInput::default() };
        people.create_computer_user(&system, own, computer.id, user).await.unwrap();
    }
    hr.done("/people/new", "surname=Karimov&given_name=Bekzod").await;
    hr.done("/people/new", "surname=Aliyev&given_name=Aziz").await;
    let open = hr.page("/unassigned").await;
    assert!(open.contains("name=\"pick\" value=\"1:1\""), "{open}");
    assert!(hr.page("/people").await.contains("href=\"/unassigned\""));
    hr.done("/unassigned/accept", "pick=1:1&pick=broken").await;
    hr.done("/computer-users/2/state", "state=inactive&next=/unassigned").await;
    assert!(!hr.page("/unassigned").await.contains("name=\"pick\""));
    assert!(hr.page("/computers/1").await.contains("Karimov Bekzod"));
    let overlap = hr.post("/computer-users/1/link", "employee=2&from=2026-11-19T08:00").await;
    assert_eq!(overlap.status, 422);
    assert!(overlap.text.contains("id=\"e-from\""), "{}", overlap.text);
    hr.done("/links/1/edit", "employee=1&to=2026-11-20T12:30").await;
    hr.done("/computer-users/1/link", "employee=2&from=2026-11-20T12:30").await;
    assert!(hr.page("/links/1/edit").await.contains("value=\"2026-11-20T12:30\""), "times of the organization");
    let history = hr.page("/computers/1").await;
    assert!(history.contains("Karimov Bekzod") && history.contains("Aliyev Aziz"));
    hr.done("/links/2/end", "").await;
    hr.done("/links/2/delete", "").await;
    assert!(hr.page("/computer-users/1/link?q=aliy").await.contains("Aliyev Aziz"));
    assert!(hr.page("/search?q=pc-1").await.contains("/computers/1"));
    hr.done("/computers/1/edit", "name=SOT-01").await;
    assert!(hr.page("/computers?q=sot").await.contains("SOT-01"));
    hr.done("/computers/1/delete", "").await;
    let log = actions(&office).await;
    let expected = [
        "link.create",
        "computer_user.deactivate",
        "link.update",
        "link.create",
        "link.end",
        "link.remove",
        "computer.update",
        "computer.remove",
    ];
    assert!(log.ends_with(&expected.map(str::to_owned)), "{log:?}");
}

#[tokio::test]
async fn a_list_comes_in_as_it_was_shown() {
    let office = Office::new().await;
    let hr = Browser::of(&office, Role::Hr).await;
    let list = "Surname,Given name,Department\r\nKarimov,Bekzod,Ofis / Sotuv\r\n,Aziz,Ofis\r\n";
    let shown = hr.upload("employees", list).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(shown.text.contains("Karimov") && shown.text.contains("<td class=\"nz-ink3\">3</td>"), "{}", shown.text);
    assert!(!hr.page("/people").await.contains("Karimov"), "nothing is changed yet");
    let form = format!("kind=employees&token={}&list={}", hidden(&shown.text, "token"), hidden(&shown.text, "list"));
    assert_eq!(hr.done("/people/import/apply", &form).await, "/people");
    assert!(hr.page("/people").await.contains("Karimov Bekzod"));
    assert_eq!(hr.post("/people/import/apply", &form).await.status, 422, "that was another plan");
    assert_eq!(hr.upload("employees", "nothing here\r\n").await.status, 422);
    assert!(hr.get("/people/import/template.csv?kind=employees").await.text.contains(';'));
    let log = actions(&office).await;
    assert_eq!(log.last().map(String::as_str), Some("people.import"));
}

#[tokio::test]
async fn an_exported_list_holds_no_formulas() {
    let office = Office::new().await;
    let hr = Browser::of(&office, Role::Hr).await;
    hr.done("/people/new", "surname=Karimov&given_name=Bekzod&position=%3DHYPERLINK(1)").await;
    let file = hr.get("/people/export.csv").await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert!(file.text.contains("'=HYPERLINK"), "{}", file.text);
}

#[tokio::test]
async fn whoever_is_signed_in_keeps_the_menu_when_something_fails() {
    let office = Office::new().await;
    let guard = Browser::of(&office, Role::Guard).await;
    for (path, status) in [("/people/77/edit", 403), ("/no-such-page", 404), ("/audit", 403)] {
        let answer = guard.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text.contains("class=\"nz-side\"") && answer.text.contains("href=\"/people\""), "{path}");
        assert!(!answer.text.contains("href=\"/audit\""), "{path}: a guard has no audit log");
    }
    let request = Request::get("/no-such-page").body(Body::empty()).unwrap();
    let stranger = office.send(request).await;
    assert_eq!(stranger.status, 404);
    assert!(!stranger.text.contains("class=\"nz-side\""));
}
