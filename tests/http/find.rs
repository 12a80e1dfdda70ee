//! Finding terminals near a gateway, as people and programs meet it.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use nazorat::kernel::Role;
use nazorat_wire::frame::Ending;
use serde_json::Value;
use serde_json::json;

use super::devices::Branch;
use super::devices::seen;

/// What a gateway tells: one terminal of each sort.
fn told() -> Value {
    let device = |address: &str, kind: &str, more: Value| {
        let mut one = json!({ "kind": kind, "address": address, "port": if kind == "zkteco" { 4370 } else { 80 } });
        for (name, value) in more.as_object().unwrap() {
            one[name] = value.clone();
        }
        one
    };
    json!({ "searched": ["192.168.1.0/24"], "narrowed": ["192.168.0.0/16"], "more": 0, "devices": [
        device("192.168.1.20", "hikvision", json!({ "model": "DS-K1T341AM" })),
        device("192.168.1.30", "hikvision", json!({ "serial": "DS-NEW", "model": "DS-K1T671M", "port": 8080, "activated": true })),
        device("192.168.1.40", "hikvision", json!({ "serial": "DS-FRESH", "model": "DS-K1T671M", "activated": false })),
        device("192.168.1.50", "zkteco", json!({ "needs_key": true })),
        device("192.168.1.60", "hikvision", json!({ "serial": "DS-CAM", "model": "<b>DS-2CD2143" })),
        device("192.0.0.64", "hikvision", json!({ "serial": "DS-FAR", "model": "DS-K1T671M", "elsewhere": true })),
    ] })
}

