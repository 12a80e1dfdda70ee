//! The board of people on devices as people meet it: what stands in the way, what is asked before somebody is taken off.

use nazorat::identity::Assignment;
use nazorat::kernel::DeviceId;
use nazorat::kernel::Role;
use nazorat_wire::DeviceFault;
use nazorat_wire::PeopleReport;
use nazorat_wire::PersonProblem;
use nazorat_wire::Stranger;
use serde_json::Value;
use serde_json::json;

use crate::http::access_groups::Scene;
use crate::http::devices::seen;

async fn tells(scene: &Scene, report: PeopleReport) {
    let (devices, peer) = (&scene.branch.office.app.devices, scene.branch.peer);
    let at = scene.branch.office.app.clock.now();
    devices.keep_report(peer, DeviceId::new(1), PeopleReport { at, ..report }).await.unwrap();
}

/// Device 1 is kept in order, everybody may pass it, and it answers.
async fn kept() -> Scene {
    let scene = Scene::new().await;
    scene.person("Karimov", "1001", 1).await;
    scene.person("Petrova", "", 1).await;
    scene.made("/api/v1/access-groups", json!({ "name": "Hamma", "everyone": true, "gates": [1] })).await;
    let kept = scene.post("/devices/1/people/keep", &[]).await;
    assert_eq!(kept.headers["location"], "/devices/1/people", "{}", kept.text);
    scene.branch.hears(seen("online")).await;
    scene
}

/// What the newest order of the gateway says.
async fn ordered(scene: &Scene) -> Value {
    Value::Object(scene.branch.newest().await.payload)
}

fn stranger(number: &str, name: &str, cards: &[&str], is_known: bool) -> Stranger {
    let cards = cards.iter().map(|card| (*card).to_owned()).collect();
    Stranger { number: number.to_owned(), name: name.to_owned(), cards, is_known }
}

fn problem(number: &str, code: &str, detail: &str) -> PersonProblem {
    let why = DeviceFault { code: code.to_owned(), detail: detail.to_owned() };
    PersonProblem { number: number.to_owned(), why, tries: 3, next: "2026-11-20T11:30:00Z".parse().unwrap() }
}

#[tokio::test]
async fn a_row_says_the_first_thing_that_stands_in_the_way() {
    let scene = Scene::new().await;
    scene.person("Karimov", "1001", 1).await;
    let branch = &scene.branch;
    let row = async || branch.page("/devices/people").await;
    let page = row().await;
    assert!(page.contains("qurilmada yuritiladi") && page.contains("href=\"/devices/1/people/keep\""), "{page}");
    let question = branch.page("/devices/1/people/keep").await;
    assert!(question.contains("hali hech bir guruh olib bormaydi"), "{question}");
    scene.post("/devices/1/people/keep", &[]).await;
    let page = row().await;
    assert!(page.contains("hech bir guruh olib bormaydi") && page.contains("href=\"/access-groups\""), "{page}");
    scene.made("/api/v1/access-groups", json!({ "name": "Hamma", "everyone": true, "gates": [1] })).await;
    let page = row().await;
    let gateway = format!("href=\"/gateways/{}\"", branch.peer.gateway);
    assert!(page.contains("shlyuz jim") && page.contains(&gateway), "{page}");
    branch.hears(seen("online")).await;
    assert!(row().await.contains("hali solishtirilmagan"));
    // While much is written, what the gateway told a moment ago counts.
    tells(&scene, PeopleReport { right: 1, wanted: 4, ..PeopleReport::default() }).await;
    let mut told = seen("online");
    told.people = Some((3, 4));
    branch.hears(told).await;
    let page = row().await;
    assert!(page.contains("yozilmoqda") && page.contains("4 dan 3 tasi"), "{page}");
    branch.hears(seen("online")).await;
    tells(&scene, PeopleReport { right: 4, wanted: 4, ..PeopleReport::default() }).await;
    let page = row().await;
    assert!(page.contains("4 dan 4 tasi") && page.contains("1 tasi joyida"), "{page}");
    for (code, detail, said) in [
        ("device_busy", "busy", "Qurilma boshqa bilan band"),
        ("strange_word", "it says 0x17", "it says 0x17"),
        ("device_cannot", "keeps no people", "Qurilma odamlarni saqlamaydi"),
    ] {
        let failed = Some(DeviceFault { code: code.to_owned(), detail: detail.to_owned() });
        tells(&scene, PeopleReport { failed, ..PeopleReport::default() }).await;
        assert!(row().await.contains(said), "{code}");
    }
    branch.hears(seen("offline")).await;
    tells(&scene, PeopleReport::default()).await;
    assert!(row().await.contains("Qurilmani solishtirib bo\u{2bb}lmaydi"));
}

#[tokio::test]
async fn nobody_is_taken_off_in_numbers_before_somebody_says_how_many() {
    let scene = kept().await;
    tells(&scene, PeopleReport { right: 2, wanted: 2, on_device: 40, held: 12, ..PeopleReport::default() }).await;
    for page in ["/devices/people", "/devices/1/people"] {
        let page = scene.branch.page(page).await;
        assert!(page.contains("40 kishidan 12 tasini") && page.contains("href=\"/devices/1/people/allow\""), "{page}");
    }
    let question = scene.branch.page("/devices/1/people/allow").await;
    assert!(question.contains("action=\"/devices/1/people/allow?people=12\""), "{question}");
    let allowed = scene.post("/devices/1/people/allow?people=12", &[]).await;
    assert_eq!(allowed.headers["location"], "/devices/1/people#orders", "{}", allowed.text);
    let order = ordered(&scene).await;
    assert_eq!((&order["action"], &order["may_remove"]), (&json!("sync"), &json!(12)), "{order}");
    // While it is being done, nobody is asked for it again.
    for page in ["/devices/people", "/devices/1/people"] {
        let page = scene.branch.page(page).await;
        assert!(page.contains("solishtirilmoqda") && !page.contains("/people/allow"), "{page}");
    }
    // A comparison that somebody asks for takes off no more than usual.
    scene.post("/devices/1/people/compare", &[]).await;
    assert_eq!(ordered(&scene).await["may_remove"], 0);
    let page = scene.branch.page("/devices/1/people").await;
    assert_eq!(page.matches("Odamlarni tartiblash").count(), 2, "both stand among the commands: {page}");
    tells(&scene, PeopleReport::default()).await;
    let gone = scene.branch.get(&scene.branch.session, "/devices/1/people/allow").await;
    assert_eq!(gone.status, 404, "nothing waits any more: {}", gone.text);
}

