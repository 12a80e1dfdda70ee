//! Commands to a real gateway: done once, whatever is killed.

use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use super::Headquarters;
use super::end;
use crate::support::agent::Agent;
use crate::support::agent::Desk;
use crate::support::appliance::wait_until;

/// A gateway that has joined, and its id.
async fn joined(headquarters: &Headquarters) -> (String, Agent) {
    let (id, token) = headquarters.invite("Chilonzor").await;
    (id, Desk::joining(&token).start())
}

async fn online(headquarters: &Headquarters, id: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let presence = headquarters.presence(id).await;
        if presence["connected"] == true && !presence["heartbeat_at"].is_null() {
            return presence;
        }
        assert!(Instant::now() < deadline, "{presence}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_says_how_it_is_and_does_what_it_is_asked() {
    let headquarters = Headquarters::new();
    let (id, gateway) = joined(&headquarters).await;
    let presence = online(&headquarters, &id).await;
    assert_eq!((&presence["state"], &presence["version"]), (&json!("online"), &json!(env!("CARGO_PKG_VERSION"))));
    assert!(presence["spool_max_bytes"].as_u64().unwrap() > 0 && presence["memory_bytes"].as_u64().unwrap() > 0);
    let ping = headquarters.command(&id, "ping", json!({})).await;
    headquarters.settled(&id, &ping, "succeeded").await;
    // Larger than a message of the channel, so it goes by a request of its own or fits; either way it arrives.
    let diagnostics = headquarters.command(&id, "collect_diagnostics", json!({ "log_lines": 500 })).await;
    let done = headquarters.settled(&id, &diagnostics, "succeeded").await;
    let text = done["result"].to_string();
    assert!(done["result"]["log"].as_array().unwrap().iter().any(|line| line.to_string().contains("control channel")));
    assert_eq!(done["result"]["settings"]["bytes_per_second"], Value::Null);
    assert!(!text.contains("://") && !text.contains("nzg_") && !text.contains("PRIVATE KEY"), "{text}");
    let level = headquarters.command(&id, "set_log_level", json!({ "level": "debug", "minutes": 1 })).await;
    headquarters.settled(&id, &level, "succeeded").await;
    let refused = json!({ "type": "apply_config", "payload": { "server": "https://other" } });
    let (status, said) = headquarters.ask("POST", &format!("/api/v1/gateways/{id}/commands"), refused).await;
    assert_eq!((status, &said["field"]), (422, &json!("payload")), "{said}");
    let tuned = headquarters.command(&id, "apply_config", json!({ "bytes_per_second": 2_000_000 })).await;
    let done = headquarters.settled(&id, &tuned, "succeeded").await;
    assert_eq!(done["checksum"], done["result"]["checksum"]);
    // Whoever watches over the process starts it again, and then it is told as done.
    let restart = headquarters.command(&id, "restart_agent", json!({})).await;
    let desk = gateway.ended(Duration::from_secs(15));
    let gateway = desk.unjoined().start();
    assert_eq!(
        headquarters.settled(&id, &restart, "succeeded").await["attempts"].as_u64().map(|tries| tries > 0),
        Some(true)
    );
    let diagnostics = headquarters.command(&id, "collect_diagnostics", json!({ "log_lines": 0 })).await;
    let done = headquarters.settled(&id, &diagnostics, "succeeded").await;
    assert_eq!(done["result"]["settings"]["bytes_per_second"], 2_000_000);
    assert!(!gateway.stop().log().contains("panicked"));
    headquarters.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f36_a_command_is_done_at_most_once_over_kills_of_both_sides() {
    let mut headquarters = Headquarters::new();
    let (id, gateway) = joined(&headquarters).await;
    online(&headquarters, &id).await;
    let first = headquarters.command(&id, "ping", json!({})).await;
    headquarters.settled(&id, &first, "succeeded").await;
    let desk = gateway.kill();
    let journal = desk.data().join("gateway/commands.log");
    // As if it had been killed between its acknowledgement and the result.
    let text = std::fs::read_to_string(&journal).unwrap();
    let begun: String = text.lines().filter(|line| line.contains("begun")).map(|line| format!("{line}\n")).collect();
    assert!(begun.contains(&first) && begun.lines().count() == 1, "{text}");
    let second = headquarters.command(&id, "apply_config", json!({ "bytes_per_second": 5_000_000 })).await;
    let third = headquarters.command(&id, "ping", json!({})).await;
    let pretended = begun.replace(&first, &second).replace("\"ping\"", "\"apply_config\"");
    std::fs::write(&journal, text + &pretended).unwrap();
    headquarters.kill();
    headquarters.open();
    let gateway = desk.unjoined().start();
    let interrupted = headquarters.settled(&id, &second, "failed").await;
    assert_eq!(interrupted["code"], "interrupted", "{interrupted}");
    headquarters.settled(&id, &third, "succeeded").await;
    assert!(!gateway.desk().data().join("gateway/tuning.json").exists(), "it was begun once and not again");
    let alerts = headquarters.ask("GET", "/api/v1/alerts", Value::Null).await.1;
    let kinds: Vec<_> = alerts["items"].as_array().unwrap().iter().map(|alert| &alert["kind"]).collect();
    assert!(kinds.contains(&&json!("command_failed")), "{alerts}");
    // Each was begun once.
    let text = std::fs::read_to_string(&journal).unwrap();
    for command in [&first, &second, &third] {
        assert_eq!(text.lines().filter(|line| line.contains("begun") && line.contains(command.as_str())).count(), 1);
    }
    assert!(!gateway.stop().log().contains("panicked"));
    headquarters.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f37_a_revoked_gateway_is_closed_within_five_seconds() {
    let headquarters = Headquarters::new();
    for (number, verb) in ["suspend", "revoke"].into_iter().enumerate() {
        let pretender = headquarters.pretender(&format!("Filial {number}")).await;
        let mut socket = pretender.connect().await.unwrap();
        let path = format!("/api/v1/gateways/{}/{verb}", pretender.id);
        let begun = Instant::now();
        assert_eq!(headquarters.ask("POST", &path, Value::Null).await.0, 200);
        let closed = end(&mut socket, Duration::from_secs(10)).await;
        assert_eq!(closed, Some((1008, "barred".to_owned())), "{verb}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{verb} took {:?}", begun.elapsed());
        assert!(pretender.socket().await.unwrap_err().contains("403"), "{verb}");
        let polled = pretender.hop.ask(http::Method::GET, "/v2/gateway/commands", String::new()).await.unwrap();
        assert_eq!(polled.0, 403, "{verb}");
    }
    headquarters.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_without_a_socket_asks_for_its_commands() {
    let headquarters = Headquarters::new();
    let pretender = headquarters.pretender("Chilonzor").await;
    let id = headquarters.command(&pretender.id, "ping", json!({})).await;
    let ask = async || {
        let (status, body) = pretender.hop.ask(http::Method::GET, "/v2/gateway/commands", String::new()).await.unwrap();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let body: Value = serde_json::from_slice(&body).unwrap();
        body["items"].as_array().unwrap().clone()
    };
    assert_eq!(ask().await[0]["id"], id.as_str());
    let tell = async |path: &str, body: Value| {
        let answer = pretender.hop.ask(http::Method::POST, path, body.to_string()).await.unwrap();
        (answer.0, serde_json::from_slice::<Value>(&answer.1).unwrap())
    };
    let path = format!("/v2/gateway/commands/{id}/ack");
    assert_eq!(tell(&path, json!({})).await, (200, json!({ "state": "acked" })));
    let large = json!({ "result": { "status": "succeeded", "body": "x".repeat(300 << 10) } });
    assert_eq!(tell(&path, large).await.0, 413);
    let done = json!({ "result": { "status": "succeeded", "body": { "text": "x".repeat(200 << 10) } } });
    assert_eq!(tell(&path, done.clone()).await, (200, json!({ "state": "succeeded" })));
    assert_eq!(tell(&path, done).await.0, 409);
    for (path, body, status) in [
        ("/v2/gateway/commands/01990000-0000-7000-8000-000000000001/ack", json!({}), 404),
        ("/v2/gateway/commands/..%2f..%2fetc/ack", json!({}), 404),
        (path.as_str(), json!(7), 400),
        (path.as_str(), json!({ "result": { "status": "danced" } }), 400),
    ] {
        assert_eq!(tell(path, body).await.0, status, "{path}");
    }
    assert!(ask().await.is_empty());
    // Another gateway of the organization learns nothing of it.
    let other = headquarters.pretender("Yunusobod").await;
    let answer = other.hop.ask(http::Method::POST, &path, "{}".to_owned()).await.unwrap();
    assert_eq!(answer.0, 404);
    headquarters.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_becomes_of_a_gateway_is_kept_as_events() {
    let headquarters = Headquarters::new();
    let (id, gateway) = joined(&headquarters).await;
    online(&headquarters, &id).await;
    let folder = headquarters.office().appliance.data().join("events/1/gateway_status");
    assert!(wait_until(Duration::from_secs(30), || folder.exists()), "no partition of gateway_status");
    gateway.stop();
    headquarters.check().await;
}