async fn start(branch: &Branch, networks: &str) -> String {
    let gateway = branch.peer.gateway.to_string();
    let typed = [("gateway_id", gateway.as_str()), ("networks", networks)];
    let made = branch.post(&branch.session, "/devices/find", &typed).await;
    assert_eq!(made.status, 303, "{}", made.text);
    made.headers["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_terminal_is_found_and_its_form_is_filled_in() {
    let branch = Branch::new().await;
    branch.device("Kirish", None).await;
    assert!(branch.page("/devices/new").await.contains("href=\"/devices/find\""));
    let form = branch.page("/devices/find").await;
    assert!(
        form.contains("UDP 37020") && form.contains("value=\"") && form.contains("action=\"/devices/find\""),
        "{form}"
    );

    let at = start(&branch, "").await;
    let waiting = branch.page(&at).await;
    assert!(waiting.contains("hx-trigger=\"load delay:1s\"") && waiting.contains("nz-no-script"), "{waiting}");
    // Pressed twice, it is the same search.
    assert_eq!(start(&branch, "").await, at);

    branch.ends(Ending::Succeeded, None, Some(told())).await;
    let page = branch.page(&at).await;
    assert!(!page.contains("hx-trigger=\"load") && page.contains("6 ta terminal topildi"), "{page}");
    assert!(page.contains("192.168.1.0/24") && page.contains("192.168.0.0/16"), "{page}");
    let gateway = branch.peer.gateway;
    let add = format!("/devices/new?kind=hikvision&gateway={gateway}&host=192.168.1.30&port=8080");
    let shown = page.replace("&#38;", "&").replace("&amp;", "&");
    assert!(shown.contains(&format!("href=\"{add}\"")), "{page}");
    // What is added, not activated or out of reach has no such button.
    for address in ["192.168.1.20", "192.168.1.40", "192.0.0.64"] {
        assert!(!shown.contains(&format!("&host={address}&")), "{address}: {page}");
    }
    assert!(page.contains("href=\"/devices/1\"") && page.contains("hali faollashtirilmagan"), "{page}");
    assert!(page.contains("Aloqa kalitini") && page.contains("kamera yoki yozish"), "{page}");
    assert!(!page.contains("<b>DS"), "what a terminal says is text: {page}");

    let form = branch.page(&add).await;
    assert!(form.contains("value=\"192.168.1.30\"") && form.contains("value=\"8080\""), "{form}");
    let odd = branch.page(&format!("{add}x")).await;
    assert!(
        odd.contains("value=\"192.168.1.30\"") && !odd.contains("value=\"8080"),
        "a port that is none is left out: {odd}"
    );
    let audit = branch.office.ask(&branch.admin, "GET", "/api/v1/audit?organization_id=1", "").await;
    assert!(audit.text.contains("device.find"), "{}", audit.text);
}

#[tokio::test]
async fn a_terminal_that_moved_takes_its_new_address_with_one_button() {
    let branch = Branch::new().await;
    branch.device("Kirish", None).await;
    let mut beat = seen("offline");
    beat.serial = Some("DS-NEW".to_owned());
    branch.hears(beat).await;
    let at = start(&branch, "").await;
    branch.ends(Ending::Succeeded, None, Some(told())).await;
    for path in [at.as_str(), "/devices/1"] {
        let page = branch.page(path).await;
        assert!(
            page.contains("action=\"/devices/1/address\"") && page.contains("value=\"192.168.1.30\""),
            "{path}: {page}"
        );
    }
    let refused = branch.post(&branch.session, "/devices/1/address", &[("host", "127.0.0.1")]).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let taken = branch.post(&branch.session, "/devices/1/address", &[("host", "192.168.1.30")]).await;
    assert_eq!(taken.headers["location"], "/devices/1", "{}", taken.text);
    let page = branch.page("/devices/1").await;
    assert!(page.contains("192.168.1.30") && !page.contains("/devices/1/address"), "{page}");
    let api = branch.office.ask(&branch.admin, "GET", "/api/v1/devices/1", "").await;
    // What was typed once stays.
    let secrets = api.json()["secrets"].to_string();
    assert!(api.json()["host"] == "192.168.1.30" && secrets.contains("\"password\""), "{}", api.text);
}

#[tokio::test]
async fn what_comes_to_nothing_says_what_to_do_next() {
    let branch = Branch::new().await;
    let at = start(&branch, "").await;
    branch.ends(Ending::Succeeded, None, Some(json!({ "searched": ["10.0.0.0/24"], "devices": [] }))).await;
    let page = branch.page(&at).await;
    assert!(page.contains("VLAN") && page.contains("ADMS") && page.contains("href=\"/devices/new\""), "{page}");
    let at = start(&branch, "").await;
    branch.ends(Ending::Failed, Some("unknown_command"), None).await;
    assert!(branch.page(&at).await.contains("Shlyuz qidirmadi"));
    // A gateway may tell anything.
    let at = start(&branch, "").await;
    branch.ends(Ending::Succeeded, None, Some(json!({ "devices": "x" }))).await;
    assert!(branch.page(&at).await.contains("Yana qidiring"));
    // Nobody looks for somebody who has gone to lunch.
    let at = start(&branch, "").await;
    let clock = &branch.office.app.clock;
    clock.set(clock.now().saturating_add(Duration::from_secs(61)).unwrap());
    assert!(branch.page(&at).await.contains("Shlyuz ulanganini tekshiring"));
}

#[tokio::test]
async fn f35_a_search_goes_only_where_devices_may_be() {
    let branch = Branch::new().await;
    let gateway = branch.peer.gateway.to_string();
    let path = format!("/api/v1/gateways/{gateway}/find-devices");
    for (network, code) in [
        ("127.0.0.0/28", "find_forbidden"),
        ("8.8.8.0/24", "find_forbidden"),
        ("169.254.169.254/32", "find_forbidden"),
        ("224.0.0.0/24", "find_forbidden"),
        ("0.0.0.0/24", "find_forbidden"),
        ("10.0.0.0/8", "find_networks"),
        ("192.168.1.20", "find_networks"),
        ("::1/128", "find_networks"),
        ("x", "find_networks"),
    ] {
        let typed = [("gateway_id", gateway.as_str()), ("networks", network)];
        let refused = branch.post(&branch.session, "/devices/find", &typed).await;
        assert!(refused.status == 422 && refused.text.contains("id=\"e-networks\""), "{network}: {}", refused.text);
        let body = json!({ "networks": [network] }).to_string();
        let refused = branch.office.ask(&branch.admin, "POST", &path, &body).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, code), "{network}");
        assert_eq!(refused.json()["field"], "networks");
    }
    // Nothing of it reached the gateway, and there is no other way around.
    let commands = format!("/api/v1/gateways/{gateway}/commands");
    assert_eq!(branch.office.ask(&branch.admin, "GET", &commands, "").await.json()["items"], json!([]));
    let around = branch.office.ask(&branch.admin, "POST", &commands, r#"{"type":"find_devices"}"#).await;
    assert_eq!((around.status.as_u16(), around.code().as_str()), (422, "command_invalid"), "{}", around.text);
    assert_eq!(branch.post(&branch.session, "/devices/networks", &[("networks", "127.0.0.0/8")]).await.status, 303);
    let body = json!({ "networks": ["127.0.0.9/28"] }).to_string();
    let taken = branch.office.ask(&branch.admin, "POST", &path, &body).await;
    assert_eq!(taken.status, 202, "{}", taken.text);
    let at = taken.headers["location"].to_str().unwrap().to_owned();
    let all = branch.office.ask(&branch.admin, "GET", &commands, "").await;
    assert_eq!(all.json()["items"][0]["payload"], json!({ "networks": ["127.0.0.0/28"] }));
    branch.ends(Ending::Succeeded, None, Some(told())).await;
    let read = branch.office.ask(&branch.admin, "GET", &at, "").await.json();
    assert_eq!((&read["state"], &read["devices"][0]["address"]), (&json!("succeeded"), &json!("192.0.0.64")));
    assert_eq!(read["devices"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn only_who_may_add_terminals_looks_for_them() {
    let branch = Branch::new().await;
    let at = start(&branch, "").await;
    let gateway = branch.peer.gateway.to_string();
    let path = format!("/api/v1/gateways/{gateway}/find-devices");
    for (role, name) in [(Role::Hr, "hr"), (Role::Guard, "guard")] {
        let token = branch.office.role(role).await;
        let session = branch.office.sign_in(name).await;
        for page in ["/devices/find", at.as_str()] {
            assert_eq!(branch.get(&session, page).await.status, 403, "{name} {page}");
        }
        let typed = [("gateway_id", gateway.as_str())];
        assert_eq!(branch.post(&session, "/devices/find", &typed).await.status, 403, "{name}");
        assert_eq!(branch.post(&session, "/devices/1/address", &[("host", "10.0.0.9")]).await.status, 403, "{name}");
        assert_eq!(branch.office.ask(&token, "POST", &path, "{}").await.status, 403, "{name}");
    }
    let strange = Request::post("/devices/find").header("cookie", &branch.session);
    let strange = strange.header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
    assert_eq!(branch.office.send(strange).await.status, 403);
    // The page of one search shows no other command.
    let commands = format!("/api/v1/gateways/{gateway}/commands");
    let other = branch.office.ask(&branch.admin, "POST", &commands, r#"{"type":"ping"}"#).await;
    let other = other.json()["id"].as_str().unwrap().to_owned();
    let page = format!("/devices/found?gateway={gateway}&command={other}");
    assert_eq!(branch.get(&branch.session, &page).await.status, 404);
}