#[tokio::test]
async fn the_page_of_a_device_names_who_is_meant_and_asks_before_taking_off() {
    let scene = kept().await;
    let report = PeopleReport {
        on_device: 9,
        problems: vec![problem("01001", "device_refused", "card 77 is taken"), problem("404", "odd", "no such thing")],
        strangers: vec![
            stranger("9001", "Usta <Sanjar>", &["123", "124"], false),
            stranger("1001", "KARIMOV A", &["777"], true),
            stranger("no order names this", "X", &[], false),
        ],
        ..PeopleReport::default()
    };
    tells(&scene, report).await;
    let page = scene.branch.page("/devices/1/people").await;
    // Numbers are those of devices, with zeros or without.
    assert!(page.contains("<a href=\"/people/1\">Karimov Ali</a>") && page.contains("card 77 is taken"), "{page}");
    assert!(page.contains("Usta &#60;Sanjar&#62;") && page.contains("123, 124") && page.contains("777"), "{page}");
    assert!(page.contains("no such thing") && page.contains("16:30"), "{page}");
    // Petrova may pass and has no number.
    assert!(page.contains("href=\"/people/2/edit\""), "{page}");
    assert_eq!(page.matches("/take-off?number=").count() / 2, 1, "only whom an order can name: {page}");
    let question = scene.branch.page("/devices/1/people/take-off?number=9001").await;
    assert!(question.contains("action=\"/devices/1/people/take-off?number=9001\""), "{question}");
    for number in ["1001", "1234", ""] {
        let path = format!("/devices/1/people/take-off?number={number}");
        assert_eq!(scene.branch.get(&scene.branch.session, &path).await.status, 404, "{number}");
    }
    scene.post("/devices/1/people/take-off?number=9001", &[]).await;
    let order = ordered(&scene).await;
    assert_eq!((&order["action"], &order["number"]), (&json!("remove_person"), &json!("9001")));
    scene.post("/devices/1/people/try", &[("number", "01001")]).await;
    assert_eq!(ordered(&scene).await["action"], "sync_person");
    let wrong = scene.post("/devices/1/people/try", &[("number", "not one")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    for path in ["/devices/1", "/devices"] {
        let page = scene.branch.page(path).await;
        assert!(page.contains("/people\""), "{page}");
    }
}

#[tokio::test]
async fn long_lists_come_in_parts() {
    let scene = kept().await;
    let problems = (0..120).map(|number| problem(&format!("{}", 3000 + number), "device_refused", "no")).collect();
    tells(&scene, PeopleReport { problems, ..PeopleReport::default() }).await;
    let page = scene.branch.page("/devices/1/people").await;
    assert_eq!(page.matches("name=\"number\"").count(), 50);
    assert!(page.contains("href=\"/devices/1/people?show=100#problems\""), "{page}");
    let all = scene.branch.page("/devices/1/people?show=150").await;
    assert_eq!(all.matches("name=\"number\"").count(), 120);
}

#[tokio::test]
async fn administrators_decide_who_keeps_people_and_hr_sees_and_asks() {
    let scene = kept().await;
    tells(&scene, PeopleReport { held: 3, on_device: 4, ..PeopleReport::default() }).await;
    let (branch, office) = (&scene.branch, &scene.branch.office);
    office.role(Role::Hr).await;
    let hr = office.sign_in("hr").await;
    let page = branch.get(&hr, "/devices/1/people").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(!page.text.contains("/people/leave") && page.text.contains("/people/allow"), "{}", page.text);
    for (path, status) in [("leave", 403), ("keep", 403), ("compare", 303), ("allow?people=3", 303)] {
        let answer = branch.post(&hr, &format!("/devices/1/people/{path}"), &[]).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
    }
    office.role(Role::Guard).await;
    let guard = office.sign_in("guard").await;
    for path in ["compare", "allow?people=3", "take-off?number=9", "keep"] {
        let answer = branch.post(&guard, &format!("/devices/1/people/{path}"), &[]).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text);
    }
    assert!(!branch.get(&guard, "/devices").await.text.contains("/devices/people"));
    let other = office.organization("Samarqand ofis").await;
    office.operator("malika", Assignment::Hr(other)).await;
    let stranger = office.sign_in("malika").await;
    for path in ["compare", "allow?people=3", "take-off?number=9"] {
        let answer = branch.post(&stranger, &format!("/devices/1/people/{path}"), &[]).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    // What was told while it was kept says nothing once it is not.
    let question = branch.page("/devices/1/people/leave").await;
    assert!(question.contains("action=\"/devices/1/people/leave\""), "{question}");
    scene.post("/devices/1/people/leave", &[]).await;
    let page = branch.page("/devices/1/people").await;
    assert!(!page.contains("/people/allow") && page.contains("/people/keep"), "{page}");
}
