//! Terminals, gates and networks as people and programs meet them: added, changed, asked, and never telling a secret.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use nazorat::devices::Devices;
use nazorat::fleet::Joining;
use nazorat::fleet::Peer;
use nazorat::fleet::commands::Command;
use nazorat::identity::DisplayName;
use nazorat::kernel::Access;
use nazorat::kernel::Actor;
use nazorat::kernel::OrganizationId;
use nazorat::kernel::PageRequest;
use nazorat::kernel::Role;
use nazorat_wire::frame::DeviceSeen;
use nazorat_wire::frame::Ending;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::frame::Outcome;
use serde_json::json;

use crate::support::app::Answer;
use crate::support::app::Office;

/// What no answer may ever hold.
const SECRET: &str = "Uzun-parol-7";

/// An office with a gateway that has joined, seen by an administrator in a browser.
pub(super) struct Branch {
    pub(super) office: Office,
    pub(super) peer: Peer,
    pub(super) admin: String,
    pub(super) session: String,
}

impl Branch {
    pub(super) async fn new() -> Self {
        let office = Office::new().await;
        let (system, organization) = (Actor::system(), OrganizationId::new(1));
        let name = DisplayName::parse("Chilonzor").unwrap();
        let invited = office.app.fleet.invite(&system, organization, name, Duration::from_secs(3_600)).await.unwrap();
        let secret = invited.secret.expose();
        let joining = Joining { request: secret.as_bytes(), host: "gw-one", version: "1.4.0", address: None };
        let gateway = office.app.fleet.enroll(secret, &joining).await.unwrap().gateway;
        let admin = office.token("aziz", Access::Full).await;
        let session = office.sign_in("aziz").await;
        Self { office, peer: Peer { organization, gateway }, admin, session }
    }

    pub(super) async fn get(&self, session: &str, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", session);
        self.office.send(request.body(Body::empty()).unwrap()).await
    }

