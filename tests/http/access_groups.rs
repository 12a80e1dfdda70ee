//! Access groups as people meet them: a form that says what it means, and a removal that says whom it meets.

use nazorat::kernel::Role;
use serde_json::Value;
use serde_json::json;

use crate::http::devices::Branch;
use crate::support::app::Answer;

/// An office of two departments, two gates, and a terminal at each.
pub(super) struct Scene {
    pub(super) branch: Branch,
}

impl Scene {
    pub(super) async fn new() -> Self {
        let branch = Branch::new().await;
        for name in ["Asosiy", "Ombor"] {
            let gate = branch.gate(name, true).await;
            branch.device(name, Some(gate)).await;
        }
        let scene = Self { branch };
        scene.made("/api/v1/departments", json!({ "name": "Sotuv" })).await;
        scene.made("/api/v1/departments", json!({ "name": "Qadoqlash", "parent_id": 1 })).await;
        scene
    }

    pub(super) async fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.branch.office.ask(&self.branch.admin, method, path, &body).await
    }

    pub(super) async fn made(&self, path: &str, body: Value) -> u64 {
        let made = self.ask("POST", path, &body).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text);
        made.json()["id"].as_u64().unwrap()
    }

    pub(super) async fn person(&self, surname: &str, number: &str, department: u64) -> u64 {
        let body = json!({
            "surname": surname, "given_name": "Ali", "personnel_number": number, "department_id": department,
        });
        self.made("/api/v1/employees", body).await
    }

    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.branch.post(&self.branch.session, path, fields).await
    }

    async fn group(&self, id: u64) -> Value {
        self.ask("GET", &format!("/api/v1/access-groups/{id}"), &Value::Null).await.json()
    }
}

/// Whether a box or a radio button of this name and value is ticked.
fn is_ticked(page: &str, name: &str, value: &str) -> bool {
    let field = format!("name=\"{name}\" value=\"{value}\"");
    let tag = page.split('<').find(|tag| tag.starts_with("input") && tag.contains(&field));
    tag.unwrap_or_else(|| panic!("no {field}: {page}")).contains(" checked")
}

fn has(page: &str, name: &str, value: &str) -> bool {
    page.contains(&format!("name=\"{name}\" value=\"{value}\""))
}

#[tokio::test]
async fn a_newcomer_is_offered_that_everybody_may_pass_all_gates() {
    let scene = Scene::new().await;
    scene.person("Karimov", "1001", 1).await;
    let person = scene.branch.page("/people/1").await;
    assert!(person.contains("href=\"/access-groups/new?employee=1\""), "{person}");
    assert!(is_ticked(&scene.branch.page("/access-groups/new?employee=1").await, "employee", "1"));
    let empty = scene.branch.page("/access-groups").await;
    assert!(empty.contains("href=\"/access-groups/new?everybody=1\""), "{empty}");
    let form = scene.branch.page("/access-groups/new?everybody=1").await;
    assert!(is_ticked(&form, "who", "everyone") && is_ticked(&form, "where", "all"), "{form}");
    // One person, two gates, two devices, neither of which is kept in order yet.
    assert!(form.contains("1 kishi 2 ta o\u{2bb}tish joyidan") && form.contains("href=\"/devices/people\""), "{form}");
    let fields = [("name", "Hamma"), ("who", "everyone"), ("where", "all"), ("do", "save")];
    let saved = scene.post("/access-groups/new", &fields).await;
    assert_eq!((saved.status.as_u16(), saved.headers["location"].to_str().unwrap()), (303, "/access-groups"));
    let group = scene.group(1).await;
    assert_eq!((&group["everyone"], &group["all_gates"]), (&json!(true), &json!(true)));
    let list = scene.branch.page("/access-groups").await;
    assert!(list.contains("href=\"/access-groups/1\"") && list.contains("Hamma"), "{list}");
}

#[tokio::test]
async fn people_are_found_among_many_and_nobody_who_was_picked_is_lost() {
    let scene = Scene::new().await;
    let guest = scene.person("Abdullayev", "5000", 2).await.to_string();
    for number in 0..60 {
        scene.person(&format!("Karimov{number}"), &format!("{}", 1000 + number), 1).await;
    }
    let typed = [("name", "Mehmonlar"), ("who", "some"), ("employee", guest.as_str()), ("where", "some")];
    let look = |q: &'static str| {
        let mut fields = typed.to_vec();
        fields.extend([("q", q), ("do", "look")]);
        fields
    };
    let many = scene.post("/access-groups/new", &look("karimov")).await;
    assert_eq!(many.status, 200, "a look makes nothing: {}", many.text);
    assert!(is_ticked(&many.text, "employee", &guest), "{}", many.text);
    let offered = (2..=61).filter(|id| has(&many.text, "employee", &id.to_string())).count();
    assert_eq!(offered, 50, "so many are offered at once");
    let one = scene.post("/access-groups/new", &look("1042")).await.text;
    assert!(has(&one, "employee", "44") && !is_ticked(&one, "employee", "44"), "{one}");
    let own = scene.post("/access-groups/new", &look("abdullayev")).await.text;
    assert_eq!(own.matches(&format!("name=\"employee\" value=\"{guest}\"")).count(), 1, "offered once: {own}");
    // Nothing leads anywhere yet, and that is said.
    assert!(own.contains("nz-access-warning"), "{own}");
    assert!(
        scene.ask("GET", "/api/v1/access-groups", &Value::Null).await.json()["items"].as_array().unwrap().is_empty()
    );
    let save = [&typed[..], &[("employee", "44"), ("department", "2"), ("gate", "2"), ("do", "save")]].concat();
    assert_eq!(scene.post("/access-groups/new", &save).await.status, 303);
    let group = scene.group(1).await;
    assert_eq!((&group["employees"], &group["departments"]), (&json!([1, 44]), &json!([2])), "{group}");
    let form = scene.branch.page("/access-groups/1").await;
    for (name, value) in [("employee", "1"), ("employee", "44"), ("department", "2"), ("gate", "2"), ("who", "some")] {
        assert!(is_ticked(&form, name, value), "{name} {value}: {form}");
    }
    assert!(!is_ticked(&form, "gate", "1") && !is_ticked(&form, "department", "1"), "{form}");
}

