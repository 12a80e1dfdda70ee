//! Who may pass where, and what devices are to know of it: groups, the sheet of a gateway, and what it tells back.

use nazorat::kernel::DeviceId;
use nazorat::kernel::Role;
use nazorat_wire::DeviceFault;
use nazorat_wire::PeopleReport;
use nazorat_wire::PersonItem;
use nazorat_wire::PersonProblem;
use nazorat_wire::SheetContent;
use serde_json::Value;
use serde_json::json;

use crate::http::devices::Branch;
use crate::support::app::Answer;

/// An office of two departments with a terminal at each of its two gates.
struct Scene {
    branch: Branch,
    sales: u64,
    store: u64,
    entrance: u64,
    warehouse: u64,
}

impl Scene {
    async fn new() -> Self {
        let branch = Branch::new().await;
        for (name, opens) in [("Asosiy", true), ("Ombor", false)] {
            let gate = branch.gate(name, opens).await;
            branch.device(name, Some(gate)).await;
        }
        let mut scene = Self { branch, sales: 0, store: 0, entrance: 1, warehouse: 2 };
        scene.sales = scene.made("/api/v1/departments", json!({ "name": "Sotuv" })).await;
        scene.store = scene.made("/api/v1/departments", json!({ "name": "Ombor", "parent_id": scene.sales })).await;
        scene
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.branch.office.ask(&self.branch.admin, method, path, &body).await
    }

    async fn made(&self, path: &str, body: Value) -> u64 {
        let made = self.ask("POST", path, &body).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text);
        made.json()["id"].as_u64().unwrap()
    }

    async fn person(&self, surname: &str, number: &str, department: u64) -> u64 {
        let body = json!({
            "surname": surname, "given_name": "Ali", "personnel_number": number, "department_id": department,
        });
        self.made("/api/v1/employees", body).await
    }

    async fn keeps_people(&self, device: u64) {
        let set = self.ask("PUT", &format!("/api/v1/devices/{device}/people"), &json!({ "managed": true })).await;
        assert_eq!(set.status, 200, "{}", set.text);
    }

    async fn sheet(&self) -> SheetContent {
        self.branch.office.app.devices.sheet(self.branch.peer).await.unwrap().content
    }

    /// Who may pass which device, by their numbers.
    async fn passes(&self) -> Vec<(String, Vec<u32>)> {
        let mut all: Vec<_> = self.sheet().await.people.into_iter().map(|one| (one.number, one.devices)).collect();
        all.sort();
        all
    }
}

fn passes(expected: &[(&str, &[u32])]) -> Vec<(String, Vec<u32>)> {
    expected.iter().map(|(number, devices)| ((*number).to_owned(), devices.to_vec())).collect()
}

#[tokio::test]
async fn groups_decide_who_passes_and_a_device_without_one_is_left_alone() {
    let scene = Scene::new().await;
    scene.person("Karimov", "1001", scene.sales).await;
    scene.person("Petrova", "1002", scene.store).await;
    let guest = scene.person("Ivanov", "1003", scene.sales).await;
    for device in [scene.entrance, scene.warehouse] {
        scene.keeps_people(device).await;
    }
    // Nobody has said yet who may pass: nothing is to be changed at the doors.
    let sheet = scene.sheet().await;
    assert!(sheet.people.is_empty() && sheet.devices.iter().all(|device| !device.manages_people));
    let office = json!({ "name": "Office", "departments": [scene.sales], "gates": [1] });
    let office = scene.made("/api/v1/access-groups", office).await;
    let sheet = scene.sheet().await;
    let managed: Vec<_> = sheet.devices.iter().map(|device| device.manages_people).collect();
    assert_eq!(managed, [true, false], "no group leads to the second gate");
    let stores = json!({ "name": "Store", "departments": [scene.store], "employees": [guest], "all_gates": true });
    scene.made("/api/v1/access-groups", stores).await;
    assert_eq!(scene.passes().await, passes(&[("1001", &[1]), ("1002", &[1, 2]), ("1003", &[1, 2])]));
    // Whoever leaves, leaves all of them; whoever may pass none is still named, so that they are taken off.
    let left = scene.ask("POST", &format!("/api/v1/employees/{guest}/deactivate"), &Value::Null).await;
    assert_eq!(left.status, 200, "{}", left.text);
    let changed = json!({ "name": "Office", "employees": [1], "gates": [1] });
    let changed = scene.ask("PUT", &format!("/api/v1/access-groups/{office}"), &changed).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(scene.passes().await, passes(&[("1001", &[1]), ("1002", &[1, 2]), ("1003", &[])]));
    let people = scene.sheet().await.people;
    let told = people.iter().find(|one| one.number == "1003").unwrap();
    assert_eq!(told, &PersonItem { number: "1003".to_owned(), ..PersonItem::default() }, "no more than is needed");
    // Removing a gate takes it out of the groups; a device stands there, so that comes first.
    let refused = scene.ask("DELETE", "/api/v1/gates/1", &Value::Null).await;
    assert_eq!(refused.json()["code"], "gate_in_use", "{}", refused.text);
    assert_eq!(scene.ask("DELETE", "/api/v1/devices/1", &Value::Null).await.status, 204);
    assert_eq!(scene.ask("DELETE", "/api/v1/gates/1", &Value::Null).await.status, 204);
    let group = scene.ask("GET", &format!("/api/v1/access-groups/{office}"), &Value::Null).await;
    assert_eq!(group.json()["gates"], json!([]));
    let gates = scene.ask("GET", "/api/v1/employees/2/gates", &Value::Null).await;
    assert_eq!(gates.json()["items"][0]["name"], "Ombor", "{}", gates.text);
}