    /// A page with ordinary spaces.
    pub(super) async fn page(&self, path: &str) -> String {
        let answer = self.get(&self.session, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert!(!answer.text.contains('\u{2753}'), "a text is missing on {path}: {}", answer.text);
        assert!(!answer.text.contains(SECRET), "{path} tells the password");
        answer.text.replace('\u{a0}', " ")
    }

    pub(super) async fn post(&self, session: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", nazorat::web::encode(value)));
        let request =
            Request::post(path).header("cookie", session).header("content-type", "application/x-www-form-urlencoded");
        self.office.send(request.body(Body::from(pairs.collect::<Vec<_>>().join("&"))).unwrap()).await
    }

    /// Adds a terminal by the API; gives its number.
    pub(super) async fn device(&self, name: &str, gate: Option<u32>) -> u64 {
        let body = json!({
            "name": name, "kind": "hikvision", "gateway_id": self.peer.gateway, "host": "192.168.1.20",
            "settings": { "user": "nazorat", "password": SECRET }, "doors": [{ "number": 1, "gate_id": gate }],
        });
        let made = self.office.ask(&self.admin, "POST", "/api/v1/devices", &body.to_string()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert!(!made.text.contains(SECRET), "{}", made.text);
        made.json()["id"].as_u64().unwrap()
    }

    pub(super) async fn gate(&self, name: &str, opens: bool) -> u32 {
        let body = json!({ "name": name, "opens_from_afar": opens }).to_string();
        let made = self.office.ask(&self.admin, "POST", "/api/v1/gates", &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        u32::try_from(made.json()["id"].as_u64().unwrap()).unwrap()
    }

    /// The gateway says how device 1 is.
    pub(super) async fn hears(&self, told: DeviceSeen) {
        let beat = Heartbeat {
            version: "1.4.0".to_owned(),
            clock: self.office.app.clock.now(),
            devices: vec![told],
            ..Heartbeat::default()
        };
        self.office.app.presence.heartbeat(self.peer, beat).await;
    }

    pub(super) async fn newest(&self) -> Command {
        let request = PageRequest { limit: 1, after: None };
        self.office.app.commands.list(&Actor::system(), self.peer, request).await.unwrap().items.remove(0)
    }

    /// The gateway takes the newest order and says how it ended.
    pub(super) async fn ends(&self, status: Ending, code: Option<&str>, body: Option<serde_json::Value>) {
        let (commands, id) = (&self.office.app.commands, self.newest().await.id);
        commands.sent(self.peer, id).await.unwrap();
        commands.acked(self.peer, id, None).await.unwrap();
        let code = code.map(str::to_owned);
        commands.ended(self.peer, Outcome { id: id.get(), status, code, detail: None, body }).await.unwrap();
    }

    fn devices(&self) -> &Devices {
        &self.office.app.devices
    }
}

pub(super) fn seen(state: &str) -> DeviceSeen {
    let told = json!({ "id": 1, "state": state });
    serde_json::from_value(told).unwrap()
}

#[tokio::test]
async fn a_device_is_added_step_by_step_and_its_password_never_comes_back() {
    let branch = Branch::new().await;
    assert!(branch.page("/devices").await.contains("href=\"/devices/new\""));
    let kinds = branch.page("/devices/new").await;
    for kind in ["hikvision", "zkteco", "zkteco_push", "webhook", "process"] {
        assert!(kinds.contains(&format!("value=\"{kind}\"")), "{kinds}");
    }
    let form = branch.page("/devices/new?kind=hikvision").await;
    assert!(form.contains("name=\"s-password\" type=\"password\" value=\"\""), "{form}");
    let gateway = branch.peer.gateway.to_string();
    let typed = [
        ("kind", "hikvision"),
        ("name", "Asosiy kirish"),
        ("gateway_id", gateway.as_str()),
        ("host", "192.168.1.20"),
        ("s-https", "false"),
        ("s-user", "nazorat"),
        ("s-password", SECRET),
        ("s-doors", "2"),
    ];
    let made = branch.post(&branch.session, "/devices/new", &typed).await;
    assert_eq!(made.headers["location"], "/devices/1/doors?new=1", "{}", made.text);
    assert!(branch.page("/devices/1/doors?new=1").await.contains("name=\"fresh-2\""));
    let doors = [("fresh-1", "Asosiy eshik"), ("side-1", "entry"), ("side-2", "exit"), ("gate-2", "")];
    let saved = branch.post(&branch.session, "/devices/1/doors?new=1", &doors).await;
    assert_eq!(saved.headers["location"], "/devices/1", "{}", saved.text);
    let page = branch.page("/devices/1").await;
    assert!(page.contains("Asosiy eshik") && page.contains("192.168.1.20"), "{page}");
    let edit = branch.page("/devices/1/edit").await;
    assert!(edit.contains("value=\"nazorat\"") && edit.contains("name=\"s-password\" type=\"password\" value=\"\""));
    // A change without the password keeps it: only its gateway gets to see it.
    let changed =
        [("name", "Kirish"), ("gateway_id", &gateway), ("host", "192.168.1.21"), ("s-user", "n2"), ("s-doors", "2")];
    assert_eq!(branch.post(&branch.session, "/devices/1/edit", &changed).await.status, 303);
    let sheet = branch.devices().sheet(branch.peer).await.unwrap();
    let item = &sheet.content.devices[0];
    assert_eq!((item.host.as_str(), &item.settings["password"]), ("192.168.1.21", &json!(SECRET)));
    let api = branch.office.ask(&branch.admin, "GET", "/api/v1/devices/1", "").await;
    assert_eq!((&api.json()["secrets"], api.text.contains(SECRET)), (&json!(["password", "push_secret"]), false));
    assert_eq!(api.json()["doors"][0]["gate_id"], 1, "{}", api.text);
    let audit = branch.office.ask(&branch.admin, "GET", "/api/v1/audit?organization_id=1", "").await;
    assert!(audit.text.contains("device.change") && !audit.text.contains(SECRET), "{}", audit.text);
}

#[tokio::test]
async fn an_address_that_leads_somewhere_else_is_refused_with_a_sentence() {
    let branch = Branch::new().await;
    let gateway = branch.peer.gateway.to_string();
    for host in [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "127.1",
        "[::1]",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "8.8.8.8",
        "http://192.168.1.20",
        "192.168.1.20:80",
        "0.0.0.0",
        "224.0.0.1",
    ] {
        let typed = [
            ("kind", "hikvision"),
            ("name", "Kirish"),
            ("gateway_id", gateway.as_str()),
            ("host", host),
            ("s-user", "nazorat"),
            ("s-password", SECRET),
        ];
        let answer = branch.post(&branch.session, "/devices/new", &typed).await;
        assert_eq!(answer.status, 422, "{host}: {}", answer.text);
        assert!(answer.text.contains("id=\"e-host\"") && !answer.text.contains(SECRET), "{host}: {}", answer.text);
        let body = json!({
            "name": "Kirish", "kind": "hikvision", "gateway_id": branch.peer.gateway, "host": host,
            "settings": { "user": "nazorat", "password": SECRET },
        });
        let refused = branch.office.ask(&branch.admin, "POST", "/api/v1/devices", &body.to_string()).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "device_address"), "{host}");
        assert_eq!(refused.json()["field"], "host");
    }
    // What an administrator allows is taken, and the danger is said where it is allowed.
    assert!(branch.page("/devices/networks").await.contains("nz-banner"));
    let wrong = branch.post(&branch.session, "/devices/networks", &[("networks", "all")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    let allowed = branch.post(&branch.session, "/devices/networks", &[("networks", "127.0.0.0/8\r\n")]).await;
    assert_eq!(allowed.status, 303, "{}", allowed.text);
    let read = branch.office.ask(&branch.admin, "GET", "/api/v1/device-networks", "").await;
    assert_eq!(read.json()["networks"], json!(["127.0.0.0/8"]));
}

#[tokio::test]
async fn guards_are_told_how_devices_are_and_hr_reads_without_buttons() {
    let branch = Branch::new().await;
    let gate = branch.gate("Asosiy kirish", true).await;
    branch.device("Kirish", Some(gate)).await;
    let guard = branch.office.role(Role::Guard).await;
    let told = branch.office.ask(&guard, "GET", "/api/v1/devices/1", "").await;
    assert_eq!((told.status.as_u16(), &told.json()["standing"]["state"]), (200, &json!("unknown")));
    for name in ["host", "settings", "secrets", "gateway_id"] {
        assert!(told.json().get(name).is_none(), "{name}: {}", told.text);
    }
    let session = branch.office.sign_in("guard").await;
    for path in ["/devices", "/devices/1"] {
        let page = branch.get(&session, path).await;
        assert!(page.status == 200 && !page.text.contains("192.168.1.20"), "{path}: {}", page.text);
        assert!(!page.text.contains("Chilonzor") && !page.text.contains("/edit\""), "{path}: {}", page.text);
    }
    branch.office.role(Role::Hr).await;
    let hr = branch.office.sign_in("hr").await;
    let page = branch.get(&hr, "/devices/1").await.text;
    assert!(page.contains("192.168.1.20") && !page.contains("/reboot") && !page.contains("/doors/open"), "{page}");
    for path in ["/devices/1/remove", "/devices/1/probe", "/devices/1/disable", "/gates/1/remove"] {
        assert_eq!(branch.post(&hr, path, &[]).await.status, 403, "{path}");
    }
    let mut strange = Request::post("/devices/1/remove").header("cookie", &branch.session);
    strange = strange.header("sec-fetch-site", "cross-site");
    assert_eq!(branch.office.send(strange.body(Body::empty()).unwrap()).await.status, 403);
    assert_eq!(branch.get(&branch.session, "/devices/1").await.status, 200);
}

#[tokio::test]
async fn a_page_says_what_is_wrong_with_a_device_and_what_to_do() {
    let branch = Branch::new().await;
    branch.device("Kirish", None).await;
    let page = branch.page("/devices/1").await;
    assert!(page.contains("Shlyuz u haqda hali xabar bermadi"), "{page}");
    let mut told = seen("error");
    told.code = Some("device_credentials".to_owned());
    told.detail = Some("401 after the first try".to_owned());
    told.drift_ms = Some(700_000);
    branch.hears(told).await;
    let page = branch.page("/devices/1/live").await;
    assert!(page.contains("Hisob yoki kalitni qabul qilmayapti") && page.contains("401 after the first try"), "{page}");
    assert!(page.contains("10 daqiqadan ortiq"), "the clock is far ahead: {page}");
    assert!(branch.page("/devices?state=error").await.contains("href=\"/devices/1\""));
    assert!(!branch.page("/devices?state=online").await.contains("href=\"/devices/1\""));
    branch.hears(seen("online")).await;
    assert!(branch.page("/devices/1").await.contains("Javob bermoqda"));
    // Asked for a test, it says who it is.
    assert_eq!(branch.post(&branch.session, "/devices/1/probe", &[]).await.status, 303);
    let body = json!({ "identity": { "serial": "DS-1", "model": "DS-K1T341" }, "capabilities": { "doors": 1, "faces": true } });
    branch.ends(Ending::Succeeded, None, Some(body)).await;
    let page = branch.page("/devices/1").await;
    assert!(page.contains("DS-K1T341") && page.contains("Yuzlarni taniydi"), "{page}");
}

#[tokio::test]
async fn a_guard_opens_a_door_with_a_reason_and_only_where_its_gate_allows() {
    let branch = Branch::new().await;
    let gate = branch.gate("Asosiy kirish", false).await;
    branch.device("Kirish", Some(gate)).await;
    branch.hears(seen("online")).await;
    let guard = branch.office.role(Role::Guard).await;
    let session = branch.office.sign_in("guard").await;
    let order = |reason: &str| json!({ "action": "open", "door": 1, "reason": reason }).to_string();
    let path = "/api/v1/devices/1/orders";
    let refused = branch.office.ask(&guard, "POST", path, &order("mehmon")).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "not_from_afar"));
    assert!(!branch.get(&session, "/doors/desk").await.text.contains("/doors/open?"));
    let body = json!({ "name": "Asosiy kirish", "opens_from_afar": true }).to_string();
    assert_eq!(branch.office.ask(&branch.admin, "PUT", &format!("/api/v1/gates/{gate}"), &body).await.status, 200);

    let desk = branch.get(&session, "/doors/desk").await.text;
    assert!(
        desk.contains("/doors/open?device=1&#38;door=1") || desk.contains("/doors/open?device=1&amp;door=1"),
        "{desk}"
    );
    let needed = branch.office.ask(&guard, "POST", path, &order(" ")).await;
    assert_eq!((needed.status.as_u16(), needed.code().as_str()), (422, "reason_needed"));
    let empty = branch.post(&session, "/doors/open", &[("device", "1"), ("door", "1"), ("why", "other")]).await;
    assert!(empty.status == 422 && empty.text.contains("id=\"e-reason\""), "{}", empty.text);
    for action in ["reboot", "set_clock", "hold_open"] {
        let body = json!({ "action": action, "door": 1, "reason": "mehmon" }).to_string();
        assert_eq!(branch.office.ask(&guard, "POST", path, &body).await.status, 403, "{action}");
    }

    let asked = branch.post(&session, "/doors/open", &[("device", "1"), ("door", "1"), ("why", "visitor")]).await;
    let answer = asked.headers["location"].to_str().unwrap().to_owned();
    assert!(answer.starts_with("/doors/opened?device=1&command="), "{answer}");
    assert!(branch.get(&session, &answer).await.text.contains("hx-trigger=\"load delay:300ms\""));
    branch.ends(Ending::Succeeded, None, Some(json!({}))).await;
    let done = branch.get(&session, &answer).await.text;
    assert!(done.contains("da ochildi") && !done.contains("hx-trigger=\"load"), "{done}");

    // One that nobody took in time stays shut, and the page says so.
    let late = branch.office.ask(&guard, "POST", path, &order("kuryer")).await;
    assert_eq!(late.status, 202, "{}", late.text);
    let at = late.headers["location"].to_str().unwrap().to_owned();
    let clock = &branch.office.app.clock;
    clock.set(clock.now().saturating_add(Duration::from_secs(16)).unwrap());
    branch.office.app.commands.end_late(branch.peer).await.unwrap();
    assert_eq!(branch.office.ask(&guard, "GET", &at, "").await.json()["state"], "expired");
    let page = branch.page("/devices/1/orders").await;
    assert!(page.contains("muddati o\u{2bb}tdi, eshik yopiq qoldi") && page.contains("kuryer"), "{page}");
    let audit = branch.office.ask(&branch.admin, "GET", "/api/v1/audit?organization_id=1", "").await;
    assert!(audit.text.contains("device.order") && audit.text.contains("kuryer"), "{}", audit.text);
}

#[tokio::test]
async fn a_gate_is_made_changed_and_removed_once_nothing_stands_at_it() {
    let branch = Branch::new().await;
    let typed = [("name", "Orqa eshik"), ("passing", "alternating"), ("debounce_secs", "45"), ("opens_from_afar", "1")];
    assert_eq!(branch.post(&branch.session, "/gates/new", &typed).await.status, 303);
    assert!(branch.page("/gates").await.contains("Orqa eshik"));
    let again = branch.post(&branch.session, "/gates/new", &typed).await;
    assert!(again.status == 422 && again.text.contains("id=\"e-name\""), "{}", again.text);
    for wrong in ["601", "-1", "soon"] {
        let typed = [("name", "Boshqa"), ("debounce_secs", wrong)];
        let refused = branch.post(&branch.session, "/gates/new", &typed).await;
        assert!(refused.status == 422 && refused.text.contains("id=\"e-debounce_secs\""), "{wrong}: {}", refused.text);
    }
    branch.device("Kirish", Some(1)).await;
    assert_eq!(branch.get(&branch.session, "/gates/1/remove").await.status, 409);
    assert!(!branch.page("/gates/1").await.contains("/gates/1/remove"));
    assert_eq!(branch.post(&branch.session, "/devices/1/remove", &[]).await.status, 303);
    assert!(branch.page("/gates/1/remove").await.contains("Orqa eshik"));
    assert_eq!(branch.post(&branch.session, "/gates/1/remove", &[]).await.status, 303);
    assert!(!branch.page("/gates").await.contains("href=\"/gates/1\""));
}

#[tokio::test]
async fn a_webhook_is_added_and_its_page_says_what_to_enter_in_the_other_system() {
    let branch = Branch::new().await;
    let form = branch.page("/devices/new?kind=webhook").await;
    assert!(form.contains("name=\"s-secret\" type=\"password\"") && !form.contains("push_secret"), "{form}");
    assert!(form.contains("<details class=\"nz-fold nz-after\">") && form.contains("value=\"/person_name\""), "{form}");
    let gateway = branch.peer.gateway.to_string();
    let with = |more: &[(&'static str, &'static str)]| {
        let mut typed = vec![("kind", "webhook"), ("name", "Turniket"), ("gateway_id", gateway.as_str())];
        typed.extend([("s-secret", SECRET_KEY), ("s-doors", "2")]);
        typed.extend_from_slice(more);
        typed.into_iter().map(|(name, value)| (name, value.to_owned())).collect::<Vec<_>>()
    };
    let post = async |path: &str, fields: Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        branch.post(&branch.session, path, &fields).await
    };
    // What is wrong is said beside its field, which is not folded away.
    let wrong = with(&[("s-at_person", "user.id"), ("s-time_format", "%H:%M"), ("s-direction_words", "IN=up")]);
    let refused = post("/devices/new", wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    for field in ["at_person", "time_format", "direction_words"] {
        assert!(refused.text.contains(&format!("id=\"e-s-{field}\"")), "{field}: {}", refused.text);
    }
    assert!(refused.text.contains("<details class=\"nz-fold nz-after\" open>"), "{}", refused.text);
    assert!(refused.text.contains("/user/id") && !refused.text.contains(SECRET_KEY), "{}", refused.text);
    let short = post("/devices/new", with(&[("s-secret", "short")])).await;
    assert!(short.status == 422 && short.text.contains("id=\"e-s-secret\""), "{}", short.text);
    let made = post("/devices/new", with(&[])).await;
    assert_eq!(made.headers["location"], "/devices/1/doors?new=1", "{}", made.text);
    // Where its gateway listens stands there as soon as that is known.
    let beat = Heartbeat {
        version: "1.4.0".to_owned(),
        clock: branch.office.app.clock.now(),
        devices_at: Some("192.168.1.5:8081".to_owned()),
        ..Heartbeat::default()
    };
    assert!(branch.page("/devices/1").await.contains("http://SHLYUZ-MANZILI:8081/push/"));
    branch.office.app.presence.heartbeat(branch.peer, beat).await;
    assert!(branch.page("/devices/1").await.contains("http://192.168.1.5:8081/push/"));
    // The path is made by itself, and stays when the device is changed.
    let path = path_of(&branch, &branch.admin).await.unwrap();
    assert!(path.starts_with("/push/") && path.len() == 46, "{path}");
    let page = branch.page("/devices/1").await;
    assert!(page.contains(&path) && page.contains("X-Timestamp"), "{page}");
    for gone in ["/reboot", "/set-clock", "/read-log", "/probe", "/doors/open?"] {
        assert!(!page.contains(gone), "{gone}: {page}");
    }
    assert_eq!(post("/devices/1/edit", with(&[("s-secret", "")])).await.status, 303);
    assert_eq!(path_of(&branch, &branch.admin).await, Some(path.clone()));
    let settings = &branch.devices().sheet(branch.peer).await.unwrap().content.devices[0].settings;
    assert_eq!((&settings["secret"], &settings["at_time"]), (&json!(SECRET_KEY), &json!("/ts")));
    assert_eq!(format!("/push/{}", settings["push_secret"].as_str().unwrap()), path);
    let typed = json!({ "name": "Other", "kind": "webhook", "gateway_id": branch.peer.gateway,
        "settings": { "secret": SECRET_KEY, "push_secret": "0123456789abcdef" } });
    let refused = branch.office.ask(&branch.admin, "POST", "/api/v1/devices", &typed.to_string()).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "device_settings"), "{}", refused.text);
    // Nobody but who sets it up sees the path, and nobody can ask it for anything.
    let (hr, guard) = (branch.office.role(Role::Hr).await, branch.office.role(Role::Guard).await);
    for token in [&hr, &guard] {
        assert_eq!(path_of(&branch, token).await, None);
    }
    for login in ["hr", "guard"] {
        let session = branch.office.sign_in(login).await;
        let page = branch.get(&session, "/devices/1").await;
        assert!(page.status == 200 && !page.text.contains("/push/"), "{}", page.text);
    }
    let list = branch.office.ask(&branch.admin, "GET", "/api/v1/devices", "").await;
    assert!(!list.text.contains(&path), "{}", list.text);
    let open = json!({ "action": "open", "door": 1, "reason": "mehmon keldi" }).to_string();
    let refused = branch.office.ask(&branch.admin, "POST", "/api/v1/devices/1/orders", &open).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "device_only_tells"), "{}", refused.text);
    let refused = branch.office.ask(&branch.admin, "PUT", "/api/v1/devices/1/people", r#"{"managed":true}"#).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "device_only_tells"), "{}", refused.text);
    branch.hears(seen("connecting")).await;
    assert!(branch.page("/devices/1/live").await.contains("Boshqa tizimdan hali hech narsa kelmadi"));
    let audit = branch.office.ask(&branch.admin, "GET", "/api/v1/audit?organization_id=1", "").await;
    assert!(!audit.text.contains(&path) && !audit.text.contains(SECRET_KEY), "{}", audit.text);
}