#[tokio::test]
async fn what_is_refused_comes_back_as_it_was_filled_in() {
    let scene = Scene::new().await;
    let person = scene.person("Karimov", "", 1).await.to_string();
    scene.made("/api/v1/access-groups", json!({ "name": "Ofis" })).await;
    let typed = [("name", "OFIS"), ("who", "some"), ("employee", person.as_str()), ("where", "some"), ("gate", "1")];
    let fields = [&typed[..], &[("do", "save")]].concat();
    let refused = scene.post("/access-groups/new", &fields).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(
        refused.text.contains("id=\"e-name\"") && is_ticked(&refused.text, "employee", &person),
        "{}",
        refused.text
    );
    assert!(is_ticked(&refused.text, "gate", "1"), "{}", refused.text);
    // Whoever has no number cannot be written on a device, and a group without anybody is no use.
    assert!(refused.text.contains("tabel raqami yo\u{2bb}q"), "{}", refused.text);
    let list = scene.branch.page("/access-groups").await;
    assert!(list.contains("hech kim") && list.contains("hech qayerda"), "{list}");
}

#[tokio::test]
async fn a_removal_says_who_loses_what_and_what_is_left_alone() {
    let scene = Scene::new().await;
    scene.person("Karimov", "1001", 1).await;
    scene.person("Petrova", "1002", 2).await;
    scene.made("/api/v1/access-groups", json!({ "name": "Hamma", "everyone": true, "gates": [1] })).await;
    scene.made("/api/v1/access-groups", json!({ "name": "Ombor", "departments": [2], "all_gates": true })).await;
    // Gate 1 is still decided about, gate 2 by nobody any more; Petrova passes gate 1 by the other group.
    let stores = scene.branch.page("/access-groups/2/remove").await;
    assert!(stores.contains("joylarga boshqa guruh olib bormaydi: Ombor."), "{stores}");
    assert!(!stores.contains("o\u{2bb}ta olmay qoladi"), "{stores}");
    // Without the first, Karimov passes gate 1 no more, to which the second still leads.
    let everybody = scene.branch.page("/access-groups/1/remove").await;
    assert!(everybody.contains("1 kishi ba\u{2bc}zi joylardan") && !everybody.contains("boshqa guruh"), "{everybody}");
    let removed = scene.post("/access-groups/1/remove", &[]).await;
    assert_eq!(removed.headers["location"], "/access-groups", "{}", removed.text);
    assert_eq!(scene.branch.get(&scene.branch.session, "/access-groups/1").await.status, 404);
}

#[tokio::test]
async fn hr_decides_who_may_pass_and_others_do_not() {
    let scene = Scene::new().await;
    let person = scene.person("Karimov", "1001", 1).await;
    scene.made("/api/v1/access-groups", json!({ "name": "Hamma", "everyone": true, "gates": [2] })).await;
    let (branch, office) = (&scene.branch, &scene.branch.office);
    let fields = [("name", "Ofis"), ("who", "some"), ("department", "1"), ("where", "all"), ("do", "save")];
    for (role, allowed) in [(Role::Hr, true), (Role::DepartmentLead, false), (Role::Guard, false)] {
        office.role(role).await;
        let session = office.sign_in(&role.name().to_ascii_lowercase()).await;
        let gates = branch.get(&session, "/gates").await;
        assert_eq!(gates.text.contains("href=\"/access-groups\""), allowed, "{role:?}");
        let made = branch.post(&session, "/access-groups/new", &fields).await;
        assert_eq!(made.status.as_u16(), if allowed { 303 } else { 403 }, "{role:?}: {}", made.text);
        let looked = branch.post(&session, "/access-groups/1", &[("do", "look")]).await;
        assert_eq!(looked.status.as_u16(), if allowed { 200 } else { 403 }, "{role:?}: {}", looked.text);
        // Leads see the doors of their people, and no way to change them.
        let page = branch.get(&session, &format!("/people/{person}")).await;
        assert_eq!(page.text.contains("id=\"gates\""), role != Role::Guard, "{role:?}: {}", page.text);
        assert_eq!(page.text.contains("href=\"/access-groups/1\""), allowed, "{role:?}: {}", page.text);
    }
    // In another organization there is no such group.
    let other = office.organization("Samarqand ofis").await;
    office.operator("malika", nazorat::identity::Assignment::Hr(other)).await;
    let session = office.sign_in("malika").await;
    for path in ["/access-groups/1", "/access-groups/1/remove"] {
        assert_eq!(branch.post(&session, path, &fields).await.status, 404, "{path}");
    }
    assert_eq!(scene.group(1).await["name"], "Hamma");
}