#[tokio::test]
async fn what_a_group_names_must_be_there_and_names_are_taken_once() {
    let scene = Scene::new().await;
    for (body, code) in [
        (json!({ "name": "A", "gates": [9] }), "not_found"),
        (json!({ "name": "A", "departments": [9] }), "unknown_department"),
        (json!({ "name": "A", "employees": [9] }), "unknown_employee"),
        (json!({ "name": " " }), "invalid_name"),
        (json!({ "name": "A", "gate": [1] }), "invalid_value"),
    ] {
        let refused = scene.ask("POST", "/api/v1/access-groups", &body).await;
        assert_eq!(refused.json()["code"], code, "{body}: {}", refused.text);
    }
    scene.made("/api/v1/access-groups", json!({ "name": "Ofis" })).await;
    let twice = scene.ask("POST", "/api/v1/access-groups", &json!({ "name": "OFIS" })).await;
    assert_eq!((twice.status.as_u16(), twice.json()["code"].as_str()), (409, Some("name_taken")));
}

#[tokio::test]
async fn days_of_work_are_the_time_in_which_somebody_passes() {
    let scene = Scene::new().await;
    let body = json!({
        "surname": "Karimov", "given_name": "Ali", "personnel_number": "1001",
        "hired_on": "2026-12-01", "left_on": "2026-12-31",
    });
    scene.made("/api/v1/employees", body).await;
    scene.made("/api/v1/employees", json!({ "surname": "Petrova", "given_name": "Anna" })).await;
    scene.keeps_people(scene.entrance).await;
    scene.made("/api/v1/access-groups", json!({ "name": "Hamma", "everyone": true, "all_gates": true })).await;
    let people = scene.sheet().await.people;
    let at = |text: &str| Some(text.parse::<nazorat::kernel::Timestamp>().unwrap());
    assert_eq!(people.len(), 1);
    assert_eq!((people[0].from, people[0].until), (at("2026-11-30T19:00:00Z"), at("2026-12-31T19:00:00Z")));
    // Whoever has no number cannot be written, and that is said.
    let told = scene.ask("GET", "/api/v1/devices/1/people", &Value::Null).await;
    assert_eq!(told.json()["without_number"], json!([2]), "{}", told.text);
}

#[tokio::test]
async fn what_a_gateway_tells_of_people_is_shown_and_taken_from_it_alone() {
    let scene = Scene::new().await;
    let (branch, devices) = (&scene.branch, &scene.branch.office.app.devices);
    let why = DeviceFault { code: "device_refused".to_owned(), detail: "the card belongs to somebody else".to_owned() };
    let next = branch.office.app.clock.now();
    let problem = PersonProblem { number: "1001".to_owned(), why, tries: 2, next };
    let report =
        PeopleReport { right: 7, wanted: 8, on_device: 9, held: 3, problems: vec![problem], ..PeopleReport::default() };
    let id = DeviceId::new(1);
    devices.keep_report(branch.peer, id, report.clone()).await.unwrap();
    let other = Branch::new().await;
    let stranger = nazorat::fleet::Peer { organization: branch.peer.organization, gateway: other.peer.gateway };
    assert_eq!(devices.keep_report(stranger, id, report).await.unwrap_err().to_string(), "device 1 does not exist");
    let told = scene.ask("GET", "/api/v1/device-people", &Value::Null).await.json();
    let first = &told["items"][0];
    assert_eq!((&first["right"], &first["wanted"], &first["held"]), (&json!(7), &json!(8), &json!(3)), "{told}");
    assert_eq!(first["problems"][0]["code"], "device_refused");
    let guard = branch.office.role(Role::Guard).await;
    for path in ["/api/v1/device-people", "/api/v1/devices/1/people", "/api/v1/access-groups"] {
        assert_eq!(branch.office.ask(&guard, "GET", path, "").await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn people_are_told_what_doors_keep_of_them_where_there_are_doors() {
    let branch = Branch::new().await;
    let body = json!({ "surname": "Karimov", "given_name": "Ali" }).to_string();
    assert_eq!(branch.office.ask(&branch.admin, "POST", "/api/v1/employees", &body).await.status, 201);
    let page = async || branch.page("/people/1/collected?lang=en").await;
    assert!(!page().await.contains("At the doors"), "nobody has a terminal");
    branch.device("Asosiy", None).await;
    let told = page().await;
    assert!(told.contains("At the doors") && told.contains("Without a limit"), "{told}");
    assert!(!told.contains("small picture of whoever passes"), "{told}");
    let settings = json!({ "user": "nazorat", "pictures": true });
    let body = json!({
        "name": "Asosiy", "gateway_id": branch.peer.gateway, "host": "192.168.1.20", "settings": settings,
        "doors": [{ "number": 1 }],
    });
    let changed = branch.office.ask(&branch.admin, "PUT", "/api/v1/devices/1", &body.to_string()).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert!(page().await.contains("small picture of whoever passes"));
}