/// Signs what a webhook sends.
const SECRET_KEY: &str = "Uzun-kalit-16-belgi";

/// The path of device 1 as somebody sees it.
async fn path_of(branch: &Branch, token: &str) -> Option<String> {
    let told = branch.office.ask(token, "GET", "/api/v1/devices/1", "").await;
    assert_eq!(told.status, 200, "{}", told.text);
    told.json()["push_path"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn a_program_is_chosen_by_the_name_of_a_file_and_by_nothing_else() {
    let branch = Branch::new().await;
    let gateway = branch.peer.gateway.to_string();
    let post = async |program: &str, options: &str| {
        let typed = [
            ("kind", "process"),
            ("name", "Turniket"),
            ("gateway_id", gateway.as_str()),
            ("s-program", program),
            ("s-options", options),
            ("s-doors", "1"),
        ];
        branch.post(&branch.session, "/devices/new", &typed).await
    };
    for program in ["/bin/sh", "../x", "a b", ".x", "-x", "$(x)"] {
        let refused = post(program, "").await;
        assert!(refused.status == 422 && refused.text.contains("id=\"e-s-program\""), "{program}: {}", refused.text);
    }
    let refused = post("turnstile.py", "file").await;
    assert!(refused.status == 422 && refused.text.contains("id=\"e-s-options\""), "{}", refused.text);
    let made = post("turnstile.py", "file=/var/lib/x.csv").await;
    assert_eq!(made.headers["location"], "/devices/1/doors?new=1", "{}", made.text);
    let mut told = seen("error");
    told.code = Some("device_settings".to_owned());
    told.detail = Some("turnstile.py is not executable; use chmod +x".to_owned());
    branch.hears(told).await;
    let page = branch.page("/devices/1").await;
    assert!(
        page.contains("Dasturni ishga tushirib") && page.contains("chmod +x") && page.contains("/reboot"),
        "{page}"
    );
}
